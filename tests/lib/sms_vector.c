/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/sms_vector.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
/* cmocka needs them first */
#include <cmocka.h>

#include "base/enc.h"
#include "cli/webhook_custom.h"
#include "cli/webhook_json.h"

const char *sms_vector_member(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text == NULL ? "" : text;
}

static void read_headers(struct sms_vector *v)
{
	const char *name;
	json_t *value;

	json_object_foreach(json_object_get(v->json, "headers"), name, value)
	{
		size_t n = v->request.n_headers++;

		assert_true(n < SMS_VECTOR_HEADERS_MAX && strlen(name) < 64);
		for (size_t i = 0; name[i] != '\0'; i++) {
			v->names[n][i] = name[i] >= 'A' && name[i] <= 'Z'
			    ? (char)(name[i] + 32)
			    : name[i];
		}
		v->headers[n].name = v->names[n];
		v->headers[n].value = bytes_str(json_string_value(value));
	}
	v->request.headers = v->headers;
}

/* What the vectors' description says of single gateways. */
static const struct {
	const char *type;
	enum sms_numbers numbers;
	const char *account, *sig_method;
} settings[] = {
	{ "vonage-sms", SMS_INTERNATIONAL, NULL, NULL },
	{ "vonage-messages", SMS_INTERNATIONAL, "a1b2c3d", NULL },
	{ "plivo", SMS_INTERNATIONAL, NULL, "v2" },
	{ "infobip", SMS_INTERNATIONAL, NULL, NULL },
	{ "sinch", SMS_INTERNATIONAL, NULL, "fresh" },
	{ "messagebird", SMS_INTERNATIONAL, NULL, NULL },
	{ "clickatell", SMS_INTERNATIONAL, NULL, NULL },
	{ "jasmin", SMS_INTERNATIONAL, NULL, NULL },
};

static void set(struct sms_vector *v, const char *type)
{
	v->gateway.numbers = SMS_NATIONAL;
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		if (strcmp(settings[i].type, type) == 0) {
			v->gateway.numbers = settings[i].numbers;
			v->gateway.account = settings[i].account;
			v->gateway.sig_method = settings[i].sig_method;
		}
	}
	if (json_object_get(v->json, "sig_method") != NULL) {
		v->gateway.sig_method =
		    sms_vector_member(v->json, "sig_method");
	}
}

static void set_custom(struct sms_vector *v)
{
	struct custom_words words = { .fields = NULL };
	size_t i;
	json_t *option;

	json_array_foreach(json_object_get(v->json, "custom"), i, option)
	{
		assert_true(webhook_set(&words, json_string_value(option)));
	}
	assert_null(webhook_custom(&words, &v->custom, &v->gateway));
}

bool sms_vector_load(struct sms_vector *v, const json_t *json)
{
	const char *url = sms_vector_member(json, "url");
	const char *query = strchr(url, '?');
	size_t url_len = query == NULL ? strlen(url) : (size_t)(query - url);
	const char *body = sms_vector_member(json, "body_b64");

	memset(v, 0, sizeof(*v));
	v->json = json;
	v->gateway.adapter =
	    sms_adapter_find(sms_vector_member(json, "provider"));
	if (v->gateway.adapter == NULL) {
		return false;
	}
	assert_true(url_len < sizeof(v->url));
	memcpy(v->url, url, url_len);
	v->gateway.name = "g1";
	v->gateway.url = v->url;
	v->gateway.n_secrets = 1;
	v->gateway.secrets[0] =
	    bytes_str(sms_vector_member(json, "secret_or_public_key"));
	memcpy(v->gateway.region, "KH", 3);
	set(v, sms_vector_member(json, "provider"));
	set_custom(v);
	/* some have a segment that is none */
	(void)webhook_path(
	    &v->gateway, webhook_url_path(v->url), &v->request.segment);
	v->request.is_get =
	    strcmp(sms_vector_member(json, "method"), "GET") == 0;
	v->request.query = bytes_str(query == NULL ? "" : query + 1);
	v->request.now_s = json_integer_value(json_object_get(json, "now"));
	assert_int_equal(dec_b64(B64_STD, body, strlen(body), v->body,
			     sizeof(v->body), &v->request.body.len),
	    TL_OK);
	v->request.body.at = v->body;
	read_headers(v);
	return true;
}
