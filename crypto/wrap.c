/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/wrap.h"

#include <sodium.h>

#include "crypto/keytext.h"
#include "crypto/random.h"
#include "crypto/secret.h"

#define PWHASH_WORD "argon2id "
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES

_Static_assert(WRAP_BYTES ==
	NONCE_BYTES + WRAP_SECRET_BYTES +
	    crypto_aead_xchacha20poly1305_ietf_ABYTES,
    "nonce, secret, tag");
_Static_assert(PWHASH_KEY_BYTES == WRAP_SECRET_BYTES, "one size of keys");

void wrap_close(uint8_t wrapped[static WRAP_BYTES], struct bytes bound,
    const uint8_t key[static WRAP_SECRET_BYTES],
    const uint8_t secret[static WRAP_SECRET_BYTES])
{
	random_bytes(wrapped, NONCE_BYTES);
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(wrapped + NONCE_BYTES,
	    NULL, secret, WRAP_SECRET_BYTES, bound.at, bound.len, NULL, wrapped,
	    key);
}

enum tl_err wrap_open(const uint8_t wrapped[static WRAP_BYTES],
    struct bytes bound, const uint8_t key[static WRAP_SECRET_BYTES],
    uint8_t secret[static WRAP_SECRET_BYTES])
{
	return crypto_aead_xchacha20poly1305_ietf_decrypt(secret, NULL, NULL,
		   wrapped + NONCE_BYTES, WRAP_BYTES - NONCE_BYTES, bound.at,
		   bound.len, wrapped, key) == 0
	    ? TL_OK
	    : TL_EPROOF;
}

/* Lines a and b: all that the passphrase's key depends on. */
static void put_head(struct buf *out, struct pwhash_cost cost,
    const uint8_t salt[static PWHASH_SALT_BYTES])
{
	buf_put_str(out, PWHASH_WORD);
	buf_put_dec(out, cost.passes);
	buf_put_u8(out, ' ');
	buf_put_dec(out, cost.memory_kib);
	buf_put_u8(out, '\n');
	keytext_put_bytes(out, salt, PWHASH_SALT_BYTES);
}

void wrap_print(struct buf *out, const struct wrap *wrap, size_t *ret_bound)
{
	put_head(out, wrap->cost, wrap->salt);
	*ret_bound = out->len;
	keytext_put_bytes(out, wrap->wrapped, WRAP_BYTES);
}

enum tl_err wrap_put(struct buf *out, struct bytes passphrase,
    struct pwhash_cost cost, const uint8_t secret[static WRAP_SECRET_BYTES])
{
	uint8_t salt[PWHASH_SALT_BYTES];
	uint8_t wrapped[WRAP_BYTES];
	uint8_t *key;
	enum tl_err err;

	if (passphrase.len == 0) {
		return TL_EINVAL;
	}
	key = secret_alloc(PWHASH_KEY_BYTES);
	if (key == NULL) {
		return TL_ENOMEM;
	}
	random_bytes(salt, sizeof(salt));
	err = pwhash_derive(key, passphrase, salt, cost);
	if (err != TL_OK) {
		goto out;
	}
	put_head(out, cost, salt);
	err = buf_err(out);
	if (err == TL_OK) {
		wrap_close(wrapped, bytes_of(out->data, out->len), key, secret);
		keytext_put_bytes(out, wrapped, sizeof(wrapped));
		err = buf_err(out);
	}
out:
	secret_free(key);
	return err;
}

/* "argon2id PASSES MEMORY_KIB" */
static enum tl_err read_cost(struct bytes line, struct pwhash_cost *ret)
{
	uint64_t passes, memory_kib;
	struct pwhash_cost cost;

	if (keytext_word(&line, PWHASH_WORD) != TL_OK ||
	    keytext_number(&line, UINT32_MAX, &passes) != TL_OK ||
	    keytext_word(&line, " ") != TL_OK ||
	    keytext_number(&line, UINT32_MAX, &memory_kib) != TL_OK ||
	    line.len > 0) {
		return TL_EFORMAT;
	}
	cost = (struct pwhash_cost){ .passes = (uint32_t)passes,
		.memory_kib = (uint32_t)memory_kib };
	if (!pwhash_cost_ok(cost)) {
		return TL_EFORMAT;
	}
	*ret = cost;
	return TL_OK;
}

enum tl_err wrap_take(const uint8_t *start, struct bytes *text,
    struct wrap *ret, size_t *ret_bound)
{
	struct bytes rest = *text;
	struct bytes lines[3];
	struct wrap wrap;

	for (size_t i = 0; i < 3; i++) {
		if (keytext_line(&rest, &lines[i]) != TL_OK) {
			return TL_EFORMAT;
		}
	}
	if (read_cost(lines[0], &wrap.cost) != TL_OK ||
	    keytext_bytes(lines[1], wrap.salt, sizeof(wrap.salt)) != TL_OK ||
	    keytext_bytes(lines[2], wrap.wrapped, WRAP_BYTES) != TL_OK) {
		return TL_EFORMAT;
	}
	*ret = wrap;
	*ret_bound = (size_t)(lines[2].at - start);
	*text = rest;
	return TL_OK;
}

enum tl_err wrap_unlock(const struct wrap *wrap, struct bytes bound,
    struct bytes passphrase, uint8_t secret[static WRAP_SECRET_BYTES])
{
	uint8_t *key = secret_alloc(PWHASH_KEY_BYTES);
	enum tl_err err;

	if (key == NULL) {
		return TL_ENOMEM;
	}
	err = pwhash_derive(key, passphrase, wrap->salt, wrap->cost);
	if (err == TL_OK) {
		err = wrap_open(wrap->wrapped, bound, key, secret);
	}
	secret_free(key);
	return err;
}
