/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/net/urlencoded.h"

#include <stdbool.h>
#include <string.h>

#include "base/enc.h"

/* The bytes from at on, to the first such byte or to the end. */
static struct bytes until(struct bytes text, size_t at, uint8_t byte)
{
	const uint8_t *from = text.at + at;
	const uint8_t *found = memchr(from, byte, text.len - at);

	return bytes_of(
	    from, found == NULL ? text.len - at : (size_t)(found - from));
}

/* Decode text behind what is there already, which has room for it. */
static enum tl_err decode(
    struct buf *decoded, struct bytes text, struct bytes *ret_bytes)
{
	size_t start = decoded->len;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t byte = text.at[i];

		if (byte == '+') {
			byte = ' ';
		} else if (byte == '%') {
			bool whole = text.len - i > 2;
			int high = whole ? dec_hex_digit(text.at[i + 1]) : -1;
			int low = whole ? dec_hex_digit(text.at[i + 2]) : -1;

			if (high < 0 || low < 0) {
				return TL_EFORMAT;
			}
			byte = (uint8_t)(high << 4 | low);
			i += 2;
		}
		decoded->data[decoded->len++] = byte;
	}
	*ret_bytes = bytes_of(decoded->data + start, decoded->len - start);
	return TL_OK;
}

static enum tl_err add_pair(struct urlencoded *form, struct bytes piece)
{
	struct bytes name = until(piece, 0, '=');
	size_t value_at = name.len < piece.len ? name.len + 1 : piece.len;
	struct form_pair *pair = &form->pairs[form->n_pairs];
	enum tl_err err;

	if (form->n_pairs == URLENCODED_PAIRS_MAX) {
		return TL_ETOOBIG;
	}
	err = decode(&form->decoded, name, &pair->name);
	if (err == TL_OK) {
		err = decode(&form->decoded,
		    bytes_of(piece.at + value_at, piece.len - value_at),
		    &pair->value);
	}
	if (err == TL_OK) {
		form->n_pairs++;
	}
	return err;
}

enum tl_err urlencoded_parse(struct bytes body, struct urlencoded *ret_form)
{
	enum tl_err err = TL_OK;
	struct bytes piece;

	ret_form->n_pairs = 0;
	/* decoded is never longer than encoded: it does not move below */
	buf_init(&ret_form->decoded, body.len);
	if (buf_room(&ret_form->decoded, body.len) == NULL) {
		return TL_ENOMEM;
	}
	ret_form->decoded.len = 0;
	for (size_t at = 0; at < body.len && err == TL_OK;
	     at += piece.len + 1) {
		piece = until(body, at, '&');
		if (piece.len > 0) {
			err = add_pair(ret_form, piece);
		}
	}
	if (err != TL_OK) {
		urlencoded_free(ret_form);
	}
	return err;
}

void urlencoded_free(struct urlencoded *form)
{
	buf_free(&form->decoded);
	form->n_pairs = 0;
}

enum tl_err form_one(const struct form_pair *pairs, size_t n_pairs,
    const char *name, struct bytes *ret_value)
{
	const struct form_pair *found = NULL;

	for (size_t i = 0; i < n_pairs; i++) {
		if (!bytes_equal(pairs[i].name, bytes_str(name))) {
			continue;
		}
		if (found != NULL) {
			return TL_EEXIST;
		}
		found = &pairs[i];
	}
	if (found == NULL) {
		return TL_ENOENT;
	}
	*ret_value = found->value;
	return TL_OK;
}
