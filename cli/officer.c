/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/officer.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cli/cli.h"
#include "cli/team.h"
#include "crypto/ring.h"

static const char help[] =
    "Usage: tipline [-c FILE] officer COMMAND [--cheap] [NAME]\n"
    "\n"
    "Who can open tips: each officer has a passphrase of their own for the "
    "ring\n"
    "that desk.team_ring names. Tips and epochs are not touched.\n"
    "\n"
    "  list              names, and what a guess at each passphrase costs\n"
    "  add NAME          another officer; needs the passphrase of one who is\n"
    "                    there, and the new one's\n"
    "  remove NAME       this passphrase opens the ring no more. Needs none.\n"
    "                    The last officer cannot be removed\n"
    "  passphrase NAME   change it; needs the old one\n"
    "\n"
    "A name has small letters, digits, '.', '-' and '_'. It stands readable "
    "in\n"
    "the ring: take one that tells nothing. Which officer is at the keyboard "
    "is\n"
    "asked for, or read from TIPLINE_OFFICER; passphrases likewise, or from "
    "the\n"
    "files that TIPLINE_PASSPHRASE_FILE and TIPLINE_NEW_PASSPHRASE_FILE name.\n"
    "Whoever was an officer and kept a copy of the ring still opens that "
    "copy.\n"
    "\n"
    "  --cheap   for tests: a passphrase that costs nothing to guess\n"
    "\n"
    "Ends with 0, or 1 if the ring is as it was.\n";

struct officer {
	const char *path; /* of the ring */
	const char *name; /* NULL for list */
	struct team_plan plan;
};

static int list(const struct officer *officer)
{
	struct ring *ring = NULL;
	enum tl_err err = ring_load(officer->path, &ring);

	if (err != TL_OK) {
		say_error("cannot use %s: %s", officer->path, err_text(err));
		return CLI_WRONG;
	}
	for (size_t i = 0; i < ring_n_officers(ring); i++) {
		struct pwhash_cost cost = ring_officer_cost(ring, i);

		(void)printf("%-32s Argon2id, %u passes over %u KiB\n",
		    ring_officer_name(ring, i), cost.passes, cost.memory_kib);
	}
	ring_free(ring);
	return CLI_OK;
}

static int add(const struct officer *officer)
{
	struct ring *ring = NULL;
	enum tl_err err = team_unlock_ring(officer->path, &ring, NULL);

	if (err != TL_OK) {
		return CLI_WRONG;
	}
	if (ring_officer_find(ring, officer->name) < ring_n_officers(ring)) {
		say_error("%s is an officer already", officer->name);
		err = TL_EEXIST;
	} else {
		err = team_set_officer(
		    officer->path, ring, officer->name, officer->plan.cost);
	}
	ring_free(ring);
	if (err != TL_OK) {
		return CLI_WRONG;
	}
	(void)printf("%s can open the ring. Copies of it do not know this.\n",
	    officer->name);
	return CLI_OK;
}

static int drop(const struct officer *officer)
{
	struct ring *ring = NULL;
	enum tl_err err = ring_load(officer->path, &ring);

	if (err == TL_OK) {
		err = ring_officer_remove(ring, officer->name);
	}
	if (err == TL_OK) {
		err = ring_save(ring, officer->path, true);
	}
	ring_free(ring);
	if (err == TL_ENOENT) {
		say_error("there is no officer %s", officer->name);
	} else if (err == TL_EPERM) {
		say_error("%s is the last officer; without one nobody could"
			  " open a tip",
		    officer->name);
	} else if (err != TL_OK) {
		say_error("%s: %s", officer->path, err_text(err));
	}
	if (err != TL_OK) {
		return CLI_WRONG;
	}
	(void)printf("%s cannot open the ring any more. Destroy older copies of"
		     " it,\nand start the desk again if it runs.\n",
	    officer->name);
	return CLI_OK;
}

static int change(const struct officer *officer)
{
	struct ring *ring = NULL;
	size_t who = 0;
	enum tl_err err = team_unlock_ring(officer->path, &ring, &who);

	if (err != TL_OK) {
		return CLI_WRONG;
	}
	/* or one officer could lock out another unseen */
	if (strcmp(ring_officer_name(ring, who), officer->name) != 0) {
		say_error("this is the passphrase of %s, not of %s",
		    ring_officer_name(ring, who), officer->name);
		err = TL_EPERM;
	} else {
		err = team_set_officer(
		    officer->path, ring, officer->name, officer->plan.cost);
	}
	ring_free(ring);
	if (err != TL_OK) {
		return CLI_WRONG;
	}
	(void)printf("%s has a new passphrase. Destroy older copies of the"
		     " ring.\n",
	    officer->name);
	return CLI_OK;
}

static const struct {
	const char *name;
	int (*run)(const struct officer *officer);
	int operands;
} commands[] = {
	{ "list", list, 0 },
	{ "add", add, 1 },
	{ "remove", drop, 1 },
	{ "passphrase", change, 1 },
};

static bool take_option(int option, const char *value, void *arg)
{
	struct officer *officer = arg;

	return team_plan_option(&officer->plan, option, value);
}

/* argv[0] is the name of a command that takes so many operands. */
static int run(const char *config_path, int argc, char **argv,
    int (*command)(const struct officer *officer), int operands)
{
	static const struct option options[] = {
		{ "cheap", no_argument, NULL, 'c' },
		CLI_OPTIONS_END,
	};
	struct officer officer = { .plan = team_plan_default };
	int status = cli_options(argc, argv, options, operands, operands, help,
	    take_option, &officer);
	struct config *config;

	if (status != CLI_GO_ON) {
		return status;
	}
	officer.name = operands > 0 ? argv[optind] : NULL;
	if (operands > 0 && !ring_name_ok(bytes_str(officer.name))) {
		say_error("a name has small letters, digits, '.', '-' and '_',"
			  " begins with a letter, and has %u signs at most",
		    RING_NAME_BYTES);
		return CLI_USAGE;
	}
	config = cli_config(config_path, CONFIG_DESK);
	if (config == NULL) {
		return CLI_WRONG;
	}
	officer.path = config->desk.team_ring;
	status = cli_end_output(command(&officer));
	config_free(config);
	return status;
}

int cli_officer(const char *config_path, int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		(void)fputs(help, stdout);
		return cli_end_output(CLI_OK);
	}
	for (size_t i = 0;
	     argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(argv[1], commands[i].name) == 0) {
			return run(config_path, argc - 1, argv + 1,
			    commands[i].run, commands[i].operands);
		}
	}
	if (argc > 1) {
		say_error("there is no command \"officer %s\"", argv[1]);
	}
	return cli_misused(help);
}
