/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/mail_parts.h - where things are in mail, for crypto/mail*.c only.
 */
#ifndef TL_CRYPTO_MAIL_PARTS_H
#define TL_CRYPTO_MAIL_PARTS_H

#include <sodium.h>

#include "crypto/hash.h"
#include "crypto/mail.h"

#define MAIL_MAGIC       "tipmail"
#define MAIL_MAGIC_BYTES 7u
#define MAIL_VERSION     1u

#define MAIL_HEAD_BYTES  48u
#define MAIL_NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define MAIL_TAG_BYTES   crypto_aead_xchacha20poly1305_ietf_ABYTES
#define MAIL_BOX_AT      (MAIL_HEAD_BYTES + MAIL_NONCE_BYTES)
#define MAIL_BOX_BYTES   (MAIL_CONTENT_BYTES + MAIL_TAG_BYTES)
#define MAIL_SIG_BYTES   crypto_sign_BYTES
/* In the content, before the text: status, zero, length, time. */
#define MAIL_TEXT_AT 12u

#define MAIL_SIGNED_PREFIX "tipline mail v1"
/* prefix, NUL, hash */
#define MAIL_SIGNED_BYTES (sizeof(MAIL_SIGNED_PREFIX) + HASH_BYTES)

_Static_assert(
    MAIL_BOX_AT + MAIL_BOX_BYTES + MAIL_SIG_BYTES == MAIL_REPLY_BYTES,
    "docs/FORMAT.md");
_Static_assert(
    MAIL_HEAD_BYTES + MAIL_SIG_BYTES == MAIL_DELETION_BYTES, "docs/FORMAT.md");
_Static_assert(
    MAIL_TEXT_AT + MAIL_TEXT_BYTES_MAX == MAIL_CONTENT_BYTES, "docs/FORMAT.md");
_Static_assert(
    MAIL_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "library");

/* What is signed of mail with this hash. */
void mail_signed(const uint8_t hash[static HASH_BYTES],
    uint8_t ret_message[static MAIL_SIGNED_BYTES]);

#endif
