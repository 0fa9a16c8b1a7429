/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/desk_keys.h"

#include "base/log.h"
#include "cli/team.h"
#include "crypto/keyfile.h"
#include "crypto/secret.h"

static enum tl_err load(const char *path, enum key_kind kind, uint8_t *key)
{
	enum tl_err err = keyfile_load(path, kind, key);

	if (err != TL_OK) {
		say_error(
		    "cannot use the key file %s: %s", path, err_text(err));
	}
	return err;
}

enum tl_err desk_keys_load(
    const struct config_desk *desk, struct desk_keys *ret_keys)
{
	struct desk_keys *keys = ret_keys;
	enum tl_err err = TL_OK;

	*keys = (struct desk_keys){ 0 };
	if (desk->intake_keys.n > DESK_INTAKES_MAX) {
		say_error("desk.intake_keys has more than %u files",
		    DESK_INTAKES_MAX);
		return TL_EINVAL;
	}
	keys->receipt = secret_alloc(KEY_SIGN_BYTES);
	if (keys->receipt == NULL) {
		return TL_ENOMEM;
	}
	err = load(desk->receipt_key, KEY_RECEIPT_SIGN, keys->receipt);
	for (size_t i = 0; err == TL_OK && i < desk->intake_keys.n; i++) {
		err = load(desk->intake_keys.items[i], KEY_INTAKE_VERIFY,
		    keys->intakes[i]);
		keys->n_intakes++;
	}
	if (err == TL_OK) {
		err = team_unlock_ring(desk->team_ring, &keys->ring, NULL);
	}
	return err;
}

void desk_keys_free(struct desk_keys *keys)
{
	ring_free(keys->ring);
	secret_free(keys->receipt);
	*keys = (struct desk_keys){ 0 };
}
