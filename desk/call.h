/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/call.h - what an officer wrote down of a call, a message or a visit
 * becomes a report like every other.
 *
 * Promise:   the report says who wrote it down, how it came, and that nobody
 *            has verified it; its priority comes from the same rules. The same
 *            call under the same key has the same id, another has another.
 * Knows not: sessions, seals, the store.
 * Runs in:   the desk's web process.
 * Disk:      none.
 */
#ifndef TL_DESK_CALL_H
#define TL_DESK_CALL_H

#include <jansson.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "text/triage.h"

#define CALL_ID_BYTES  16u
#define CALL_KEY_CHARS 64u
/* An envelope of it fits into a frame. */
#define CALL_DOC_BYTES (60u * 1024u)

struct call_opts {
	const struct triage *triage;
	const uint8_t *secret; /* 32 bytes, from which ids follow */
	const char *who;       /* the officer */
	bool practice;         /* it is made up */
	int64_t now_s;
};

/*
 * Append the report document of body, a call as POST /api/calls has it:
 * {key, via, lang, text, sender, answers}. TL_EINVAL: *ret_why says to the
 * officer what is wrong. TL_ETOOBIG: beyond CALL_DOC_BYTES. TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err call_write(const struct call_opts *opts,
    const json_t *body, uint8_t ret_id[static CALL_ID_BYTES], struct buf *out,
    const char **ret_why);

/* Name of an answer that a call may have; NULL behind the last. They are those
 * of the reporter's form. */
const char *call_answer_name(size_t at);

#endif
