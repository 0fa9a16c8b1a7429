/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/digest.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <sodium.h>

#include "base/wipe.h"

/* libsodium's, since it takes no memory and so cannot fail. */
void digest_sha256(uint8_t out[static DIGEST_SHA256_BYTES], struct bytes msg)
{
	(void)crypto_hash_sha256(out, msg.at, msg.len);
}

static const struct {
	const char *name; /* OpenSSL's */
	size_t bytes;
} kinds[] = {
	[DIGEST_MD5] = { "MD5", 16 },
	[DIGEST_SHA1] = { "SHA1", DIGEST_SHA1_BYTES },
	[DIGEST_SHA256] = { "SHA256", DIGEST_SHA256_BYTES },
	[DIGEST_SHA384] = { "SHA384", 48 },
	[DIGEST_SHA512] = { "SHA512", 64 },
};

size_t digest_bytes(enum digest_kind kind)
{
	return kinds[kind].bytes;
}

static enum tl_err hmac(const char *hash, uint8_t *out, size_t out_len,
    struct bytes key, const struct bytes *pieces, size_t n)
{
	/* not const: OSSL_PARAM takes no const, and does not write here */
	char name[8];
	OSSL_PARAM params[2];
	uint8_t mac[DIGEST_MAX_BYTES];
	EVP_MAC *kind = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *ctx = kind == NULL ? NULL : EVP_MAC_CTX_new(kind);
	size_t got = 0;
	enum tl_err err = TL_ENOMEM;

	memcpy(name, hash, strlen(hash) + 1);
	params[0] =
	    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0);
	params[1] = OSSL_PARAM_construct_end();
	/* An empty key must not be NULL: that would mean "the one before". */
	if (ctx == NULL ||
	    EVP_MAC_init(ctx, key.len > 0 ? key.at : (const uint8_t *)"",
		key.len, params) != 1) {
		goto out;
	}
	for (size_t i = 0; i < n; i++) {
		if (pieces[i].len > 0 &&
		    EVP_MAC_update(ctx, pieces[i].at, pieces[i].len) != 1) {
			goto out;
		}
	}
	if (EVP_MAC_final(ctx, mac, &got, sizeof(mac)) != 1 || got != out_len) {
		goto out;
	}
	memcpy(out, mac, out_len);
	err = TL_OK;
out:
	wipe(mac, sizeof(mac));
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(kind);
	return err;
}

enum tl_err digest_hmac_sha1(uint8_t out[static DIGEST_SHA1_BYTES],
    struct bytes key, const struct bytes *pieces, size_t n)
{
	return hmac("SHA1", out, DIGEST_SHA1_BYTES, key, pieces, n);
}

enum tl_err digest_hmac_sha256(uint8_t out[static DIGEST_SHA256_BYTES],
    struct bytes key, const struct bytes *pieces, size_t n)
{
	return hmac("SHA256", out, DIGEST_SHA256_BYTES, key, pieces, n);
}

enum tl_err digest_hmac(enum digest_kind kind,
    uint8_t out[static DIGEST_MAX_BYTES], struct bytes key,
    const struct bytes *pieces, size_t n)
{
	return hmac(kinds[kind].name, out, kinds[kind].bytes, key, pieces, n);
}

enum tl_err digest_pieces(enum digest_kind kind,
    uint8_t out[static DIGEST_MAX_BYTES], const struct bytes *pieces, size_t n)
{
	uint8_t digest[DIGEST_MAX_BYTES];
	EVP_MD *md = EVP_MD_fetch(NULL, kinds[kind].name, NULL);
	EVP_MD_CTX *ctx = md == NULL ? NULL : EVP_MD_CTX_new();
	enum tl_err err = TL_ENOMEM;

	if (ctx == NULL || EVP_DigestInit_ex2(ctx, md, NULL) != 1) {
		goto out;
	}
	for (size_t i = 0; i < n; i++) {
		if (pieces[i].len > 0 &&
		    EVP_DigestUpdate(ctx, pieces[i].at, pieces[i].len) != 1) {
			goto out;
		}
	}
	if (EVP_DigestFinal_ex(ctx, digest, NULL) != 1) {
		goto out;
	}
	memcpy(out, digest, kinds[kind].bytes);
	err = TL_OK;
out:
	wipe(digest, sizeof(digest));
	EVP_MD_CTX_free(ctx);
	EVP_MD_free(md);
	return err;
}

bool digest_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

enum tl_err signature_verify(const uint8_t key[static 32], struct bytes message,
    const uint8_t sig[static SIGNATURE_BYTES])
{
	return crypto_sign_verify_detached(sig, message.at, message.len, key) ==
		0
	    ? TL_OK
	    : TL_EPROOF;
}
