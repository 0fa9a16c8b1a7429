/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tipline - the command for operators and officers. This file is the table of
 * commands; each has a file of its own.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/sandbox.h"
#include "cli/check.h"
#include "cli/cli.h"
#include "cli/inbox.h"
#include "cli/keygen.h"
#include "cli/spool.h"
#include "cli/status.h"
#include "cli/version.h"
#include "cli/webhook.h"
#include "crypto/start.h"

#define DEFAULT_CONFIG "/etc/tipline/tipline.conf"

static int run_keygen(const char *config_path, int argc, char **argv)
{
	(void)config_path;
	return cli_keygen(argc, argv);
}

static int run_webhook(const char *config_path, int argc, char **argv)
{
	(void)config_path;
	return cli_webhook(argc, argv);
}

static const struct command {
	const char *name;
	int (*run)(const char *config_path, int argc, char **argv);
	const char *text;
} commands[] = {
	{ "keygen", run_keygen, "make the keys of a new installation" },
	{ "check", cli_check, "tell every mistake in the configuration" },
	{ "inbox", cli_inbox,
	    "fetch tips from the queue and show them opened" },
	{ "status", cli_status, "how intake, spool, queue and ledger are" },
	{ "spool", cli_spool, "what waits on the intake's disk" },
	{ "webhook", run_webhook, "why does a gateway's webhook fail?" },
	{ "version", cli_version, "version of tipline and of its libraries" },
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

struct config *cli_config(const char *path, unsigned programs)
{
	struct config *config = NULL;

	if (config_load(path, &config) != TL_OK ||
	    config_need(config, programs, config_say_error, NULL) != TL_OK) {
		config_free(config);
		return NULL;
	}
	return config;
}

static void print_usage(FILE *out)
{
	(void)fputs("Usage: tipline [-c FILE] COMMAND [OPTION...]\n"
		    "\n"
		    "  -c FILE   configuration (default " DEFAULT_CONFIG ")\n"
		    "\n"
		    "Commands:\n",
	    out);
	for (size_t i = 0; i < COMMANDS; i++) {
		(void)fprintf(
		    out, "  %-9s %s\n", commands[i].name, commands[i].text);
	}
	(void)fputs("\n`tipline COMMAND --help` explains each; tipline(1) has "
		    "it all on one page.\n",
	    out);
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(commands[i].name, name) == 0) {
			return &commands[i];
		}
	}
	return NULL;
}

int main(int argc, char **argv)
{
	const char *config_path = DEFAULT_CONFIG;
	const struct command *command;
	int c;

	log_open("tipline");
	/* "+": options behind the command are the command's */
	while ((c = getopt(argc, argv, "+c:h")) != -1) {
		if (c == 'c') {
			config_path = optarg;
		} else {
			print_usage(c == 'h' ? stdout : stderr);
			return c == 'h' ? CLI_OK : CLI_USAGE;
		}
	}
	if (optind == argc || strcmp(argv[optind], "--help") == 0 ||
	    strcmp(argv[optind], "help") == 0) {
		print_usage(optind == argc ? stderr : stdout);
		return optind == argc ? CLI_USAGE : CLI_OK;
	}
	command = find_command(argv[optind]);
	if (command == NULL) {
		say_error("there is no command \"%s\"; `tipline help` lists "
			  "them",
		    argv[optind]);
		return CLI_USAGE;
	}
	if (crypto_start() != TL_OK || sandbox_basics() != TL_OK) {
		say_error("libsodium or the kernel refuse the start");
		return CLI_WRONG;
	}
	return command->run(config_path, argc - optind, argv + optind);
}
