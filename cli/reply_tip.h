/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/reply_tip.h - what the ledger says of a tip that is to be answered: its
 * reply keys, and whether the reporter wants an answer, by their own word or by
 * what officers wrote on the case.
 *
 * Promise:   a key counts only from an envelope that an intake of ours has
 *            signed: who has a reply key can read the replies.
 * Runs in:   the tipline command.
 * Disk:      reads the ledger.
 */
#ifndef TL_CLI_REPLY_TIP_H
#define TL_CLI_REPLY_TIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "cli/desk_keys.h"
#include "crypto/mail.h"
#include "queue/ledger.h"
#include "text/report_thread.h"

/* Codes that were shown for one tip: a form is sent again a few times. */
#define REPLY_KEYS_MAX 32u

struct reply_key {
	uint8_t mailbox[MAIL_MAILBOX_BYTES];
	uint8_t key[MAIL_KEY_BYTES];
};

/* In secret memory; wiped by reply_tip_free(). */
struct reply_tip {
	uint8_t id[LEDGER_ID_BYTES];
	bool is_there;
	bool is_ours; /* signed by an intake of ours */
	bool has_form;
	uint8_t form[REPORT_FORM_BYTES];
	struct reply_key keys[REPLY_KEYS_MAX];
	size_t n_keys;
	bool wants_no_contact;
	/* of its case: an officer wrote so, or what was written cannot be read;
	 * and it was taken back, as of its newest event */
	bool is_stopped, is_withdrawn;
	uint64_t version; /* of that event */
};

/* Nobody is to write, but for a reason. */
bool reply_tip_is_stopped(const struct reply_tip *tip);

/*
 * Read all of it that the ledger has. Somebody is logged in. Gives *ret_tip:
 * end it with reply_tip_free(). That it is not there is TL_OK. TL_EIO,
 * TL_ENOMEM, TL_EFORMAT as desk_keys_open() and ledger_each().
 */
TL_MUST_CHECK enum tl_err reply_tip_find(struct desk_keys *keys,
    struct ledger *ledger, const uint8_t id[static LEDGER_ID_BYTES],
    struct reply_tip **ret_tip);

/* NULL is fine. */
void reply_tip_free(struct reply_tip *tip);

#endif
