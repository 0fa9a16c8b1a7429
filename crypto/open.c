/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/open.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

#include "base/rd.h"
#include "base/wipe.h"
#include "crypto/envelope.h"
#include "crypto/envelope_signed.h"
#include "crypto/secret.h"

#define CONTENT_KEY_BYTES crypto_secretstream_xchacha20poly1305_KEYBYTES

/* What is needed only until the envelope is open. */
struct opening {
	uint8_t content_key[CONTENT_KEY_BYTES];
	crypto_secretstream_xchacha20poly1305_state stream;
};

static enum envelope_fault unwrap(const struct team_key *team,
    const struct envelope *e, struct opening *opening)
{
	uint8_t key_id[ENVELOPE_KEY_ID_BYTES];

	envelope_key_id(key_id, teamkey_public(team));
	for (size_t i = 0; i < e->n_recipients; i++) {
		const uint8_t *slot = e->slots + i * ENVELOPE_SLOT_BYTES;

		if (memcmp(slot, key_id, sizeof(key_id)) != 0) {
			continue;
		}
		/* no slot stands twice, so this is the only one */
		return crypto_box_seal_open(opening->content_key,
			   slot + ENVELOPE_KEY_ID_BYTES, ENVELOPE_WRAP_BYTES,
			   teamkey_public(team), teamkey_secret(team)) == 0
		    ? ENVELOPE_FINE
		    : ENVELOPE_WRAP;
	}
	return ENVELOPE_STRANGER;
}

/* Decrypt the body into plain, which has room for e->plain_len bytes. */
static enum envelope_fault decrypt(
    const struct envelope *e, struct opening *opening, uint8_t *plain)
{
	const uint8_t *sealed = e->body.at;

	/* derives a key from header and content key: nothing to be refused */
	(void)crypto_secretstream_xchacha20poly1305_init_pull(
	    &opening->stream, e->stream, opening->content_key);
	for (size_t at = 0; at < e->plain_len; at += ENVELOPE_CHUNK_BYTES) {
		size_t left = e->plain_len - at;
		size_t len =
		    left < ENVELOPE_CHUNK_BYTES ? left : ENVELOPE_CHUNK_BYTES;
		size_t sealed_len = len + ENVELOPE_CHUNK_EXTRA_BYTES;
		uint8_t want = len == left
		    ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
		    : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
		uint8_t tag = 0;

		if (crypto_secretstream_xchacha20poly1305_pull(&opening->stream,
			plain + at, NULL, &tag, sealed, sealed_len,
			at == 0 ? e->bound.at : NULL,
			at == 0 ? e->bound.len : 0) != 0) {
			return ENVELOPE_BODY;
		}
		if (tag != want) {
			return ENVELOPE_TAG;
		}
		sealed += sealed_len;
	}
	assert(sealed == e->body.at + e->body.len);
	return ENVELOPE_FINE;
}

/* Lengths, report, raw bytes, zeros: move what is between them to the front
 * of plain. */
static enum envelope_fault unpad(uint8_t *plain, size_t plain_len,
    size_t *ret_report_len, size_t *ret_raw_len)
{
	struct rd rd = rd_of(plain, plain_len);
	size_t report_len = rd_u32(&rd);
	size_t raw_len = rd_u32(&rd);
	/* of two numbers of 32 bits; refused by rd_bytes() if it is too much */
	const uint8_t *content = rd_bytes(&rd, report_len + raw_len);

	if (content == NULL || sodium_is_zero(rd.at, rd.left) == 0) {
		return ENVELOPE_PADDING;
	}
	memmove(plain, content, report_len + raw_len);
	/* no stale copy of the last bytes behind the end */
	wipe(plain + report_len + raw_len, ENVELOPE_LENGTHS_BYTES);
	*ret_report_len = report_len;
	*ret_raw_len = raw_len;
	return ENVELOPE_FINE;
}

/* Steps 4 to 8 of the order of checks, then what is told of the signature. */
static enum envelope_fault open_read(const struct team_key *team,
    const uint8_t (*intake_verify)[32], size_t n_intakes,
    const struct envelope *e, struct opened *ret)
{
	struct opening *opening = secret_alloc(sizeof(*opening));
	uint8_t *plain = secret_alloc(e->plain_len);
	size_t report_len = 0;
	size_t raw_len = 0;
	enum envelope_fault fault = ENVELOPE_NO_MEMORY;

	if (opening == NULL || plain == NULL) {
		goto out;
	}
	fault = unwrap(team, e, opening);
	if (fault == ENVELOPE_FINE) {
		fault = decrypt(e, opening, plain);
	}
	if (fault == ENVELOPE_FINE) {
		fault = unpad(plain, e->plain_len, &report_len, &raw_len);
	}
	if (fault != ENVELOPE_FINE) {
		goto out;
	}
	*ret = (struct opened){
		.report = plain,
		.report_len = report_len,
		.raw = plain + report_len,
		.raw_len = raw_len,
		.signed_by_us = envelope_signed_by(e, intake_verify, n_intakes),
	};
	memcpy(ret->id, e->id, sizeof(ret->id));
	memcpy(
	    ret->intake_key_id, e->intake_key_id, sizeof(ret->intake_key_id));
	plain = NULL;
out:
	secret_free(plain);
	secret_free(opening);
	return fault;
}

enum envelope_fault envelope_open_with(const struct team_key *team,
    const uint8_t (*intake_verify)[32], size_t n_intakes, struct bytes envelope,
    struct opened *ret)
{
	struct envelope e;
	enum envelope_fault fault = envelope_read(envelope, &e);

	if (fault == ENVELOPE_FINE) {
		fault = open_read(team, intake_verify, n_intakes, &e, ret);
	}
	return fault;
}

enum tl_err envelope_open(const struct team_key *team,
    const uint8_t (*intake_verify)[32], size_t n_intakes, struct bytes envelope,
    struct opened *ret)
{
	return envelope_fault_err(
	    envelope_open_with(team, intake_verify, n_intakes, envelope, ret));
}

/* The first slot whose epoch is ours and there. */
static enum envelope_fault pick(
    struct ring *ring, const struct envelope *e, const struct team_key **ret)
{
	enum envelope_fault fault = ENVELOPE_STRANGER;

	for (size_t i = 0; i < e->n_recipients; i++) {
		size_t epoch = 0;
		enum tl_err err =
		    ring_find(ring, e->slots + i * ENVELOPE_SLOT_BYTES, &epoch);

		if (err == TL_OK) {
			err = ring_key(ring, epoch, ret);
			if (err == TL_EPROOF) {
				return ENVELOPE_RING;
			}
			return err == TL_OK ? ENVELOPE_FINE
					    : ENVELOPE_NO_MEMORY;
		}
		if (err == TL_ESTALE) {
			fault = ENVELOPE_DESTROYED;
		}
	}
	return fault;
}

enum envelope_fault envelope_open_ring(struct ring *ring,
    const uint8_t (*intake_verify)[32], size_t n_intakes, struct bytes envelope,
    struct opened *ret)
{
	const struct team_key *team = NULL;
	struct envelope e;
	enum envelope_fault fault = envelope_read(envelope, &e);

	if (fault == ENVELOPE_FINE) {
		fault = pick(ring, &e, &team);
	}
	if (fault == ENVELOPE_FINE) {
		fault = open_read(team, intake_verify, n_intakes, &e, ret);
	}
	return fault;
}

void opened_free(struct opened *o)
{
	secret_free(o->report);
	*o = (struct opened){ .report = NULL };
}
