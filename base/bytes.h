/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * base/bytes.h - borrowed bytes: where they are and how many.
 *
 * Owns nothing; whoever hands one over says how long the bytes stay. at may
 * be NULL when len is 0.
 */
#ifndef TL_BASE_BYTES_H
#define TL_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
	const uint8_t *at;
	size_t len;
};

static inline struct bytes bytes_of(const void *at, size_t len)
{
	return (struct bytes){ .at = at, .len = len };
}

/* The bytes of a string without its end. text may be NULL. */
static inline struct bytes bytes_str(const char *text)
{
	return bytes_of(text, text == NULL ? 0 : strlen(text));
}

/* Not for secrets: takes as long as the bytes are alike. */
static inline bool bytes_equal(struct bytes a, struct bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

#endif
