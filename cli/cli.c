/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/cli.h"

#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

/* The desk's, beside the configuration at path; false: there is none. */
static bool find_desk(const char *path, char ret_desk[static PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	int folder_len = slash == NULL ? 0 : (int)(slash + 1 - path);
	int len =
	    snprintf(ret_desk, PATH_MAX, "%.*sdesk.conf", folder_len, path);

	return len > 0 && len < PATH_MAX && access(ret_desk, F_OK) == 0 &&
	    strcmp(ret_desk, path) != 0;
}

/* One sentence, in place of each option that a desk needs. */
static bool is_of_desk(const struct config *config)
{
	char desk[PATH_MAX];

	if ((config->programs & CONFIG_DESK) != 0) {
		return true;
	}
	if (find_desk(config->path, desk)) {
		say_error("%s has no section [desk]. The desk's is %s: give"
			  " that with -c",
		    config->path, desk);
	} else {
		say_error("%s has no section [desk]: name the configuration"
			  " of a desk with -c FILE",
		    config->path);
	}
	return false;
}

struct config *cli_config(const char *path, unsigned programs)
{
	struct config *config = NULL;

	if (config_load(path, &config) != TL_OK ||
	    (programs == CONFIG_DESK && !is_of_desk(config)) ||
	    config_need(config, programs, config_say_error, NULL) != TL_OK) {
		config_free(config);
		return NULL;
	}
	return config;
}

bool cli_has_parts(const struct config *config, unsigned programs,
    const char *path, const char *what)
{
	char desk[PATH_MAX];

	if ((config->programs & programs) != 0) {
		return true;
	}
	if (find_desk(path, desk)) {
		say_error("%s has no part of this host in it: nothing to %s."
			  " The desk's is %s: give that with -c",
		    path, what, desk);
	} else {
		say_error("%s has no part of this host in it: nothing to %s."
			  " Name the configuration that has with -c FILE",
		    path, what);
	}
	return false;
}

int cli_misused(const char *help)
{
	const char *end = strstr(help, "\n\n");

	(void)fwrite(help, 1,
	    end != NULL ? (size_t)(end + 1 - help) : strlen(help), stderr);
	return CLI_USAGE;
}

int cli_options(int argc, char **argv, const struct option *options, int least,
    int most, const char *help, cli_option_fn take, void *arg)
{
	int option;

	optind = 0; /* getopt starts anew: main() has used it before */
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h') {
			(void)fputs(help, stdout);
			return CLI_OK;
		}
		if (option == '?' || !take(option, optarg, arg)) {
			return cli_misused(help);
		}
	}
	if (argc - optind < least || argc - optind > most) {
		return cli_misused(help);
	}
	return CLI_GO_ON;
}

int cli_commands(const struct cli_command *commands, size_t n, const char *help,
    const char *config_path, int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		(void)fputs(help, stdout);
		return cli_end_output(CLI_OK);
	}
	for (size_t i = 0; argc > 1 && i < n; i++) {
		if (strcmp(argv[1], commands[i].name) == 0) {
			return commands[i].run(config_path, argc - 1, argv + 1);
		}
	}
	if (argc > 1) {
		say_error("there is no command \"%s %s\"; `tipline %s --help`"
			  " lists them",
		    argv[0], argv[1], argv[0]);
	}
	return cli_misused(help);
}

const char *cli_level(void)
{
	/* sd-daemon(3), systemd.exec(5): device and inode of the stream */
	const char *stream = getenv("JOURNAL_STREAM");
	char ours[64];
	struct stat st;

	if (stream == NULL || fstat(STDOUT_FILENO, &st) != 0) {
		return "";
	}
	(void)snprintf(ours, sizeof(ours), "%llu:%llu",
	    (unsigned long long)st.st_dev, (unsigned long long)st.st_ino);
	return strcmp(stream, ours) == 0 ? "<5>" : "";
}

bool cli_reader_left(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO };

	return poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

int cli_end_output(int status)
{
	if (fflush(stdout) == 0 && ferror(stdout) == 0) {
		return status;
	}
	if (cli_reader_left()) {
		return status;
	}
	say_error("not all could be written to standard output");
	return CLI_WRONG;
}
