/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/http_field.h - what becomes of a field, by its name, and what
 * its value may be.
 *
 * Promise:   one row a name. Values are read whole and in one way only.
 * Knows not: where the bytes come from.
 * Runs in:   inside http.h.
 * Disk:      none.
 */
#ifndef TL_SERVER_NET_HTTP_FIELD_H
#define TL_SERVER_NET_HTTP_FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

/* The fields that have a meaning of their own here. */
enum http_field_id {
	HTTP_FIELD_OTHER,
	HTTP_FIELD_HOST,
	HTTP_FIELD_LENGTH,
	HTTP_FIELD_CODING,
	HTTP_FIELD_EXPECT,
	HTTP_FIELD_CONNECTION,
	HTTP_FIELD_TYPE,
	HTTP_FIELD_ENCODING,
	HTTP_FIELD_AUTHORIZATION,
	HTTP_FIELD_LANGUAGE,
	HTTP_FIELD_AGENT,
	HTTP_FIELD_SAVE_DATA,
	HTTP_FIELD_OPERA,
	HTTP_FIELD_NEVER,
};

enum http_field_flag {
	HTTP_FIELD_ONCE = 1 << 0,     /* a second one is 400 */
	HTTP_FIELD_ASCII = 1 << 1,    /* a byte of 80 to FF is 400 */
	HTTP_FIELD_USED_UP = 1 << 2,  /* framing: not given to routes */
	HTTP_FIELD_REPORTER = 1 << 3, /* given to reporter routes */
	HTTP_FIELD_GATEWAY = 1 << 4,  /* given to gateway routes */
	HTTP_FIELD_PRESENCE = 1 << 5, /* only that it came is given */
	HTTP_FIELD_PREFIX = 1 << 6,   /* the name's beginning decides */
	HTTP_FIELD_OFFICER = 1 << 7,  /* given to the desk's routes */
};

struct http_field_rule {
	const char *name; /* lower case */
	uint8_t id;
	uint8_t flags;
};

/* The row for a name, which is lower case. Never NULL: there is a row for
 * all names that have none. */
const struct http_field_rule *http_field_rule(const char *name);

/* name [":" port], a registered name of 1 to 255 bytes or an IPv6 literal in
 * brackets; port at most 65535. */
bool http_host_ok(struct bytes value);

/*
 * One or more digits and nothing else: TL_EFORMAT otherwise. More than nine
 * digits, zeros too, give UINT64_MAX: more than any route takes.
 */
TL_MUST_CHECK enum tl_err http_length(struct bytes value, uint64_t *ret_length);

/* The same word; word is lower case, case of value does not matter. */
bool http_word_is(struct bytes value, const char *word);

/* A comma list has the word as one of its members. */
bool http_list_has(struct bytes value, const char *word);

#endif
