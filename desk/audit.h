/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/audit.h - what an officer did, as one sealed record of the ledger.
 * docs/FORMAT.md, "Audit".
 *
 * Promise:   what is put is read back the same. A record says who, what, when
 *            and of which tip; no words of a tip and no number of a person.
 * Knows not: sealing, the ledger, sessions.
 * Runs in:   the desk's web process, tipline.
 * Disk:      none.
 */
#ifndef TL_DESK_AUDIT_H
#define TL_DESK_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

#define AUDIT_NAME_BYTES 32u
#define AUDIT_TIP_BYTES  16u
#define AUDIT_NOTE_BYTES 500u
#define AUDIT_DOC_BYTES  2048u

/* Words are in ledgers and never change. */
/* clang-format off */
#define AUDIT_WHATS(X) \
	X(LOGIN,    "login") \
	X(REFUSED,  "login-refused") /* who: the name that was tried */ \
	X(LOGOUT,   "logout") \
	X(PANIC,    "panic") \
	X(IDLE,     "idle") \
	X(UNLOCK,   "unlock") \
	X(REVOKED,  "revoked") \
	X(VIEW,     "view") \
	X(REVEAL,   "reveal")   /* note: the reason */ \
	X(FILE,     "file")     /* note: its number */ \
	X(SEARCH,   "search")   /* note: how many were found, not for what */ \
	X(EXPORT,   "export") \
	X(PRINT,    "print") \
	X(OVERRIDE, "override") /* note: of what, and the reason */ \
	X(GATE,     "gate")     /* note: the answer */ \
	X(CHANGE,   "change")   /* note: the event */ \
	X(ENTRY,    "entry")    /* note: its kind */ \
	X(CALL,     "call")     /* wrote one down */ \
	X(TRAIL,    "trail")    /* looked at the trail; note: whose */ \
	X(GAP,      "gap")      /* who: nobody; note: how many are missing */
/* clang-format on */
#define AUDIT_ENUM(name, word) AUDIT_##name,
enum audit_what { AUDIT_WHATS(AUDIT_ENUM) AUDIT_N };
#undef AUDIT_ENUM

struct audit {
	uint64_t at_ms; /* since 1970 */
	enum audit_what what;
	char who[AUDIT_NAME_BYTES + 1];
	bool has_tip;
	uint8_t tip[AUDIT_TIP_BYTES];
	char note[AUDIT_NOTE_BYTES + 1]; /* UTF-8; may be empty */
};

/* The word for it; never NULL. */
const char *audit_word(enum audit_what what);

/* Fill note, cut at a sign's end where it is too long; what is no UTF-8
 * becomes "?". */
void audit_set_note(struct audit *audit, struct bytes note);

/* Append the document. TL_ENOMEM, TL_ETOOBIG. */
TL_MUST_CHECK enum tl_err audit_put(const struct audit *audit, struct buf *out);

/* TL_EFORMAT: it is none of ours. TL_ENOMEM. */
TL_MUST_CHECK enum tl_err audit_read(struct bytes doc, struct audit *ret);

#endif
