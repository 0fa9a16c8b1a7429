/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/intake/tip_form.h"

#include <string.h>

#include "base/enc.h"
#include "base/wipe.h"
#include "crypto/hash.h"
#include "server/net/multipart.h"
#include "server/net/urlencoded.h"

#define FORM_ROW(name, wire, kind, chars) { wire, FORM_##kind, chars },
static const struct {
	const char *name;
	enum form_kind kind;
	size_t chars_max;
} rows[] = { FORM_FIELDS(FORM_ROW) };
#undef FORM_ROW

const char *tip_form_field_name(enum tip_field field)
{
	return rows[field].name;
}

bool tip_form_is_answer(const struct tip_form *form, enum tip_field field)
{
	struct bytes contact = form->fields[FORM_CONTACT];

	switch (rows[field].kind) {
	case FORM_ANSWER:
	case FORM_MANY:
		return true;
	case FORM_DETAIL:
		return contact.len > 0 && !bytes_equal(contact, bytes_str("1"));
	case FORM_TEXT:
	case FORM_SIGN:
	case FORM_HIDDEN:
		break;
	}
	return false;
}

bool tip_form_is_long(const struct tip_form *form, enum tip_field field)
{
	for (size_t i = 0; rows[field].chars_max > 0 && i < form->n_values;
	     i++) {
		if (form->values[i].field == field &&
		    tip_form_count_chars(form->values[i].value) >
			rows[field].chars_max) {
			return true;
		}
	}
	return false;
}

bool tip_form_is_blank(const struct tip_form *form, enum tip_field field)
{
	struct bytes text = form->fields[field];

	for (size_t i = 0; i < text.len; i++) {
		if (strchr(" \t\r\n", text.at[i]) == NULL ||
		    text.at[i] == '\0') {
			return false;
		}
	}
	return true;
}

static enum tip_field find_field(struct bytes name)
{
	size_t i = 0;

	while (i < FORM_FIELDS_END &&
	    !bytes_equal(name, bytes_str(rows[i].name))) {
		i++;
	}
	return (enum tip_field)i;
}

/* Where the values of a form are in the decoded bytes, while these move. */
struct spans {
	struct {
		enum tip_field field;
		size_t at, len;
	} all[FORM_VALUES_MAX];
	size_t n;
	bool seen[FORM_FIELDS_END];
};

static void spans_to_fields(const struct spans *spans, struct tip_form *form)
{
	for (size_t i = 0; i < spans->n; i++) {
		enum tip_field field = spans->all[i].field;
		struct bytes value = bytes_of(
		    form->decoded.data + spans->all[i].at, spans->all[i].len);

		if (value.len == 0) {
			continue;
		}
		if (form->fields[field].len == 0) {
			form->fields[field] = value;
		}
		form->values[form->n_values++] =
		    (struct form_value){ field, value };
	}
}

static enum tl_err begin_field(
    struct spans *spans, enum tip_field field, size_t at)
{
	if (field == FORM_FIELDS_END) {
		return TL_OK;
	}
	if ((spans->seen[field] && rows[field].kind != FORM_MANY) ||
	    spans->n == FORM_VALUES_MAX) {
		return TL_EFORMAT;
	}
	spans->seen[field] = true;
	spans->all[spans->n].field = field;
	spans->all[spans->n].at = at;
	spans->all[spans->n].len = 0;
	spans->n++;
	return TL_OK;
}

/* More bytes of the field that was begun last. */
static void add_to_field(
    struct spans *spans, struct tip_form *form, struct bytes piece)
{
	buf_put(&form->decoded, piece.at, piece.len);
	spans->all[spans->n - 1].len += piece.len;
}

static enum tl_err read_urlencoded(struct bytes body, struct tip_form *form)
{
	struct urlencoded pairs = { 0 };
	struct spans spans = { 0 };
	enum tl_err err;

	err = urlencoded_parse(body, &pairs);
	for (size_t i = 0; err == TL_OK && i < pairs.n_pairs; i++) {
		enum tip_field field = find_field(pairs.pairs[i].name);
		struct bytes value = pairs.pairs[i].value;

		err = begin_field(&spans, field, form->decoded.len);
		if (err == TL_OK && field != FORM_FIELDS_END) {
			add_to_field(&spans, form, value);
		}
	}
	urlencoded_free(&pairs);
	if (err == TL_OK) {
		err = buf_err(&form->decoded);
	}
	if (err == TL_OK) {
		spans_to_fields(&spans, form);
	}
	return err;
}

/* A part with a file name is a file: read and dropped. */
static enum tip_field part_field(const struct multipart *parser)
{
	if (multipart_filename(parser).at != NULL) {
		return FORM_FIELDS_END;
	}
	return find_field(multipart_name(parser));
}

static enum tl_err walk_parts(struct multipart *parser, struct bytes body,
    struct spans *spans, struct tip_form *form)
{
	enum tip_field field = FORM_FIELDS_END;
	enum tl_err err = TL_OK;

	while (err == TL_OK) {
		struct bytes piece = { 0 };
		size_t used = 0;
		enum multipart_event event =
		    multipart_feed(parser, body.at, body.len, &used, &piece);

		body = bytes_of(body.at + used, body.len - used);
		if (event == MULTIPART_MORE) {
			return multipart_finish(parser);
		}
		if (event == MULTIPART_BAD) {
			return TL_EFORMAT;
		}
		if (event == MULTIPART_PART) {
			field = part_field(parser);
			err = begin_field(spans, field, form->decoded.len);
		}
		if (event == MULTIPART_DATA && field != FORM_FIELDS_END) {
			add_to_field(spans, form, piece);
		}
	}
	return err;
}

static enum tl_err read_multipart(
    struct bytes boundary, struct bytes body, struct tip_form *form)
{
	struct multipart parser;
	struct spans spans = { 0 };
	enum tl_err err;

	multipart_init(&parser, boundary);
	err = walk_parts(&parser, body, &spans, form);
	multipart_wipe(&parser);
	if (err == TL_OK) {
		err = buf_err(&form->decoded);
	}
	if (err == TL_OK) {
		spans_to_fields(&spans, form);
	}
	return err;
}

static void read_idem(struct tip_form *form)
{
	struct bytes digits = form->fields[FORM_IDEM];
	size_t len = 0;

	form->has_idem = digits.len == 2 * (size_t)FORM_IDEM_BYTES &&
	    dec_hex((const char *)digits.at, digits.len, form->idem,
		sizeof(form->idem), &len) == TL_OK;
}

enum tl_err tip_form_read(
    struct bytes content_type, struct bytes body, struct tip_form *ret_form)
{
	static const char urlencoded[] = "application/x-www-form-urlencoded";
	struct tip_form form = { 0 };
	struct bytes boundary = { 0 };
	enum tl_err err;

	buf_init(&form.decoded, body.len);
	if (content_type_is(content_type, urlencoded)) {
		err = read_urlencoded(body, &form);
	} else {
		err = multipart_boundary(content_type, &boundary);
		if (err == TL_ENOENT) {
			return TL_EINVAL;
		}
		if (err == TL_OK) {
			err = read_multipart(boundary, body, &form);
		}
	}
	if (err != TL_OK) {
		tip_form_free(&form);
		return err;
	}
	read_idem(&form);
	*ret_form = form;
	return TL_OK;
}

void tip_form_free(struct tip_form *form)
{
	buf_free(&form->decoded);
	wipe(form, sizeof(*form));
}

void tip_form_content(
    const struct tip_form *form, uint8_t ret_content[static FORM_CONTENT_BYTES])
{
	/* a hash of hashes: no copy of the text is made */
	uint8_t all[FORM_VALUES_MAX][1 + HASH_BYTES];
	size_t n = 0;

	for (size_t f = 0; f < FORM_FIELDS_END; f++) {
		for (size_t i = 0;
		     i < form->n_values && rows[f].kind != FORM_HIDDEN; i++) {
			const struct form_value *value = &form->values[i];

			if (value->field == (enum tip_field)f) {
				all[n][0] = (uint8_t)f;
				hash_bytes(&all[n][1], value->value.at,
				    value->value.len);
				n++;
			}
		}
	}
	hash_bytes(ret_content, all, n * sizeof(all[0]));
}

size_t tip_form_count_chars(struct bytes text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		n += (text.at[i] & 0xc0) != 0x80;
	}
	/* no character has more than four bytes: what has is no text */
	return n > text.len / 4 ? n : (text.len + 3) / 4;
}
