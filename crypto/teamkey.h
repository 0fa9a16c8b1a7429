/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/teamkey.h - a secret key that tips are sealed to: one epoch of a
 * team, in secret memory.
 *
 * Knows not: where it comes from: crypto/ring.h.
 * Runs in:   tipline and keyd. No program that faces the public has it.
 * Disk:      none.
 */
#ifndef TL_CRYPTO_TEAMKEY_H
#define TL_CRYPTO_TEAMKEY_H

#include <stdint.h>

#include "base/err.h"

#define TEAMKEY_BYTES 32u

struct team_key;

/* A key from its secret bytes. Gives *ret. TL_ENOMEM. */
TL_MUST_CHECK enum tl_err teamkey_of(
    const uint8_t secret[static TEAMKEY_BYTES], struct team_key **ret);

/* Borrowed, as long as the key lives. */
const uint8_t *teamkey_secret(const struct team_key *team);
const uint8_t *teamkey_public(const struct team_key *team);

/* Wipe and free. NULL is fine. */
void teamkey_free(struct team_key *team);

#endif
