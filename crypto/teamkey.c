/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/teamkey.h"

#include <string.h>

#include <sodium.h>

#include "crypto/secret.h"

struct team_key {
	uint8_t secret[TEAMKEY_BYTES];
	uint8_t public_key[TEAMKEY_BYTES];
};

enum tl_err teamkey_of(
    const uint8_t secret[static TEAMKEY_BYTES], struct team_key **ret)
{
	struct team_key *team = secret_alloc(sizeof(*team));

	if (team == NULL) {
		return TL_ENOMEM;
	}
	memcpy(team->secret, secret, TEAMKEY_BYTES);
	(void)crypto_scalarmult_base(team->public_key, team->secret);
	*ret = team;
	return TL_OK;
}

const uint8_t *teamkey_secret(const struct team_key *team)
{
	return team->secret;
}

const uint8_t *teamkey_public(const struct team_key *team)
{
	return team->public_key;
}

void teamkey_free(struct team_key *team)
{
	secret_free(team);
}
