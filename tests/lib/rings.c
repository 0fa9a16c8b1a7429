/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/rings.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define EPOCH_S 1000

uint8_t rings_public[RINGS_EPOCHS][32];

struct ring *rings_make(void)
{
	struct ring *ring = NULL;

	assert_int_equal(ring_new(RINGS_OFFICER, bytes_str(RINGS_PASSPHRASE),
			     pwhash_least, &ring),
	    TL_OK);
	for (size_t i = 0; i < RINGS_EPOCHS; i++) {
		int64_t start_s = 5000 + (int64_t)i * EPOCH_S;

		assert_int_equal(
		    ring_add(ring, start_s, start_s + EPOCH_S, rings_public[i]),
		    TL_OK);
	}
	ring_set_list_number(ring, 12);
	return ring;
}

struct ring *rings_again(const struct ring *ring)
{
	struct ring *read = NULL;
	struct buf text;

	buf_init(&text, RING_MAX_BYTES);
	assert_int_equal(ring_print(ring, &text), TL_OK);
	assert_int_equal(
	    ring_parse(bytes_of(text.data, text.len), &read), TL_OK);
	buf_free(&text);
	return read;
}
