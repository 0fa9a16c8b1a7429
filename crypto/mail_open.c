/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/mail_open.c - the only opening that the public programs have: under
 * a reply key, which a receipt code gives and which opens no tip.
 */
#include <string.h>

#include "base/rd.h"
#include "base/wipe.h"
#include "crypto/mail_parts.h"

static bool all_zero(const uint8_t *bytes, size_t len)
{
	uint8_t any = 0;

	for (size_t i = 0; i < len; i++) {
		any |= bytes[i];
	}
	return any == 0;
}

static enum tl_err read_content(
    const uint8_t content[static MAIL_CONTENT_BYTES],
    struct mail_reply *ret_reply)
{
	struct rd rd = rd_of(content, MAIL_CONTENT_BYTES);
	struct mail_reply reply = { .status = rd_u8(&rd) };
	uint8_t zero = rd_u8(&rd);
	size_t len = rd_u16(&rd);
	uint64_t sent_s = rd_u64(&rd);

	if (zero != 0 || reply.status > MAIL_STATUS_LAST ||
	    len > MAIL_TEXT_BYTES_MAX || (reply.status == 0 && len == 0) ||
	    sent_s > INT64_MAX ||
	    !all_zero(
		content + MAIL_TEXT_AT + len, MAIL_TEXT_BYTES_MAX - len)) {
		return TL_EFORMAT;
	}
	reply.sent_s = (int64_t)sent_s;
	reply.text = bytes_of(content + MAIL_TEXT_AT, len);
	*ret_reply = reply;
	return TL_OK;
}

enum tl_err mail_open(struct bytes mail,
    const uint8_t mailbox[static MAIL_MAILBOX_BYTES],
    const uint8_t key[static MAIL_KEY_BYTES],
    uint8_t content[static MAIL_CONTENT_BYTES], struct mail_reply *ret_reply)
{
	struct mail_reply reply = { .status = 0 };
	struct mail_head head;
	enum tl_err err = mail_read(mail, &head);

	if (err != TL_OK || head.kind == MAIL_DELETION ||
	    memcmp(head.mailbox, mailbox, MAIL_MAILBOX_BYTES) != 0) {
		return TL_EFORMAT;
	}
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(content, NULL, NULL,
		mail.at + MAIL_BOX_AT, MAIL_BOX_BYTES, mail.at, MAIL_BOX_AT,
		mail.at + MAIL_HEAD_BYTES, key) != 0) {
		return TL_EPROOF;
	}
	err = read_content(content, &reply);
	reply.is_status = head.kind == MAIL_STATUS;
	if (err == TL_OK && reply.is_status && reply.status == 0) {
		err = TL_EFORMAT;
	}
	if (err == TL_OK) {
		*ret_reply = reply;
	} else {
		wipe(content, MAIL_CONTENT_BYTES);
	}
	return err;
}
