/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/practice.h - made-up tips, on which new officers learn the console: in
 * all languages of the form, urgent ones and others, each marked.
 *
 * Promise:   each says `practice` among its flags; each has one id for one key
 *            of a desk, so that it comes once.
 * Knows not: whether this desk is for practice; the store.
 * Runs in:   the desk's web process.
 * Disk:      none.
 */
#ifndef TL_DESK_PRACTICE_H
#define TL_DESK_PRACTICE_H

#include "base/buf.h"
#include "base/err.h"
#include "text/triage.h"

#define PRACTICE_FLAG      "practice"
#define PRACTICE_ID_BYTES  16u
#define PRACTICE_DOC_BYTES 16384u

/* How many there are. */
size_t practice_n(void);

/* The id of one, which follows from secret, 32 bytes. */
void practice_id(
    const uint8_t *secret, size_t at, uint8_t ret_id[static PRACTICE_ID_BYTES]);

/* Append its report, as if it had come lately. TL_ENOMEM, TL_ETOOBIG. */
TL_MUST_CHECK enum tl_err practice_write(const struct triage *triage,
    const uint8_t *secret, size_t at, int64_t now_s, struct buf *out);

#endif
