/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/reply.h - words for a reporter who comes back with the receipt code: to
 * every mailbox of a tip, signed by keyd, kept in the ledger, sent.
 *
 * Promise:   a key counts only from a record that an intake of ours has signed.
 *            The same reply asked for twice is one reply: its ids follow from
 *            `once`.
 * Knows not: whether the reporter may be written to.
 * Runs in:   the desk's web process.
 * Disk:      none.
 */
#ifndef TL_DESK_REPLY_H
#define TL_DESK_REPLY_H

#include "crypto/mail.h"
#include "desk/web.h"

#define REPLY_KEYS_MAX   32u
#define REPLY_ONCE_BYTES 16u
#define REPLY_DAYS       90u

/* Text that is shown, and acts on nothing; empty too. */
bool reply_is_words(struct bytes text);

struct reply_key {
	uint8_t mailbox[MAIL_MAILBOX_BYTES];
	uint8_t key[MAIL_KEY_BYTES];
};

/* The reply keys of a tip: its own, and those that were shown later for the
 * same form. In secret memory; how many. 0: none, or there was no memory to
 * read all of them. */
size_t reply_keys(
    const struct tip *tip, struct reply_key keys[static REPLY_KEYS_MAX]);

/* It has one: somebody can come back to it with a receipt code. */
bool reply_has_mailbox(const struct tip *tip);

/* result: STORE_ANSWERED if all of it is in the queue; STORE_WRONG if it could
 * not be sealed or signed. has_left: some of it is there, or may be. */
typedef void (*reply_done_fn)(
    struct web *web, enum store_result result, bool has_left, void *arg);

struct reply_words {
	uint8_t once[REPLY_ONCE_BYTES];
	struct bytes text; /* UTF-8; borrowed for the call */
};

/* Send it. fn is called once, perhaps inside the call. */
void reply_send(struct web *web, const struct session *session,
    const struct tip *tip, const struct reply_words *words, reply_done_fn fn,
    void *arg);

#endif
