/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/sms_sign.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/enc.h"
#include "crypto/digest.h"
#include "sms/form.h"
#include "sms/vonage_params.h"

#define TEXT_MAX_BYTES (4u * 1024u * 1024u)

static void put_b64(char *to, size_t cap, struct bytes bytes)
{
	struct buf b64;

	buf_init(&b64, cap - 1);
	enc_b64(&b64, B64_STD, bytes.at, bytes.len);
	assert(buf_err(&b64) == TL_OK);
	if (b64.len > 0) {
		memcpy(to, b64.data, b64.len);
	}
	to[b64.len] = '\0';
	buf_free(&b64);
}

static bool is_form(const struct sms_fake *fake)
{
	for (size_t i = 0; i < fake->request.n_headers; i++) {
		if (strcmp(fake->headers[i].name, "content-type") == 0) {
			return strstr((const char *)fake->headers[i].value.at,
				   "urlencoded") != NULL;
		}
	}
	return false;
}

void sms_sign_twilio(struct sms_fake *fake, const char *secret)
{
	uint8_t mac[DIGEST_SHA1_BYTES];
	struct form *form = NULL;
	struct buf text;
	struct bytes piece;
	enum tl_err err = form_decode(
	    is_form(fake) ? fake->request.body : bytes_of(NULL, 0), &form);

	assert(err == TL_OK);
	buf_init(&text, 4u * 1024u * 1024u);
	buf_put_str(&text, fake->gateway.url);
	if (fake->request.query.len > 0) {
		buf_put_str(&text, "?");
		buf_put(&text, fake->request.query.at, fake->request.query.len);
	}
	form_sort(form);
	for (size_t i = 0; i < form_count(form); i++) {
		const struct form_pair *pair = form_at(form, i);
		const struct form_pair *before =
		    form_at(form, i > 0 ? i - 1 : 0);

		if (i > 0 && bytes_equal(pair->name, before->name) &&
		    bytes_equal(pair->value, before->value)) {
			continue; /* distinct values only */
		}
		buf_put(&text, pair->name.at, pair->name.len);
		buf_put(&text, pair->value.at, pair->value.len);
	}
	piece = bytes_of(text.data, text.len);
	err = digest_hmac_sha1(mac, bytes_str(secret), &piece, 1);
	assert(err == TL_OK);
	put_b64(
	    fake->proof[0], sizeof(fake->proof[0]), bytes_of(mac, sizeof(mac)));
	sms_fake_header(fake, "x-twilio-signature", fake->proof[0]);
	form_free(form);
	buf_free(&text);
}

void sms_sign_basic(struct sms_fake *fake, const char *secret)
{
	memcpy(fake->proof[0], "Basic ", 6);
	put_b64(
	    fake->proof[0] + 6, sizeof(fake->proof[0]) - 6, bytes_str(secret));
	sms_fake_header(fake, "authorization", fake->proof[0]);
}

void sms_sign_generic(struct sms_fake *fake, const char *secret)
{
	char *time = fake->proof[0];
	char *list = fake->proof[1];
	uint8_t key[64];
	uint8_t mac[DIGEST_SHA256_BYTES];
	size_t key_len = 0;
	enum tl_err err = dec_b64(B64_STD, secret + 6, strlen(secret + 6), key,
	    sizeof(key), &key_len);

	assert(err == TL_OK);
	(void)snprintf(time, sizeof(fake->proof[0]), "%lld",
	    (long long)fake->request.now_s);
	const struct bytes pieces[] = { bytes_str("msg_1"), bytes_str("."),
		bytes_str(time), bytes_str("."), fake->request.body };
	err = digest_hmac_sha256(mac, bytes_of(key, key_len), pieces, 5);
	assert(err == TL_OK);
	memcpy(list, "v1,", 3);
	put_b64(
	    list + 3, sizeof(fake->proof[1]) - 3, bytes_of(mac, sizeof(mac)));
	sms_fake_header(fake, "webhook-id", "msg_1");
	sms_fake_header(fake, "webhook-timestamp", time);
	sms_fake_header(fake, "webhook-signature", list);
}

/* ---- schemes over the body ---------------------------------------------- */

void sms_sign_b64(
    struct sms_fake *fake, size_t i, const char *secret, struct bytes text)
{
	uint8_t mac[DIGEST_SHA256_BYTES];
	enum tl_err err = digest_hmac_sha256(mac, bytes_str(secret), &text, 1);

	assert(err == TL_OK);
	(void)err;
	put_b64(
	    fake->proof[i], sizeof(fake->proof[i]), bytes_of(mac, sizeof(mac)));
}

/* Ed25519 with the private half of RFC 8032's first key, or with another. */
static void sign_ed25519(bool ours, struct bytes text, uint8_t sig[static 64])
{
	static const char seed_hex[] =
	    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
	uint8_t seed[32] = { 0 };
	size_t len = 64;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY *key;
	enum tl_err err =
	    ours ? dec_hex(seed_hex, 64, seed, sizeof(seed), &len) : TL_OK;

	assert(err == TL_OK && ctx != NULL);
	(void)err;
	key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, 32);
	len = 64;
	if (EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) != 1 ||
	    EVP_DigestSign(ctx, sig, &len, text.at, text.len) != 1) {
		abort();
	}
	EVP_PKEY_free(key);
	EVP_MD_CTX_free(ctx);
}

/* The secret of our side is a public key. */
void sms_sign_telnyx(struct sms_fake *fake, const char *secret)
{
	bool ours = strcmp(secret, fake->signer->secret) == 0;
	uint8_t sig[64];
	struct buf text;

	(void)snprintf(fake->proof[0], sizeof(fake->proof[0]), "%lld",
	    (long long)fake->request.now_s);
	buf_init(&text, TEXT_MAX_BYTES);
	buf_put_str(&text, fake->proof[0]);
	buf_put_str(&text, "|");
	buf_put(&text, fake->request.body.at, fake->request.body.len);
	sign_ed25519(ours, bytes_of(text.data, text.len), sig);
	put_b64(
	    fake->proof[1], sizeof(fake->proof[1]), bytes_of(sig, sizeof(sig)));
	sms_fake_header(fake, "telnyx-timestamp", fake->proof[0]);
	sms_fake_header(fake, "telnyx-signature-ed25519", fake->proof[1]);
	buf_free(&text);
}

/* The proof is one more parameter of a form. */
void sms_sign_vonage_sms(struct sms_fake *fake, const char *secret)
{
	uint8_t mac[DIGEST_SHA256_BYTES];
	struct form *form = NULL;
	struct buf text;
	struct bytes piece;
	size_t len = fake->request.body.len;
	enum tl_err err = form_decode(fake->request.body, &form);

	assert(err == TL_OK && len + 70 < sizeof(fake->body));
	buf_init(&text, TEXT_MAX_BYTES);
	vonage_signed_text(form, &text);
	piece = bytes_of(text.data, text.len);
	err = digest_hmac_sha256(mac, bytes_str(secret), &piece, 1);
	assert(err == TL_OK);
	(void)err;
	if (len > 0) {
		memcpy(fake->body, fake->request.body.at, len);
	}
	memcpy(fake->body + len, "&sig=", 5);
	buf_reset(&text);
	enc_hex(&text, mac, sizeof(mac));
	memcpy(fake->body + len + 5, text.data, text.len);
	fake->request.body = bytes_of(fake->body, len + 5 + text.len);
	form_free(form);
	buf_free(&text);
}

void sms_sign_plivo(struct sms_fake *fake, const char *secret)
{
	struct form *form = NULL;
	struct buf text;
	enum tl_err err = form_decode(fake->request.body, &form);

	assert(err == TL_OK);
	(void)err;
	buf_init(&text, TEXT_MAX_BYTES);
	buf_put_str(&text, fake->gateway.url);
	buf_put_str(&text, "?");
	form_sort(form);
	for (size_t i = 0; i < form_count(form); i++) {
		const struct form_pair *pair = form_at(form, i);

		buf_put(&text, pair->name.at, pair->name.len);
		buf_put(&text, pair->value.at, pair->value.len);
	}
	buf_put_str(&text, ".nonce-1");
	sms_sign_b64(fake, 0, secret, bytes_of(text.data, text.len));
	sms_fake_header(fake, "x-plivo-signature-v3", fake->proof[0]);
	sms_fake_header(fake, "x-plivo-signature-v3-nonce", "nonce-1");
	form_free(form);
	buf_free(&text);
}

void sms_sign_sinch(struct sms_fake *fake, const char *secret)
{
	struct buf text;

	(void)snprintf(fake->proof[0], sizeof(fake->proof[0]), "%lld",
	    (long long)fake->request.now_s);
	buf_init(&text, TEXT_MAX_BYTES);
	buf_put(&text, fake->request.body.at, fake->request.body.len);
	buf_put_str(&text, ".n-1.");
	buf_put_str(&text, fake->proof[0]);
	sms_sign_b64(fake, 1, secret, bytes_of(text.data, text.len));
	sms_fake_header(
	    fake, "x-sinch-webhook-signature-timestamp", fake->proof[0]);
	sms_fake_header(fake, "x-sinch-webhook-signature-nonce", "n-1");
	sms_fake_header(fake, "x-sinch-webhook-signature", fake->proof[1]);
	buf_free(&text);
}

/* ---- the table ---------------------------------------------------------- */

void sms_sign_telegram(struct sms_fake *fake, const char *secret)
{
	sms_fake_header(fake, "x-telegram-bot-api-secret-token", secret);
}

static const struct sms_signer signers[] = {
	{ "twilio", "12345678901234567890123456789012", sms_sign_twilio },
	{ "somleng", "somleng-auth-token", sms_sign_twilio },
	{ "kannel", "u1:pw1", sms_sign_basic },
	{ "generic", "whsec_dGlwbGluZS1nZW5lcmljLXNlY3JldC0zMi1ieXRlcyE=",
	    sms_sign_generic },
	{ "telnyx",
	    "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", sms_sign_telnyx },
	{ "vonage-sms", "vonage-secret", sms_sign_vonage_sms },
	{ "plivo", "plivo-token", sms_sign_plivo },
	{ "infobip", "infobip:pw1", sms_sign_basic },
	{ "sinch", "sinch-secret", sms_sign_sinch },
	{ "messagebird", "messagebird-key", sms_sign_messagebird },
	{ "bird", "bird-key", sms_sign_bird },
	{ "vonage-messages", "vonage-messages-secret",
	    sms_sign_vonage_messages },
	{ "android-sms-gateway", "android-signing-key", sms_sign_android },
	{ "jasmin", "jasmin:pw1", sms_sign_basic },
	{ "africastalking", "africastalking:pw1", sms_sign_basic },
	{ "clickatell", "clickatell:pw1", sms_sign_basic },
	{ "bandwidth", "bandwidth:pw1", sms_sign_basic },
	{ "8x8", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
	    sms_sign_segment },
	{ "macrokiosk", "BBECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
	    sms_sign_segment },
	{ "nuntium", "nuntium:pw1", sms_sign_basic },
	{ "httpsms", "httpsms-key", sms_sign_httpsms },
	{ "telegram", "telegram-secret-token-of-32-letters",
	    sms_sign_telegram },
	{ "custom", "custom-user:password-1", sms_sign_basic },
};

const struct sms_signer *sms_signer_of(const char *type)
{
	for (size_t i = 0; i < sizeof(signers) / sizeof(signers[0]); i++) {
		if (strcmp(signers[i].type, type) == 0) {
			return &signers[i];
		}
	}
	return NULL;
}
