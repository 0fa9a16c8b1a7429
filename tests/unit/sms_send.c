/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/send, sms/units: what each provider is asked, what its answers mean, and
 * how many parts a text takes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sms/adapter.h"
#include "sms/send.h"
#include "sms/units.h"

#define TEXT "សួស្តី & =1"
#define ENCODED \
	"%E1%9E%9F%E1%9E%BD%E1%9E%9F%E1%9F%92%E1%9E%8F%E1%9E%B8%20%26%20%3D1"

static struct send_account account_of(const char *type)
{
	return (struct send_account){ .type = type,
		.account = "AC1",
		.api_url = "https://api.example.org/",
		.user = "",
		.password = "p&w",
		.from = "+85510000000" };
}

static const char *const types[] = { "twilio", "somleng", "vonage-sms", "plivo",
	"infobip", "africastalking", "kannel", "jasmin" };
#define TYPES (sizeof(types) / sizeof(types[0]))

static struct send_call make(const char *type)
{
	struct send_account account = account_of(type);
	struct send_call call;

	assert_null(send_fault(&account));
	assert_int_equal(send_call_make(&account, bytes_str("+85512345678"),
			     bytes_str(TEXT), &call),
	    TL_OK);
	return call;
}

static void each_provider_is_asked_as_its_document_says(void **state)
{
	static const struct {
		const char *type, *url, *body, *header;
		bool basic;
	} rows[] = {
		{ "twilio",
		    "https://api.example.org/2010-04-01/Accounts/AC1/"
		    "Messages.json",
		    "To=%2B85512345678&From=%2B85510000000&Body=" ENCODED
		    "&ValidityPeriod=300",
		    NULL, true },
		{ "somleng",
		    "https://api.example.org/2010-04-01/Accounts/AC1/Messages",
		    "To=%2B85512345678&From=%2B85510000000&Body=" ENCODED
		    "&ValidityPeriod=300",
		    NULL, true },
		{ "vonage-sms", "https://api.example.org/sms/json",
		    "from=85510000000&to=85512345678&type=unicode&ttl=300000&"
		    "text=" ENCODED,
		    NULL, true },
		{ "plivo", "https://api.example.org/v1/Account/AC1/Message/",
		    "{\"src\":\"85510000000\",\"dst\":\"85512345678\","
		    "\"text\":\"" TEXT "\"}",
		    NULL, true },
		{ "infobip", "https://api.example.org/sms/3/messages",
		    "{\"messages\":[{\"sender\":\"85510000000\","
		    "\"destinations\":[{\"to\":\"85512345678\"}],"
		    "\"content\":{\"text\":\"" TEXT
		    "\"},\"options\":{\"validityPeriod\":{\"amount\":5,"
		    "\"timeUnit\":\"MINUTES\"}}}]}",
		    "App p&w", false },
		{ "africastalking",
		    "https://api.example.org/version1/messaging",
		    "username=AC1&to=%2B85512345678&from=%2B85510000000&"
		    "message=" ENCODED,
		    "p&w", false },
		{ "kannel",
		    "https://api.example.org/cgi-bin/sendsms?username=AC1&"
		    "password=p%26w&from=%2B85510000000&to=%2B85512345678&"
		    "charset=UTF-8&coding=2&validity=5&text=" ENCODED,
		    "", NULL, false },
		{ "jasmin",
		    "https://api.example.org/send?username=AC1&password=p%26w&"
		    "from=%2B85510000000&to=85512345678&coding=8&"
		    "validity-period=5&hex-content="
		    "179f17bd179f17d2178f17b800200026002"
		    "0003d0031",
		    "", NULL, false },
	};

	(void)state;
	assert_int_equal(sizeof(rows) / sizeof(rows[0]), TYPES);
	for (size_t i = 0; i < TYPES; i++) {
		struct send_call call = make(rows[i].type);

		assert_string_equal((const char *)call.url.data, rows[i].url);
		assert_int_equal(call.body.len, strlen(rows[i].body));
		assert_memory_equal(
		    call.body.len > 0 ? (const char *)call.body.data : "",
		    rows[i].body, call.body.len);
		assert_int_equal(call.basic, rows[i].basic);
		assert_int_equal(call.header != NULL, rows[i].header != NULL);
		if (rows[i].header != NULL) {
			assert_string_equal(
			    (const char *)call.header_value.data,
			    rows[i].header);
		}
		send_call_free(&call);
	}
}

static void answers_mean_what_their_documents_say(void **state)
{
	static const struct {
		const char *type;
		int status;
		const char *body;
		enum send_said said;
		const char *id;
	} rows[] = {
		{ "twilio", 201, "{\"sid\":\"SM1\"}", SEND_TAKEN, "SM1" },
		{ "twilio", 400, "{\"code\":21610}", SEND_NEVER, "" },
		{ "twilio", 400, "{\"code\":21606}", SEND_REFUSED, "" },
		{ "twilio", 429, "{\"code\":20429}", SEND_LATER, "" },
		{ "twilio", 401, "", SEND_REFUSED, "" },
		{ "twilio", 500, "", SEND_UNKNOWN, "" },
		{ "twilio", 200, "<html>", SEND_UNKNOWN, "" },
		{ "somleng", 201, "{\"sid\":\"u-1\"}", SEND_TAKEN, "u-1" },
		{ "vonage-sms", 200,
		    "{\"messages\":[{\"status\":\"0\",\"message-id\":\"9\"}]}",
		    SEND_TAKEN, "9" },
		{ "vonage-sms", 200, "{\"messages\":[{\"status\":\"1\"}]}",
		    SEND_LATER, "" },
		{ "vonage-sms", 200, "{\"messages\":[{\"status\":\"5\"}]}",
		    SEND_UNKNOWN, "" },
		{ "vonage-sms", 200, "{\"messages\":[{\"status\":\"7\"}]}",
		    SEND_NEVER, "" },
		{ "vonage-sms", 200, "{\"messages\":[{\"status\":\"4\"}]}",
		    SEND_REFUSED, "" },
		{ "vonage-sms", 200, "{}", SEND_UNKNOWN, "" },
		{ "vonage-sms", 200, "{\"messages\":[{\"status\":\"99\"}]}",
		    SEND_UNKNOWN, "" },
		/* a long text: of each part */
		{ "vonage-sms", 200,
		    "{\"messages\":[{\"status\":\"0\",\"message-id\":\"9\"},"
		    "{\"status\":\"0\",\"message-id\":\"10\"}]}",
		    SEND_TAKEN, "9" },
		{ "vonage-sms", 200,
		    "{\"messages\":[{\"status\":\"1\"},{\"status\":\"0\"}]}",
		    SEND_UNKNOWN, "" },
		{ "vonage-sms", 200,
		    "{\"messages\":[{\"status\":\"0\",\"message-id\":\"9\"},"
		    "{\"status\":\"1\"}]}",
		    SEND_UNKNOWN, "" },
		{ "plivo", 202, "{\"message_uuid\":[\"u\"]}", SEND_TAKEN, "u" },
		{ "plivo", 402, "", SEND_REFUSED, "" },
		{ "infobip", 200,
		    "{\"messages\":[{\"messageId\":\"m\",\"status\":"
		    "{\"groupId\":1}}]}",
		    SEND_TAKEN, "m" },
		{ "infobip", 200,
		    "{\"messages\":[{\"status\":{\"groupId\":2}}]}", SEND_NEVER,
		    "" },
		{ "infobip", 200,
		    "{\"messages\":[{\"status\":{\"groupId\":5}}]}",
		    SEND_REFUSED, "" },
		{ "infobip", 200, "{}", SEND_UNKNOWN, "" },
		{ "infobip", 200,
		    "{\"messages\":[{\"status\":{\"groupId\":7}}]}",
		    SEND_UNKNOWN, "" },
		{ "africastalking", 201,
		    "{\"SMSMessageData\":{\"Recipients\":[{\"statusCode\":101,"
		    "\"messageId\":\"ATX\"}]}}",
		    SEND_TAKEN, "ATX" },
		{ "africastalking", 201,
		    "{\"SMSMessageData\":{\"Recipients\":[{\"statusCode\":"
		    "406}]}}",
		    SEND_NEVER, "" },
		{ "africastalking", 201,
		    "{\"SMSMessageData\":{\"Recipients\":[]}}", SEND_UNKNOWN,
		    "" },
		{ "kannel", 202, "0: Accepted for delivery", SEND_TAKEN, "" },
		{ "kannel", 202, "3: Queued for later delivery", SEND_TAKEN,
		    "" },
		{ "kannel", 403, "", SEND_REFUSED, "" },
		{ "kannel", 503, "", SEND_LATER, "" },
		{ "jasmin", 200, "Success \"07a\"", SEND_TAKEN, "07a" },
		{ "jasmin", 200, "Error", SEND_UNKNOWN, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct send_account account = account_of(rows[i].type);
		struct buf id;

		buf_init(&id, SEND_ID_MAX_BYTES);
		assert_int_equal(send_said(&account, rows[i].status,
				     bytes_str(rows[i].body), &id),
		    rows[i].said);
		assert_int_equal(id.len, strlen(rows[i].id));
		if (id.len > 0) {
			assert_memory_equal(id.data, rows[i].id, id.len);
		}
		buf_free(&id);
	}
}

/* Whatever a provider answers, "not sent" is said only where it is known. */
static void odd_answers_are_never_taken_for_failures(void **state)
{
	static const char *const bodies[] = { "", "null", "[]", "{}", "\xff",
		"{\"messages\":{}}", "{\"messages\":[[]]}", "{\"code\":{}}",
		"{\"sid\":7}", "Success \"" };
	static const int statuses[] = { 0, 100, 200, 201, 202, 204, 302, 500,
		502, 504, 999 };

	(void)state;
	for (size_t t = 0; t < TYPES; t++) {
		struct send_account account = account_of(types[t]);

		for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
			for (size_t s = 0;
			     s < sizeof(statuses) / sizeof(*statuses); s++) {
				struct buf id;
				enum send_said said;

				buf_init(&id, SEND_ID_MAX_BYTES);
				said = send_said(&account, statuses[s],
				    bytes_str(bodies[i]), &id);
				assert_true(
				    said == SEND_TAKEN || said == SEND_UNKNOWN);
				buf_free(&id);
			}
		}
	}
}

/* null, true or an object in the place of a number is not the number 0. */
static void what_is_no_code_says_nothing(void **state)
{
	static const char *const values[] = { "null", "true", "{}", "[]",
		"\"\"", "\"ok\"", "0.0", "-1", "\"-1\"", "\" 0\"", "\"1x\"",
		"6.0", "1e2", "\"1\\u0000\"", "9223372036854775807" };
	static const struct {
		const char *type, *front, *end;
	} rows[] = {
		{ "vonage-sms", "{\"messages\":[{\"status\":", "}]}" },
		{ "infobip",
		    "{\"messages\":[{\"status\":{\"groupId\":", "}}]}" },
		{ "africastalking",
		    "{\"SMSMessageData\":{\"Recipients\":[{\"statusCode\":",
		    "}]}}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct send_account account = account_of(rows[i].type);

		for (size_t k = 0; k < sizeof(values) / sizeof(*values); k++) {
			char body[128];
			struct buf id;

			(void)snprintf(body, sizeof(body), "%s%s%s",
			    rows[i].front, values[k], rows[i].end);
			buf_init(&id, SEND_ID_MAX_BYTES);
			assert_int_equal(
			    send_said(&account, 200, bytes_str(body), &id),
			    SEND_UNKNOWN);
			assert_int_equal(id.len, 0);
			buf_free(&id);
		}
	}
}

static void what_is_no_number_or_no_text_is_not_sent(void **state)
{
	static const char *const numbers[] = { "", "+", "85512345678",
		"+0123456789", "+855123", "+8551234567890123", "+8551234567x",
		"+855 1234567", "117" };
	struct send_account account = account_of("twilio");
	struct send_call call;
	char giant[SEND_TEXT_MAX_BYTES + 2];

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		assert_int_equal(send_call_make(&account, bytes_str(numbers[i]),
				     bytes_str("x"), &call),
		    TL_EINVAL);
	}
	assert_int_equal(send_call_make(&account, bytes_str("+85512345678"),
			     bytes_str(""), &call),
	    TL_EINVAL);
	assert_int_equal(send_call_make(&account, bytes_str("+85512345678"),
			     bytes_str("\xff"), &call),
	    TL_EINVAL);
	assert_int_equal(send_call_make(&account, bytes_str("+85512345678"),
			     bytes_of((const uint8_t *)"a\0b", 3), &call),
	    TL_EINVAL);
	memset(giant, 'x', sizeof(giant));
	assert_int_equal(send_call_make(&account, bytes_str("+85512345678"),
			     bytes_of((uint8_t *)giant, sizeof(giant)), &call),
	    TL_ETOOBIG);
}

static void an_account_that_cannot_be_used_says_why(void **state)
{
	struct send_account account = account_of("twilio");

	(void)state;
	assert_true(send_knows("kannel"));
	assert_false(send_knows("telegram"));
	account.type = "telegram";
	assert_non_null(send_fault(&account));
	for (size_t i = 0; i < TYPES; i++) {
		account = account_of(types[i]);
		account.password = "";
		assert_non_null(send_fault(&account));
		account = account_of(types[i]);
		account.from = NULL;
		assert_non_null(send_fault(&account));
		account = account_of(types[i]);
		account.api_url = "http://api.example.org";
		assert_non_null(send_fault(&account));
		account.api_url = "http://127.0.0.1:13013";
		assert_null(send_fault(&account));
	}
	account = account_of("kannel");
	account.api_url = "";
	assert_non_null(send_fault(&account));
}

/* n times text */
static struct sms_units units_of(const char *text, size_t n)
{
	struct sms_units units;
	struct buf all;

	buf_init(&all, 65536);
	for (size_t i = 0; i < n; i++) {
		buf_put_str(&all, text);
	}
	assert_true(sms_units(bytes_of(all.data, all.len), &units));
	buf_free(&all);
	return units;
}

static void parts_are_counted_as_networks_cut_them(void **state)
{
	static const struct {
		const char *text;
		size_t n;
		bool ucs2;
		size_t units;
		unsigned parts;
		bool ends_full;
	} rows[] = {
		{ "", 0, false, 0, 0, false },
		{ "a", 152, false, 152, 1, false },
		{ "a", 153, false, 153, 1, true },
		{ "a", 154, false, 154, 1, false },
		{ "a", 160, false, 160, 1, true },
		{ "a", 161, false, 161, 2, false },
		{ "a", 306, false, 306, 2, true },
		{ "a", 307, false, 307, 3, false },
		{ "a", 320, false, 320, 3, false },
		{ "\u20ac", 80, false, 160, 1, true },
		/* no escape is cut: 76 of two septets fit into 153 */
		{ "\u20ac", 152, false, 304, 2, false },
		{ "\u20ac", 153, false, 306, 3, false },
		{ "ក", 67, true, 67, 1, true },
		{ "ក", 70, true, 70, 1, true },
		{ "ក", 71, true, 71, 2, false },
		{ "ក", 134, true, 134, 2, true },
		{ "ក", 135, true, 135, 3, false },
		{ "\U0001f600", 35, true, 70, 1, true },
		/* no pair is cut: 33 of two units fit into 67 */
		{ "\U0001f600", 66, true, 132, 2, false },
		{ "\U0001f600", 67, true, 134, 3, false },
		{ "a`", 1, true, 2, 1, false },
	};
	struct sms_units units;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		units = units_of(rows[i].text, rows[i].n);
		assert_int_equal(units.units, rows[i].units);
		assert_int_equal(units.parts, rows[i].parts);
		assert_int_equal(units.ucs2, rows[i].ucs2);
		assert_int_equal(units.signs,
		    strcmp(rows[i].text, "a`") == 0 ? 2 : rows[i].n);
		assert_int_equal(units.ends_full, rows[i].ends_full);
	}
	assert_false(sms_units(bytes_str("\xff"), &units));
}

/* By what the adapters say of what comes in. */
static void only_signed_gateways_are_called_so(void **state)
{
	static const struct sms_adapter *const adapters[] = { &sms_twilio,
		&sms_somleng, &sms_vonage_sms, &sms_plivo, &sms_infobip,
		&sms_africastalking, &sms_kannel, &sms_jasmin };

	(void)state;
	for (size_t i = 0; i < TYPES; i++) {
		const char *trust = adapters[i]->trust;

		assert_string_equal(adapters[i]->name, types[i]);
		assert_int_equal(send_is_signed(types[i]),
		    trust != NULL && strcmp(trust, "signed") == 0);
	}
	assert_false(send_is_signed("telnyx")); /* nothing goes out by it */
	assert_false(send_is_signed(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_provider_is_asked_as_its_document_says),
		cmocka_unit_test(answers_mean_what_their_documents_say),
		cmocka_unit_test(odd_answers_are_never_taken_for_failures),
		cmocka_unit_test(what_is_no_code_says_nothing),
		cmocka_unit_test(what_is_no_number_or_no_text_is_not_sent),
		cmocka_unit_test(an_account_that_cannot_be_used_says_why),
		cmocka_unit_test(only_signed_gateways_are_called_so),
		cmocka_unit_test(parts_are_counted_as_networks_cut_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
