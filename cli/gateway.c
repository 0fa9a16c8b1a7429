/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/gateway.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cli/cli.h"

static const char help[] =
    "Usage: tipline gateway COMMAND [OPTION...]\n"
    "\n"
    "Gateways, seen from the team's host.\n"
    "\n"
    "  status             when each was heard last; is one silent?\n"
    "  canary NAME        print the test text of this hour for a gateway\n"
    "  reconcile          find texts in providers' logs that never arrived\n"
    "  purge              erase providers' copies of what the ledger holds\n"
    "  media TIP FOLDER   fetch the pictures of a tip from its provider\n"
    "\n"
    "`tipline gateway COMMAND --help` explains each.\n";

static const struct {
	const char *name;
	int (*run)(const char *config_path, int argc, char **argv);
} commands[] = {
	{ "status", gateway_status },
	{ "canary", gateway_canary },
	{ "reconcile", gateway_reconcile },
	{ "purge", gateway_purge },
	{ "media", gateway_media },
};

int cli_gateway(const char *config_path, int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		(void)fputs(help, stdout);
		return cli_end_output(CLI_OK);
	}
	for (size_t i = 0;
	     argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(argv[1], commands[i].name) == 0) {
			return commands[i].run(config_path, argc - 1, argv + 1);
		}
	}
	if (argc > 1) {
		say_error("there is no command \"gateway %s\"; `tipline gateway"
			  " --help` lists them",
		    argv[1]);
	}
	return cli_misused(help);
}
