/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/teamkey.h"

#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "base/wipe.h"
#include "crypto/keyfile.h"
#include "crypto/keytext.h"
#include "crypto/random.h"
#include "crypto/secret.h"

#define KIND        "team-secret"
#define PWHASH_WORD "argon2id "
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES

_Static_assert(TEAMKEY_WRAPPED_BYTES ==
	NONCE_BYTES + TEAMKEY_BYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES,
    "nonce, key, tag");

struct team_key {
	uint8_t secret[TEAMKEY_BYTES];
	uint8_t public_key[TEAMKEY_BYTES];
};

/* A decimal number without sign or leading zero, up to 2^31. */
static enum tl_err take_number(struct bytes *line, uint32_t *ret)
{
	uint32_t value = 0;
	size_t i = 0;

	while (i < line->len && line->at[i] >= '0' && line->at[i] <= '9') {
		if (value > INT32_MAX / 10 || (i > 0 && value == 0)) {
			return TL_EFORMAT;
		}
		value = value * 10 + (uint32_t)(line->at[i] - '0');
		i++;
	}
	if (i == 0) {
		return TL_EFORMAT;
	}
	*line = bytes_of(line->at + i, line->len - i);
	*ret = value;
	return TL_OK;
}

static enum tl_err take_word(struct bytes *line, const char *word)
{
	struct bytes want = bytes_str(word);

	if (line->len < want.len ||
	    !bytes_equal(bytes_of(line->at, want.len), want)) {
		return TL_EFORMAT;
	}
	*line = bytes_of(line->at + want.len, line->len - want.len);
	return TL_OK;
}

/* "argon2id PASSES MEMORY_KIB" */
static enum tl_err parse_cost(struct bytes line, struct pwhash_cost *ret)
{
	struct pwhash_cost cost = { 0 };

	if (take_word(&line, PWHASH_WORD) != TL_OK ||
	    take_number(&line, &cost.passes) != TL_OK ||
	    take_word(&line, " ") != TL_OK ||
	    take_number(&line, &cost.memory_kib) != TL_OK || line.len > 0 ||
	    !pwhash_cost_ok(cost)) {
		return TL_EFORMAT;
	}
	*ret = cost;
	return TL_OK;
}

enum tl_err teamkey_parse(struct bytes text, struct teamkey_file *ret)
{
	struct teamkey_file file = { 0 };
	struct bytes lines[5];
	struct bytes rest;

	if (keytext_checked(text, &rest) != TL_OK) {
		return TL_EFORMAT;
	}
	for (size_t i = 0; i < 5; i++) {
		if (keytext_line(&rest, &lines[i]) != TL_OK) {
			/* a whole key file, but shorter: another kind */
			return i > 0 &&
				take_word(&lines[0], KEYTEXT_FIRST) == TL_OK
			    ? TL_EINVAL
			    : TL_EFORMAT;
		}
	}
	if (rest.len > 0 ||
	    !bytes_equal(lines[0], bytes_str(KEYTEXT_FIRST KIND)) ||
	    parse_cost(lines[1], &file.cost) != TL_OK ||
	    keytext_bytes(lines[2], file.salt, sizeof(file.salt)) != TL_OK ||
	    keytext_bytes(lines[3], file.public_key, TEAMKEY_BYTES) != TL_OK ||
	    keytext_bytes(lines[4], file.wrapped, TEAMKEY_WRAPPED_BYTES) !=
		TL_OK) {
		return TL_EFORMAT;
	}
	file.bound = bytes_of(text.at, (size_t)(lines[4].at - text.at));
	*ret = file;
	return TL_OK;
}

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

/* Lines 1 to 4, then the wrapped key that binds them, then the check. */
static enum tl_err print_wrapped(struct buf *out, const struct team_key *team,
    struct bytes passphrase, struct pwhash_cost cost)
{
	uint8_t salt[PWHASH_SALT_BYTES];
	uint8_t wrapped[TEAMKEY_WRAPPED_BYTES];
	uint8_t *key = secret_alloc(PWHASH_KEY_BYTES);
	enum tl_err err;

	if (key == NULL) {
		return TL_ENOMEM;
	}
	random_bytes(salt, sizeof(salt));
	random_bytes(wrapped, NONCE_BYTES);
	err = pwhash_derive(key, passphrase, salt, cost);
	if (err != TL_OK) {
		goto out;
	}
	keytext_put_first(out, KIND);
	buf_put_str(out, PWHASH_WORD);
	buf_put_dec(out, cost.passes);
	buf_put_u8(out, ' ');
	buf_put_dec(out, cost.memory_kib);
	buf_put_u8(out, '\n');
	keytext_put_bytes(out, salt, sizeof(salt));
	keytext_put_bytes(out, team->public_key, TEAMKEY_BYTES);
	err = buf_err(out);
	if (err != TL_OK) {
		goto out;
	}
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(wrapped + NONCE_BYTES,
	    NULL, team->secret, TEAMKEY_BYTES, out->data, out->len, NULL,
	    wrapped, key);
	keytext_put_bytes(out, wrapped, sizeof(wrapped));
	keytext_put_check(out);
	err = buf_err(out);
out:
	secret_free(key);
	return err;
}

enum tl_err teamkey_create_at_cost(const char *secret_path,
    const char *public_path, struct bytes passphrase, struct pwhash_cost cost)
{
	struct team_key *team = NULL;
	uint8_t *secret = NULL;
	struct buf text;
	enum tl_err err;

	if (passphrase.len == 0) {
		return TL_EINVAL;
	}
	buf_init(&text, KEYFILE_MAX_BYTES);
	secret = secret_alloc(TEAMKEY_BYTES);
	if (secret == NULL) {
		err = TL_ENOMEM;
		goto out;
	}
	random_bytes(secret, TEAMKEY_BYTES);
	err = teamkey_of(secret, &team);
	if (err == TL_OK) {
		err = print_wrapped(&text, team, passphrase, cost);
	}
	if (err == TL_OK) {
		err = keytext_create(
		    secret_path, true, bytes_of(text.data, text.len));
	}
	if (err != TL_OK) {
		goto out;
	}
	err = keyfile_save(public_path, KEY_TEAM_PUBLIC, team->public_key);
	if (err != TL_OK) {
		(void)unlink(secret_path);
	}
out:
	buf_free(&text);
	teamkey_free(team);
	secret_free(secret);
	return err;
}

enum tl_err teamkey_create(
    const char *secret_path, const char *public_path, struct bytes passphrase)
{
	return teamkey_create_at_cost(
	    secret_path, public_path, passphrase, pwhash_moderate);
}

static enum tl_err unwrap(const struct teamkey_file *file,
    struct bytes passphrase, struct team_key **ret)
{
	struct team_key *team = NULL;
	/* the derived key, then the secret */
	uint8_t *keys = secret_alloc(PWHASH_KEY_BYTES + TEAMKEY_BYTES);
	uint8_t *secret;
	enum tl_err err;

	if (keys == NULL) {
		return TL_ENOMEM;
	}
	secret = keys + PWHASH_KEY_BYTES;
	err = pwhash_derive(keys, passphrase, file->salt, file->cost);
	if (err != TL_OK) {
		goto out;
	}
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(secret, NULL, NULL,
		file->wrapped + NONCE_BYTES,
		TEAMKEY_WRAPPED_BYTES - NONCE_BYTES, file->bound.at,
		file->bound.len, file->wrapped, keys) != 0) {
		err = TL_EPROOF;
		goto out;
	}
	err = teamkey_of(secret, &team);
	if (err != TL_OK) {
		goto out;
	}
	if (memcmp(team->public_key, file->public_key, TEAMKEY_BYTES) != 0) {
		err = TL_EFORMAT;
		goto out;
	}
	*ret = team;
	team = NULL;
out:
	teamkey_free(team);
	secret_free(keys);
	return err;
}

enum tl_err teamkey_unlock(
    const char *secret_path, struct bytes passphrase, struct team_key **ret)
{
	struct teamkey_file file;
	uint8_t *text = secret_alloc(KEYFILE_MAX_BYTES);
	size_t len = 0;
	enum tl_err err;

	if (text == NULL) {
		return TL_ENOMEM;
	}
	err = keytext_read(secret_path, true, text, &len);
	if (err == TL_OK) {
		err = teamkey_parse(bytes_of(text, len), &file);
	}
	if (err == TL_OK) {
		err = unwrap(&file, passphrase, ret);
	}
	secret_free(text);
	return err;
}
