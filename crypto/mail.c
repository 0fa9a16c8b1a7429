/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/mail.h"

#include <string.h>

#include "base/rd.h"
#include "crypto/mail_parts.h"

void mail_signed(const uint8_t hash[static HASH_BYTES],
    uint8_t ret_message[static MAIL_SIGNED_BYTES])
{
	memcpy(ret_message, MAIL_SIGNED_PREFIX, sizeof(MAIL_SIGNED_PREFIX));
	memcpy(ret_message + sizeof(MAIL_SIGNED_PREFIX), hash, HASH_BYTES);
}

void mail_hash(const uint8_t *mail, size_t len, uint8_t ret_hash[static 32])
{
	hash_bytes(ret_hash, mail, len - MAIL_SIG_BYTES);
}

uint8_t *mail_signature(uint8_t *mail, size_t len)
{
	return mail + len - MAIL_SIG_BYTES;
}

enum tl_err mail_read(struct bytes mail, struct mail_head *ret_head)
{
	struct rd rd = rd_of(mail.at, mail.len);
	const uint8_t *magic = rd_bytes(&rd, MAIL_MAGIC_BYTES);
	uint8_t version = rd_u8(&rd);
	uint8_t kind = rd_u8(&rd);
	const uint8_t *zeros = rd_bytes(&rd, 3);
	struct mail_head head = { .mailbox = rd_bytes(&rd, MAIL_MAILBOX_BYTES),
		.id = rd_bytes(&rd, MAIL_ID_BYTES),
		.last_day = rd_u32(&rd) };

	if (!rd_ok(&rd) || memcmp(magic, MAIL_MAGIC, MAIL_MAGIC_BYTES) != 0 ||
	    version != MAIL_VERSION || (zeros[0] | zeros[1] | zeros[2]) != 0) {
		return TL_EFORMAT;
	}
	if (((kind != MAIL_REPLY && kind != MAIL_STATUS) ||
		mail.len != MAIL_REPLY_BYTES) &&
	    (kind != MAIL_DELETION || mail.len != MAIL_DELETION_BYTES)) {
		return TL_EFORMAT;
	}
	head.kind = (enum mail_kind)kind;
	*ret_head = head;
	return TL_OK;
}

enum tl_err mail_verify(struct bytes mail, const uint8_t desk[static 32])
{
	uint8_t message[MAIL_SIGNED_BYTES];
	uint8_t hash[HASH_BYTES];
	struct mail_head head;
	enum tl_err err = mail_read(mail, &head);

	if (err != TL_OK) {
		return err;
	}
	mail_hash(mail.at, mail.len, hash);
	mail_signed(hash, message);
	return crypto_sign_verify_detached(mail.at + mail.len - MAIL_SIG_BYTES,
		   message, sizeof(message), desk) == 0
	    ? TL_OK
	    : TL_EPROOF;
}
