/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/report_print: what an officer sees of words that came later.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "text/report.h"

static void later_words_name_their_tip_in_front(void **state)
{
	static const uint8_t tip[REPORT_ID_BYTES] = { 0xab };
	static const char doc[] =
	    "{\"id\":\"01\",\"text\":\"x\",\"kind\":\"more\"}";
	const struct report_context known = { .signed_by_us = true,
		.tip = tip };
	const struct report_context unknown = { .signed_by_us = true };
	struct buf out;

	(void)state;
	buf_init(&out, 1024);
	assert_int_equal(
	    report_print_plain(bytes_str(doc), &known, &out), TL_OK);
	buf_put_u8(&out, 0);
	assert_string_equal((char *)out.data,
	    "\n  id 01\n"
	    "  WRITTEN LATER to tip ab000000000000000000000000000000\n"
	    "\n  | x\n  kind: more\n");
	buf_reset(&out);
	assert_int_equal(
	    report_print_plain(bytes_str(doc), &unknown, &out), TL_OK);
	buf_put_u8(&out, 0);
	assert_non_null(strstr((char *)out.data,
	    "  WRITTEN LATER to a tip that is not known here\n"));
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(later_words_name_their_tip_in_front),
	};

	return cmocka_run_group_tests_name(
	    "text/report_print", tests, NULL, NULL);
}
