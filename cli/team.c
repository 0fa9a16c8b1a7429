/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/team.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/owner.h"
#include "cli/passphrase.h"
#include "crypto/identity.h"
#include "crypto/keyfile.h"
#include "crypto/random.h"
#include "crypto/secret.h"

#define DAY_S 86400

const struct team_plan team_plan_default = {
	.epoch_s = TEAM_EPOCH_S,
	.epochs = TEAM_EPOCHS,
	.cost = { .passes = 3, .memory_kib = 256u * 1024u },
};

/* "7d", "12h", "30s" */
static bool read_length(const char *text, int64_t *ret_s)
{
	char *end;
	long long number = strtoll(text, &end, 10);
	int64_t unit_s = 0;

	if (end == text || number < 1 || number > 36500) {
		return false;
	}
	if (strcmp(end, "d") == 0) {
		unit_s = DAY_S;
	} else if (strcmp(end, "h") == 0) {
		unit_s = 3600;
	} else if (strcmp(end, "s") == 0) {
		unit_s = 1;
	}
	*ret_s = number * unit_s;
	return unit_s > 0;
}

static bool read_epochs(const char *text, unsigned *ret)
{
	char *end;
	long number = strtol(text, &end, 10);

	if (*end != '\0' || end == text || number < 1 ||
	    number > (long)RING_EPOCHS_MAX) {
		return false;
	}
	*ret = (unsigned)number;
	return true;
}

bool team_plan_option(struct team_plan *plan, int option, const char *value)
{
	bool right = true;

	if (option == 'c') {
		plan->cost = pwhash_least;
	} else if (option == 'e') {
		right = read_length(value, &plan->epoch_s);
	} else {
		right = read_epochs(value, &plan->epochs);
	}
	if (!right) {
		say_error("%s",
		    option == 'e'
			? "--epoch takes a length such as 7d, 12h or 30s"
			: "--epochs takes a number from 1 to 1024");
	}
	return right;
}

static bool join(char *path, const char *folder, const char *name)
{
	int len = snprintf(path, PATH_MAX, "%s/%s", folder, name);

	return len > 0 && len < PATH_MAX;
}

enum tl_err team_paths_of(const char *folder, struct team_paths *ret)
{
	if (!join(ret->identity, folder, "identity.key") ||
	    !join(ret->identity_pub, folder, "identity.pub") ||
	    !join(ret->ring, folder, "team.ring") ||
	    !join(ret->list, folder, "team.list")) {
		say_error("%s: the path is too long", folder);
		return TL_ETOOBIG;
	}
	return TL_OK;
}

int64_t team_epoch_over_s(const struct ring *ring, size_t epoch)
{
	return epoch + 1 < ring_n(ring) ? ring_epoch(ring, epoch + 1)->start_s
					: INT64_MAX;
}

enum tl_err team_add_epochs(
    struct ring *ring, const struct team_plan *plan, int64_t now_s)
{
	size_t n = ring_n(ring);
	/* days begin at midnight; short epochs, of a test, now */
	int64_t start_s = now_s - (plan->epoch_s >= DAY_S ? now_s % DAY_S : 0);
	enum tl_err err = TL_OK;

	if (n > 0 && ring_epoch(ring, n - 1)->end_s > start_s) {
		start_s = ring_epoch(ring, n - 1)->end_s;
	}
	for (unsigned i = 0; err == TL_OK && i < plan->epochs; i++) {
		uint8_t public_key[TEAMKEY_BYTES];

		err = ring_add(
		    ring, start_s, start_s + plan->epoch_s, public_key);
		start_s += plan->epoch_s;
	}
	if (err == TL_EFULL) {
		say_error("a ring has room for %u epochs; make fewer or longer"
			  " ones, or destroy the keys of old ones first"
			  " (tipline key destroy)",
		    RING_EPOCHS_MAX);
	}
	return err;
}

unsigned team_unnamed(
    const struct ring *ring, const char *list_path, int64_t now_s)
{
	struct teamlist *list = NULL;
	const uint8_t *last;
	bool found = false;
	unsigned n = 0;

	if (teamlist_load(list_path, &list) != TL_OK) {
		return 0;
	}
	last = list->epochs[list->n - 1].public_key;
	for (size_t i = 0; i < ring_n(ring); i++) {
		const struct ring_epoch *epoch = ring_epoch(ring, i);

		if (found && epoch->destroyed_s == 0 &&
		    team_epoch_over_s(ring, i) > now_s) {
			n++;
		}
		found = found ||
		    memcmp(epoch->public_key, last, TEAMLIST_KEY_BYTES) == 0;
	}
	teamlist_free(list);
	return n;
}

/* What is not over and not destroyed. Each key is opened once, so that none
 * is signed that the ring cannot open. */
static enum tl_err fill_list(
    struct ring *ring, int64_t now_s, struct teamlist *list)
{
	enum tl_err err = TL_OK;

	for (size_t i = 0; err == TL_OK && i < ring_n(ring); i++) {
		const struct ring_epoch *epoch = ring_epoch(ring, i);
		const struct team_key *key;

		if (epoch->destroyed_s != 0 ||
		    team_epoch_over_s(ring, i) <= now_s) {
			continue;
		}
		err = ring_key(ring, i, &key);
		if (err == TL_OK) {
			list->epochs[list->n].start_s = epoch->start_s;
			memcpy(list->epochs[list->n].public_key,
			    teamkey_public(key), TEAMLIST_KEY_BYTES);
			list->n++;
			list->end_s = epoch->end_s;
		}
	}
	return err;
}

/* A list that was lost or is of another copy of the ring has its number too. */
static uint64_t next_number(const struct ring *ring, const char *list_path)
{
	uint64_t number = ring_list_number(ring);
	struct teamlist *old = NULL;

	if (teamlist_load(list_path, &old) == TL_OK && old->number > number) {
		number = old->number;
	}
	teamlist_free(old);
	return number + 1;
}

enum tl_err team_may_publish(const struct team_paths *paths)
{
	const char *const both[] = { paths->ring, paths->list };

	for (size_t i = 0; i < sizeof(both) / sizeof(both[0]); i++) {
		if (!owner_may_replace(both[i])) {
			say_error("%s belongs to another user, so this one may"
				  " not replace it: run this as that user, or"
				  " first, as root, chown %lu %s",
			    both[i], (unsigned long)geteuid(), both[i]);
			return TL_EPERM;
		}
	}
	return TL_OK;
}

enum tl_err team_publish(const struct team_paths *paths, struct ring *ring,
    const uint8_t sign[static TEAMLIST_SIGN_BYTES], int64_t now_s)
{
	struct teamlist *list = calloc(1, sizeof(*list));
	enum tl_err err;

	if (list == NULL) {
		return TL_ENOMEM;
	}
	memcpy(list->identity, sign + 32, sizeof(list->identity));
	list->number = next_number(ring, paths->list);
	err = fill_list(ring, now_s, list);
	ring_set_list_number(ring, list->number);
	if (err == TL_OK) {
		err = ring_save(ring, paths->ring, true);
	}
	if (err == TL_OK) {
		err = teamlist_save(paths->list, true, list, sign);
	}
	teamlist_free(list);
	return err;
}

static enum tl_err make_files(const struct team_paths *paths,
    const struct team_plan *plan, struct bytes passphrase, int64_t now_s,
    uint8_t *sign)
{
	struct ring *ring = NULL;
	enum tl_err err =
	    identity_save(paths->identity, false, sign, passphrase, plan->cost);

	if (err != TL_OK) {
		return err;
	}
	err = keyfile_save(paths->identity_pub, KEY_TEAM_IDENTITY, sign + 32);
	if (err == TL_OK) {
		err =
		    ring_new(RING_FIRST_OFFICER, passphrase, plan->cost, &ring);
	}
	if (err == TL_OK) {
		err = team_add_epochs(ring, plan, now_s);
	}
	if (err == TL_OK) {
		err = team_publish(paths, ring, sign, now_s);
	}
	ring_free(ring);
	if (err != TL_OK) {
		(void)unlink(paths->identity);
		(void)unlink(paths->identity_pub);
		(void)unlink(paths->ring);
		(void)unlink(paths->list);
	}
	return err;
}

enum tl_err team_make(const struct team_paths *paths,
    const struct team_plan *plan, struct bytes passphrase, int64_t now_s)
{
	const char *const all[] = { paths->identity, paths->identity_pub,
		paths->ring, paths->list };
	uint8_t *seed, *sign;
	enum tl_err err;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (access(all[i], F_OK) == 0 || errno != ENOENT) {
			say_error("%s is there already; keys are never"
				  " overwritten",
			    all[i]);
			return TL_EEXIST;
		}
	}
	seed = secret_alloc(IDENTITY_SEED_BYTES + KEY_SIGN_BYTES);
	if (seed == NULL) {
		return TL_ENOMEM;
	}
	sign = seed + IDENTITY_SEED_BYTES;
	random_bytes(seed, IDENTITY_SEED_BYTES);
	identity_of_seed(seed, sign);
	err = make_files(paths, plan, passphrase, now_s, sign);
	secret_free(seed);
	return err;
}

static enum tl_err say_locked(const char *path, enum tl_err err)
{
	if (err == TL_EPROOF) {
		say_error("this is not the passphrase of %s", path);
	} else if (err == TL_EPERM && access(path, R_OK) != 0) {
		say_error("%s: this user may not read it; run this as the user"
			  " that it belongs to",
		    path);
	} else if (err == TL_EPERM) {
		say_error("%s: others may read or change it; run chmod 600"
			  " on it",
		    path);
	} else if (err == TL_ENOENT) {
		say_error("%s is not there", path);
	} else if (err != TL_OK) {
		say_error("cannot use %s: %s. It is made by `tipline keygen`,"
			  " mode 0600",
		    path, err_text(err));
	}
	return err;
}

static enum tl_err unlock(
    const char *path, struct ring *ring, size_t *ret_officer)
{
	struct buf name, passphrase;
	enum tl_err err;

	buf_init(&name, RING_NAME_BYTES + 1);
	buf_init(&passphrase, PASSPHRASE_MAX_BYTES);
	err = passphrase_officer(ring_n_officers(ring), &name);
	if (err == TL_OK) {
		err = passphrase_read(
		    "Passphrase of the team's ring: ", false, &passphrase);
	}
	if (err == TL_OK) {
		err = ring_unlock(ring, bytes_of(name.data, name.len),
		    bytes_of(passphrase.data, passphrase.len));
		if (err == TL_EPERM) {
			say_error("an administrator has no key to %s: it takes"
				  " the passphrase of an officer or a"
				  " supervisor",
			    path);
		} else {
			err = say_locked(path, err);
		}
	}
	if (err == TL_OK && ret_officer != NULL) {
		buf_put_u8(&name, '\0');
		*ret_officer = name.len <= 1
		    ? 0
		    : ring_officer_find(ring, (const char *)name.data);
	}
	buf_free(&name);
	buf_free(&passphrase);
	return err;
}

enum tl_err team_unlock_ring(
    const char *path, struct ring **ret_ring, size_t *ret_officer)
{
	struct ring *ring = NULL;
	enum tl_err err = say_locked(path, ring_load(path, &ring));

	if (err == TL_OK) {
		err = unlock(path, ring, ret_officer);
	}
	if (err != TL_OK) {
		ring_free(ring);
		return err;
	}
	*ret_ring = ring;
	return TL_OK;
}

enum tl_err team_set_officer(const char *path, struct ring *ring,
    const char *name, enum ring_role role, struct pwhash_cost cost)
{
	struct buf fresh;
	enum tl_err err;

	buf_init(&fresh, PASSPHRASE_MAX_BYTES);
	err =
	    passphrase_new(PASSPHRASE_NEW_VARIABLE, "New passphrase: ", &fresh);
	if (err != TL_OK) {
		goto out;
	}
	err = ring_officer_set(
	    ring, name, role, bytes_of(fresh.data, fresh.len), cost);
	if (err == TL_OK) {
		err = ring_save(ring, path, true);
	}
	if (err != TL_OK) {
		say_error("%s: %s", path, err_text(err));
	}
out:
	buf_free(&fresh);
	return err;
}

enum tl_err team_unlock_identity(
    const char *path, uint8_t sign[static TEAMLIST_SIGN_BYTES])
{
	struct buf passphrase;
	enum tl_err err;

	buf_init(&passphrase, PASSPHRASE_MAX_BYTES);
	err = passphrase_read(
	    "Passphrase of the team's identity: ", false, &passphrase);
	if (err == TL_OK) {
		err = say_locked(path,
		    identity_unlock(
			path, bytes_of(passphrase.data, passphrase.len), sign));
	}
	buf_free(&passphrase);
	return err;
}
