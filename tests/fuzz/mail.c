/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/mail: heads point into the bytes; nothing that was not made under
 * the key is opened; and content of any kind, sealed properly, is read as it
 * was written or not at all.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "crypto/mail.h"
#include "crypto/start.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const uint8_t key[MAIL_KEY_BYTES] = { 7 };

/* Sealed by hand, so that any content reaches the reader. */
static void read_any_content(
    const uint8_t *data, size_t len, enum mail_kind kind)
{
	uint8_t mail[MAIL_REPLY_BYTES] = "tipmail\1";
	uint8_t content[MAIL_CONTENT_BYTES] = { 0 };
	uint8_t opened[MAIL_CONTENT_BYTES];
	struct mail_reply reply;

	mail[8] = (uint8_t)kind;
	memcpy(content, data, len < sizeof(content) ? len : sizeof(content));
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(mail + 72, NULL,
	    content, sizeof(content), mail, 72, NULL, mail + 48, key);
	if (mail_open(bytes_of(mail, sizeof(mail)), mail + 12, key, opened,
		&reply) == TL_OK) {
		assert(reply.status <= MAIL_STATUS_LAST && reply.sent_s >= 0);
		assert(reply.is_status == (kind == MAIL_STATUS));
		assert(reply.status > 0 ||
		    (reply.text.len > 0 && !reply.is_status));
		assert(reply.text.at == opened + 12);
		assert(
		    reply.text.len == (size_t)(content[2] << 8 | content[3]));
		assert(memcmp(opened, content, sizeof(content)) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bytes mail = bytes_of(data, len);
	uint8_t content[MAIL_CONTENT_BYTES];
	struct mail_head head;
	struct mail_reply reply;

	if (crypto_start() != TL_OK) {
		abort();
	}
	if (mail_read(mail, &head) == TL_OK) {
		assert(head.mailbox == data + 12 && head.id == data + 28);
		assert(len ==
		    (head.kind == MAIL_DELETION ? MAIL_DELETION_BYTES
						: MAIL_REPLY_BYTES));
		assert(mail_open(mail, head.mailbox, key, content, &reply) !=
		    TL_OK);
		assert(mail_verify(mail, key) == TL_EPROOF);
	}
	read_any_content(data, len, MAIL_REPLY);
	read_any_content(data, len, MAIL_STATUS);
	return 0;
}
