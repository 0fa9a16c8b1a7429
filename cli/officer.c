/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/officer.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/wipe.h"
#include "cli/cli.h"
#include "cli/enrol.h"
#include "cli/passphrase.h"
#include "cli/team.h"
#include "crypto/ring.h"

static const char help[] =
    "Usage: tipline [-c FILE] officer COMMAND [OPTIONS] [NAME [ROLE]]\n"
    "\n"
    "Who may open tips: each officer has a passphrase of their own for the "
    "ring\n"
    "that desk.team_ring names, a role, and a second factor (TOTP, RFC 6238) "
    "that\n"
    "the desk's console asks for. Tips and epochs are not touched.\n"
    "\n"
    "  list              names, and what a guess at each passphrase costs;\n"
    "                    with --roles also roles, which needs a passphrase\n"
    "  add NAME          another officer; needs the passphrase of one who is\n"
    "                    there, and the new one's. Shows the second factor\n"
    "  remove NAME       NAME's passphrase opens the ring no more; needs the\n"
    "                    passphrase of an officer who stays\n"
    "  passphrase NAME   change it; needs the old one\n"
    "  totp NAME         make a new second factor and show it; the old one\n"
    "                    ends. Needs the passphrase of an officer\n"
    "  role NAME ROLE    officer; supervisor, who sees everybody's trail;\n"
    "                    administrator, who has no key to any tip\n"
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
    "A desk that runs logs them out within seconds, and whoever has another\n"
    "passphrase, role or second factor; one on another host when its copy of\n"
    "the ring has changed.\n"
    "\n"
    "  --role ROLE   of add: the role (default officer)\n"
    "  --roles       of list: roles, too\n"
    "  --rotate      of remove: give the ring a new key, so that whoever took\n"
    "                the old one opens no later ring. Others' passphrases "
    "stay;\n"
    "                shares of the old key end\n"
    "  --yes         of remove: do not ask\n"
    "  --plain       of add and totp: the otpauth address alone, no picture\n"
    "  --cheap       for tests: a passphrase that costs nothing to guess\n"
    "\n"
    "Ends with 0, or 1 if the ring is as it was.\n";

struct officer {
	const char *path; /* of the ring */
	const char *name; /* NULL for list */
	const char *operand;
	enum ring_role role;
	bool with_roles;
	bool rotate;
	bool sure;
	bool plain;
	struct team_plan plan;
};

static enum tl_err load(const struct officer *officer, struct ring **ret)
{
	enum tl_err err;

	if (officer->with_roles) {
		return team_unlock_ring(officer->path, ret, NULL);
	}
	err = ring_load(officer->path, ret);
	if (err != TL_OK) {
		say_error("cannot use %s: %s", officer->path, err_text(err));
	}
	return err;
}

static int list(const struct officer *officer)
{
	struct ring *ring = NULL;

	if (load(officer, &ring) != TL_OK) {
		return CLI_WRONG;
	}
	for (size_t i = 0; i < ring_n_officers(ring); i++) {
		struct pwhash_cost cost = ring_officer_cost(ring, i);
		struct ring_account account;

		(void)printf("%-32s Argon2id, %u passes over %u KiB",
		    ring_officer_name(ring, i), cost.passes, cost.memory_kib);
		if (officer->with_roles) {
			(void)printf("  %s",
			    ring_officer_account(ring, i, &account) == TL_OK
				? ring_role_name(account.role)
				: "NOT MADE BY THIS RING: remove it");
			wipe(&account, sizeof(account));
		}
		(void)printf("\n");
	}
	ring_free(ring);
	return CLI_OK;
}

/* Show the second factor that is in the ring now. */
static int show(const struct officer *officer, struct ring *ring)
{
	size_t at = ring_officer_find(ring, officer->name);
	struct ring_account account;
	enum tl_err err = ring_officer_account(ring, at, &account);

	if (err == TL_OK) {
		err = enrol_show(officer->name,
		    bytes_of(account.totp, sizeof(account.totp)),
		    officer->plain);
	}
	wipe(&account, sizeof(account));
	return err == TL_OK ? CLI_OK : CLI_WRONG;
}

static int add(const struct officer *officer)
{
	struct ring *ring = NULL;
	int status = CLI_WRONG;
	enum tl_err err = team_unlock_ring(officer->path, &ring, NULL);

	if (err != TL_OK) {
		return CLI_WRONG;
	}
	if (ring_officer_find(ring, officer->name) < ring_n_officers(ring)) {
		say_error("%s is an officer already", officer->name);
	} else if (team_set_officer(officer->path, ring, officer->name,
		       officer->role, officer->plan.cost) == TL_OK) {
		if (!officer->plain) {
			(void)printf("%s can %s now. Copies of the ring do not"
				     " know this.\n",
			    officer->name,
			    officer->role == RING_ADMINISTRATOR
				? "log in"
				: "open the ring");
		}
		status = show(officer, ring);
	}
	ring_free(ring);
	return status;
}

/* At a terminal, unless --yes was given; nobody there says no. */
static bool is_sure(const struct officer *officer)
{
	char answer[8] = "";

	if (officer->sure) {
		return true;
	}
	if (isatty(STDIN_FILENO) != 1) {
		say_error("removing an officer takes --yes where nobody can be"
			  " asked");
		return false;
	}
	(void)fprintf(stderr, "Remove %s%s? Type yes: ", officer->name,
	    officer->rotate ? " and give the ring a new key"
			    : ", without a new key for the ring (--rotate)");
	if (fgets(answer, sizeof(answer), stdin) == NULL ||
	    strcmp(answer, "yes\n") != 0) {
		say_error("nobody was removed");
		return false;
	}
	return true;
}

static enum tl_err take_away(
    const struct officer *officer, struct ring *ring, size_t who)
{
	enum tl_err err;

	if (ring_officer_find(ring, officer->name) == ring_n_officers(ring)) {
		say_error("there is no officer %s", officer->name);
		return TL_ENOENT;
	}
	if (ring_n_officers(ring) == 1) {
		say_error("%s is the last officer; without one nobody could"
			  " open a tip",
		    officer->name);
		return TL_EPERM;
	}
	/* so that somebody who can open tips stays, for certain */
	if (strcmp(ring_officer_name(ring, who), officer->name) == 0) {
		say_error("this is the passphrase of %s: it takes that of an"
			  " officer who stays",
		    officer->name);
		return TL_EPERM;
	}
	err = ring_officer_remove(ring, officer->name);
	if (err == TL_OK && officer->rotate) {
		err = ring_rotate(ring);
	}
	if (err == TL_OK) {
		err = ring_save(ring, officer->path, true);
	}
	if (err != TL_OK) {
		say_error("%s: %s", officer->path,
		    err == TL_EPROOF ? "an entry was not made by this ring;"
				       " see `tipline officer list --roles`"
				     : err_text(err));
	}
	return err;
}

static int drop(const struct officer *officer)
{
	struct ring *ring = NULL;
	size_t who = 0;
	enum tl_err err;

	if (!is_sure(officer)) {
		return CLI_WRONG;
	}
	err = team_unlock_ring(officer->path, &ring, &who);
	if (err == TL_OK) {
		err = take_away(officer, ring, who);
	}
	ring_free(ring);
	if (err != TL_OK) {
		return CLI_WRONG;
	}
	(void)printf("%s cannot open the ring any more. Destroy older copies of"
		     " it,\nand copy it to other hosts that have a desk.\n",
	    officer->name);
	if (officer->rotate) {
		(void)printf("The ring has a new key: make new shares of it"
			     " (`tipline key split`).\n");
	}
	return CLI_OK;
}

/* Ask for both passphrases and wrap the officer's own key anew. */
static enum tl_err ask_and_change(
    const struct officer *officer, struct ring *ring)
{
	struct buf old, fresh;
	enum tl_err err;

	buf_init(&old, PASSPHRASE_MAX_BYTES);
	buf_init(&fresh, PASSPHRASE_MAX_BYTES);
	err = passphrase_read("Passphrase of the team's ring: ", false, &old);
	if (err == TL_OK) {
		err = passphrase_new(
		    PASSPHRASE_NEW_VARIABLE, "New passphrase: ", &fresh);
	}
	if (err != TL_OK) {
		goto out; /* has been said */
	}
	err = ring_officer_passphrase(ring, officer->name,
	    bytes_of(old.data, old.len), bytes_of(fresh.data, fresh.len),
	    officer->plan.cost);
	if (err == TL_EPROOF) {
		say_error("this is not the passphrase of %s", officer->name);
	} else if (err == TL_ENOENT) {
		say_error("there is no officer %s", officer->name);
	} else if (err == TL_OK) {
		err = ring_save(ring, officer->path, true);
	}
	if (err != TL_OK && err != TL_EPROOF && err != TL_ENOENT) {
		say_error("%s: %s", officer->path, err_text(err));
	}
out:
	buf_free(&old);
	buf_free(&fresh);
	return err;
}

static int change(const struct officer *officer)
{
	struct ring *ring = NULL;
	enum tl_err err = load(officer, &ring);

	if (err == TL_OK) {
		err = ask_and_change(officer, ring);
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

/* Whether another than this officer, who can open tips, is left. */
static bool others_can_open(const struct ring *ring, const char *name)
{
	bool found = false;

	for (size_t i = 0; i < ring_n_officers(ring); i++) {
		struct ring_account account = { .role = RING_ADMINISTRATOR };

		if (strcmp(ring_officer_name(ring, i), name) != 0 &&
		    ring_officer_account(ring, i, &account) == TL_OK) {
			found = found || account.role != RING_ADMINISTRATOR;
		}
		wipe(&account, sizeof(account));
	}
	return found;
}

static enum tl_err change_account(const struct officer *officer,
    enum ring_role role, bool new_totp, struct ring **ret_ring)
{
	enum tl_err err = team_unlock_ring(officer->path, ret_ring, NULL);

	if (err != TL_OK) {
		return err;
	}
	if (role == RING_ADMINISTRATOR &&
	    !others_can_open(*ret_ring, officer->name)) {
		say_error("%s is the last who can open tips", officer->name);
		return TL_EPERM;
	}
	err = ring_officer_change(*ret_ring, officer->name, role, new_totp);
	if (err == TL_OK) {
		err = ring_save(*ret_ring, officer->path, true);
	}
	if (err == TL_ENOENT) {
		say_error("there is no officer %s", officer->name);
	} else if (err != TL_OK) {
		say_error("%s: %s", officer->path, err_text(err));
	}
	return err;
}

static int totp(const struct officer *officer)
{
	struct ring *ring = NULL;
	int status = CLI_WRONG;

	if (change_account(officer, (enum ring_role)0, true, &ring) == TL_OK) {
		status = show(officer, ring);
	}
	ring_free(ring);
	return status;
}

static int set_role(const struct officer *officer)
{
	enum ring_role role = ring_role_of(officer->operand);
	struct ring *ring = NULL;
	int status = CLI_WRONG;

	if (!role) {
		say_error("a role is officer, supervisor or administrator");
		return CLI_USAGE;
	}
	if (change_account(officer, role, false, &ring) == TL_OK) {
		(void)printf("%s is %s %s now, and is logged out where they"
			     " are.\n",
		    officer->name, role == RING_SUPERVISOR ? "a" : "an",
		    officer->operand);
		status = CLI_OK;
	}
	ring_free(ring);
	return status;
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
	{ "totp", totp, 1 },
	{ "role", set_role, 2 },
};

static bool take_option(int option, const char *value, void *arg)
{
	struct officer *officer = arg;

	switch (option) {
	case 'r':
		officer->role = ring_role_of(value);
		if (!officer->role) {
			say_error("--role takes officer, supervisor or"
				  " administrator");
		}
		return officer->role;
	case 'R':
		return officer->with_roles = true;
	case 'k':
		return officer->rotate = true;
	case 'y':
		return officer->sure = true;
	case 'p':
		return officer->plain = true;
	default:
		return team_plan_option(&officer->plan, option, value);
	}
}

/* argv[0] is the name of a command that takes so many operands. */
static int run(const char *config_path, int argc, char **argv,
    int (*command)(const struct officer *officer), int operands)
{
	static const struct option options[] = {
		{ "cheap", no_argument, NULL, 'c' },
		{ "role", required_argument, NULL, 'r' },
		{ "roles", no_argument, NULL, 'R' },
		{ "rotate", no_argument, NULL, 'k' },
		{ "yes", no_argument, NULL, 'y' },
		{ "plain", no_argument, NULL, 'p' },
		CLI_OPTIONS_END,
	};
	struct officer officer = { .plan = team_plan_default,
		.role = RING_OFFICER };
	int status = cli_options(argc, argv, options, operands, operands, help,
	    take_option, &officer);
	struct config *config;

	if (status != CLI_GO_ON) {
		return status;
	}
	officer.name = operands > 0 ? argv[optind] : NULL;
	officer.operand = operands > 1 ? argv[optind + 1] : NULL;
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
