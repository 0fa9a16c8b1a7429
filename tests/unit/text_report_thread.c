/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/report_thread: which reply key belongs to which tip. What is not as it
 * should be is as if it were not there.
 */
#include "text/report_thread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ID   "\"id\":\"00112233445566778899aabbccddeeff\""
#define FORM "\"form\":\"f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0\""
#define BOX  "\"mailbox\":\"b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1\""
#define KEY \
	"\"key\":\"" \
	"c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2c2\""

static struct report_thread read_one(const char *doc)
{
	struct report_thread thread;

	assert_true(report_thread(bytes_str(doc), &thread));
	return thread;
}

static void a_tip_has_its_key_its_mailbox_and_its_form(void **state)
{
	struct report_thread thread =
	    read_one("{" ID "," FORM ",\"reply\":{" BOX "," KEY "},"
		     "\"wish\":[\"no-contact\"]," BOX "}");

	(void)state;
	assert_int_equal(thread.part, REPORT_IS_TIP);
	assert_true(thread.has_form && thread.has_mailbox && thread.has_key);
	assert_int_equal(thread.form[15], 0xf0);
	assert_int_equal(thread.mailbox[15], 0xb1);
	assert_int_equal(thread.key[31], 0xc2);
	assert_false(thread.wants_no_contact); /* only a MORE has wishes */
}

static void a_further_key_and_more_are_told_by_their_kind(void **state)
{
	struct report_thread thread =
	    read_one("{" ID "," FORM ",\"kind\":\"reply-key\",\"reply\":{" BOX
		     "," KEY "}}");

	(void)state;
	assert_int_equal(thread.part, REPORT_IS_KEY);
	assert_true(thread.has_form && thread.has_key);
	thread = read_one("{" ID "," BOX ",\"kind\":\"more\","
			  "\"wish\":[\"delete-messages\",\"no-contact\"],"
			  "\"reply\":{" BOX "," KEY "}}");
	assert_int_equal(thread.part, REPORT_IS_MORE);
	assert_true(thread.has_mailbox);
	assert_false(thread.has_key); /* it carries none */
	assert_true(thread.wants_no_contact && thread.wants_deletion);
	assert_int_equal(
	    read_one("{" ID ",\"kind\":\"piece\"}").part, REPORT_IS_OTHER);
	assert_int_equal(
	    read_one("{" ID ",\"kind\":\"binary\"}").part, REPORT_IS_TIP);
}

static void a_key_without_mailbox_or_of_another_length_is_none(void **state)
{
	static const char *const docs[] = {
		"{" ID ",\"reply\":{" KEY "}}",
		"{" ID ",\"reply\":{" BOX "}}",
		"{" ID ",\"reply\":{" BOX ",\"key\":\"c2\"}}",
		"{" ID ",\"reply\":{" BOX ",\"key\":5}}",
		"{" ID ",\"reply\":5}",
		"{" ID ",\"reply\":{\"mailbox\":\"zz\"," KEY "}}",
		"{" ID ",\"kind\":\"more\",\"wish\":\"no-contact\"}",
		"{" ID ",\"kind\":\"more\",\"wish\":[5,{}]}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(docs) / sizeof(docs[0]); i++) {
		struct report_thread thread = read_one(docs[i]);

		assert_false(thread.has_key);
		assert_false(thread.wants_no_contact);
	}
}

static void what_is_no_report_is_left_alone(void **state)
{
	static const char doc[] =
	    "{" ID "," FORM ",\"reply\":{" BOX "," KEY "}}";
	struct report_thread thread = { .part = REPORT_IS_OTHER };

	(void)state;
	for (size_t len = 0; len + 1 < sizeof(doc); len++) {
		uint8_t *cut = malloc(len > 0 ? len : 1);

		assert_non_null(cut);
		memcpy(cut, doc, len);
		assert_false(report_thread(bytes_of(cut, len), &thread));
		free(cut);
	}
	assert_false(report_thread(bytes_str("[]"), &thread));
	assert_int_equal(thread.part, REPORT_IS_OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tip_has_its_key_its_mailbox_and_its_form),
		cmocka_unit_test(a_further_key_and_more_are_told_by_their_kind),
		cmocka_unit_test(
		    a_key_without_mailbox_or_of_another_length_is_none),
		cmocka_unit_test(what_is_no_report_is_left_alone),
	};

	return cmocka_run_group_tests_name(
	    "text/report_thread", tests, NULL, NULL);
}
