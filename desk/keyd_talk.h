/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/keyd_talk.h - the bodies of the frames between keyd and who asks it.
 * docs/FORMAT.md, "Frames".
 *
 * Promise:   what is put is read back the same; a body that is not exactly
 *            what its row says is TL_EFORMAT, and its sender is cut off.
 * Knows not: keys, sockets, who is logged in.
 * Runs in:   keyd, tipline, the desk.
 * Disk:      none.
 */
#ifndef TL_DESK_KEYD_TALK_H
#define TL_DESK_KEYD_TALK_H

#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/frame.h"

#define KEYD_TOKEN_BYTES      16u
#define KEYD_ID_BYTES         16u
#define KEYD_KEY_BYTES        32u
#define KEYD_NAME_BYTES       32u
#define KEYD_PASSPHRASE_BYTES 1024u
#define KEYD_CODE_BYTES       6u
#define KEYD_RECIPIENTS_MAX   8u
/* The longest that one can be logged in: a shift. */
#define KEYD_SHIFT_MS (UINT64_C(12) * 3600 * 1000)

/* First byte of UNLOCKED. Numbers are those of docs/FORMAT.md. */
enum keyd_unlocked {
	KEYD_UNLOCKED = 0,
	KEYD_WRONG = 1, /* name, passphrase or code, or a code that was used */
	KEYD_CROWDED = 2, /* too many are logged in */
	KEYD_FAILING = 3, /* memory is out */
	KEYD_SHUT = 4,    /* the ring could not be read for a shift */
	KEYD_UNLOCKED_MAX = 4,
};

/* Of RING: what there is of the team's ring. */
enum keyd_ring {
	KEYD_RING_FINE = 0,
	KEYD_RING_OLD = 1,  /* it cannot be read: the one of before is used */
	KEYD_RING_SHUT = 2, /* not for a shift: nobody logs in any more */
	KEYD_RING_MAX = 2,
};

/* First byte of OPENED and RESEALED: enum envelope_fault, or one of these. */
#define KEYD_NO_SESSION 255u /* the token is none: log in again */
#define KEYD_NO_RESEAL  254u /* the keys that it shall be sealed to are none */
#define KEYD_NO_RIGHT   253u /* of an administrator, who may open nothing */

/* What who is logged in may do. Numbers are those of docs/FORMAT.md. */
enum keyd_role {
	KEYD_NOBODY = 0,
	KEYD_OFFICER = 1,
	KEYD_SUPERVISOR = 2,
	KEYD_ADMINISTRATOR = 3,
	KEYD_ROLE_MAX = 3,
};

struct keyd_unlock {
	struct bytes name;
	struct bytes passphrase;
	struct bytes code; /* KEYD_CODE_BYTES, or none */
};                         /* borrow from the frame */

struct keyd_unlocked_as {
	enum keyd_unlocked result;
	/* of KEYD_UNLOCKED; else KEYD_NOBODY and zeros */
	enum keyd_role role;
	uint8_t token[KEYD_TOKEN_BYTES];
};

struct keyd_open {
	uint8_t token[KEYD_TOKEN_BYTES];
	struct bytes envelope;
};

struct keyd_opened {
	uint8_t result; /* the rest is there if it is 0 */
	uint8_t id[KEYD_ID_BYTES];
	struct bytes report;
	struct bytes raw;
};

struct keyd_reseal {
	uint8_t token[KEYD_TOKEN_BYTES];
	uint8_t keys[KEYD_RECIPIENTS_MAX][KEYD_KEY_BYTES];
	size_t n_keys;
	struct bytes envelope;
};

struct keyd_state {
	uint16_t sessions;
	uint16_t officers; /* that the ring has */
	uint64_t opened;   /* envelopes, since the start */
	uint64_t refused;
	uint8_t receipt_key[KEYD_KEY_BYTES]; /* its public half */
};

/* Each reads the body of its type, or puts the whole frame into out. */
TL_MUST_CHECK enum tl_err keyd_read_unlock(
    const struct frame *frame, struct keyd_unlock *ret);
TL_MUST_CHECK enum tl_err keyd_read_unlocked(
    const struct frame *frame, struct keyd_unlocked_as *ret);
TL_MUST_CHECK enum tl_err keyd_read_open(
    const struct frame *frame, struct keyd_open *ret);
TL_MUST_CHECK enum tl_err keyd_read_opened(
    const struct frame *frame, struct keyd_opened *ret);
TL_MUST_CHECK enum tl_err keyd_read_reseal(
    const struct frame *frame, struct keyd_reseal *ret);
TL_MUST_CHECK enum tl_err keyd_read_resealed(
    const struct frame *frame, uint8_t *ret_result, struct bytes *ret_envelope);
TL_MUST_CHECK enum tl_err keyd_read_state(
    const struct frame *frame, struct keyd_state *ret);

/* name, passphrase and code within their lengths. */
void keyd_put_unlock(struct buf *out, const struct keyd_unlock *unlock);
void keyd_put_unlocked(
    struct buf *out, const struct keyd_unlocked_as *unlocked);
/* Of envelopes that are too long for any, TL_ETOOBIG sticks to out. */
void keyd_put_open(struct buf *out, const struct keyd_open *open);
void keyd_put_opened(struct buf *out, const struct keyd_opened *opened);
void keyd_put_reseal(struct buf *out, const struct keyd_reseal *reseal);
void keyd_put_resealed(struct buf *out, uint8_t result, struct bytes envelope);
void keyd_put_sign(struct buf *out, const uint8_t id[static KEYD_ID_BYTES],
    const uint8_t hash[static 32]);
void keyd_put_state(struct buf *out, const struct keyd_state *state);

#endif
