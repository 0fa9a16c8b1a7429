/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/mail_seal.c - the desk's side of crypto/mail.h.
 */
#include <string.h>

#include "base/wipe.h"
#include "crypto/mail_parts.h"
#include "crypto/random.h"

static void put_u32(uint8_t *to, uint32_t n)
{
	for (size_t i = 0; i < 4; i++) {
		to[i] = (uint8_t)(n >> (24 - 8 * i));
	}
}

static void write_head(
    uint8_t *mail, enum mail_kind kind, const struct mail_head *head)
{
	memcpy(mail, MAIL_MAGIC, MAIL_MAGIC_BYTES);
	mail[7] = MAIL_VERSION;
	mail[8] = (uint8_t)kind;
	memset(mail + 9, 0, 3);
	memcpy(mail + 12, head->mailbox, MAIL_MAILBOX_BYTES);
	memcpy(mail + 28, head->id, MAIL_ID_BYTES);
	put_u32(mail + 44, head->last_day);
}

enum tl_err mail_seal(const struct mail_head *head,
    const struct mail_reply *reply, const uint8_t key[static MAIL_KEY_BYTES],
    uint8_t ret_mail[static MAIL_REPLY_BYTES])
{
	uint8_t content[MAIL_CONTENT_BYTES] = { 0 };

	if (reply->text.len > MAIL_TEXT_BYTES_MAX) {
		return TL_ETOOBIG;
	}
	if (reply->status > MAIL_STATUS_LAST || reply->sent_s < 0 ||
	    (reply->status == 0 &&
		(reply->text.len == 0 || reply->is_status))) {
		return TL_EINVAL;
	}
	content[0] = (uint8_t)reply->status;
	content[2] = (uint8_t)(reply->text.len >> 8);
	content[3] = (uint8_t)reply->text.len;
	put_u32(content + 4, (uint32_t)((uint64_t)reply->sent_s >> 32));
	put_u32(content + 8, (uint32_t)reply->sent_s);
	if (reply->text.len > 0) {
		memcpy(content + MAIL_TEXT_AT, reply->text.at, reply->text.len);
	}
	write_head(ret_mail, reply->is_status ? MAIL_STATUS : MAIL_REPLY, head);
	random_bytes(ret_mail + MAIL_HEAD_BYTES, MAIL_NONCE_BYTES);
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(ret_mail + MAIL_BOX_AT,
	    NULL, content, sizeof(content), ret_mail, MAIL_BOX_AT, NULL,
	    ret_mail + MAIL_HEAD_BYTES, key);
	wipe(content, sizeof(content));
	memset(mail_signature(ret_mail, MAIL_REPLY_BYTES), 0, MAIL_SIG_BYTES);
	return TL_OK;
}

void mail_delete(
    const struct mail_head *head, uint8_t ret_mail[static MAIL_DELETION_BYTES])
{
	write_head(ret_mail, MAIL_DELETION, head);
	memset(
	    mail_signature(ret_mail, MAIL_DELETION_BYTES), 0, MAIL_SIG_BYTES);
}
