/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/keyd_work: a desk that was taken says anything in any order, with the
 * tokens that it was given and with others. Tips are opened and mail is signed
 * for who is logged in, may read tips and has not been idle, and for nobody
 * else; what is no frame has no answer, each other one has one.
 *
 * Input: commands: a byte says which (low three bits) and whose token or name,
 * another what of.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rd.h"
#include "crypto/envelope.h"
#include "crypto/keyfile.h"
#include "crypto/ring.h"
#include "crypto/seal.h"
#include "crypto/start.h"
#include "desk/keyd_talk.h"
#include "desk/keyd_work.h"

#define IDLE_MS  UINT64_C(600000)
#define OUT_ROOM (FRAME_HEAD_BYTES + FRAME_RECORD_BYTES)
#define SEEN_MAX 96u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct {
	const char *name, *passphrase;
	enum ring_role role;
} people[3] = {
	{ "sok", "first", RING_SUPERVISOR },
	{ "dara", "second", RING_OFFICER },
	{ "vanna", "third", RING_ADMINISTRATOR },
};

/* Who was logged in, as the desk knows it. */
struct seen {
	uint8_t token[KEYD_TOKEN_BYTES];
	enum keyd_role role;
	bool is_there;
	uint64_t began_ms, asked_ms;
};

static char dir[] = "/tmp/tipline-fuzz-keyd-XXXXXX";
static char ring_path[64], receipt_path[64];
static uint8_t epochs[2][KEY_BYTES]; /* the first is destroyed */
static struct buf envelopes[2];

static struct keyd *keyd;
static uint64_t now_ms;
static struct seen seen[SEEN_MAX];
static size_t n_seen;
static struct buf out;

/* ---- its files ---------------------------------------------------------- */

static void clean_up(void)
{
	(void)unlink(ring_path);
	(void)unlink(receipt_path);
	(void)rmdir(dir);
	for (size_t i = 0; i < 2; i++) {
		buf_free(&envelopes[i]);
	}
}

static void must(bool fine)
{
	if (!fine) {
		abort();
	}
}

static void make_ring(void)
{
	struct ring *ring = NULL;

	must(ring_new(people[0].name, bytes_str(people[0].passphrase),
		 pwhash_least, &ring) == TL_OK);
	for (size_t i = 1; i < 3; i++) {
		must(ring_officer_set(ring, people[i].name, people[i].role,
			 bytes_str(people[i].passphrase),
			 pwhash_least) == TL_OK);
	}
	must(ring_add(ring, 1000, 2000, epochs[0]) == TL_OK);
	must(ring_add(ring, 2000, 3000, epochs[1]) == TL_OK);
	must(ring_destroy(ring, 0, 3000) == TL_OK);
	must(ring_save(ring, ring_path, false) == TL_OK);
	ring_free(ring);
}

static void make_envelope(const uint8_t *intake, size_t epoch)
{
	const struct seal_content content = { .report = bytes_str("a tip") };
	const uint8_t id[16] = { 7 };
	struct sealer *sealer = NULL;

	buf_init(&envelopes[epoch], ENVELOPE_MAX_BYTES);
	must(sealer_new((const uint8_t(*)[KEY_BYTES]) & epochs[epoch], 1,
		 intake, &sealer) == TL_OK);
	must(sealer_seal(sealer, id, &content, &envelopes[epoch]) == TL_OK);
	sealer_free(sealer);
}

static void start(void)
{
	uint8_t key[KEY_SIGN_BYTES], public_key[KEY_BYTES];

	must(crypto_start() == TL_OK && mkdtemp(dir) != NULL);
	(void)snprintf(ring_path, sizeof(ring_path), "%s/team.ring", dir);
	(void)snprintf(receipt_path, sizeof(receipt_path), "%s/r.key", dir);
	(void)atexit(clean_up);
	keyfile_new_pair(key, public_key);
	must(keyfile_save(receipt_path, KEY_RECEIPT_SIGN, key) == TL_OK);
	make_ring();
	make_envelope(key, 0);
	make_envelope(key, 1);
}

/* ---- who is logged in --------------------------------------------------- */

static void let_idle_go(void)
{
	for (size_t i = 0; i < n_seen; i++) {
		if (now_ms - seen[i].asked_ms >= IDLE_MS ||
		    now_ms - seen[i].began_ms >= KEYD_SHIFT_MS) {
			seen[i].is_there = false;
		}
	}
}

static unsigned count_there(void)
{
	unsigned n = 0;

	for (size_t i = 0; i < n_seen; i++) {
		n += seen[i].is_there;
	}
	return n;
}

/* Writes a token: one that was given, or one that never was. Who has it, is
 * there and asks now; else NULL. */
static struct seen *pick(uint8_t who, uint8_t token[static KEYD_TOKEN_BYTES])
{
	let_idle_go();
	memset(token, who, KEYD_TOKEN_BYTES);
	if (n_seen == 0 || who == 31) {
		return NULL;
	}
	memcpy(token, seen[who % n_seen].token, KEYD_TOKEN_BYTES);
	if (!seen[who % n_seen].is_there) {
		return NULL;
	}
	seen[who % n_seen].asked_ms = now_ms;
	return &seen[who % n_seen];
}

/* ---- frames ------------------------------------------------------------- */

/* Say one frame. Its answer, whole and alone; or none. */
static enum tl_err give(const struct frame *frame, struct frame *ret)
{
	enum tl_err err;

	buf_reset(&out);
	err = keyd_answer(keyd, frame, now_ms, (int64_t)(now_ms / 1000), &out);
	if (err != TL_OK) {
		assert(err == TL_EFORMAT && out.len == 0);
		return err;
	}
	must(frame_get(out.data, out.len, FRAME_FROM_KEYD, ret) == TL_OK);
	assert(out.len == FRAME_HEAD_BYTES + ret->body_len);
	return TL_OK;
}

/* One that keyd_put_*() made. */
static struct frame ask(struct buf *made)
{
	struct frame frame, answer = { 0 };

	must(
	    frame_get(made->data, made->len, FRAME_FROM_DESK, &frame) == TL_OK);
	must(give(&frame, &answer) == TL_OK);
	buf_free(made);
	return answer;
}

static void learn(const struct keyd_unlocked_as *as)
{
	if (as->result == KEYD_UNLOCKED && n_seen < SEEN_MAX) {
		seen[n_seen] = (struct seen){ .role = as->role,
			.is_there = true,
			.began_ms = now_ms,
			.asked_ms = now_ms };
		memcpy(seen[n_seen++].token, as->token, sizeof(as->token));
	}
}

static void unlock(uint8_t who, uint8_t what)
{
	const size_t person = who % 3;
	struct keyd_unlock unlock = {
		.name = bytes_str(people[person].name),
		.passphrase = bytes_str(people[what % 3].passphrase),
		.code = what >= 128 ? bytes_str("123456") : bytes_of(NULL, 0),
	};
	struct keyd_unlocked_as as;
	struct frame answer;
	struct buf made;
	bool right = what % 3 == person && what < 128;

	if (n_seen == SEEN_MAX) {
		return;
	}
	let_idle_go();
	buf_init(&made, OUT_ROOM);
	keyd_put_unlock(&made, &unlock);
	answer = ask(&made);
	must(keyd_read_unlocked(&answer, &as) == TL_OK);
	if (count_there() == KEYD_SESSIONS_MAX) {
		assert(as.result == KEYD_CROWDED);
	} else {
		assert(as.result == (right ? KEYD_UNLOCKED : KEYD_WRONG));
	}
	assert(!right || as.result != KEYD_UNLOCKED ||
	    (int)as.role == (int)people[person].role);
	learn(&as);
}

/* What is said of an envelope to who has this token. */
static void check_result(const struct seen *who, uint8_t result, bool genuine)
{
	if (who == NULL) {
		assert(result == KEYD_NO_SESSION);
	} else if (who->role == KEYD_ADMINISTRATOR) {
		assert(result == KEYD_NO_RIGHT);
	} else {
		assert((result == ENVELOPE_FINE) == genuine);
		assert(result != KEYD_NO_SESSION && result != KEYD_NO_RIGHT);
	}
}

/* An envelope: of a destroyed epoch, spoiled, or as it was. */
static struct bytes envelope_of(uint8_t what, struct buf *spoiled)
{
	const struct buf *whole = &envelopes[what & 1];

	buf_init(spoiled, ENVELOPE_MAX_BYTES);
	buf_put(spoiled, whole->data, whole->len);
	must(buf_err(spoiled) == TL_OK);
	if ((what & 2) != 0) {
		spoiled->data[(what >> 2) * spoiled->len / 64] ^= 1;
	}
	return bytes_of(spoiled->data, spoiled->len);
}

static void open_it(uint8_t whose, uint8_t what)
{
	struct keyd_opened opened;
	struct keyd_open open;
	struct frame answer;
	struct buf made, spoiled;
	struct seen *who = pick(whose, open.token);

	open.envelope = envelope_of(what, &spoiled);
	buf_init(&made, OUT_ROOM);
	keyd_put_open(&made, &open);
	answer = ask(&made);
	must(keyd_read_opened(&answer, &opened) == TL_OK);
	check_result(who, opened.result, (what & 3) == 1);
	assert((opened.result == 0) ==
	    bytes_equal(opened.report, bytes_str("a tip")));
	buf_free(&spoiled);
}

static void reseal(uint8_t whose, uint8_t what)
{
	struct keyd_reseal reseal = { .n_keys = 1u + (what >> 6) };
	struct frame answer;
	struct buf made, spoiled;
	struct bytes sealed;
	struct seen *who = pick(whose, reseal.token);
	uint8_t result;

	for (size_t i = 0; i < reseal.n_keys; i++) {
		memcpy(reseal.keys[i], epochs[1], sizeof(reseal.keys[i]));
	}
	reseal.envelope = envelope_of(what, &spoiled);
	buf_init(&made, OUT_ROOM);
	keyd_put_reseal(&made, &reseal);
	answer = ask(&made);
	must(keyd_read_resealed(&answer, &result, &sealed) == TL_OK);
	/* the same key twice may be refused */
	check_result(
	    who, result == KEYD_NO_RESEAL ? 0 : result, (what & 3) == 1);
	assert((result == 0) == (sealed.len > 0));
	buf_free(&spoiled);
}

static void mail(uint8_t whose)
{
	uint8_t body[KEYD_TOKEN_BYTES + 32] = { 0 };
	struct frame frame = {
		.type = FRAME_KEYD_MAIL, .body = body, .body_len = sizeof(body)
	};
	struct seen *who = pick(whose, body);
	static const uint8_t none[64];
	struct frame answer;

	must(give(&frame, &answer) == TL_OK);
	assert(answer.type == FRAME_KEYD_MAILED && answer.body_len == 65);
	check_result(who, answer.body[0], true);
	assert(
	    (answer.body[0] == 0) == (memcmp(answer.body + 1, none, 64) != 0));
}

/* ASK and LOCK both tell the state. */
static void state(enum frame_type type, uint8_t whose)
{
	uint8_t token[KEYD_TOKEN_BYTES];
	struct frame frame = {
		.type = (uint16_t)type, .body = token, .body_len = sizeof(token)
	};
	struct seen *who = pick(whose, token);
	struct keyd_state told;
	struct frame answer;

	if (who != NULL && type == FRAME_KEYD_LOCK) {
		who->is_there = false;
	}
	must(give(&frame, &answer) == TL_OK);
	must(keyd_read_state(&answer, &told) == TL_OK);
	assert(told.sessions == count_there() && told.officers == 3);
}

static void raw(struct rd *rd, uint8_t type, size_t n)
{
	struct keyd_unlocked_as as;
	struct frame frame, answer;

	n = n < rd->left ? n : rd->left;
	frame =
	    (struct frame){ .type = (uint16_t)(FRAME_KEYD_UNLOCK + type % 16),
		    .body = rd_bytes(rd, n),
		    .body_len = n };
	let_idle_go();
	if (give(&frame, &answer) == TL_OK &&
	    keyd_read_unlocked(&answer, &as) == TL_OK) {
		learn(&as);
	}
}

static void obey(struct rd *rd)
{
	uint8_t command = rd_u8(rd);
	uint8_t what = rd_u8(rd);
	uint8_t whose = command >> 3;

	switch (command & 7) {
	case 0:
		unlock(whose, what);
		break;
	case 1:
		open_it(whose, what);
		break;
	case 2:
		reseal(whose, what);
		break;
	case 3:
		mail(whose);
		break;
	case 4:
		state(FRAME_KEYD_LOCK, whose);
		break;
	case 5:
		state(FRAME_KEYD_ASK, whose);
		break;
	case 6:
		now_ms += (uint64_t)what * what * 100;
		break;
	default:
		raw(rd, whose, what);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct keyd_opts opts = { .idle_ms = IDLE_MS };
	struct rd rd = rd_of(data, len);

	if (ring_path[0] == '\0') {
		start();
	}
	opts.ring = ring_path;
	opts.receipt_key = receipt_path;
	must(keyd_new(&opts, &keyd) == TL_OK);
	buf_init(&out, OUT_ROOM);
	now_ms = 1000;
	n_seen = 0;
	while (rd.left >= 2) {
		obey(&rd);
	}
	buf_free(&out);
	keyd_free(keyd);
	return 0;
}
