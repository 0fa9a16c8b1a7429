/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/ticket.h - a place in the queue, carried by who waits.
 *
 * Promise:   sealed under a key that follows from the dedup key, so that every
 *            worker and every intake host reads it and nobody else makes one.
 *            It says nothing of who carries it, nor of what is sent with it.
 *            Over TICKET_LASTS_S after its time.
 * Knows not: pages; how often it is used (fair.h counts that).
 * Runs in:   workers.
 * Disk:      none.
 *
 * Who has no patience may work instead: find a number, written in digits, for
 * which SHA-256 of the ticket's text, ":" and the number begins with as many
 * zero bits as the ticket says. Format: docs/FORMAT.md, "The reporter's pages".
 */
#ifndef TL_INTAKE_TICKET_H
#define TL_INTAKE_TICKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

#define TICKET_TEXT_BYTES 96u /* as base64url, with its end */
#define TICKET_LASTS_S    (10 * 60)
#define TICKET_BITS_MAX   24u

struct ticket {
	uint8_t kind;    /* what for: enum fair_kind */
	int64_t ready_s; /* not before */
	uint8_t bits;    /* of work instead; TICKET_BITS_MAX at most */
	bool is_late;    /* the queue was longer than anybody is let wait */
};

/* Write it as base64url. */
void ticket_seal(const uint8_t dedup_key[static 32],
    const struct ticket *ticket, char ret_text[static TICKET_TEXT_BYTES]);

/* TL_EFORMAT: no ticket at all. TL_EPROOF: changed, of another key, or over. */
TL_MUST_CHECK enum tl_err ticket_open(const uint8_t dedup_key[static 32],
    int64_t now_s, struct bytes text, struct ticket *ret_ticket);

/* The work that text asks for was done: number is as it came. */
bool ticket_is_worked(
    const struct ticket *ticket, struct bytes text, struct bytes number);

#endif
