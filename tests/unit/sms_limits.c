/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/adapter: more than anybody sends costs little, and loses nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
/* cmocka needs them first */
#include <cmocka.h>

#include "crypto/start.h"
#include "sms/adapter.h"
#include "tests/lib/sms_check.h"
#include "tests/lib/sms_fake.h"

static void more_messages_than_a_batch_has_are_kept_in_pieces(void **state)
{
	static const char head[] = "{\"results\":[";
	static const char one[] = "{\"messageId\":\"1\",\"text\":\"a\"},";
	struct sms_fake fake;
	struct buf body;

	(void)state;
	buf_init(&body, 2u * 1024u * 1024u);
	buf_put_str(&body, head);
	while (body.len < 600u * 1024u) {
		buf_put_str(&body, one);
	}
	buf_put_str(&body, "{}]}");
	assert_int_equal(buf_err(&body), TL_OK);
	sms_fake_init(&fake, "infobip");
	sms_fake_post(&fake, NULL, "application/json",
	    bytes_of(body.data, body.len), NULL);
	sms_check_genuine(&fake, false);
	assert_int_equal(sms_fake_take(&fake), SMS_TIP);
	assert_int_equal(sms_batch_count(fake.batch), 3);
	assert_int_equal(fake.message->kind, SMS_UNDECODABLE);
	assert_true(bytes_equal(fake.message->external_id, bytes_str("1")));
	sms_fake_free(&fake);
	/* what was read well and has no room in an envelope likewise */
	sms_fake_post(&fake, NULL, "application/json",
	    bytes_str("{\"results\":[{\"messageId\":\"1\"}]}"), NULL);
	assert_int_equal(sms_fake_take(&fake), SMS_TIP);
	assert_int_equal(
	    sms_take_whole(&fake.gateway, &fake.request, fake.batch), TL_OK);
	assert_int_equal(sms_batch_count(fake.batch), 1);
	assert_false(sms_batch_at(fake.batch, 0)->has_concat);
	assert_true(
	    bytes_equal(sms_batch_at(fake.batch, 0)->data, fake.request.body));
	sms_fake_free(&fake);
	buf_free(&body);
}

static void what_the_phone_has_encrypted_is_marked(void **state)
{
	struct sms_fake fake;

	(void)state;
	sms_fake_init(&fake, "httpsms");
	sms_fake_post(&fake, NULL, "application/json",
	    bytes_str("{\"type\":\"message.phone.received\",\"data\":{"
		      "\"message_id\":\"1\",\"contact\":\"+85512345678\","
		      "\"content\":\"c2VhbGVk\",\"encrypted\":true}}"),
	    NULL);
	assert_int_equal(sms_fake_take(&fake), SMS_TIP);
	assert_int_equal(fake.message->flags, SMS_FLAG_ENCRYPTED);
	assert_true(bytes_equal(fake.message->text, bytes_str("c2VhbGVk")));
	sms_fake_free(&fake);
}

static void no_message_has_more_media_than_are_told(void **state)
{
	struct sms_fake fake;

	(void)state;
	sms_fake_init(&fake, "messagebird");
	sms_fake_form(&fake,
	    "id=1&originator=85512345678&body=x&mediaUrls=a&mediaUrls=b"
	    "&mediaUrls=c&mediaUrls=d&mediaUrls=e&mediaUrls=f&mediaUrls=g"
	    "&mediaUrls=h&mediaUrls=i&mediaUrls=j&mediaUrls=k&recipient=1");
	assert_int_equal(sms_fake_take(&fake), SMS_TIP);
	assert_int_equal(fake.message->n_media, SMS_MEDIA_MAX);
	assert_true((fake.message->flags & SMS_FLAG_MORE_MEDIA) != 0);
	sms_fake_free(&fake);
}

/* Whoever may not send must not cost more than a look. */
static void a_flood_of_fields_proves_nothing(void **state)
{
	static const char *const types[] = { "twilio", "somleng", "plivo",
		"vonage-sms" };
	static char body[3 * 1100];
	struct sms_fake fake;

	(void)state;
	for (size_t i = 0; i + 3 < sizeof(body); i += 3) {
		memcpy(body + i, "a=&", 3);
	}
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		sms_fake_init(&fake, types[i]);
		sms_fake_post(&fake, NULL, "application/x-www-form-urlencoded",
		    bytes_str("a=1"), NULL);
		fake.request.body = bytes_str(body);
		assert_int_equal(sms_fake_take(&fake), SMS_NO_PROOF);
		assert_non_null(strstr(fake.why, "nothing proves it"));
		sms_fake_free(&fake);
	}
	/* of one that has proved itself it is kept */
	sms_fake_init(&fake, "africastalking");
	sms_fake_form(&fake, body);
	assert_int_equal(sms_fake_take(&fake), SMS_TIP);
	assert_string_equal(sms_kind_name(fake.message->kind), "undecodable");
	sms_fake_free(&fake);
}

/* Plivo signs with each of its tokens: any of a list counts. */
static void one_good_signature_of_a_long_list_is_enough(void **state)
{
	static const char bad[] =
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=, ";
	static char list[sizeof(bad) * 200];
	struct sms_fake fake;
	struct sms_header *header = NULL;
	size_t len = 0;

	(void)state;
	sms_fake_init(&fake, "plivo");
	sms_fake_form(&fake, "From=85512345678&To=1294&Text=hi&MessageUUID=1");
	for (size_t i = 0; i < fake.request.n_headers; i++) {
		if (strcmp(fake.headers[i].name, "x-plivo-signature-v3") == 0) {
			header = &fake.headers[i];
		}
	}
	assert_non_null(header);
	for (size_t i = 0; i < 190; i++) {
		memcpy(list + len, bad, sizeof(bad) - 1);
		len += sizeof(bad) - 1;
	}
	memcpy(list + len, header->value.at, header->value.len);
	header->value = bytes_of(list, len + header->value.len);
	assert_int_equal(sms_fake_take(&fake), SMS_TIP);
	sms_batch_free(fake.batch);
	fake.batch = NULL;
	header->value.len = len;
	assert_int_equal(sms_fake_take(&fake), SMS_NO_PROOF);
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
		cmocka_unit_test(
		    more_messages_than_a_batch_has_are_kept_in_pieces),
		cmocka_unit_test(what_the_phone_has_encrypted_is_marked),
		cmocka_unit_test(no_message_has_more_media_than_are_told),
		cmocka_unit_test(a_flood_of_fields_proves_nothing),
		cmocka_unit_test(one_good_signature_of_a_long_list_is_enough),
	};

	return cmocka_run_group_tests_name("sms/limits", tests, setup, NULL);
}
