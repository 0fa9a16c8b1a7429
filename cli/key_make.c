/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Make a team, make more epochs, change a passphrase. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/owner.h"
#include "cli/cli.h"
#include "cli/key.h"
#include "cli/passphrase.h"
#include "cli/team.h"
#include "crypto/identity.h"
#include "crypto/keyfile.h"
#include "crypto/secret.h"

static const char new_help[] =
    "Usage: tipline key new [--cheap] [--epoch LENGTH] [--epochs N] FOLDER\n"
    "\n"
    "Make a new team in FOLDER: its identity, and a sealing key for each of a\n"
    "year of weeks. `tipline keygen` does this and makes all other keys too.\n"
    "\n"
    "  --epoch LENGTH   a new sealing key every 7d (default), 12h, 30s\n"
    "  --epochs N       how many to make (default 53)\n"
    "  --cheap          for tests: a passphrase that costs nothing to guess\n"
    "\n"
    "Ends with 0, or 1 if no keys were made.\n";

static const char extend_help[] =
    "Usage: tipline key extend [--identity FILE] [--epoch LENGTH] [--epochs "
    "N]\n"
    "                          FOLDER\n"
    "\n"
    "Make more epochs behind those there are, and a new list with the next\n"
    "number, signed by the identity. Epochs that are over leave the list and\n"
    "stay in the ring. Then take team.list to every intake and reload it.\n"
    "Epochs of a try that ended between the ring and the list count as new.\n"
    "\n"
    "  --identity FILE  where identity.key is, if not in FOLDER\n"
    "  --epoch LENGTH   length of the new ones (default 7d)\n"
    "  --epochs N       how many to make (default 53)\n"
    "\n"
    "Ends with 0, or 1 if the list is as it was.\n";

static const char passphrase_help[] =
    "Usage: tipline key passphrase [--cheap] FILE\n"
    "\n"
    "Change the passphrase of FILE: an identity.key, or a team.ring, in which\n"
    "each officer has one (see `tipline officer`). The keys in it stay, and "
    "so\n"
    "do shares made of them. Whoever has an old copy of the file and the old\n"
    "passphrase can still open what is in that copy.\n"
    "The new passphrase is asked for twice, or is the first line of the file\n"
    "that TIPLINE_NEW_PASSPHRASE_FILE names.\n"
    "\n"
    "Ends with 0, or 1 if the passphrase is as it was.\n";

struct make {
	struct team_plan plan;
	const char *identity; /* NULL: in the folder */
};

static bool take_option(int option, const char *value, void *arg)
{
	struct make *make = arg;

	if (option == 'i') {
		make->identity = value;
		return true;
	}
	return team_plan_option(&make->plan, option, value);
}

static enum tl_err make_team(const char *folder, const struct team_plan *plan)
{
	struct team_paths paths;
	struct buf passphrase;
	enum tl_err err = team_paths_of(folder, &paths);

	if (err != TL_OK) {
		return err;
	}
	err = owner_mkdir(folder);
	if (err != TL_OK && err != TL_EEXIST) {
		say_error("%s: %s", folder, strerror(errno));
		return TL_EIO;
	}
	buf_init(&passphrase, PASSPHRASE_MAX_BYTES);
	err = passphrase_new(PASSPHRASE_VARIABLE,
	    "Passphrase for the team's keys: ", &passphrase);
	if (err == TL_OK) {
		err = team_make(&paths, plan,
		    bytes_of(passphrase.data, passphrase.len), clock_wall_s());
		if (err != TL_OK && err != TL_EEXIST) {
			say_error("%s: keys could not be written: %s", folder,
			    err_text(err));
		}
	}
	buf_free(&passphrase);
	return err;
}

int key_new(const char *config_path, int argc, char **argv)
{
	static const struct option options[] = {
		TEAM_PLAN_OPTIONS,
		CLI_OPTIONS_END,
	};
	struct make make = { .plan = team_plan_default };
	int status = cli_options(
	    argc, argv, options, 1, 1, new_help, take_option, &make);

	(void)config_path;
	if (status != CLI_GO_ON) {
		return status;
	}
	if (make_team(argv[optind], &make.plan) != TL_OK) {
		return CLI_WRONG;
	}
	(void)printf("A new team is in %s. identity.pub and team.list are for"
		     " every intake,\nteam.ring is for the team's host. Take"
		     " identity.key off this computer.\n",
	    argv[optind]);
	return cli_end_output(CLI_OK);
}

/* Asked before anybody types a passphrase. A new identity would be another
 * team's, so no word of keygen. */
static enum tl_err find_identity(
    const struct team_paths *paths, const char *given)
{
	const char *path = given != NULL ? given : paths->identity;

	if (access(path, F_OK) == 0) {
		return TL_OK;
	}
	if (given != NULL) {
		say_error("%s: %s", path, strerror(errno));
	} else {
		say_error("%s is not there, which is well if it is kept"
			  " offline: name it with --identity FILE",
		    path);
	}
	return TL_ENOENT;
}

/* Two media of two teams look alike. Intakes refuse a list that another
 * identity has signed, and do not start with it. */
static enum tl_err is_same_team(
    const struct team_paths *paths, const uint8_t *sign, const char *given)
{
	const uint8_t *identity = sign + 32;
	uint8_t known[TEAMLIST_KEY_BYTES];
	struct teamlist *list = NULL;
	const char *by = paths->list;
	enum tl_err err = teamlist_load(paths->list, &list);

	if (err == TL_OK) {
		memcpy(known, list->identity, sizeof(known));
	} else {
		by = paths->identity_pub;
		err = keyfile_load(by, KEY_TEAM_IDENTITY, known);
	}
	teamlist_free(list);
	if (err != TL_OK || memcmp(known, identity, sizeof(known)) == 0) {
		return TL_OK; /* there need be neither */
	}
	say_error("%s is another team's identity than that of %s: intakes"
		  " would refuse the list. Nothing was changed",
	    given != NULL ? given : paths->identity, by);
	return TL_EPROOF;
}

/* Who extends each year has one that lasts still, unless it is last year's
 * copy, out of the safe: with that on the desk nobody opens what came since. */
static void say_if_old(
    const struct team_paths *paths, const struct ring *ring, int64_t now_s)
{
	char end[KEY_DAY_CHARS], today[KEY_DAY_CHARS];
	size_t n = ring_n(ring);
	int64_t end_s = n > 0 ? ring_epoch(ring, n - 1)->end_s : INT64_MAX;

	if (end_s <= now_s) {
		say_error("the newest epoch of %s was over on %s, and by this"
			  " computer's clock it is %s. If the desk's ring goes"
			  " further, this is an old copy: do not put it on the"
			  " desk, where it would take the keys away of all that"
			  " came since. Begin anew with the desk's",
		    paths->ring, key_day(end_s, end), key_day(now_s, today));
	}
}

static enum tl_err extend(
    struct team_paths *paths, const struct make *make, uint64_t *ret_number)
{
	uint8_t *sign = secret_alloc(TEAMLIST_SIGN_BYTES);
	struct team_plan plan = make->plan;
	struct ring *ring = NULL;
	int64_t now_s = clock_wall_s();
	unsigned unnamed;
	enum tl_err err =
	    sign == NULL ? TL_ENOMEM : find_identity(paths, make->identity);

	if (err == TL_OK) {
		err = team_may_publish(paths);
	}
	if (err == TL_OK) {
		err = team_unlock_ring(paths->ring, &ring, NULL);
	}
	if (err == TL_OK) {
		say_if_old(paths, ring, now_s);
		err = team_unlock_identity(
		    make->identity != NULL ? make->identity : paths->identity,
		    sign);
	}
	if (err == TL_OK) {
		err = is_same_team(paths, sign, make->identity);
	}
	if (err != TL_OK) {
		goto out; /* has been said */
	}
	/* a try that wrote the ring and not the list is gone on with */
	unnamed = team_unnamed(ring, paths->list, now_s);
	plan.epochs -= unnamed < plan.epochs ? unnamed : plan.epochs;
	err = team_add_epochs(ring, &plan, now_s);
	if (err == TL_OK) {
		err = team_publish(paths, ring, sign, now_s);
	}
	if (err != TL_OK) {
		say_error("%s: no new list: %s. Mend that (is there room?) and"
			  " run it again: it makes no epochs twice",
		    paths->list, err_text(err));
		goto out;
	}
	*ret_number = ring_list_number(ring);
out:
	ring_free(ring);
	secret_free(sign);
	return err;
}

int key_extend(const char *config_path, int argc, char **argv)
{
	static const struct option options[] = {
		TEAM_PLAN_OPTIONS,
		{ "identity", required_argument, NULL, 'i' },
		CLI_OPTIONS_END,
	};
	struct make make = { .plan = team_plan_default };
	int status = cli_options(
	    argc, argv, options, 1, 1, extend_help, take_option, &make);
	struct team_paths paths;
	uint64_t number = 0;

	(void)config_path;
	if (status != CLI_GO_ON) {
		return status;
	}
	if (team_paths_of(argv[optind], &paths) != TL_OK ||
	    extend(&paths, &make, &number) != TL_OK) {
		return CLI_WRONG;
	}
	(void)printf("%s is list number %llu now. Copy it to every intake and"
		     " reload them; make\na new copy of %s for the safe.\n",
	    paths.list, (unsigned long long)number, paths.ring);
	return cli_end_output(CLI_OK);
}

static enum tl_err rewrap_ring(const char *path, struct pwhash_cost cost)
{
	struct ring *ring = NULL;
	size_t officer = 0;
	enum tl_err err = team_unlock_ring(path, &ring, &officer);

	if (err == TL_OK) {
		char name[RING_NAME_BYTES + 1];

		(void)snprintf(
		    name, sizeof(name), "%s", ring_officer_name(ring, officer));
		err =
		    team_set_officer(path, ring, name, (enum ring_role)0, cost);
	}
	ring_free(ring);
	return err;
}

static enum tl_err rewrap_identity(const char *path, struct pwhash_cost cost)
{
	uint8_t *sign = secret_alloc(TEAMLIST_SIGN_BYTES);
	struct buf fresh;
	enum tl_err err =
	    sign == NULL ? TL_ENOMEM : team_unlock_identity(path, sign);

	buf_init(&fresh, PASSPHRASE_MAX_BYTES);
	if (err == TL_OK) {
		err = passphrase_new(
		    PASSPHRASE_NEW_VARIABLE, "New passphrase: ", &fresh);
	}
	if (err == TL_OK) {
		err = identity_save(
		    path, true, sign, bytes_of(fresh.data, fresh.len), cost);
	}
	buf_free(&fresh);
	secret_free(sign);
	return err;
}

int key_passphrase(const char *config_path, int argc, char **argv)
{
	static const struct option options[] = {
		{ "cheap", no_argument, NULL, 'c' },
		CLI_OPTIONS_END,
	};
	struct make make = { .plan = team_plan_default };
	int status = cli_options(
	    argc, argv, options, 1, 1, passphrase_help, take_option, &make);
	struct ring *ring = NULL;
	enum tl_err err;

	(void)config_path;
	if (status != CLI_GO_ON) {
		return status;
	}
	err = ring_load(argv[optind], &ring);
	ring_free(ring);
	/* a whole key file of another kind: then an identity, or it says so */
	err = err == TL_EINVAL ? rewrap_identity(argv[optind], make.plan.cost)
			       : rewrap_ring(argv[optind], make.plan.cost);
	if (err != TL_OK) {
		say_error("%s: the passphrase is as it was", argv[optind]);
		return CLI_WRONG;
	}
	(void)printf("%s has the new passphrase. Destroy older copies of it.\n",
	    argv[optind]);
	return cli_end_output(CLI_OK);
}
