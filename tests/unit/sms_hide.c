/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/hide: a sender in words that were read out of a request, in whatever
 * form it stands there; and nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
/* cmocka needs the three above */
#include <cmocka.h>

#include "sms/hide.h"

static void assert_hidden(
    const char *raw, const char *e164, const char *text, const char *wanted)
{
	struct buf words;

	buf_init(&words, 1024);
	buf_put_str(&words, text);
	hide_sender(&words, bytes_str(raw), bytes_str(e164));
	assert_int_equal(buf_err(&words), TL_OK);
	if (!bytes_equal(bytes_of(words.data, words.len), bytes_str(wanted))) {
		fail_msg(
		    "%s: %.*s", text, (int)words.len, (const char *)words.data);
	}
	buf_free(&words);
}

static void a_number_is_hidden_in_every_form(void **state)
{
	static const char *const rows[][2] = {
		{ "85512345678", "***********" },
		{ "whatsapp:+85512345678", "whatsapp:************" },
		{ "%2B85512345678", "%2B***********" },
		{ "\"85512345678\"", "\"***********\"" },
		{ "+855 12 345 678", "+*** ** *** ***" },
		{ "+855 (0)12-345-678", "+855 (0)**-***-***" },
		{ "0085512345678", "00***********" },
		{ "012345678", "0********" },
		{ "012.345.678,", "0**.***.***," },
		{ "85512345678@s.whatsapp.net", "***********@s.whatsapp.net" },
		{ "8551234567885512345678", "**********************" },
		{ "a 12345678 b 12345678", "a ******** b ********" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_hidden("whatsapp:+85512345678", "+85512345678",
		    rows[i][0], rows[i][1]);
	}
	/* as its country has it */
	assert_hidden("012 345 678", "+85512345678",
	    "from=012 345 678&tel=85512345678",
	    "from=***********&tel=***********");
	/* and where nobody is sure which country that is */
	assert_hidden("012345678", "", "+85512345678 012345678",
	    "+855******** *********");
	/* of another script */
	assert_hidden("\u17e0\u17e1\u17e2\u17e3\u17e4\u17e5\u17e6",
	    "+85512345678",
	    "\u17e0\u17e1\u17e2\u17e3\u17e4\u17e5\u17e6 85512345678",
	    "********************* ***********");
}

static void who_is_no_number_is_hidden_too(void **state)
{
	(void)state;
	assert_hidden("telegram:1111111111", "",
	    "{\"id\":1111111111,\"chat\":-1001111111111}",
	    "{\"id\":**********,\"chat\":-100**********}");
	assert_hidden("whatsapp:US.ABCDEF", "", "from US.ABCDEF to US.ABCDE",
	    "from ********* to US.ABCDE");
	assert_hidden(
	    "sok@example.org", "", "f=sok@example.org", "f=***************");
}

static void nothing_else_changes(void **state)
{
	static const char *const rows[] = {
		"",
		"help",
		"85512345679",
		"345678 and 5678",
		"1234567",
		"12x345678",
		"1234    5678", /* too far from each other to be one */
		"+14155550100",
		"2026-11-24 04:05:06",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_hidden("+85512345678", "+85512345678", rows[i], rows[i]);
		assert_hidden("", "", rows[i], rows[i]);
		/* a short code, a word: they would be everywhere */
		assert_hidden("5678", "", rows[i], rows[i]);
		assert_hidden("345678", "", rows[i], rows[i]);
		assert_hidden("help", "", rows[i], rows[i]);
		assert_hidden("sms:help", "", rows[i], rows[i]);
	}
}

static void a_number_of_any_length_is_looked_at(void **state)
{
	char raw[256];
	struct buf words;

	(void)state;
	memset(raw, '1', sizeof(raw) - 1);
	raw[sizeof(raw) - 1] = '\0';
	for (size_t len = 0; len < sizeof(raw); len++) {
		buf_init(&words, sizeof(raw));
		buf_put(&words, raw, len);
		hide_sender(&words, bytes_of(raw, len), bytes_of(NULL, 0));
		for (size_t i = 0; i < words.len; i++) {
			assert_int_equal(words.data[i], len < 7 ? '1' : '*');
		}
		buf_free(&words);
	}
}

static void a_secret_is_hidden_byte_for_byte(void **state)
{
	struct buf words;

	(void)state;
	buf_init(&words, 64);
	hide_bytes(&words, bytes_str("pw"));
	assert_int_equal(words.len, 0);
	buf_put_str(&words, "pw=pwpw&x");
	hide_bytes(&words, bytes_str(""));
	hide_bytes(&words, bytes_str("pw"));
	assert_memory_equal(words.data, "**=****&x", 9);
	buf_free(&words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_is_hidden_in_every_form),
		cmocka_unit_test(who_is_no_number_is_hidden_too),
		cmocka_unit_test(nothing_else_changes),
		cmocka_unit_test(a_number_of_any_length_is_looked_at),
		cmocka_unit_test(a_secret_is_hidden_byte_for_byte),
	};

	return cmocka_run_group_tests_name("sms/hide", tests, NULL, NULL);
}
