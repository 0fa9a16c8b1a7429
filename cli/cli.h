/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/cli.h - what the commands of tipline have in common: the configuration,
 * the reading of options, exit statuses, the end of the output.
 *
 * Runs in:   the tipline command.
 */
#ifndef TL_CLI_CLI_H
#define TL_CLI_CLI_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"

#define CLI_OK    0    /* done */
#define CLI_WRONG 1    /* something is wrong and was said */
#define CLI_USAGE 2    /* the command line is */
#define CLI_GO_ON (-1) /* no status yet: the command has its work to do */

/*
 * Load the configuration at path and see that what programs (enum
 * config_program) need is there. Every mistake was said if NULL comes back.
 * End it with config_free().
 */
struct config *cli_config(const char *path, unsigned programs);

/*
 * Has the configuration, which came from path, a section of one of programs?
 * If not: say that there is nothing to do, say, "back up", and which -c FILE
 * there is beside it.
 */
bool cli_has_parts(const struct config *config, unsigned programs,
    const char *path, const char *what);

/* The row of --help, and the end, of each command's table of options. */
#define CLI_OPTIONS_END \
	{ "help", no_argument, NULL, 'h' }, \
	{ \
		0 \
	}

/* Takes one option; false: its value is wrong, which was said. */
typedef bool (*cli_option_fn)(int option, const char *value, void *arg);

/*
 * Read the options of a command; argv[0] is its name. take may be NULL where
 * the table has none but --help. CLI_GO_ON: at least least and at most most
 * operands follow, the first is argv[optind]. Else the exit status: help or
 * its usage lines were printed.
 */
int cli_options(int argc, char **argv, const struct option *options, int least,
    int most, const char *help, cli_option_fn take, void *arg);

/* A command of a command; argv[0] is its name. Returns the exit status. */
struct cli_command {
	const char *name;
	int (*run)(const char *config_path, int argc, char **argv);
};

/* Run the one of n commands that argv[1] names; argv[0] is the name of the
 * command that has them. Else print help, or say that there is none. */
int cli_commands(const struct cli_command *commands, size_t n, const char *help,
    const char *config_path, int argc, char **argv);

/* Print the usage lines of help, down to its first empty line, on standard
 * error. Returns CLI_USAGE. */
int cli_misused(const char *help);

/* Is nobody there any more who reads standard output? */
bool cli_reader_left(void);

/*
 * What a line of a result begins with, so that it is no fault in the journal,
 * where units have all at err that bears no level of its own: "<5>", notice.
 * "" where standard output is anything else.
 */
const char *cli_level(void);

/*
 * Write out what was printed. Returns status, or CLI_WRONG if not all could
 * be written: to a full disk that is an error and is said, to a reader who
 * has left (`inbox | head`) it is none.
 */
int cli_end_output(int status);

#endif
