/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/sms_fake.h"

#include <assert.h>
#include <string.h>

#include "tests/lib/sms_sign.h"

void sms_fake_header(struct sms_fake *fake, const char *name, const char *value)
{
	assert(fake->request.n_headers < SMS_FAKE_HEADERS_MAX);
	fake->headers[fake->request.n_headers++] =
	    (struct sms_header){ name, bytes_str(value) };
}

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
	if (strcmp(type, "custom") == 0) {
		sms_fake_custom(fake, &(struct custom_words){ 0 });
	}
	fake->signer = sms_signer_of(type);
	assert(fake->signer != NULL);
	fake->gateway.secrets[0] = bytes_str(fake->signer->secret);
	fake->gateway.n_secrets = 1;
}

void sms_fake_custom(struct sms_fake *fake, const struct custom_words *words)
{
	const char *fault = custom_read(words, &fake->custom);

	assert(fault == NULL);
	(void)fault;
	fake->gateway.custom = &fake->custom;
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
	fake->signer->sign(
	    fake, secret == NULL ? fake->signer->secret : secret);
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
