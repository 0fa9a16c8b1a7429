/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The lenient form decoder: any bytes are a form; written down again and
 * decoded, it is the same form.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/enc.h"
#include "sms/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void put_piece(struct buf *out, struct bytes piece)
{
	for (size_t i = 0; i < piece.len; i++) {
		buf_put_u8(out, '%');
		enc_hex(out, piece.at + i, 1);
	}
}

static void write_form(const struct form *form, struct buf *out)
{
	for (size_t i = 0; i < form_count(form); i++) {
		put_piece(out, form_at(form, i)->name);
		buf_put_str(out, "=");
		put_piece(out, form_at(form, i)->value);
		buf_put_str(out, "&");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct form *form = NULL;
	struct form *again = NULL;
	struct buf text;
	size_t sum = 0;

	if (form_decode(bytes_of(data, len), &form) != TL_OK) {
		return 0;
	}
	for (size_t i = 0; i < form_count(form); i++) {
		sum += form_at(form, i)->name.len + form_at(form, i)->value.len;
	}
	assert(sum <= len);
	buf_init(&text, 4 * len + 16);
	write_form(form, &text);
	assert(buf_err(&text) == TL_OK);
	if (form_decode(bytes_of(text.data, text.len), &again) == TL_OK) {
		assert(form_count(again) == form_count(form));
		for (size_t i = 0; i < form_count(form); i++) {
			assert(bytes_equal(
			    form_at(form, i)->name, form_at(again, i)->name));
			assert(bytes_equal(
			    form_at(form, i)->value, form_at(again, i)->value));
		}
	}
	form_sort(form);
	form_free(again);
	form_free(form);
	buf_free(&text);
	return 0;
}
