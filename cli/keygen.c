/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/keygen.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/owner.h"
#include "cli/cli.h"
#include "cli/passphrase.h"
#include "cli/team.h"
#include "crypto/keyfile.h"
#include "crypto/random.h"
#include "crypto/secret.h"

enum {
	IDENTITY_KEY,
	IDENTITY_PUB,
	TEAM_RING,
	TEAM_LIST,
	INTAKE_KEY,
	INTAKE_PUB,
	RECEIPT_KEY,
	RECEIPT_PUB,
	DESK_KEY,
	DESK_PUB,
	PEPPER,
	DEDUP,
	N_FILES
};

static const struct {
	const char *name;
	const char *what;
	const char *where; /* the host and its option */
} files[N_FILES] = {
	[IDENTITY_KEY] = { "identity.key",
	    "signs the team's lists; asked for once a year",
	    "offline: on two media that lie in safes, on no host at all" },
	[IDENTITY_PUB] = { "identity.pub", "which lists are the team's",
	    "every intake, [intake] team_identities" },
	[TEAM_RING] = { "team.ring",
	    "opens tips; useless without the passphrase",
	    "team's host, [desk] team_ring; a copy offline, never an intake" },
	[TEAM_LIST] = { "team.list", "tips are sealed to the keys in it",
	    "every intake, [intake] team_keys" },
	[INTAKE_KEY] = { "intake.key", "the intake signs what it seals",
	    "the intake only, [intake] signing_key" },
	[INTAKE_PUB] = { "intake.pub", "tells real tips from injected ones",
	    "team's host, [desk] intake_keys" },
	[RECEIPT_KEY] = { "receipt.key",
	    "signs \"we have it\": the spool forgets on nothing else",
	    "team's host only, [desk] receipt_key" },
	[RECEIPT_PUB] = { "receipt.pub", "the spool checks receipts with it",
	    "every intake's host, [spool] receipt_keys" },
	[DESK_KEY] = { "desk.key", "the desk signs what it seals itself",
	    "team's host only, [desk] signing_key" },
	[DESK_PUB] = { "desk.pub", "tells those from injected ones",
	    "every desk, [desk] intake_keys" },
	[PEPPER] = { "pepper.key",
	    "receipt codes depend on it: lost, all codes are lost",
	    "every intake the same, [intake] pepper; a copy offline" },
	[DEDUP] = { "dedup.key", "hides gateways' message ids",
	    "every intake, [intake] dedup_key" },
};

static const char help[] =
    "Usage: tipline keygen [--cheap] [--epoch LENGTH] [--epochs N] FOLDER\n"
    "\n"
    "Make all keys of a new installation in FOLDER, which is created.\n"
    "Nothing is ever overwritten. Do this on the team's own computer, then\n"
    "take each file to where the list that is printed says.\n"
    "\n"
    "The passphrase, 12 characters or more, protects team.ring and\n"
    "identity.key. Who loses it loses every tip; there is no way round it\n"
    "but shares that were made in time. It is asked for twice, or is the\n"
    "first line of the file that TIPLINE_PASSPHRASE_FILE names (mode 600).\n"
    "\n"
    "  --epoch LENGTH   a new sealing key every 7d (default), 12h, 30s\n"
    "  --epochs N       how many to make (default 53, a year of weeks)\n"
    "  --cheap          spend no time and memory on the passphrase. For\n"
    "                   tests and for trying tipline out, never for real\n"
    "                   tips.\n"
    "\n"
    "Ends with 0, or 1 if no keys were made.\n";
_Static_assert(PASSPHRASE_MIN_CHARS == 12, "help[] and tipline.1 say 12");

/* A folder that is not there yet gets its name when all keys are in it. */
struct keygen {
	const char *target;  /* as it was named */
	const char *folder;  /* where they are made: that, or part */
	char part[PATH_MAX]; /* .NAME.part beside it */
	struct team_plan plan;
	bool made[N_FILES];
	bool made_folder;
	uint8_t *key; /* secret memory for one key at a time */
};

static bool path_of(const struct keygen *gen, int file, char *path, size_t cap)
{
	int len = snprintf(path, cap, "%s/%s", gen->folder, files[file].name);

	return len > 0 && (size_t)len < cap;
}

static enum tl_err name_part(struct keygen *gen)
{
	char above[PATH_MAX], name[PATH_MAX];
	int len = snprintf(above, sizeof(above), "%s", gen->target);

	(void)snprintf(name, sizeof(name), "%s", gen->target);
	if (len > 0 && (size_t)len < sizeof(above)) {
		len = snprintf(gen->part, sizeof(gen->part), "%s/.%s.part",
		    dirname(above), basename(name));
	}
	if (len <= 0 || (size_t)len >= sizeof(gen->part)) {
		say_error("%s: the path is too long", gen->target);
		return TL_EINVAL;
	}
	return TL_OK;
}

/* Of a try that the power ended: nobody has these keys. */
static void remove_part(const struct keygen *gen)
{
	static const char *const ends[] = { "", ".new" };
	char name[NAME_MAX + 1];
	struct stat st;
	/* no link: it could lead to the keys of somebody else */
	int folder =
	    open(gen->part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (folder < 0) {
		return;
	}
	for (int i = 0; fstat(folder, &st) == 0 && st.st_uid == geteuid() &&
	     i < 2 * N_FILES;
	     i++) {
		(void)snprintf(
		    name, sizeof(name), "%s%s", files[i / 2].name, ends[i % 2]);
		(void)unlinkat(folder, name, 0);
	}
	(void)close(folder);
	(void)rmdir(gen->part);
}

static enum tl_err make_part(struct keygen *gen)
{
	remove_part(gen);
	if (owner_mkdir(gen->part) != TL_OK) {
		say_error("%s: cannot make the folder: %s", gen->part,
		    strerror(errno));
		return TL_EIO;
	}
	gen->folder = gen->part;
	gen->made_folder = true;
	return TL_OK;
}

static enum tl_err make_folder(struct keygen *gen)
{
	struct stat st;

	if (lstat(gen->target, &st) != 0 && errno == ENOENT) {
		return make_part(gen);
	}
	if (stat(gen->folder, &st) != 0 || !S_ISDIR(st.st_mode)) {
		say_error("%s is there and is not a folder", gen->folder);
		return TL_EEXIST;
	}
	if ((st.st_mode & 077) != 0) {
		say_error("%s: others may look into this folder; run chmod 700"
			  " on it, or name a new one",
		    gen->folder);
		return TL_EPERM;
	}
	return TL_OK;
}

/* Before anything is asked or made: say all that stands in the way. */
static enum tl_err check_free(const struct keygen *gen)
{
	enum tl_err err = TL_OK;
	int n = 0;

	for (int i = 0; i < N_FILES; i++) {
		char path[PATH_MAX];
		struct stat st;

		if (!path_of(gen, i, path, sizeof(path))) {
			say_error("%s: the path is too long", gen->folder);
			return TL_EINVAL;
		}
		if (lstat(path, &st) == 0) {
			say_error("%s is there already; keys are never"
				  " overwritten",
			    path);
			err = TL_EEXIST;
			n++;
		}
	}
	if (n > 0 && n < N_FILES) {
		say_error("these are %d of %d: if a try was cut short and none"
			  " of them is used anywhere, remove them and run this"
			  " again",
		    n, N_FILES);
	}
	return err;
}

static enum tl_err save(
    struct keygen *gen, int file, enum key_kind kind, const uint8_t *key)
{
	char path[PATH_MAX];
	enum tl_err err;

	if (!path_of(gen, file, path, sizeof(path))) {
		return TL_EINVAL;
	}
	err = keyfile_save(path, kind, key);
	gen->made[file] = err == TL_OK;
	return err;
}

static enum tl_err make_team(struct keygen *gen, struct bytes passphrase)
{
	struct team_paths paths;
	enum tl_err err = team_paths_of(gen->folder, &paths);

	if (err == TL_OK) {
		err = team_make(&paths, &gen->plan, passphrase, clock_wall_s());
	}
	for (int i = IDENTITY_KEY; i <= TEAM_LIST; i++) {
		gen->made[i] = err == TL_OK;
	}
	return err;
}

static enum tl_err make_pair(struct keygen *gen, int key_file,
    enum key_kind sign, int pub_file, enum key_kind verify)
{
	uint8_t public_key[KEY_BYTES];
	enum tl_err err;

	keyfile_new_pair(gen->key, public_key);
	err = save(gen, key_file, sign, gen->key);
	return err == TL_OK ? save(gen, pub_file, verify, public_key) : err;
}

static enum tl_err make_random(struct keygen *gen, int file, enum key_kind kind)
{
	random_bytes(gen->key, KEY_BYTES);
	return save(gen, file, kind, gen->key);
}

static enum tl_err make_all(struct keygen *gen, struct bytes passphrase)
{
	enum tl_err err = make_team(gen, passphrase);

	if (err == TL_OK) {
		err = make_pair(gen, INTAKE_KEY, KEY_INTAKE_SIGN, INTAKE_PUB,
		    KEY_INTAKE_VERIFY);
	}
	if (err == TL_OK) {
		err = make_pair(gen, RECEIPT_KEY, KEY_RECEIPT_SIGN, RECEIPT_PUB,
		    KEY_RECEIPT_VERIFY);
	}
	if (err == TL_OK) {
		err = make_pair(gen, DESK_KEY, KEY_INTAKE_SIGN, DESK_PUB,
		    KEY_INTAKE_VERIFY);
	}
	if (err == TL_OK) {
		err = make_random(gen, PEPPER, KEY_PEPPER);
	}
	if (err == TL_OK) {
		err = make_random(gen, DEDUP, KEY_DEDUP);
	}
	return err;
}

/* All at once: half a set would be in the way of the next try. */
static enum tl_err move_up(const struct keygen *gen)
{
	char above[PATH_MAX];
	int folder;
	bool ok;

	if (gen->folder == gen->target) {
		return TL_OK;
	}
	(void)snprintf(above, sizeof(above), "%s", gen->target);
	folder = open(dirname(above), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ok = folder >= 0 && rename(gen->part, gen->target) == 0;
	if (ok && fsync(folder) != 0) {
		ok = false;
		(void)rename(gen->target, gen->part);
	}
	if (folder >= 0) {
		(void)close(folder);
	}
	return ok ? TL_OK : TL_EIO;
}

/* Half a set of keys would be taken for a whole one. */
static void take_back(const struct keygen *gen)
{
	for (int i = 0; i < N_FILES; i++) {
		char path[PATH_MAX];

		if (gen->made[i] && path_of(gen, i, path, sizeof(path))) {
			(void)unlink(path);
		}
	}
	/* set-up takes a folder that is there for one with keys */
	if (gen->made_folder) {
		(void)rmdir(gen->folder);
	}
}

/* Ctrl-C and the like wait for the seconds that it takes. */
static void hold_signals(sigset_t *ret_old)
{
	sigset_t ending;

	(void)sigemptyset(&ending);
	(void)sigaddset(&ending, SIGINT);
	(void)sigaddset(&ending, SIGTERM);
	(void)sigaddset(&ending, SIGHUP);
	(void)sigaddset(&ending, SIGQUIT);
	(void)sigprocmask(SIG_BLOCK, &ending, ret_old);
}

static bool has_come(void)
{
	sigset_t waiting;

	return sigpending(&waiting) == 0 &&
	    (sigismember(&waiting, SIGINT) == 1 ||
		sigismember(&waiting, SIGTERM) == 1 ||
		sigismember(&waiting, SIGHUP) == 1 ||
		sigismember(&waiting, SIGQUIT) == 1);
}

/* All of them, or none and the signal's end. */
static enum tl_err make_held(struct keygen *gen, struct bytes passphrase)
{
	sigset_t old;
	enum tl_err err;

	hold_signals(&old);
	err = make_all(gen, passphrase);
	if (err == TL_OK && !has_come()) {
		err = move_up(gen);
	} else if (err == TL_OK) {
		err = TL_ECLOSED;
	}
	if (err != TL_OK) {
		take_back(gen);
		say_error("%s: keys could not be written: %s; none were left"
			  " there",
		    gen->target, err == TL_ECLOSED ? "ended" : err_text(err));
	}
	(void)sigprocmask(SIG_SETMASK, &old, NULL); /* and here it ends us */
	return err;
}

static void say_what_is_there(const struct keygen *gen)
{
	printf("Twelve new key files are in %s. What each is for, and where it"
	       " belongs:\n\n",
	    gen->target);
	for (int i = 0; i < N_FILES; i++) {
		printf("  %-12s %s\n  %-12s -> %s\n", files[i].name,
		    files[i].what, "", files[i].where);
	}
	printf(
	    "\nKeep team.ring and its passphrase in two places. Without them"
	    " nobody can read\na tip, not even we. Take identity.key off this"
	    " computer: it is needed again\nonly for `tipline key extend`, in"
	    " a year.\n");
}

static enum tl_err run(struct keygen *gen)
{
	struct buf passphrase;
	enum tl_err err;

	buf_init(&passphrase, PASSPHRASE_MAX_BYTES);
	/* these say themselves what is wrong */
	err = check_free(gen);
	if (err == TL_OK) {
		err = name_part(gen);
	}
	if (err == TL_OK) {
		err = passphrase_new(PASSPHRASE_VARIABLE,
		    "Passphrase for the team's keys: ", &passphrase);
	}
	if (err == TL_OK) {
		err = make_folder(gen);
	}
	if (err != TL_OK) {
		goto out;
	}
	err = make_held(gen, bytes_of(passphrase.data, passphrase.len));
	if (err == TL_OK) {
		say_what_is_there(gen);
	}
out:
	buf_free(&passphrase);
	return err;
}

static bool take_option(int option, const char *value, void *arg)
{
	struct keygen *gen = arg;

	return team_plan_option(&gen->plan, option, value);
}

int cli_keygen(int argc, char **argv)
{
	static const struct option options[] = {
		TEAM_PLAN_OPTIONS,
		CLI_OPTIONS_END,
	};
	struct keygen gen = { .plan = team_plan_default };
	int status =
	    cli_options(argc, argv, options, 1, 1, help, take_option, &gen);

	if (status != CLI_GO_ON) {
		return status;
	}
	gen.target = gen.folder = argv[optind];
	gen.key = secret_alloc(KEY_MAX_BYTES);
	if (gen.key == NULL) {
		say_error("%s", err_text(TL_ENOMEM));
		return CLI_WRONG;
	}
	status = run(&gen) == TL_OK ? CLI_OK : CLI_WRONG;
	secret_free(gen.key);
	return status;
}
