/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/sms_fake.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/enc.h"
#include "crypto/digest.h"
#include "sms/form.h"

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

void sms_fake_header(struct sms_fake *fake, const char *name, const char *value)
{
	assert(fake->request.n_headers < SMS_FAKE_HEADERS_MAX);
	fake->headers[fake->request.n_headers++] =
	    (struct sms_header){ name, bytes_str(value) };
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

static void sign_twilio(struct sms_fake *fake, const char *secret)
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

static void sign_basic(struct sms_fake *fake, const char *secret)
{
	memcpy(fake->proof[0], "Basic ", 6);
	put_b64(
	    fake->proof[0] + 6, sizeof(fake->proof[0]) - 6, bytes_str(secret));
	sms_fake_header(fake, "authorization", fake->proof[0]);
}

static void sign_generic(struct sms_fake *fake, const char *secret)
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

static const struct {
	const char *type, *secret;
	void (*sign)(struct sms_fake *fake, const char *secret);
} types[] = {
	{ "twilio", "12345678901234567890123456789012", sign_twilio },
	{ "somleng", "somleng-auth-token", sign_twilio },
	{ "kannel", "u1:pw1", sign_basic },
	{ "generic", "whsec_dGlwbGluZS1nZW5lcmljLXNlY3JldC0zMi1ieXRlcyE=",
	    sign_generic },
};

void sms_fake_init(struct sms_fake *fake, const char *type)
{
	*fake = (struct sms_fake){ .why = "" };
	fake->gateway.adapter = sms_adapter_find(type);
	assert(fake->gateway.adapter != NULL);
	fake->gateway.name = "g1";
	fake->gateway.url = "https://tips.example.org/sms/g1";
	memcpy(fake->gateway.region, "KH", 3);
	fake->gateway.numbers = SMS_NATIONAL;
	fake->request.now_s = SMS_FAKE_NOW_S;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(types[i].type, type) == 0) {
			fake->gateway.secrets[0] = bytes_str(types[i].secret);
			fake->gateway.n_secrets = 1;
		}
	}
	assert(fake->gateway.n_secrets == 1);
}

void sms_fake_free(struct sms_fake *fake)
{
	sms_batch_free(fake->batch);
	fake->batch = NULL;
	fake->message = NULL;
}

static void sign(struct sms_fake *fake, const char *secret)
{
	fake->request.headers = fake->headers;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (sms_adapter_find(types[i].type) == fake->gateway.adapter) {
			types[i].sign(
			    fake, secret == NULL ? types[i].secret : secret);
		}
	}
}

void sms_fake_post(struct sms_fake *fake, const char *query,
    const char *content_type, struct bytes body, const char *secret)
{
	fake->request.is_get = false;
	fake->request.query = bytes_str(query);
	fake->request.body = body;
	fake->request.n_headers = 0;
	sms_fake_header(fake, "content-type", content_type);
	sign(fake, secret);
}

void sms_fake_get(struct sms_fake *fake, const char *query, const char *secret)
{
	fake->request.is_get = true;
	fake->request.query = bytes_str(query);
	fake->request.body = bytes_of(NULL, 0);
	fake->request.n_headers = 0;
	sign(fake, secret);
}

void sms_fake_form(struct sms_fake *fake, const char *body)
{
	sms_fake_post(fake, NULL,
	    "application/x-www-form-urlencoded; charset=UTF-8", bytes_str(body),
	    NULL);
}

enum sms_verdict sms_fake_take(struct sms_fake *fake)
{
	enum tl_err err;

	sms_fake_free(fake);
	err = sms_take(&fake->gateway, &fake->request, &fake->batch,
	    &fake->verdict, &fake->why);
	assert(err == TL_OK);
	(void)err;
	if (fake->batch != NULL && sms_batch_count(fake->batch) > 0) {
		fake->message = sms_batch_at(fake->batch, 0);
	}
	return fake->verdict;
}
