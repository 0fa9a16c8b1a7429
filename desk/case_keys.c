/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/case_keys.h"

#include <string.h>

#include "base/log.h"
#include "crypto/case_sig.h"
#include "crypto/hash.h"
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

enum tl_err case_keys_load(
    const struct config_desk *desk, struct case_keys *keys)
{
	enum tl_err err;

	*keys = (struct case_keys){ 0 };
	if (desk->signing_key[0] == '\0') {
		say_error("desk.signing_key is not set");
		return TL_EINVAL;
	}
	if (desk->case_keys.n >= CASE_KEYS_MAX) {
		say_error(
		    "desk.case_keys has more than %u files", CASE_KEYS_MAX - 1);
		return TL_EINVAL;
	}
	keys->sign = secret_alloc(KEY_SIGN_BYTES);
	if (keys->sign == NULL) {
		return TL_ENOMEM;
	}
	err = load(desk->signing_key, KEY_INTAKE_SIGN, keys->sign);
	memcpy(keys->verify[0], keys->sign + KEY_SIGN_BYTES - KEY_BYTES,
	    KEY_BYTES);
	keys->n_verify = 1;
	for (size_t i = 0; err == TL_OK && i < desk->case_keys.n; i++) {
		err = load(desk->case_keys.items[i], KEY_INTAKE_VERIFY,
		    keys->verify[keys->n_verify++]);
	}
	return err;
}

void case_keys_free(struct case_keys *keys)
{
	secret_free(keys->sign);
	*keys = (struct case_keys){ 0 };
}

static enum tl_err sign(
    struct bytes said, uint8_t ret_sig[static CASE_SIG_BYTES], void *arg)
{
	const struct case_keys *keys = arg;

	return case_sig_make(keys->sign, said, ret_sig);
}

static bool holds(
    struct bytes said, const uint8_t sig[static CASE_SIG_BYTES], void *arg)
{
	const struct case_keys *keys = arg;

	return case_sig_holds(
	    (const uint8_t(*)[32])keys->verify, keys->n_verify, said, sig);
}

struct cases_trust case_keys_trust(struct case_keys *keys)
{
	return (struct cases_trust){
		.hash = hash_bytes, .sign = sign, .holds = holds, .arg = keys
	};
}

bool case_keys_hold(
    const struct case_keys *keys, const struct case_record *record)
{
	uint8_t hash[CASE_HASH_BYTES];
	struct buf said;
	bool is_held;

	hash_bytes(hash, record->sealed.at, record->sealed.len);
	buf_init(&said, CASE_SAID_BYTES);
	case_event_put_said(&said, record);
	is_held = buf_err(&said) == TL_OK &&
	    memcmp(hash, record->sealed_hash, sizeof(hash)) == 0 &&
	    case_sig_holds((const uint8_t(*)[32])keys->verify, keys->n_verify,
		bytes_of(said.data, said.len), record->sig);
	buf_free(&said);
	return is_held;
}
