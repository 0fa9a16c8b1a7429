/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/multipart_say.h - what the multipart parser made of some bytes,
 * in words that can be compared.
 */
#ifndef TL_TESTS_LIB_MULTIPART_SAY_H
#define TL_TESTS_LIB_MULTIPART_SAY_H

#include <stddef.h>

#include "base/buf.h"
#include "base/bytes.h"

/*
 * Feed body in pieces: the first of first_len, the others of piece_len (at
 * least 1), each an exact heap copy. Append to out, for each part,
 * "{name|filename|type}" (~ for what is not there), its data, and "." when
 * it has ended; at last "complete", "open" or "bad".
 */
void multipart_say(struct bytes boundary, struct bytes body, size_t first_len,
    size_t piece_len, struct buf *out);

#endif
