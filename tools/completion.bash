# SPDX-License-Identifier: AGPL-3.0-or-later
# bash completion for tipline: its commands, by what it says of itself; behind
# a command its options, and files.

_tipline() {
	local current=${COMP_WORDS[COMP_CWORD]} command= i
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-c) ((i++)) ;;
		-*) ;;
		*)
			command=${COMP_WORDS[i]}
			break
			;;
		esac
	done
	if [[ ${COMP_WORDS[COMP_CWORD - 1]} == -c ]]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
	elif [[ -z $command ]]; then
		mapfile -t COMPREPLY < <(compgen -W "-c --help $(tipline help 2>/dev/null |
			sed -n 's/^  \([a-z][a-z]*\) .*/\1/p')" -- "$current")
	elif [[ $current == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(tipline "$command" --help 2>/dev/null |
			grep -o -e '--[a-z][a-z-]*' | sort -u)" -- "$current")
	else
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
	fi
}
complete -o filenames -F _tipline tipline
