/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/adapter_twilio and sms/adapter_somleng: the worked examples of both
 * providers, and what a signature without separators makes necessary.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the three first */
#include <cmocka.h>

#include "crypto/start.h"
#include "tests/lib/assert_bytes.h"
#include "tests/lib/sms_fake.h"

#define FORM    "application/x-www-form-urlencoded"
#define SID     "MessageSid=SM00000000000000000000000000000001"
#define ACCOUNT "AccountSid=ACbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define FROM_TO "From=%2B85512345678&To=%2B14155550100"

/* A request as printed in a document: url, form or query, signature. */
static void take_printed(struct sms_fake *fake, const char *type,
    const char *url, const char *query, const char *form, const char *secret,
    const char *signature)
{
	sms_fake_init(fake, type);
	fake->gateway.url = url;
	fake->gateway.secrets[0] = bytes_str(secret);
	fake->request.query = bytes_str(query);
	fake->request.headers = fake->headers;
	fake->request.is_get = form == NULL;
	fake->request.body = bytes_str(form);
	if (form != NULL) {
		sms_fake_header(fake, "content-type", FORM);
	}
	sms_fake_header(fake, "x-twilio-signature", signature);
	(void)sms_fake_take(fake);
}

static void the_example_that_twilio_prints_holds(void **state)
{
	struct sms_fake fake;

	(void)state;
	take_printed(&fake, "twilio", "https://mycompany.com/myapp.php",
	    "foo=1&bar=2",
	    "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234"
	    "&From=%2B14158675309&To=%2B18005551212",
	    "12345", "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
	/* a call and no message: genuine, so it is kept whole */
	assert_int_equal(fake.verdict, SMS_TIP);
	assert_int_equal(fake.message->kind, SMS_UNDECODABLE);
	assert_true(bytes_equal(fake.message->data, fake.request.body));
	sms_fake_free(&fake);
}

static void the_khmer_example_holds(void **state)
{
	struct sms_fake fake;

	(void)state;
	take_printed(&fake, "twilio", "https://tips.example.org/mo/twilio/ch1",
	    NULL,
	    ACCOUNT "&Body=%E1%9E%87%E1%9E%BD%E1%9E%99+1%2B1%3D2&" FROM_TO
		    "&" SID "&NumMedia=0",
	    "12345678901234567890123456789012", "ivw/KPLd8k4WKbDfw2H+mUc9CRo=");
	assert_int_equal(fake.verdict, SMS_TIP);
	assert_bytes(fake.message->text, "ជួយ 1+1=2");
	assert_bytes(fake.message->from_e164, "+85512345678");
	assert_bytes(
	    fake.message->external_id, "SM00000000000000000000000000000001");
	sms_fake_free(&fake);
}

#define SOMLENG_FORM \
	"AccountSid=2f1d3c9a-6f5c-4c3b-8b0d-7d1a6f0e5c22" \
	"&ApiVersion=2010-04-01&Body=%E1%9E%87%E1%9E%BD%E1%9E%99" \
	"&From=%2B85512345678" \
	"&MessageSid=4f4b1e1c-2c53-4f0e-9a7e-0d6b5c0a1f11" \
	"&NumMedia=0&ReferralNumMedia=0&To=1294"

static void the_example_of_somleng_holds(void **state)
{
	struct sms_fake fake;

	(void)state;
	take_printed(&fake, "somleng",
	    "https://tips.example.org/mo/somleng/ch17", NULL, SOMLENG_FORM,
	    "somleng-auth-token", "CnsviaLmH1NAdFnbJvfX6VpYYmI=");
	assert_int_equal(fake.verdict, SMS_TIP);
	assert_int_equal(fake.message->kind, SMS_TEXT);
	assert_bytes(fake.message->text, "ជួយ");
	assert_bytes(fake.message->to, "1294");
	assert_bytes(
	    fake.message->external_id, "4f4b1e1c-2c53-4f0e-9a7e-0d6b5c0a1f11");
	sms_fake_free(&fake);
	/* the same at a Twilio gateway is genuine, but these are no Sids */
	take_printed(&fake, "twilio",
	    "https://tips.example.org/mo/somleng/ch17", NULL, SOMLENG_FORM,
	    "somleng-auth-token", "CnsviaLmH1NAdFnbJvfX6VpYYmI=");
	assert_int_equal(fake.message->kind, SMS_UNDECODABLE);
	sms_fake_free(&fake);
}

static void somleng_sends_no_json(void **state)
{
	struct sms_fake fake;

	(void)state;
	sms_fake_init(&fake, "somleng");
	sms_fake_post(&fake, NULL, "application/json", bytes_str("{}"), NULL);
	assert_int_equal(sms_fake_take(&fake), SMS_NO_PROOF);
}

static void a_genuine_form_without_its_fields_is_kept_whole(void **state)
{
	static const char *const forms[] = {
		"",
		"x",
		ACCOUNT "&" FROM_TO "&Body=help",          /* no Sid */
		SID "&" FROM_TO "&Body=help",              /* no account */
		SID "&" ACCOUNT "&Body=help&From=%2B855",  /* no To */
		SID "&" ACCOUNT "&Body=help&To=%2B855",    /* no From */
		SID "0&" ACCOUNT "&" FROM_TO "&Body=help", /* too long */
		"MessageSid=SM&" ACCOUNT "&" FROM_TO,      /* too short */
		"MessageSid=XX00000000000000000000000000000001&" ACCOUNT
		"&" FROM_TO,
		"MessageSid=SM0000000000000000000000000000000g&" ACCOUNT
		"&" FROM_TO,
		SID "&AccountSid=AC&" FROM_TO,
	};
	struct sms_fake fake;

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		sms_fake_init(&fake, "twilio");
		sms_fake_form(&fake, forms[i]);
		assert_int_equal(sms_fake_take(&fake), SMS_TIP);
		assert_int_equal(sms_batch_count(fake.batch), 1);
		assert_int_equal(fake.message->kind, SMS_UNDECODABLE);
		assert_true(
		    bytes_equal(fake.message->data, bytes_str(forms[i])));
		/* what can be read of it is: text/readable */
		assert_int_equal(
		    fake.message->text.len > 0, forms[i][0] != '\0');
		sms_fake_free(&fake);
	}
}

static void the_id_of_what_cannot_be_read_is_still_its_id(void **state)
{
	struct sms_fake fake;

	(void)state;
	sms_fake_init(&fake, "twilio");
	sms_fake_form(&fake, SID "&" ACCOUNT "&Body=help&To=%2B855");
	assert_int_equal(sms_fake_take(&fake), SMS_TIP);
	assert_bytes(
	    fake.message->external_id, "SM00000000000000000000000000000001");
	sms_fake_free(&fake);
}

static void derived_places_are_dropped_and_media_kept(void **state)
{
	struct sms_fake fake;
	const struct sms_message *m;

	(void)state;
	sms_fake_init(&fake, "twilio");
	sms_fake_form(&fake,
	    SID "&" ACCOUNT "&" FROM_TO "&FromCity=Poipet&FromZip=01407"
		"&ProfileName=Sokha&NumSegments=3&NumMedia=2"
		"&MediaUrl0=https%3A%2F%2Fx%2F0&MediaContentType0=image%2Fjpeg"
		"&MediaUrl1=https%3A%2F%2Fx%2F1&MediaContentType1=audio%2Fogg"
		"&OptOutType=STOP&Body=STOP&ButtonText=Yes");
	assert_int_equal(sms_fake_take(&fake), SMS_TIP);
	m = fake.message;
	assert_int_equal(m->units, 3);
	assert_int_equal(m->n_media, 2);
	assert_bytes(m->media[1].url, "https://x/1");
	assert_bytes(m->media[0].type, "image/jpeg");
	assert_int_equal(m->flags, SMS_FLAG_OPT_STOP);
	assert_bytes(m->text, "STOP");
	assert_bytes(m->button, "Yes");
	sms_fake_free(&fake);
	sms_fake_form(&fake, SID "&" ACCOUNT "&" FROM_TO "&NumMedia=999999");
	assert_int_equal(sms_fake_take(&fake), SMS_TIP);
	assert_int_equal(fake.message->n_media, SMS_MEDIA_MAX);
	assert_int_equal(fake.message->flags, SMS_FLAG_MORE_MEDIA);
	sms_fake_free(&fake);
}

#define WHATSAPP \
	SID "&" ACCOUNT \
	    "&From=whatsapp%3A%2B85512345678&To=whatsapp%3A%2B14155550100" \
	    "&NumMedia=0&SmsStatus=received"

static void a_place_of_whatsapp_is_kept_with_what_it_is_called(void **state)
{
	static const struct {
		const char *body, *text;
	} rows[] = {
		{ WHATSAPP "&MessageType=location&Body=&Latitude=11.5564"
			   "&Longitude=-104.928",
		    "" },
		{ WHATSAPP "&Latitude=11.5564&Longitude=-104.928&Label=Blue+"
			   "gate&Address=St.+5%2C+Poipet&Body=help",
		    "help\nBlue gate\nSt. 5, Poipet" },
		{ WHATSAPP "&Latitude=11.5564&Longitude=-104.928"
			   "&Address=St.+5&Label=St.+5",
		    "St. 5" },
		{ WHATSAPP "&Latitude=11.5564&Longitude=-104.928"
			   "&Address=St.+5&Body=St.+5",
		    "St. 5" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sms_fake fake;

		sms_fake_init(&fake, "twilio");
		sms_fake_form(&fake, rows[i].body);
		assert_int_equal(sms_fake_take(&fake), SMS_TIP);
		assert_int_equal(fake.message->kind, SMS_TEXT);
		assert_int_equal(fake.message->n_media, 1);
		assert_bytes(fake.message->media[0].type, "location");
		assert_bytes(
		    fake.message->media[0].url, "geo:11.5564,-104.928");
		assert_true(
		    bytes_equal(fake.message->text, bytes_str(rows[i].text)));
		sms_fake_free(&fake);
	}
}

static void what_is_no_place_is_kept_whole(void **state)
{
	static const char *const rows[] = {
		WHATSAPP "&Body=&Latitude=91&Longitude=0&Label=here",
		WHATSAPP "&Body=&Latitude=1.0E-4&Longitude=104&Label=here",
		WHATSAPP "&Body=&Latitude=91&Longitude=0",
		WHATSAPP "&Body=&Latitude=0&Longitude=181.5",
		WHATSAPP "&Body=&Latitude=11.&Longitude=104",
		WHATSAPP "&Body=&Latitude=.5&Longitude=104",
		WHATSAPP "&Body=&Latitude=-&Longitude=104",
		WHATSAPP "&Body=&Latitude=1e1&Longitude=104",
		WHATSAPP "&Body=&Latitude=11.5%26x&Longitude=104",
		WHATSAPP "&Body=&Latitude=11.55555555555555555555555555555555"
			 "&Longitude=104",
		WHATSAPP "&Body=here&Latitude=11.5",
		WHATSAPP "&Body=here&Longitude=11.5",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sms_fake fake;

		sms_fake_init(&fake, "twilio");
		sms_fake_form(&fake, rows[i]);
		assert_int_equal(sms_fake_take(&fake), SMS_TIP);
		if (strstr(rows[i], "here") != NULL) { /* words stay so */
			assert_int_equal(fake.message->kind, SMS_TEXT);
			assert_bytes(fake.message->text, "here");
			assert_int_equal(fake.message->flags, SMS_FLAG_LOSSY);
		} else {
			assert_int_equal(fake.message->kind, SMS_UNDECODABLE);
		}
		assert_true(
		    bytes_equal(fake.message->data, bytes_str(rows[i])));
		assert_bytes(fake.message->from_e164, "+85512345678");
		assert_string_equal(fake.message->channel, "whatsapp");
		sms_fake_free(&fake);
	}
}

/* What WhatsApp has tomorrow: all of it, with who sent it. An SMS may be
 * empty. */
static void a_messenger_s_message_of_an_unknown_kind_is_kept_whole(void **state)
{
	static const struct {
		const char *body;
		enum sms_kind kind;
	} rows[] = {
		{ WHATSAPP "&MessageType=contacts&Body=&Cards=Sokha",
		    SMS_UNDECODABLE },
		{ WHATSAPP "&Poll=yes", SMS_UNDECODABLE },
		{ SID "&" ACCOUNT "&" FROM_TO "&Body=&MessageType=file",
		    SMS_UNDECODABLE },
		{ WHATSAPP "&Body=&ButtonText=Yes", SMS_TEXT },
		{ SID "&" ACCOUNT "&" FROM_TO "&Body=", SMS_TEXT },
		{ SID "&" ACCOUNT "&" FROM_TO "&Body=&MessageType=text",
		    SMS_TEXT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sms_fake fake;

		sms_fake_init(&fake, "twilio");
		sms_fake_form(&fake, rows[i].body);
		assert_int_equal(sms_fake_take(&fake), SMS_TIP);
		assert_int_equal(fake.message->kind, rows[i].kind);
		assert_true(bytes_equal(fake.message->data,
		    bytes_str(rows[i].kind == SMS_TEXT ? "" : rows[i].body)));
		assert_bytes(fake.message->from_e164, "+85512345678");
		assert_bytes(fake.message->external_id,
		    "SM00000000000000000000000000000001");
		sms_fake_free(&fake);
	}
}

/* The desk shows a number for a reason that it writes down; the name is for
 * who has to ask for somebody. */
static void what_is_kept_whole_has_no_number_of_its_sender_in_words(
    void **state)
{
	static const struct {
		const char *body, *text;
	} rows[] = {
		{ SID "&" ACCOUNT
		      "&From=whatsapp%3A%2B85512345678&To=whatsapp%3A%2B1415"
		      "&MessageType=contacts&WaId=85512345678&Body="
		      "&ProfileName=Sok+Dara&Cards=012+345+678",
		    SID "&" ACCOUNT "&From=whatsapp:************&To="
			"whatsapp:+1415&MessageType=contacts&WaId=***********"
			"&Body=&ProfileName=Sok Dara&Cards=0** *** ***" },
		/* without its id */
		{ ACCOUNT "&From=%2B85512345678&To=1294&Body=help",
		    ACCOUNT "&From=************&To=1294&Body=help" },
		{ ACCOUNT "&From=whatsapp%3AUS.1349120865&To=1&Body=help",
		    ACCOUNT "&From=whatsapp:*************&To=1&Body=help" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sms_fake fake;

		sms_fake_init(&fake, "twilio");
		sms_fake_form(&fake, rows[i].body);
		assert_int_equal(sms_fake_take(&fake), SMS_TIP);
		assert_int_equal(fake.message->kind, SMS_UNDECODABLE);
		assert_true(
		    bytes_equal(fake.message->text, bytes_str(rows[i].text)));
		assert_true(
		    bytes_equal(fake.message->data, bytes_str(rows[i].body)));
		/* so that it can be shown at all */
		assert_true(fake.message->from_raw.len > 0);
		sms_fake_free(&fake);
	}
}

static void a_report_on_a_sent_text_is_answered_and_not_kept(void **state)
{
	struct sms_fake fake;

	(void)state;
	sms_fake_init(&fake, "twilio");
	sms_fake_form(
	    &fake, SID "&" ACCOUNT "&" FROM_TO "&MessageStatus=delivered");
	assert_int_equal(sms_fake_take(&fake), SMS_IGNORED);
	assert_null(fake.batch);
	/* with a text it is a tip, whatever else it says */
	sms_fake_form(&fake,
	    SID "&" ACCOUNT "&" FROM_TO "&MessageStatus=delivered&Body=");
	assert_int_equal(sms_fake_take(&fake), SMS_TIP);
	sms_fake_free(&fake);
}

static void another_account_is_refused(void **state)
{
	struct sms_fake fake;

	(void)state;
	sms_fake_init(&fake, "twilio");
	fake.gateway.account = "ACcccccccccccccccccccccccccccccccc";
	sms_fake_form(&fake, SID "&" ACCOUNT "&" FROM_TO "&Body=help");
	assert_int_equal(sms_fake_take(&fake), SMS_NO_PROOF);
	fake.gateway.account = "ACbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
	assert_int_equal(sms_fake_take(&fake), SMS_TIP);
	fake.gateway.account = "";
	assert_int_equal(sms_fake_take(&fake), SMS_TIP);
	sms_fake_free(&fake);
}

/* Signed over configured, judged by a gateway whose url is judged_by. */
static bool holds(
    const char *configured, const char *judged_by, const char *fallback)
{
	struct sms_fake fake;
	enum sms_verdict verdict;

	sms_fake_init(&fake, "twilio");
	fake.gateway.url = configured;
	sms_fake_form(&fake, SID "&" ACCOUNT "&" FROM_TO "&Body=x");
	fake.gateway.url = judged_by;
	fake.gateway.fallback_url = fallback;
	verdict = sms_fake_take(&fake);
	sms_fake_free(&fake);
	return verdict == SMS_TIP;
}

static void the_url_holds_with_and_without_its_port(void **state)
{
	(void)state;
	assert_true(holds("https://a.b/c", "https://a.b/c", NULL));
	assert_true(holds("https://a.b:443/c", "https://a.b/c", NULL));
	assert_true(holds("http://a.b:80/c", "http://a.b/c", NULL));
	assert_true(holds("https://a.b/c", "https://a.b:8443/c", NULL));
	assert_true(holds("https://a.b:8443/c", "https://a.b:8443/c", NULL));
	assert_true(holds("https://u:p@a.b:443/c", "https://u:p@a.b/c", NULL));
	assert_true(holds("https://[::1]:443/c", "https://[::1]/c", NULL));
	assert_true(holds("https://[::1]/c", "https://[::1]:443/c", NULL));
	assert_true(holds("https://a.b/c", "https://a.b/c?old#rc=5", NULL));
	assert_false(holds("https://a.b:8443/c", "https://a.b/c", NULL));
	assert_false(holds("https://a.b:80/c", "https://a.b/c", NULL));
	assert_false(holds("https://a.b/c", "https://a.b/d", NULL));
	assert_false(holds("http://a.b/c", "https://a.b/c", NULL));
	assert_false(holds("https://a.c/c", "https://a.b/c", NULL));
	assert_false(holds("https://a.b/C", "https://a.b/c", NULL));
}

static void the_fallback_url_holds_too(void **state)
{
	(void)state;
	assert_true(holds("https://two/c", "https://one/c", "https://two/c"));
	assert_true(holds("https://one/c", "https://one/c", "https://two/c"));
	assert_false(holds("https://tri/c", "https://one/c", "https://two/c"));
	assert_false(holds("https://tri/c", "https://one/c", ""));
}

static void the_host_header_is_not_looked_at(void **state)
{
	struct sms_fake fake;

	(void)state;
	sms_fake_init(&fake, "twilio");
	fake.gateway.url = "https://evil.example/sms/g1";
	sms_fake_form(&fake, SID "&" ACCOUNT "&" FROM_TO "&Body=x");
	sms_fake_header(&fake, "host", "evil.example");
	sms_fake_header(&fake, "x-forwarded-host", "evil.example");
	fake.gateway.url = "https://tips.example.org/sms/g1";
	assert_int_equal(sms_fake_take(&fake), SMS_NO_PROOF);
}

static void get_is_signed_with_its_query(void **state)
{
	struct sms_fake fake;

	(void)state;
	sms_fake_init(&fake, "twilio");
	sms_fake_get(&fake, SID "&" ACCOUNT "&" FROM_TO "&Body=a%20b+c", NULL);
	assert_int_equal(sms_fake_take(&fake), SMS_TIP);
	assert_bytes(fake.message->text, "a b c");
	sms_fake_free(&fake);
	/* another spelling of the same is not what was signed */
	fake.request.query =
	    bytes_str(SID "&" ACCOUNT "&" FROM_TO "&Body=a+b+c");
	assert_int_equal(sms_fake_take(&fake), SMS_NO_PROOF);
	/* genuine and no message: the query is kept */
	sms_fake_get(&fake, "x=1", NULL);
	assert_int_equal(sms_fake_take(&fake), SMS_TIP);
	assert_int_equal(fake.message->kind, SMS_UNDECODABLE);
	assert_bytes(fake.message->data, "x=1");
	sms_fake_free(&fake);
}

/* sha256 of {"messageSid":"SMe...e","body":"x"} stands in the query */
#define JSON_BODY \
	"{\"messageSid\":\"SMeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee\",\"body\":" \
	"\"x\"}"
#define JSON_HASH \
	"f8bca616c8ff80962ddd50beb804369846251e3e91e645aec75481457d77c238"

static void json_is_bound_by_the_hash_in_the_signed_url(void **state)
{
	static const char json[] = "application/json";
	struct sms_fake fake;

	(void)state;
	sms_fake_init(&fake, "twilio");
	sms_fake_post(
	    &fake, "bodySHA256=" JSON_HASH, json, bytes_str(JSON_BODY), NULL);
	assert_int_equal(sms_fake_take(&fake), SMS_TIP);
	assert_bytes(fake.message->text, "x");
	fake.request.body = bytes_str(JSON_BODY " ");
	assert_int_equal(sms_fake_take(&fake), SMS_NO_PROOF);
	/* no hash at all: the body would be covered by nothing */
	sms_fake_post(&fake, NULL, json, bytes_str(JSON_BODY), NULL);
	assert_int_equal(sms_fake_take(&fake), SMS_NO_PROOF);
	sms_fake_post(&fake, "bodySHA256=", json, bytes_str(JSON_BODY), NULL);
	assert_int_equal(sms_fake_take(&fake), SMS_NO_PROOF);
	/* an unknown content type has no scheme */
	sms_fake_post(&fake, NULL, "text/plain", bytes_str(JSON_BODY), NULL);
	assert_int_equal(sms_fake_take(&fake), SMS_NO_PROOF);
}

static void a_whatsapp_sender_may_be_no_number(void **state)
{
	struct sms_fake fake;

	(void)state;
	sms_fake_init(&fake, "twilio");
	sms_fake_form(&fake,
	    SID "&" ACCOUNT
		"&From=whatsapp%3AUS.1234&To=whatsapp%3A%2B1415&Body=x");
	assert_int_equal(sms_fake_take(&fake), SMS_TIP);
	assert_bytes(fake.message->from, "US.1234");
	assert_bytes(fake.message->from_raw, "whatsapp:US.1234");
	assert_int_equal(fake.message->from_e164.len, 0);
	assert_string_equal(fake.message->channel, "whatsapp");
	sms_fake_free(&fake);
}

static void text_that_is_not_utf8_is_kept_beside_its_repair(void **state)
{
	struct sms_fake fake;

	(void)state;
	sms_fake_init(&fake, "twilio");
	sms_fake_form(
	    &fake, SID "&" ACCOUNT "&" FROM_TO "&Body=a%ED%A0%BDb%FF");
	assert_int_equal(sms_fake_take(&fake), SMS_TIP);
	assert_bytes(fake.message->text,
	    "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
	    "b\xef\xbf\xbd");
	assert_bytes(fake.message->data,
	    "a\xed\xa0\xbd"
	    "b\xff");
	assert_int_equal(fake.message->flags, SMS_FLAG_LOSSY);
	sms_fake_free(&fake);
}

static void a_text_in_base64_has_its_meaning_beside_it(void **state)
{
	static const struct {
		const char *body, *decoded;
	} rows[] = {
		/* "ជួយខ្ញុំផង", whole and with its end cut off */
		{ "4Z6H4Z694Z6Z4Z6B4Z%2BS4Z6J4Z674Z%2BG4Z6V4Z6E",
		    "\u1787\u17bd\u1799\u1781\u17d2\u1789\u17bb\u17c6"
		    "\u1795\u1784" },
		{ "4Z6H4Z694Z6Z4Z6B4Z%2BS4Z6J4Z674Z%2BG4Z6V4Z",
		    "\u1787\u17bd\u1799\u1781\u17d2\u1789\u17bb\u17c6"
		    "\u1795" },
		{ "aGVscCBtZSBwbGVhc2U%3D", "help me please" },
		/* words that only look like it */
		{ "helphelphelphelp", "" },
		{ "aGVscCBtZQ%3D%3D", "" },
		{ "help+me+please+help", "" },
		{ "AAAAAAAAAAAAAAAAAAAAAAAA", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sms_fake fake;
		struct buf body;

		buf_init(&body, 1024);
		buf_put_str(&body,
		    "AccountSid=ACbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
		    "&From=%2B85512345678&To=1294"
		    "&MessageSid=SM00000000000000000000000000000001&Body=");
		buf_put_str(&body, rows[i].body);
		buf_put_u8(&body, 0);
		sms_fake_init(&fake, "twilio");
		sms_fake_form(&fake, (const char *)body.data);
		assert_int_equal(sms_fake_take(&fake), SMS_TIP);
		assert_true(bytes_equal(
		    fake.message->decoded, bytes_str(rows[i].decoded)));
		assert_int_equal((fake.message->flags & SMS_FLAG_B64) != 0,
		    rows[i].decoded[0] != '\0');
		assert_int_equal(
		    fake.message->text.at[0], (unsigned char)rows[i].body[0]);
		sms_fake_free(&fake);
		buf_free(&body);
	}
}

static void what_a_paid_number_needs_for_its_answer_is_kept(void **state)
{
	struct sms_fake fake;

	(void)state;
	sms_fake_init(&fake, "africastalking");
	sms_fake_form(&fake, "id=1&from=%2B254711&to=1294&text=hi&linkId=L-1");
	assert_int_equal(sms_fake_take(&fake), SMS_TIP);
	assert_true(bytes_equal(fake.message->link_id, bytes_str("L-1")));
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
		cmocka_unit_test(the_example_that_twilio_prints_holds),
		cmocka_unit_test(the_khmer_example_holds),
		cmocka_unit_test(the_example_of_somleng_holds),
		cmocka_unit_test(somleng_sends_no_json),
		cmocka_unit_test(
		    a_genuine_form_without_its_fields_is_kept_whole),
		cmocka_unit_test(the_id_of_what_cannot_be_read_is_still_its_id),
		cmocka_unit_test(derived_places_are_dropped_and_media_kept),
		cmocka_unit_test(
		    a_place_of_whatsapp_is_kept_with_what_it_is_called),
		cmocka_unit_test(what_is_no_place_is_kept_whole),
		cmocka_unit_test(
		    a_messenger_s_message_of_an_unknown_kind_is_kept_whole),
		cmocka_unit_test(
		    what_is_kept_whole_has_no_number_of_its_sender_in_words),
		cmocka_unit_test(
		    a_report_on_a_sent_text_is_answered_and_not_kept),
		cmocka_unit_test(another_account_is_refused),
		cmocka_unit_test(the_url_holds_with_and_without_its_port),
		cmocka_unit_test(the_fallback_url_holds_too),
		cmocka_unit_test(the_host_header_is_not_looked_at),
		cmocka_unit_test(get_is_signed_with_its_query),
		cmocka_unit_test(json_is_bound_by_the_hash_in_the_signed_url),
		cmocka_unit_test(a_whatsapp_sender_may_be_no_number),
		cmocka_unit_test(
		    text_that_is_not_utf8_is_kept_beside_its_repair),
		cmocka_unit_test(a_text_in_base64_has_its_meaning_beside_it),
		cmocka_unit_test(
		    what_a_paid_number_needs_for_its_answer_is_kept),
	};

	return cmocka_run_group_tests_name("sms/twilio", tests, setup, NULL);
}
