/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/keyd_rig.h - a keyd with its files in a folder of its own, and
 * what a desk says to it.
 *
 * Three are in its ring: sok, a supervisor, who made it, dara, an officer, and
 * vanna, an administrator, who cannot open anything; their passphrases are
 * keyd_people's. All calls end the test if something but what they are to find
 * out goes wrong.
 */
#ifndef TL_TESTS_KEYD_RIG_H
#define TL_TESTS_KEYD_RIG_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/frame.h"
#include "crypto/ring.h"
#include "desk/keyd_talk.h"
#include "desk/keyd_work.h"

extern const struct keyd_person {
	const char *name;
	const char *passphrase;
	enum ring_role role;
} keyd_people[3];

struct keyd_rig {
	char *dir;
	char ring[256], receipt[256]; /* its files */
	uint8_t receipt_public[32];
	uint8_t intake[64]; /* whose signature is under what is sealed */
	struct keyd *keyd;
	uint64_t now_ms; /* on keyd's clocks */
	int64_t now_s;
	struct buf out; /* a frame for keyd, then its answer */
};

/* Make the folder, with the key for receipts, but no ring yet; no keyd. */
void keyd_rig_start(struct keyd_rig *rig);
void keyd_rig_stop(struct keyd_rig *rig);

/* A ring of the three, open and without epochs; free with ring_free(). */
struct ring *keyd_rig_people(void);

/* Start one on the ring that is there, in place of the one before. */
void keyd_rig_run(struct keyd_rig *rig, uint64_t idle_ms, bool needs_code);

/* Give keyd the frame in out; its answer is in out afterwards. */
enum tl_err keyd_rig_give(struct keyd_rig *rig, struct frame *ret);

struct keyd_unlocked_as keyd_rig_unlock(struct keyd_rig *rig, const char *name,
    const char *passphrase, const char *code);

/* Seal a report to this epoch, as an intake does, under an id of sevens. */
void keyd_rig_seal(const struct keyd_rig *rig, const uint8_t epoch[32],
    struct bytes report, struct buf *envelope);

/* What it says of an envelope; what was read points into out. */
struct keyd_opened keyd_rig_open(struct keyd_rig *rig,
    const uint8_t token[KEYD_TOKEN_BYTES], const struct buf *envelope);

/* What it says of a small tip of this epoch: keyd_opened's result. */
uint8_t keyd_rig_open_small(struct keyd_rig *rig,
    const uint8_t token[KEYD_TOKEN_BYTES], const uint8_t epoch[32]);

#endif
