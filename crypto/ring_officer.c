/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Officers of a ring: who they are and whose passphrase opens what. */
#include <string.h>

#include "base/wipe.h"
#include "crypto/keytext.h"
#include "crypto/random.h"
#include "crypto/ring_text.h"
#include "crypto/secret.h"

/* A first line, an officer's, the three of a wrap. */
#define BLOCK_BYTES 512u

static const char *const role_names[] = {
	[RING_OFFICER] = "officer",
	[RING_SUPERVISOR] = "supervisor",
	[RING_ADMINISTRATOR] = "administrator",
};

bool ring_name_ok(struct bytes name)
{
	if (name.len == 0 || name.len > RING_NAME_BYTES || name.at[0] < 'a' ||
	    name.at[0] > 'z') {
		return false;
	}
	for (size_t i = 0; i < name.len; i++) {
		uint8_t c = name.at[i];

		if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' &&
		    c != '-' && c != '_') {
			return false;
		}
	}
	return true;
}

static size_t find(const struct ring *ring, struct bytes name)
{
	for (size_t i = 0; i < ring->n_officers; i++) {
		if (bytes_equal(bytes_str(ring->officers[i].name), name)) {
			return i;
		}
	}
	return ring->n_officers;
}

size_t ring_officer_find(const struct ring *ring, const char *name)
{
	return find(ring, bytes_str(name));
}

size_t ring_n_officers(const struct ring *ring)
{
	return ring->n_officers;
}

const char *ring_officer_name(const struct ring *ring, size_t officer)
{
	return ring->officers[officer].name;
}

struct pwhash_cost ring_officer_cost(const struct ring *ring, size_t officer)
{
	return ring->officers[officer].wrap.cost;
}

/* Who is tried for a name that is not there: the one that costs most, so that
 * a wrong name takes as long as a wrong passphrase. */
static size_t costliest(const struct ring *ring)
{
	uint64_t most = 0;
	size_t which = 0;

	for (size_t i = 0; i < ring->n_officers; i++) {
		struct pwhash_cost cost = ring->officers[i].wrap.cost;
		uint64_t work = (uint64_t)cost.passes * cost.memory_kib;

		if (work > most) {
			most = work;
			which = i;
		}
	}
	return which;
}

const char *ring_role_name(enum ring_role role)
{
	return ring_role_ok(role) ? role_names[role] : "?";
}

enum ring_role ring_role_of(const char *name)
{
	for (unsigned role = RING_OFFICER; ring_role_ok(role); role++) {
		if (strcmp(name, role_names[role]) == 0) {
			return (enum ring_role)role;
		}
	}
	return (enum ring_role)0;
}

/* Take an officer's own key out of the wrap. */
static enum tl_err own_key(const struct ring_officer *officer,
    struct bytes passphrase, uint8_t own[static WRAP_SECRET_BYTES])
{
	struct buf block;
	size_t bound = 0;
	enum tl_err err;

	buf_init(&block, BLOCK_BYTES);
	ring_put_bound(&block, officer);
	wrap_print(&block, &officer->wrap, &bound);
	err = buf_err(&block);
	if (err == TL_OK) {
		err = wrap_unlock(&officer->wrap, bytes_of(block.data, bound),
		    passphrase, own);
	}
	buf_free(&block);
	return err;
}

/* Wrap a key for the officer of this name. */
static enum tl_err wrap_own(struct ring_officer *officer,
    struct bytes passphrase, struct pwhash_cost cost,
    const uint8_t own[static WRAP_SECRET_BYTES])
{
	size_t front_len, bound;
	struct buf block;
	enum tl_err err;

	buf_init(&block, BLOCK_BYTES);
	ring_put_bound(&block, officer);
	front_len = block.len;
	err = wrap_put(&block, passphrase, cost, own);
	if (err == TL_OK) {
		struct bytes lines =
		    bytes_of(block.data + front_len, block.len - front_len);

		err = wrap_take(lines.at, &lines, &officer->wrap, &bound);
	}
	buf_free(&block);
	return err;
}

enum tl_err ring_login(struct ring *ring, struct bytes name,
    struct bytes passphrase, struct ring_account *ret)
{
	size_t at =
	    name.len == 0 && ring->n_officers == 1 ? 0 : find(ring, name);
	bool is_known = at < ring->n_officers;
	const struct ring_officer *officer =
	    &ring->officers[is_known ? at : costliest(ring)];
	uint8_t *own = secret_alloc(WRAP_SECRET_BYTES);
	uint8_t *key = secret_alloc(WRAP_SECRET_BYTES);
	struct ring_account account = { .role = RING_OFFICER };
	enum tl_err err = TL_ENOMEM;

	if (own != NULL && key != NULL) {
		err = own_key(officer, passphrase, own);
	}
	if (err == TL_OK) {
		err = ring_badge_open(ring, officer, own, &account, key);
	}
	if (err == TL_OK && !is_known) {
		err = TL_EPROOF;
	}
	if (err == TL_OK && account.role != RING_ADMINISTRATOR) {
		secret_free(ring->key);
		ring->key = key;
		key = NULL;
	}
	if (err == TL_OK) {
		*ret = account;
	}
	wipe(&account, sizeof(account));
	secret_free(own);
	secret_free(key);
	return err;
}

enum tl_err ring_unlock(
    struct ring *ring, struct bytes name, struct bytes passphrase)
{
	struct ring_account account;
	enum tl_err err = ring_login(ring, name, passphrase, &account);

	if (err == TL_OK && account.role == RING_ADMINISTRATOR) {
		err = TL_EPERM;
	}
	wipe(&account, sizeof(account));
	return err;
}

/* A new own key for this officer, under the passphrase, and what follows. */
static enum tl_err new_key(const struct ring *ring, struct bytes passphrase,
    struct pwhash_cost cost, struct ring_account *account,
    struct ring_officer *officer)
{
	uint8_t *own = secret_alloc(WRAP_SECRET_BYTES);
	enum tl_err err = TL_ENOMEM;

	if (own != NULL) {
		random_bytes(own, WRAP_SECRET_BYTES);
		err = wrap_own(officer, passphrase, cost, own);
	}
	if (err == TL_OK) {
		err = ring_account_key(own, account->public_key);
	}
	if (err == TL_OK) {
		err = ring_account_put(ring, account, officer);
	}
	secret_free(own);
	return err;
}

enum tl_err ring_officer_set(struct ring *ring, const char *name,
    enum ring_role role, struct bytes passphrase, struct pwhash_cost cost)
{
	struct ring_account account = { .role = RING_OFFICER };
	struct ring_officer officer = { .name = "" };
	size_t at = ring_officer_find(ring, name);
	enum tl_err err = TL_OK;

	if (!ring_name_ok(bytes_str(name))) {
		return TL_EINVAL;
	}
	if (at == RING_OFFICERS_MAX) {
		return TL_EFULL;
	}
	memcpy(officer.name, name, strlen(name));
	random_bytes(account.totp, sizeof(account.totp));
	if (at < ring->n_officers) {
		err = ring_account_open(ring, &ring->officers[at], &account);
	}
	if (ring_role_ok(role)) {
		account.role = role;
	}
	if (err == TL_OK) {
		err = new_key(ring, passphrase, cost, &account, &officer);
	}
	if (err == TL_OK) {
		ring->officers[at] = officer;
		ring->n_officers += at == ring->n_officers;
	}
	wipe(&account, sizeof(account));
	return err;
}

enum tl_err ring_officer_passphrase(struct ring *ring, const char *name,
    struct bytes old, struct bytes fresh, struct pwhash_cost cost)
{
	size_t at = ring_officer_find(ring, name);
	struct ring_officer officer;
	uint8_t *own;
	enum tl_err err;

	if (at == ring->n_officers) {
		return TL_ENOENT;
	}
	own = secret_alloc(WRAP_SECRET_BYTES);
	if (own == NULL) {
		return TL_ENOMEM;
	}
	officer = ring->officers[at];
	err = own_key(&officer, old, own);
	if (err == TL_OK) {
		err = wrap_own(&officer, fresh, cost, own);
	}
	if (err == TL_OK) {
		ring->officers[at] = officer;
	}
	secret_free(own);
	return err;
}

enum tl_err ring_officer_account(
    const struct ring *ring, size_t officer, struct ring_account *ret)
{
	return ring_account_open(ring, &ring->officers[officer], ret);
}

enum tl_err ring_officer_change(
    struct ring *ring, const char *name, enum ring_role role, bool new_totp)
{
	size_t at = ring_officer_find(ring, name);
	struct ring_account account;
	enum tl_err err;

	if (at == ring->n_officers) {
		return TL_ENOENT;
	}
	err = ring_account_open(ring, &ring->officers[at], &account);
	if (err == TL_OK) {
		if (ring_role_ok(role)) {
			account.role = role;
		}
		if (new_totp) {
			random_bytes(account.totp, sizeof(account.totp));
		}
		err = ring_account_put(ring, &account, &ring->officers[at]);
	}
	wipe(&account, sizeof(account));
	return err;
}

enum tl_err ring_officer_remove(struct ring *ring, const char *name)
{
	size_t at = ring_officer_find(ring, name);

	if (at == ring->n_officers) {
		return TL_ENOENT;
	}
	if (ring->n_officers == 1) {
		return TL_EPERM;
	}
	ring->n_officers--;
	memmove(&ring->officers[at], &ring->officers[at + 1],
	    (ring->n_officers - at) * sizeof(ring->officers[0]));
	return TL_OK;
}

bool ring_officer_same(
    const struct ring *ring, const struct ring *other, const char *name)
{
	size_t at = ring_officer_find(ring, name);
	size_t there = ring_officer_find(other, name);
	const struct ring_officer *one, *two;

	if (at == ring->n_officers || there == other->n_officers) {
		return false;
	}
	one = &ring->officers[at];
	two = &other->officers[there];
	return memcmp(one->wrap.wrapped, two->wrap.wrapped,
		   sizeof(one->wrap.wrapped)) == 0 &&
	    memcmp(one->badge, two->badge, sizeof(one->badge)) == 0 &&
	    memcmp(one->entry, two->entry, sizeof(one->entry)) == 0;
}
