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

struct http_field_rule;

#define HTTP_FIELDS_MAX 64u

enum http_method {
	HTTP_GET = 1 << 0, /* a set, for routes */
	HTTP_HEAD = 1 << 1,
	HTTP_POST = 1 << 2,
	HTTP_PUT = 1 << 3, /* these two of HTTP_CLASS_OFFICER alone */
	HTTP_DELETE = 1 << 4,
};

/* Whose limits, fields and error answers hold. */
enum http_class {
	HTTP_CLASS_NONE,     /* the path is not known (yet) */
	HTTP_CLASS_REPORTER, /* a person with a browser */
	HTTP_CLASS_GATEWAY,  /* a machine: paths /sms... and /api... */
	HTTP_CLASS_OFFICER,  /* the console; never by the path */
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
	 * this class (admin socket, command line, desk). */
	enum http_class only;
	struct http_rules reporter;
	struct http_rules gateway;
	struct http_rules officer;
};

/* The sizes of the public listeners, and the proof fields of all gateways
 * we know as those that may come once. */
extern const struct http_limits http_limits_default;
/* Of the desk: every request is an officer's. */
extern const struct http_limits http_limits_officer;

/* A field as the application sees it. */
struct http_field {
	const char *name; /* lower case */
	struct bytes value;
};

/* Where a field is among the bytes kept. */
struct http_slot {
	uint16_t name_at;
	uint16_t value_at;
	uint16_t value_len;
	bool absent; /* it came, but counts as not there */
};

/* Open only so that struct http_parser can embed it. */
struct http_head {
	const struct http_limits *limits;
	const struct http_rules *rules; /* of the class, once it is known */
	struct buf kept; /* path, query, host; names and values to be read */
	size_t bytes;    /* of the head so far */
	int status;      /* 0, or why it is refused */
	uint8_t state;
	uint8_t at;      /* how far into a word that has a fixed form */
	uint8_t segment; /* how this segment of the path has begun */
	uint8_t version; /* 10 or 11 */
	enum http_method method;
	enum http_class class;
	uint16_t target_len;
	uint16_t path_len;
	struct http_slot query; /* its value */
	bool bad_query;         /* why it is refused */
	struct http_slot host;  /* its value */
	uint64_t length;        /* Content-Length; UINT64_MAX: too long */
	uint16_t seen;          /* bits by enum http_field_id */
	bool continues;         /* Expect: 100-continue */
	bool closes;            /* Connection: close */
	bool encoded;           /* Content-Encoding */
	/* the field that is being read */
	const struct http_field_rule *rule;
	struct http_slot now;
	bool drop; /* its bytes are not kept */
	bool high; /* its value has bytes of 80 to FF */
	/* those that are kept */
	uint8_t n_fields; /* of any kind */
	uint8_t n_slots;
	struct http_slot slots[HTTP_FIELDS_MAX];
};

enum http_head_event {
	HTTP_HEAD_MORE, /* all bytes are taken */
	HTTP_HEAD_DONE,
	HTTP_HEAD_REFUSED, /* status says why */
};

/* As http_init(), http_free(), http_feed(). */
void http_head_init(struct http_head *head, const struct http_limits *limits);
void http_head_free(struct http_head *head);
enum http_head_event http_head_feed(
    struct http_head *head, const uint8_t *bytes, size_t len, size_t *ret_used);

/* A field of the protocol came; id is an enum http_field_id. */
bool http_head_has(const struct http_head *head, unsigned id);

#endif
