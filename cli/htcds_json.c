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

/* A program that looks for a way finds one that is allowed, or NO CONTACT. */
static bool put_contact(const struct htcds_case *it, json_t *out, json_t *other)
{
	static const char name[] = "x_safe_contact";
	json_t *said = json_object_get(it->referral, name);
	json_t *none;
	bool good = true;

	if (it->has_contact) {
		return true; /* it is there as it came */
	}
	none = json_string("NO CONTACT");
	if (said != NULL && !json_is_null(said) && !json_equal(said, none)) {
		good = json_object_set(other, name, said) == 0;
	}
	return json_object_set_new(out, name, none) == 0 && good;
}

/* What is the referral's own stays as it is: it may be passed on. */
static bool put_own(const struct htcds_case *it, json_t *out)
{
	json_t *other = json_copy(it->other);
	const char *key;
	json_t *value;
	bool good = other != NULL;

	json_object_foreach(it->referral, key, value)
	{
		if (strncmp(key, "x_", 2) == 0) {
			good = json_object_set(out, key, value) == 0 && good;
		}
	}
	(void)json_object_del(out, "x_other");
	good = good && put_contact(it, out, other);
	if (json_object_size(other) > 0) {
		good = json_object_set(out, "x_other", other) == 0 && good;
	}
	json_decref(other);
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
