/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/adapter: every row of the table is whole, and no gateway's proof is
 * worth anything at another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
/* cmocka needs them first */
#include <cmocka.h>

#include "config/options.h"
#include "crypto/start.h"
#include "sms/adapter.h"
#include "tests/lib/sms_fake.h"

#define XML "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>"

static void every_row_is_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < sms_adapters_count; i++) {
		const struct sms_adapter *row = sms_adapters[i];

		assert_non_null(row->name);
		assert_non_null(row->source);
		assert_non_null(row->secret_fault);
		assert_non_null(row->verify);
		assert_int_equal((row->parse != NULL) +
			(row->read_json != NULL) + (row->read_form != NULL),
		    1);
		assert_true((row->methods & SMS_POST) != 0);
		assert_true(row->body_max_bytes >= 64u * 1024u);
		assert_ptr_equal(sms_adapter_find(row->name), row);
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(
			    sms_adapters[k]->name, row->name);
		}
	}
	assert_null(sms_adapter_find("nobody"));
}

/* The configuration may not look into sms/, so it has a list of its own. */
static void the_configuration_knows_each_row_and_no_other(void **state)
{
	size_t n = 0;

	(void)state;
	while (config_gateway_types[n] != NULL) {
		assert_non_null(sms_adapter_find(config_gateway_types[n]));
		n++;
	}
	assert_int_equal(n, sms_adapters_count);
}

/* The profile table of the gateways' reference, to the byte. */
static const struct {
	const char *name;
	struct sms_answer row[3]; /* by enum sms_outcome */
} profiles[] = {
	{ "twilio",
	    { { 200, "text/xml", XML, NULL, false },
		{ 503, NULL, NULL, NULL, false },
		{ 403, NULL, NULL, NULL, false } } },
	{ "somleng",
	    { { 200, "text/xml", XML, NULL, false },
		{ 0, NULL, NULL, NULL, true },
		{ 0, NULL, NULL, NULL, true } } },
	{ "kannel",
	    { { 200, NULL, NULL, NULL, false },
		{ 503, NULL, NULL, NULL, false },
		{ 401, NULL, NULL, "Basic realm=\"sms\"", false } } },
	{ "generic",
	    { { 200, NULL, NULL, NULL, false },
		{ 503, NULL, NULL, NULL, false },
		{ 401, NULL, NULL, NULL, false } } },
	{ "telnyx",
	    { { 200, NULL, NULL, NULL, false },
		{ 503, NULL, NULL, NULL, false },
		{ 503, NULL, NULL, NULL, false } } },
	{ "vonage-sms",
	    { { 200, NULL, NULL, NULL, false },
		{ 503, NULL, NULL, NULL, false },
		{ 503, NULL, NULL, NULL, false } } },
	{ "plivo",
	    { { 200, "application/xml", "<Response/>", NULL, false },
		{ 503, NULL, NULL, NULL, false },
		{ 403, NULL, NULL, NULL, false } } },
	{ "infobip",
	    { { 200, NULL, NULL, NULL, false },
		{ 503, NULL, NULL, NULL, false },
		{ 401, NULL, NULL, "Basic realm=\"sms\"", false } } },
	{ "sinch",
	    { { 200, NULL, NULL, NULL, false },
		{ 503, NULL, NULL, NULL, false },
		{ 503, NULL, NULL, NULL, false } } },
	{ "messagebird",
	    { { 200, "text/plain", "OK", NULL, false },
		{ 503, NULL, NULL, NULL, false },
		{ 503, NULL, NULL, NULL, false } } },
	{ "bird",
	    { { 200, NULL, NULL, NULL, false },
		{ 503, NULL, NULL, NULL, false },
		{ 503, NULL, NULL, NULL, false } } },
	{ "vonage-messages",
	    { { 200, NULL, NULL, NULL, false },
		{ 503, NULL, NULL, NULL, false },
		{ 503, NULL, NULL, NULL, false } } },
	{ "android-sms-gateway",
	    { { 200, NULL, NULL, NULL, false },
		{ 503, NULL, NULL, NULL, false },
		{ 403, NULL, NULL, NULL, false } } },
	{ "jasmin",
	    { { 200, "text/plain", "ACK/Jasmin", NULL, false },
		{ 503, NULL, NULL, NULL, false },
		{ 403, NULL, NULL, NULL, false } } },
	{ "africastalking",
	    { { 200, NULL, NULL, NULL, false },
		{ 503, NULL, NULL, NULL, false },
		{ 401, NULL, NULL, "Basic realm=\"sms\"", false } } },
	{ "clickatell",
	    { { 200, NULL, NULL, NULL, false },
		{ 503, NULL, NULL, NULL, false },
		{ 401, NULL, NULL, "Basic realm=\"sms\"", false } } },
	{ "bandwidth",
	    { { 200, NULL, NULL, NULL, false },
		{ 503, NULL, NULL, NULL, false },
		{ 401, NULL, NULL, "Basic realm=\"sms\"", false } } },
	{ "8x8",
	    { { 200, NULL, NULL, NULL, false },
		{ 503, NULL, NULL, NULL, false },
		{ 503, NULL, NULL, NULL, false } } },
	{ "macrokiosk",
	    { { 200, "text/plain", "-1", NULL, false },
		{ 503, NULL, NULL, NULL, false },
		{ 403, NULL, NULL, NULL, false } } },
	{ "nuntium",
	    { { 200, NULL, NULL, NULL, false },
		{ 503, NULL, NULL, NULL, false },
		{ 401, NULL, NULL, "Basic realm=\"sms\"", false } } },
	{ "httpsms",
	    { { 200, NULL, NULL, NULL, false },
		{ 503, NULL, NULL, NULL, false },
		{ 503, NULL, NULL, NULL, false } } },
	{ "telegram",
	    { { 200, NULL, NULL, NULL, false },
		{ 503, NULL, NULL, NULL, false },
		{ 403, NULL, NULL, NULL, false } } },
	{ "custom",
	    { { 200, NULL, NULL, NULL, false },
		{ 503, NULL, NULL, NULL, false },
		{ 503, NULL, NULL, NULL, false } } },
};

static void assert_same_text(const char *is, const char *wanted)
{
	assert_int_equal(is == NULL, wanted == NULL);
	if (is != NULL) {
		assert_string_equal(is, wanted);
	}
}

static void answers_are_those_of_the_profile(void **state)
{
	(void)state;
	assert_int_equal(
	    sizeof(profiles) / sizeof(profiles[0]), sms_adapters_count);
	assert_int_equal(strlen(XML), 49);
	for (size_t i = 0; i < sms_adapters_count; i++) {
		struct sms_gateway gateway = {
			.adapter = sms_adapter_find(profiles[i].name),
			/* a segment: no user and password to ask for */
			.secrets = { bytes_str(
			    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8") },
			.n_secrets = 1,
		};

		for (int o = SMS_STORED; o <= SMS_PROOF_FAILED; o++) {
			const struct sms_answer *wanted = &profiles[i].row[o];
			const struct sms_answer *is =
			    sms_answer(&gateway, (enum sms_outcome)o);

			assert_int_equal(is->status, wanted->status);
			assert_int_equal(is->drop, wanted->drop);
			assert_same_text(is->type, wanted->type);
			assert_same_text(is->body, wanted->body);
			assert_same_text(is->challenge, wanted->challenge);
		}
	}
}

/* A genuine request of each type, and the secret of another gateway of it. */
static const struct {
	const char *type, *content_type, *body, *query, *other_secret;
} samples[] = {
	{ "twilio", "application/x-www-form-urlencoded",
	    "AccountSid=ACbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb&Body=hi"
	    "&From=%2B85512345678&To=%2B14155550100"
	    "&MessageSid=SM00000000000000000000000000000001",
	    NULL, "another-token" },
	{ "somleng", "application/x-www-form-urlencoded",
	    "AccountSid=2f1d3c9a-6f5c-4c3b-8b0d-7d1a6f0e5c22&Body=hi"
	    "&From=%2B85512345678&To=1294"
	    "&MessageSid=4f4b1e1c-2c53-4f0e-9a7e-0d6b5c0a1f11",
	    NULL, "another-token" },
	{ "kannel", "text/plain; charset=\"UTF-8\"", "hi",
	    "id=1&from=012345678&to=8888&charset=UTF-8&coding=0", "u1:pw2" },
	{ "generic", "application/json",
	    "{\"message_id\":\"m\",\"from\":\"012345678\",\"to\":\"8888\","
	    "\"text\":\"hi\"}",
	    NULL, "whsec_YW5vdGhlci1nZW5lcmljLXNlY3JldC0zMi1ieXRlcyE=" },
	{ "telnyx", "application/json",
	    "{\"data\":{\"event_type\":\"message.received\",\"payload\":{"
	    "\"id\":\"m1\",\"from\":{\"phone_number\":\"+85512345678\"},"
	    "\"to\":[{\"phone_number\":\"+14155550104\"}],"
	    "\"text\":\"hi\"}}}",
	    NULL, "another" },
	{ "vonage-sms", "application/x-www-form-urlencoded",
	    "msisdn=85512345678&to=1294&messageId=0A&text=hi&type=text"
	    "&timestamp=1795299997",
	    NULL, "another-secret" },
	{ "plivo", "application/x-www-form-urlencoded",
	    "From=85512345678&To=1294&Text=hi&Type=sms&MessageUUID=1", NULL,
	    "another-token" },
	{ "infobip", "application/json",
	    "{\"results\":[{\"messageId\":\"1\",\"from\":\"85512345678\","
	    "\"to\":\"1294\",\"text\":\"hi\"}]}",
	    NULL, "infobip:pw2" },
	{ "sinch", "application/json",
	    "{\"type\":\"mo_text\",\"id\":\"1\",\"from\":\"85512345678\","
	    "\"to\":\"1294\",\"body\":\"hi\"}",
	    NULL, "another-secret" },
	{ "messagebird", "application/x-www-form-urlencoded",
	    "id=1&recipient=1294&originator=85512345678&body=hi", NULL,
	    "another-key" },
	{ "bird", "application/json",
	    "{\"payload\":{\"id\":\"1\",\"sender\":{\"contact\":{"
	    "\"identifierValue\":\"+85512345678\"}},\"body\":{\"type\":"
	    "\"text\",\"text\":{\"text\":\"hi\"}}}}",
	    NULL, "another-key" },
	{ "vonage-messages", "application/json",
	    "{\"channel\":\"sms\",\"message_uuid\":\"1\",\"from\":"
	    "\"85512345678\",\"to\":\"1294\",\"message_type\":\"text\","
	    "\"text\":\"hi\"}",
	    NULL, "another-secret" },
	{ "android-sms-gateway", "application/json",
	    "{\"event\":\"sms:received\",\"id\":\"1\",\"payload\":{\"message\":"
	    "\"hi\",\"sender\":\"+85512345678\"}}",
	    NULL, "another-key" },
	{ "jasmin", "application/x-www-form-urlencoded",
	    "id=1&from=85512345678&to=1294&content=hi&binary=6869&coding=0",
	    NULL, "jasmin:pw2" },
	{ "africastalking", "application/x-www-form-urlencoded",
	    "id=1&from=%2B85512345678&to=1294&text=hi", NULL,
	    "africastalking:pw2" },
	{ "clickatell", "application/json",
	    "{\"messageId\":\"1\",\"fromNumber\":\"85512345678\",\"toNumber\":"
	    "\"1294\",\"text\":\"hi\"}",
	    NULL, "clickatell:pw2" },
	{ "bandwidth", "application/json",
	    "[{\"type\":\"message-received\",\"message\":{\"id\":\"1\","
	    "\"from\":\"+85512345678\",\"owner\":\"+14155550109\",\"text\":"
	    "\"hi\"}}]",
	    NULL, "bandwidth:pw2" },
	{ "8x8", "application/json",
	    "{\"namespace\":\"SMS\",\"eventType\":\"inbound_message_received\","
	    "\"payload\":{\"umid\":\"1\",\"source\":\"85512345678\","
	    "\"destination\":\"1294\",\"body\":\"hi\"}}",
	    NULL, "x" },
	{ "macrokiosk", "application/x-www-form-urlencoded",
	    "msgId=1&msisdn=85512345678&longcode=1294&text=hi&time=2026-11-"
	    "2206:26:40",
	    NULL, "x" },
	{ "nuntium", "application/x-www-form-urlencoded",
	    "guid=1&from=sms%3A%2F%2F85512345678&to=sms%3A%2F%2F1294&body=hi",
	    NULL, "nuntium:pw2" },
	{ "httpsms", "application/json",
	    "{\"type\":\"message.phone.received\",\"data\":{\"message_id\":"
	    "\"1\",\"contact\":\"+85512345678\",\"owner\":\"+14155550109\","
	    "\"content\":\"hi\"}}",
	    NULL, "another-key" },
	{ "telegram", "application/json",
	    "{\"update_id\":7,\"message\":{\"message_id\":1,\"from\":{\"id\":"
	    "12345678},\"chat\":{\"id\":12345678,\"type\":\"private\"},"
	    "\"date\":1795299999,\"text\":\"hi\"}}",
	    NULL, "another-telegram-token-of-32-letters" },
	{ "custom", "application/x-www-form-urlencoded",
	    "id=1&from=85512345678&to=1294&text=hi&time=1795299999", NULL,
	    "custom-user:password-2" },
};
#define SAMPLES (sizeof(samples) / sizeof(samples[0]))

static void fill(struct sms_fake *fake, size_t i, const char *secret)
{
	sms_fake_init(fake, samples[i].type);
	sms_fake_post(fake, samples[i].query, samples[i].content_type,
	    bytes_str(samples[i].body), secret);
}

static void every_gateway_takes_its_own_and_refuses_all_others(void **state)
{
	(void)state;
	assert_int_equal(SAMPLES, sms_adapters_count);
	for (size_t i = 0; i < SAMPLES; i++) {
		struct sms_fake fake;

		fill(&fake, i, NULL);
		assert_int_equal(sms_fake_take(&fake), SMS_TIP);
		assert_int_equal(fake.message->text.len, 2);
		assert_string_equal(fake.message->channel,
		    strcmp(samples[i].type, "telegram") == 0 ? "telegram"
							     : "sms");
		sms_fake_free(&fake);
		/* the same type with another gateway's secret */
		fill(&fake, i, samples[i].other_secret);
		assert_int_equal(sms_fake_take(&fake), SMS_NO_PROOF);
		assert_null(fake.batch);
		/* the same request at a gateway of another type */
		for (size_t k = 0; k < SAMPLES; k++) {
			struct sms_fake other;

			if (k == i) {
				continue;
			}
			fill(&fake, i, NULL);
			sms_fake_init(&other, samples[k].type);
			other.request = fake.request;
			assert_int_equal(sms_fake_take(&other), SMS_NO_PROOF);
		}
	}
}

static void without_its_proof_nothing_is_taken(void **state)
{
	(void)state;
	for (size_t i = 0; i < SAMPLES; i++) {
		struct sms_fake fake;
		size_t n;

		fill(&fake, i, NULL);
		n = fake.request.n_headers;
		/* each header but the first, which is the content type */
		for (size_t h = 1; h < n; h++) {
			struct sms_header whole = fake.headers[h];

			fake.headers[h].name = "x-nothing";
			assert_int_equal(sms_fake_take(&fake), SMS_NO_PROOF);
			fake.headers[h] = whole;
			/* twice: nobody knows which one was meant */
			fake.headers[n] = whole;
			fake.request.n_headers = n + 1;
			assert_int_equal(sms_fake_take(&fake), SMS_NO_PROOF);
			fake.request.n_headers = n;
			/* every cut of it */
			while (fake.headers[h].value.len > 0) {
				fake.headers[h].value.len--;
				assert_int_equal(
				    sms_fake_take(&fake), SMS_NO_PROOF);
			}
			fake.headers[h] = whole;
		}
		assert_int_equal(sms_fake_take(&fake), SMS_TIP);
		fake.gateway.n_secrets = 0;
		assert_int_equal(sms_fake_take(&fake), SMS_NO_PROOF);
		sms_fake_free(&fake);
	}
}

static void both_secrets_hold_while_one_is_replaced(void **state)
{
	(void)state;
	for (size_t i = 0; i < SAMPLES; i++) {
		for (size_t place = 0; place < 2; place++) {
			struct sms_fake fake;
			struct bytes other = bytes_str(samples[i].other_secret);

			fill(&fake, i, NULL);
			fake.gateway.secrets[1 - place] =
			    fake.gateway.secrets[0];
			fake.gateway.secrets[place] = other;
			fake.gateway.n_secrets = 2;
			assert_int_equal(sms_fake_take(&fake), SMS_TIP);
			sms_fake_free(&fake);
		}
	}
}

static void a_wrong_secret_is_named_at_start(void **state)
{
	static const char *const wrong[] = { "", "no-colon", "no-prefix" };

	(void)state;
	for (size_t i = 0; i < SAMPLES; i++) {
		struct sms_fake fake;

		fill(&fake, i, NULL);
		assert_null(sms_gateway_fault(&fake.gateway));
		fake.gateway.secrets[0] = bytes_str(wrong[0]);
		assert_non_null(sms_gateway_fault(&fake.gateway));
		fake.gateway.n_secrets = 0;
		assert_non_null(sms_gateway_fault(&fake.gateway));
	}
	assert_non_null(sms_kannel.secret_fault(bytes_str(wrong[1])));
	assert_non_null(sms_generic.secret_fault(bytes_str(wrong[2])));
	assert_non_null(sms_generic.secret_fault(bytes_str("whsec_c2hvcnQ=")));
}

static void a_wrong_url_or_region_is_named_at_start(void **state)
{
	static const char *const urls[] = { "", "tips.example.org/sms",
		"ftp://x/y", "https://", "https:///sms", "https://x/a b",
		"https://x/\"" };
	struct sms_fake fake;

	(void)state;
	fill(&fake, 0, NULL);
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		fake.gateway.url = urls[i];
		assert_non_null(sms_gateway_fault(&fake.gateway));
	}
	fake.gateway.url = "https://x:8443/y";
	assert_null(sms_gateway_fault(&fake.gateway));
	fake.gateway.fallback_url = "";
	assert_null(sms_gateway_fault(&fake.gateway));
	fake.gateway.fallback_url = "x";
	assert_non_null(sms_gateway_fault(&fake.gateway));
	fake.gateway.fallback_url = NULL;
	memcpy(fake.gateway.region, "kh", 3);
	assert_non_null(sms_gateway_fault(&fake.gateway));
}

static void every_flag_has_a_word(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SMS_FLAGS_MAX; i++) {
		assert_non_null(sms_flag_name(1u << i));
	}
	assert_null(sms_flag_name(1u << SMS_FLAGS_MAX));
	assert_null(sms_flag_name(0));
}

static int setup(void **state)
{
	(void)state;
	return crypto_start() == TL_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_whole),
		cmocka_unit_test(the_configuration_knows_each_row_and_no_other),
		cmocka_unit_test(answers_are_those_of_the_profile),
		cmocka_unit_test(
		    every_gateway_takes_its_own_and_refuses_all_others),
		cmocka_unit_test(without_its_proof_nothing_is_taken),
		cmocka_unit_test(both_secrets_hold_while_one_is_replaced),
		cmocka_unit_test(a_wrong_secret_is_named_at_start),
		cmocka_unit_test(a_wrong_url_or_region_is_named_at_start),
		cmocka_unit_test(every_flag_has_a_word),
	};

	return cmocka_run_group_tests_name("sms/adapter", tests, setup, NULL);
}
