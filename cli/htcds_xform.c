/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/htcds_export.h"

#include <stdlib.h>
#include <string.h>

#include "base/enc.h"
#include "cli/htcds_words.h"
#include "crypto/hash.h"
#include "text/htcds_fields.h"

#define UUID_BYTES        16u
#define DETAILS_MAX_BYTES (64u * 1024u * 1024u)

/* text is plain already: it has no sign that XML may not have. */
static void put_escaped(struct buf *out, struct bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		switch (text.at[i]) {
		case '&':
			buf_put_str(out, "&amp;");
			break;
		case '<':
			buf_put_str(out, "&lt;");
			break;
		case '>':
			buf_put_str(out, "&gt;");
			break;
		default:
			buf_put_u8(out, text.at[i]);
			break;
		}
	}
}

static void put_element(struct buf *out, const char *name, struct bytes text)
{
	buf_put_str(out, "  <");
	buf_put_str(out, name);
	if (text.len == 0) {
		buf_put_str(out, "/>\n");
		return;
	}
	buf_put_str(out, ">");
	put_escaped(out, text);
	buf_put_str(out, "</");
	buf_put_str(out, name);
	buf_put_str(out, ">\n");
}

/* The form has one citizenship: others are in the words, with the first. */
static bool has_element(const char *field)
{
	for (size_t i = 0; i < htcds_n_elements; i++) {
		if (strcmp(htcds_elements[i].field, field) == 0) {
			return strcmp(field, "prs_Citizenship") != 0;
		}
	}
	return false;
}

static void put_value(
    struct buf *out, const struct htcds_case *it, const char *field)
{
	const json_t *value = json_object_get(it->fields, field);
	const json_t *item;
	size_t i;

	if (strcmp(field, "cas_IncomingReferralDetails") == 0) {
		htcds_words(it, has_element, out);
	} else if (strcmp(field, "vic_LocationOfExploitation") == 0 &&
	    value == NULL) {
		htcds_place(it, out);
	} else if (strcmp(field, "prs_Citizenship") != 0 &&
	    json_is_array(value)) {
		json_array_foreach(value, i, item)
		{
			buf_put_str(out, i > 0 ? " " : "");
			buf_put(out, json_string_value(item),
			    json_string_length(item));
		}
	} else {
		struct bytes first = htcds_case_first(it, field);

		buf_put(out, first.at, first.len);
	}
}

/* When the referral was made, if that is a time. */
static void put_times(struct buf *out, const struct htcds_case *it)
{
	struct bytes at = htcds_case_text(it->referral, "x_created");
	struct buf time;

	buf_init(&time, 64);
	if (htcds_is_time(at)) {
		buf_put(&time, at.at, at.len - 1);
		buf_put_str(&time, ".000Z");
	}
	put_element(out, "start", bytes_of(time.data, time.len));
	put_element(out, "end", bytes_of(time.data, time.len));
	buf_free(&time);
}

/* By what the referral says: a server that gets it twice knows it again. */
static void put_id(struct buf *out, const struct htcds_case *it)
{
	static const char prefix[] = "tipline htcds instance v1";
	static const size_t ends[] = { 4, 6, 8, 10, UUID_BYTES };
	uint8_t hash[HASH_BYTES];
	struct buf bytes, id;
	char *json = json_dumps(it->referral, JSON_COMPACT | JSON_SORT_KEYS);

	buf_init(&bytes, DETAILS_MAX_BYTES);
	buf_init(&id, 64);
	buf_put(&bytes, prefix, sizeof(prefix));
	buf_put_str(&bytes, json == NULL ? "" : json);
	hash_bytes(hash, bytes.data, bytes.len);
	hash[6] =
	    (uint8_t)((hash[6] & 0x0fu) | 0x80u); /* RFC 9562, version 8 */
	hash[8] = (uint8_t)((hash[8] & 0x3fu) | 0x80u);
	buf_put_str(&id, "uuid:");
	for (size_t i = 0, at = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		buf_put_str(&id, at > 0 ? "-" : "");
		enc_hex(&id, hash + at, ends[i] - at);
		at = ends[i];
	}
	buf_put_str(out, "  ");
	put_element(out, "instanceID", bytes_of(id.data, id.len));
	if (out->err == TL_OK) {
		out->err = json == NULL ? TL_ENOMEM : bytes.err;
	}
	buf_free(&id);
	buf_free(&bytes);
	free(json);
}

void htcds_xform(struct buf *out, const struct htcds_case *it)
{
	struct buf value;

	buf_put_str(out,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<data id=\"" HTCDS_FORM_ID "\" version=\"" HTCDS_FORM_VERSION
	    "\">\n");
	put_times(out, it);
	for (size_t i = 0; i < htcds_n_elements; i++) {
		buf_init(&value, DETAILS_MAX_BYTES);
		put_value(&value, it, htcds_elements[i].field);
		put_element(out, htcds_elements[i].name,
		    bytes_of(value.data, value.len));
		if (out->err == TL_OK) {
			out->err = value.err;
		}
		buf_free(&value);
	}
	put_element(out, "__version__", bytes_str(HTCDS_FORM_VERSION));
	buf_put_str(out, "  <meta>\n");
	put_id(out, it);
	buf_put_str(out, "  </meta>\n</data>\n");
}
