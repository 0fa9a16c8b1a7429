/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/http: what a route sees of a request, limits, and what the
 * connection may do. The rules of the protocol are in net_http_rules.c.
 */
#include "server/net/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/http_say.h"
#include "tests/lib/lit.h"

#define HOST  "Host: x\r\n"
#define GET   "GET / HTTP/1.1\r\n" HOST
#define POST  "POST /t HTTP/1.1\r\n" HOST
#define CHUNK POST "Transfer-Encoding: chunked\r\n\r\n"
#define LEN3  POST "Content-Length: 3\r\n"

#define ROWS(array) (sizeof(array) / sizeof((array)[0]))

static void a_reporter_route_sees_five_fields(void **state)
{
	(void)state;
	assert_string_equal(
	    http_said(
		B(GET "Cookie: a=b\r\nForwarded: for=1.2.3.4\r\n"
		      "X-Forwarded-For: 1.2.3.4\r\nX-Real-IP: 1.2.3.4\r\n"
		      "Referer: http://x/\r\nRange: bytes=0-1\r\n"
		      "If-Modified-Since: x\r\nAuthorization: Basic eDp5\r\n"
		      "X-Anything: 1\r\nWebhook-Id: 1\r\nWebhook-Id: 2\r\n"
		      "ACCEPT-LANGUAGE: km, en;q=0.5 \r\n"
		      "accept-language: en\r\n"
		      "User-Agent: \t x y\tz \r\nSave-Data: on\r\n"
		      "Content-Type: text/plain\r\n"
		      "X-OperaMini-Phone: Nokia # 3310\r\n"
		      "X-OperaMini-Features: advanced\r\n\r\n")),
	    GET "accept-language: km, en;q=0.5\r\n"
		"user-agent: x y\tz\r\n"
		"save-data: on\r\n"
		"content-type: text/plain\r\n"
		"x-operamini: \r\n\r\n");
}

static void a_gateway_route_sees_all_but_what_is_never_read(void **state)
{
#define START "GET /api/v1 HTTP/1.1\r\n" HOST
	(void)state;
	assert_string_equal(
	    http_said(
		B(START "X-Twilio-Signature: abc=\r\nCookie: a\r\n"
			"Cookie2: a\r\nAuthorization: Basic x\r\n"
			"X-Kannel-From: +85512345678\r\nX-Kannel-From: 2\r\n"
			"X-Kannel-To: \xe1\x9e\x80\r\nX-Kannel-To: 8888\r\n"
			"X-Forwarded-For: 1\r\nX-Forwarded: 1\r\nForwarded: 1"
			"\r\nX-Real-Ip: 1\r\nReferer: 1\r\nRange: 1\r\n"
			"If-None-Match: 1\r\nUpgrade: h2c\r\nTE: x\r\n"
			"HTTP2-Settings: A\r\nTrailer: x\r\n"
			"Content-Encoding: gzip\r\nEmpty:\r\n\r\n")),
	    START "x-twilio-signature: abc=\r\n"
		  "authorization: Basic x\r\n"
		  "x-kannel-from: +85512345678\r\n"
		  "content-encoding: gzip\r\n"
		  "empty: \r\n\r\n");
#undef START
}

static void nothing_dropped_stays_in_memory(void **state)
{
	static const char request[] =
	    GET "Cookie: SECRET\r\nUser-Agent: SECR\xff"
		"ET\r\nX-OperaMini-Phone: SECRET\r\n\r\n";
	struct http_parser p;
	struct bytes piece;
	size_t used;

	(void)state;
	http_init(&p, &http_limits_default);
	assert_int_equal(
	    http_feed(&p, request, sizeof(request) - 1, &used, &piece),
	    HTTP_GOT_HEAD);
	assert_null(memmem(p.head.kept.data, p.head.kept.cap, "SECR", 4));
	http_free(&p);
}

static void the_class_is_known_by_the_path(void **state)
{
	static const struct {
		struct bytes bytes;
		enum http_class class;
	} rows[] = {
		{ B(""), HTTP_CLASS_NONE },
		{ B("GET "), HTTP_CLASS_NONE },
		{ B("PUT /sms/a HTTP/1.1"), HTTP_CLASS_NONE },
		{ B("GET /"), HTTP_CLASS_NONE },
		{ B("GET /sm\x01"), HTTP_CLASS_NONE },
		{ B("GET /sms/"), HTTP_CLASS_GATEWAY },
		{ B("GET /api/\x01"), HTTP_CLASS_GATEWAY },
		{ B("GET /api/ HTTP/9.9\r\n"), HTTP_CLASS_GATEWAY },
		{ B("GET /k"), HTTP_CLASS_REPORTER },
		{ B("GET /ap HTTP/1.1"), HTTP_CLASS_REPORTER },
		{ B("GET /smi"), HTTP_CLASS_REPORTER },
		{ B("GET / "), HTTP_CLASS_REPORTER },
		/* near misses of a gateway's path are no person's */
		{ B("GET /sms"), HTTP_CLASS_GATEWAY },
		{ B("GET /SMS/"), HTTP_CLASS_GATEWAY },
		{ B("GET /Api"), HTTP_CLASS_GATEWAY },
		{ B("GET /sms-gateway"), HTTP_CLASS_GATEWAY },
		{ B("GET /%73ms/"), HTTP_CLASS_NONE },
		{ B("GET //sms/x"), HTTP_CLASS_NONE },
		{ B("GET /./sms/x"), HTTP_CLASS_GATEWAY },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct http_parser p;
		struct bytes piece;
		size_t used;

		http_init(&p, &http_limits_default);
		(void)http_feed(
		    &p, rows[i].bytes.at, rows[i].bytes.len, &used, &piece);
		assert_int_equal(http_class(&p), rows[i].class);
		http_free(&p);
	}
}

static void a_listener_can_have_one_class(void **state)
{
	struct http_limits limits = http_limits_default;

	(void)state;
	limits.only = HTTP_CLASS_GATEWAY;
	assert_string_equal(
	    http_said_in(
		&limits, B("GET /mo?%2B HTTP/1.1\r\n" HOST "\r\n"), 1, 1),
	    "GET /mo?%2B HTTP/1.1\r\n" HOST "\r\n");
	limits.only = HTTP_CLASS_REPORTER;
	assert_string_equal(
	    http_said_in(&limits, B("GET /sms/mo?%2B HTTP/1.1\r\n"), 1, 1),
	    "refused 400 1");
}

/* A request line, then a field that fills the head to so many bytes. */
static struct bytes head_of(const char *line, size_t head_bytes)
{
	static uint8_t head[40000];
	size_t len = strlen(line);

	assert_true(head_bytes <= sizeof(head));
	memset(head, 'a', head_bytes);
	memcpy(head, line, len);
	memcpy(head + len, "A: ", 3);
	memcpy(head + head_bytes - 4, "\r\n\r\n", 4);
	return bytes_of(head, head_bytes);
}

static void heads_have_their_limits(void **state)
{
	static const struct {
		const char *line;
		size_t max_bytes;
	} rows[] = {
		{ GET, 8192 },
		{ POST "Content-Length: 0\r\n", 8192 },
		{ "GET /sms/a HTTP/1.1\r\n" HOST, 32768 },
		{ "HEAD /api/a HTTP/1.1\r\n" HOST, 32768 },
		{ "POST /sms/a HTTP/1.1\r\n" HOST "Content-Length: 0\r\n",
		    16384 },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		size_t max = rows[i].max_bytes;
		const struct http_limits *limits = &http_limits_default;

		assert_null(strstr(http_said_in(limits,
				       head_of(rows[i].line, max), SIZE_MAX, 1),
		    "refused"));
		assert_int_equal(
		    strncmp(http_said_in(
				limits, head_of(rows[i].line, max + 1), 1, 1),
			"refused 431", 11),
		    0);
	}
}

/* "GET /aaa?aaa HTTP/1.1", the target so long. */
static int status_of_target(
    const char *path, size_t target_bytes, const char *query)
{
	const char *words;
	struct buf line;
	int status;

	buf_init(&line, 40000);
	buf_put_str(&line, "GET ");
	buf_put_str(&line, path);
	while (line.len < 4 + target_bytes - strlen(query)) {
		buf_put_str(&line, "a");
	}
	buf_put_str(&line, query);
	buf_put_str(&line, " HTTP/1.1\r\n" HOST "\r\n");
	assert_int_equal(buf_err(&line), TL_OK);
	words = http_said_in(
	    &http_limits_default, bytes_of(line.data, line.len), 7, 1000);
	status = strncmp(words, "refused ", 8) == 0
	    ? (int)strtol(words + 8, NULL, 10)
	    : 0;
	buf_free(&line);
	return status;
}

static void targets_have_their_limits(void **state)
{
	(void)state;
	assert_int_equal(status_of_target("/", 256, ""), 0);
	assert_int_equal(status_of_target("/", 257, ""), 414);
	assert_int_equal(status_of_target("/", 256, "?b"), 0);
	assert_int_equal(status_of_target("/", 257, "?b"), 414);
	assert_int_equal(status_of_target("/?", 257, ""), 414);
	assert_int_equal(status_of_target("/sms/a?", 30000, ""), 0);
	assert_int_equal(status_of_target("/sms/a?", 33000, ""), 414);
	assert_int_equal(status_of_target("/sms/", 33000, ""), 414);
}

/* The whole of bytes is fed; gives the last event. */
static enum http_event feed_all(struct http_parser *p, struct bytes bytes)
{
	enum http_event event;
	struct bytes piece;
	size_t used;

	do {
		event = http_feed(p, bytes.at, bytes.len, &used, &piece);
		bytes = bytes_of(bytes.at + used, bytes.len - used);
	} while (event == HTTP_GOT_BODY);
	return event;
}

static void a_route_can_take_less(void **state)
{
	struct http_parser p;

	(void)state;
	http_init(&p, &http_limits_default);
	assert_int_equal(feed_all(&p, B(LEN3 "\r\n")), HTTP_GOT_HEAD);
	assert_int_equal(http_content_length(&p), 3);
	http_set_body_max(&p, 2);
	assert_int_equal(feed_all(&p, B("abc")), HTTP_REFUSED);
	assert_int_equal(http_status(&p), 413);
	assert_false(http_may_keep(&p));
	http_reset(&p);
	assert_int_equal(http_status(&p), 0);

	assert_int_equal(feed_all(&p, B(CHUNK)), HTTP_GOT_HEAD);
	http_set_body_max(&p, 5);
	assert_int_equal(
	    feed_all(&p, B("3\r\nabc\r\n2\r\nde\r\n1\r\n")), HTTP_REFUSED);
	assert_int_equal(http_status(&p), 413);
	http_reset(&p);

	/* and more, so that a route can let a file be too big */
	assert_int_equal(
	    feed_all(&p, B(POST "Content-Length: 99999999\r\n\r\n")),
	    HTTP_GOT_HEAD);
	http_set_body_max(&p, UINT64_MAX);
	assert_int_equal(feed_all(&p, B("abc")), HTTP_MORE);
	http_free(&p);
}

static void behind_the_end_nothing_is_taken(void **state)
{
	struct http_parser p;
	struct bytes piece;
	size_t used = 9;

	(void)state;
	http_init(&p, &http_limits_default);
	assert_int_equal(feed_all(&p, B(GET "\r\n")), HTTP_GOT_HEAD);
	assert_int_equal(feed_all(&p, B("")), HTTP_DONE);
	assert_int_equal(http_feed(&p, "GET", 3, &used, &piece), HTTP_DONE);
	assert_int_equal(used, 0);
	http_refuse(&p, 421);
	assert_int_equal(http_feed(&p, "GET", 3, &used, &piece), HTTP_REFUSED);
	assert_int_equal(used, 0);
	http_free(&p);
}

static void a_route_can_refuse(void **state)
{
	struct http_parser p;

	(void)state;
	http_init(&p, &http_limits_default);
	assert_int_equal(feed_all(&p, B(LEN3 "Expect: 100-continue\r\n\r\n")),
	    HTTP_GOT_HEAD);
	assert_int_equal(feed_all(&p, B("")), HTTP_MORE);
	http_refuse(&p, 404);
	assert_false(http_take_continue(&p));
	assert_int_equal(feed_all(&p, B("abc")), HTTP_REFUSED);
	assert_int_equal(http_status(&p), 404);
	http_free(&p);
}

static void there_are_16384_chunks_at_most(void **state)
{
	struct http_parser p;

	(void)state;
	http_init(&p, &http_limits_default);
	assert_int_equal(feed_all(&p, B(CHUNK)), HTTP_GOT_HEAD);
	for (unsigned i = 0; i < HTTP_CHUNKS_MAX; i++) {
		assert_int_equal(feed_all(&p, B("1\r\nx\r\n")), HTTP_MORE);
	}
	assert_int_equal(feed_all(&p, B("1\r\nx\r\n")), HTTP_REFUSED);
	assert_int_equal(http_status(&p), 413);
	http_free(&p);
}

static void continue_is_due_once_and_before_the_body(void **state)
{
#define EXPECT "Expect: 100-Continue\r\n\r\n"
	struct http_parser p;

	(void)state;
	http_init(&p, &http_limits_default);
	assert_int_equal(feed_all(&p, B(LEN3 EXPECT)), HTTP_GOT_HEAD);
	assert_int_equal(feed_all(&p, B("")), HTTP_MORE);
	assert_true(http_take_continue(&p));
	assert_false(http_take_continue(&p));
	assert_int_equal(feed_all(&p, B("")), HTTP_MORE);
	assert_false(http_take_continue(&p));
	http_reset(&p);

	/* the body is there already */
	assert_int_equal(feed_all(&p, B(LEN3 EXPECT)), HTTP_GOT_HEAD);
	assert_int_equal(feed_all(&p, B("a")), HTTP_MORE);
	assert_false(http_take_continue(&p));
	http_reset(&p);
	assert_int_equal(
	    feed_all(&p, B(POST "Transfer-Encoding: chunked\r\n" EXPECT)),
	    HTTP_GOT_HEAD);
	assert_int_equal(feed_all(&p, B("3")), HTTP_MORE);
	assert_false(http_take_continue(&p));
	http_reset(&p);

	/* none is to come, or none was asked for, or it is too long */
	assert_int_equal(feed_all(&p, B(POST "Content-Length: 0\r\n" EXPECT)),
	    HTTP_GOT_HEAD);
	assert_int_equal(feed_all(&p, B("")), HTTP_DONE);
	assert_false(http_take_continue(&p));
	http_reset(&p);
	assert_int_equal(feed_all(&p, B(LEN3 "\r\n")), HTTP_GOT_HEAD);
	assert_int_equal(feed_all(&p, B("")), HTTP_MORE);
	assert_false(http_take_continue(&p));
	http_reset(&p);
	assert_int_equal(
	    feed_all(&p, B(POST "Content-Length: 99999999\r\n" EXPECT)),
	    HTTP_GOT_HEAD);
	assert_int_equal(feed_all(&p, B("")), HTTP_REFUSED);
	assert_false(http_take_continue(&p));
	http_free(&p);
#undef EXPECT
}

static void a_connection_may_be_kept_only_in_the_plain_case(void **state)
{
	static const struct {
		struct bytes head;
		bool keep;
	} rows[] = {
		{ B(GET "\r\n"), true },
		{ B(LEN3 "\r\n"), true },
		{ B(CHUNK), false },
		{ B(GET "Connection: Close\r\n\r\n"), false },
		{ B("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
		    false },
	};
	struct http_parser p;

	(void)state;
	http_init(&p, &http_limits_default);
	for (size_t i = 0; i < ROWS(rows); i++) {
		assert_false(http_may_keep(&p));
		assert_int_equal(feed_all(&p, rows[i].head), HTTP_GOT_HEAD);
		assert_true(http_may_keep(&p) == rows[i].keep);
		http_reset(&p);
	}
	http_free(&p);
}

static void what_is_asked_too_early_is_not_there(void **state)
{
	struct http_parser p;

	(void)state;
	http_init(&p, &http_limits_default);
	assert_true(http_idle(&p));
	assert_true(http_in_head(&p));
	assert_null(http_path(&p).at);
	assert_null(http_path_so_far(&p).at);
	assert_null(http_query(&p).at);
	assert_null(http_host(&p).at);
	assert_null(http_field(&p, "user-agent").at);
	assert_int_equal(feed_all(&p, B("GET /km/a")), HTTP_MORE);
	assert_false(http_idle(&p));
	assert_null(http_path(&p).at);
	assert_true(bytes_equal(http_path_so_far(&p), B("/km/a")));
	assert_int_equal(feed_all(&p, B(" HTTP/3.0\r\n")), HTTP_REFUSED);
	assert_true(bytes_equal(http_path(&p), B("/km/a")));
	assert_int_equal(http_method(&p), HTTP_GET);
	http_reset(&p);
	assert_int_equal(
	    feed_all(&p, B(LEN3 "User-Agent: a\r\n\r\n")), HTTP_GOT_HEAD);
	assert_false(http_in_head(&p));
	assert_true(bytes_equal(http_field(&p, "user-agent"), B("a")));
	assert_null(http_field(&p, "user-agen").at);
	http_free(&p);
	http_free(&p);
}

static void without_memory_it_is_503(void **state)
{
	/* long enough that the kept bytes do not fit at several places */
	static const struct bytes request =
	    B("GET /sms/a?b HTTP/1.1\r\n" HOST "Abc: d\r\n\r\n");

	(void)state;
	for (size_t max = 0; max < sizeof("/sms/ab"
					  "host.x"
					  "abc.d") -
		 1;
	     max++) {
		struct http_parser p;

		http_init(&p, &http_limits_default);
		p.head.kept.max = max;
		assert_int_equal(feed_all(&p, request), HTTP_REFUSED);
		assert_int_equal(http_status(&p), 503);
		http_free(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reporter_route_sees_five_fields),
		cmocka_unit_test(
		    a_gateway_route_sees_all_but_what_is_never_read),
		cmocka_unit_test(nothing_dropped_stays_in_memory),
		cmocka_unit_test(the_class_is_known_by_the_path),
		cmocka_unit_test(a_listener_can_have_one_class),
		cmocka_unit_test(heads_have_their_limits),
		cmocka_unit_test(targets_have_their_limits),
		cmocka_unit_test(a_route_can_take_less),
		cmocka_unit_test(behind_the_end_nothing_is_taken),
		cmocka_unit_test(a_route_can_refuse),
		cmocka_unit_test(there_are_16384_chunks_at_most),
		cmocka_unit_test(continue_is_due_once_and_before_the_body),
		cmocka_unit_test(
		    a_connection_may_be_kept_only_in_the_plain_case),
		cmocka_unit_test(what_is_asked_too_early_is_not_there),
		cmocka_unit_test(without_memory_it_is_503),
	};
	int failed =
	    cmocka_run_group_tests_name("server/net/http", tests, NULL, NULL);

	http_said_end();
	return failed;
}
