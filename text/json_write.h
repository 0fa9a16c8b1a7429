/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/json_write.h - JSON written as it comes, without a tree of it.
 *
 * Promise:   what is written is compact JSON as long as each object and array
 *            that is opened is closed, and keys are given inside of objects
 *            and nowhere else. No copy of a value stays behind.
 * Knows not: reading (jansson does that), what the values mean.
 * Runs in:   the intake.
 * Disk:      none.
 */
#ifndef TL_TEXT_JSON_WRITE_H
#define TL_TEXT_JSON_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"

struct json_writer {
	struct buf *out; /* borrowed; its first error sticks and is the writer's
	                  */
	bool behind;     /* a value: the next one needs a comma */
};

/* key: NULL inside of an array and for the outermost value. Keys and words
 * are literals without a byte that has to be escaped. */
void json_open_object(struct json_writer *w, const char *key);
void json_close_object(struct json_writer *w);
void json_open_array(struct json_writer *w, const char *key);
void json_close_array(struct json_writer *w);

void json_put_int(struct json_writer *w, const char *key, int64_t value);
void json_put_bool(struct json_writer *w, const char *key, bool value);
/* text must be valid UTF-8: see text/utf8.h. U+0000 may be in it. */
void json_put_string(struct json_writer *w, const char *key, struct bytes text);
/* Bytes as a string of base64 (RFC 4648 section 4), or of hexadecimal. */
void json_put_b64(struct json_writer *w, const char *key, struct bytes bytes);
void json_put_hex(struct json_writer *w, const char *key, struct bytes bytes);

#endif
