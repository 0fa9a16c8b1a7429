/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/keyd_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/envelope.h"
#include "crypto/keyfile.h"
#include "crypto/seal.h"
#include "crypto/start.h"
#include "tests/lib/tempdir.h"

#define OUT_ROOM (FRAME_HEAD_BYTES + FRAME_RECORD_BYTES)

const struct keyd_person keyd_people[3] = {
	{ "sok", "first", RING_SUPERVISOR },
	{ "dara", "second", RING_OFFICER },
	{ "vanna", "third", RING_ADMINISTRATOR },
};

void keyd_rig_start(struct keyd_rig *rig)
{
	uint8_t key[64], public_key[32];

	memset(rig, 0, sizeof(*rig));
	assert_int_equal(crypto_start(), TL_OK);
	rig->dir = tempdir_make();
	(void)snprintf(rig->ring, sizeof(rig->ring), "%s/team.ring", rig->dir);
	(void)snprintf(
	    rig->receipt, sizeof(rig->receipt), "%s/receipt.key", rig->dir);
	keyfile_new_pair(key, rig->receipt_public);
	assert_int_equal(
	    keyfile_save(rig->receipt, KEY_RECEIPT_SIGN, key), TL_OK);
	keyfile_new_pair(rig->intake, public_key);
	rig->now_ms = 1000;
	buf_init(&rig->out, OUT_ROOM);
}

void keyd_rig_stop(struct keyd_rig *rig)
{
	keyd_free(rig->keyd);
	buf_free(&rig->out);
	tempdir_remove(rig->dir);
}

struct ring *keyd_rig_people(void)
{
	struct ring *ring = NULL;

	assert_int_equal(
	    ring_new(keyd_people[0].name, bytes_str(keyd_people[0].passphrase),
		pwhash_least, &ring),
	    TL_OK);
	for (size_t i = 1; i < 3; i++) {
		assert_int_equal(
		    ring_officer_set(ring, keyd_people[i].name,
			keyd_people[i].role,
			bytes_str(keyd_people[i].passphrase), pwhash_least),
		    TL_OK);
	}
	return ring;
}

void keyd_rig_run(struct keyd_rig *rig, uint64_t idle_ms, bool needs_code)
{
	const struct keyd_opts opts = {
		.ring = rig->ring,
		.receipt_key = rig->receipt,
		.idle_ms = idle_ms,
		.needs_code = needs_code,
		.now_s = rig->now_s,
	};

	keyd_free(rig->keyd);
	rig->keyd = NULL;
	assert_int_equal(keyd_new(&opts, &rig->keyd), TL_OK);
}

enum tl_err keyd_rig_give(struct keyd_rig *rig, struct frame *ret)
{
	struct buf asked = rig->out;
	struct frame frame;
	enum tl_err err;

	buf_init(&rig->out, OUT_ROOM);
	assert_int_equal(
	    frame_get(asked.data, asked.len, FRAME_FROM_DESK, &frame), TL_OK);
	err =
	    keyd_answer(rig->keyd, &frame, rig->now_ms, rig->now_s, &rig->out);
	buf_free(&asked);
	if (err == TL_OK) {
		assert_int_equal(frame_get(rig->out.data, rig->out.len,
				     FRAME_FROM_KEYD, ret),
		    TL_OK);
	}
	return err;
}

struct keyd_unlocked_as keyd_rig_unlock(struct keyd_rig *rig, const char *name,
    const char *passphrase, const char *code)
{
	const struct keyd_unlock ask = { .name = bytes_str(name),
		.passphrase = bytes_str(passphrase),
		.code = bytes_str(code) };
	struct keyd_unlocked_as as = { .result = KEYD_FAILING };
	struct frame frame;

	buf_reset(&rig->out);
	keyd_put_unlock(&rig->out, &ask);
	assert_int_equal(keyd_rig_give(rig, &frame), TL_OK);
	assert_int_equal(keyd_read_unlocked(&frame, &as), TL_OK);
	return as;
}

void keyd_rig_seal(const struct keyd_rig *rig, const uint8_t epoch[32],
    struct bytes report, struct buf *envelope)
{
	const struct seal_content content = { .report = report,
		.raw = bytes_str("raw") };
	struct sealer *sealer = NULL;
	uint8_t id[16], keys[1][32];

	memset(id, 7, sizeof(id));
	memcpy(keys[0], epoch, sizeof(keys[0]));
	assert_int_equal(
	    sealer_new((const uint8_t(*)[32])keys, 1, rig->intake, &sealer),
	    TL_OK);
	assert_int_equal(sealer_seal(sealer, id, &content, envelope), TL_OK);
	sealer_free(sealer);
}

struct keyd_opened keyd_rig_open(struct keyd_rig *rig,
    const uint8_t token[KEYD_TOKEN_BYTES], const struct buf *envelope)
{
	struct keyd_open ask = {
		.envelope = bytes_of(envelope->data, envelope->len),
	};
	struct keyd_opened opened;
	struct frame frame;

	memcpy(ask.token, token, sizeof(ask.token));
	buf_reset(&rig->out);
	keyd_put_open(&rig->out, &ask);
	assert_int_equal(keyd_rig_give(rig, &frame), TL_OK);
	assert_int_equal(keyd_read_opened(&frame, &opened), TL_OK);
	return opened;
}

uint8_t keyd_rig_open_small(struct keyd_rig *rig,
    const uint8_t token[KEYD_TOKEN_BYTES], const uint8_t epoch[32])
{
	struct buf envelope;
	uint8_t result;

	buf_init(&envelope, ENVELOPE_MAX_BYTES);
	keyd_rig_seal(rig, epoch, bytes_str("a tip"), &envelope);
	result = keyd_rig_open(rig, token, &envelope).result;
	buf_free(&envelope);
	return result;
}
