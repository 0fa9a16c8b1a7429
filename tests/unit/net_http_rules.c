/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/http: the rules of the protocol one by one, beyond the corpus.
 * Each row as a whole, in single bytes, and cut in two at every place.
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

struct refusal {
	struct bytes bytes;
	int status;
};

static void assert_refused(const struct refusal *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int status = http_said_status(rows[i].bytes);

		if (status != rows[i].status) {
			fail_msg("row %zu: %d instead of %d: %.*s", i, status,
			    rows[i].status, (int)rows[i].bytes.len,
			    (const char *)rows[i].bytes.at);
		}
	}
}

#define ROWS(array) (sizeof(array) / sizeof((array)[0]))

static void request_lines_are_refused(void **state)
{
	static const struct refusal rows[] = {
		{ B("get / HTTP/1.1\r\n"), 501 },
		{ B("GETS / HTTP/1.1\r\n"), 501 },
		{ B("GE / HTTP/1.1\r\n"), 501 },
		{ B("FOOBAR / HTTP/1.1\r\n"), 501 },
		{ B("ABCDEFGHIJKLMNOP / HTTP/1.1\r\n"), 501 },
		{ B("ABCDEFGHIJKLMNOPQ"), 501 },
		{ B("OPTIONS * HTTP/1.1\r\n"), 501 },
		{ B("CONNECT x:443 HTTP/1.1\r\n"), 501 },
		{ B(" GET / HTTP/1.1\r\n"), 400 },
		{ B("G\0T / HTTP/1.1\r\n"), 400 },
		{ B("GET\r\n"), 400 },
		{ B("\x16\x03\x01\x02\x00"), 400 }, /* TLS ClientHello */
		{ B("\n"), 400 },
		{ B("GET  HTTP/1.1\r\n"), 400 },
		{ B("GET ?a HTTP/1.1\r\n"), 400 },
		{ B("GET * HTTP/1.1\r\n"), 400 },
		{ B("GET http://x/ HTTP/1.1\r\n"), 400 },
		{ B("GET //x HTTP/1.1\r\n"), 400 },
		{ B("GET /a//b HTTP/1.1\r\n"), 400 },
		{ B("GET /. HTTP/1.1\r\n"), 400 },
		{ B("GET /.. HTTP/1.1\r\n"), 400 },
		{ B("GET /./a HTTP/1.1\r\n"), 400 },
		{ B("GET /a/.. HTTP/1.1\r\n"), 400 },
		{ B("GET /a/..?b HTTP/1.1\r\n"), 400 },
		{ B("GET /%2e%2e/ HTTP/1.1\r\n"), 400 },
		{ B("GET /a#b HTTP/1.1\r\n"), 400 },
		{ B("GET /a\0 HTTP/1.1\r\n"), 400 },
		{ B("GET /~a HTTP/1.1\r\n"), 400 },
		{ B("GET /a?b=%41 HTTP/1.1\r\n"), 400 },
		{ B("GET /a?b?c HTTP/1.1\r\n"), 400 },
		{ B("GET /sms/a?b#c HTTP/1.1\r\n"), 400 },
		{ B("GET /sms/a?b\x7f HTTP/1.1\r\n"), 400 },
		{ B("GET /sms/a?b\xc3 HTTP/1.1\r\n"), 400 },
		{ B("GET /sms/%41 HTTP/1.1\r\n"), 400 },
		{ B("GET /\r\n"), 400 },
		{ B("GET / \r\n"), 400 },
		{ B("GET / HTTP/1.1 \r\n"), 400 },
		{ B("GET / HTTP/1.1\n"), 400 },
		{ B("GET / HTTP/1.1\r\r\n"), 400 },
		{ B("GET / HTTP/01.01\r\n"), 400 },
		{ B("GET / HTTP/-5.1\r\n"), 400 },
		{ B("GET / HTTP/1,1\r\n"), 400 },
		{ B("GET / HTTP/1.\xb2\r\n"), 400 },
		{ B("GET / HTTP/1.2\r\n"), 505 },
		{ B("GET / HTTP/0.9\r\n"), 505 },
		{ B("GET / HTTP/3.0\r\n"), 505 },
	};

	(void)state;
	assert_refused(rows, ROWS(rows));
}

static void fields_are_refused(void **state)
{
	static const struct refusal rows[] = {
		{ B("GET / HTTP/1.1\r\n\r\n"), 400 },
		{ B(GET ": v\r\n"), 400 },
		{ B(GET "foo\r\n"), 400 },
		{ B(GET "foo \r\n"), 400 },
		{ B(GET "A : b\r\n"), 400 },
		{ B(GET " A: b\r\n"), 400 },
		{ B(GET "A: b\r\n c\r\n"), 400 },
		{ B(GET "A: \r\n\tc\r\n"), 400 },
		{ B(GET "A: b\nC: d\r\n"), 400 },
		{ B(GET "A: b\rC: d\r\n"), 400 },
		{ B(GET "A:\r\r\n"), 400 },
		{ B(GET "A: \x7f\r\n"), 400 },
		{ B(GET "A: b\0\r\n"), 400 },
		{ B(GET "A:\0b\r\n"), 400 },
		{ B(GET "A: \x0b\r\n"), 400 },
		{ B(GET "A: b\r\n\n"), 400 },
		{ B(GET "\rX"), 400 },
		{ B(GET "\n"), 400 },
		{ B(GET "Host: x\r\n"), 400 },
		{ B(GET "hOST: y\r\n"), 400 },
		{ B(LEN3 "content-length: 3\r\n"), 400 },
		{ B(LEN3 "Content-Type: a\r\nContent-Type: a\r\n"), 400 },
		{ B(GET "Content-Encoding: a\r\nContent-Encoding: a\r\n"),
		    400 },
		{ B(GET "Authorization: a\r\nAuthorization: a\r\n"), 400 },
		{ B(GET "Content-Type: \xff\r\nContent-Type: a\r\n"), 400 },
		{ B(LEN3 "Expect: 100-continue\r\nExpect: 100-continue\r\n"),
		    400 },
		{ B("POST /sms/a HTTP/1.1\r\nWebhook-Id: a\r\nWEBHOOK-ID: "
		    "a\r\n"),
		    400 },
		{ B("POST /sms/a HTTP/1.1\r\nX-Twilio-Signature: \xff\r\n"
		    "X-Twilio-Signature: a\r\n"),
		    400 },
	};

	(void)state;
	assert_refused(rows, ROWS(rows));
}

static void hosts_are_refused(void **state)
{
#define AT(host) B("GET / HTTP/1.1\r\nHost: " host "\r\n\r\n")
	static const struct refusal rows[] = {
		{ AT(""), 400 },
		{ AT("a, b"), 400 },
		{ AT("a b"), 400 },
		{ AT("a/b@c:99999"), 400 },
		{ AT("a_b"), 400 },
		{ AT("\xe1\x9e\x80"), 400 },
		{ AT("a:"), 400 },
		{ AT("a:65536"), 400 },
		{ AT("a:000080"), 400 },
		{ AT("a:80:80"), 400 },
		{ AT("a:8o"), 400 },
		{ AT("a;80"), 400 },
		{ AT(":80"), 400 },
		{ AT("["), 400 },
		{ AT("[]"), 400 },
		{ AT("[::1"), 400 },
		{ AT("[::1]80"), 400 },
		{ AT("[::1]:"), 400 },
		{ AT("[::g]"), 400 },
		{ AT("[1.2.3.4]"), 400 },
		{ AT("[::1%eth0]"), 400 },
		{ AT("[0000000000000000000000000000000000000000000000::1]"),
		    400 },
	};
	static const struct bytes good[] = { AT("x"), AT("a.b-c.9:0"),
		AT("a:65535"), AT("a:00080"), AT("[::1]"), AT("[::1]:443"),
		AT("[::ffff:1.2.3.4]"), AT("[2001:db8:0:1:1:1:1:1]:8443"),
		B("GET / HTTP/1.0\r\nHost: x\r\n\r\n") };
#undef AT
	char name[256 + 64];
	struct buf long_one;

	(void)state;
	assert_refused(rows, ROWS(rows));
	for (size_t i = 0; i < ROWS(good); i++) {
		assert_int_equal(http_said_status(good[i]), 0);
	}
	buf_init(&long_one, sizeof(name));
	memset(name, 'a', 256);
	for (size_t len = 255; len <= 256; len++) {
		buf_reset(&long_one);
		buf_put_str(&long_one, "GET / HTTP/1.1\r\nHost: ");
		buf_put(&long_one, name, len);
		buf_put_str(&long_one, "\r\n\r\n");
		assert_int_equal(
		    http_said_status(bytes_of(long_one.data, long_one.len)),
		    len == 255 ? 0 : 400);
	}
	buf_free(&long_one);
}

static void framing_is_refused(void **state)
{
#define CL(value) B(POST "Content-Length: " value "\r\n\r\nabc")
#define TE(value) B(POST "Transfer-Encoding: " value "\r\n\r\n0\r\n\r\n")
	static const struct refusal rows[] = {
		{ CL(""), 400 },
		{ CL("+3"), 400 },
		{ CL("-3"), 400 },
		{ CL("0x3"), 400 },
		{ CL("3abc"), 400 },
		{ CL("3.0"), 400 },
		{ CL("3, 3"), 400 },
		{ CL("3 3"), 400 },
		{ CL("\xd9\xa3"), 400 },
		{ CL("4294967299"), 413 },
		{ CL("0000000003"), 413 },
		{ CL("999999999"), 413 },
		{ TE(""), 400 },
		{ TE("gzip, chunked"), 400 },
		{ TE("chunked, identity"), 400 },
		{ TE("identity"), 400 },
		{ TE("\"chunked\""), 400 },
		{ TE("chunked;q=1"), 400 },
		{ TE("\xc2\xa0"
		     "chunked"),
		    400 },
		{ TE("chunkee"), 400 },
		{ B(POST "Transfer-Encoding: chunked\r\n"
			 "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
		    400 },
		{ B(POST "Content-Length: 0\r\n"
			 "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
		    400 },
		{ B(POST "Transfer-Encoding: chunked\r\n"
			 "Content-Length: 9999999999\r\n\r\n0\r\n\r\n"),
		    400 },
		{ B("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"),
		    400 },
		{ B(GET "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400 },
		{ B("HEAD / HTTP/1.1\r\n" HOST
		    "Transfer-Encoding: chunked\r\n\r\n"),
		    400 },
		{ B(GET "Content-Length: 36\r\n\r\n"), 400 },
		{ B("HEAD / HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\n"),
		    400 },
		{ B(POST "\r\nabc"), 411 },
		{ B(POST "Connection: close\r\n\r\nabc"), 411 },
		{ B("POST / HTTP/1.0\r\n\r\nabc"), 411 },
		{ B(LEN3 "Expect: foo\r\n\r\nabc"), 417 },
		{ B(LEN3 "Expect:\r\n\r\nabc"), 417 },
		{ B(LEN3 "Expect: 100-continue, x\r\n\r\nabc"), 417 },
		{ B(LEN3 "Expect: \xff\r\n\r\nabc"), 400 },
		{ B("POST / HTTP/1.0\r\nContent-Length: 3\r\n"
		    "Expect: 100-continue\r\n\r\nabc"),
		    417 },
		{ B(LEN3 "Content-Encoding: gzip\r\n\r\nabc"), 415 },
		{ B(LEN3 "Content-Encoding:\r\n\r\nabc"), 415 },
	};
#undef CL
#undef TE

	(void)state;
	assert_refused(rows, ROWS(rows));
}

static void chunks_are_refused(void **state)
{
	static const struct refusal rows[] = {
		{ B(CHUNK "0x3\r\nabc"), 400 }, { B(CHUNK "+3\r\nabc"), 400 },
		{ B(CHUNK " 3\r\nabc"), 400 }, { B(CHUNK "3 \r\nabc"), 400 },
		{ B(CHUNK "-3\r\nabc"), 400 }, { B(CHUNK "g\r\nabc"), 400 },
		{ B(CHUNK "3;a=b\r\nabc"), 400 },
		{ B(CHUNK "3\x00zz\r\nabc"), 400 }, { B(CHUNK "\r\nabc"), 400 },
		{ B(CHUNK "3\rXabc"), 400 }, { B(CHUNK "3\nabc"), 400 },
		{ B(CHUNK "3\r\nabcX"), 400 },
		{ B(CHUNK "3\r\nabc0\r\n\r\n"), 400 },
		{ B(CHUNK "3\r\nabc\rX"), 400 }, { B(CHUNK "3\r\nabc\n"), 400 },
		{ B(CHUNK "3\r\nabc\r\n\r\n"), 400 },
		{ B(CHUNK "3\r\nabc\r\n-0\r\n\r\n"), 400 },
		{ B(CHUNK "0\r\nX-Evil: 1\r\n\r\n"), 400 },
		{ B(CHUNK "0\r\n\n"), 400 }, { B(CHUNK "0\n\n"), 400 },
		{ B(CHUNK "0\r\n\rX"), 400 }, { B(CHUNK "000000003"), 413 },
		{ B(CHUNK "7FFFFFFFFFFFFFFF"), 413 },
		{ B(CHUNK "FFFFFFFF\r\n"), 413 },
		{ B(CHUNK "C00001\r\n"), 413 }, /* 12 MiB and one */
	};

	(void)state;
	assert_refused(rows, ROWS(rows));
}

static void requests_are_delivered_as_written(void **state)
{
	static const struct {
		struct bytes bytes;
		const char *said;
	} rows[] = {
		{ B(GET "\r\n"), GET "\r\n" },
		{ B("GET /a./...?&a=b-c_d.e&&= HTTP/1.1\r\nHost:x\r\n\r\n"),
		    "GET /a./...?&a=b-c_d.e&&= HTTP/1.1\r\nHost: x\r\n\r\n" },
		{ B("GET /? HTTP/1.1\r\nHost: x\r\n\r\n"),
		    "GET /? HTTP/1.1\r\nHost: x\r\n\r\n" },
		{ B("GET /sms/a?!\"$~'%zz%41+;<>?/:@ HTTP/1.1\r\n" HOST "\r\n"),
		    "GET /sms/a?!\"$~'%zz%41+;<>?/:@ HTTP/1.1\r\n" HOST
		    "\r\n" },
		{ B("HEAD / HTTP/1.0\r\n\r\n"),
		    "HEAD / HTTP/1.0\r\nConnection: close\r\n\r\n" },
		{ B(LEN3 "\r\nabcd"), LEN3 "\r\nabc" },
		{ B(POST "Content-Length: 000000000\r\n\r\n"),
		    POST "Content-Length: 0\r\n\r\n" },
		{ B(POST "Content-Length: \t3 \t\r\n\r\n\0\xff\r"),
		    LEN3 "\r\n" },
		{ B(CHUNK "a\r\n0123456789\r\n00000001\r\nx\r\n000\r\n\r\n"),
		    POST "Connection: close\r\nContent-Length: 11\r\n\r\n"
			 "0123456789x" },
		{ B(GET "Connection: keep-alive , CLOSE\r\n\r\n"),
		    GET "Connection: close\r\n\r\n" },
		{ B(GET "Connection: close\r\nConnection: keep-alive\r\n\r\n"),
		    GET "Connection: close\r\n\r\n" },
		{ B(GET "Connection: keep-alive\r\nConnection:\t,close,\r\n"
			"\r\n"),
		    GET "Connection: close\r\n\r\n" },
		{ B(GET "Connection: closed, clos, c,\r\n\r\n"), GET "\r\n" },
		{ B(GET "Connection: close \xff\r\n\r\n"), GET "\r\n" },
		{ B(GET "Connection: \xff,close\r\n\r\n"), GET "\r\n" },
		{ B(GET "Content-Length: 0\r\n\r\n"), GET "\r\n" },
		{ B(LEN3 "Content-Encoding: \xff\r\n\r\nabc"), LEN3 "\r\nabc" },
	};

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *words = http_said(rows[i].bytes);
		size_t len = strlen(rows[i].said);

		/* a body may hold a NUL: what comes before it is compared */
		if (strncmp(words, rows[i].said, len) != 0) {
			fail_msg("row %zu: %s", i, words);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_lines_are_refused),
		cmocka_unit_test(fields_are_refused),
		cmocka_unit_test(hosts_are_refused),
		cmocka_unit_test(framing_is_refused),
		cmocka_unit_test(chunks_are_refused),
		cmocka_unit_test(requests_are_delivered_as_written),
	};
	int failed = cmocka_run_group_tests_name(
	    "server/net/http rules", tests, NULL, NULL);

	http_said_end();
	return failed;
}
