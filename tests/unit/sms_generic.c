/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/adapter_generic: Standard Webhooks, its window, and JSON as partners
 * really write it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the three first */
#include <cmocka.h>

#include "crypto/start.h"
#include "sms/standard_webhooks.h"
#include "tests/lib/assert_bytes.h"
#include "tests/lib/lit.h"
#include "tests/lib/sms_fake.h"

static enum sms_verdict take(struct sms_fake *fake, struct bytes body)
{
	sms_fake_post(fake, NULL, "application/json", body, NULL);
	return sms_fake_take(fake);
}

static void the_printed_example_holds(void **state)
{
	struct sms_fake fake;

	(void)state;
	sms_fake_init(&fake, "generic");
	fake.request.headers = fake.headers;
	fake.request.body = bytes_str(
	    "{\"message_id\":\"m-1\",\"from\":\"+85512345678\","
	    "\"to\":\"8888\",\"text\":\"help\","
	    "\"received_at\":\"2026-11-21T22:26:38Z\",\"channel\":\"sms\"}");
	sms_fake_header(&fake, "webhook-id", "msg_1");
	sms_fake_header(&fake, "webhook-timestamp", "1795299999");
	sms_fake_header(&fake, "webhook-signature",
	    "v1,j8A/tzbQTfdXIjKrsunG9F11Fh966wMCmX7lPSFL9wo=");
	assert_int_equal(sms_fake_take(&fake), SMS_TIP);
	assert_bytes(fake.message->external_id, "m-1");
	assert_bytes(fake.message->text, "help");
	assert_int_equal(fake.message->sent_s, 1795299998);
	sms_fake_free(&fake);
}

static void our_own_request_is_signed_as_the_example_is(void **state)
{
	struct sms_fake fake;
	struct buf out;

	(void)state;
	sms_fake_init(&fake, "generic");
	buf_init(&out, 128);
	assert_int_equal(
	    standard_sign(fake.gateway.secrets[0], bytes_str("msg_1"),
		bytes_str("1795299999"),
		bytes_str("{\"message_id\":\"m-1\",\"from\":\"+85512345678\","
			  "\"to\":\"8888\",\"text\":\"help\","
			  "\"received_at\":\"2026-11-21T22:26:38Z\","
			  "\"channel\":\"sms\"}"),
		&out),
	    TL_OK);
	assert_bytes(bytes_of(out.data, out.len),
	    "v1,j8A/tzbQTfdXIjKrsunG9F11Fh966wMCmX7lPSFL9wo=");
	assert_int_equal(
	    standard_sign(bytes_str("user:password"), bytes_str("m"),
		bytes_str("1"), bytes_str("{}"), &out),
	    TL_EFORMAT);
	buf_free(&out);
	sms_fake_free(&fake);
}

static void the_window_is_300_seconds_both_ways(void **state)
{
	static const struct {
		int64_t away_s;
		enum sms_verdict verdict;
	} rows[] = {
		{ 0, SMS_TIP },
		{ 300, SMS_TIP },
		{ 301, SMS_STALE },
		{ -300, SMS_TIP },
		{ -301, SMS_STALE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sms_fake fake;

		sms_fake_init(&fake, "generic");
		sms_fake_post(&fake, NULL, "application/json",
		    B("{\"message_id\":\"m\",\"text\":\"x\"}"), NULL);
		fake.request.now_s += rows[i].away_s;
		assert_int_equal(sms_fake_take(&fake), rows[i].verdict);
		sms_fake_free(&fake);
	}
}

static void any_v1_entry_of_the_list_is_enough(void **state)
{
	static const struct {
		const char *before, *after;
		enum sms_verdict verdict;
	} rows[] = {
		{ "", "", SMS_TIP },
		{ "v1,AAAA v1a,x ", "", SMS_TIP },
		{ "", " v1,AAAA", SMS_TIP },
		{ "", " v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		    SMS_TIP },
		{ "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= ", "",
		    SMS_TIP },
		{ "  ", "  ", SMS_TIP },
		{ "v2,x, ", "", SMS_TIP },
		{ "v1a,", "", SMS_NO_PROOF },
		{ "v1", "", SMS_NO_PROOF },
		{ "", "=", SMS_NO_PROOF },
		{ "", ",v1,x", SMS_NO_PROOF },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sms_fake fake;
		char list[sizeof(fake.proof[1]) + 64] = "";

		sms_fake_init(&fake, "generic");
		sms_fake_post(&fake, NULL, "application/json",
		    B("{\"message_id\":\"m\",\"text\":\"x\"}"), NULL);
		(void)snprintf(list, sizeof(list), "%s%s%s", rows[i].before,
		    fake.proof[1], rows[i].after);
		fake.headers[3].value = bytes_str(list);
		assert_int_equal(sms_fake_take(&fake), rows[i].verdict);
		sms_fake_free(&fake);
	}
}

static void a_timestamp_is_digits_and_nothing_else(void **state)
{
	static const char *const times[] = { "", "+1795300000", "-1",
		" 1795300000", "1795300000 ", "1795300000.0", "0x6b024ea0",
		"1795300000000000" };

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct sms_fake fake;

		sms_fake_init(&fake, "generic");
		sms_fake_post(&fake, NULL, "application/json", B("{}"), NULL);
		fake.headers[2].value = bytes_str(times[i]);
		assert_int_equal(sms_fake_take(&fake), SMS_NO_PROOF);
	}
}

static void get_is_not_taken(void **state)
{
	struct sms_fake fake;

	(void)state;
	sms_fake_init(&fake, "generic");
	assert_false(sms_allows_get(&fake.gateway));
	sms_fake_get(&fake, "x=1", NULL);
	assert_int_equal(sms_fake_take(&fake), SMS_NO_PROOF);
}

/* Genuine: the partner's fault must not cost the tip. */
static void json_that_cannot_be_read_is_kept_whole(void **state)
{
	static const struct bytes bodies[] = {
		B(""),
		B("{"),
		B("[]"),
		B("\"x\""),
		B("{\"text\":\"\\ud83d\"}"), /* an emoji cut in two */
		B("{\"text\":\"\xff\"}"),
		B("{\"text\":5}"),
		B("{\"text\":\"x\",\"from\":{}}"),
		B("{\"text\":\"x\"}{}"),
		B("{\"a\":[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]],\"text\":\"x\"}"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct sms_fake fake;

		sms_fake_init(&fake, "generic");
		assert_int_equal(take(&fake, bodies[i]), SMS_TIP);
		assert_int_equal(fake.message->kind, SMS_UNDECODABLE);
		assert_true(bytes_equal(fake.message->data, bodies[i]));
		sms_fake_free(&fake);
	}
}

static void odd_json_is_read(void **state)
{
	struct sms_fake fake;

	(void)state;
	sms_fake_init(&fake, "generic");
	/* U+0000, what comes twice, what nobody knows, 16 deep, brackets and
	 * quotes in a string */
	assert_int_equal(
	    take(&fake,
		B("{\"text\":\"a\",\"new\":[[[[[[[[[[[[[[[]]]]]]]]]]]]]]],"
		  "\"message_id\":\"m\",\"from\":null,"
		  "\"text\":\"x\\u0000\\\"[[[[[[[[[[[[[[[[[[\"}")),
	    SMS_TIP);
	assert_int_equal(fake.message->kind, SMS_TEXT);
	assert_bytes(fake.message->text, "x\0\"[[[[[[[[[[[[[[[[[[");
	assert_bytes(fake.message->external_id, "m");
	sms_fake_free(&fake);
	/* no text is an empty text; no id: the webhook's own */
	assert_int_equal(take(&fake, B("{}")), SMS_TIP);
	assert_int_equal(fake.message->kind, SMS_TEXT);
	assert_int_equal(fake.message->text.len, 0);
	assert_bytes(fake.message->external_id, "msg_1");
	assert_int_equal(fake.message->flags, SMS_FLAG_NO_ID);
	sms_fake_free(&fake);
}

static void the_channel_is_one_of_ours_or_other(void **state)
{
	static const struct {
		struct bytes body;
		const char *channel;
	} rows[] = {
		{ B("{}"), "sms" },
		{ B("{\"channel\":\"voice\"}"), "voice" },
		{ B("{\"channel\":\"whatsapp\"}"), "whatsapp" },
		{ B("{\"channel\":\"web\"}"), "web" },
		{ B("{\"channel\":\"desk\"}"), "other" },
		{ B("{\"channel\":\"SMS\"}"), "other" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sms_fake fake;

		sms_fake_init(&fake, "generic");
		assert_int_equal(take(&fake, rows[i].body), SMS_TIP);
		assert_string_equal(fake.message->channel, rows[i].channel);
		sms_fake_free(&fake);
	}
}

static void part_numbers_that_make_no_sense_are_left_out(void **state)
{
	static const struct {
		struct bytes concat;
		bool good;
	} rows[] = {
		{ B("{\"concat\":{\"ref\":0,\"total\":2,\"part\":1}}"), true },
		{ B("{\"concat\":{\"ref\":65535,\"total\":255,"
		    "\"part\":255}}"),
		    true },
		{ B("{\"concat\":{\"ref\":65536,\"total\":2,\"part\":1}}"),
		    false },
		{ B("{\"concat\":{\"ref\":-1,\"total\":2,\"part\":1}}"),
		    false },
		{ B("{\"concat\":{\"ref\":1,\"total\":1,\"part\":1}}"), false },
		{ B("{\"concat\":{\"ref\":1,\"total\":256,\"part\":1}}"),
		    false },
		{ B("{\"concat\":{\"ref\":1,\"total\":2,\"part\":3}}"), false },
		{ B("{\"concat\":{\"ref\":1,\"total\":2,\"part\":0}}"), false },
		{ B("{\"concat\":{\"ref\":1,\"total\":2.0,\"part\":1}}"),
		    false },
		{ B("{\"concat\":{\"ref\":1,\"total\":2}}"), false },
		{ B("{\"concat\":7}"), false },
	};
	struct sms_fake fake;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		sms_fake_init(&fake, "generic");
		assert_int_equal(take(&fake, rows[i].concat), SMS_TIP);
		assert_int_equal(fake.message->has_concat, rows[i].good);
		assert_int_equal(
		    (fake.message->flags & SMS_FLAG_NO_CONCAT) == 0,
		    rows[i].good);
		sms_fake_free(&fake);
	}
	assert_int_equal(take(&fake, B("{\"concat\":null}")), SMS_TIP);
	assert_true((fake.message->flags & SMS_FLAG_NO_CONCAT) == 0);
	sms_fake_free(&fake);
}

static void a_giant_text_is_cut_for_reading_and_kept_whole(void **state)
{
	static uint8_t body[SMS_TEXT_MAX_BYTES + 64];
	static const char front[] = "{\"text\":\"";
	struct sms_fake fake;
	size_t len = sizeof(front) - 1;
	/* letters of three bytes: the limit falls inside one */
	size_t letters = SMS_TEXT_MAX_BYTES / 3 + 2;

	(void)state;
	memcpy(body, front, len);
	for (size_t i = 0; i < letters; i++) {
		memcpy(body + len, "\xe1\x9e\x87", 3);
		len += 3;
	}
	memcpy(body + len, "\"}", 2);
	len += 2;
	sms_fake_init(&fake, "generic");
	assert_int_equal(take(&fake, bytes_of(body, len)), SMS_TIP);
	assert_int_equal(fake.message->text.len, SMS_TEXT_MAX_BYTES / 3 * 3);
	assert_int_equal(fake.message->data.len, letters * 3);
	assert_true((fake.message->flags & SMS_FLAG_TEXT_CUT) != 0);
	sms_fake_free(&fake);
}

static void files_come_out_as_they_were_or_all_of_it_stays_whole(void **state)
{
	static const struct {
		const char *attachments;
		size_t n; /* 0: kept whole */
	} rows[] = {
		{ "[{\"name\":\"a\",\"data\":\"aGk=\"}]", 1 },
		{ "[{\"data\":\"\"},{\"name\":\"b\",\"data\":\"aGk=\"}]", 2 },
		{ "[{\"data\":\"aGk\"}]", 0 },
		{ "[{\"data\":1}]", 0 },
		{ "[{\"name\":1,\"data\":\"aGk=\"}]", 0 },
		{ "[{},{},{},{},{},{},{},{},{}]", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sms_fake fake;
		struct buf body;

		buf_init(&body, 1024);
		buf_put_str(&body,
		    "{\"message_id\":\"1\",\"text\":\"x\",\"attachments\":");
		buf_put_str(&body, rows[i].attachments);
		buf_put_str(&body, "}");
		sms_fake_init(&fake, "generic");
		sms_fake_post(&fake, NULL, "application/json",
		    bytes_of(body.data, body.len), NULL);
		assert_int_equal(sms_fake_take(&fake), SMS_TIP);
		assert_int_equal(fake.message->n_files, rows[i].n);
		assert_int_equal(fake.message->kind,
		    rows[i].n > 0 ? SMS_TEXT : SMS_UNDECODABLE);
		if (rows[i].n > 0) {
			assert_true(
			    bytes_equal(fake.message->files[rows[i].n - 1].data,
				bytes_str("hi")));
		}
		sms_fake_free(&fake);
		buf_free(&body);
	}
}

/* Give the fake's answers as "name=value;...". */
static void list_answers(const struct sms_message *message, struct buf *out)
{
	for (size_t i = 0; i < message->n_answers; i++) {
		buf_put_str(out, message->answers[i].name);
		buf_put_u8(out, '=');
		buf_put(out, message->answers[i].value.at,
		    message->answers[i].value.len);
		buf_put_u8(out, ';');
	}
}

static void a_call_has_its_own_names_and_all_that_was_pressed(void **state)
{
	struct sms_fake fake;
	struct buf answers;

	(void)state;
	buf_init(&answers, 256);
	sms_fake_init(&fake, "generic");
	assert_int_equal(
	    take(&fake,
		B("{\"provider_id\":\"c-1\",\"caller\":\"+85512345678\","
		  "\"called\":\"1294\",\"lang\":\"km\",\"from\":\"not this\","
		  "\"received_at\":\"2026-11-21T22:26:38Z\","
		  "\"digits\":[[\"now\",\"1\"],[\"ind\",\"3\"],"
		  "[\"ind\",16],[\"who\",\"\"],[\"where_province\",\"01\"]],"
		  "\"recording\":\"aGk=\",\"recording_name\":\"a.ogg\","
		  "\"attachments\":[{\"name\":\"b\",\"data\":\"aG8=\"}],"
		  "\"dropped\":true}")),
	    SMS_TIP);
	assert_bytes(fake.message->external_id, "c-1");
	assert_bytes(fake.message->from_raw, "+85512345678");
	assert_bytes(fake.message->to, "1294");
	assert_string_equal(fake.message->channel, "voice");
	assert_string_equal(fake.message->lang, "km");
	assert_int_equal(fake.message->sent_s, 1795299998);
	assert_int_equal(fake.message->flags, SMS_FLAG_DROPPED);
	list_answers(fake.message, &answers);
	assert_true(bytes_equal(bytes_of(answers.data, answers.len),
	    bytes_str("now=1;ind=3;ind=16;where_province=01;")));
	assert_int_equal(fake.message->n_files, 2);
	assert_bytes(fake.message->files[0].name, "a.ogg");
	assert_bytes(fake.message->files[0].data, "hi");
	assert_bytes(fake.message->files[1].data, "ho");
	sms_fake_free(&fake);
	buf_free(&answers);
}

static void a_call_of_silence_is_a_missed_call(void **state)
{
	static const struct {
		struct bytes body;
		bool missed;
	} rows[] = {
		{ B("{\"provider_id\":\"1\"}"), true },
		{ B("{\"provider_id\":\"1\",\"recording\":\"\","
		    "\"digits\":[],\"dropped\":true,\"lang\":\"km\"}"),
		    true },
		{ B("{\"provider_id\":\"1\",\"digits\":[[\"now\",\"\"]]}"),
		    true },
		{ B("{\"channel\":\"voice\"}"), true },
		{ B("{\"provider_id\":\"1\",\"digits\":[[\"now\",\"3\"]]}"),
		    false },
		{ B("{\"provider_id\":\"1\",\"recording\":\"aGk=\"}"), false },
		{ B("{\"provider_id\":\"1\",\"text\":\"9\"}"), false },
		{ B("{\"message_id\":\"1\"}"), false },
		{ B("{\"provider_id\":\"1\",\"channel\":\"web\"}"), false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sms_fake fake;

		sms_fake_init(&fake, "generic");
		assert_int_equal(take(&fake, rows[i].body), SMS_TIP);
		assert_int_equal((fake.message->flags & SMS_FLAG_MISSED) != 0,
		    rows[i].missed);
		sms_fake_free(&fake);
	}
}

static void what_was_pressed_is_pairs_or_all_of_it_stays_whole(void **state)
{
	static const struct {
		const char *body;
		bool read;
	} rows[] = {
		{ "{\"digits\":[[\"now\",\"1\"]]}", true },
		{ "{\"digits\":null,\"lang\":null,\"recording\":null}", true },
		{ "{\"digits\":[[\"a_question_of_thirty_two_letters\",\"1\"]]}",
		    true },
		{ "{\"digits\":[[\"a_question_of_thirty_three_lettrs\",\"1\"]]"
		  "}",
		    false },
		{ "{\"digits\":[[\"\",\"1\"]]}", false },
		{ "{\"digits\":[[\"Now\",\"1\"]]}", false },
		{ "{\"digits\":[[\"now\\u0000\",\"1\"]]}", false },
		{ "{\"digits\":[[\"now\"]]}", false },
		{ "{\"digits\":[[\"now\",\"1\",\"2\"]]}", false },
		{ "{\"digits\":[[\"now\",true]]}", false },
		{ "{\"digits\":[[\"now\",1.5]]}", false },
		{ "{\"digits\":[{\"now\":\"1\"}]}", false },
		{ "{\"digits\":{\"now\":\"1\"}}", false },
		{ "{\"digits\":\"1\"}", false },
		{ "{\"lang\":1}", false },
		{ "{\"recording\":1}", false },
		{ "{\"recording\":\"!\"}", false },
		{ "{\"recording\":\"aGk=\",\"recording_name\":1}", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sms_fake fake;

		sms_fake_init(&fake, "generic");
		assert_int_equal(take(&fake, bytes_str(rows[i].body)), SMS_TIP);
		assert_int_equal(fake.message->kind,
		    rows[i].read ? SMS_TEXT : SMS_UNDECODABLE);
		assert_true(rows[i].read || fake.message->n_answers == 0);
		sms_fake_free(&fake);
	}
}

static void sixty_four_answers_are_read_and_no_more(void **state)
{
	(void)state;
	for (size_t n = 64; n <= 65; n++) {
		struct sms_fake fake;
		struct buf body;

		buf_init(&body, 2048);
		buf_put_str(&body, "{\"digits\":[[\"ind\",\"1\"]");
		for (size_t i = 1; i < n; i++) {
			buf_put_str(&body, ",[\"ind\",\"1\"]");
		}
		buf_put_str(&body, "]}");
		sms_fake_init(&fake, "generic");
		assert_int_equal(
		    take(&fake, bytes_of(body.data, body.len)), SMS_TIP);
		assert_int_equal(fake.message->n_answers, n == 64 ? 64 : 0);
		assert_int_equal(
		    fake.message->kind, n == 64 ? SMS_TEXT : SMS_UNDECODABLE);
		sms_fake_free(&fake);
		buf_free(&body);
	}
}

static void a_language_is_a_tag_or_none(void **state)
{
	static const struct {
		struct bytes body;
		const char *lang;
	} rows[] = {
		{ B("{\"lang\":\"zh-Hans\"}"), "zh-Hans" },
		{ B("{}"), "" },
		{ B("{\"lang\":\"\"}"), "" },
		{ B("{\"lang\":\"k m\"}"), "" },
		{ B("{\"lang\":\"km\\u0000\"}"), "" },
		{ B("{\"lang\":\"\xe1\x9e\x87\"}"), "" },
		{ B("{\"lang\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}"),
		    "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sms_fake fake;

		sms_fake_init(&fake, "generic");
		assert_int_equal(take(&fake, rows[i].body), SMS_TIP);
		assert_int_equal(fake.message->kind, SMS_TEXT);
		assert_string_equal(fake.message->lang, rows[i].lang);
		sms_fake_free(&fake);
	}
}

/* The same call with another answer is stored as well. */
static void answers_are_part_of_what_makes_a_repeat(void **state)
{
	static const char *const bodies[] = {
		"{\"provider_id\":\"1\",\"digits\":[[\"now\",\"1\"]]}",
		"{\"provider_id\":\"1\",\"digits\":[[\"now\",1]]}",
		"{\"provider_id\":\"1\",\"digits\":[[\"now\",\"2\"]]}",
	};
	struct buf keys[3];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct sms_fake fake;

		buf_init(&keys[i], 1024);
		sms_fake_init(&fake, "generic");
		assert_int_equal(take(&fake, bytes_str(bodies[i])), SMS_TIP);
		sms_dedup_input(
		    &fake.gateway, fake.message, fake.request.now_s, &keys[i]);
		sms_fake_free(&fake);
	}
	assert_true(bytes_equal(bytes_of(keys[0].data, keys[0].len),
	    bytes_of(keys[1].data, keys[1].len)));
	assert_false(bytes_equal(bytes_of(keys[0].data, keys[0].len),
	    bytes_of(keys[2].data, keys[2].len)));
	for (size_t i = 0; i < 3; i++) {
		buf_free(&keys[i]);
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
		cmocka_unit_test(the_printed_example_holds),
		cmocka_unit_test(our_own_request_is_signed_as_the_example_is),
		cmocka_unit_test(the_window_is_300_seconds_both_ways),
		cmocka_unit_test(any_v1_entry_of_the_list_is_enough),
		cmocka_unit_test(a_timestamp_is_digits_and_nothing_else),
		cmocka_unit_test(get_is_not_taken),
		cmocka_unit_test(json_that_cannot_be_read_is_kept_whole),
		cmocka_unit_test(odd_json_is_read),
		cmocka_unit_test(the_channel_is_one_of_ours_or_other),
		cmocka_unit_test(part_numbers_that_make_no_sense_are_left_out),
		cmocka_unit_test(
		    a_giant_text_is_cut_for_reading_and_kept_whole),
		cmocka_unit_test(
		    files_come_out_as_they_were_or_all_of_it_stays_whole),
		cmocka_unit_test(
		    a_call_has_its_own_names_and_all_that_was_pressed),
		cmocka_unit_test(a_call_of_silence_is_a_missed_call),
		cmocka_unit_test(
		    what_was_pressed_is_pairs_or_all_of_it_stays_whole),
		cmocka_unit_test(sixty_four_answers_are_read_and_no_more),
		cmocka_unit_test(a_language_is_a_tag_or_none),
		cmocka_unit_test(answers_are_part_of_what_makes_a_repeat),
	};

	return cmocka_run_group_tests_name("sms/generic", tests, setup, NULL);
}
