/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/mail.h - mail: what the desk writes to a reporter, sealed under the
 * reply key of a receipt code, and the desk's word that mail is to go.
 * Format: docs/FORMAT.md, "Mail".
 *
 * Promise:   who has not the reply key learns mailbox, id, last day and kind,
 *            and nothing else: all mail is of one length. Mail is bound to its
 *            mailbox, its id and its last day; nobody but a desk makes it.
 * Knows not: tips, receipt codes, what day it is; if a text is UTF-8.
 * Runs in:   mail_read(), mail_verify(): the spool. mail_open(): the workers
 *            of the intake; a reply key opens no tip. mail_sign(): whoever has
 *            the desk's key. The rest: who has an opened tip.
 * Disk:      none.
 */
#ifndef TL_CRYPTO_MAIL_H
#define TL_CRYPTO_MAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

#define MAIL_MAILBOX_BYTES  16u
#define MAIL_ID_BYTES       16u
#define MAIL_KEY_BYTES      32u
#define MAIL_REPLY_BYTES    2200u
#define MAIL_DELETION_BYTES 112u
#define MAIL_CONTENT_BYTES  2048u
#define MAIL_TEXT_BYTES_MAX (MAIL_CONTENT_BYTES - 12u)
#define MAIL_STATUS_LAST    5u

enum mail_kind {
	MAIL_REPLY = 1,    /* for the reporter */
	MAIL_DELETION = 2, /* for spools: what the mailbox has is to go */
	MAIL_STATUS = 3, /* for the reporter: takes the place of the last one */
};

/* What can be read without a key. Borrows from the mail. */
struct mail_head {
	enum mail_kind kind;
	const uint8_t *mailbox; /* MAIL_MAILBOX_BYTES */
	const uint8_t *id;      /* MAIL_ID_BYTES */
	uint32_t last_day;      /* days since 1970: shown on it, never after */
};

/* TL_EFORMAT. */
TL_MUST_CHECK enum tl_err mail_read(
    struct bytes mail, struct mail_head *ret_head);

/* Did the desk with this KEY_RECEIPT_VERIFY make it? TL_EFORMAT, TL_EPROOF. */
TL_MUST_CHECK enum tl_err mail_verify(
    struct bytes mail, const uint8_t desk[static 32]);

/* What a reply says: a status, a text, or both. */
struct mail_reply {
	bool is_status;  /* MAIL_STATUS: text, if any, is the status in words */
	unsigned status; /* 1 to MAIL_STATUS_LAST; 0: none */
	int64_t sent_s;  /* Unix seconds */
	struct bytes text;
};

/*
 * Open a reply, or a status, that lay in mailbox. ret_reply borrows from
 * content, which the caller wipes. TL_EFORMAT: it is no reply, or not of this
 * mailbox. TL_EPROOF: it was not made under this key, or was changed.
 */
TL_MUST_CHECK enum tl_err mail_open(struct bytes mail,
    const uint8_t mailbox[static MAIL_MAILBOX_BYTES],
    const uint8_t key[static MAIL_KEY_BYTES],
    uint8_t content[static MAIL_CONTENT_BYTES], struct mail_reply *ret_reply);

/*
 * Seal a reply, or a status, under key, which belongs to head's mailbox. The
 * signature is missing yet. TL_EINVAL: the reply says nothing, or what it may
 * not; TL_ETOOBIG: the text is too long.
 */
TL_MUST_CHECK enum tl_err mail_seal(const struct mail_head *head,
    const struct mail_reply *reply, const uint8_t key[static MAIL_KEY_BYTES],
    uint8_t ret_mail[static MAIL_REPLY_BYTES]);

/* Say that all mail in head's mailbox is to go; without signature, too. */
void mail_delete(
    const struct mail_head *head, uint8_t ret_mail[static MAIL_DELETION_BYTES]);

/* What the desk signs of mail of len bytes, and where the signature goes. */
void mail_hash(const uint8_t *mail, size_t len, uint8_t ret_hash[static 32]);
uint8_t *mail_signature(uint8_t *mail, size_t len);

/* Sign mail with this hash. key is a KEY_RECEIPT_SIGN: TL_EINVAL if it is
 * none. */
TL_MUST_CHECK enum tl_err mail_sign(const uint8_t key[static 64],
    const uint8_t hash[static 32], uint8_t ret_signature[static 64]);

#endif
