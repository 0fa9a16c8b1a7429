/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* desk/practice: what is made up is marked, in every language, once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "crypto/start.h"
#include "desk/practice.h"

static const uint8_t secret[32] = { 1 }, other[32] = { 2 };

static void each_is_a_report_that_says_that_it_is_practice(void **state)
{
	const struct triage_files files = { 0 };
	struct triage_fault fault;
	struct triage *triage = NULL;
	json_t *langs = json_object();
	unsigned by_priority[5] = { 0 };

	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	assert_int_equal(triage_new(&files, &triage, &fault), TL_OK);
	for (size_t i = 0; i < practice_n(); i++) {
		json_t *report;
		struct buf doc;

		buf_init(&doc, PRACTICE_DOC_BYTES);
		assert_int_equal(
		    practice_write(triage, secret, i, 1795305600, &doc), TL_OK);
		report = json_loadb((const char *)doc.data, doc.len, 0, NULL);
		assert_string_equal(json_string_value(json_array_get(
					json_object_get(report, "flags"), 0)),
		    PRACTICE_FLAG);
		(void)json_object_set_new(langs,
		    json_string_value(json_object_get(report, "lang")),
		    json_true());
		by_priority[json_integer_value(
		    json_object_get(report, "priority"))]++;
		json_decref(report);
		buf_free(&doc);
	}
	assert_int_equal(json_object_size(langs), 12);
	assert_true(by_priority[1] > 2 && by_priority[2] > 0);
	assert_true(by_priority[3] > 0);
	json_decref(langs);
	triage_free(triage);
}

static void each_has_one_id_for_one_desk(void **state)
{
	uint8_t ids[64][PRACTICE_ID_BYTES], again[PRACTICE_ID_BYTES];

	(void)state;
	assert_true(practice_n() <= 64);
	for (size_t i = 0; i < practice_n(); i++) {
		practice_id(secret, i, ids[i]);
		practice_id(secret, i, again);
		assert_memory_equal(ids[i], again, sizeof(again));
		practice_id(other, i, again);
		assert_memory_not_equal(ids[i], again, sizeof(again));
		for (size_t k = 0; k < i; k++) {
			assert_memory_not_equal(ids[i], ids[k], sizeof(again));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    each_is_a_report_that_says_that_it_is_practice),
		cmocka_unit_test(each_has_one_id_for_one_desk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
