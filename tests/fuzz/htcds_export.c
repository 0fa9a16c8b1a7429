/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/htcds_*: a byte of options, then a referral in each line, of a desk that
 * wants the partner harm. What is written is whole in its form, the same each
 * time, and acts on nothing; the details begin with the contact, and without a
 * safe way there is no number beside them.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/htcds_export.h"
#include "text/htcds_fields.h"
#include "text/plain.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define CELL_MAX_BYTES (3u * 32767u)

static bool begins(struct bytes text, const char *with)
{
	return text.len >= strlen(with) &&
	    memcmp(text.at, with, strlen(with)) == 0;
}

static bool has(struct bytes text, const char *what)
{
	return text.len > 0 &&
	    memmem(text.at, text.len, what, strlen(what)) != NULL;
}

/* As tipline-open reads it. */
static json_t *load(struct bytes text)
{
	return json_loadb(
	    (const char *)text.at, text.len, JSON_ALLOW_NUL, NULL);
}

/* ---- what is in every form ------------------------------------------------
 */

static void check_signs(struct bytes text)
{
	while (text.len > 0) {
		uint32_t point = 0;
		size_t bad = 0;
		size_t len = utf8_read(text, &point, &bad);

		assert(len > 0);
		assert(point >= 0x20 || point == '\t' || point == '\n' ||
		    point == '\r');
		assert(!plain_is_risky(point));
		text = bytes_of(text.at + len, text.len - len);
	}
}

static bool is_details(struct bytes text)
{
	return begins(text, "NO CONTACT / ") ||
	    begins(text, "SAFE CONTACT ONLY. ");
}

/* ---- the spreadsheet ------------------------------------------------------
 */

struct cell {
	uint8_t bytes[CELL_MAX_BYTES];
	size_t len;
	bool ends_row;
};

static struct cell cell;

/* The next cell, strictly as in RFC 4180. */
static struct bytes take_cell(struct bytes *rest)
{
	size_t at = 0;

	cell.len = 0;
	if (begins(*rest, "\"")) {
		for (at = 1;; at++) {
			assert(at < rest->len);
			if (rest->at[at] == '"' &&
			    (at + 1 == rest->len || rest->at[at + 1] != '"')) {
				at++;
				break;
			}
			at += rest->at[at] == '"' ? 1 : 0;
			assert(cell.len < sizeof(cell.bytes));
			cell.bytes[cell.len++] = rest->at[at];
		}
	} else {
		for (; at < rest->len && strchr(",\r", rest->at[at]) == NULL;
		     at++) {
			assert(strchr("\";\n", rest->at[at]) == NULL);
			assert(cell.len < sizeof(cell.bytes));
			cell.bytes[cell.len++] = rest->at[at];
		}
	}
	*rest = bytes_of(rest->at + at, rest->len - at);
	cell.ends_row = begins(*rest, "\r\n");
	assert(cell.ends_row || begins(*rest, ","));
	at = cell.ends_row ? 2 : 1;
	*rest = bytes_of(rest->at + at, rest->len - at);
	return bytes_of(cell.bytes, cell.len);
}

/* A spreadsheet begins a cell behind each of these, whatever is quoted. */
static void check_no_formula(struct bytes text)
{
	bool at_start = true;

	for (size_t i = 0; i < text.len; i++) {
		assert(!at_start || strchr("=+-@", text.at[i]) == NULL);
		at_start = strchr(";\n\t\r", text.at[i]) != NULL ||
		    (at_start && strchr(" \"", text.at[i]) != NULL);
	}
}

static void check_row(struct bytes *rest, size_t n)
{
	bool no_contact = false, has_number = false;

	for (size_t i = 0; i < htcds_n_columns; i++) {
		const char *field = htcds_columns[i].field;
		struct bytes text = take_cell(rest);

		assert(cell.ends_row == (i + 1 == htcds_n_columns));
		check_no_formula(text);
		if (i == 0) {
			assert(n > 0 || text.len == 0);
			continue;
		}
		if (n == 0) {
			continue; /* a heading */
		}
		if (strcmp(field, "cas_IncomingReferralDetails") == 0) {
			assert(is_details(text));
			no_contact = begins(text, "NO CONTACT / ");
		} else if (htcds_kind(bytes_str(field)) == HTCDS_PHONE) {
			has_number = has_number || text.len > 0;
			assert(text.len == 0 || text.at[0] == '\'');
		}
	}
	assert(!(no_contact && has_number));
}

static void check_excel(const struct htcds_export *export)
{
	struct bytes rest = bytes_of(export->out.data, export->out.len);
	size_t heads = export->header == HTCDS_HEADER_BOTH ? 2 : 1;

	assert(begins(rest, "\xef\xbb\xbf"));
	rest = bytes_of(rest.at + 3, rest.len - 3);
	check_signs(rest);
	for (size_t i = 0; i < heads; i++) {
		check_row(&rest, 0);
	}
	for (size_t i = 1; i <= export->n; i++) {
		check_row(&rest, i);
	}
	assert(rest.len == 0);
}

/* ---- the other two --------------------------------------------------------
 */

/* Elements one within the other, and nothing but text in them. */
static void check_xform(const struct htcds_export *export)
{
	static const char head[] =
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
	struct bytes rest = bytes_of(export->out.data, export->out.len);
	size_t depth = 0, elements = 0;

	check_signs(rest);
	assert(begins(rest, head) && !has(rest, "]]>") && !has(rest, "\r"));
	for (size_t i = strlen(head); i < rest.len; i++) {
		struct bytes at = bytes_of(rest.at + i, rest.len - i);

		if (begins(at, "</")) {
			assert(depth > 0);
			depth--;
		} else if (begins(at, "<")) {
			const uint8_t *end = memchr(at.at, '>', at.len);

			assert(end != NULL);
			depth += end[-1] == '/' ? 0 : 1;
			elements++;
		} else if (begins(at, "&")) {
			assert(begins(at, "&lt;") || begins(at, "&gt;") ||
			    begins(at, "&amp;"));
		}
	}
	assert(depth == 0 && elements == htcds_n_elements + 6);
	assert(has(rest, "<cas_IncomingReferralDetails>NO CONTACT / ") !=
	    has(rest, "<cas_IncomingReferralDetails>SAFE CONTACT ONLY. "));
	assert(!has(rest, "<cas_IncomingReferralDetails>NO CONTACT / ") ||
	    (has(rest, "<prs_MobilePhone/>") && has(rest, "<prs_Email/>")));
}

static void check_json(const struct htcds_export *export)
{
	struct bytes rest = bytes_of(export->out.data, export->out.len);

	check_signs(rest);
	for (size_t i = 0; i < export->n; i++) {
		const uint8_t *end = memchr(rest.at, '\n', rest.len);
		json_t *json;
		struct htcds_case again;

		assert(end != NULL);
		json = load(bytes_of(rest.at, (size_t)(end - rest.at)));
		assert(json != NULL);
		assert(is_details(
		    htcds_case_text(json, "cas_IncomingReferralDetails")));
		/* what was judged good is good, but for what was set aside */
		assert(htcds_case_read(json, false, &again) == TL_OK);
		(void)json_object_del(again.other, "x_other");
		assert(again.has_contact ||
		    bytes_equal(htcds_case_text(json, "x_safe_contact"),
			bytes_str("NO CONTACT")));
		assert(json_object_size(again.other) == 0);
		assert(again.has_contact ||
		    json_object_get(again.fields, "prs_MobilePhone") == NULL);
		htcds_case_free(&again);
		json_decref(json);
		rest =
		    bytes_of(end + 1, rest.len - (size_t)(end + 1 - rest.at));
	}
	assert(rest.len == 0);
}

/* ---- all of it ------------------------------------------------------------
 */

/* False: it was refused. */
static bool export_all(struct htcds_export *export, struct bytes rest)
{
	enum tl_err err = TL_OK;
	const char *why = NULL;

	htcds_export_begin(export);
	while (err == TL_OK && rest.len > 0) {
		const uint8_t *end = memchr(rest.at, '\n', rest.len);
		size_t len = end == NULL ? rest.len : (size_t)(end - rest.at);
		json_t *json = load(bytes_of(rest.at, len));

		if (json_is_object(json)) {
			err =
			    htcds_export_add(export, json, len % 2 == 0, &why);
			assert(err == TL_OK || why != NULL);
		}
		json_decref(json);
		len = end == NULL ? len : len + 1;
		rest = bytes_of(rest.at + len, rest.len - len);
	}
	return err == TL_OK && export->n > 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct htcds_export export = { 0 }, again = { 0 };

	if (len == 0) {
		return 0;
	}
	export.profile = (enum htcds_profile)(HTCDS_EXCEL + data[0] % 3);
	export.header = (enum htcds_header)(data[0] / 3 % 3);
	export.labels = data[0] / 9 % 2 == 1;
	again = export;
	if (export_all(&export, bytes_of(data + 1, len - 1))) {
		switch (export.profile) {
		case HTCDS_EXCEL:
			check_excel(&export);
			break;
		case HTCDS_XFORM:
			check_xform(&export);
			break;
		case HTCDS_JSON:
			check_json(&export);
			break;
		case HTCDS_NO_PROFILE:
			abort();
		}
		assert(export_all(&again, bytes_of(data + 1, len - 1)));
		assert(bytes_equal(bytes_of(export.out.data, export.out.len),
		    bytes_of(again.out.data, again.out.len)));
		htcds_export_free(&again);
	}
	htcds_export_free(&export);
	return 0;
}
