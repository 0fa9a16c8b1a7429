/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/answer.h - what a partner answers to a referral, as one line that can be
 * sent by mail, messenger or voice. Format: docs/FORMAT.md, "Referral".
 *
 * Promise:   an answer that reads was signed by the partner whose key is given.
 * Knows not: which referrals there are.
 * Runs in:   the desk (reads), tipline-open (writes). Pure.
 * Disk:      none.
 */
#ifndef TL_DESK_ANSWER_H
#define TL_DESK_ANSWER_H

#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "crypto/partner.h"

#define ANSWER_FIRST        "tipline answer 1 "
#define ANSWER_MAX_BYTES    8192u
#define ANSWER_REF_BYTES    16u
#define ANSWER_REASON_BYTES 2000u

/* clang-format off */
#define ANSWER_WORDS(X) \
	X(ACCEPTED, "accepted") X(REJECTED, "rejected") X(DONE, "done")
/* clang-format on */
#define ANSWER_ENUM(name, text) ANSWER_##name,
enum answer_word { ANSWER_WORDS(ANSWER_ENUM) ANSWER_WORDS_END };
#undef ANSWER_ENUM

const char *answer_word_name(enum answer_word word);
/* ANSWER_WORDS_END: it is none. */
enum answer_word answer_word_of(const char *name);

struct answer {
	char ref[ANSWER_REF_BYTES]; /* of the referral */
	enum answer_word word;
	char reason[ANSWER_REASON_BYTES + 1]; /* UTF-8; "" for none */
	int64_t at_s;
};

/* Append the line, without its end. TL_EINVAL: ref or reason cannot be. */
TL_MUST_CHECK enum tl_err answer_write(const struct answer *answer,
    const struct partner_key *key, struct buf *out);

/* Read a line; blanks around it are fine. TL_EFORMAT: it is none. TL_EPROOF:
 * not this partner's. TL_ETOOBIG, TL_ENOMEM. */
TL_MUST_CHECK enum tl_err answer_read(struct bytes line,
    const uint8_t public_key[static PARTNER_PUBLIC_BYTES],
    struct answer *ret_answer);

#endif
