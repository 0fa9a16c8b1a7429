/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/http_say.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const char *const no_fields[] = { NULL };

const struct http_limits http_say_wide = {
	.reporter = { 60000, 60000, 60000, UINT64_MAX, no_fields },
	.gateway = { 60000, 60000, 60000, UINT64_MAX, no_fields },
};

static void put_bytes(struct buf *out, struct bytes bytes)
{
	buf_put(out, bytes.at, bytes.len);
}

static void put_field(struct buf *out, const char *name, struct bytes value)
{
	if (value.at != NULL) {
		buf_put_str(out, name);
		buf_put_str(out, ": ");
		put_bytes(out, value);
		buf_put_str(out, "\r\n");
	}
}

static const char *method_name(const struct http_parser *p)
{
	return http_method(p) == HTTP_GET ? "GET"
	    : http_method(p) == HTTP_POST ? "POST"
					  : "HEAD";
}

static void say_request(
    const struct http_parser *p, struct bytes body, struct buf *out)
{
	struct http_field fields[HTTP_FIELDS_MAX];
	size_t n = http_fields(p, fields);

	buf_put_str(out, method_name(p));
	buf_put_str(out, " ");
	put_bytes(out, http_path(p));
	if (http_query(p).at != NULL) {
		buf_put_str(out, "?");
		put_bytes(out, http_query(p));
	}
	buf_put_str(out, http_is_10(p) ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n");
	put_field(out, "Host", http_host(p));
	for (size_t i = 0; i < n; i++) {
		put_field(out, fields[i].name, fields[i].value);
	}
	if (!http_may_keep(p)) {
		put_field(out, "Connection", bytes_str("close"));
	}
	if (http_method(p) == HTTP_POST) {
		buf_put_str(out, "Content-Length: ");
		buf_put_dec(out, body.len);
		buf_put_str(out, "\r\n");
	}
	buf_put_str(out, "\r\n");
	put_bytes(out, body);
}

/* One piece, to the last event that it gives. */
static enum http_event feed(
    struct http_parser *p, struct bytes piece, struct buf *body)
{
	uint8_t *copy = malloc(piece.len > 0 ? piece.len : 1);
	enum http_event event;
	struct bytes data;
	size_t used;

	assert(copy != NULL);
	if (piece.len > 0) {
		memcpy(copy, piece.at, piece.len);
	}
	piece.at = copy;
	do {
		event = http_feed(p, piece.at, piece.len, &used, &data);
		assert(used <= piece.len);
		assert(event == HTTP_GOT_BODY || data.at == NULL);
		assert(event != HTTP_MORE || used == piece.len);
		put_bytes(body, data);
		piece = bytes_of(piece.at + used, piece.len - used);
	} while (event == HTTP_GOT_HEAD || event == HTTP_GOT_BODY);
	free(copy);
	return event;
}

enum http_event http_say(const struct http_limits *limits, struct bytes bytes,
    size_t first_len, size_t piece_len, struct buf *out)
{
	enum http_event event = HTTP_MORE;
	struct http_parser p;
	struct buf body;

	buf_init(&body, bytes.len);
	http_init(&p, limits);
	for (size_t at = 0, len = first_len;
	     at < bytes.len && event == HTTP_MORE; at += len, len = piece_len) {
		if (len > bytes.len - at) {
			len = bytes.len - at;
		}
		event = feed(&p, bytes_of(bytes.at + at, len), &body);
	}
	assert(buf_err(&body) == TL_OK);
	if (event == HTTP_DONE) {
		say_request(&p, bytes_of(body.data, body.len), out);
	} else if (event == HTTP_REFUSED) {
		buf_put_str(out, "refused ");
		buf_put_dec(out, (uint64_t)http_status(&p));
		buf_put_str(out, " ");
		buf_put_dec(out, http_class(&p));
	} else {
		buf_put_str(out, "waits");
	}
	buf_free(&body);
	http_free(&p);
	return event;
}

static struct buf words;

const char *http_said_in(const struct http_limits *limits, struct bytes bytes,
    size_t first_len, size_t piece_len)
{
	buf_free(&words);
	buf_init(&words, 65536);
	(void)http_say(limits, bytes, first_len, piece_len, &words);
	buf_put_u8(&words, '\0');
	assert(buf_err(&words) == TL_OK);
	return (const char *)words.data;
}

static const char *said(struct bytes bytes, size_t first_len, size_t piece_len)
{
	return http_said_in(&http_limits_default, bytes, first_len, piece_len);
}

const char *http_said(struct bytes bytes)
{
	char *whole = strdup(said(bytes, bytes.len, 1));

	assert(whole != NULL);
	assert(strcmp(said(bytes, 1, 1), whole) == 0);
	assert(strcmp(said(bytes, 3, 7), whole) == 0);
	for (size_t cut = 0; cut < bytes.len; cut++) {
		assert(strcmp(said(bytes, cut, bytes.len), whole) == 0);
	}
	free(whole);
	return (const char *)words.data;
}

int http_said_status(struct bytes bytes)
{
	const char *text = http_said(bytes);

	return strncmp(text, "refused ", 8) == 0
	    ? (int)strtol(text + 8, NULL, 10)
	    : 0;
}

void http_said_end(void)
{
	buf_free(&words);
}
