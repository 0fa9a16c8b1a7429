/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/identity.h - the team's identity: the Ed25519 key that signs its
 * lists, in a file under a passphrase. Format: docs/FORMAT.md, "The team's
 * identity".
 *
 * Knows not: where the file lies. It belongs offline; it is needed when
 *            epochs are made, and for nothing else.
 * Runs in:   tipline. No program that faces the public has it.
 * Disk:      reads, creates or replaces the file that it is given.
 */
#ifndef TL_CRYPTO_IDENTITY_H
#define TL_CRYPTO_IDENTITY_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "crypto/keyfile.h"
#include "crypto/wrap.h"

#define IDENTITY_SEED_BYTES 32u

/* What stands in the file, before any passphrase. */
struct identity_file {
	uint8_t public_key[KEY_BYTES];
	struct wrap wrap;
	size_t bound; /* bytes of the file that are bound to the wrap */
};

/* Read the text of the file; TL_EFORMAT or, for another kind, TL_EINVAL. */
TL_MUST_CHECK enum tl_err identity_parse(
    struct bytes text, struct identity_file *ret);

/*
 * Write the identity of this seed under the passphrase: a new file (TL_EEXIST
 * if there is one) or, with replace, in the place of the old one. TL_EINVAL
 * for an empty passphrase; others as keyfile_save().
 */
TL_MUST_CHECK enum tl_err identity_save(const char *path, bool replace,
    const uint8_t seed[static IDENTITY_SEED_BYTES], struct bytes passphrase,
    struct pwhash_cost cost);

/*
 * Open the file into sign: seed and public key, secret memory. TL_EPROOF: the
 * passphrase is wrong. Others as keyfile_load(), and TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err identity_unlock(const char *path,
    struct bytes passphrase, uint8_t sign[static KEY_SIGN_BYTES]);

/* Seed and public key from the seed. */
void identity_of_seed(const uint8_t seed[static IDENTITY_SEED_BYTES],
    uint8_t sign[static KEY_SIGN_BYTES]);

#endif
