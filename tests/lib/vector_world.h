/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/vector_world.h - the teams and intakes of the envelopes that are
 * test vectors. All random numbers of the process are the same each time, so
 * their keys are, and what they seal. What does not hold aborts.
 */
#ifndef TL_TESTS_LIB_VECTOR_WORLD_H
#define TL_TESTS_LIB_VECTOR_WORLD_H

#include <stdint.h>

#include "base/buf.h"

enum { TEAM_NORTH, TEAM_SOUTH, TEAM_STRANGER, TEAMS };
enum { INTAKE_OURS, INTAKE_THEIRS, INTAKES };

struct sealer;
struct team_key;

struct vector_world {
	struct team_key *teams[TEAMS];
	uint8_t team_public[TEAMS][32];
	uint8_t sign_key[INTAKES][64];
	uint8_t verify_key[INTAKES][32];
	struct sealer *to_one; /* north; ours */
	struct sealer *to_two; /* north and south; ours */
	struct sealer *by_theirs;
	struct sealer *to_eight; /* north first, then nobody we know */
};

extern struct vector_world vector_world;
extern const char *const vector_world_teams[TEAMS];

/* For cmocka. */
int vector_world_set_up(void **state);
int vector_world_tear_down(void **state);

/* Who they are, as members of a JSON object. */
void vector_world_print(struct buf *out);

#endif
