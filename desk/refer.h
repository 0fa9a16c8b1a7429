/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/refer.h - from what officers ask for to a referral: the partner, the
 * gate's answers, the very bytes that would leave.
 *
 * Promise:   what is previewed is what leaves: the bytes follow from the
 *            request, the tip and what is written on it, and have a hash.
 * Knows not: routes, the store.
 * Runs in:   the desk's web process.
 * Disk:      none.
 */
#ifndef TL_DESK_REFER_H
#define TL_DESK_REFER_H

#include <jansson.h>

#include "desk/api.h"
#include "desk/gate.h"
#include "desk/referral.h"
#include "desk/web.h"

#define REFER_TEXT_BYTES 16000u
#define REFER_SPANS_MAX  REDACT_SPANS_MAX
/* A preview that is older is made anew. */
#define REFER_PREVIEW_S 3600

/* What was asked for, and what it comes to. */
struct refer {
	const struct partner *partner;
	struct gate_answer gate;
	enum gate_exception exception;
	json_t *json;     /* the request, borrowed */
	json_t *evidence; /* the files that go: items of x_evidence */
	struct buf text;
	char hash[65]; /* of partner, key, exception and text */
	char ref[REFERRAL_REF_CHARS + 1];
	int64_t created_s;
};

/* Who acts for whom. */
struct refer_who {
	const char *officer;
	const char *second; /* NULL: nobody yet */
	bool supervisor;    /* one of them is */
	bool confirmed;     /* the preview was looked at */
	bool kin_stops;     /* another case of the reporter says NO CONTACT */
};

/* What is said where memory is out: it is not the request's fault. */
extern const char refer_no_memory[];

/* How a sentence of this module is answered: those that are not the request's
 * fault by a status and a word of their own, others by these. */
struct api_refusal refer_refusal(
    const char *wrong, int status, const char *word);

/*
 * Make it. entries is what is written on the tip (desk/entry.h). *ret_wrong is
 * NULL, or a sentence for the officer about the request: nothing was made. End
 * it with refer_free().
 */
void refer_make(struct web *web, const struct tip *tip, json_t *request,
    const json_t *entries, const struct refer_who *who, struct refer *ret,
    const char **ret_wrong);

/* NULL: the reporter still agrees to this referral, which has gone, as when it
 * was let go; or its exception holds. Else why nothing more of it may go: also
 * where that cannot be told before all that came is open. */
const char *refer_against(const struct web *web, const struct tip *tip,
    const json_t *entries, const json_t *entry, const struct partner *partner);

/* Does it say of safe contact, and of the sender's number, what a referral says
 * that was written before? */
bool refer_has_contact_of(const struct refer *refer, const char *text);

/* What should be blacked out, perhaps: [{at, len, why}] of the text. */
json_t *refer_suggestions(const struct tip *tip);

/* A partner's key, as the line of the directory that has it. */
json_t *refer_key_json(const struct partner *partner);

/* Is a partner's key of today the one of this order? */
bool refer_has_key(const struct partner *partner, const json_t *order);

/* What is written on the tip: all of the request, the bytes, the gate. */
json_t *refer_order(const struct refer *refer);

/* [{check, word, text}] */
json_t *refer_gate_json(const struct gate_answer *gate);

/* What seals to the partner and to the team, and signs as this desk. Gives
 * *ret: sealer_free(). TL_EAGAIN: there is no key of the team yet. */
TL_MUST_CHECK enum tl_err refer_sealer(
    const struct web *web, const struct partner *partner, struct sealer **ret);

/* The file for the partner: sealed to it and to the team, signed by this desk.
 * Appends to out. TL_EAGAIN: there is no key of the team yet. */
TL_MUST_CHECK enum tl_err refer_seal(struct web *web,
    const struct partner *partner, struct bytes text, struct buf *out);

/* A zeroed one is fine. */
void refer_free(struct refer *refer);

#endif
