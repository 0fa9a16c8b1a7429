/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/partner_answer.h - what a partner answers to a referral, as one line
 * that can be sent by mail, messenger or voice. Format: docs/FORMAT.md,
 * "Referral".
 *
 * Promise:   an answer that reads was signed by the partner whose key is given.
 * Knows not: which referrals there are.
 * Runs in:   the desk (reads), tipline-open (writes). Pure.
 * Disk:      none.
 */
#ifndef TL_DESK_PARTNER_ANSWER_H
#define TL_DESK_PARTNER_ANSWER_H

#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "crypto/partner.h"

#define PARTNER_FIRST        "tipline answer 1 "
#define PARTNER_MAX_BYTES    8192u
#define PARTNER_REF_BYTES    16u
#define PARTNER_REASON_BYTES 2000u

/* clang-format off */
#define PARTNER_WORDS(X) \
	X(ACCEPTED, "accepted") X(REJECTED, "rejected") X(DONE, "done")
/* clang-format on */
#define PARTNER_WORD_ENUM(name, text) PARTNER_WORD_##name,
enum partner_word { PARTNER_WORDS(PARTNER_WORD_ENUM) PARTNER_WORDS_END };
#undef PARTNER_WORD_ENUM

const char *partner_answer_word_name(enum partner_word word);
/* PARTNER_WORDS_END: it is none. */
enum partner_word partner_answer_word_of(const char *name);

struct partner_answer {
	char ref[PARTNER_REF_BYTES]; /* of the referral */
	enum partner_word word;
	char reason[PARTNER_REASON_BYTES + 1]; /* UTF-8; "" for none */
	int64_t at_s;
};

/* Append the words that are signed. TL_EINVAL: ref or reason cannot be. */
TL_MUST_CHECK enum tl_err partner_answer_words(
    const struct partner_answer *answer, struct buf *out);

/* Append the line, without its end. */
TL_MUST_CHECK enum tl_err partner_answer_line(struct bytes words,
    const uint8_t signature[static PARTNER_SIGNATURE_BYTES], struct buf *out);

/* Read a line; blanks around it are fine. TL_EFORMAT: it is none. TL_EPROOF:
 * not this partner's. TL_ETOOBIG, TL_ENOMEM. */
TL_MUST_CHECK enum tl_err partner_answer_read(struct bytes line,
    const uint8_t public_key[static PARTNER_PUBLIC_BYTES],
    struct partner_answer *ret_answer);

#endif
