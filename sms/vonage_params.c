/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/vonage_params.h"

#include <stdlib.h>

#include "base/wipe.h"
#include "sms/json.h"
#include "sms/proof.h"
#include "sms/sign_url.h"

#define FORM_MAX_BYTES (4u * 1024u * 1024u)

const char *const vonage_methods[] = { "sha256", "sha512", "sha1", "md5",
	"md5hash", NULL };
static const enum digest_kind kinds[] = { DIGEST_SHA256, DIGEST_SHA512,
	DIGEST_SHA1, DIGEST_MD5, DIGEST_MD5 };
#define METHOD_MD5HASH 4u

/* Each byte as %XX, for the form decoder. */
static void put_escaped(struct buf *out, struct bytes text)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < text.len; i++) {
		buf_put_u8(out, '%');
		buf_put_u8(out, (uint8_t)digits[text.at[i] >> 4]);
		buf_put_u8(out, (uint8_t)digits[text.at[i] & 15]);
	}
}

static void put_value(struct buf *out, const json_t *value)
{
	char *spelt;

	if (json_is_string(value)) {
		put_escaped(out,
		    bytes_of(
			json_string_value(value), json_string_length(value)));
		return;
	}
	spelt = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	put_escaped(out, bytes_str(spelt));
	if (spelt != NULL) {
		wipe(spelt, strlen(spelt));
	}
	free(spelt);
}

static enum tl_err read_json(struct bytes body, struct form **ret_form)
{
	json_t *object = NULL;
	const char *name;
	json_t *value;
	struct buf form;
	enum tl_err err = sms_json_load(body, &object);

	if (err != TL_OK) {
		return err;
	}
	buf_init(&form, FORM_MAX_BYTES);
	json_object_foreach(object, name, value)
	{
		put_escaped(&form, bytes_str(name));
		buf_put_str(&form, "=");
		put_value(&form, value);
		buf_put_str(&form, "&");
	}
	err = buf_err(&form);
	if (err == TL_OK) {
		err = form_decode(bytes_of(form.data, form.len), ret_form);
	}
	buf_free(&form);
	json_decref(object);
	return err;
}

enum tl_err vonage_params(
    const struct sms_request *request, struct form **ret_form)
{
	if (request->is_get) {
		return form_decode(request->query, ret_form);
	}
	if (sign_url_body_is(request, "application/json")) {
		return read_json(request->body, ret_form);
	}
	return form_decode(request->body, ret_form);
}

static void put_masked(struct buf *out, struct bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];

		buf_put_u8(out, c == '&' || c == '=' ? '_' : c);
	}
}

void vonage_signed_text(struct form *form, struct buf *out)
{
	out->max = FORM_MAX_BYTES;
	form_sort(form);
	for (size_t i = 0; i < form_count(form); i++) {
		const struct form_pair *pair = form_at(form, i);

		if (!bytes_equal(pair->name, bytes_str("sig"))) {
			buf_put_str(out, "&");
			put_masked(out, pair->name);
			buf_put_str(out, "=");
			put_masked(out, pair->value);
		}
	}
}

/* md5hash is no HMAC: the secret stands behind the text. */
static enum tl_err try_hash(const struct sms_gateway *gateway,
    struct bytes text, const uint8_t *given, bool *held)
{
	uint8_t hash[DIGEST_MAX_BYTES];
	enum tl_err err = TL_OK;

	for (size_t i = 0; err == TL_OK && i < gateway->n_secrets; i++) {
		const struct bytes pieces[] = { text, gateway->secrets[i] };

		err = digest_pieces(DIGEST_MD5, hash, pieces, 2);
		if (err == TL_OK) {
			*held |=
			    digest_equal(hash, given, digest_bytes(DIGEST_MD5));
		}
	}
	return err;
}

enum tl_err vonage_check(
    const struct sms_gateway *gateway, struct form *form, const char **ret_why)
{
	size_t method = sms_sig_method(gateway);
	uint8_t given[DIGEST_MAX_BYTES];
	struct buf text;
	struct bytes piece;
	bool held = false;
	enum tl_err err;

	*ret_why = "sig is not one over all parameters with this gateway's"
		   " secret and sig_method";
	if (!proof_read_hex(
		form_value(form, "sig"), given, digest_bytes(kinds[method]))) {
		return TL_EPROOF;
	}
	buf_init(&text, 0);
	vonage_signed_text(form, &text);
	err = buf_err(&text);
	piece = bytes_of(text.data, text.len);
	if (err == TL_OK && method == METHOD_MD5HASH) {
		err = try_hash(gateway, piece, given, &held);
	} else if (err == TL_OK) {
		err =
		    proof_hmac(gateway, kinds[method], &piece, 1, given, &held);
	}
	buf_free(&text);
	return err == TL_OK && !held ? TL_EPROOF : err;
}
