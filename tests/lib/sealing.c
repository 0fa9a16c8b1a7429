/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/sealing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/envelope.h"
#include "crypto/keyfile.h"
#include "crypto/random.h"
#include "crypto/start.h"
#include "crypto/teamkey.h"

struct sealing sealing;
const uint8_t sealing_id[16] = "tip of the test";
const uint8_t sealing_other_id[16] = "another of them";

int sealing_set_up(void **state)
{
	uint8_t secret[32];

	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	for (size_t i = 0; i < SEALING_TEAMS; i++) {
		random_bytes(secret, sizeof(secret));
		assert_int_equal(teamkey_of(secret, &sealing.teams[i]), TL_OK);
		memcpy(sealing.team_public[i], teamkey_public(sealing.teams[i]),
		    32);
	}
	keyfile_new_pair(sealing.sign_key, sealing.verify_key[0]);
	assert_int_equal(sealer_new(sealing.team_public, 2, sealing.sign_key,
			     &sealing.sealer),
	    TL_OK);
	return 0;
}

int sealing_tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < SEALING_TEAMS; i++) {
		teamkey_free(sealing.teams[i]);
	}
	sealer_free(sealing.sealer);
	return 0;
}

void sealing_seal(struct sealer *with, const uint8_t id[static 16],
    const void *text, size_t len, struct buf *out)
{
	const struct seal_content content = { .report = bytes_of(text, len) };

	buf_init(out, ENVELOPE_MAX_BYTES);
	assert_int_equal(sealer_seal(with, id, &content, out), TL_OK);
}

void sealing_text(const char *text, struct buf *out)
{
	sealing_seal(sealing.sealer, sealing_id, text, strlen(text), out);
}

uint8_t *sealing_copy(const uint8_t *bytes, size_t len)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);

	assert_non_null(copy);
	memcpy(copy, bytes, len);
	return copy;
}
