/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/envelope, crypto/open. The first byte chooses: bytes as they come;
 * a content, which must come back; or changes to a good envelope, which must
 * be refused wherever they fall, but in the signature.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/rd.h"
#include "base/wipe.h"
#include "crypto/envelope.h"
#include "crypto/keyfile.h"
#include "crypto/open.h"
#include "crypto/seal.h"
#include "crypto/start.h"
#include "crypto/teamkey.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* "north" of tests/vectors/envelope.json, so that its envelopes are seeds */
static const uint8_t secret[32] = { 0xa3, 0x00, 0xcb, 0xfc, 0x40, 0xb8, 0x9c,
	0x1e, 0xe7, 0x2a, 0x00, 0x86, 0x3a, 0x38, 0x8d, 0x8d, 0x94, 0xc4, 0x30,
	0x4d, 0x0e, 0x1a, 0xe5, 0xf1, 0x1f, 0x1d, 0x12, 0x7a, 0x8f, 0xa3, 0xdb,
	0x58 };
static const uint8_t id[16] = "the fuzzed tip";
static struct team_key *team;
static struct sealer *sealer;
static uint8_t verify_key[1][32];

static void set_up(void)
{
	uint8_t sign_key[64];
	uint8_t public_key[1][32];

	if (crypto_start() != TL_OK || teamkey_of(secret, &team) != TL_OK) {
		abort();
	}
	memcpy(public_key[0], teamkey_public(team), 32);
	keyfile_new_pair(sign_key, verify_key[0]);
	if (sealer_new((const uint8_t(*)[32])public_key, 1, sign_key,
		&sealer) != TL_OK) {
		abort();
	}
	wipe(sign_key, sizeof(sign_key));
}

static enum tl_err open_it(const uint8_t *bytes, size_t len, struct opened *ret)
{
	return envelope_open(team, (const uint8_t(*)[32])verify_key, 1,
	    bytes_of(bytes, len), ret);
}

static void as_it_comes(const uint8_t *data, size_t len)
{
	struct envelope e;
	struct opened opened = { 0 };
	enum tl_err peeked = envelope_peek(bytes_of(data, len), &e);

	if (peeked == TL_OK) {
		assert(e.head_and_body.len + ENVELOPE_SIGNATURE_BYTES == len);
		assert(e.bound.len + e.body.len == e.head_and_body.len);
		assert(e.signature == data + e.head_and_body.len);
	}
	if (open_it(data, len, &opened) == TL_OK) {
		assert(peeked == TL_OK);
		assert(opened.report_len + opened.raw_len +
			ENVELOPE_LENGTHS_BYTES <=
		    e.plain_len);
		assert(!opened.signed_by_us);
	}
	opened_free(&opened);
}

/* The first byte says how much of it is the report. */
static void as_content(const uint8_t *data, size_t len)
{
	size_t report_len = len > 0 ? data[0] * len / 256 : 0;
	const struct seal_content content = {
		.report = bytes_of(data, report_len),
		.raw = bytes_of(data + report_len, len - report_len),
	};
	struct opened opened = { 0 };
	struct buf out;
	enum tl_err err;

	buf_init(&out, ENVELOPE_MAX_BYTES);
	err = sealer_seal(sealer, id, &content, &out);
	assert(err == TL_OK && out.len <= seal_bytes_max(&content));
	err = open_it(out.data, out.len, &opened);
	assert(err == TL_OK && opened.signed_by_us);
	assert(opened.report_len == report_len);
	assert(opened.raw_len == len - report_len);
	/* one stands behind the other, as they came */
	assert(len == 0 || memcmp(opened.report, data, len) == 0);
	assert(memcmp(opened.id, id, sizeof(id)) == 0);
	opened_free(&opened);
	buf_free(&out);
}

/* Triples of two bytes of offset and one to XOR there. */
static void as_changes(const uint8_t *data, size_t len)
{
	const struct seal_content content = { .report = bytes_str("changed?") };
	struct opened opened = { 0 };
	struct rd rd = rd_of(data, len);
	struct buf sealed;
	struct buf changed;
	size_t from;
	enum tl_err err;

	buf_init(&sealed, ENVELOPE_MAX_BYTES);
	buf_init(&changed, ENVELOPE_MAX_BYTES);
	err = sealer_seal(sealer, id, &content, &sealed);
	assert(err == TL_OK);
	buf_put(&changed, sealed.data, sealed.len);
	while (rd.left >= 3) {
		size_t at = rd_u16(&rd) % changed.len;

		changed.data[at] ^= rd_u8(&rd);
	}
	from = sealed.len - ENVELOPE_SIGNATURE_BYTES;
	err = open_it(changed.data, changed.len, &opened);
	assert(
	    (err == TL_OK) == (memcmp(changed.data, sealed.data, from) == 0));
	if (err == TL_OK) {
		assert(opened.signed_by_us ==
		    (memcmp(changed.data + from, sealed.data + from,
			 ENVELOPE_SIGNATURE_BYTES) == 0));
	}
	opened_free(&opened);
	buf_free(&sealed);
	buf_free(&changed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (team == NULL) {
		set_up();
	}
	if (len == 0) {
		return 0;
	}
	if (data[0] == 'r') {
		as_content(data + 1, len - 1);
	} else if (data[0] == 'c') {
		as_changes(data + 1, len - 1);
	} else {
		/* an envelope begins with its own first byte */
		as_it_comes(data, len);
	}
	return 0;
}
