/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/ring.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/envelope.h"
#include "crypto/keytext.h"
#include "crypto/random.h"
#include "crypto/ring_text.h"
#include "crypto/secret.h"

static const char bound_prefix[] = "tipline epoch v1";

/* What an epoch's wrap is bound to: "tipline epoch v1", NUL, start, end,
 * public key. */
struct bound {
	uint8_t bytes[sizeof(bound_prefix) + 16 + TEAMKEY_BYTES];
};

static void put_time(uint8_t at[static 8], int64_t time_s)
{
	for (unsigned i = 0; i < 8; i++) {
		at[i] = (uint8_t)((uint64_t)time_s >> (56 - 8 * i));
	}
}

static struct bound bound_of(const struct ring_epoch *epoch)
{
	struct bound bound;
	uint8_t *at = bound.bytes;

	memcpy(at, bound_prefix, sizeof(bound_prefix));
	at += sizeof(bound_prefix);
	put_time(at, epoch->start_s);
	put_time(at + 8, epoch->end_s);
	memcpy(at + 16, epoch->public_key, TEAMKEY_BYTES);
	return bound;
}

enum tl_err ring_new(const char *name, struct bytes passphrase,
    struct pwhash_cost cost, struct ring **ret)
{
	struct ring *ring = calloc(1, sizeof(*ring));
	enum tl_err err = TL_ENOMEM;

	if (ring == NULL) {
		return TL_ENOMEM;
	}
	ring->key = secret_alloc(WRAP_SECRET_BYTES);
	if (ring->key != NULL) {
		random_bytes(ring->key, WRAP_SECRET_BYTES);
		err = ring_signer_of(ring->key, ring->signer);
	}
	if (err == TL_OK) {
		err = ring_officer_set(
		    ring, name, RING_SUPERVISOR, passphrase, cost);
	}
	if (err != TL_OK) {
		ring_free(ring);
		return err;
	}
	*ret = ring;
	return TL_OK;
}

enum tl_err ring_load(const char *path, struct ring **ret)
{
	uint8_t *text = malloc(RING_MAX_BYTES);
	size_t len = 0;
	enum tl_err err;

	if (text == NULL) {
		return TL_ENOMEM;
	}
	/* all secrets in it are wrapped */
	err = keytext_read(path, true, text, RING_MAX_BYTES, &len);
	if (err == TL_OK) {
		err = ring_parse(bytes_of(text, len), ret);
	}
	free(text);
	return err;
}

enum tl_err ring_unlock_with(
    struct ring *ring, const uint8_t key[static WRAP_SECRET_BYTES])
{
	uint8_t signer[RING_SIGNER_BYTES];
	uint8_t *kept;
	enum tl_err err = ring_signer_of(key, signer);

	if (err != TL_OK) {
		return err;
	}
	if (memcmp(signer, ring->signer, sizeof(signer)) != 0) {
		return TL_EPROOF;
	}
	kept = secret_alloc(WRAP_SECRET_BYTES);
	if (kept == NULL) {
		return TL_ENOMEM;
	}
	memcpy(kept, key, WRAP_SECRET_BYTES);
	secret_free(ring->key);
	ring->key = kept;
	return TL_OK;
}

/* Wrap the secrets of all epochs under another key. */
static enum tl_err wrap_epochs(struct ring *ring, const uint8_t *key)
{
	const struct team_key *team;
	enum tl_err err = TL_OK;

	for (size_t i = 0; err == TL_OK && i < ring->n; i++) {
		struct ring_epoch *epoch = &ring->epochs[i];
		struct bound bound = bound_of(epoch);

		if (epoch->destroyed_s != 0) {
			continue;
		}
		err = ring_key(ring, i, &team);
		if (err == TL_OK) {
			wrap_close(epoch->wrapped,
			    bytes_of(bound.bytes, sizeof(bound.bytes)), key,
			    teamkey_secret(team));
		}
	}
	return err;
}

static enum tl_err use_key(struct ring *ring, uint8_t *key)
{
	struct ring_account *accounts =
	    secret_alloc(ring->n_officers * sizeof(*accounts));
	enum tl_err err = accounts == NULL ? TL_ENOMEM : TL_OK;

	for (size_t i = 0; err == TL_OK && i < ring->n_officers; i++) {
		err = ring_account_open(ring, &ring->officers[i], &accounts[i]);
	}
	if (err == TL_OK) {
		err = wrap_epochs(ring, key);
	}
	if (err == TL_OK) {
		memcpy(ring->key, key, WRAP_SECRET_BYTES);
		err = ring_signer_of(key, ring->signer);
	}
	for (size_t i = 0; err == TL_OK && i < ring->n_officers; i++) {
		err = ring_account_put(ring, &accounts[i], &ring->officers[i]);
	}
	secret_free(accounts);
	return err;
}

enum tl_err ring_rotate(struct ring *ring)
{
	uint8_t *key = secret_alloc(WRAP_SECRET_BYTES);
	enum tl_err err = TL_ENOMEM;

	if (key != NULL) {
		random_bytes(key, WRAP_SECRET_BYTES);
		err = use_key(ring, key);
	}
	secret_free(key);
	return err;
}

/* Room for one more: the oldest that is destroyed goes, whose tips nobody can
 * open with it or without. */
static void make_room(struct ring *ring)
{
	size_t i = 0;

	while (i < ring->n && ring->epochs[i].destroyed_s == 0) {
		i++;
	}
	if (i < ring->n) {
		ring->n--;
		memmove(&ring->epochs[i], &ring->epochs[i + 1],
		    (ring->n - i) * sizeof(ring->epochs[0]));
		memmove(&ring->teams[i], &ring->teams[i + 1],
		    (ring->n - i) * sizeof(ring->teams[0]));
		ring->teams[ring->n] = NULL;
	}
}

enum tl_err ring_add(struct ring *ring, int64_t start_s, int64_t end_s,
    uint8_t public_key[static TEAMKEY_BYTES])
{
	struct ring_epoch *epoch;
	struct bound bound;
	uint8_t *secret;

	if (ring->n == RING_EPOCHS_MAX) {
		make_room(ring);
	}
	if (ring->n == RING_EPOCHS_MAX) {
		return TL_EFULL;
	}
	epoch = &ring->epochs[ring->n];
	if (start_s < 0 || end_s <= start_s || end_s > RING_TIME_MAX_S ||
	    (ring->n > 0 && start_s < ring->epochs[ring->n - 1].end_s)) {
		return TL_EINVAL;
	}
	secret = secret_alloc(TEAMKEY_BYTES);
	if (secret == NULL) {
		return TL_ENOMEM;
	}
	random_bytes(secret, TEAMKEY_BYTES);
	if (teamkey_of(secret, &ring->teams[ring->n]) != TL_OK) {
		secret_free(secret);
		return TL_ENOMEM;
	}
	*epoch = (struct ring_epoch){ .start_s = start_s, .end_s = end_s };
	memcpy(epoch->public_key, teamkey_public(ring->teams[ring->n]),
	    TEAMKEY_BYTES);
	envelope_key_id(epoch->key_id, epoch->public_key);
	bound = bound_of(epoch);
	wrap_close(epoch->wrapped, bytes_of(bound.bytes, sizeof(bound.bytes)),
	    ring->key, secret);
	secret_free(secret);
	memcpy(public_key, epoch->public_key, TEAMKEY_BYTES);
	ring->n++;
	return TL_OK;
}

enum tl_err ring_destroy(struct ring *ring, size_t epoch, int64_t now_s)
{
	struct ring_epoch *gone = &ring->epochs[epoch];

	if (gone->destroyed_s != 0) {
		return TL_ENOENT;
	}
	teamkey_free(ring->teams[epoch]);
	ring->teams[epoch] = NULL;
	memset(gone->wrapped, 0, sizeof(gone->wrapped));
	gone->destroyed_s = now_s > 0 ? now_s : 1;
	return TL_OK;
}

size_t ring_n(const struct ring *ring)
{
	return ring->n;
}

const struct ring_epoch *ring_epoch(const struct ring *ring, size_t epoch)
{
	return &ring->epochs[epoch];
}

uint64_t ring_list_number(const struct ring *ring)
{
	return ring->list_number;
}

void ring_set_list_number(struct ring *ring, uint64_t number)
{
	ring->list_number = number;
}

const uint8_t *ring_secret(const struct ring *ring)
{
	return ring->key;
}

enum tl_err ring_find(const struct ring *ring,
    const uint8_t key_id[static RING_KEY_ID_BYTES], size_t *ret_epoch)
{
	for (size_t i = 0; i < ring->n; i++) {
		const struct ring_epoch *epoch = &ring->epochs[i];

		if (memcmp(epoch->key_id, key_id, RING_KEY_ID_BYTES) == 0) {
			if (epoch->destroyed_s != 0) {
				return TL_ESTALE;
			}
			*ret_epoch = i;
			return TL_OK;
		}
	}
	return TL_ENOENT;
}

enum tl_err ring_key(
    struct ring *ring, size_t epoch, const struct team_key **ret)
{
	const struct ring_epoch *e = &ring->epochs[epoch];
	struct bound bound = bound_of(e);
	uint8_t *secret;
	enum tl_err err = TL_OK;

	if (e->destroyed_s != 0) {
		return TL_ESTALE;
	}
	if (ring->teams[epoch] == NULL) {
		secret = secret_alloc(TEAMKEY_BYTES);
		if (secret == NULL) {
			return TL_ENOMEM;
		}
		err = wrap_open(e->wrapped,
		    bytes_of(bound.bytes, sizeof(bound.bytes)), ring->key,
		    secret);
		if (err == TL_OK) {
			err = teamkey_of(secret, &ring->teams[epoch]);
		}
		secret_free(secret);
	}
	if (err == TL_OK) {
		*ret = ring->teams[epoch];
	}
	return err;
}

enum tl_err ring_save(const struct ring *ring, const char *path, bool replace)
{
	struct buf text;
	enum tl_err err;

	buf_init(&text, RING_MAX_BYTES);
	err = ring_print(ring, &text);
	if (err == TL_OK) {
		err = (replace ? keytext_replace : keytext_create)(
		    path, true, bytes_of(text.data, text.len));
	}
	buf_free(&text);
	return err;
}

void ring_lock(struct ring *ring)
{
	for (size_t i = 0; i < ring->n; i++) {
		teamkey_free(ring->teams[i]);
		ring->teams[i] = NULL;
	}
	secret_free(ring->key);
	ring->key = NULL;
}

void ring_free(struct ring *ring)
{
	if (ring != NULL) {
		ring_lock(ring);
		free(ring);
	}
}
