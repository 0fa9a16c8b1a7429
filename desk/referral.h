/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/referral.h - what a partner is told of a tip: one JSON object, and the
 * sealed file that carries it. Format: docs/FORMAT.md, "Referral".
 *
 * Promise:   nothing stands in it that was not put in on purpose: no text as it
 *            was written, no number, no name, no village but by a bit of
 *            include. What is not known is left out, never made up. Safe
 *            contact that is not included says NO CONTACT.
 * Knows not: whether it may go: desk/gate.h. Who is logged in; Redis.
 * Runs in:   the desk. Pure.
 * Disk:      none.
 */
#ifndef TL_DESK_REFERRAL_H
#define TL_DESK_REFERRAL_H

#include <stdint.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "desk/facts.h"
#include "desk/gate.h"
#include "desk/partners.h"
#include "desk/redact.h"
#include "text/enclosure.h"

#define REFERRAL_PROFILE   "tipline-referral/1"
#define REFERRAL_MAX_BYTES (256u * 1024u)
/* "R-" and eight hexadecimal digits. */
#define REFERRAL_REF_CHARS 10u
/* How long its files are made for the partner. */
#define REFERRAL_EVIDENCE_S (INT64_C(86400) * ENCLOSURE_DAYS)

/* What leaves on purpose. */
enum referral_include {
	REFERRAL_ORIGINAL = 1 << 0, /* the text, with its black parts */
	REFERRAL_NEAR = 1 << 1,     /* the place in words */
	REFERRAL_CONTACT = 1 << 2,  /* how the reporter is reached safely */
	REFERRAL_SENDER = 1 << 3,   /* the number that wrote */
	REFERRAL_PERP = 1 << 4,     /* who is said to do it */
	REFERRAL_OFFICIAL = 1 << 5, /* what was said of officials */
};
#define REFERRAL_INCLUDE_ALL 0x3fu

/* "original", "near"...; 0 for a name that is none. */
unsigned referral_include_of(const char *name);

/* All borrowed. Texts are UTF-8; NULL and zero: not there. */
struct referral {
	const char *ref; /* REFERRAL_REF_CHARS */
	int64_t now_s, reply_by_s;
	const json_t *doc;     /* the report as it was opened */
	const json_t *answers; /* of it, later ones in the place of earlier */
	const struct facts *facts;
	const json_t *codes; /* desk/coding.h; NULL: nobody has coded it */
	const char *lang;    /* that the text is in */
	unsigned priority;
	enum gate_exception exception;
	const char *summary, *promised;
	const json_t *services; /* a list of words */
	const json_t *evidence; /* a list as in the format; travels apart */
	unsigned include;       /* enum referral_include */
	const struct redact_span *spans; /* of the text */
	size_t n_spans;
	const char *officer, *second; /* who have decided */
	const uint8_t *head;          /* 32 bytes: of the audit, at sending */
};

/* Are the files of a referral of this time made no more? */
bool referral_evidence_is_over(int64_t created_s, int64_t now_s);

/*
 * Append the object as JSON in one line. The same referral gives the same
 * bytes. TL_EINVAL: spans are beyond the text, or a text is no UTF-8;
 * TL_ETOOBIG, TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err referral_write(
    const struct referral *referral, struct buf *out);

#endif
