/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/audit: what an officer did is read back as it was written, and what is
 * no such record is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "desk/audit.h"

static struct audit sample(enum audit_what what)
{
	struct audit audit = { .at_ms = 1795305600123,
		.what = what,
		.who = "sok.1",
		.has_tip = true,
		.tip = { 1, 2, 0xff } };

	audit_set_note(&audit, bytes_str("ព្រោះ \"why\"\n"));
	return audit;
}

static void each_record_is_read_back_the_same(void **state)
{
	(void)state;
	for (unsigned what = 0; what < AUDIT_N; what++) {
		struct audit audit = sample((enum audit_what)what);
		struct audit read = { .at_ms = 0 };
		struct buf doc;

		audit.has_tip = what % 2 == 0;
		if (what % 3 == 0) {
			audit.note[0] = '\0';
		}
		buf_init(&doc, AUDIT_DOC_BYTES);
		assert_int_equal(audit_put(&audit, &doc), TL_OK);
		assert_int_equal(
		    audit_read(bytes_of(doc.data, doc.len), &read), TL_OK);
		assert_int_equal(read.at_ms, audit.at_ms);
		assert_int_equal(read.what, what);
		assert_string_equal(read.who, "sok.1");
		assert_string_equal(read.note, audit.note);
		assert_int_equal(read.has_tip, audit.has_tip);
		if (audit.has_tip) {
			assert_memory_equal(
			    read.tip, audit.tip, sizeof(read.tip));
		}
		assert_string_not_equal(audit_word((enum audit_what)what), "?");
		buf_free(&doc);
	}
	assert_string_equal(audit_word(AUDIT_N), "?");
}

static void every_cut_is_refused(void **state)
{
	struct audit audit = sample(AUDIT_VIEW), read = { .at_ms = 7 };
	struct buf doc;

	(void)state;
	buf_init(&doc, AUDIT_DOC_BYTES);
	assert_int_equal(audit_put(&audit, &doc), TL_OK);
	for (size_t len = 0; len < doc.len; len++) {
		uint8_t *cut = malloc(len + (len == 0));

		assert_non_null(cut);
		memcpy(cut, doc.data, len);
		assert_int_equal(
		    audit_read(bytes_of(cut, len), &read), TL_EFORMAT);
		free(cut);
	}
	assert_int_equal(read.at_ms, 7);
	buf_free(&doc);
}

static void what_is_no_record_is_refused(void **state)
{
	static const char *const wrong[] = {
		"[]",
		"{}",
		"{\"v\":2,\"at_ms\":1,\"what\":\"view\",\"who\":\"a\"}",
		"{\"v\":1,\"at_ms\":-1,\"what\":\"view\",\"who\":\"a\"}",
		"{\"v\":1,\"at_ms\":1.5,\"what\":\"view\",\"who\":\"a\"}",
		"{\"v\":1,\"at_ms\":1,\"what\":\"looked\",\"who\":\"a\"}",
		"{\"v\":1,\"at_ms\":1,\"what\":\"view\"}",
		"{\"v\":1,\"at_ms\":1,\"what\":\"view\",\"who\":7}",
		"{\"v\":1,\"at_ms\":1,\"what\":\"view\",\"who\":"
		"\"123456789012345678901234567890123\"}",
		"{\"v\":1,\"at_ms\":1,\"what\":\"view\",\"who\":\"a\","
		"\"tip\":\"00\"}",
		"{\"v\":1,\"at_ms\":1,\"what\":\"view\",\"who\":\"a\","
		"\"tip\":\"zz000000000000000000000000000000\"}",
		"{\"v\":1,\"at_ms\":1,\"what\":\"view\",\"who\":\"a\","
		"\"who\":\"b\"}",
	};
	struct audit read = { .at_ms = 7 };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(
		    audit_read(bytes_str(wrong[i]), &read), TL_EFORMAT);
	}
	/* what a later program adds is passed over */
	assert_int_equal(
	    audit_read(bytes_str("{\"v\":1,\"at_ms\":1,\"what\":\"view\","
				 "\"who\":\"a\",\"more\":[]}"),
		&read),
	    TL_OK);
}

static void a_note_is_cut_between_signs_and_holds_no_garbage(void **state)
{
	struct audit audit = sample(AUDIT_REVEAL);
	uint8_t longest[AUDIT_NOTE_BYTES + 6];

	(void)state;
	for (size_t i = 0; i < sizeof(longest); i += 3) {
		memcpy(longest + i, "\xe1\x9e\x80",
		    sizeof(longest) - i < 3 ? sizeof(longest) - i : 3);
	}
	audit_set_note(&audit, bytes_of(longest, sizeof(longest)));
	assert_int_equal(strlen(audit.note), AUDIT_NOTE_BYTES / 3 * 3);
	audit_set_note(&audit, bytes_of("\xff\xfe", 2));
	assert_string_equal(audit.note, "?");
	audit_set_note(&audit, bytes_of("a\0b", 3));
	assert_string_equal(audit.note, "?");
	audit_set_note(&audit, bytes_of(NULL, 0));
	assert_string_equal(audit.note, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_record_is_read_back_the_same),
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(what_is_no_record_is_refused),
		cmocka_unit_test(
		    a_note_is_cut_between_signs_and_holds_no_garbage),
	};

	return cmocka_run_group_tests_name("desk/audit", tests, NULL, NULL);
}
