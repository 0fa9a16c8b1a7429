/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/sign_url.h"

#include <strings.h>

#include "base/enc.h"
#include "base/wipe.h"
#include "crypto/digest.h"
#include "sms/form.h"

#define HEADER    "x-twilio-signature"
#define FORM_TYPE "application/x-www-form-urlencoded"
#define JSON_TYPE "application/json"

/* A configured URL without query and fragment, taken apart round its port. */
struct url {
	struct bytes head; /* scheme, credentials, host */
	struct bytes port; /* ":8443", or what the scheme implies */
	struct bytes tail; /* path */
};

static struct url take_apart(const char *text)
{
	struct bytes all = bytes_of(text, strcspn(text, "?#"));
	bool tls = strncmp(text, "https:", 6) == 0;
	const char *host = strstr(text, "://");
	size_t at = host == NULL ? 0 : (size_t)(host - text) + 3;
	size_t colon = 0;
	struct url url;

	for (; at < all.len && all.at[at] != '/'; at++) {
		if (all.at[at] == ':') {
			colon = at;
		} else if (all.at[at] == '@' || all.at[at] == ']') {
			colon = 0; /* it was in a password or an address */
		}
	}
	url.head = bytes_of(all.at, colon > 0 ? colon : at);
	url.port = colon > 0 ? bytes_of(all.at + colon, at - colon)
			     : bytes_str(tls ? ":443" : ":80");
	url.tail = bytes_of(all.at + at, all.len - at);
	return url;
}

struct signing {
	const struct sms_gateway *gateway;
	struct bytes query;
	struct bytes suffix; /* sorted names and values */
	uint8_t given[DIGEST_SHA1_BYTES];
	bool held;
	enum tl_err err;
};

static void try_one(struct signing *s, struct bytes secret,
    const struct url *url, struct bytes port)
{
	const struct bytes pieces[] = {
		url->head,
		port,
		url->tail,
		bytes_str(s->query.len > 0 ? "?" : ""),
		s->query,
		s->suffix,
	};
	uint8_t mac[DIGEST_SHA1_BYTES] = { 0 };
	enum tl_err err = digest_hmac_sha1(
	    mac, secret, pieces, sizeof(pieces) / sizeof(pieces[0]));
	bool equal = digest_equal(mac, s->given, sizeof(mac));

	if (err != TL_OK) {
		s->err = err;
	} else {
		s->held |= equal;
	}
	wipe(mac, sizeof(mac));
}

/* Every secret with every form of every URL, none left out. */
static void try_all(struct signing *s)
{
	const char *urls[] = { s->gateway->url, s->gateway->fallback_url };

	for (size_t u = 0; u < 2; u++) {
		struct url url;

		if (urls[u] == NULL || urls[u][0] == '\0') {
			continue;
		}
		url = take_apart(urls[u]);
		for (size_t i = 0; i < s->gateway->n_secrets; i++) {
			struct bytes secret = s->gateway->secrets[i];

			try_one(s, secret, &url, bytes_of(NULL, 0));
			try_one(s, secret, &url, url.port);
		}
	}
}

/* For every distinct name in byte order its distinct values in byte order,
 * each behind the name. */
static enum tl_err sort_form(struct bytes body, struct buf *suffix)
{
	struct form *form = NULL;
	enum tl_err err = form_decode(body, &form);

	if (err != TL_OK) {
		return err;
	}
	form_sort(form);
	for (size_t i = 0; i < form_count(form); i++) {
		const struct form_pair *pair = form_at(form, i);

		if (i > 0 &&
		    bytes_equal(pair->name, form_at(form, i - 1)->name) &&
		    bytes_equal(pair->value, form_at(form, i - 1)->value)) {
			continue;
		}
		buf_put(suffix, pair->name.at, pair->name.len);
		buf_put(suffix, pair->value.at, pair->value.len);
	}
	form_free(form);
	return buf_err(suffix);
}

static enum tl_err check_body_hash(
    const struct sms_request *request, const char **ret_why)
{
	uint8_t named[DIGEST_SHA256_BYTES];
	uint8_t is[DIGEST_SHA256_BYTES];
	struct form *query = NULL;
	struct bytes hex;
	size_t len = 0;
	enum tl_err err = form_decode(request->query, &query);

	if (err != TL_OK) {
		return err;
	}
	hex = form_value(query, "bodySHA256");
	digest_sha256(is, request->body);
	if (dec_hex((const char *)hex.at, hex.len, named, sizeof(named),
		&len) != TL_OK ||
	    len != sizeof(named) || !digest_equal(is, named, sizeof(is))) {
		*ret_why = "bodySHA256 in the query is not the body's hash";
		err = TL_EPROOF;
	}
	form_free(query);
	return err;
}

bool sign_url_body_is(const struct sms_request *request, const char *type)
{
	const struct bytes *header = sms_header_find(request, "content-type");
	size_t len = 0;

	if (header == NULL) {
		return false;
	}
	while (len < header->len && header->at[len] != ';' &&
	    header->at[len] != ' ' && header->at[len] != '\t') {
		len++;
	}
	return len == strlen(type) &&
	    strncasecmp((const char *)header->at, type, len) == 0;
}

static enum tl_err read_signature(const struct sms_request *request,
    uint8_t given[static DIGEST_SHA1_BYTES], const char **ret_why)
{
	const struct bytes *header = sms_header_find(request, HEADER);
	size_t len = 0;

	if (header == NULL) {
		*ret_why = "X-Twilio-Signature is missing or comes twice";
		return TL_EPROOF;
	}
	if (dec_b64(B64_STD, (const char *)header->at, header->len, given,
		DIGEST_SHA1_BYTES, &len) != TL_OK ||
	    len != DIGEST_SHA1_BYTES) {
		*ret_why = "X-Twilio-Signature is not 28 characters of base64";
		return TL_EPROOF;
	}
	return TL_OK;
}

enum tl_err sign_url_verify(const struct sms_gateway *gateway,
    const struct sms_request *request, unsigned bodies, const char **ret_why)
{
	struct signing s = { .gateway = gateway, .query = request->query };
	bool json = !request->is_get && (bodies & SIGN_JSON) != 0 &&
	    sign_url_body_is(request, JSON_TYPE);
	struct buf suffix;
	enum tl_err err = read_signature(request, s.given, ret_why);

	if (err != TL_OK) {
		return err;
	}
	buf_init(&suffix, request->body.len);
	if (json) {
		err = check_body_hash(request, ret_why);
	} else if (!request->is_get && sign_url_body_is(request, FORM_TYPE)) {
		err = sort_form(request->body, &suffix);
	} else if (!request->is_get) {
		*ret_why = "the content type is not one this gateway sends";
		err = TL_EPROOF;
	}
	if (err == TL_OK) {
		s.suffix = bytes_of(suffix.data, suffix.len);
		try_all(&s);
		err = s.err;
	}
	if (err == TL_OK && !s.held) {
		*ret_why = "the signature is not one over this gateway's url"
			   " with its secret: compare both with the"
			   " gateway's console";
		err = TL_EPROOF;
	}
	buf_free(&suffix);
	return err;
}
