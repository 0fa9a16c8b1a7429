/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Twilio and Somleng with a signature that holds: whatever is signed is kept,
 * or is a report on a sent text. The first byte chooses: f form, g GET, j
 * JSON, s Somleng's form. The same bytes with a proof over other bytes are
 * never taken.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/enc.h"
#include "crypto/digest.h"
#include "tests/lib/sms_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define FORM "application/x-www-form-urlencoded"
#define JSON "application/json"

static void run_get(struct sms_fake *fake, struct bytes rest)
{
	char *query = malloc(rest.len + 1);

	if (query == NULL) {
		abort();
	}
	memcpy(query, rest.at, rest.len);
	query[rest.len] = '\0';
	sms_fake_get(fake, query, NULL);
	sms_check_genuine(fake, true);
	free(query);
}

static void run_json(struct sms_fake *fake, struct bytes rest)
{
	uint8_t digest[DIGEST_SHA256_BYTES];
	struct buf query;

	buf_init(&query, 256);
	buf_put_str(&query, "bodySHA256=");
	digest_sha256(digest, rest);
	enc_hex(&query, digest, sizeof(digest));
	buf_put_u8(&query, 0);
	assert(buf_err(&query) == TL_OK);
	sms_fake_post(fake, (const char *)query.data, JSON, rest, NULL);
	sms_check_genuine(fake, true);
	buf_free(&query);
}

static void run_form(struct sms_fake *fake, struct bytes rest)
{
	sms_fake_post(fake, NULL, FORM, rest, NULL);
	sms_check_genuine(fake, true);
	sms_fake_post(fake, NULL, FORM, rest, "another-secret");
	assert(sms_fake_take(fake) == SMS_NO_PROOF);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct sms_fake fake;
	struct bytes rest;

	if (len == 0) {
		return 0;
	}
	rest = bytes_of(data + 1, len - 1);
	sms_fake_init(&fake, data[0] == 's' ? "somleng" : "twilio");
	if (data[0] == 'g') {
		run_get(&fake, rest);
	} else if (data[0] == 'j') {
		run_json(&fake, rest);
	} else {
		run_form(&fake, rest);
	}
	return 0;
}
