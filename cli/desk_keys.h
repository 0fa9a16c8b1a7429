/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/desk_keys.h - the keys that receiving tips takes.
 *
 * Runs in:   the tipline command.
 * Disk:      reads the key files of the [desk] section.
 */
#ifndef TL_CLI_DESK_KEYS_H
#define TL_CLI_DESK_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "config/config.h"
#include "crypto/ring.h"

#define DESK_INTAKES_MAX 64u

struct desk_keys {
	struct ring *ring; /* unlocked */
	uint8_t *receipt;  /* secret memory */
	uint8_t intakes[DESK_INTAKES_MAX][32];
	size_t n_intakes;
};

/*
 * Read them all; asks for the passphrase. What is wrong was said. End it with
 * desk_keys_free(), on errors too.
 */
TL_MUST_CHECK enum tl_err desk_keys_load(
    const struct config_desk *desk, struct desk_keys *ret_keys);

/* Wipe. A zeroed struct is fine. */
void desk_keys_free(struct desk_keys *keys);

#endif
