/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/http_head.h - request line and fields, to the empty line.
 *
 * Promise:   as http.h, for the head alone. Only what may be read later is
 *            kept; other values are dropped byte by byte as they come.
 * Knows not: bodies.
 * Runs in:   inside http.h; programs use that one.
 * Disk:      none.
 */
#ifndef TL_SERVER_NET_HTTP_HEAD_H
#define TL_SERVER_NET_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"

#define HTTP_FIELDS_MAX 64u

enum http_method {
	HTTP_GET = 1 << 0, /* a set, for routes */
	HTTP_HEAD = 1 << 1,
	HTTP_POST = 1 << 2,
};

/* Whose limits, fields and error answers hold. */
enum http_class {
	HTTP_CLASS_NONE,     /* the path is not known (yet) */
	HTTP_CLASS_REPORTER, /* a person with a browser */
	HTTP_CLASS_GATEWAY,  /* a machine: paths /sms/ and /api/ */
};

struct http_rules {
	size_t head_get_max_bytes;  /* to the empty line; also HEAD */
	size_t head_post_max_bytes; /* both at most 65,535 */
	size_t target_max_bytes;
	uint64_t body_max_bytes; /* until http_set_body_max() */
	/* Lower-case names that may come once only, beside those of the
	 * protocol; ends with NULL. Kept by the parser. */
	const char *const *once;
};

struct http_limits {
	/* HTTP_CLASS_NONE: the path decides. Otherwise every request is of
	 * this class (admin socket, command line). */
	enum http_class only;
	struct http_rules reporter;
	struct http_rules gateway;
};

/* The sizes of the public listeners, and the proof fields of all gateways
 * we know as those that may come once. */
extern const struct http_limits http_limits_default;

/* A field as the application sees it. */
struct http_field {
	const char *name; /* lower case */
	struct bytes value;
};

/* Where a field is in the bytes kept. */
struct http_slot {
	uint16_t name_at;
	uint16_t value_at;
	uint16_t value_len;
	bool absent; /* came, but counts as not there */
};

/* Open only so that struct http_parser can embed it. */
struct http_head {
	const struct http_limits *limits;
	const struct http_rules *rules;
	struct buf kept; /* path, query, names and values that are read */
	struct http_slot slots[HTTP_FIELDS_MAX];
	uint8_t n_slots;
	uint8_t n_fields; /* of any kind */
	uint8_t state;
	uint8_t at;      /* how far into the word that the state expects */
	uint8_t methods; /* those that may still come out */
	uint8_t method;
	uint8_t class_guess;
	uint8_t field;   /* the one being read */
	uint8_t segment; /* of the path: how it has begun */
	uint8_t version; /* digits before and after the dot */
	uint16_t seen;   /* fields of the protocol, by enum */
	uint32_t bytes;  /* of the head so far */
	int status;
};

enum http_head_event {
	HTTP_HEAD_MORE,
	HTTP_HEAD_DONE,
	HTTP_HEAD_REFUSED, /* status says why */
};

void http_head_init(struct http_head *head, const struct http_limits *limits);
void http_head_reset(struct http_head *head);
void http_head_free(struct http_head *head);
enum http_head_event http_head_feed(
    struct http_head *head, const uint8_t *bytes, size_t len, size_t *ret_used);

#endif
