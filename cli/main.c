/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tipline - the command for operators and officers. This file is the table of
 * commands; each has a file of its own.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/program.h"
#include "base/sandbox.h"
#include "cli/backup.h"
#include "cli/canary.h"
#include "cli/check.h"
#include "cli/cli.h"
#include "cli/doctor.h"
#include "cli/gateway.h"
#include "cli/inbox.h"
#include "cli/janitor.h"
#include "cli/key.h"
#include "cli/keygen.h"
#include "cli/ledger.h"
#include "cli/officer.h"
#include "cli/open_start.h"
#include "cli/reply.h"
#include "cli/rules.h"
#include "cli/setup.h"
#include "cli/spool.h"
#include "cli/status.h"
#include "cli/version.h"
#include "cli/webhook.h"
#include "crypto/start.h"

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

static int run_open(const char *config_path, int argc, char **argv)
{
	(void)config_path;
	return cli_open(argc, argv);
}

static int run_rules(const char *config_path, int argc, char **argv)
{
	(void)config_path;
	return cli_rules(argc, argv);
}

static int run_setup(const char *config_path, int argc, char **argv)
{
	(void)config_path;
	return cli_setup(argc, argv);
}

static const struct command {
	const char *name;
	int (*run)(const char *config_path, int argc, char **argv);
	const char *text;
} commands[] = {
	{ "setup", run_setup, "make this host a tipline" },
	{ "keygen", run_keygen, "make the keys of a new installation" },
	{ "key", cli_key, "the team's keys: make, show, change, destroy" },
	{ "officer", cli_officer, "who can open tips: list, add, remove" },
	{ "check", cli_check, "tell every mistake in the configuration" },
	{ "inbox", cli_inbox,
	    "fetch tips from the queue and show them opened" },
	{ "gateway", cli_gateway,
	    "gateways' health, logs, copies and pictures" },
	{ "canary", cli_canary, "send a test text through each front door" },
	{ "ledger", cli_ledger, "is what this desk has received whole?" },
	{ "reply", cli_reply,
	    "write to a reporter, who reads it with the receipt code" },
	{ "open", run_open, "for partners: open what was referred to you" },
	{ "backup", cli_backup, "copy what this host keeps, sealed" },
	{ "restore", cli_restore,
	    "put a backup back; make a wiped Redis again" },
	{ "janitor", cli_janitor, "keep Redis from growing for ever" },
	{ "doctor", cli_doctor, "what is wrong with this installation?" },
	{ "status", cli_status, "how intake, spool, queue and ledger are" },
	{ "spool", cli_spool, "what waits on the intake's disk" },
	{ "webhook", run_webhook, "why does a gateway's webhook fail?" },
	{ "rules", run_rules, "check, test and explain the urgency rules" },
	{ "version", cli_version, "which version this is" },
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void print_usage(FILE *out)
{
	(void)fputs("Usage: tipline [-c FILE] COMMAND [OPTION...]\n"
		    "\n"
		    "  -c FILE   configuration (default " PROGRAM_CONFIG ")\n"
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

/* help COMMAND is what COMMAND --help is. */
static void ask_it(int argc, char **argv)
{
	static char help[] = "--help";

	for (int i = 1; i < argc; i++) {
		argv[i - 1] = argv[i];
	}
	argv[argc - 1] = help;
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	const char *config_path = PROGRAM_CONFIG;
	const struct command *command;
	int c;

	/* "+": options behind the command are the command's */
	while ((c = getopt_long(argc, argv, "+c:h", options, NULL)) != -1) {
		if (c == 'c') {
			config_path = optarg;
		} else {
			print_usage(c == 'h' ? stdout : stderr);
			return c == 'h' ? CLI_OK : CLI_USAGE;
		}
	}
	if (optind == argc ||
	    (optind == argc - 1 && strcmp(argv[optind], "help") == 0)) {
		print_usage(optind == argc ? stderr : stdout);
		return optind == argc ? CLI_USAGE : CLI_OK;
	}
	if (strcmp(argv[optind], "help") == 0) {
		ask_it(argc - optind, argv + optind);
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

int main(int argc, char **argv)
{
	program_begin("tipline");
	return cli_end_output(run(argc, argv));
}
