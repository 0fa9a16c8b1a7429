/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/adapter_kannel: what Kannel 1.4.5 sends by POST and by GET.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the three first */
#include <cmocka.h>

#include "crypto/start.h"
#include "tests/lib/assert_bytes.h"
#include "tests/lib/lit.h"
#include "tests/lib/sms_fake.h"

#define UTF8_TYPE  "text/plain; charset=\"UTF-8\""
#define UTF16_TYPE "text/plain; charset=\"UTF-16BE\""

static void the_captured_post_is_read(void **state)
{
	struct sms_fake fake;
	const struct sms_message *m;

	(void)state;
	sms_fake_init(&fake, "kannel");
	sms_fake_post(&fake,
	    "id=6f4b3494-978e-4a61-90af-7440d1ae2716&from=%2B85533333333"
	    "&to=8888&charset=UTF-8&coding=0&ts=1795295707"
	    "&udh=%05%00%03w%02%01&smsc=OPERATOR",
	    UTF8_TYPE, B("only first half "), NULL);
	sms_fake_header(&fake, "x-kannel-from", "+85533333334");
	sms_fake_header(&fake, "x-kannel-to", "8889");
	sms_fake_header(&fake, "date", "2026-11-21 21:15:47");
	assert_int_equal(sms_fake_take(&fake), SMS_TIP);
	m = fake.message;
	assert_bytes(m->text, "only first half ");
	assert_bytes(m->external_id, "6f4b3494-978e-4a61-90af-7440d1ae2716");
	/* the headers come before the query */
	assert_bytes(m->from_e164, "+85533333334");
	assert_bytes(m->to, "8889");
	assert_int_equal(m->sent_s, 1795295707);
	assert_true(m->has_concat);
	assert_int_equal(m->concat.ref, 0x77);
	assert_int_equal(m->concat.total, 2);
	assert_int_equal(m->concat.seq, 1);
	assert_int_equal(m->udh.len, 0);
	assert_int_equal(m->flags, 0);
	sms_fake_free(&fake);
}

static void the_header_stands_in_for_a_udh_that_the_query_lacks(void **state)
{
	struct sms_fake fake;

	(void)state;
	sms_fake_init(&fake, "kannel");
	sms_fake_post(&fake, "id=1&udh=", UTF8_TYPE, B("x"), NULL);
	sms_fake_header(&fake, "x-kannel-udh", "%05%00%03w%02%01");
	assert_int_equal(sms_fake_take(&fake), SMS_TIP);
	assert_true(fake.message->has_concat);
	assert_int_equal(fake.message->concat.ref, 0x77);
	sms_fake_free(&fake);
}

static void the_content_type_names_the_charset_where_the_query_does_not(
    void **state)
{
	static const struct {
		const char *query, *type;
		enum sms_kind kind;
		const char *text;
	} rows[] = {
		{ "id=1", UTF16_TYPE, SMS_TEXT, "ជ" },
		{ "id=1", "text/plain; charset=utf-16be", SMS_TEXT, "ជ" },
		{ "id=1&charset=UTF-16BE", UTF8_TYPE, SMS_TEXT, "ជ" },
		{ "id=1&coding=2", UTF8_TYPE, SMS_TEXT, "ជ" },
		{ "id=1&coding=1", "application/octet-stream", SMS_BINARY, "" },
		{ "id=1&charset=8-BIT&coding=1", UTF8_TYPE, SMS_BINARY, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sms_fake fake;

		sms_fake_init(&fake, "kannel");
		sms_fake_post(
		    &fake, rows[i].query, rows[i].type, B("\x17\x87"), NULL);
		assert_int_equal(sms_fake_take(&fake), SMS_TIP);
		assert_int_equal(fake.message->kind, rows[i].kind);
		assert_true(
		    bytes_equal(fake.message->text, bytes_str(rows[i].text)));
		if (rows[i].kind == SMS_BINARY) {
			assert_bytes(fake.message->data, "\x17\x87");
		} else {
			assert_int_equal(fake.message->data.len, 0);
		}
		sms_fake_free(&fake);
	}
}

static void binary_keeps_its_header_whole(void **state)
{
	struct sms_fake fake;

	(void)state;
	sms_fake_init(&fake, "kannel");
	sms_fake_get(&fake,
	    "id=1&from=%2B85512345678&to=8888&textb=%00%FF&charset=8-BIT"
	    "&coding=1&udh=%06%05%04%0B%84%23%F0",
	    NULL);
	assert_int_equal(sms_fake_take(&fake), SMS_TIP);
	assert_int_equal(fake.message->kind, SMS_BINARY);
	assert_bytes(fake.message->data, "\0\xff");
	assert_bytes(fake.message->udh, "\x06\x05\x04\x0b\x84\x23\xf0");
	assert_false(fake.message->has_concat);
	sms_fake_free(&fake);
}

/* Some operators call a text of Latin letters 8 bit. */
static void words_in_bytes_are_a_text_beside_them(void **state)
{
	struct sms_fake fake;

	(void)state;
	sms_fake_init(&fake, "kannel");
	sms_fake_get(&fake,
	    "id=1&from=%2B85512345678&to=8888&textb=help+me&charset=8-BIT"
	    "&coding=1",
	    NULL);
	assert_int_equal(sms_fake_take(&fake), SMS_TIP);
	assert_int_equal(fake.message->kind, SMS_BINARY);
	assert_bytes(fake.message->data, "help me");
	assert_bytes(fake.message->text, "help me");
	assert_true((fake.message->flags & SMS_FLAG_GUESSED) != 0);
	sms_fake_free(&fake);
}

static void a_charset_nobody_knows_loses_no_byte(void **state)
{
	static const struct {
		struct bytes body, text;
	} rows[] = {
		{ B("plain"), B("plain") },
		{ B("\xff\xff"), B("\xef\xbf\xbf") }, /* fits UTF-16 */
		{ B("\xff"), B("\xef\xbf\xbd") },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sms_fake fake;

		sms_fake_init(&fake, "kannel");
		sms_fake_post(&fake, "id=1&charset=windows-1252", UTF8_TYPE,
		    rows[i].body, NULL);
		assert_int_equal(sms_fake_take(&fake), SMS_TIP);
		assert_true(bytes_equal(fake.message->text, rows[i].text));
		assert_true(bytes_equal(fake.message->data, rows[i].body));
		assert_true((fake.message->flags & SMS_FLAG_GUESSED) != 0);
		sms_fake_free(&fake);
	}
}

static void invalid_utf8_is_repaired_and_kept(void **state)
{
	struct sms_fake fake;

	(void)state;
	sms_fake_init(&fake, "kannel");
	sms_fake_post(&fake, "id=1&charset=UTF-8", UTF8_TYPE,
	    B("a\0b\r\n\xe2\x80\x8b\xff"), NULL);
	assert_int_equal(sms_fake_take(&fake), SMS_TIP);
	assert_bytes(fake.message->text, "a\0b\r\n\xe2\x80\x8b\xef\xbf\xbd");
	assert_bytes(fake.message->data, "a\0b\r\n\xe2\x80\x8b\xff");
	sms_fake_free(&fake);
}

/* The operator wrote another name into the URL: an empty text would hide it. */
static void a_get_without_textb_is_kept_whole(void **state)
{
	struct sms_fake fake;

	(void)state;
	sms_fake_init(&fake, "kannel");
	sms_fake_get(&fake, "id=7&from=012345678&text=help", NULL);
	assert_int_equal(sms_fake_take(&fake), SMS_TIP);
	assert_int_equal(fake.message->kind, SMS_UNDECODABLE);
	assert_bytes(fake.message->data, "id=7&from=012345678&text=help");
	assert_bytes(fake.message->external_id, "7");
	sms_fake_free(&fake);
}

static void nothing_but_the_credentials_is_required(void **state)
{
	struct sms_fake fake;

	(void)state;
	sms_fake_init(&fake, "kannel");
	sms_fake_post(&fake, NULL, UTF8_TYPE, B("help"), NULL);
	assert_int_equal(sms_fake_take(&fake), SMS_TIP);
	assert_bytes(fake.message->text, "help");
	assert_int_equal(fake.message->flags, SMS_FLAG_NO_ID);
	assert_int_equal(fake.message->from.len, 0);
	sms_fake_free(&fake);
}

static void credentials_are_compared_whole(void **state)
{
	static const char *const wrong[] = { "u1:pw", "u1:pw11", "u1:", "u1",
		":pw1", "u1:pw2", "U1:pw1", "" };
	static const char *const headers[] = { "basic dTE6cHcx",
		"BASIC  dTE6cHcx" };
	static const char *const broken[] = { "Basic", "Basic ",
		"Bearer dTE6cHcx", "dTE6cHcx",
		"Basic dTE6cHcx=", "Basic dTE6cHcx dTE6cHcx", "Basic u1:pw1" };
	struct sms_fake fake;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		sms_fake_init(&fake, "kannel");
		sms_fake_get(&fake, "id=1&textb=x", wrong[i]);
		assert_int_equal(sms_fake_take(&fake), SMS_NO_PROOF);
	}
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		sms_fake_get(&fake, "id=1&textb=x", NULL);
		fake.headers[0].value = bytes_str(headers[i]);
		assert_int_equal(sms_fake_take(&fake), SMS_TIP);
	}
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		fake.headers[0].value = bytes_str(broken[i]);
		assert_int_equal(sms_fake_take(&fake), SMS_NO_PROOF);
	}
	sms_fake_free(&fake);
}

static int setup(void **state)
{
	(void)state;
	return crypto_start() == TL_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_captured_post_is_read),
		cmocka_unit_test(
		    the_header_stands_in_for_a_udh_that_the_query_lacks),
		cmocka_unit_test(
		    the_content_type_names_the_charset_where_the_query_does_not),
		cmocka_unit_test(binary_keeps_its_header_whole),
		cmocka_unit_test(words_in_bytes_are_a_text_beside_them),
		cmocka_unit_test(a_charset_nobody_knows_loses_no_byte),
		cmocka_unit_test(invalid_utf8_is_repaired_and_kept),
		cmocka_unit_test(a_get_without_textb_is_kept_whole),
		cmocka_unit_test(nothing_but_the_credentials_is_required),
		cmocka_unit_test(credentials_are_compared_whole),
	};

	return cmocka_run_group_tests_name("sms/kannel", tests, setup, NULL);
}
