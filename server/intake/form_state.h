/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/form_state.h - what a page must know of the page before it,
 * as a hidden field: no cookie, no session, nothing kept here.
 *
 * Promise:   sealed under a key that follows from the dedup key and is in
 *            force for FORM_STATE_PERIOD_S, so that every intake host and
 *            every worker can read it, across restarts, and nobody once the
 *            period after has passed as well. It says nothing of the tip.
 * Knows not: pages, answers.
 * Runs in:   workers.
 */
#ifndef TL_INTAKE_FORM_STATE_H
#define TL_INTAKE_FORM_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "text/report.h"

/* A state opens for one to two periods. */
#define FORM_STATE_PERIOD_S 21600
/* As base64url, with its end. */
#define FORM_STATE_TEXT_BYTES  128u
#define FORM_STATE_NONCE_BYTES 8u

enum form_state_kind {
	FORM_STATE_FORM = 1, /* a form was sent: form */
	FORM_STATE_BOX = 2,  /* a code was entered: mailbox */
};

struct form_state {
	enum form_state_kind kind;
	bool about_me; /* Q3: who writes is who it is about */
	uint8_t form[REPORT_FORM_BYTES];
	uint8_t mailbox[REPORT_MAILBOX_BYTES];
	/* The same from page to page: what is sent twice is one record. */
	uint8_t nonce[FORM_STATE_NONCE_BYTES];
};

/* A fresh one: zeros and a nonce. */
void form_state_begin(enum form_state_kind kind, struct form_state *ret_state);

/* Write it as base64url. */
void form_state_seal(const uint8_t dedup_key[static 32], int64_t now_s,
    const struct form_state *state,
    char ret_text[static FORM_STATE_TEXT_BYTES]);

/* TL_EFORMAT: no state at all. TL_EPROOF: changed, of another key, or over. */
TL_MUST_CHECK enum tl_err form_state_open(const uint8_t dedup_key[static 32],
    int64_t now_s, struct bytes text, struct form_state *ret_state);

#endif
