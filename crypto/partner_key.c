/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/partner_key.h"

#include <string.h>

#include <sodium.h>

#include "crypto/hash.h"
#include "crypto/keyfile.h"
#include "crypto/keytext.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "crypto/wrap.h"

#define KIND      "partner-secret"
#define FOR_SEALS "tipline partner seal v1"
#define FOR_SIGNS "tipline partner sign v1"

struct partner_key {
	uint8_t sign[KEY_SIGN_BYTES];
	struct team_key *opens;
};

/* What stands in the file, before any passphrase. */
struct partner_file {
	uint8_t public_key[PARTNER_PUBLIC_BYTES];
	struct wrap wrap;
	size_t bound; /* bytes of the file that are bound to the wrap */
};

/* Both keys of the secret. */
static enum tl_err key_of(
    const uint8_t secret[static WRAP_SECRET_BYTES], struct partner_key **ret)
{
	struct partner_key *key = secret_alloc(sizeof(*key));
	uint8_t *seed = secret_alloc(TEAMKEY_BYTES);
	uint8_t public_key[KEY_BYTES];
	enum tl_err err = TL_ENOMEM;

	if (key == NULL || seed == NULL) {
		goto out;
	}
	hash_keyed(seed, TEAMKEY_BYTES, secret, FOR_SIGNS, strlen(FOR_SIGNS));
	(void)crypto_sign_seed_keypair(public_key, key->sign, seed);
	hash_keyed(seed, TEAMKEY_BYTES, secret, FOR_SEALS, strlen(FOR_SEALS));
	err = teamkey_of(seed, &key->opens);
	if (err == TL_OK) {
		*ret = key;
		key = NULL;
	}
out:
	secret_free(seed);
	secret_free(key);
	return err;
}

static void public_of(const struct partner_key *key,
    uint8_t ret_public[static PARTNER_PUBLIC_BYTES])
{
	memcpy(ret_public, teamkey_public(key->opens), PARTNER_SEAL_BYTES);
	memcpy(
	    ret_public + PARTNER_SEAL_BYTES, key->sign + KEY_BYTES, KEY_BYTES);
}

static enum tl_err save(const char *path, struct bytes passphrase,
    struct pwhash_cost cost, const uint8_t *secret,
    const uint8_t public_key[static PARTNER_PUBLIC_BYTES])
{
	struct buf text;
	enum tl_err err;

	buf_init(&text, KEYFILE_MAX_BYTES);
	keytext_put_first(&text, KIND);
	keytext_put_bytes(&text, public_key, PARTNER_PUBLIC_BYTES);
	err = wrap_put(&text, passphrase, cost, secret);
	if (err == TL_OK) {
		keytext_put_check(&text);
		err = buf_err(&text);
	}
	if (err == TL_OK) {
		err = keytext_create(path, true, bytes_of(text.data, text.len));
	}
	buf_free(&text);
	return err;
}

enum tl_err partner_key_new(const char *path, struct bytes passphrase,
    struct pwhash_cost cost, uint8_t ret_public[static PARTNER_PUBLIC_BYTES])
{
	uint8_t *secret = secret_alloc(WRAP_SECRET_BYTES);
	uint8_t public_key[PARTNER_PUBLIC_BYTES];
	struct partner_key *key = NULL;
	enum tl_err err;

	if (secret == NULL) {
		return TL_ENOMEM;
	}
	random_bytes(secret, WRAP_SECRET_BYTES);
	err = key_of(secret, &key);
	if (err == TL_OK) {
		public_of(key, public_key);
		err = save(path, passphrase, cost, secret, public_key);
	}
	if (err == TL_OK) {
		memcpy(ret_public, public_key, sizeof(public_key));
	}
	partner_key_free(key);
	secret_free(secret);
	return err;
}

static enum tl_err parse(struct bytes text, struct partner_file *ret)
{
	struct partner_file file = { 0 };
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
	    keytext_bytes(line, file.public_key, PARTNER_PUBLIC_BYTES) !=
		TL_OK ||
	    wrap_take(text.at, &rest, &file.wrap, &file.bound) != TL_OK ||
	    rest.len > 0) {
		return TL_EFORMAT;
	}
	*ret = file;
	return TL_OK;
}

/* text: secret memory of KEYFILE_MAX_BYTES. */
static enum tl_err load(const char *path, uint8_t *text, size_t *ret_len,
    struct partner_file *ret_file)
{
	enum tl_err err =
	    keytext_read(path, true, text, KEYFILE_MAX_BYTES, ret_len);

	return err == TL_OK ? parse(bytes_of(text, *ret_len), ret_file) : err;
}

enum tl_err partner_key_public(
    const char *path, uint8_t ret_public[static PARTNER_PUBLIC_BYTES])
{
	uint8_t *text = secret_alloc(KEYFILE_MAX_BYTES);
	struct partner_file file;
	size_t len = 0;
	enum tl_err err = TL_ENOMEM;

	if (text != NULL) {
		err = load(path, text, &len, &file);
	}
	if (err == TL_OK) {
		memcpy(ret_public, file.public_key, PARTNER_PUBLIC_BYTES);
	}
	secret_free(text);
	return err;
}

enum tl_err partner_key_unlock(
    const char *path, struct bytes passphrase, struct partner_key **ret)
{
	/* the file's text, then the secret */
	uint8_t *text = secret_alloc(KEYFILE_MAX_BYTES + WRAP_SECRET_BYTES);
	uint8_t public_key[PARTNER_PUBLIC_BYTES];
	struct partner_key *key = NULL;
	struct partner_file file;
	uint8_t *secret;
	size_t len = 0;
	enum tl_err err;

	if (text == NULL) {
		return TL_ENOMEM;
	}
	secret = text + KEYFILE_MAX_BYTES;
	err = load(path, text, &len, &file);
	if (err == TL_OK) {
		err = wrap_unlock(
		    &file.wrap, bytes_of(text, file.bound), passphrase, secret);
	}
	if (err == TL_OK) {
		err = key_of(secret, &key);
	}
	if (err == TL_OK) {
		public_of(key, public_key);
		err =
		    memcmp(public_key, file.public_key, sizeof(public_key)) == 0
		    ? TL_OK
		    : TL_EFORMAT;
	}
	if (err == TL_OK) {
		*ret = key;
		key = NULL;
	}
	partner_key_free(key);
	secret_free(text);
	return err;
}

const struct team_key *partner_key_opens(const struct partner_key *key)
{
	return key->opens;
}

void partner_key_free(struct partner_key *key)
{
	if (key != NULL) {
		teamkey_free(key->opens);
		secret_free(key);
	}
}

enum tl_err partner_sign(const struct partner_key *key, struct bytes words,
    uint8_t ret_signature[static PARTNER_SIGNATURE_BYTES])
{
	struct buf message;
	enum tl_err err = partner_message(words, &message);

	if (err == TL_OK) {
		(void)crypto_sign_detached(
		    ret_signature, NULL, message.data, message.len, key->sign);
	}
	buf_free(&message);
	return err;
}
