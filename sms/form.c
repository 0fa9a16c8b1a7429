/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/form.h"

#include <stdlib.h>

#include "base/enc.h"
#include "base/wipe.h"
#include "server/net/multipart.h"

struct form {
	uint8_t *bytes; /* names and values, one after the other */
	size_t bytes_len;
	struct form_pair *pairs;
	size_t n;
};

size_t form_unescape(struct bytes piece, bool plus, uint8_t *to)
{
	size_t n = 0;

	for (size_t i = 0; i < piece.len; i++) {
		uint8_t c = piece.at[i];

		if (c == '%' && piece.len - i > 2) {
			int high = dec_hex_digit(piece.at[i + 1]);
			int low = dec_hex_digit(piece.at[i + 2]);

			if (high >= 0 && low >= 0) {
				c = (uint8_t)(high << 4 | low);
				i += 2;
			}
		} else if (c == '+' && plus) {
			c = ' ';
		}
		to[n++] = c;
	}
	return n;
}

/* Pieces that are not empty. */
static size_t count_pieces(struct bytes encoded)
{
	size_t n = 0;

	for (size_t i = 0; i < encoded.len; i++) {
		n +=
		    encoded.at[i] != '&' && (i == 0 || encoded.at[i - 1] == '&')
		    ? 1
		    : 0;
	}
	return n;
}

/* Length up to the first c, or all of it. */
static size_t length_to(struct bytes bytes, char c)
{
	const uint8_t *at =
	    bytes.len == 0 ? NULL : memchr(bytes.at, c, bytes.len);

	return at == NULL ? bytes.len : (size_t)(at - bytes.at);
}

static struct bytes decode_to(uint8_t **to, struct bytes piece)
{
	struct bytes decoded = bytes_of(*to, form_unescape(piece, true, *to));

	*to += decoded.len;
	return decoded;
}

static void add_piece(struct form *form, struct bytes piece, uint8_t **to)
{
	size_t name_len = length_to(piece, '=');
	size_t skip = name_len < piece.len ? name_len + 1 : name_len;
	struct form_pair *pair = &form->pairs[form->n++];

	pair->name = decode_to(to, bytes_of(piece.at, name_len));
	pair->value =
	    decode_to(to, bytes_of(piece.at + skip, piece.len - skip));
}

/* Room for so many bytes and pairs; NULL: memory is out. */
static struct form *form_new(size_t bytes_len, size_t pairs)
{
	struct form *form = calloc(1, sizeof(*form));

	if (form == NULL) {
		return NULL;
	}
	form->bytes = malloc(bytes_len + 1);
	form->pairs = calloc(pairs + 1, sizeof(*form->pairs));
	if (form->bytes == NULL || form->pairs == NULL) {
		form_free(form);
		return NULL;
	}
	form->bytes_len = bytes_len;
	return form;
}

enum tl_err form_decode(struct bytes encoded, struct form **ret_form)
{
	size_t pieces = count_pieces(encoded);
	struct form *form;
	uint8_t *to;

	if (pieces > FORM_PAIRS_MAX) {
		return TL_EFORMAT;
	}
	form = form_new(encoded.len, pieces);
	if (form == NULL) {
		return TL_ENOMEM;
	}
	to = form->bytes;
	while (encoded.len > 0) {
		size_t len = length_to(encoded, '&');
		size_t skip = len < encoded.len ? len + 1 : len;

		if (len > 0) {
			add_piece(form, bytes_of(encoded.at, len), &to);
		}
		encoded = bytes_of(encoded.at + skip, encoded.len - skip);
	}
	*ret_form = form;
	return TL_OK;
}

/* All that is put stands in the body once, so there is room for it. */
static struct bytes put(uint8_t **to, struct bytes bytes)
{
	struct bytes kept = bytes_of(*to, bytes.len);

	if (bytes.len > 0) {
		memcpy(*to, bytes.at, bytes.len);
		*to += bytes.len;
	}
	return kept;
}

static void begin_part(
    struct form *form, const struct multipart *m, uint8_t **to)
{
	struct form_pair *pair = &form->pairs[form->n++];
	struct bytes filename = multipart_filename(m);

	pair->name = put(to, multipart_name(m));
	if (filename.at != NULL) {
		pair->filename = put(to, filename);
	}
	pair->value = bytes_of(*to, 0);
}

static enum tl_err read_parts(
    struct form *form, struct multipart *m, struct bytes body)
{
	uint8_t *to = form->bytes;
	enum multipart_event event;

	do {
		struct bytes piece;
		size_t used;

		event = multipart_feed(m, body.at, body.len, &used, &piece);
		body = bytes_of(body.at + used, body.len - used);
		if (event == MULTIPART_PART) {
			begin_part(form, m, &to);
		} else if (event == MULTIPART_DATA) {
			/* its last bytes are the end of what was put */
			form->pairs[form->n - 1].value.len +=
			    put(&to, piece).len;
		}
	} while (event != MULTIPART_MORE && event != MULTIPART_BAD);
	return event == MULTIPART_BAD ? TL_EFORMAT : multipart_finish(m);
}

enum tl_err form_decode_multipart(
    struct bytes content_type, struct bytes body, struct form **ret_form)
{
	struct form *form = NULL;
	struct bytes boundary;
	struct multipart m;
	enum tl_err err;

	if (body.len == 0 ||
	    multipart_boundary(content_type, &boundary) != TL_OK) {
		return TL_EFORMAT;
	}
	form = form_new(body.len, MULTIPART_PARTS_MAX);
	if (form == NULL) {
		return TL_ENOMEM;
	}
	multipart_init(&m, boundary);
	err = read_parts(form, &m, body);
	multipart_wipe(&m);
	if (err == TL_OK) {
		*ret_form = form;
		form = NULL;
	}
	form_free(form);
	return err;
}

void form_free(struct form *form)
{
	if (form == NULL) {
		return;
	}
	wipe(form->bytes, form->bytes_len);
	free(form->bytes);
	free(form->pairs);
	free(form);
}

size_t form_count(const struct form *form)
{
	return form->n;
}

const struct form_pair *form_at(const struct form *form, size_t i)
{
	return &form->pairs[i];
}

const struct bytes *form_last(const struct form *form, const char *name)
{
	struct bytes wanted = bytes_str(name);

	for (size_t i = form->n; i > 0; i--) {
		if (bytes_equal(form->pairs[i - 1].name, wanted)) {
			return &form->pairs[i - 1].value;
		}
	}
	return NULL;
}

struct bytes form_value(const struct form *form, const char *name)
{
	const struct bytes *value = form_last(form, name);

	return value == NULL ? bytes_of(NULL, 0) : *value;
}

static int compare_bytes(struct bytes a, struct bytes b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len == 0 ? 0 : memcmp(a.at, b.at, len);

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_pairs(const void *left, const void *right)
{
	const struct form_pair *a = left;
	const struct form_pair *b = right;
	int order = compare_bytes(a->name, b->name);

	return order != 0 ? order : compare_bytes(a->value, b->value);
}

void form_sort(struct form *form)
{
	qsort(form->pairs, form->n, sizeof(*form->pairs), compare_pairs);
}
