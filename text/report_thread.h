/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/report_thread.h - what a report document says of who can be answered:
 * reply keys, and what belongs to which tip. docs/FORMAT.md, "Report".
 *
 * Promise:   what is not there, or not as it should be, is left out.
 * Knows not: envelopes, who signed them. A key counts only from an envelope
 *            of ours.
 * Runs in:   where tips are opened.
 * Disk:      none.
 */
#ifndef TL_TEXT_REPORT_THREAD_H
#define TL_TEXT_REPORT_THREAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "text/report.h"

#define REPORT_KEY_BYTES 32u

enum report_part {
	REPORT_IS_TIP,
	REPORT_IS_KEY,   /* a further reply key */
	REPORT_IS_MORE,  /* words, answers or wishes that belong to a tip */
	REPORT_IS_OTHER, /* of a kind that stands for itself */
};

/* The key is a secret: wipe it. */
struct report_thread {
	enum report_part part;
	bool has_form;
	uint8_t form[REPORT_FORM_BYTES];
	bool has_mailbox; /* of the reply key, or under which it was written */
	uint8_t mailbox[REPORT_MAILBOX_BYTES];
	bool has_key; /* with its mailbox */
	uint8_t key[REPORT_KEY_BYTES];
	/* what the reporter of a MORE wants */
	bool wants_no_contact;
	bool wants_deletion;
	bool wants_withdrawal;
};

/* False: no report document. */
bool report_thread(struct bytes doc, struct report_thread *ret_thread);

#endif
