/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/program.h"
#include "cli/cli.h"
#include "cli/teams.h"
#include "desk/auto_check.h"

#define PRINTED_BYTES_MAX (4u * 1024u * 1024u)

static const char help[] =
    "Usage: tipline [-c FILE] check [PROGRAM...]\n"
    "       tipline [-c FILE] check --print\n"
    "       tipline check --sample | --man\n"
    "\n"
    "Read the configuration and tell every mistake in it, with line, column\n"
    "and what would be right; then look at the files it names: are they\n"
    "there, and are keys and secrets closed to others? Are the teams' lists\n"
    "signed by the identities, and how long do they last? Then each program\n"
    "that is installed beside this one reads what it would read at its start\n"
    "(words, rules, gateways, certificates). Nothing is changed.\n"
    "\n"
    "  PROGRAM   intake, spool, relay or desk: look at what this program\n"
    "            needs. Without any: all whose sections the file has.\n"
    "  --print   print what is in force, defaults included\n"
    "  --sample  print a sample file with every option explained\n"
    "  --man     print the man page tipline.conf(5)\n"
    "\n"
    "Ends with 0 if all is right, 1 if something is not.\n";

static const struct program {
	const char *name;
	const char *file;
	unsigned program;
	bool is_console; /* not for a desk that is read by commands alone */
} programs[] = {
	{ "intake", "tipline-intake", CONFIG_INTAKE, false },
	{ "spool", "tipline-spool", CONFIG_SPOOL, false },
	{ "relay", "tipline-relay", CONFIG_RELAY, false },
	{ "desk", "tipline-keyd", CONFIG_DESK, false },
	{ "desk", "tipline-desk", CONFIG_DESK, true },
};

static unsigned find_program(const char *name)
{
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		if (strcmp(programs[i].name, name) == 0) {
			return programs[i].program;
		}
	}
	return 0;
}

/* Frees what it prints. */
static int print_all(struct buf *text)
{
	int status = CLI_OK;

	if (buf_err(text) != TL_OK) {
		say_error("%s", err_text(buf_err(text)));
		status = CLI_WRONG;
	} else {
		(void)fwrite(text->data, 1, text->len, stdout);
	}
	buf_free(text);
	return status;
}

static void warn(void *arg, const char *sentence)
{
	(void)arg;
	say_error("warning: %s", sentence);
}

/* Its words and gateways are the program's own business: it reads them as at
 * a start, says what is wrong with them, and ends. */
static bool starts(const char *path, const char *config_path)
{
	char *const argv[] = { (char *)(uintptr_t)path, (char[]){ "-c" },
		(char *)(uintptr_t)config_path, (char[]){ "--check" }, NULL };
	int status = -1;
	pid_t pid;

	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		(void)execve(path, argv, environ);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
	}
	if (pid < 0 || !WIFEXITED(status) || WEXITSTATUS(status) == 127) {
		say_error("%s cannot be run", path);
	}
	return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool ask_programs(const struct config *config, unsigned which)
{
	bool right = true;

	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		const struct program *program = &programs[i];
		char path[PATH_MAX];

		if ((which & program->program) == 0 ||
		    (program->is_console &&
			config->desk.signing_key[0] == '\0')) {
			continue;
		}
		if (program_beside(program->file, path) == TL_OK) {
			right = starts(path, config->path) && right;
		} else {
			say_error("warning: %s is not installed here: what it"
				  " reads at its start was not looked at",
			    program->file);
		}
	}
	return right;
}

static int check_all(const struct config *config, unsigned wanted)
{
	unsigned which = wanted != 0 ? wanted : config->programs;
	enum tl_err needs = config_need(config, which, config_say_error, NULL);
	enum tl_err files =
	    config_check_files(config, which, config_say_error, NULL);
	int64_t days = 0;

	if (needs != TL_OK || files != TL_OK) {
		return CLI_WRONG;
	}
	if (which == 0) {
		say_error("%s: has no section of a program: [intake], [spool],"
			  " [relay] or [desk]",
		    config->path);
		return CLI_WRONG;
	}
	if ((which & CONFIG_DESK) != 0 &&
	    auto_check(config, config_say_error, warn) != TL_OK) {
		return CLI_WRONG;
	}
	if ((which & CONFIG_INTAKE) != 0 &&
	    cli_teams(&config->intake, true, &days) != TL_OK) {
		return CLI_WRONG;
	}
	if (!ask_programs(config, which)) {
		return CLI_WRONG;
	}
	(void)printf("%s: right\n", config->path);
	return CLI_OK;
}

static int check_file(const char *config_path, bool print, unsigned wanted)
{
	struct config *config = NULL;
	struct buf text;
	int status;

	/* each mistake has been told */
	if (config_load(config_path, &config) != TL_OK) {
		return CLI_WRONG;
	}
	if (print) {
		buf_init(&text, PRINTED_BYTES_MAX);
		config_print(config, &text);
		status = print_all(&text);
	} else {
		status = check_all(config, wanted);
	}
	config_free(config);
	return status;
}

/* What to print instead of checking: 'p', 's', 'm', or 0. One is enough. */
static bool take_option(int option, const char *value, void *arg)
{
	int *what = arg;
	bool first = *what == 0;

	(void)value;
	*what = option;
	return first;
}

int cli_check(const char *config_path, int argc, char **argv)
{
	static const struct option options[] = {
		{ "print", no_argument, NULL, 'p' },
		{ "sample", no_argument, NULL, 's' },
		{ "man", no_argument, NULL, 'm' },
		CLI_OPTIONS_END,
	};
	int what = 0;
	int status =
	    cli_options(argc, argv, options, 0, argc, help, take_option, &what);
	unsigned wanted = 0;
	struct buf text;

	if (status != CLI_GO_ON) {
		return status;
	}
	if (what != 0 && optind < argc) {
		return cli_misused(help);
	}
	for (int i = optind; i < argc; i++) {
		unsigned program = find_program(argv[i]);

		if (program == 0) {
			say_error("check: %s is no program of ours; see"
				  " tipline check --help",
			    argv[i]);
			return CLI_USAGE;
		}
		wanted |= program;
	}
	if (what == 's' || what == 'm') {
		buf_init(&text, PRINTED_BYTES_MAX);
		(what == 's' ? config_sample : config_man)(&text);
		return print_all(&text);
	}
	return check_file(config_path, what == 'p', wanted);
}
