/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/answer: heads of answers. What a program puts into one must not
 * be able to add a line to it.
 */
#include "server/net/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct buf out;

/* The head as text, or NULL if it was refused without a byte. */
static const char *head_of(const struct answer *a)
{
	buf_free(&out);
	buf_init(&out, 4096);
	if (answer_head(a, &out) != TL_OK) {
		assert_int_equal(out.len, 0);
		return NULL;
	}
	buf_put_u8(&out, '\0');
	return (const char *)out.data;
}

static void a_gateway_gets_the_status_and_nothing_else(void **state)
{
	const struct answer a = { .status = 200 };

	(void)state;
	assert_string_equal(head_of(&a),
	    "HTTP/1.1 200 OK\r\n"
	    "Content-Length: 0\r\n"
	    "\r\n");
}

static void all_fields_stand_in_their_order(void **state)
{
	const struct net_header headers[] = {
		{ "Retry-After", bytes_str("30") },
		{ "X-Empty", bytes_of(NULL, 0) },
	};
	const struct answer a = {
		.status = 503,
		.type = "text/html; charset=utf-8",
		.body_len = 1234567,
		.close = true,
		.has_date = true,
		.date_s = 784111777, /* the example of RFC 9110 */
		.headers = headers,
		.n_headers = 2,
	};

	(void)state;
	assert_string_equal(head_of(&a),
	    "HTTP/1.1 503 Service Unavailable\r\n"
	    "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
	    "Connection: close\r\n"
	    "Content-Type: text/html; charset=utf-8\r\n"
	    "Content-Length: 1234567\r\n"
	    "Retry-After: 30\r\n"
	    "X-Empty: \r\n"
	    "\r\n");
}

static void a_reporter_page_protects_its_reader(void **state)
{
	struct answer a = { .status = 200, .kind = ANSWER_REPORTER };
	const char *onion =
	    "HTTP/1.1 200 OK\r\n"
	    "Content-Length: 0\r\n"
	    "Cache-Control: no-store\r\n"
	    "Referrer-Policy: no-referrer\r\n"
	    "X-Content-Type-Options: nosniff\r\n"
	    "Content-Security-Policy: default-src 'none'; "
	    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'\r\n"
	    "\r\n";
	const char *text = head_of(&a);

	(void)state;
	assert_int_equal(strncmp(text, onion, strlen(onion) - 2), 0);
	assert_string_equal(text + strlen(onion) - 2,
	    "Strict-Transport-Security: max-age=63072000\r\n\r\n");
	a.kind = ANSWER_REPORTER_NO_HSTS;
	assert_string_equal(head_of(&a), onion);
}

static void a_page_can_bring_its_own_policy(void **state)
{
	const struct net_header own = { "content-security-policy",
		bytes_str("default-src 'none'; style-src 'sha256-x'") };
	const struct answer a = {
		.status = 200,
		.kind = ANSWER_REPORTER,
		.headers = &own,
		.n_headers = 1,
	};
	const char *text = head_of(&a);

	(void)state;
	assert_null(strstr(text, "Content-Security-Policy"));
	assert_non_null(strstr(text, "\r\ncontent-security-policy: default"));
	assert_non_null(strstr(text, "\r\nReferrer-Policy: "));
}

static void no_value_can_add_a_line(void **state)
{
	(void)state;
	for (unsigned byte = 0; byte < 256; byte++) {
		const uint8_t value[] = { 'a', (uint8_t)byte, 'b' };
		const char type[] = { 'a', (char)byte, 'b', '\0' };
		const struct net_header header = { "X", bytes_of(value, 3) };
		const struct answer in_value = {
			.status = 200,
			.headers = &header,
			.n_headers = 1,
		};
		const struct answer in_type = { .status = 200, .type = type };
		bool fine = byte == '\t' || (byte >= 0x20 && byte != 0x7f);

		assert_true((head_of(&in_value) != NULL) == fine);
		/* in a string NUL is the end, not a byte */
		assert_true((head_of(&in_type) != NULL) == (fine || byte == 0));
	}
}

static void no_name_can_be_anything_but_a_name(void **state)
{
	static const char *const names[] = { "", "a b", "a:", "a\r\nb", "\xc3",
		"Connection", "content-length", "CONTENT-TYPE", "date",
		"Transfer-Encoding" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct net_header header = { names[i], bytes_str("v") };
		const struct answer a = {
			.status = 200,
			.headers = &header,
			.n_headers = 1,
		};

		assert_null(head_of(&a));
	}
}

static void unknown_statuses_and_dates_are_refused(void **state)
{
	struct answer a = { .status = 299 };

	(void)state;
	assert_null(head_of(&a));
	assert_null(answer_text(100));
	assert_string_equal(answer_text(505), "HTTP Version Not Supported");
	a = (struct answer){ .status = 200, .has_date = true, .date_s = -1 };
	assert_null(head_of(&a));
	a.date_s = INT64_C(253402300800);
	assert_null(head_of(&a));
	a.date_s--;
	assert_non_null(
	    strstr(head_of(&a), "Date: Fri, 31 Dec 9999 23:59:59 GMT\r\n"));
}

/* Without a length, only the connection's end says that all has come. */
static void an_answer_without_end_closes(void **state)
{
	struct answer a = { .status = 200, .endless = true };

	(void)state;
	assert_null(head_of(&a));
	a.close = true;
	assert_null(strstr(head_of(&a), "Content-Length"));
}

static void a_full_buffer_is_told(void **state)
{
	const struct answer a = { .status = 200 };
	struct buf small;

	(void)state;
	buf_init(&small, 10);
	assert_int_equal(answer_head(&a, &small), TL_ETOOBIG);
	buf_free(&small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_gateway_gets_the_status_and_nothing_else),
		cmocka_unit_test(all_fields_stand_in_their_order),
		cmocka_unit_test(a_reporter_page_protects_its_reader),
		cmocka_unit_test(a_page_can_bring_its_own_policy),
		cmocka_unit_test(no_value_can_add_a_line),
		cmocka_unit_test(no_name_can_be_anything_but_a_name),
		cmocka_unit_test(unknown_statuses_and_dates_are_refused),
		cmocka_unit_test(an_answer_without_end_closes),
		cmocka_unit_test(a_full_buffer_is_told),
	};
	int failed =
	    cmocka_run_group_tests_name("server/net/answer", tests, NULL, NULL);

	buf_free(&out);
	return failed;
}
