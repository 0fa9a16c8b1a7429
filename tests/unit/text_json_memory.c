/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/json_memory: JSON for which memory was out is not read at all, and what
 * was lacking is counted.
 */
#include "text/json_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/lib/disk/bad_calls.h"

/* jansson grows its copy of each string as it reads. */
#define TEXT \
	"{\"from\": \"+85512345678\", \"text\": \"they locked us in, do not " \
	"call this number, house 1234567 behind the market\", \"n\": [1, " \
	"2.5], " \
	"\"\\u1787\\u17bd\\u1799 \\ud83d\\ude00\\ud83d\\ude00\": " \
	"\"\\u1787\\u17bd" \
	"\\u1799\\u1787\\u17bd\\u1799\\ud83d\\ude00\\ud83d\\ude00\\ud83d\\ude" \
	"00 \\\\ \\n \"}"

static void it_is_read_whole_or_not_at_all(void **state)
{
	json_t *whole = json_memory_text(bytes_str(TEXT), 0);
	enum tl_err err = TL_ENOMEM;
	unsigned n;

	(void)state;
	assert_non_null(whole);
	for (n = 1; err != TL_OK; n++) {
		unsigned lacks = json_memory_lacks();
		json_t *json = NULL;

		bad_calls_fail_any(n, 0);
		err = json_memory_load(bytes_str(TEXT), 0, &json, NULL);
		if (bad_calls_end() > 0) {
			assert_int_equal(err, TL_ENOMEM);
			assert_null(json);
			assert_true(json_memory_lacks() > lacks);
		} else {
			assert_int_equal(err, TL_OK);
			assert_true(json_equal(json, whole));
			assert_int_equal(json_memory_lacks(), lacks);
		}
		json_decref(json);
		assert_in_range(n, 1, 1000);
	}
	assert_true(n > 10);
	json_decref(whole);
}

static void what_is_no_json_is_told_from_what_there_was_no_room_for(
    void **state)
{
	static const char *const none[] = { "", "{", "[1,]", "\"\\ud800\"",
		"{\"a\":\"b\"", "\xff" };

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		json_error_t error = { .line = 0 };
		json_t *json = NULL;

		assert_int_equal(
		    json_memory_load(bytes_str(none[i]), 0, &json, &error),
		    TL_EFORMAT);
		assert_null(json);
		assert_true(error.text[0] != '\0');
		assert_null(json_memory_text(bytes_str(none[i]), 0));
	}
	assert_null(json_memory_text(bytes_of(NULL, 0), 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_read_whole_or_not_at_all),
		cmocka_unit_test(
		    what_is_no_json_is_told_from_what_there_was_no_room_for),
	};

	return cmocka_run_group_tests_name(
	    "text/json_memory", tests, NULL, NULL);
}
