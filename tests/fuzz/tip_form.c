/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/tip_form: any bytes as a form of either encoding are refused,
 * or are answers within their limits; what a page then takes becomes a report
 * that fits into its room and has every byte of them.
 *
 * Input: which encoding (1), the body.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/enc.h"
#include "crypto/start.h"
#include "server/intake/tip_form.h"
#include "server/intake/web_page.h"
#include "text/report_parts.h"
#include "text/triage.h"
#include "text/utf8.h"

#define STORY_CHARS 10000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct triage *lists(void)
{
	static const struct triage_files own;
	static struct triage *triage;
	struct triage_fault fault;

	if (triage == NULL &&
	    (crypto_start() != TL_OK ||
		triage_new(&own, &triage, &fault) != TL_OK)) {
		abort();
	}
	return triage;
}

/* ---- what was read ------------------------------------------------------- */

static void lies_within(const struct tip_form *form, struct bytes value)
{
	assert(value.len > 0 && value.at >= form->decoded.data &&
	    value.len <=
		form->decoded.len - (size_t)(value.at - form->decoded.data));
}

static void check_form(const struct tip_form *form, struct bytes body)
{
	bool seen[FORM_FIELDS_END] = { false };

	assert(form->n_values <= FORM_VALUES_MAX);
	assert(form->decoded.len <= body.len);
	for (size_t i = 0; i < form->n_values; i++) {
		const struct form_value *value = &form->values[i];
		struct bytes first = form->fields[value->field];

		assert(value->field < FORM_FIELDS_END);
		lies_within(form, value->value);
		if (!seen[value->field]) {
			assert(bytes_equal(first, value->value));
		} else {
			assert(value->field == FORM_IND ||
			    value->field == FORM_WORK ||
			    value->field == FORM_HOW);
		}
		seen[value->field] = true;
	}
	for (size_t f = 0; f < FORM_FIELDS_END; f++) {
		assert(seen[f] == (form->fields[f].len > 0));
	}
	assert(!form->has_idem || form->fields[FORM_IDEM].len == 32);
}

/* The same values under the other encoding: only what is sent counts. */
static void check_content(const struct tip_form *form)
{
	struct tip_form other = *form;
	uint8_t contents[2][FORM_CONTENT_BYTES];

	tip_form_content(form, contents[0]);
	for (size_t i = 0; i < other.n_values; i++) {
		if (other.values[i].field == FORM_STATE ||
		    other.values[i].field == FORM_IDEM) {
			other.values[i].value = bytes_str("another");
		}
	}
	tip_form_content(&other, contents[1]);
	assert(memcmp(contents[0], contents[1], FORM_CONTENT_BYTES) == 0);
}

/* ---- what is kept -------------------------------------------------------- */

static bool is_base64_of(const json_t *json, struct bytes value)
{
	bool same = false;
	struct buf b64;

	buf_init(&b64, value.len * 2 + 8);
	enc_b64(&b64, B64_STD, value.at, value.len);
	same = json_is_string(json) &&
	    bytes_equal(bytes_of(b64.data, b64.len),
		bytes_of(json_string_value(json), json_string_length(json)));
	buf_free(&b64);
	return same;
}

/* Is value there, or among those there, byte for byte? */
static bool has(const json_t *json, struct bytes value)
{
	if (json_is_array(json)) {
		for (size_t i = 0; i < json_array_size(json); i++) {
			if (has(json_array_get(json, i), value)) {
				return true;
			}
		}
		return false;
	}
	if (!utf8_valid(value)) {
		return is_base64_of(json, value);
	}
	return json_is_string(json) &&
	    bytes_equal(value,
		bytes_of(json_string_value(json), json_string_length(json)));
}

static void check_kept(
    const json_t *object, const char *name, struct bytes value)
{
	char b64[64];

	(void)snprintf(b64, sizeof(b64), "%s_b64", name);
	assert(has(json_object_get(object, name), value) ||
	    has(json_object_get(object, b64), value));
}

static void check_document(const struct report *report, struct bytes doc)
{
	json_t *json = report_load(doc);

	assert(json != NULL && utf8_valid(doc));
	assert(report_priority(doc) == report->priority);
	if (report->text.len > 0) {
		check_kept(json, "text", report->text);
	}
	for (size_t i = 0; i < report->n_answers; i++) {
		check_kept(json_object_get(json, "answers"),
		    report->answers[i].name, report->answers[i].value);
	}
	json_decref(json);
}

static void keep(const struct tip_form *form)
{
	struct report_answer answers[FORM_VALUES_MAX];
	struct report report = {
		.channel = "web",
		.text = form->fields[FORM_STORY],
		.answers = answers,
		.n_answers = web_answers(form, answers),
		.kind = "",
		.trust = "web",
	};
	struct buf doc;
	enum tl_err err;

	assert(report.text.len <= 4 * STORY_CHARS);
	if (form->fields[FORM_HONEY].len > 0) {
		report.flags[report.n_flags++] = "honeypot";
	}
	err = triage_judge(lists(), &report);
	assert(err == TL_OK);
	assert(report.priority >= 1 && report.priority <= 4);
	buf_init(&doc, report_room(&report));
	err = report_write(&report, &doc);
	assert(err == TL_OK);
	check_document(&report, bytes_of(doc.data, doc.len));
	buf_free(&doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const types[] = {
		"application/x-www-form-urlencoded",
		"multipart/form-data; boundary=XY",
		"multipart/form-data",
		"text/plain",
	};
	struct tip_form form;
	struct bytes body;

	if (len == 0) {
		return 0;
	}
	body = bytes_of(data + 1, len - 1);
	if (tip_form_read(bytes_str(types[data[0] % 4]), body, &form) !=
	    TL_OK) {
		return 0;
	}
	assert(data[0] % 4 < 2);
	check_form(&form, body);
	check_content(&form);
	if ((web_long_fields(&form) | web_wordless(&form, NULL)) == 0) {
		keep(&form);
	}
	tip_form_free(&form);
	return 0;
}
