/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/enc.h"
#include "crypto/digest.h"
#include "tests/lib/sms_sign.h"

#define TEXT_MAX_BYTES (1024u * 1024u)

/* "Bearer " or nothing, and the token, to proof[0]. */
static void put_token(struct sms_fake *fake, const char *before,
    const char *claims, const char *secret)
{
	static const char header[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
	uint8_t mac[DIGEST_SHA256_BYTES];
	struct buf token;
	struct bytes piece;
	enum tl_err err;

	buf_init(&token, TEXT_MAX_BYTES);
	enc_b64(&token, B64_URL, header, sizeof(header) - 1);
	buf_put_str(&token, ".");
	enc_b64(&token, B64_URL, claims, strlen(claims));
	piece = bytes_of(token.data, token.len);
	err = digest_hmac_sha256(mac, bytes_str(secret), &piece, 1);
	assert(err == TL_OK);
	(void)err;
	buf_put_str(&token, ".");
	enc_b64(&token, B64_URL, mac, sizeof(mac));
	buf_put_u8(&token, 0);
	assert(token.len + strlen(before) <= sizeof(fake->proof[0]));
	memcpy(fake->proof[0], before, strlen(before));
	memcpy(fake->proof[0] + strlen(before), token.data, token.len);
	buf_free(&token);
}

static void sha256_hex(struct bytes text, char hex[static 65])
{
	uint8_t hash[DIGEST_SHA256_BYTES];

	digest_sha256(hash, text);
	for (size_t i = 0; i < sizeof(hash); i++) {
		(void)snprintf(hex + 2 * i, 3, "%02x", hash[i]);
	}
}

void sms_sign_messagebird(struct sms_fake *fake, const char *secret)
{
	char claims[512], url[65], body[65];

	sha256_hex(bytes_str(fake->gateway.url), url);
	sha256_hex(fake->request.body, body);
	(void)snprintf(claims, sizeof(claims),
	    "{\"iss\":\"MessageBird\",\"nbf\":%lld,\"exp\":%lld,"
	    "\"jti\":\"j-1\",\"url_hash\":\"%s\",\"payload_hash\":\"%s\"}",
	    (long long)fake->request.now_s, (long long)fake->request.now_s + 60,
	    url, body);
	put_token(fake, "", claims, secret);
	sms_fake_header(fake, "messagebird-signature-jwt", fake->proof[0]);
}

void sms_sign_vonage_messages(struct sms_fake *fake, const char *secret)
{
	char claims[512], body[65];

	sha256_hex(fake->request.body, body);
	(void)snprintf(claims, sizeof(claims),
	    "{\"iss\":\"Vonage\",\"iat\":%lld,\"jti\":\"j-1\","
	    "\"payload_hash\":\"%s\",\"api_key\":\"a1b2c3d\"}",
	    (long long)fake->request.now_s, body);
	put_token(fake, "Bearer ", claims, secret);
	sms_fake_header(fake, "authorization", fake->proof[0]);
}

void sms_sign_httpsms(struct sms_fake *fake, const char *secret)
{
	char claims[512];

	(void)snprintf(claims, sizeof(claims),
	    "{\"iss\":\"api.httpsms.com\",\"sub\":\"u1\",\"aud\":[\"%s\"],"
	    "\"nbf\":%lld,\"exp\":%lld}",
	    fake->gateway.url, (long long)fake->request.now_s - 600,
	    (long long)fake->request.now_s + 600);
	put_token(fake, "Bearer ", claims, secret);
	sms_fake_header(fake, "authorization", fake->proof[0]);
}

void sms_sign_bird(struct sms_fake *fake, const char *secret)
{
	uint8_t hash[DIGEST_SHA256_BYTES];
	struct buf text;

	(void)snprintf(fake->proof[0], sizeof(fake->proof[0]), "%lld",
	    (long long)fake->request.now_s);
	digest_sha256(hash, fake->request.body);
	buf_init(&text, TEXT_MAX_BYTES);
	buf_put_str(&text, fake->proof[0]);
	buf_put_str(&text, "\n");
	buf_put_str(&text, fake->gateway.url);
	buf_put_str(&text, "\n");
	buf_put(&text, hash, sizeof(hash));
	sms_sign_b64(fake, 1, secret, bytes_of(text.data, text.len));
	sms_fake_header(fake, "messagebird-request-timestamp", fake->proof[0]);
	sms_fake_header(fake, "messagebird-signature", fake->proof[1]);
	buf_free(&text);
}

void sms_sign_android(struct sms_fake *fake, const char *secret)
{
	uint8_t mac[DIGEST_SHA256_BYTES];
	enum tl_err err;

	(void)snprintf(fake->proof[0], sizeof(fake->proof[0]), "%lld",
	    (long long)fake->request.now_s);
	const struct bytes pieces[] = { fake->request.body,
		bytes_str(fake->proof[0]) };

	err = digest_hmac_sha256(mac, bytes_str(secret), pieces, 2);
	assert(err == TL_OK);
	(void)err;
	for (size_t i = 0; i < sizeof(mac); i++) {
		(void)snprintf(fake->proof[1] + 2 * i, 3, "%02x", mac[i]);
	}
	sms_fake_header(fake, "x-timestamp", fake->proof[0]);
	sms_fake_header(fake, "x-signature", fake->proof[1]);
}

void sms_sign_segment(struct sms_fake *fake, const char *secret)
{
	fake->request.segment = bytes_str(secret);
}
