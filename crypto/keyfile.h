/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/keyfile.h - one key in one text file. Format: docs/FORMAT.md, "Key
 * files".
 *
 * Promise:   a key that loads is whole, of the kind that was asked for, and
 *            usable; a secret one was readable for its owner (and, as systemd
 *            hands out credentials, its group) alone.
 * Knows not: the team's secrets, which are wrapped by a passphrase:
 *            crypto/identity.h, crypto/ring.h.
 * Runs in:   every program at its start and at reload; tipline.
 * Disk:      reads or creates the one file that it is given.
 */
#ifndef TL_CRYPTO_KEYFILE_H
#define TL_CRYPTO_KEYFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

enum key_kind {
	KEY_TEAM_IDENTITY,  /* Ed25519: lists of a team are signed with it */
	KEY_INTAKE_SIGN,    /* Ed25519: the intake signs envelopes */
	KEY_INTAKE_VERIFY,  /* its public half, for the desk */
	KEY_RECEIPT_SIGN,   /* Ed25519: the desk signs receipts */
	KEY_RECEIPT_VERIFY, /* its public half, for the spool */
	KEY_PEPPER,         /* receipt codes are derived under it */
	KEY_DEDUP,          /* gateways' message ids are hashed under it */
	KEY_KINDS,
};

#define KEY_BYTES 32u
/* Seed and public half of Ed25519: the last 32 bytes are the public key. */
#define KEY_SIGN_BYTES 64u
#define KEY_MAX_BYTES  KEY_SIGN_BYTES
/* Longer than any key file is. */
#define KEYFILE_MAX_BYTES 1024u

/* KEY_BYTES, or KEY_SIGN_BYTES for the kinds that sign. */
size_t keyfile_key_bytes(enum key_kind kind);

/* Whether files of this kind may be read by their owner only. */
bool keyfile_is_secret(enum key_kind kind);

/*
 * Read the key of that kind from the file into key, which has room for
 * keyfile_key_bytes(kind) and, if the key is secret, is secret memory.
 * TL_ENOENT: no such file. TL_EPERM: not ours to read, or the mode is not
 * 0600, 0400 or 0440 for a secret key, or anybody may write a public one.
 * TL_EFORMAT: no key file, damaged, or not usable as such a key. TL_EINVAL: a
 * good key file of another kind. TL_EIO.
 */
TL_MUST_CHECK enum tl_err keyfile_load(
    const char *path, enum key_kind kind, uint8_t *key);

/*
 * Create the file, 0600 or for a public key 0644, and make it and its name
 * durable. TL_EEXIST if there is one; it stays as it is. On other errors
 * nothing is left behind.
 */
TL_MUST_CHECK enum tl_err keyfile_save(
    const char *path, enum key_kind kind, const uint8_t *key);

/* The same for the text of a key file: TL_EFORMAT or TL_EINVAL. */
TL_MUST_CHECK enum tl_err keyfile_parse(
    struct bytes text, enum key_kind kind, uint8_t *key);
void keyfile_print(struct buf *out, enum key_kind kind, const uint8_t *key);

/* A new Ed25519 pair: KEY_INTAKE_SIGN or KEY_RECEIPT_SIGN and its half. */
void keyfile_new_pair(
    uint8_t sign[static KEY_SIGN_BYTES], uint8_t verify[static KEY_BYTES]);

#endif
