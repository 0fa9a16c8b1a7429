/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/open_proof.h"

#include <strings.h>

#include "base/enc.h"
#include "base/wipe.h"
#include "sms/proof.h"

#define CREDENTIALS_MAX_BYTES 512u

static bool is_segment(struct bytes text)
{
	uint8_t bytes[32];
	size_t len = 0;
	bool good = text.len == OPEN_SEGMENT_CHARS &&
	    dec_b64(B64_URL, (const char *)text.at, text.len, bytes,
		sizeof(bytes), &len) == TL_OK;

	wipe(bytes, sizeof(bytes));
	return good;
}

struct open_secret open_secret_of(struct bytes secret)
{
	struct open_secret halves = { { NULL, 0 }, { NULL, 0 } };

	if (is_segment(secret)) {
		halves.segment = secret;
	} else if (secret.len > OPEN_SEGMENT_CHARS &&
	    secret.at[OPEN_SEGMENT_CHARS] == '/' &&
	    is_segment(bytes_of(secret.at, OPEN_SEGMENT_CHARS))) {
		halves.segment = bytes_of(secret.at, OPEN_SEGMENT_CHARS);
		halves.credentials =
		    bytes_of(secret.at + OPEN_SEGMENT_CHARS + 1,
			secret.len - OPEN_SEGMENT_CHARS - 1);
	} else {
		halves.credentials = secret;
	}
	return halves;
}

static bool is_credentials(struct bytes text)
{
	const uint8_t *colon =
	    text.len == 0 ? NULL : memchr(text.at, ':', text.len);

	return colon != NULL && colon != text.at &&
	    colon != text.at + text.len - 1 &&
	    text.len <= CREDENTIALS_MAX_BYTES;
}

const char *open_secret_fault(struct bytes secret)
{
	struct open_secret halves = open_secret_of(secret);

	if (halves.segment.len == secret.len && secret.len > 0) {
		return NULL;
	}
	return is_credentials(halves.credentials)
	    ? NULL
	    : "the secret is user:password for Basic; or 43 characters of"
	      " base64url (32 random bytes), which the URL has as its last"
	      " segment; or both as segment/user:password";
}

const char *open_segment_fault(struct bytes secret)
{
	return is_segment(secret)
	    ? NULL
	    : "the secret is 43 characters of base64url (32 random bytes),"
	      " which the URL has as its last segment";
}

/* user:password of the request; empty if there is none. */
static struct bytes read_basic(const struct sms_request *request,
    uint8_t given[static CREDENTIALS_MAX_BYTES])
{
	const struct bytes *header = sms_header_find(request, "authorization");
	size_t at = sizeof("Basic ") - 1;
	size_t len = 0;

	if (header == NULL || header->len <= at ||
	    strncasecmp((const char *)header->at, "Basic ", at) != 0) {
		return bytes_of(NULL, 0);
	}
	while (at < header->len && header->at[at] == ' ') {
		at++;
	}
	if (dec_b64(B64_STD, (const char *)header->at + at, header->len - at,
		given, CREDENTIALS_MAX_BYTES, &len) != TL_OK) {
		len = 0;
	}
	return bytes_of(given, len);
}

enum tl_err open_verify(const struct sms_gateway *gateway,
    const struct sms_request *request, const char **ret_why)
{
	uint8_t buffer[CREDENTIALS_MAX_BYTES];
	struct bytes given = read_basic(request, buffer);
	bool right_path = false;
	bool held = false;

	for (size_t i = 0; i < gateway->n_secrets; i++) {
		struct open_secret ours = open_secret_of(gateway->secrets[i]);
		bool path = proof_is_secret(ours.segment, request->segment);
		bool basic = ours.credentials.len == 0 ||
		    proof_is_secret(ours.credentials, given);

		right_path |= path;
		held |= path && basic;
	}
	wipe(buffer, sizeof(buffer));
	if (held) {
		return TL_OK;
	}
	if (!right_path) {
		*ret_why = "the path does not end as this gateway's secret"
			   " says";
	} else if (given.len == 0) {
		*ret_why = "there are no Basic credentials: put user:password@"
			   " into the URL that the gateway calls";
	} else {
		*ret_why = "user and password are not the configured ones";
	}
	return TL_EPROOF;
}
