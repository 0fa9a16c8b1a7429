/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/htcds_export.h"

#include <stdlib.h>
#include <string.h>

#include "cli/htcds_words.h"
#include "text/htcds_fields.h"
#include "text/plain.h"

#define DETAILS_MAX_BYTES (64u * 1024u * 1024u)

static bool has_member(const char *field)
{
	return htcds_kind(bytes_str(field)) != HTCDS_NONE;
}

static json_t *words_of(const struct htcds_case *it)
{
	struct buf words;
	json_t *json = NULL;

	buf_init(&words, DETAILS_MAX_BYTES);
	htcds_words(it, has_member, &words);
	if (buf_err(&words) == TL_OK) {
		json = json_stringn((const char *)words.data, words.len);
	}
	buf_free(&words);
	return json;
}

/* What is the referral's own stays as it is: it may be passed on. */
static bool put_own(const struct htcds_case *it, json_t *out)
{
	const char *key;
	json_t *value;
	bool good = true;

	json_object_foreach(it->referral, key, value)
	{
		if (strncmp(key, "x_", 2) == 0) {
			good = json_object_set(out, key, value) == 0 && good;
		}
	}
	(void)json_object_del(out, "x_other");
	if (json_object_size(it->other) > 0) {
		good = json_object_set(out, "x_other", it->other) == 0 && good;
	}
	return json_object_set_new(out, "x_sender_checked",
		   json_boolean(!it->unchecked)) == 0 &&
	    good;
}

void htcds_json(struct buf *out, const struct htcds_case *it)
{
	json_t *json = json_copy(it->fields);
	char *text = NULL;
	bool good = json != NULL && put_own(it, json) &&
	    json_object_set_new(
		json, "cas_IncomingReferralDetails", words_of(it)) == 0;

	if (good) {
		text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
	}
	if (text == NULL) {
		out->err = out->err == TL_OK ? TL_ENOMEM : out->err;
	} else {
		plain_json(out, bytes_str(text));
		buf_put_str(out, "\n");
	}
	free(text);
	json_decref(json);
}
