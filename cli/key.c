/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/key.h"

#include <time.h>

#include "cli/cli.h"

static const char help[] =
    "Usage: tipline key COMMAND [OPTION...]\n"
    "\n"
    "The team's keys. FOLDER is where identity.key, identity.pub, team.ring\n"
    "and team.list lie.\n"
    "\n"
    "  new FOLDER         make a team: an identity and a year of epochs\n"
    "  extend FOLDER      make more epochs and a new list; needs the identity\n"
    "  show FOLDER        fingerprint, epochs, days left; needs no passphrase\n"
    "  reseal             seal tips to newer keys, before theirs are "
    "destroyed\n"
    "  destroy            destroy the keys of epochs that are long over\n"
    "  passphrase FILE    change the passphrase of a ring or an identity\n"
    "  split FILE         cut a ring's key or an identity into shares, for "
    "paper\n"
    "  combine FILE       put shares together, under a new passphrase\n"
    "\n"
    "`tipline key COMMAND --help` explains each.\n";

static const struct cli_command commands[] = {
	{ "new", key_new },
	{ "extend", key_extend },
	{ "show", key_show },
	{ "reseal", key_reseal },
	{ "destroy", key_destroy },
	{ "passphrase", key_passphrase },
	{ "split", key_split },
	{ "combine", key_combine },
};

const char *key_day(int64_t time_s, char text[static KEY_DAY_CHARS])
{
	struct tm parts = { 0 };
	time_t when = (time_t)time_s;

	text[0] = '\0';
	if (gmtime_r(&when, &parts) != NULL) {
		(void)strftime(text, KEY_DAY_CHARS, "%Y-%m-%d %H:%M", &parts);
	}
	return text;
}

int cli_key(const char *config_path, int argc, char **argv)
{
	return cli_commands(commands, sizeof(commands) / sizeof(commands[0]),
	    help, config_path, argc, argv);
}
