/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/urlencoded: what was read, encoded again and read again, is the
 * same form.
 */
#include "server/net/urlencoded.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void put_encoded(struct buf *out, struct bytes text)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < text.len; i++) {
		buf_put_u8(out, '%');
		buf_put_u8(out, (uint8_t)digits[text.at[i] >> 4]);
		buf_put_u8(out, (uint8_t)digits[text.at[i] & 15]);
	}
}

static void assert_reads_again(const struct urlencoded *form, size_t len)
{
	struct urlencoded again;
	struct buf body;

	buf_init(&body, 4 * len + 4);
	for (size_t i = 0; i < form->n_pairs; i++) {
		put_encoded(&body, form->pairs[i].name);
		buf_put_str(&body, "=");
		put_encoded(&body, form->pairs[i].value);
		buf_put_str(&body, "&");
	}
	assert(buf_err(&body) == TL_OK);
	assert(
	    urlencoded_parse(bytes_of(body.data, body.len), &again) == TL_OK);
	assert(again.n_pairs == form->n_pairs);
	for (size_t i = 0; i < form->n_pairs; i++) {
		assert(bytes_equal(form->pairs[i].name, again.pairs[i].name));
		assert(bytes_equal(form->pairs[i].value, again.pairs[i].value));
	}
	urlencoded_free(&again);
	buf_free(&body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bytes value = bytes_of(NULL, 0);
	struct urlencoded form;

	if (urlencoded_parse(bytes_of(data, len), &form) == TL_OK) {
		assert_reads_again(&form, len);
		if (form_one(form.pairs, form.n_pairs, "a", &value) == TL_OK) {
			assert(value.at != NULL);
		}
		urlencoded_free(&form);
	}
	assert(form.decoded.data == NULL);
	return 0;
}
