/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/adapter_*: what providers send beside a plain text: pictures, bytes,
 * answers to STOP, parts, and what cannot be read, which is kept whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
/* cmocka needs them first */
#include <cmocka.h>

#include "crypto/start.h"
#include "sms/adapter.h"
#include "tests/lib/sms_fake.h"

#define JSON   "application/json"
#define FORM   "application/x-www-form-urlencoded"
#define SENDER "85512345678"

/* Take a body of that type of gateway; false: nothing of it is kept. */
static bool take(
    struct sms_fake *fake, const char *type, const char *form, const char *body)
{
	sms_fake_init(fake, type);
	sms_fake_post(fake, NULL, form, bytes_str(body), NULL);
	switch (sms_fake_take(fake)) {
	case SMS_TIP:
		return true;
	case SMS_IGNORED:
		return false;
	case SMS_NO_PROOF:
	case SMS_STALE:
		break;
	}
	fail_msg("%s: %s", type, fake->why);
	return false;
}

static void what_cannot_be_read_is_kept_as_it_is(void **state)
{
	static const struct {
		const char *type, *form, *body;
	} rows[] = {
		{ "infobip", JSON, "{\"results\":1}" },
		{ "infobip", JSON, "{\"results\":[{\"messageId\":{}}]}" },
		{ "infobip", JSON,
		    "{\"results\":[{\"messageId\":\"1\",\"from\":\"855\","
		    "\"message\":[{\"contentType\":\"text/plain\","
		    "\"value\":7}]}]}" },
		/* WhatsApp: another form, with its words elsewhere */
		{ "infobip", JSON,
		    "{\"results\":[{\"messageId\":\"1\",\"from\":\"855\","
		    "\"integrationType\":\"WHATSAPP\",\"message\":"
		    "{\"type\":\"TEXT\",\"text\":\"help\"}}]}" },
		{ "plivo", FORM,
		    "MessageUUID=1&From=855&To=1&Type=whatsapp&ContentType="
		    "unknown&Where=here" },
		{ "android-sms-gateway", JSON, "{\"event\":7}" },
		{ "android-sms-gateway", JSON,
		    "{\"event\":\"sms:received\",\"payload\":"
		    "{\"message\":[]}}" },
		{ "android-sms-gateway", JSON,
		    "{\"event\":\"sms:received\",\"payload\":"
		    "{\"message\":\"a\",\"phoneNumber\":{}}}" },
		{ "android-sms-gateway", JSON,
		    "{\"event\":\"sms:data-received\",\"payload\":"
		    "{\"sender\":\"855\",\"data\":\"!\"}}" },
		{ "android-sms-gateway", JSON,
		    "{\"event\":\"mms:downloaded\",\"payload\":"
		    "{\"sender\":\"855\",\"attachments\":"
		    "[{\"name\":\"a.jpg\",\"data\":\"!\"}]}}" },
		{ "bandwidth", JSON, "{}" },
		{ "bandwidth", JSON, "[{\"type\":1}]" },
		{ "bandwidth", JSON,
		    "[{\"type\":\"message-received\",\"message\":[]},"
		    "{\"type\":\"message-received\",\"message\":"
		    "{\"id\":{}}}]" },
		{ "jasmin", FORM,
		    "id=1&from=" SENDER "&to=1&content=%3F&coding=8"
		    "&binary=zz" },
		{ "plivo", FORM, "MessageUUID=1&To=1&Text=a" },
		{ "plivo", FORM, "From=" SENDER "&To=1&Text=a" },
		{ "vonage-sms", FORM,
		    "msisdn=85512345678&to=1&messageId=1&type=binary"
		    "&data=zz&timestamp=1795300000" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sms_fake fake;

		assert_true(
		    take(&fake, rows[i].type, rows[i].form, rows[i].body));
		assert_int_equal(sms_batch_count(fake.batch), 1);
		assert_int_equal(fake.message->kind, SMS_UNDECODABLE);
		assert_true(bytes_equal(fake.message->data, fake.request.body));
		sms_fake_free(&fake);
	}
}

#define TELNYX(more) \
	"{\"data\":{\"event_type\":\"message.received\",\"payload\":{" \
	"\"id\":\"1\",\"from\":{\"phone_number\":\"+" SENDER "\"}," more "}}}"
#define MMS(more) \
	"{\"id\":\"1\",\"event\":\"mms:downloaded\",\"payload\":{" \
	"\"sender\":\"" SENDER "\",\"attachments\":[]," more "}}"
#define NUNTIUM(more) "guid=1&from=sms%3A%2F%2F" SENDER "&to=1&" more

/* Who has no words in the text may have them there. */
static void a_subject_is_the_first_line_of_its_text(void **state)
{
	static const struct {
		const char *type, *form, *body, *text;
	} rows[] = {
		{ "telnyx", JSON,
		    TELNYX("\"subject\":\"help me\",\"text\":\"5 St\""),
		    "help me\n5 St" },
		{ "telnyx", JSON, TELNYX("\"subject\":\"help me\""),
		    "help me" },
		{ "telnyx", JSON, TELNYX("\"subject\":\"\",\"text\":\"a\""),
		    "a" },
		{ "telnyx", JSON, TELNYX("\"subject\":null,\"text\":\"a\""),
		    "a" },
		{ "android-sms-gateway", JSON,
		    MMS("\"subject\":\"help me\",\"body\":\"5 St\""),
		    "help me\n5 St" },
		{ "android-sms-gateway", JSON,
		    MMS("\"subject\":\"help me\",\"body\":null"), "help me" },
		{ "android-sms-gateway", JSON, MMS("\"body\":\"5 St\""),
		    "5 St" },
		{ "nuntium", FORM, NUNTIUM("subject=help+me&body=5+St"),
		    "help me\n5 St" },
		{ "nuntium", FORM, NUNTIUM("subject=help+me&body="),
		    "help me" },
		{ "nuntium", FORM, NUNTIUM("subject=&body=5+St"), "5 St" },
		{ "nuntium", FORM, NUNTIUM("body=5+St"), "5 St" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sms_fake fake;

		assert_true(
		    take(&fake, rows[i].type, rows[i].form, rows[i].body));
		assert_int_equal(fake.message->kind, SMS_TEXT);
		assert_true(
		    bytes_equal(fake.message->text, bytes_str(rows[i].text)));
		sms_fake_free(&fake);
	}
}

#define TWO_OF(other) \
	"{\"results\":[{\"messageId\":\"1\",\"from\":\"85512345678\"," \
	"\"message\":{\"text\":\"help\"}},{\"messageId\":\"2\"," \
	"\"from\":\"" other "\",\"text\":\"a\"}]}"

/* The desk masks it and shows it for a reason. Of whom nobody knows who they
 * are the words are as they came. */
static void who_sent_what_is_kept_whole_is_not_in_its_words(void **state)
{
	static const struct {
		const char *type, *form, *body, *from, *channel;
	} rows[] = {
		{ "infobip", JSON,
		    "{\"results\":[{\"messageId\":\"1\",\"from\":"
		    "\"85512345678\",\"integrationType\":\"WHATSAPP\","
		    "\"message\":{\"type\":\"TEXT\",\"text\":\"help\"}}]}",
		    "85512345678", "whatsapp" },
		{ "infobip", JSON,
		    "{\"results\":[{\"messageId\":\"1\",\"from\":"
		    "\"85512345678\",\"message\":{\"text\":\"help\"}}]}",
		    "85512345678", "other" },
		{ "infobip", JSON, TWO_OF("85512345678"), "85512345678",
		    "other" },
		{ "infobip", JSON, TWO_OF("85515000111"), "", "sms" },
		{ "bandwidth", JSON,
		    "[{\"type\":\"message-received\",\"message\":{\"from\":"
		    "\"+85512345678\",\"text\":7}}]",
		    "+85512345678", "sms" },
		{ "bandwidth", JSON,
		    "[{\"message\":{\"from\":\"+85515000111\"}},{\"type\":"
		    "\"message-received\",\"message\":{\"from\":"
		    "\"+85512345678\",\"text\":\"a\"}}]",
		    "", "sms" },
		{ "plivo", FORM,
		    "MessageUUID=1&From=85512345678&To=1&Type=whatsapp"
		    "&ContentType=unknown&Card=%2B855-12-345-678",
		    "85512345678", "whatsapp" },
		{ "plivo", FORM, "From=85512345678&To=1&Text=help",
		    "85512345678", "sms" },
		{ "bird", JSON,
		    "{\"payload\":{\"direction\":\"incoming\",\"sender\":"
		    "{\"contact\":{\"identifierValue\":\"+85512345678\"}},"
		    "\"body\":{\"type\":\"image\"}}}",
		    "+85512345678", "sms" },
		{ "nuntium", FORM, "guid=1&from=012345678&to=1&words=help",
		    "012345678", "sms" },
		{ "generic", JSON,
		    "{\"from\":\"012345678\",\"tel\":\"+85512345678\","
		    "\"text\":7}",
		    "012345678", "sms" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sms_fake fake;
		struct bytes text;

		assert_true(
		    take(&fake, rows[i].type, rows[i].form, rows[i].body));
		assert_int_equal(sms_batch_count(fake.batch), 1);
		assert_int_equal(fake.message->kind, SMS_UNDECODABLE);
		assert_true(bytes_equal(fake.message->data, fake.request.body));
		assert_true(bytes_equal(
		    fake.message->from_raw, bytes_str(rows[i].from)));
		assert_string_equal(fake.message->channel, rows[i].channel);
		text = fake.message->text;
		assert_int_equal(memmem(text.at, text.len, "345", 3) == NULL,
		    rows[i].from[0] != '\0');
		sms_fake_free(&fake);
	}
}

/* Whose words are read has them as they are. */
static void a_text_that_is_read_keeps_every_number_in_it(void **state)
{
	static const struct {
		const char *type, *form, *body;
	} rows[] = {
		{ "plivo", FORM,
		    "MessageUUID=1&From=85512345678&To=1&Text=012345678" },
		{ "infobip", JSON,
		    "{\"results\":[{\"messageId\":\"1\",\"from\":"
		    "\"85512345678\",\"text\":\"012345678\"}]}" },
		/* what nobody said to be a text, but its bytes are one */
		{ "jasmin", FORM,
		    "id=1&from=012345678&to=1&coding=4&content="
		    "&binary=303132333435363738" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sms_fake fake;

		assert_true(
		    take(&fake, rows[i].type, rows[i].form, rows[i].body));
		assert_true(
		    bytes_equal(fake.message->text, bytes_str("012345678")));
		sms_fake_free(&fake);
	}
}

/* An emoji that a gateway has cut in two, or a number without quotes, leaves
 * no JSON that can be read as agreed; what it says is seen all the same. */
static void words_of_what_cannot_be_read_are_its_text(void **state)
{
	static const struct {
		const char *body, *text;
	} rows[] = {
		{ "{\"from\":\"855\",\"text\":\"\\u1787\\u17bd\\u1799 "
		  "\\ud83d\"}",
		    "{\"from\":\"855\",\"text\":\"\u1787\u17bd\u1799 "
		    "\ufffd\"}" },
		{ "{\"from\":855,\"text\":\"help me\"}",
		    "{\"from\":855,\"text\":\"help me\"}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sms_fake fake;

		assert_true(take(&fake, "generic", JSON, rows[i].body));
		assert_int_equal(fake.message->kind, SMS_UNDECODABLE);
		assert_true(bytes_equal(fake.message->data, fake.request.body));
		assert_true(
		    bytes_equal(fake.message->text, bytes_str(rows[i].text)));
		assert_true((fake.message->flags & SMS_FLAG_GUESSED) != 0);
		sms_fake_free(&fake);
	}
}

static void what_is_no_message_to_us_is_not_kept(void **state)
{
	static const struct {
		const char *type, *form, *body;
	} rows[] = {
		{ "infobip", JSON, "{\"results\":[]}" },
		{ "android-sms-gateway", JSON,
		    "{\"event\":\"sms:sent\",\"payload\":{}}" },
		{ "bandwidth", JSON, "[]" },
		{ "bandwidth", JSON,
		    "[{\"type\":\"message-delivered\",\"message\":{}}]" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sms_fake fake;

		assert_false(
		    take(&fake, rows[i].type, rows[i].form, rows[i].body));
		sms_fake_free(&fake);
	}
}

static void an_infobip_mms_is_its_texts_and_its_pictures(void **state)
{
	struct sms_fake fake;

	(void)state;
	assert_true(take(&fake, "infobip", JSON,
	    "{\"results\":[{\"messageId\":\"1\",\"from\":\"85512345678\","
	    "\"to\":\"1\",\"smsCount\":2,\"message\":["
	    "{\"contentType\":\"text/plain\",\"value\":\"first\"},"
	    "{\"contentType\":\"text/plain\",\"value\":\"\"},"
	    "{\"contentType\":\"application/smil\",\"value\":\"<smil/>\"},"
	    "{\"contentType\":\"image/jpeg\",\"url\":\"https://m/1.jpg\"},"
	    "{\"contentType\":\"text/plain\",\"value\":\"second\"}]}],"
	    "\"pendingMessageCount\":3}"));
	assert_true(
	    bytes_equal(fake.message->text, bytes_str("first\nsecond")));
	assert_int_equal(fake.message->n_media, 1);
	assert_true(bytes_equal(
	    fake.message->media[0].url, bytes_str("https://m/1.jpg")));
	assert_true(
	    bytes_equal(fake.message->media[0].type, bytes_str("image/jpeg")));
	assert_int_equal(fake.message->units, 2);
	assert_int_equal(fake.message->flags, SMS_FLAG_MORE_WAITS);
	sms_fake_free(&fake);
}

static void an_android_phone_forwards_bytes_and_pictures(void **state)
{
	struct sms_fake fake;

	(void)state;
	assert_true(take(&fake, "android-sms-gateway", JSON,
	    "{\"event\":\"sms:data-received\",\"id\":\"1\",\"payload\":"
	    "{\"phoneNumber\":\"+85512345678\",\"data\":\"/wAB\"}}"));
	assert_true(
	    bytes_equal(fake.message->from_e164, bytes_str("+85512345678")));
	assert_int_equal(fake.message->kind, SMS_BINARY);
	assert_true(bytes_equal(fake.message->data, bytes_of("\xff\0\1", 3)));
	sms_fake_free(&fake);
	assert_true(take(&fake, "android-sms-gateway", JSON,
	    "{\"event\":\"mms:downloaded\",\"id\":\"2\",\"payload\":"
	    "{\"sender\":\"+85512345678\",\"body\":\"look\",\"attachments\":"
	    "[{\"name\":\"a.jpg\",\"data\":\"/9j/\"}]}}"));
	assert_true(bytes_equal(fake.message->text, bytes_str("look")));
	assert_int_equal(fake.message->n_files, 1);
	assert_true(
	    bytes_equal(fake.message->files[0].name, bytes_str("a.jpg")));
	assert_true(bytes_equal(
	    fake.message->files[0].data, bytes_of("\xff\xd8\xff", 3)));
	sms_fake_free(&fake);
}

static void jasmin_says_what_its_bytes_are(void **state)
{
	static const struct {
		const char *coding, *binary, *text;
		unsigned flags;
	} rows[] = {
		{ "8", "1787", "\xe1\x9e\x87", 0 },
		{ "3", "e9", "\xc3\xa9", 0 },
		{ "0", "6869", "hi", 0 },
		{ "99", "6869", "hi", SMS_FLAG_GUESSED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sms_fake fake;
		char body[256];

		(void)snprintf(body, sizeof(body),
		    "id=1&from=" SENDER "&to=1&content=%%3F&coding=%s"
		    "&binary=%s",
		    rows[i].coding, rows[i].binary);
		assert_true(take(&fake, "jasmin", FORM, body));
		assert_true(
		    bytes_equal(fake.message->text, bytes_str(rows[i].text)));
		assert_int_equal(fake.message->flags, rows[i].flags);
		sms_fake_free(&fake);
	}
}

static void plivo_tells_what_it_did_with_stop(void **state)
{
	static const struct {
		const char *intent;
		unsigned flags;
	} rows[] = {
		{ "optout", SMS_FLAG_OPT_STOP },
		{ "optin", SMS_FLAG_OPT_START },
		{ "help", SMS_FLAG_OPT_HELP },
		{ "other", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sms_fake fake;
		char body[256];

		(void)snprintf(body, sizeof(body),
		    "MessageUUID=1&From=" SENDER "&To=1&Text=a&Units=999"
		    "&MessageIntent=%s",
		    rows[i].intent);
		assert_true(take(&fake, "plivo", FORM, body));
		assert_int_equal(fake.message->flags, rows[i].flags);
		assert_int_equal(fake.message->units, 255);
		sms_fake_free(&fake);
	}
}

static void plivo_brings_pictures_and_whatsapp(void **state)
{
	struct sms_fake fake;

	(void)state;
	assert_true(take(&fake, "plivo", FORM,
	    "MessageUUID=1&From=" SENDER "&To=1&Body=b&Type=whatsapp"
	    "&Media0=https%3A%2F%2Fm%2F0&Media2=c"));
	assert_true(bytes_equal(fake.message->text, bytes_str("b")));
	assert_string_equal(fake.message->channel, "whatsapp");
	assert_int_equal(fake.message->n_media, 2);
	assert_true(
	    bytes_equal(fake.message->media[0].url, bytes_str("https://m/0")));
	sms_fake_free(&fake);
	assert_true(take(&fake, "plivo", FORM,
	    "MessageUUID=1&From=" SENDER "&To=1&Media0=a&Media1=a&Media2=a"
	    "&Media3=a&Media4=a&Media5=a&Media6=a&Media7=a&Media8=a&Media9=a"
	    "&Media10=a"));
	assert_int_equal(fake.message->n_media, SMS_MEDIA_MAX);
	assert_true((fake.message->flags & SMS_FLAG_MORE_MEDIA) != 0);
	sms_fake_free(&fake);
}

/* Numbers that make no sense join nothing: the part is a message. */
static void part_numbers_of_vonage_are_checked(void **state)
{
	static const struct {
		const char *ref, *total, *part;
		bool good, wide;
	} rows[] = {
		{ "7", "2", "1", true, false },
		{ "300", "255", "255", true, true },
		{ "x", "2", "1", false, false },
		{ "7", "x", "1", false, false },
		{ "7", "2", "x", false, false },
		{ "65536", "2", "1", false, false },
		{ "7", "256", "1", false, false },
		{ "7", "2", "0", false, false },
		{ "7", "2", "3", false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sms_fake fake;
		char body[256];

		(void)snprintf(body, sizeof(body),
		    "msisdn=85512345678&to=1&messageId=1&text=a&concat=true"
		    "&concat-ref=%s&concat-total=%s&concat-part=%s"
		    "&message-timestamp=soon&timestamp=1795300000",
		    rows[i].ref, rows[i].total, rows[i].part);
		assert_true(take(&fake, "vonage-sms", FORM, body));
		assert_true(fake.message->has_concat == rows[i].good);
		assert_true(fake.message->concat.wide == rows[i].wide);
		assert_int_equal(
		    fake.message->flags, rows[i].good ? 0 : SMS_FLAG_NO_CONCAT);
		assert_int_equal(fake.message->sent_s, 0);
		sms_fake_free(&fake);
	}
}

static void a_vonage_account_that_is_not_ours_proves_nothing(void **state)
{
	struct sms_fake fake;

	(void)state;
	sms_fake_init(&fake, "vonage-sms");
	fake.gateway.account = "abcd1234";
	sms_fake_form(&fake,
	    "api-key=other&msisdn=85512345678&to=1&messageId=1&text=a"
	    "&timestamp=1795300000");
	assert_int_equal(sms_fake_take(&fake), SMS_NO_PROOF);
	assert_non_null(strstr(fake.why, "api-key"));
	sms_fake_free(&fake);
}

static int start(void **state)
{
	(void)state;
	return crypto_start() == TL_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_read_is_kept_as_it_is),
		cmocka_unit_test(a_subject_is_the_first_line_of_its_text),
		cmocka_unit_test(
		    who_sent_what_is_kept_whole_is_not_in_its_words),
		cmocka_unit_test(a_text_that_is_read_keeps_every_number_in_it),
		cmocka_unit_test(words_of_what_cannot_be_read_are_its_text),
		cmocka_unit_test(what_is_no_message_to_us_is_not_kept),
		cmocka_unit_test(an_infobip_mms_is_its_texts_and_its_pictures),
		cmocka_unit_test(an_android_phone_forwards_bytes_and_pictures),
		cmocka_unit_test(jasmin_says_what_its_bytes_are),
		cmocka_unit_test(plivo_tells_what_it_did_with_stop),
		cmocka_unit_test(plivo_brings_pictures_and_whatsapp),
		cmocka_unit_test(part_numbers_of_vonage_are_checked),
		cmocka_unit_test(
		    a_vonage_account_that_is_not_ours_proves_nothing),
	};

	return cmocka_run_group_tests_name("sms/reading", tests, start, NULL);
}
