/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/vector_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "crypto/envelope.h"
#include "crypto/keyfile.h"
#include "crypto/seal.h"
#include "crypto/start.h"
#include "crypto/teamkey.h"
#include "tests/lib/vector_json.h"

struct vector_world vector_world;
const char *const vector_world_teams[TEAMS] = { "north", "south", "stranger" };
static const char *const intakes[INTAKES] = { "ours", "theirs" };

/* ---- the same random numbers each time ---------------------------------- */

static uint64_t drawn;

static void fixed_buf(void *const buf, const size_t size)
{
	uint8_t seed[randombytes_SEEDBYTES] = "vectors";

	drawn++;
	memcpy(seed + 16, &drawn, sizeof(drawn));
	randombytes_buf_deterministic(buf, size, seed);
}

static uint32_t fixed_random(void)
{
	uint32_t value = 0;

	fixed_buf(&value, sizeof(value));
	return value;
}

static const char *fixed_name(void)
{
	return "fixed";
}

static struct randombytes_implementation fixed = {
	.implementation_name = fixed_name,
	.random = fixed_random,
	.buf = fixed_buf,
};

/* ---- who is who ---------------------------------------------------------- */

int vector_world_set_up(void **state)
{
	uint8_t eight[8][32];

	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	assert_int_equal(randombytes_set_implementation(&fixed), 0);
	for (size_t i = 0; i < TEAMS; i++) {
		uint8_t secret[32];

		randombytes_buf(secret, sizeof(secret));
		assert_int_equal(
		    teamkey_of(secret, &vector_world.teams[i]), TL_OK);
		memcpy(vector_world.team_public[i],
		    teamkey_public(vector_world.teams[i]), 32);
	}
	for (size_t i = 0; i < INTAKES; i++) {
		keyfile_new_pair(
		    vector_world.sign_key[i], vector_world.verify_key[i]);
	}
	for (size_t i = 0; i < 8; i++) {
		uint8_t secret[32];

		randombytes_buf(secret, sizeof(secret));
		(void)crypto_scalarmult_base(eight[i], secret);
	}
	memcpy(eight[0], vector_world.team_public[TEAM_NORTH], 32);
	assert_int_equal(
	    sealer_new(vector_world.team_public, 1,
		vector_world.sign_key[INTAKE_OURS], &vector_world.to_one),
	    TL_OK);
	assert_int_equal(
	    sealer_new(vector_world.team_public, 2,
		vector_world.sign_key[INTAKE_OURS], &vector_world.to_two),
	    TL_OK);
	assert_int_equal(
	    sealer_new(vector_world.team_public, 2,
		vector_world.sign_key[INTAKE_THEIRS], &vector_world.by_theirs),
	    TL_OK);
	assert_int_equal(
	    sealer_new(eight, 8, vector_world.sign_key[INTAKE_OURS],
		&vector_world.to_eight),
	    TL_OK);
	return 0;
}

int vector_world_tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < TEAMS; i++) {
		teamkey_free(vector_world.teams[i]);
	}
	sealer_free(vector_world.to_one);
	sealer_free(vector_world.to_two);
	sealer_free(vector_world.by_theirs);
	sealer_free(vector_world.to_eight);
	return 0;
}

void vector_world_print(struct buf *out)
{
	uint8_t id[8];

	buf_put_str(out, "\t\"teams\": {");
	for (size_t i = 0; i < TEAMS; i++) {
		buf_put_str(out, i > 0 ? ",\n\t\t\"" : "\n\t\t\"");
		buf_put_str(out, vector_world_teams[i]);
		buf_put_str(out, "\": { ");
		vector_json_hex(
		    out, "secret", teamkey_secret(vector_world.teams[i]), 32);
		buf_put_str(out, ", ");
		vector_json_hex(out, "public", vector_world.team_public[i], 32);
		buf_put_str(out, ", ");
		envelope_key_id(id, vector_world.team_public[i]);
		vector_json_hex(out, "key_id", id, sizeof(id));
		buf_put_str(out, " }");
	}
	buf_put_str(out, "\n\t},\n\t\"intakes\": {");
	for (size_t i = 0; i < INTAKES; i++) {
		buf_put_str(out, i > 0 ? ",\n\t\t\"" : "\n\t\t\"");
		buf_put_str(out, intakes[i]);
		buf_put_str(out, "\": { ");
		vector_json_hex(out, "public", vector_world.verify_key[i], 32);
		buf_put_str(out, ", ");
		envelope_key_id(id, vector_world.verify_key[i]);
		vector_json_hex(out, "key_id", id, sizeof(id));
		buf_put_str(out, " }");
	}
	buf_put_str(out, "\n\t},\n\t\"trusted_intakes\": [\"ours\"],\n");
}
