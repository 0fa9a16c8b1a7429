/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/htcds, desk/coding, desk/referral: lines of answers, of entries of the
 * case, of the summary; in front of them a byte of what is included. Each value
 * is of the standard's lists, nothing leaves that is not included, and the
 * partner's import understands all of it.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/htcds_case.h"
#include "desk/coding.h"
#include "desk/referral.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct bytes next_line(struct bytes *rest)
{
	const uint8_t *end =
	    rest->len > 0 ? memchr(rest->at, '\n', rest->len) : NULL;
	size_t len = end == NULL ? rest->len : (size_t)(end - rest->at);
	struct bytes line = bytes_of(rest->at, len);
	size_t used = end == NULL ? len : len + 1;

	*rest = bytes_of(rest->at + used, rest->len - used);
	return line;
}

static json_t *load(struct bytes text)
{
	return text.len == 0
	    ? NULL
	    : json_loadb((const char *)text.at, text.len, JSON_ALLOW_NUL, NULL);
}

/* The import has looked at each value: what it set aside is none. */
static void check_fields(json_t *json, unsigned include)
{
	struct htcds_case it;
	struct bytes contact = htcds_case_text(json, "x_safe_contact");

	assert(htcds_case_read(json, false, &it) == TL_OK);
	assert(json_object_size(it.other) == 0);
	assert(bytes_equal(
	    htcds_case_first(&it, "con_Consent"), bytes_str("FALSE")));
	assert(it.has_contact != bytes_equal(contact, bytes_str("NO CONTACT")));
	if ((include & REFERRAL_CONTACT) == 0) {
		assert(!it.has_contact);
		assert(json_object_get(json, "prs_MobilePhone") == NULL);
	}
	if ((include & REFERRAL_OFFICIAL) == 0) {
		assert(json_object_get(json, "x_officials") == NULL);
		assert(json_object_get(json, "x_officials_note") == NULL);
	}
	assert((include & REFERRAL_PERP) != 0 ||
	    json_object_get(json, "x_offenders") == NULL);
	htcds_case_free(&it);
}

static void check_written(const struct referral *referral, struct buf *out)
{
	struct buf again;
	json_t *json = load(bytes_of(out->data, out->len));

	assert(json != NULL);
	check_fields(json, referral->include);
	json_decref(json);
	buf_init(&again, REFERRAL_MAX_BYTES);
	assert(referral_write(referral, &again) == TL_OK);
	assert(bytes_equal(
	    bytes_of(out->data, out->len), bytes_of(again.data, again.len)));
	buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bytes rest = bytes_of(data, len);
	struct facts facts = { 0 };
	struct referral referral = {
		.ref = "R-00c0ffee", .facts = &facts, .priority = 1
	};
	json_t *answers, *entries, *doc = json_object();
	struct bytes line;
	char *summary;
	struct buf out;

	if (len == 0) {
		json_decref(doc);
		return 0;
	}
	referral.include = data[0] & REFERRAL_INCLUDE_ALL;
	referral.now_s = (int64_t)data[0] * 7000000;
	rest = bytes_of(data + 1, len - 1);
	answers = load(next_line(&rest));
	entries = load(next_line(&rest));
	line = next_line(&rest);
	summary = strndup((const char *)line.at, line.len);
	if (summary == NULL) {
		abort();
	}
	facts_take(&facts, answers);
	referral.doc = doc;
	referral.answers = answers;
	referral.codes = coding_newest(json_object_get(entries, "entries"));
	referral.summary = summary;
	buf_init(&out, REFERRAL_MAX_BYTES);
	if (referral_write(&referral, &out) == TL_OK) {
		check_written(&referral, &out);
	}
	buf_free(&out);
	free(summary);
	json_decref(answers);
	json_decref(entries);
	json_decref(doc);
	return 0;
}
