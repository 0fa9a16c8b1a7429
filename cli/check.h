/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/check.h - `tipline check`: is the configuration right?
 *
 * Promise:   reads and looks only; every mistake in the file and every
 *            missing or too open file is told in one run. Then each program
 *            beside this one reads what it reads at a start: what is right
 *            here starts.
 * Knows not: whether the programs are running.
 * Runs in:   the tipline command.
 * Disk:      reads the configuration and looks at the files it names.
 */
#ifndef TL_CLI_CHECK_H
#define TL_CLI_CHECK_H

/*
 * argv[0] is "check". Prints to standard output, mistakes to standard error.
 * Returns the exit status: 0 right, 1 mistakes, 2 wrong command line.
 * --sample, --man and --help do not look at config_path.
 */
int cli_check(const char *config_path, int argc, char **argv);

#endif
