/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/net/answer.h"

#include <string.h>
#include <strings.h>
#include <time.h>

#include "server/net/http_byte.h"
#include "server/net/http_field.h"

#define DATE_MAX_S INT64_C(253402300799) /* the end of the year 9999 */

#define ROWS(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	int status;
	const char *text;
} statuses[] = {
	{ 200, "OK" },
	{ 202, "Accepted" },
	{ 206, "Partial Content" },
	{ 303, "See Other" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 411, "Length Required" },
	{ 413, "Content Too Large" },
	{ 414, "URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 416, "Range Not Satisfiable" },
	{ 417, "Expectation Failed" },
	{ 421, "Misdirected Request" },
	{ 422, "Unprocessable Content" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 503, "Service Unavailable" },
	{ 505, "HTTP Version Not Supported" },
};

/* The last one is HSTS, which an onion must not send. */
static const struct {
	const char *name;
	const char *value;
} reporter_fields[] = {
	{ "Cache-Control", "no-store" },
	{ "Referrer-Policy", "no-referrer" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "Content-Security-Policy",
	    "default-src 'none'; form-action 'self'; frame-ancestors 'none'; "
	    "base-uri 'none'" },
	{ "Strict-Transport-Security", "max-age=63072000" },
};

static const size_t n_reporter_fields[] = {
	[ANSWER_PLAIN] = 0,
	[ANSWER_REPORTER] = ROWS(reporter_fields),
	[ANSWER_REPORTER_NO_HSTS] = ROWS(reporter_fields) - 1,
};

const char *answer_text(int status)
{
	for (size_t i = 0; i < ROWS(statuses); i++) {
		if (statuses[i].status == status) {
			return statuses[i].text;
		}
	}
	return NULL;
}

static bool all_are(struct bytes bytes, enum http_byte_bit bit)
{
	for (size_t i = 0; i < bytes.len; i++) {
		if (!http_byte_is(bytes.at[i], bit)) {
			return false;
		}
	}
	return true;
}

/* What this module writes itself would stand there twice. */
static bool is_ours(struct bytes name)
{
	static const char *const ours[] = {
		"connection",
		"content-length",
		"content-type",
		"date",
		"transfer-encoding",
	};

	for (size_t i = 0; i < ROWS(ours); i++) {
		if (http_word_is(name, ours[i])) {
			return true;
		}
	}
	return false;
}

static bool is_sound(const struct answer *a)
{
	if (answer_text(a->status) == NULL || (a->endless && !a->close) ||
	    !all_are(bytes_str(a->type), HTTP_BYTE_VALUE) ||
	    (a->has_date && (a->date_s < 0 || a->date_s > DATE_MAX_S))) {
		return false;
	}
	for (size_t i = 0; i < a->n_headers; i++) {
		struct bytes name = bytes_str(a->headers[i].name);

		if (name.len == 0 || !all_are(name, HTTP_BYTE_TOKEN) ||
		    is_ours(name) ||
		    !all_are(a->headers[i].value, HTTP_BYTE_VALUE)) {
			return false;
		}
	}
	return true;
}

static void put_field(struct buf *out, const char *name, struct bytes value)
{
	buf_put_str(out, name);
	buf_put_str(out, ": ");
	buf_put(out, value.at, value.len);
	buf_put_str(out, "\r\n");
}

static void put_two(struct buf *out, int number, const char *behind)
{
	buf_put_u8(out, (uint8_t)('0' + number / 10));
	buf_put_u8(out, (uint8_t)('0' + number % 10));
	buf_put_str(out, behind);
}

/* RFC 9110 section 5.6.7; not strftime(), which asks the locale. */
static void put_date(struct buf *out, int64_t date_s)
{
	static const char days[] = "Sun, Mon, Tue, Wed, Thu, Fri, Sat, ";
	static const char months[] =
	    " Jan  Feb  Mar  Apr  May  Jun  Jul  Aug  Sep  Oct  Nov  Dec ";
	time_t when = (time_t)date_s;
	struct tm tm;

	(void)gmtime_r(&when, &tm);
	buf_put_str(out, "Date: ");
	buf_put(out, days + 5 * tm.tm_wday, 5);
	put_two(out, tm.tm_mday, "");
	buf_put(out, months + 5 * tm.tm_mon, 5);
	put_two(out, (tm.tm_year + 1900) / 100, "");
	put_two(out, (tm.tm_year + 1900) % 100, " ");
	put_two(out, tm.tm_hour, ":");
	put_two(out, tm.tm_min, ":");
	put_two(out, tm.tm_sec, " GMT\r\n");
}

static bool sets_itself(const struct answer *a, const char *name)
{
	for (size_t i = 0; i < a->n_headers; i++) {
		if (strcasecmp(a->headers[i].name, name) == 0) {
			return true;
		}
	}
	return false;
}

enum tl_err answer_head(const struct answer *a, struct buf *out)
{
	if (!is_sound(a)) {
		return TL_EINVAL;
	}
	buf_put_str(out, "HTTP/1.1 ");
	buf_put_dec(out, (uint64_t)a->status);
	buf_put_str(out, " ");
	buf_put_str(out, answer_text(a->status));
	buf_put_str(out, "\r\n");
	if (a->has_date) {
		put_date(out, a->date_s);
	}
	if (a->close) {
		put_field(out, "Connection", bytes_str("close"));
	}
	if (a->type != NULL) {
		put_field(out, "Content-Type", bytes_str(a->type));
	}
	if (!a->endless) {
		buf_put_str(out, "Content-Length: ");
		buf_put_dec(out, a->body_len);
		buf_put_str(out, "\r\n");
	}
	for (size_t i = 0; i < n_reporter_fields[a->kind]; i++) {
		if (!sets_itself(a, reporter_fields[i].name)) {
			put_field(out, reporter_fields[i].name,
			    bytes_str(reporter_fields[i].value));
		}
	}
	for (size_t i = 0; i < a->n_headers; i++) {
		put_field(out, a->headers[i].name, a->headers[i].value);
	}
	buf_put_str(out, "\r\n");
	return buf_err(out);
}
