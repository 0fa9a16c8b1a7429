/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/teamkey.h - the team's secret key: a file under a passphrase, and
 * the key itself in secret memory. Format: docs/FORMAT.md, "The team's secret
 * key".
 *
 * Promise:   the file alone tells nothing; who has it must still guess the
 *            passphrase at the price of crypto/pwhash.h.
 * Knows not: where the passphrase comes from.
 * Runs in:   tipline and keyd. No program that faces the public has it.
 * Disk:      reads or creates the files that it is given.
 */
#ifndef TL_CRYPTO_TEAMKEY_H
#define TL_CRYPTO_TEAMKEY_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "crypto/pwhash.h"

#define TEAMKEY_BYTES 32u
/* XChaCha20-Poly1305: nonce, the key, tag. */
#define TEAMKEY_WRAPPED_BYTES (24u + TEAMKEY_BYTES + 16u)

struct team_key;

/*
 * Make a new key and write both files; the secret one is 0600. Borrows the
 * passphrase. TL_EEXIST if one of the files exists; neither is changed then.
 * TL_EINVAL for an empty passphrase, TL_EIO, TL_EPERM, TL_ENOMEM. On error no
 * new file is left.
 */
TL_MUST_CHECK enum tl_err teamkey_create(
    const char *secret_path, const char *public_path, struct bytes passphrase);

/* The same with a cost of one's own. */
TL_MUST_CHECK enum tl_err teamkey_create_at_cost(const char *secret_path,
    const char *public_path, struct bytes passphrase, struct pwhash_cost cost);

/*
 * Open the file. Gives *ret: the caller ends it with teamkey_free().
 * TL_EPROOF: the passphrase is wrong. Others as keyfile_load(), and
 * TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err teamkey_unlock(
    const char *secret_path, struct bytes passphrase, struct team_key **ret);

/* What stands in the file, before any passphrase. */
struct teamkey_file {
	struct pwhash_cost cost;
	uint8_t salt[PWHASH_SALT_BYTES];
	uint8_t public_key[TEAMKEY_BYTES];
	uint8_t wrapped[TEAMKEY_WRAPPED_BYTES];
	struct bytes bound; /* borrowed from the text: lines 1 to 4 */
};

/* Read the text of the file; TL_EFORMAT or, for another kind, TL_EINVAL. */
TL_MUST_CHECK enum tl_err teamkey_parse(
    struct bytes text, struct teamkey_file *ret);

/* A key from its secret bytes (tests, key rings). Gives *ret. TL_ENOMEM. */
TL_MUST_CHECK enum tl_err teamkey_of(
    const uint8_t secret[static TEAMKEY_BYTES], struct team_key **ret);

/* Borrowed, as long as the key lives. */
const uint8_t *teamkey_secret(const struct team_key *team);
const uint8_t *teamkey_public(const struct team_key *team);

/* Wipe and free. NULL is fine. */
void teamkey_free(struct team_key *team);

#endif
