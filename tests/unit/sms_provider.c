/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sms/provider: what is asked of a provider's API and how it is understood. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "sms/gateway.h"
#include "sms/provider.h"
#include "sms/when.h"

#define ACCOUNT "AC00112233445566778899aabbccddeeff"
#define MESSAGE "SM00112233445566778899aabbccddeeff"
#define UUID    "01234567-89ab-cdef-0123-456789abcdef"
#define FROM_S  1795215600 /* 2026-11-20 23:00:00 */
#define TO_S    1795302000

static struct sms_gateway gateway = {
	.name = "phones",
	.region = "KH",
	.account = ACCOUNT,
};

static struct provider_account account_of(const char *type)
{
	gateway.adapter = sms_adapter_find(type);
	gateway.account = strcmp(type, "somleng") == 0 ? UUID : ACCOUNT;
	return (struct provider_account){
		.provider = provider_find(type),
		.gateway = &gateway,
	};
}

static void expect_call(struct provider_call *call, enum provider_method method,
    const char *url, const char *body)
{
	assert_int_equal(call->method, method);
	assert_string_equal((const char *)call->url.data, url);
	assert_int_equal(call->body.len, strlen(body));
	assert_memory_equal(
	    call->body.data != NULL ? (const char *)call->body.data : "", body,
	    strlen(body));
	provider_call_free(call);
}

static void a_text_is_emptied_as_each_provider_wants_it(void **state)
{
	static const struct {
		const char *type, *id, *url, *body;
	} rows[] = {
		{ "twilio", MESSAGE,
		    "https://api.twilio.com/2010-04-01/Accounts/" ACCOUNT
		    "/Messages/" MESSAGE ".json",
		    "Body=" },
		{ "somleng", UUID,
		    "https://api.somleng.org/2010-04-01/Accounts/" UUID
		    "/Messages/" UUID,
		    "Body=" },
		{ "vonage-sms", "0C000000ABCD",
		    "https://api.nexmo.com/v1/redact/transaction",
		    "{\"id\":\"0C000000ABCD\",\"product\":\"sms\","
		    "\"type\":\"inbound\"}" },
		{ "vonage-messages", UUID,
		    "https://api.nexmo.com/v1/redact/transaction",
		    "{\"id\":\"" UUID "\",\"product\":\"messages\","
		    "\"type\":\"inbound\"}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct provider_account account = account_of(rows[i].type);
		struct provider_call call;

		assert_null(provider_fault(&account));
		assert_int_equal(provider_erase_call(&account, PROVIDER_REDACT,
				     bytes_str(rows[i].id), &call),
		    TL_OK);
		expect_call(&call, PROVIDER_POST, rows[i].url, rows[i].body);
	}
}

static void a_message_is_deleted_where_the_provider_can(void **state)
{
	struct provider_account account = account_of("twilio");
	struct provider_call call;

	(void)state;
	account.api_url = "http://127.0.0.1:8080/";
	assert_null(provider_fault(&account));
	assert_int_equal(provider_erase_call(&account, PROVIDER_DELETE_ALL,
			     bytes_str(MESSAGE), &call),
	    TL_OK);
	expect_call(&call, PROVIDER_DELETE,
	    "http://127.0.0.1:8080/2010-04-01/Accounts/" ACCOUNT
	    "/Messages/" MESSAGE ".json",
	    "");
	account = account_of("vonage-sms");
	assert_false(provider_may_erase(account.provider, PROVIDER_DELETE_ALL));
	assert_int_equal(provider_erase_call(&account, PROVIDER_DELETE_ALL,
			     bytes_str("0C00"), &call),
	    TL_EINVAL);
}

static void an_id_that_is_none_becomes_no_address(void **state)
{
	static const struct {
		const char *type, *id;
	} rows[] = {
		{ "twilio", "" },
		{ "twilio", "SM../../../Accounts" },
		{ "twilio", MESSAGE "0" },
		{ "twilio", UUID },
		{ "somleng", MESSAGE },
		{ "somleng", UUID "/x" },
		{ "vonage-sms", "00\",\"x\":\"" },
		{ "vonage-sms", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct provider_account account = account_of(rows[i].type);
		struct provider_call call;

		assert_int_equal(provider_erase_call(&account, PROVIDER_REDACT,
				     bytes_str(rows[i].id), &call),
		    TL_EINVAL);
	}
}

static void an_account_that_cannot_work_says_why(void **state)
{
	struct provider_account account = account_of("twilio");

	(void)state;
	account.api_url = "http://api.twilio.com";
	assert_non_null(provider_fault(&account));
	account.api_url = "http://127.0.0.1.example.org:80";
	assert_non_null(provider_fault(&account));
	account.api_url = NULL;
	gateway.account = "";
	assert_non_null(provider_fault(&account));
	gateway.account = "AC/../x";
	assert_non_null(provider_fault(&account));
	gateway.account = ACCOUNT;
	assert_null(provider_fault(&account));
}

static void answers_mean_done_later_or_refused(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum provider_said said;
	} rows[] = {
		{ 200, "{}", PROVIDER_DONE },
		{ 204, "", PROVIDER_DONE },
		{ 404, "{\"code\":20404}", PROVIDER_DONE },
		{ 401, "{\"code\":20003}", PROVIDER_REFUSED },
		{ 403, "", PROVIDER_REFUSED },
		{ 400, "{\"code\":20009}", PROVIDER_LATER },
		{ 403, "{\"code\":\"S1003\"}", PROVIDER_LATER },
		{ 429, "", PROVIDER_LATER },
		{ 500, "<html>", PROVIDER_LATER },
		{ 301, "", PROVIDER_LATER },
	};
	struct provider_account account = account_of("twilio");

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(provider_erase_said(&account, rows[i].status,
				     bytes_str(rows[i].body)),
		    rows[i].said);
	}
}

static void the_log_is_asked_for_our_number_and_days(void **state)
{
	struct provider_account account = account_of("twilio");
	struct provider_call call;

	(void)state;
	account.number = "+85512345678";
	assert_int_equal(
	    provider_log_call(&account, FROM_S, bytes_of(NULL, 0), &call),
	    TL_OK);
	expect_call(&call, PROVIDER_GET,
	    "https://api.twilio.com/2010-04-01/Accounts/" ACCOUNT
	    "/Messages.json?PageSize=1000&DateSent%3E=2026-11-20"
	    "&To=%2B85512345678",
	    "");
	account = account_of("somleng");
	assert_int_equal(
	    provider_log_call(&account, FROM_S, bytes_of(NULL, 0), &call),
	    TL_OK);
	expect_call(&call, PROVIDER_GET,
	    "https://api.somleng.org/2010-04-01/Accounts/" UUID
	    "/Messages.json?PageSize=1000",
	    "");
	account = account_of("vonage-sms");
	assert_false(provider_has_log(account.provider));
	assert_int_equal(
	    provider_log_call(&account, FROM_S, bytes_of(NULL, 0), &call),
	    TL_EINVAL);
}

/* ---- pages of the log --------------------------------------------------- */

#define ENTRY(sid, direction, date, more) \
	"{\"sid\":\"" sid "\",\"direction\":\"" direction \
	"\",\"from\":\"+85512000111\",\"to\":\"+85512345678\"," \
	"\"body\":\"\\u1787\\u17bd\\u1799\",\"date_created\":\"" date \
	"\",\"num_segments\":\"1\"" more "}"
#define IN_TIME "Sat, 21 Nov 2026 02:00:00 +0000"

struct page {
	enum tl_err err;
	size_t n;
	char next[512];
	struct sms_batch *batch;
};

static struct page read_page(
    const struct provider_account *account, const char *text)
{
	struct page page = { .err = TL_OK };
	struct buf next;

	buf_init(&next, PROVIDER_URL_MAX_BYTES);
	page.err = provider_log_page(
	    account, bytes_str(text), 0, FROM_S, TO_S, &next, &page.batch);
	if (page.err == TL_OK) {
		page.n = sms_batch_count(page.batch);
		(void)snprintf(page.next, sizeof(page.next), "%.*s",
		    (int)next.len,
		    next.data != NULL ? (const char *)next.data : "");
	}
	buf_free(&next);
	return page;
}

static void a_log_entry_is_the_message_its_webhook_would_have_been(void **state)
{
	struct provider_account account = account_of("twilio");
	struct page page = read_page(&account,
	    "{\"messages\":[" ENTRY(MESSAGE, "inbound", IN_TIME,
		",\"num_media\":\"1\"") "],\"next_page_uri\":null}");
	const struct sms_message *message;

	(void)state;
	assert_int_equal(page.err, TL_OK);
	assert_int_equal(page.n, 1);
	assert_string_equal(page.next, "");
	message = sms_batch_at(page.batch, 0);
	assert_true(bytes_equal(message->external_id, bytes_str(MESSAGE)));
	assert_true(bytes_equal(message->from_e164, bytes_str("+85512000111")));
	assert_true(bytes_equal(
	    message->text, bytes_str("\xe1\x9e\x87\xe1\x9e\xbd\xe1\x9e\x99")));
	assert_int_equal(message->sent_s, 1795226400);
	assert_true((message->flags & SMS_FLAG_RECOVERED) != 0);
	assert_string_equal(message->trust, "log");
	assert_int_equal(message->n_media, 1);
	assert_true(provider_owns(&account, message->media[0].url));
	sms_batch_free(page.batch);
}

static void what_went_out_is_old_or_another_number_s_is_left(void **state)
{
	struct provider_account account = account_of("twilio");
	struct page page;

	(void)state;
	account.number = "+85512345678";
	page = read_page(&account,
	    "{\"messages\":[" ENTRY(MESSAGE, "outbound-api", IN_TIME,
		"") "," ENTRY(MESSAGE, "inbound",
		"Sat, 21 Nov 2026 23:30:00 +0000", "") "," ENTRY(MESSAGE,
		"inbound", "Fri, 20 Nov 2026 22:59:59 +0000",
		"") "," ENTRY("XX", "inbound", IN_TIME, "") "," ENTRY(MESSAGE,
		"inbound", "when?", "") ","
					"7,null]}");
	assert_int_equal(page.err, TL_OK);
	/* a time that cannot be read loses nothing */
	assert_int_equal(page.n, 1);
	sms_batch_free(page.batch);
	account.number = "+85599999999";
	page = read_page(&account,
	    "{\"messages\":[" ENTRY(MESSAGE, "inbound", IN_TIME, "") "]}");
	assert_int_equal(page.n, 0);
	sms_batch_free(page.batch);
}

static void pages_are_followed_beneath_our_account_only(void **state)
{
	static const struct {
		const char *next, *expected;
	} rows[] = {
		{ "\"/2010-04-01/Accounts/" ACCOUNT
		  "/Messages.json?Page=1&PageToken=PAx\"",
		    "/2010-04-01/Accounts/" ACCOUNT
		    "/Messages.json?Page=1&PageToken=PAx" },
		{ "\"https://evil.example/\"", "" },
		{ "\"@evil.example/\"", "" },
		{ "\"/2010-04-01/Accounts/AC99/Messages.json?Page=1\"", "" },
		{ "\"/2010-04-01/Accounts/" ACCOUNT "/Messages/../x\"", "" },
		{ "\"/2010-04-01/Accounts/" ACCOUNT "/Messages.json?a b\"",
		    "" },
		{ "7", "" },
		{ "null", "" },
	};
	struct provider_account account = account_of("twilio");

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[1024];
		struct page page;

		(void)snprintf(text, sizeof(text),
		    "{\"messages\":[],\"next_page_uri\":%s}", rows[i].next);
		page = read_page(&account, text);
		assert_int_equal(page.err, TL_OK);
		assert_string_equal(page.next, rows[i].expected);
		sms_batch_free(page.batch);
	}
}

static void a_list_without_a_next_page_is_counted_on(void **state)
{
	struct provider_account account = account_of("somleng");
	struct page page = read_page(&account,
	    "{\"messages\":[" ENTRY(UUID, "inbound", IN_TIME, "") "]}");

	(void)state;
	assert_string_equal(page.next,
	    "/2010-04-01/Accounts/" UUID "/Messages.json?PageSize=1000&Page=1");
	sms_batch_free(page.batch);
	page = read_page(&account,
	    "{\"messages\":[" ENTRY(
		UUID, "inbound", "Fri, 20 Nov 2026 22:00:00 +0000", "") "]}");
	assert_string_equal(page.next, "");
	sms_batch_free(page.batch);
	page = read_page(&account, "{\"messages\":[]}");
	assert_string_equal(page.next, "");
	sms_batch_free(page.batch);
}

static void what_is_no_page_is_refused(void **state)
{
	static const char *const texts[] = { "", "[]", "{}", "<html>",
		"{\"messages\":{}}", "{\"messages\":[", "{\"code\":20003}" };
	struct provider_account account = account_of("twilio");

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(read_page(&account, texts[i]).err, TL_EFORMAT);
	}
}

static void a_password_is_for_the_api_s_own_addresses(void **state)
{
	struct provider_account account = account_of("twilio");

	(void)state;
	assert_true(provider_owns(
	    &account, bytes_str("https://api.twilio.com/2010-04-01/x")));
	assert_false(provider_owns(
	    &account, bytes_str("https://api.twilio.com.evil.example/x")));
	assert_false(provider_owns(
	    &account, bytes_str("https://api.twilio.com@evil.example/x")));
	assert_false(
	    provider_owns(&account, bytes_str("http://api.twilio.com/x")));
	assert_false(
	    provider_owns(&account, bytes_str("https://api.twilio.com")));
}

static void the_mail_form_of_a_time_is_read_strictly(void **state)
{
	static const char good[] = "Sat, 21 Nov 2026 09:00:00 +0700";
	static const char *const bad[] = { "", "Sat, 21 Nov 2026 09:00:00",
		"Sat, 21 Nox 2026 09:00:00 +0700",
		"Sat, 32 Nov 2026 09:00:00 +0700",
		"Sat, 21 Nov 2026 09.00:00 +0700",
		"Sat,  1 Nov 2026 09:00:00 +0700",
		"Sat, 21 Nov 2026 09:00:00 0700 " };
	int64_t time_s = 0;

	(void)state;
	assert_int_equal(when_rfc2822(bytes_str(good), &time_s), TL_OK);
	assert_int_equal(time_s, 1795226400);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(
		    when_rfc2822(bytes_str(bad[i]), &time_s), TL_EFORMAT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_emptied_as_each_provider_wants_it),
		cmocka_unit_test(a_message_is_deleted_where_the_provider_can),
		cmocka_unit_test(an_id_that_is_none_becomes_no_address),
		cmocka_unit_test(an_account_that_cannot_work_says_why),
		cmocka_unit_test(answers_mean_done_later_or_refused),
		cmocka_unit_test(the_log_is_asked_for_our_number_and_days),
		cmocka_unit_test(
		    a_log_entry_is_the_message_its_webhook_would_have_been),
		cmocka_unit_test(
		    what_went_out_is_old_or_another_number_s_is_left),
		cmocka_unit_test(pages_are_followed_beneath_our_account_only),
		cmocka_unit_test(a_list_without_a_next_page_is_counted_on),
		cmocka_unit_test(what_is_no_page_is_refused),
		cmocka_unit_test(a_password_is_for_the_api_s_own_addresses),
		cmocka_unit_test(the_mail_form_of_a_time_is_read_strictly),
	};

	return cmocka_run_group_tests_name("sms_provider", tests, NULL, NULL);
}
