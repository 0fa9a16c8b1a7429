/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/vector_json.h - members of an object, as a file of test vectors
 * has them.
 */
#ifndef TL_TESTS_LIB_VECTOR_JSON_H
#define TL_TESTS_LIB_VECTOR_JSON_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Nothing in name or text needs escaping. */
void vector_json_text(struct buf *out, const char *name, const char *text);
void vector_json_number(struct buf *out, const char *name, size_t number);
void vector_json_hex(
    struct buf *out, const char *name, const uint8_t *bytes, size_t len);
void vector_json_b64(
    struct buf *out, const char *name, const uint8_t *bytes, size_t len);

#endif
