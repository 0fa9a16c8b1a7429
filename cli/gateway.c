/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/gateway.h"

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

static const struct cli_command commands[] = {
	{ "status", gateway_status },
	{ "canary", gateway_canary },
	{ "reconcile", gateway_reconcile },
	{ "purge", gateway_purge },
	{ "media", gateway_media },
};

int cli_gateway(const char *config_path, int argc, char **argv)
{
	return cli_commands(commands, sizeof(commands) / sizeof(commands[0]),
	    help, config_path, argc, argv);
}
