/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/identity.h"

#include <string.h>

#include <sodium.h>

#include "crypto/keytext.h"
#include "crypto/secret.h"

#define KIND "team-identity-secret"

enum tl_err identity_parse(struct bytes text, struct identity_file *ret)
{
	struct identity_file file = { 0 };
	struct bytes rest, line;

	if (keytext_checked(text, &rest) != TL_OK ||
	    keytext_line(&rest, &line) != TL_OK) {
		return TL_EFORMAT;
	}
	if (!bytes_equal(line, bytes_str(KEYTEXT_FIRST KIND))) {
		return keytext_word(&line, KEYTEXT_FIRST) == TL_OK ? TL_EINVAL
								   : TL_EFORMAT;
	}
	if (keytext_line(&rest, &line) != TL_OK ||
	    keytext_bytes(line, file.public_key, KEY_BYTES) != TL_OK ||
	    wrap_take(text.at, &rest, &file.wrap, &file.bound) != TL_OK ||
	    rest.len > 0) {
		return TL_EFORMAT;
	}
	*ret = file;
	return TL_OK;
}

void identity_of_seed(const uint8_t seed[static IDENTITY_SEED_BYTES],
    uint8_t sign[static KEY_SIGN_BYTES])
{
	uint8_t public_key[KEY_BYTES];

	(void)crypto_sign_seed_keypair(public_key, sign, seed);
}

enum tl_err identity_save(const char *path, bool replace,
    const uint8_t seed[static IDENTITY_SEED_BYTES], struct bytes passphrase,
    struct pwhash_cost cost)
{
	uint8_t *sign = secret_alloc(KEY_SIGN_BYTES);
	struct buf text;
	enum tl_err err;

	if (sign == NULL) {
		return TL_ENOMEM;
	}
	buf_init(&text, KEYFILE_MAX_BYTES);
	identity_of_seed(seed, sign);
	keytext_put_first(&text, KIND);
	keytext_put_bytes(&text, sign + IDENTITY_SEED_BYTES, KEY_BYTES);
	err = wrap_put(&text, passphrase, cost, seed);
	if (err == TL_OK) {
		keytext_put_check(&text);
		err = buf_err(&text);
	}
	if (err == TL_OK) {
		err = (replace ? keytext_replace : keytext_create)(
		    path, true, bytes_of(text.data, text.len));
	}
	buf_free(&text);
	secret_free(sign);
	return err;
}

enum tl_err identity_unlock(const char *path, struct bytes passphrase,
    uint8_t sign[static KEY_SIGN_BYTES])
{
	/* the file's text, then the seed and the key made of it */
	uint8_t *text = secret_alloc(
	    KEYFILE_MAX_BYTES + IDENTITY_SEED_BYTES + KEY_SIGN_BYTES);
	uint8_t *seed, *made;
	struct identity_file file;
	size_t len = 0;
	enum tl_err err;

	if (text == NULL) {
		return TL_ENOMEM;
	}
	seed = text + KEYFILE_MAX_BYTES;
	made = seed + IDENTITY_SEED_BYTES;
	err = keytext_read(path, true, text, KEYFILE_MAX_BYTES, &len);
	if (err == TL_OK) {
		err = identity_parse(bytes_of(text, len), &file);
	}
	if (err == TL_OK) {
		err = wrap_unlock(
		    &file.wrap, bytes_of(text, file.bound), passphrase, seed);
	}
	if (err == TL_OK) {
		identity_of_seed(seed, made);
		if (memcmp(made + IDENTITY_SEED_BYTES, file.public_key,
			KEY_BYTES) != 0) {
			err = TL_EFORMAT;
		}
	}
	if (err == TL_OK) {
		memcpy(sign, made, KEY_SIGN_BYTES);
	}
	secret_free(text);
	return err;
}
