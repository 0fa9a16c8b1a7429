/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/keyd_client.h - start keyd and ask it, one question at a time.
 *
 * Promise:   the team's secret keys are never in the process that calls here.
 * Knows not: passphrases beyond the call; where keys lie: keyd reads the
 *            configuration itself.
 * Runs in:   tipline. The desk, which must not wait, starts keyd here and puts
 *            the frames of desk/keyd_talk.h on its own loop.
 * Disk:      none.
 */
#ifndef TL_DESK_KEYD_CLIENT_H
#define TL_DESK_KEYD_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

struct keyd_client;

/* A tip that keyd has opened. */
struct keyd_tip {
	uint8_t id[16];
	struct bytes report; /* both borrow from memory */
	struct bytes raw;
	uint8_t *memory; /* secret memory, owned */
};

/*
 * Start tipline-keyd, which lies beside this program, with that configuration;
 * for_desk: one that lets nobody in without a second factor.
 * Gives *ret_fd, a blocking stream socket; keyd ends when it is closed, or with
 * us. TL_ENOENT: it is not there; TL_EIO.
 */
TL_MUST_CHECK enum tl_err keyd_spawn(
    const char *config_path, bool for_desk, pid_t *ret_pid, int *ret_fd);

/*
 * Start it and wait until it is locked in. Gives *ret: the caller ends it with
 * keyd_client_end(). What is wrong with keys was said by keyd. TL_ENOENT and
 * TL_EIO as keyd_spawn(); TL_ECLOSED: it ended.
 */
TL_MUST_CHECK enum tl_err keyd_client_start(
    const char *config_path, struct keyd_client **ret);

/* How many officers the ring has. */
size_t keyd_client_officers(const struct keyd_client *client);

/* Public half of the key that signs receipts, and what keyd seals again. */
const uint8_t *keyd_client_receipt_key(const struct keyd_client *client);

/*
 * Every call below returns TL_ECLOSED if keyd has gone, TL_EFORMAT if it has
 * answered what is no answer, and then nothing else any more.
 *
 * Log in, without a code: on the team's host the passphrase is what counts,
 * since it alone opens the ring. The session is kept here. TL_EPROOF: no such
 * officer or the passphrase is wrong. TL_EPERM: an administrator. TL_EBUSY: too
 * many are logged in. TL_ENOMEM. TL_ETOOBIG.
 */
TL_MUST_CHECK enum tl_err keyd_client_unlock(
    struct keyd_client *client, struct bytes name, struct bytes passphrase);

/* Whether who is logged in is a supervisor. */
bool keyd_client_is_supervisor(const struct keyd_client *client);

/*
 * Open an envelope. *ret_result is an enum envelope_fault, or KEYD_NO_SESSION;
 * if it is 0, *ret_tip is given: end it with keyd_tip_free(). TL_ETOOBIG: no
 * envelope is that long. TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err keyd_client_open(struct keyd_client *client,
    struct bytes envelope, uint8_t *ret_result, struct keyd_tip *ret_tip);

/*
 * Have what is in an envelope sealed to these keys, signed by the receipt key,
 * and append the new envelope to out. *ret_result as above, or KEYD_NO_RESEAL.
 */
TL_MUST_CHECK enum tl_err keyd_client_reseal(struct keyd_client *client,
    const uint8_t (*keys)[32], size_t n_keys, struct bytes envelope,
    uint8_t *ret_result, struct buf *out);

/* Sign a receipt. Nobody has to be logged in. */
TL_MUST_CHECK enum tl_err keyd_client_sign(struct keyd_client *client,
    const uint8_t id[static 16], const uint8_t hash[static 32],
    uint8_t ret_signature[static 64]);

/* Sign mail with this hash (crypto/mail.h). TL_EPERM: nobody is logged in. */
TL_MUST_CHECK enum tl_err keyd_client_sign_mail(struct keyd_client *client,
    const uint8_t hash[static 32], uint8_t ret_signature[static 64]);

/* Log out. */
TL_MUST_CHECK enum tl_err keyd_client_lock(struct keyd_client *client);

/* Close the socket and wait for keyd's end. Whether that came by itself and
 * not by a call that keyd may not make, which is logged. NULL is fine. */
bool keyd_client_end(struct keyd_client *client);

/* Wipe and free what it holds; a zeroed one is fine. */
void keyd_tip_free(struct keyd_tip *tip);

#endif
