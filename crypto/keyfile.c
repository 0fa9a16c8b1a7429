/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/keyfile.h"

#include <string.h>

#include <sodium.h>

#include "base/wipe.h"
#include "crypto/keytext.h"
#include "crypto/random.h"
#include "crypto/secret.h"

_Static_assert(KEY_BYTES == crypto_box_PUBLICKEYBYTES &&
	KEY_BYTES == crypto_sign_PUBLICKEYBYTES &&
	KEY_SIGN_BYTES == crypto_sign_SECRETKEYBYTES,
    "key sizes are the library's");

static bool ed25519_public_ok(const uint8_t *key)
{
	return crypto_core_ed25519_is_valid_point(key) == 1;
}

/* Signing with a public half that is not the seed's gives the key away. */
static bool ed25519_pair_ok(const uint8_t *key)
{
	uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
	uint8_t again[crypto_sign_SECRETKEYBYTES];
	bool ok;

	(void)crypto_sign_seed_keypair(public_key, again, key);
	ok = sodium_memcmp(again, key, sizeof(again)) == 0;
	wipe(again, sizeof(again));
	return ok;
}

static bool secret_ok(const uint8_t *key)
{
	return sodium_is_zero(key, KEY_BYTES) == 0;
}

static const struct {
	const char *name;
	size_t bytes;
	bool secret;
	bool (*ok)(const uint8_t *key);
} kinds[KEY_KINDS] = {
	[KEY_TEAM_IDENTITY] = { "team-identity", KEY_BYTES, false,
	    ed25519_public_ok },
	[KEY_INTAKE_SIGN] = { "intake-sign", KEY_SIGN_BYTES, true,
	    ed25519_pair_ok },
	[KEY_INTAKE_VERIFY] = { "intake-verify", KEY_BYTES, false,
	    ed25519_public_ok },
	[KEY_RECEIPT_SIGN] = { "receipt-sign", KEY_SIGN_BYTES, true,
	    ed25519_pair_ok },
	[KEY_RECEIPT_VERIFY] = { "receipt-verify", KEY_BYTES, false,
	    ed25519_public_ok },
	[KEY_PEPPER] = { "pepper", KEY_BYTES, true, secret_ok },
	[KEY_DEDUP] = { "dedup", KEY_BYTES, true, secret_ok },
};

size_t keyfile_key_bytes(enum key_kind kind)
{
	return kinds[kind].bytes;
}

bool keyfile_is_secret(enum key_kind kind)
{
	return kinds[kind].secret;
}

enum tl_err keyfile_parse(struct bytes text, enum key_kind kind, uint8_t *key)
{
	struct bytes first;
	struct bytes line;
	struct bytes name = bytes_str(kinds[kind].name);
	struct bytes magic = bytes_str(KEYTEXT_FIRST);
	uint8_t bytes[KEY_MAX_BYTES];
	enum tl_err err = keytext_checked(text, &text);

	if (err == TL_OK) {
		err = keytext_line(&text, &first);
	}
	if (err != TL_OK) {
		return err;
	}
	if (first.len < magic.len ||
	    !bytes_equal(bytes_of(first.at, magic.len), magic)) {
		return TL_EFORMAT;
	}
	first = bytes_of(first.at + magic.len, first.len - magic.len);
	if (!bytes_equal(first, name)) {
		return TL_EINVAL;
	}
	err = keytext_line(&text, &line);
	if (err == TL_OK && text.len > 0) {
		err = TL_EFORMAT;
	}
	if (err == TL_OK) {
		err = keytext_bytes(line, bytes, kinds[kind].bytes);
	}
	if (err == TL_OK && !kinds[kind].ok(bytes)) {
		err = TL_EFORMAT;
	}
	if (err == TL_OK) {
		memcpy(key, bytes, kinds[kind].bytes);
	}
	wipe(bytes, sizeof(bytes));
	return err;
}

void keyfile_print(struct buf *out, enum key_kind kind, const uint8_t *key)
{
	keytext_put_first(out, kinds[kind].name);
	keytext_put_bytes(out, key, kinds[kind].bytes);
	keytext_put_check(out);
}

enum tl_err keyfile_load(const char *path, enum key_kind kind, uint8_t *key)
{
	uint8_t *text = secret_alloc(KEYFILE_MAX_BYTES);
	size_t len = 0;
	enum tl_err err;

	if (text == NULL) {
		return TL_ENOMEM;
	}
	err = keytext_read(
	    path, kinds[kind].secret, text, KEYFILE_MAX_BYTES, &len);
	if (err == TL_OK) {
		err = keyfile_parse(bytes_of(text, len), kind, key);
	}
	secret_free(text);
	return err;
}

enum tl_err keyfile_save(
    const char *path, enum key_kind kind, const uint8_t *key)
{
	struct buf text;
	enum tl_err err;

	if (!kinds[kind].ok(key)) {
		return TL_EINVAL;
	}
	buf_init(&text, KEYFILE_MAX_BYTES);
	keyfile_print(&text, kind, key);
	err = buf_err(&text);
	if (err == TL_OK) {
		err = keytext_create(
		    path, kinds[kind].secret, bytes_of(text.data, text.len));
	}
	buf_free(&text);
	return err;
}

void keyfile_new_pair(
    uint8_t sign[static KEY_SIGN_BYTES], uint8_t verify[static KEY_BYTES])
{
	(void)crypto_sign_keypair(verify, sign);
}
