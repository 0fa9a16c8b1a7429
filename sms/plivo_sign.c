/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/plivo_sign.h"

#include "base/wipe.h"
#include "sms/form.h"
#include "sms/proof.h"

#define TEXT_MAX_BYTES (256u * 1024u)

static const char *const headers[2][3] = {
	/* signature, of the main account, nonce */
	{ "x-plivo-signature-v2", "x-plivo-signature-ma-v2",
	    "x-plivo-signature-v2-nonce" },
	{ "x-plivo-signature-v3", "x-plivo-signature-ma-v3",
	    "x-plivo-signature-v3-nonce" },
};

bool plivo_has_v3(const struct sms_request *request)
{
	for (size_t i = 0; i < request->n_headers; i++) {
		for (size_t k = 0; k < 3; k++) {
			if (strcmp(request->headers[i].name, headers[1][k]) ==
			    0) {
				return true;
			}
		}
	}
	return false;
}

const struct bytes *plivo_nonce(const struct sms_request *request)
{
	return sms_header_find(
	    request, headers[plivo_has_v3(request) ? 1 : 0][2]);
}

/* Sorted pairs, name and value with between in the middle, joint between
 * pairs. */
static enum tl_err put_sorted(struct bytes encoded, const char *between,
    const char *joint, struct buf *out)
{
	struct form *form = NULL;
	enum tl_err err = form_decode(encoded, &form);

	if (err != TL_OK) {
		return err;
	}
	form_sort(form);
	for (size_t i = 0; i < form_count(form); i++) {
		const struct form_pair *pair = form_at(form, i);

		buf_put_str(out, i > 0 ? joint : "");
		buf_put(out, pair->name.at, pair->name.len);
		buf_put_str(out, between);
		buf_put(out, pair->value.at, pair->value.len);
	}
	form_free(form);
	return buf_err(out);
}

/* What V3 has between address and nonce. */
static enum tl_err put_parameters(
    const struct sms_request *request, struct buf *out)
{
	struct bytes body = request->is_get ? bytes_of(NULL, 0) : request->body;
	size_t before;
	enum tl_err err;

	if (request->query.len > 0 || body.len > 0) {
		buf_put_str(out, "?");
	}
	before = out->len;
	err = put_sorted(request->query, "=", "&", out);
	if (err == TL_OK && out->len > before && body.len > 0) {
		buf_put_str(out, ".");
	}
	if (err == TL_OK) {
		err = put_sorted(body, "", "", out);
	}
	buf_put_str(out, ".");
	return err == TL_OK ? buf_err(out) : err;
}

/* Compare mac with each signature of a comma list. */
static bool is_listed(
    struct bytes list, const uint8_t mac[static DIGEST_SHA256_BYTES])
{
	bool found = false;

	while (list.len > 0) {
		const uint8_t *comma = memchr(list.at, ',', list.len);
		size_t len =
		    comma == NULL ? list.len : (size_t)(comma - list.at);
		struct bytes one = bytes_of(list.at, len);
		uint8_t given[DIGEST_SHA256_BYTES];

		while (one.len > 0 && one.at[0] == ' ') {
			one = bytes_of(one.at + 1, one.len - 1);
		}
		found |= proof_read_b64(one, given, sizeof(given)) &&
		    digest_equal(mac, given, sizeof(given));
		len += comma == NULL ? 0 : 1;
		list = bytes_of(list.at + len, list.len - len);
	}
	return found;
}

/* One HMAC for each secret, however many signatures a stranger lists. */
static enum tl_err try_url(const struct sms_gateway *gateway,
    const struct sms_request *request, bool v3, const struct bytes pieces[3],
    bool *held)
{
	uint8_t mac[DIGEST_MAX_BYTES];
	enum tl_err err = TL_OK;

	for (size_t i = 0; err == TL_OK && i < gateway->n_secrets; i++) {
		err = digest_hmac(
		    DIGEST_SHA256, mac, gateway->secrets[i], pieces, 3);
		for (size_t k = 0; err == TL_OK && k < 2; k++) {
			const struct bytes *list =
			    sms_header_find(request, headers[v3 ? 1 : 0][k]);

			*held |= list != NULL && is_listed(*list, mac);
		}
	}
	wipe(mac, sizeof(mac));
	return err;
}

enum tl_err plivo_verify(const struct sms_gateway *gateway,
    const struct sms_request *request, bool v3, const char **ret_why)
{
	const char *urls[] = { gateway->url, gateway->fallback_url };
	const struct bytes *nonce = plivo_nonce(request);
	struct buf middle;
	bool held = false;
	enum tl_err err = TL_OK;

	if (nonce == NULL || nonce->len == 0) {
		*ret_why = "there is no signature, or no nonce with it";
		return TL_EPROOF;
	}
	buf_init(&middle, TEXT_MAX_BYTES);
	if (v3) {
		err = put_parameters(request, &middle);
	}
	for (size_t i = 0; err == TL_OK && i < 2; i++) {
		const struct bytes pieces[3] = { proof_url(urls[i]),
			bytes_of(middle.data, middle.len), *nonce };

		if (pieces[0].len > 0) {
			err = try_url(gateway, request, v3, pieces, &held);
		}
	}
	buf_free(&middle);
	if (err == TL_OK && !held) {
		*ret_why = "the signature is not one over this gateway's url"
			   " with its token: compare both with Plivo's console";
		err = TL_EPROOF;
	}
	return err;
}
