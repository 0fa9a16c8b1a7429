/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/ring: a ring that is read prints the same again, and its epochs are
 * in order. With the first byte's high bit set the check line is put behind
 * the text, since no fuzzer finds a hash.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "crypto/keytext.h"
#include "crypto/ring.h"
#include "crypto/start.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check(const struct ring *ring, struct bytes text)
{
	struct buf printed;

	buf_init(&printed, RING_MAX_BYTES);
	assert(ring_print(ring, &printed) == TL_OK);
	assert(bytes_equal(bytes_of(printed.data, printed.len), text));
	buf_free(&printed);
	for (size_t i = 0; i < ring_n(ring); i++) {
		const struct ring_epoch *epoch = ring_epoch(ring, i);
		size_t found = RING_EPOCHS_MAX;
		enum tl_err err = ring_find(ring, epoch->key_id, &found);

		assert(epoch->end_s > epoch->start_s);
		assert(epoch->destroyed_s != 0 ? err == TL_ESTALE
					       : err == TL_OK && found == i);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ring *ring = NULL;
	struct buf text;

	if (crypto_start() != TL_OK) {
		abort();
	}
	if (len < 1 || len > RING_MAX_BYTES / 2) {
		return 0;
	}
	buf_init(&text, RING_MAX_BYTES);
	buf_put(&text, data + 1, len - 1);
	if ((data[0] & 0x80u) != 0) {
		keytext_put_check(&text);
	}
	assert(buf_err(&text) == TL_OK);
	if (ring_parse(bytes_of(text.data, text.len), &ring) == TL_OK) {
		check(ring, bytes_of(text.data, text.len));
		ring_free(ring);
	}
	buf_free(&text);
	return 0;
}
