/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/intake/tip_form.h"

#include <string.h>

#include "base/enc.h"
#include "base/wipe.h"
#include "crypto/hash.h"
#include "server/net/multipart.h"
#include "server/net/urlencoded.h"

#define FORM_ROW(name, wire, answer) { wire, answer },
static const struct {
	const char *name;
	bool is_answer;
} rows[] = { FORM_FIELDS(FORM_ROW) };
#undef FORM_ROW

const char *tip_form_field_name(enum tip_field field)
{
	return rows[field].name;
}

bool tip_form_field_is_answer(enum tip_field field)
{
	return rows[field].is_answer;
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
	size_t at[FORM_FIELDS_END], len[FORM_FIELDS_END];
	bool seen[FORM_FIELDS_END];
};

static void spans_to_fields(const struct spans *spans, struct tip_form *form)
{
	for (size_t i = 0; i < FORM_FIELDS_END; i++) {
		if (spans->seen[i] && spans->len[i] > 0) {
			form->fields[i] = bytes_of(
			    form->decoded.data + spans->at[i], spans->len[i]);
		}
	}
}

static enum tl_err begin_field(
    struct spans *spans, enum tip_field field, size_t at)
{
	if (field == FORM_FIELDS_END) {
		return TL_OK;
	}
	if (spans->seen[field]) {
		return TL_EFORMAT;
	}
	spans->seen[field] = true;
	spans->at[field] = at;
	return TL_OK;
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
			spans.len[field] = value.len;
			buf_put(&form->decoded, value.at, value.len);
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
			buf_put(&form->decoded, piece.at, piece.len);
			spans->len[field] += piece.len;
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
	uint8_t all[FORM_FIELDS_END][HASH_BYTES] = { 0 };

	for (size_t i = 0; i < FORM_FIELDS_END; i++) {
		if (i != FORM_IDEM) {
			hash_bytes(
			    all[i], form->fields[i].at, form->fields[i].len);
		}
	}
	hash_bytes(ret_content, all, sizeof(all));
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
