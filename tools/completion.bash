# SPDX-License-Identifier: AGPL-3.0-or-later
# bash completion for tipline: its commands, theirs, and options, by what it says
# of itself; behind them files.

# The commands of a command, from its help on standard input: rows under COMMAND,
# or the word that follows in the lines of usage.
_tipline_commands() {
	awk -v name="$1" '
		NR == 1 { rows = / COMMAND/ }
		/^$/ { usage = 1 }
		rows && /^  [a-z]/ { print $1 }
		!rows && !usage && / tipline / {
			while (sub(/\[[^]]*\] */, "")) { }
			sub(".* tipline " name " *", "")
			if ($1 ~ /^[a-z]+$/) print $1
		}' | sort -u
}

_tipline() {
	local current=${COMP_WORDS[COMP_CWORD]} words=() commands='' i
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-c) ((i++)) ;;
		-*) ;;
		*) words+=("${COMP_WORDS[i]}") ;;
		esac
	done
	[[ ${words[0]-} != help ]] || words=("${words[@]:1}")
	if [[ -n ${words[0]-} ]]; then
		commands=$(tipline "${words[0]}" --help 2>/dev/null | _tipline_commands "${words[0]}")
	fi
	if [[ ${COMP_WORDS[COMP_CWORD - 1]} == -c ]]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
	elif [[ ${COMP_WORDS[COMP_CWORD - 1]} == --as ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(tipline "${words[0]}" --help 2>/dev/null |
			grep -o 'htcds-[a-z0-9.-]*[a-z]' | sort -u)" -- "$current")
	elif [[ -z ${words[0]-} ]]; then
		mapfile -t COMPREPLY < <(compgen -W "-c --help help $(tipline help 2>/dev/null |
			sed -n 's/^  \([a-z][a-z]*\) .*/\1/p')" -- "$current")
	elif [[ $current == -* ]]; then
		# of its command, where it has any
		grep -qxF -e "${words[1]-}" <<<"$commands" || words[1]=''
		mapfile -t COMPREPLY < <(compgen -W "$(tipline "${words[0]}" ${words[1]:+"${words[1]}"} --help 2>/dev/null |
			grep -o -e '--[a-z][a-z-]*' | sort -u)" -- "$current")
	elif [[ -n $commands && -z ${words[1]-} ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$current")
	else
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
	fi
}
complete -o filenames -F _tipline tipline
