/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/call: what an officer writes down becomes a report like every other,
 * once for one key, and what is none is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "desk/call.h"
#include "server/intake/tip_form.h"

static struct triage *triage;
static const uint8_t secret[32] = { 7 };
static struct buf doc;
static uint8_t id[CALL_ID_BYTES];

static int set_up(void **state)
{
	const struct triage_files files = { 0 };
	struct triage_fault fault;

	(void)state;
	buf_init(&doc, CALL_DOC_BYTES);
	return triage_new(&files, &triage, &fault) == TL_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	buf_free(&doc);
	triage_free(triage);
	return 0;
}

/* NULL: it was taken; else what the officer is told. */
static const char *write_as(const char *who, const json_t *body)
{
	const struct call_opts opts = { .triage = triage,
		.secret = secret,
		.who = who,
		.now_s = 1795305600 };
	const char *why = NULL;
	enum tl_err err;

	buf_reset(&doc);
	err = call_write(&opts, body, id, &doc, &why);
	assert_true(err == TL_OK || (err == TL_EINVAL && why != NULL));
	return why;
}

static json_t *body_of(const char *text)
{
	json_t *body = json_loads(text, 0, NULL);

	assert_non_null(body);
	return body;
}

static const char *given(const char *text)
{
	json_t *body = body_of(text);
	const char *why = write_as("sok", body);

	json_decref(body);
	return why;
}

static json_t *written(void)
{
	json_t *report = json_loadb((const char *)doc.data, doc.len, 0, NULL);

	assert_non_null(report);
	return report;
}

static const char *word(const json_t *report, const char *name)
{
	return json_string_value(json_object_get(report, name));
}

static void a_call_is_a_report_with_its_priority_and_who_wrote_it(void **state)
{
	json_t *report, *answers;

	(void)state;
	assert_null(given(
	    "{\"via\":\"hotline\",\"lang\":\"km\",\"text\":\"They hold her.\","
	    "\"sender\":\"+855 12-345 678\",\"answers\":{\"now\":\"1\","
	    "\"ind\":[\"1\",\"5\"],\"where_near\":\"\"}}"));
	report = written();
	answers = json_object_get(report, "answers");
	assert_string_equal(word(report, "channel"), "desk");
	assert_string_equal(word(report, "via"), "hotline");
	assert_string_equal(word(report, "taken_by"), "sok");
	assert_string_equal(word(report, "trust"), "officer");
	assert_string_equal(word(report, "text"), "They hold her.");
	assert_string_equal(json_string_value(json_array_get(
				json_object_get(report, "flags"), 0)),
	    "unverified");
	assert_int_equal(
	    json_integer_value(json_object_get(report, "priority")), 1);
	assert_int_equal(json_array_size(json_object_get(answers, "ind")), 2);
	assert_null(json_object_get(answers, "where_near"));
	assert_string_equal(
	    word(json_object_get(report, "sender"), "raw"), "+855 12-345 678");
	assert_string_equal(
	    word(json_object_get(report, "sender"), "e164"), "+85512345678");
	json_decref(report);
}

static void a_number_that_is_not_sure_stays_as_it_was_said(void **state)
{
	static const char *const numbers[] = { "012 345 678", "+0855123456",
		"+855", "+8551234567890123", "+855 12 x 345" };

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		json_t *body = json_pack("{s:s,s:s,s:s}", "via", "person",
		    "text", "x", "sender", numbers[i]);
		json_t *report;

		assert_null(write_as("sok", body));
		report = written();
		assert_string_equal(
		    word(json_object_get(report, "sender"), "raw"), numbers[i]);
		assert_null(
		    json_object_get(json_object_get(report, "sender"), "e164"));
		json_decref(report);
		json_decref(body);
	}
}

static void what_is_no_call_is_refused_with_a_sentence(void **state)
{
	static const char *const bad[] = {
		"{}",
		"{\"via\":\"hotline\"}",
		"{\"via\":\"hotline\",\"text\":\" \\n\"}",
		"{\"via\":\"hotline\",\"text\":7}",
		"{\"text\":\"x\"}",
		"{\"via\":\"post\",\"text\":\"x\"}",
		"{\"via\":\"person\",\"text\":\"x\",\"key\":\"\"}",
		"{\"via\":\"person\",\"text\":\"x\",\"key\":7}",
		"{\"via\":\"person\",\"text\":\"x\",\"lang\":\"<km>\"}",
		"{\"via\":\"person\",\"text\":\"x\",\"lang\":\"abcdefghi\"}",
		"{\"via\":\"person\",\"text\":\"x\",\"answers\":[]}",
		"{\"via\":\"person\",\"text\":\"x\",\"answers\":{\"a\":\"1\"}}",
		"{\"via\":\"person\",\"text\":\"x\",\"answers\":{\"now\":1}}",
		"{\"via\":\"person\",\"text\":\"x\","
		"\"answers\":{\"now\":[\"1\"]}}",
		"{\"via\":\"person\",\"text\":\"x\","
		"\"answers\":{\"ind\":[1]}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_non_null(given(bad[i]));
		assert_int_equal(doc.len, 0);
	}
}

static void too_much_of_anything_is_refused(void **state)
{
	static const struct {
		const char *name;
		size_t most;
		bool is_answer;
	} texts[] = { { "text", 10000, false }, { "sender", 100, false },
		{ "now", 100, true }, { "perp", 2000, true } };
	char text[10002];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		for (size_t more = 0; more < 2; more++) {
			size_t len = texts[i].most + more;
			json_t *body = json_pack("{s:s,s:s,s:{}}", "via",
			    "other", "text", "x", "answers");
			json_t *to = texts[i].is_answer
			    ? json_object_get(body, "answers")
			    : body;

			memset(text, '1', len);
			text[len] = 0;
			(void)json_object_set_new(
			    to, texts[i].name, json_string(text));
			assert_int_equal(
			    write_as("sok", body) != NULL, more == 1);
			json_decref(body);
		}
	}
}

static void one_key_is_one_id_for_the_same_call_of_the_same_officer(
    void **state)
{
	json_t *body =
	    body_of("{\"via\":\"person\",\"text\":\"x\",\"key\":\"k\"}");
	uint8_t first[CALL_ID_BYTES];

	(void)state;
	assert_null(write_as("sok", body));
	memcpy(first, id, sizeof(first));
	assert_null(write_as("sok", body));
	assert_memory_equal(id, first, sizeof(first));
	assert_null(write_as("dara", body));
	assert_memory_not_equal(id, first, sizeof(first));
	/* what was written anew under the same key is not lost */
	(void)json_object_set_new(body, "text", json_string("y"));
	assert_null(write_as("sok", body));
	assert_memory_not_equal(id, first, sizeof(first));
	(void)json_object_del(body, "key");
	assert_null(write_as("sok", body));
	memcpy(first, id, sizeof(first));
	assert_null(write_as("sok", body));
	assert_memory_not_equal(id, first, sizeof(first));
	json_decref(body);
}

static void its_answers_are_those_of_the_form(void **state)
{
	(void)state;
	for (size_t i = 0; call_answer_name(i) != NULL; i++) {
		bool found = false;

		for (unsigned f = 0; f < FORM_FIELDS_END; f++) {
			found = found ||
			    strcmp(tip_form_field_name((enum tip_field)f),
				call_answer_name(i)) == 0;
		}
		assert_true(found);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_call_is_a_report_with_its_priority_and_who_wrote_it),
		cmocka_unit_test(
		    a_number_that_is_not_sure_stays_as_it_was_said),
		cmocka_unit_test(what_is_no_call_is_refused_with_a_sentence),
		cmocka_unit_test(too_much_of_anything_is_refused),
		cmocka_unit_test(
		    one_key_is_one_id_for_the_same_call_of_the_same_officer),
		cmocka_unit_test(its_answers_are_those_of_the_form),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
