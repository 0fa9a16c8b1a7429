/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Folding: any bytes fold, the copy is valid, folding it again changes
 * nothing, and each sign knows bytes of the original; the same bytes read as
 * Zawgyi, and their fingerprint.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "text/fold.h"
#include "text/likeness.h"
#include "text/utf8.h"
#include "text/zawgyi.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void put(const struct fold *fold, size_t len, struct buf *out)
{
	for (size_t i = 0; i < fold->n; i++) {
		assert(fold->at[i].at < fold->at[i].end);
		assert(fold->at[i].end <= len);
	}
	buf_init(out, 16 * len + 64); /* U+FDFA: 12 */
	fold_put(fold, out);
	assert(buf_err(out) == TL_OK);
	assert(utf8_valid(bytes_of(out->data, out->len)));
}

/* The same as Zawgyi: it need not be stable, but valid and in its place. */
static void read_zawgyi(struct bytes text)
{
	struct fold fold;
	struct buf copy, shown;

	assert(zawgyi_guess(text) <= ZAWGYI_YES);
	assert(fold_zawgyi(text, &fold) == TL_OK);
	assert(fold.n <= 18 * ZAWGYI_GROWS * text.len);
	put(&fold, text.len, &copy);
	buf_init(&shown, 12 * text.len + 16);
	assert(zawgyi_to_unicode(text, &shown) == TL_OK);
	assert(utf8_valid(bytes_of(shown.data, shown.len)));
	buf_free(&shown);
	buf_free(&copy);
	fold_free(&fold);
}

static uint64_t weak_hash(
    const uint8_t key[static LIKENESS_KEY_BYTES], const void *msg, size_t len)
{
	const uint8_t *at = msg;
	uint64_t hash = key[0];

	for (size_t i = 0; i < len; i++) {
		hash = (hash ^ at[i]) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 29;
	}
	return hash;
}

static void compare(struct bytes text)
{
	static const uint8_t key[LIKENESS_KEY_BYTES] = { 1 };
	uint8_t likeness[LIKENESS_BYTES];
	bool has;

	assert(likeness_make(text, weak_hash, key, &has, likeness) == TL_OK);
	assert(!has || likeness_percent(likeness, likeness) == 100);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fold once, twice, unmarked, single;
	struct buf first, second;

	assert(fold_text(bytes_of(data, len), &once) == TL_OK);
	put(&once, len, &first);
	assert(fold_text(bytes_of(first.data, first.len), &twice) == TL_OK);
	put(&twice, first.len, &second);
	assert(bytes_equal(bytes_of(first.data, first.len),
	    bytes_of(second.data, second.len)));
	buf_free(&second);
	assert(fold_unmarked(&once, &unmarked) == TL_OK);
	assert(fold_single(&unmarked, &single) == TL_OK);
	put(&single, len, &second);
	buf_free(&second);
	fold_free(&single);
	fold_free(&unmarked);
	buf_free(&first);
	fold_free(&twice);
	fold_free(&once);
	read_zawgyi(bytes_of(data, len));
	compare(bytes_of(data, len));
	return 0;
}
