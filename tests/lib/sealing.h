/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/sealing.h - teams, an intake, and texts that are sealed from one
 * to the others. What does not hold aborts.
 */
#ifndef TL_TESTS_LIB_SEALING_H
#define TL_TESTS_LIB_SEALING_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "crypto/seal.h"

#define SEALING_TEAMS 8u

struct team_key;

struct sealing {
	struct team_key *teams[SEALING_TEAMS];
	uint8_t team_public[SEALING_TEAMS][32];
	uint8_t sign_key[64];
	uint8_t verify_key[1][32];
	struct sealer *sealer; /* to teams 0 and 1 */
};

extern struct sealing sealing;
extern const uint8_t sealing_id[16], sealing_other_id[16];

/* For cmocka: new keys. */
int sealing_set_up(void **state);
int sealing_tear_down(void **state);

/* out is made here: end it with buf_free(). */
void sealing_seal(struct sealer *with, const uint8_t id[static 16],
    const void *text, size_t len, struct buf *out);
/* To teams 0 and 1, under sealing_id. */
void sealing_text(const char *text, struct buf *out);

/* An exact heap copy, so that ASan sees one byte too many. End it with free().
 */
uint8_t *sealing_copy(const uint8_t *bytes, size_t len);

#endif
