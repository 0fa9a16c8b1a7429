/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/custom: the options of a gateway with a contract of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the three first */
#include <cmocka.h>

#include "crypto/start.h"
#include "sms/custom.h"
#include "tests/lib/sms_fake.h"

static void good_options_are_read(void **state)
{
	const struct custom_words words = {
		.fields = "  from=a.0.from  text=t udh= coding=c",
		.reading = "body=json text=hex charset=utf-16le coding.8="
			   "utf-16be coding.4=binary time=epoch-ms probe.x=y",
		.proof = "hmac-base64:X-Mac",
		.answer = "status=202 type=text/plain failure=close",
		.answer_body = "OK",
		.answer_body_is_safe = "yes",
	};
	struct sms_custom custom;

	(void)state;
	assert_null(custom_read(&words, &custom));
	assert_string_equal(custom.fields[CUSTOM_FROM], "a.0.from");
	assert_string_equal(custom.fields[CUSTOM_TO], "to");
	assert_string_equal(custom.fields[CUSTOM_CODING], "c");
	assert_int_equal(custom.n_codings, 2);
	assert_int_equal(custom.charset, ENC_UTF16LE);
	assert_string_equal(custom.probe_value, "y");
	assert_string_equal(custom.proof_name, "x-mac");
	assert_int_equal(custom.kept.status, 202);
	assert_string_equal(custom.kept.type, "text/plain");
	assert_string_equal(custom.kept.body, "OK");
	assert_true(custom.not_kept.drop);
	assert_string_equal(custom_trust(&custom), "signed");
}

static void by_default_it_is_a_form_with_an_empty_answer(void **state)
{
	const struct custom_words words = { .fields = "" };
	struct sms_custom custom;

	(void)state;
	assert_null(custom_read(&words, &custom));
	assert_int_equal(custom.body, BODY_FORM);
	assert_int_equal(custom.charset, ENC_UTF8);
	assert_int_equal(custom.kept.status, 200);
	assert_null(custom.kept.type);
	assert_null(custom.kept.body);
	assert_int_equal(custom.not_kept.status, 503);
	assert_string_equal(custom.fields[CUSTOM_UDH], "");
	assert_null(custom_trust(&custom));
}

static void the_body_can_be_the_text_and_needs_no_name(void **state)
{
	const struct custom_words words = {
		.fields = "text=",
		.reading = "body=text",
	};
	struct sms_custom custom;

	(void)state;
	assert_null(custom_read(&words, &custom));
}

static void a_wrong_option_is_named(void **state)
{
	static const struct {
		struct custom_words words;
		const char *named;
	} rows[] = {
		{ { .fields = "sender=a" }, "custom_fields" },
		{ { .fields = "from" }, "custom_fields" },
		{ { .fields = "from= text=" }, "custom_fields" },
		{ { .fields = "from=" }, "custom_fields" },
		{ { .fields = "text=" }, "custom_fields" },
		{ { .fields = "text=", .reading = "body=json" },
		    "custom_fields" },
		{ { .fields = "from=", .reading = "body=text" },
		    "custom_fields" },
		{ { .fields = "from=abcdefghijklmnopqrstuvwxyzabcdefghijklmnop"
			      "qrstuvwxyzabcdefghijkl" },
		    "custom_fields" },
		{ { .reading = "body=xml" }, "custom_reading" },
		{ { .reading = "body" }, "custom_reading" },
		{ { .reading = "charset=utf-7" }, "custom_reading" },
		{ { .reading = "coding.8=utf-7" }, "custom_reading" },
		{ { .reading = "what.8=gsm7" }, "custom_reading" },
		{ { .reading = "coding.1=gsm7 coding.2=gsm7 coding.3=gsm7"
			       " coding.4=gsm7 coding.5=gsm7 coding.6=gsm7"
			       " coding.7=gsm7 coding.8=gsm7 coding.9=gsm7" },
		    "custom_reading" },
		{ { .reading = "time=soon" }, "custom_reading" },
		{ { .reading = "time=%H:%M" }, "custom_reading" },
		{ { .reading = "zone=7" }, "custom_reading" },
		{ { .reading = "zone=+07:00" }, "zone" },
		{ { .reading = "time=date zone=+07:00" }, "zone" },
		{ { .reading = "time=%F%z zone=+07:00" }, "zone" },
		{ { .proof = "none" }, "custom_proof" },
		{ { .proof = "field" }, "custom_proof" },
		{ { .proof = "field:" }, "custom_proof" },
		{ { .proof = "secret:x" }, "custom_proof" },
		{ { .answer = "status=404" }, "custom_answer" },
		{ { .answer = "failure=200" }, "custom_answer" },
		{ { .answer = "status=close" }, "custom_answer" },
		{ { .answer = "body=OK" }, "custom_answer" },
		{ { .answer_body = "OK" }, "custom_answer_body_is_safe" },
		{ { .answer_body = "OK", .answer_body_is_safe = "no" },
		    "custom_answer_body_is_safe" },
		{ { .answer_body = "\x01", .answer_body_is_safe = "yes" },
		    "ASCII" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sms_custom custom;
		const char *fault = custom_read(&rows[i].words, &custom);

		assert_non_null(fault);
		assert_non_null(strstr(fault, rows[i].named));
	}
}

#define TYPE "multipart/form-data; boundary=b1"
#define PART(n, v) \
	"--b1\r\nContent-Disposition: form-data; name=\"" n "\"\r\n\r\n" v \
	"\r\n"
#define FILE_PART(n, v) PART(n "\"; filename=\"a b.jpg", v)
#define END             "--b1--\r\n"

/* Take a POST of that type and body under these options. */
static void take(struct sms_fake *fake, const struct custom_words *words,
    const char *type, const char *body)
{
	sms_fake_init(fake, "custom");
	sms_fake_custom(fake, words);
	sms_fake_post(fake, NULL, type, bytes_str(body), NULL);
	assert_int_equal(sms_fake_take(fake), SMS_TIP);
}

/* The day alone would make one message of all that somebody cries in a day. */
static void a_time_without_its_second_is_rough(void **state)
{
	static const struct {
		const char *reading, *time;
		bool is_rough;
	} rows[] = {
		{ "time=%d/%m/%Y", "22/11/2026", true },
		{ "time=%F%t%H:%M", "2026-11-22 05:26", true },
		{ "time=%F%t%T", "2026-11-22 05:26:40", false },
		{ "time=epoch", "1795300000", false },
		{ "time=%F", "today", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct custom_words words = { .reading =
							rows[i].reading };
		struct sms_fake fake;
		char body[128];

		(void)snprintf(body, sizeof(body),
		    "from=%%2B85512345678&text=help&time=%s", rows[i].time);
		take(&fake, &words, "application/x-www-form-urlencoded", body);
		assert_int_equal(fake.message->sent_is_rough, rows[i].is_rough);
		sms_fake_free(&fake);
	}
}

static void files_beside_the_fields_are_attachments(void **state)
{
	const struct custom_words words = {
		.reading = "body=multipart time=%d/%m/%Y%t%T zone=+07:00",
	};
	struct sms_fake fake;

	(void)state;
	take(&fake, &words, TYPE,
	    PART("from", "+85512345678") PART("id", "7")
		PART("time", "22/11/2026 05:26:40") FILE_PART("text", "help")
		    FILE_PART("photo", "jpeg") FILE_PART("none", "") END);
	assert_string_equal(sms_kind_name(fake.message->kind), "");
	/* a field may come as a file all the same */
	assert_memory_equal(fake.message->text.at, "help", 4);
	assert_int_equal(fake.message->sent_s, SMS_FAKE_NOW_S);
	assert_int_equal(fake.message->n_files, 1);
	assert_memory_equal(fake.message->files[0].name.at, "a b.jpg", 7);
	assert_memory_equal(fake.message->files[0].data.at, "jpeg", 4);
	sms_fake_free(&fake);
}

static void more_files_than_a_message_holds_are_kept_whole(void **state)
{
	const struct custom_words words = { .reading = "body=multipart" };
	struct sms_fake fake;
	char body[2048];

	(void)state;
	for (size_t files = SMS_FILES_MAX; files <= SMS_FILES_MAX + 1;
	     files++) {
		size_t len = (size_t)snprintf(body, sizeof(body), "%s",
		    PART("from", "1") PART("text", "help"));

		for (size_t i = 0; i < files; i++) {
			len += (size_t)snprintf(body + len, sizeof(body) - len,
			    "%s", FILE_PART("p", "x"));
		}
		(void)snprintf(body + len, sizeof(body) - len, END);
		take(&fake, &words, TYPE, body);
		if (files == SMS_FILES_MAX) {
			assert_int_equal(fake.message->n_files, files);
		} else {
			assert_string_equal(
			    sms_kind_name(fake.message->kind), "undecodable");
			assert_true(
			    bytes_equal(fake.message->data, bytes_str(body)));
		}
		sms_fake_free(&fake);
	}
}

/* Programs that write a text of digits as a number are not rare, and single
 * digits mean something. */
static void numbers_in_json_do_not_take_each_others_place(void **state)
{
	const struct custom_words words = {
		.fields = "coding=c udh=u",
		.reading = "body=json coding.0=utf-8",
	};
	struct sms_fake fake;

	(void)state;
	take(&fake, &words, "application/json",
	    "{\"from\":85512345678,\"to\":1294,\"text\":9,\"c\":0,\"id\":7,"
	    "\"time\":5,\"u\":null}");
	assert_int_equal(fake.message->text.len, 1);
	assert_memory_equal(fake.message->text.at, "9", 1);
	assert_memory_equal(fake.message->to.at, "1294", 4);
	assert_memory_equal(fake.message->from_raw.at, "85512345678", 11);
	sms_fake_free(&fake);
}

static void what_is_there_and_no_text_is_kept_whole(void **state)
{
	const struct custom_words words = { .reading = "body=json" };
	static const char *const bodies[] = {
		"{\"from\":{\"number\":\"1\"},\"text\":\"help\"}",
		"{\"from\":1.5,\"text\":\"help\"}",
		"{\"from\":\"1\",\"text\":true}",
		"{\"from\":\"1\",\"text\":\"help\",\"id\":[]}",
	};
	struct sms_fake fake;

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		take(&fake, &words, "application/json", bodies[i]);
		assert_string_equal(
		    sms_kind_name(fake.message->kind), "undecodable");
		sms_fake_free(&fake);
	}
}

/* Some gateways prove themselves by a secret in the body. */
static void words_of_what_cannot_be_read_are_without_the_secret(void **state)
{
	const struct custom_words words = { .reading = "body=json" };
	struct sms_fake fake;
	struct buf body, text;

	(void)state;
	sms_fake_init(&fake, "custom");
	sms_fake_custom(&fake, &words);
	buf_init(&body, 1024);
	buf_init(&text, 1024);
	buf_put_str(&body, "{\"from\":1.5,\"text\":\"help\",\"key\":\"");
	buf_put(&text, body.data, body.len);
	for (size_t i = 0; i < 2 * fake.gateway.secrets[0].len; i++) {
		buf_put_u8(&text, '*');
	}
	buf_put(&body, fake.gateway.secrets[0].at, fake.gateway.secrets[0].len);
	buf_put(&body, fake.gateway.secrets[0].at, fake.gateway.secrets[0].len);
	buf_put_str(&body, "\"}");
	buf_put_str(&text, "\"}");
	sms_fake_post(&fake, NULL, "application/json",
	    bytes_of(body.data, body.len), NULL);
	assert_int_equal(sms_fake_take(&fake), SMS_TIP);
	assert_true(bytes_equal(fake.message->data, fake.request.body));
	assert_true(
	    bytes_equal(fake.message->text, bytes_of(text.data, text.len)));
	sms_fake_free(&fake);
	buf_free(&body);
	buf_free(&text);
}

/* What is kept whole is the body, and the sender is not in it. */
static void the_sender_beside_a_text_that_cannot_be_read_is_kept(void **state)
{
	const struct custom_words words = {
		.reading = "body=text text=hex",
	};
	struct sms_fake fake;

	(void)state;
	sms_fake_init(&fake, "custom");
	sms_fake_custom(&fake, &words);
	sms_fake_post(&fake, "from=%2B85512345678&to=1294&id=7", "text/plain",
	    bytes_str("no hex"), NULL);
	assert_int_equal(sms_fake_take(&fake), SMS_TIP);
	assert_string_equal(sms_kind_name(fake.message->kind), "undecodable");
	assert_memory_equal(fake.message->data.at, "no hex", 6);
	assert_int_equal(fake.message->from_e164.len, 12);
	assert_memory_equal(fake.message->to.at, "1294", 4);
	assert_memory_equal(fake.message->external_id.at, "7", 1);
	assert_non_null(strstr(fake.why, "kept as it is"));
	sms_fake_free(&fake);
}

static void a_get_without_its_text_is_kept_whole(void **state)
{
	const struct custom_words words = { .reading = "body=text" };
	struct sms_fake fake;

	(void)state;
	sms_fake_init(&fake, "custom");
	sms_fake_custom(&fake, &words);
	sms_fake_get(&fake, "from=1&id=7", NULL);
	assert_int_equal(sms_fake_take(&fake), SMS_TIP);
	assert_string_equal(sms_kind_name(fake.message->kind), "undecodable");
	sms_fake_free(&fake);
	/* but the body may be an empty text */
	take(&fake, &words, "text/plain", "");
	assert_string_equal(sms_kind_name(fake.message->kind), "");
	assert_int_equal(fake.message->text.len, 0);
	sms_fake_free(&fake);
}

static void the_answer_and_the_label_are_as_configured(void **state)
{
	const struct custom_words words = {
		.proof = "field:key",
		.answer = "status=202 failure=500",
	};
	struct sms_fake fake;

	(void)state;
	sms_fake_init(&fake, "custom");
	assert_string_equal(sms_trust(&fake.gateway), "basic");
	assert_false(sms_wants_segment(&fake.gateway));
	fake.gateway.secrets[0] =
	    bytes_str("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
	assert_true(sms_wants_segment(&fake.gateway));
	assert_null(sms_gateway_fault(&fake.gateway));
	fake.gateway.secrets[0] = bytes_str("long enough, but no Basic");
	assert_non_null(sms_gateway_fault(&fake.gateway));
	sms_fake_custom(&fake, &words);
	assert_null(sms_gateway_fault(&fake.gateway));
	assert_false(sms_wants_segment(&fake.gateway));
	assert_string_equal(sms_trust(&fake.gateway), "basic");
	assert_int_equal(sms_answer(&fake.gateway, SMS_STORED)->status, 202);
	assert_int_equal(
	    sms_answer(&fake.gateway, SMS_NOT_STORED)->status, 500);
	assert_int_equal(
	    sms_answer(&fake.gateway, SMS_PROOF_FAILED)->status, 500);
}

/* Who takes any status for delivered must be dropped, or a wrong secret loses
 * what comes meanwhile. */
/* A MAC over an empty body is the same for every query. */
static void a_proof_over_the_body_lets_no_get_through(void **state)
{
	static const struct custom_words words[] = {
		{ .proof = "hmac-hex:X-Mac" },
		{ .proof = "hmac-base64:X-Mac" },
		{ .proof = "field:key" },
		{ .proof = "secret" },
	};
	struct sms_fake fake;

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		sms_fake_init(&fake, "custom");
		sms_fake_custom(&fake, &words[i]);
		assert_int_equal(sms_allows_get(&fake.gateway), i >= 2);
	}
	/* HMAC-SHA256 of nothing, with an empty key */
	sms_fake_init(&fake, "custom");
	sms_fake_custom(&fake, &words[0]);
	fake.gateway.secrets[0] = bytes_of("", 0);
	sms_fake_get(&fake, "from=1&text=forged", NULL);
	sms_fake_header(&fake, "x-mac",
	    "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
	assert_int_equal(sms_fake_take(&fake), SMS_NO_PROOF);
	assert_non_null(strstr(fake.why, "POST"));
	sms_fake_free(&fake);
}

/* What a gateway cut in two is kept, though the proof stands beside it. */
static void a_cut_emoji_hides_no_proof(void **state)
{
	static const char secret[] = "tipline-custom-field-secret";
	static const struct custom_words words = {
		.reading = "body=json",
		.proof = "field:key",
	};
	static const struct {
		const char *text;
		bool held;
	} rows[] = {
		{ "\\ud83d", true },
		{ "\\udE00 a", true },
		{ "\\ud83d\\ud83d\\ude00", true },
		{ "\\\\\\ud83d\\n", true },
		{ "\\ud83d\\u0041", true },
		{ "\xf0\x9f", true },
		{ "\\ud83d\" ", false },
		{ "\\ud83", false },
		{ "\\x", false },
	};
	struct sms_fake fake;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (int right = 0; right < 2; right++) {
			char body[256];

			(void)snprintf(body, sizeof(body),
			    "{\"from\":\"1\",\"text\":\"%s\",\"key\":"
			    "\"%s\"}",
			    rows[i].text, right ? secret : "another");
			sms_fake_init(&fake, "custom");
			sms_fake_custom(&fake, &words);
			fake.gateway.secrets[0] = bytes_str(secret);
			sms_fake_post(&fake, NULL, "application/json",
			    bytes_str(body), NULL);
			fake.request.body = bytes_str(body);
			assert_int_equal(sms_fake_take(&fake),
			    right && rows[i].held ? SMS_TIP : SMS_NO_PROOF);
			if (fake.message != NULL) {
				assert_int_equal(
				    fake.message->kind, SMS_UNDECODABLE);
				assert_true(bytes_equal(
				    fake.message->data, bytes_str(body)));
			}
			sms_fake_free(&fake);
		}
	}
}

static void every_failure_is_answered_as_configured(void **state)
{
	static const char *const proofs[] = { "secret", "field:key",
		"hmac-hex:X-Mac", NULL };
	struct sms_fake fake;

	(void)state;
	sms_fake_init(&fake, "custom");
	for (size_t i = 0; proofs[i] != NULL; i++) {
		const struct custom_words closes = { .proof = proofs[i],
			.answer = "failure=close" };
		const struct custom_words silent = { .proof = proofs[i] };

		sms_fake_custom(&fake, &closes);
		assert_true(sms_answer(&fake.gateway, SMS_NOT_STORED)->drop);
		assert_true(sms_answer(&fake.gateway, SMS_PROOF_FAILED)->drop);
		sms_fake_custom(&fake, &silent);
		assert_int_equal(
		    sms_answer(&fake.gateway, SMS_PROOF_FAILED)->status, 503);
	}
}

static int setup(void **state)
{
	(void)state;
	return crypto_start() == TL_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_options_are_read),
		cmocka_unit_test(by_default_it_is_a_form_with_an_empty_answer),
		cmocka_unit_test(the_body_can_be_the_text_and_needs_no_name),
		cmocka_unit_test(a_wrong_option_is_named),
		cmocka_unit_test(a_time_without_its_second_is_rough),
		cmocka_unit_test(files_beside_the_fields_are_attachments),
		cmocka_unit_test(
		    more_files_than_a_message_holds_are_kept_whole),
		cmocka_unit_test(numbers_in_json_do_not_take_each_others_place),
		cmocka_unit_test(what_is_there_and_no_text_is_kept_whole),
		cmocka_unit_test(
		    words_of_what_cannot_be_read_are_without_the_secret),
		cmocka_unit_test(
		    the_sender_beside_a_text_that_cannot_be_read_is_kept),
		cmocka_unit_test(a_get_without_its_text_is_kept_whole),
		cmocka_unit_test(the_answer_and_the_label_are_as_configured),
		cmocka_unit_test(a_proof_over_the_body_lets_no_get_through),
		cmocka_unit_test(a_cut_emoji_hides_no_proof),
		cmocka_unit_test(every_failure_is_answered_as_configured),
	};

	return cmocka_run_group_tests_name("sms/custom", tests, setup, NULL);
}
