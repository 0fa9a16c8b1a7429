/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Officers of a ring: whose passphrase opens it. */
#include <string.h>

#include "crypto/keytext.h"
#include "crypto/ring_text.h"
#include "crypto/secret.h"

/* A first line, an officer's, the three of a wrap. */
#define BLOCK_BYTES 512u

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

enum tl_err ring_unlock(
    struct ring *ring, struct bytes name, struct bytes passphrase)
{
	size_t at =
	    name.len == 0 && ring->n_officers == 1 ? 0 : find(ring, name);
	bool is_known = at < ring->n_officers;
	const struct ring_officer *officer =
	    &ring->officers[is_known ? at : costliest(ring)];
	uint8_t *key = secret_alloc(WRAP_SECRET_BYTES);
	struct buf block;
	size_t bound = 0;
	enum tl_err err;

	if (key == NULL) {
		return TL_ENOMEM;
	}
	buf_init(&block, BLOCK_BYTES);
	ring_put_bound(&block, officer);
	wrap_print(&block, &officer->wrap, &bound);
	err = buf_err(&block);
	if (err == TL_OK) {
		err = wrap_unlock(&officer->wrap, bytes_of(block.data, bound),
		    passphrase, key);
	}
	if (err == TL_OK && !is_known) {
		err = TL_EPROOF;
	}
	if (err == TL_OK) {
		secret_free(ring->key);
		ring->key = key;
		key = NULL;
	}
	buf_free(&block);
	secret_free(key);
	return err;
}

enum tl_err ring_officer_set(struct ring *ring, const char *name,
    struct bytes passphrase, struct pwhash_cost cost)
{
	struct ring_officer officer = { .is_nameless = false };
	size_t at = ring_officer_find(ring, name);
	size_t front_len, bound;
	struct buf block;
	enum tl_err err;

	if (!ring_name_ok(bytes_str(name))) {
		return TL_EINVAL;
	}
	if (at == RING_OFFICERS_MAX) {
		return TL_EFULL;
	}
	memcpy(officer.name, name, strlen(name));
	buf_init(&block, BLOCK_BYTES);
	ring_put_bound(&block, &officer);
	front_len = block.len;
	err = wrap_put(&block, passphrase, cost, ring->key);
	if (err == TL_OK) {
		struct bytes lines =
		    bytes_of(block.data + front_len, block.len - front_len);

		err = wrap_take(lines.at, &lines, &officer.wrap, &bound);
	}
	if (err == TL_OK) {
		ring->officers[at] = officer;
		ring->n_officers += at == ring->n_officers;
	}
	buf_free(&block);
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
