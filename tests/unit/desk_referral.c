/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/referral: what leaves is what was included, and nothing else of what
 * the reporter wrote.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "desk/referral.h"

static json_t *doc, *answers;
static struct facts facts;
static struct buf out;

static int set_up(void **state)
{
	(void)state;
	doc = json_loads(
	    "{\"v\":1,\"text\":\"CANARY-TEXT Mr Sok 012345678 ជួយ\","
	    "\"sender\":{\"raw\":\"+85512CANARY-SENDER\"},"
	    "\"rules\":[{\"rule\":\"R1\",\"text\":\"Says danger now\","
	    "\"priority\":1}],\"reply\":{\"key\":\"CANARY-KEY\"},"
	    "\"words\":[{\"word\":\"CANARY-WORD\"}]}",
	    0, NULL);
	answers = json_loads(
	    "{\"share\":\"2\",\"who\":\"1\",\"count\":\"4\",\"minor\":\"2\","
	    "\"ind\":[\"1\",\"16\"],\"work\":\"7\",\"where_country\":\"1\","
	    "\"where_province\":\"18\",\"where_near\":\"CANARY-NEAR\","
	    "\"perp\":\"CANARY-PERP\",\"contact\":\"2\","
	    "\"contact_number\":\"CANARY-NUMBER\",\"contact_message\":\"2\","
	    "\"contact_say\":\"1\",\"contact_safeword\":\"CANARY-SAFE\","
	    "\"official\":\"1\",\"official_note\":\"CANARY-NOTE\","
	    "\"lang_voice\":\"1\",\"else\":\"CANARY-ELSE\"}",
	    0, NULL);
	assert_non_null(doc);
	assert_non_null(answers);
	facts_take(&facts, answers);
	buf_init(&out, REFERRAL_MAX_BYTES);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_free(&out);
	json_decref(doc);
	json_decref(answers);
	return 0;
}

static struct referral base(void)
{
	static const uint8_t head[32] = { 0xab };

	return (struct referral){ .ref = "R-00c0ffee",
		.now_s = 1795300000,
		.reply_by_s = 1795303600,
		.doc = doc,
		.answers = answers,
		.facts = &facts,
		.lang = "km",
		.priority = 1,
		.summary = "Eleven people, third floor.",
		.officer = "srey",
		.head = head };
}

static json_t *written(const struct referral *referral)
{
	json_t *json;

	buf_reset(&out);
	assert_int_equal(referral_write(referral, &out), TL_OK);
	json = json_loadb((const char *)out.data, out.len, 0, NULL);
	assert_non_null(json);
	return json;
}

static bool says(const char *what)
{
	return memmem(out.data, out.len, what, strlen(what)) != NULL;
}

static void nothing_leaves_that_was_not_included(void **state)
{
	struct referral referral = base();
	json_t *json = written(&referral);

	(void)state;
	assert_false(says("CANARY"));
	assert_string_equal(
	    json_string_value(json_object_get(json, "x_safe_contact")),
	    "NO CONTACT");
	json_decref(json);
}

static void each_bit_lets_its_own_out_and_no_other(void **state)
{
	static const struct {
		unsigned bit;
		const char *name, *canaries[3];
	} rows[] = {
		{ REFERRAL_ORIGINAL, "original", { "CANARY-TEXT" } },
		{ REFERRAL_NEAR, "near", { "CANARY-NEAR" } },
		{ REFERRAL_CONTACT, "contact",
		    { "CANARY-NUMBER", "CANARY-SAFE" } },
		{ REFERRAL_SENDER, "sender", { "CANARY-SENDER" } },
		{ REFERRAL_PERP, "perp", { "CANARY-PERP" } },
		{ REFERRAL_OFFICIAL, "official", { "CANARY-NOTE" } },
	};
	const size_t n = sizeof(rows) / sizeof(rows[0]);
	unsigned all = 0;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct referral referral = base();

		all |= rows[i].bit;
		assert_int_equal(
		    referral_include_of(rows[i].name), rows[i].bit);
		referral.include = rows[i].bit;
		json_decref(written(&referral));
		for (size_t other = 0; other < n; other++) {
			for (size_t c = 0; rows[other].canaries[c] != NULL;
			     c++) {
				assert_int_equal(
				    says(rows[other].canaries[c]), other == i);
			}
		}
		assert_false(says("CANARY-KEY"));
		assert_false(says("CANARY-ELSE"));
		assert_false(says("CANARY-WORD"));
	}
	assert_int_equal(all, REFERRAL_INCLUDE_ALL);
	assert_int_equal(referral_include_of("all"), 0);
}

static void black_parts_of_the_text_are_gone(void **state)
{
	const struct redact_span span = { .at = 12, .len = 16 };
	struct referral referral = base();
	json_t *json;

	(void)state;
	referral.include = REFERRAL_ORIGINAL;
	referral.spans = &span;
	referral.n_spans = 1;
	json = written(&referral);
	assert_string_equal(
	    json_string_value(json_object_get(json, "x_original")),
	    "CANARY-TEXT \u2588\u2588\u2588\u2588\u2588 ជួយ");
	json_decref(json);
	referral.spans = &(struct redact_span){ .at = 999, .len = 1 };
	buf_reset(&out);
	assert_int_equal(referral_write(&referral, &out), TL_EINVAL);
}

/* As the officer read it when the black was chosen. */
static void of_base64_what_it_says_is_blackened(void **state)
{
	const struct redact_span span = { .at = 5, .len = 3 };
	struct referral referral = base();
	json_t *json;

	(void)state;
	(void)json_object_set_new(
	    doc, "text_decoded", json_string("They hit me"));
	referral.include = REFERRAL_ORIGINAL;
	referral.spans = &span;
	referral.n_spans = 1;
	json = written(&referral);
	assert_string_equal(
	    json_string_value(json_object_get(json, "x_original")),
	    "They \u2588\u2588\u2588\u2588\u2588 me");
	json_decref(json);
	(void)json_object_del(doc, "text_decoded");
}

static void what_is_known_is_in_the_words_of_the_format(void **state)
{
	static const struct {
		const char *key, *want;
	} texts[] = {
		{ "x_profile", "tipline-referral/1" },
		{ "x_ref", "R-00c0ffee" },
		{ "x_created", "2026-11-21T22:26:40Z" },
		{ "x_reply_by", "2026-11-21T23:26:40Z" },
		{ "x_priority", "P1" },
		{ "x_share", "helpers-only" },
		{ "x_reporter_relation", "self" },
		{ "x_persons", "20+" },
		{ "x_minor", "maybe" },
		{ "x_person_knows", "unknown" },
		{ "x_lang", "km" },
		{ "x_summary", "Eleven people, third floor." },
		{ "x_officer", "srey" },
		{ "con_Consent", "FALSE" },
	};
	struct referral referral = base();
	json_t *json = written(&referral);
	const json_t *place = json_object_get(json, "x_place");

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_string_equal(
		    json_string_value(json_object_get(json, texts[i].key)),
		    texts[i].want);
	}
	assert_string_equal(
	    json_string_value(json_object_get(place, "country")), "KH");
	assert_string_equal(
	    json_string_value(json_object_get(place, "province")), "18");
	assert_int_equal(json_array_size(json_object_get(json, "x_ilo")), 2);
	assert_int_equal(json_integer_value(
			     json_object_get(json, "x_exp_ForcedCriminality")),
	    1);
	assert_int_equal(
	    json_integer_value(json_object_get(json, "x_ctl_ImminentMove")), 0);
	assert_true(json_is_true(json_object_get(json, "x_voice_preferred")));
	json_decref(json);
}

static void files_are_listed_with_the_day_they_are_over(void **state)
{
	json_t *list = json_pack("[{s:s}]", "name", "R-00c0ffee-1");
	struct referral referral = base();
	json_t *json = written(&referral);

	(void)state;
	assert_null(json_object_get(json, "x_evidence"));
	assert_null(json_object_get(json, "x_evidence_until"));
	json_decref(json);
	referral.evidence = list;
	json = written(&referral);
	assert_true(json_equal(json_object_get(json, "x_evidence"), list));
	assert_string_equal(
	    json_string_value(json_object_get(json, "x_evidence_until")),
	    "2026-12-21T22:26:40Z");
	json_decref(json);
	json_decref(list);
}

static void files_are_made_until_the_day_that_they_are_over(void **state)
{
	const int64_t at = 1795300000, days = INT64_C(30) * 86400;

	(void)state;
	assert_false(referral_evidence_is_over(at, at));
	assert_false(referral_evidence_is_over(at, at + days));
	assert_true(referral_evidence_is_over(at, at + days + 1));
	/* two desks, and one's clock is behind */
	assert_false(referral_evidence_is_over(at, at - 60));
	assert_true(referral_evidence_is_over(0, at)); /* nothing is known */
}

static void what_is_not_known_is_left_out(void **state)
{
	struct facts none = { 0 };
	struct referral referral = base();
	json_t *json, *empty = json_object();

	(void)state;
	referral.facts = &none;
	referral.answers = empty;
	referral.doc = empty;
	referral.summary = NULL;
	referral.head = NULL;
	referral.include = REFERRAL_INCLUDE_ALL;
	json = written(&referral);
	assert_null(json_object_get(json, "x_summary"));
	assert_null(json_object_get(json, "x_original"));
	assert_null(json_object_get(json, "x_prev"));
	assert_null(json_object_get(json, "x_officials"));
	assert_null(json_object_get(json, "x_voice_preferred"));
	assert_string_equal(
	    json_string_value(json_object_get(json, "x_share")), "ask-first");
	json_decref(json);
	json_decref(empty);
}

static void a_text_that_is_no_utf8_is_refused(void **state)
{
	struct referral referral = base();

	(void)state;
	referral.summary = "a\xff";
	buf_reset(&out);
	assert_int_equal(referral_write(&referral, &out), TL_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_leaves_that_was_not_included),
		cmocka_unit_test(each_bit_lets_its_own_out_and_no_other),
		cmocka_unit_test(black_parts_of_the_text_are_gone),
		cmocka_unit_test(of_base64_what_it_says_is_blackened),
		cmocka_unit_test(what_is_known_is_in_the_words_of_the_format),
		cmocka_unit_test(files_are_listed_with_the_day_they_are_over),
		cmocka_unit_test(
		    files_are_made_until_the_day_that_they_are_over),
		cmocka_unit_test(what_is_not_known_is_left_out),
		cmocka_unit_test(a_text_that_is_no_utf8_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
