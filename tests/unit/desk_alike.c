/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/alike: a tip is told which others have nearly its text, and not itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the three of them */
#include <cmocka.h>

#include "desk/alike.h"
#include "tests/lib/lit.h"

#define DOC_MAX_BYTES 4096u

/* A document whose fingerprint has the first n slots of one text. */
static struct buf doc_of(size_t n)
{
	struct report report = { .channel = "web",
		.received_s = 1,
		.kind = "",
		.has_likeness = true };
	struct buf doc;

	for (size_t i = 0; i < LIKENESS_BYTES; i++) {
		report.likeness[i] = (uint8_t)(i < 2 * n ? 7 : 9 + n % 50);
	}
	buf_init(&doc, DOC_MAX_BYTES);
	assert_int_equal(report_write(&report, &doc), TL_OK);
	return doc;
}

static struct bytes bytes_in(const struct buf *doc)
{
	return bytes_of(doc->data, doc->len);
}

static void near_tips_are_told_and_far_ones_are_not(void **state)
{
	static const uint8_t ids[3][REPORT_ID_BYTES] = { { 1 }, { 2 }, { 3 } };
	struct report_context context = { .signed_by_us = true };
	struct alike alike = { 0 };
	struct buf docs[3] = { doc_of(64), doc_of(50), doc_of(10) };
	struct buf line;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(
		    alike_add(&alike, ids[i], bytes_in(&docs[i])), TL_OK);
	}
	assert_int_equal(
	    alike_add(&alike, ids[0], B("{\"id\":\"00\"}")), TL_OK);
	assert_int_equal(alike.n, 3);
	alike_give(&alike, ids[0], bytes_in(&docs[0]), &context);
	assert_int_equal(context.n_alike, 1);
	assert_memory_equal(context.alike[0], ids[1], REPORT_ID_BYTES);
	buf_init(&line, DOC_MAX_BYTES);
	assert_int_equal(
	    report_print_json(bytes_in(&docs[0]), &context, &line), TL_OK);
	buf_put_u8(&line, 0);
	assert_non_null(strstr((char *)line.data,
	    "\"like\":[\"02000000000000000000000000000000\"]"));
	assert_null(strstr((char *)line.data, "likeness"));
	context.n_alike = 9;
	alike_give(&alike, ids[2], bytes_in(&docs[2]), &context);
	assert_int_equal(context.n_alike, 0);
	buf_free(&line);
	for (size_t i = 0; i < 3; i++) {
		buf_free(&docs[i]);
	}
	alike_free(&alike);
}

static void no_tip_is_told_more_than_a_few(void **state)
{
	struct report_context context = { .signed_by_us = true };
	struct alike alike = { 0 };
	struct buf doc = doc_of(64);

	(void)state;
	for (uint8_t i = 0; i < 200; i++) {
		uint8_t id[REPORT_ID_BYTES] = { i };

		assert_int_equal(alike_add(&alike, id, bytes_in(&doc)), TL_OK);
	}
	alike_give(
	    &alike, (uint8_t[REPORT_ID_BYTES]){ 0 }, bytes_in(&doc), &context);
	assert_int_equal(context.n_alike, ALIKE_MAX);
	assert_int_equal(context.alike[0][0], 1);
	buf_free(&doc);
	alike_free(&alike);
}

static void what_is_no_fingerprint_is_none(void **state)
{
	static const char *const docs[] = {
		"",
		"{\"id\":\"00\"}",
		"{\"id\":\"00\",\"likeness\":7}",
		"{\"id\":\"00\",\"likeness\":\"\"}",
		"{\"id\":\"00\",\"likeness\":\"AAAA\"}",
		"{\"id\":\"00\",\"likeness\":\"%%%%\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(docs) / sizeof(docs[0]); i++) {
		uint8_t likeness[LIKENESS_BYTES] = { 5 };

		assert_false(report_likeness(bytes_str(docs[i]), likeness));
		assert_int_equal(likeness[0], 5);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(near_tips_are_told_and_far_ones_are_not),
		cmocka_unit_test(no_tip_is_told_more_than_a_few),
		cmocka_unit_test(what_is_no_fingerprint_is_none),
	};

	return cmocka_run_group_tests_name("desk/alike", tests, NULL, NULL);
}
