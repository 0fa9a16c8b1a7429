/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/desk_keys.h - what receiving and opening tips takes: the intakes' public
 * keys here, everything secret in keyd.
 *
 * Promise:   no secret key of the team, nor of receipts, is in this process.
 * Runs in:   the tipline command.
 * Disk:      reads the public keys of the [desk] section; keyd reads its own.
 */
#ifndef TL_CLI_DESK_KEYS_H
#define TL_CLI_DESK_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "config/config.h"
#include "crypto/envelope.h"
#include "desk/keyd_client.h"

#define DESK_INTAKES_MAX 64u

struct desk_keys {
	struct keyd_client *keyd; /* nobody is logged in */
	uint8_t intakes[DESK_INTAKES_MAX][32];
	size_t n_intakes;
};

struct desk_tip {
	struct keyd_tip tip;
	bool signed_by_us; /* by one of the intakes */
};

/*
 * Read the public keys and start keyd with this configuration. What is wrong
 * was said. End it with desk_keys_free(), on errors too.
 */
TL_MUST_CHECK enum tl_err desk_keys_load(const char *config_path,
    const struct config_desk *desk, struct desk_keys *ret_keys);

/* Log in: asks for the officer, if there are several, and the passphrase.
 * What is wrong was said. */
TL_MUST_CHECK enum tl_err desk_keys_unlock(struct desk_keys *keys);

/* After desk_keys_unlock(): is the one who gave the passphrase a supervisor? */
bool desk_keys_is_supervisor(const struct desk_keys *keys);

/*
 * Open an envelope. TL_OK: *ret_fault says whether it is open, and if it is,
 * *ret_tip is given: end it with desk_tip_free(). TL_EIO: keyd does not work
 * any more, which was said. TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err desk_keys_open(struct desk_keys *keys,
    struct bytes sealed, enum envelope_fault *ret_fault,
    struct desk_tip *ret_tip);

/* Whether one of the intakes has signed an envelope; whether this desk has,
 * when it sealed it again. */
bool desk_keys_signed(const struct desk_keys *keys, struct bytes sealed);
bool desk_keys_resealed(const struct desk_keys *keys, struct bytes sealed);

/* Sign a receipt. TL_EIO, said. */
TL_MUST_CHECK enum tl_err desk_keys_sign(struct desk_keys *keys,
    const uint8_t id[static 16], const uint8_t hash[static 32],
    uint8_t ret_signature[static 64]);

/* Sign mail of len bytes in its place (crypto/mail.h), after
 * desk_keys_unlock(). TL_EIO, TL_EPERM: said. */
TL_MUST_CHECK enum tl_err desk_keys_sign_mail(
    struct desk_keys *keys, uint8_t *mail, size_t len);

/* End keyd. A zeroed struct is fine. */
void desk_keys_free(struct desk_keys *keys);

/* A zeroed one is fine. */
void desk_tip_free(struct desk_tip *tip);

#endif
