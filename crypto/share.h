/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/share.h - shares of a key as lines of text, for paper: k of n give it
 * back. Format: docs/FORMAT.md, "Shares".
 *
 * Promise:   a share that was mistyped, that is of another set, that stands
 *            twice or that is false is named; a key comes out only if it is
 *            the one that went in.
 * Runs in:   tipline, on the team's own computer.
 * Disk:      none.
 */
#ifndef TL_CRYPTO_SHARE_H
#define TL_CRYPTO_SHARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "crypto/shamir.h"

#define SHARE_SECRET_BYTES 32u
#define SHARE_CHECK_BYTES  8u
#define SHARE_DATA_BYTES   (SHARE_SECRET_BYTES + SHARE_CHECK_BYTES)
#define SHARE_SET_BYTES    8u
#define SHARE_LINE_BYTES   192u

enum share_kind {
	SHARE_IDENTITY, /* the seed of a team's identity */
	SHARE_RING,     /* the key of a team's ring */
	SHARE_KINDS,
};

struct share {
	enum share_kind kind;
	uint8_t set[SHARE_SET_BYTES]; /* the same in all shares of a set */
	unsigned k;
	unsigned n;
	unsigned number; /* 1 to n */
	uint8_t data[SHARE_DATA_BYTES];
};

/* The word for it in the text: "identity" or "ring". */
const char *share_kind_name(enum share_kind kind);

/*
 * Cut the secret into n shares, k of which are needed; ret has room for n and
 * is secret memory. TL_EINVAL, TL_ENOMEM as shamir_split().
 */
TL_MUST_CHECK enum tl_err share_split(enum share_kind kind,
    const uint8_t secret[static SHARE_SECRET_BYTES], unsigned k, unsigned n,
    struct share *ret);

/* Append the share as one line, with its end. */
void share_print(struct buf *out, const struct share *share);

/* Read a line without its end. TL_EFORMAT: no share. TL_EPROOF: one with a
 * slip of the hand in it: its check does not fit. */
TL_MUST_CHECK enum tl_err share_parse(struct bytes line, struct share *ret);

/* What is wrong with shares that do not give a key. */
enum share_fault {
	SHARE_FINE,
	SHARE_NONE,    /* no share at all */
	SHARE_MIXED,   /* of another set than the first */
	SHARE_TWICE,   /* the same number again */
	SHARE_TOO_FEW, /* more are needed */
	SHARE_WRONG,   /* false, though its check fits */
	SHARE_SOME, /* one of them is false; with one more it is told which */
	SHARE_NO_MEMORY,
	SHARE_FAULTS,
};
const char *share_fault_text(enum share_fault fault);

/*
 * Put n shares together. With SHARE_FINE, secret is the key. Else *ret_which
 * is the share (from 0) that is meant, where one is. With more than k shares
 * a false one is found out and, if k others agree, still the key is given:
 * SHARE_WRONG then names it, and *ret_found is true.
 */
TL_MUST_CHECK enum share_fault share_combine(const struct share *shares,
    size_t n, uint8_t secret[static SHARE_SECRET_BYTES], size_t *ret_which,
    bool *ret_found);

#endif
