/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/keyd_work.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/rd.h"
#include "base/wipe.h"
#include "crypto/keyfile.h"
#include "crypto/mail.h"
#include "crypto/open.h"
#include "crypto/random.h"
#include "crypto/receipt.h"
#include "crypto/ring.h"
#include "crypto/seal.h"
#include "crypto/secret.h"
#include "desk/keyd_inside.h"
#include "desk/keyd_talk.h"
#include "desk/totp.h"

/* So many wrong codes behind the right passphrase of one officer, and another
 * one every two minutes: who goes on for a day finds a code in 1 of 460. */
#define CODE_TRIES    5u
#define CODE_AGAIN_MS (UINT64_C(120) * 1000)

_Static_assert(TOTP_SECRET_BYTES == RING_TOTP_BYTES &&
	TOTP_DIGITS == KEYD_CODE_BYTES &&
	(int)KEYD_ROLE_MAX == (int)RING_ADMINISTRATOR &&
	(int)KEYD_SUPERVISOR == (int)RING_SUPERVISOR,
    "as the ring has them");

enum tl_err keyd_new(const struct keyd_opts *opts, struct keyd **ret)
{
	struct keyd *keyd = calloc(1, sizeof(*keyd));
	const char *path = opts->receipt_key;
	enum tl_err err = TL_ENOMEM;

	if (keyd == NULL) {
		return TL_ENOMEM;
	}
	keyd->idle_ms = opts->idle_ms;
	keyd->needs_code = opts->needs_code;
	/* whoever used a code with the keyd before this one */
	for (size_t i = 0; i < RING_OFFICERS_MAX; i++) {
		keyd->factors[i].last_step = totp_step_at(opts->now_s);
	}
	keyd->receipt = secret_alloc(KEY_SIGN_BYTES);
	keyd->sessions =
	    secret_alloc(KEYD_SESSIONS_MAX * sizeof(*keyd->sessions));
	if (keyd->receipt != NULL && keyd->sessions != NULL) {
		err = path == NULL
		    ? TL_OK
		    : keyfile_load(path, KEY_RECEIPT_SIGN, keyd->receipt);
	}
	if (err == TL_OK) {
		path = opts->ring;
		keyd->ring_path = strdup(path);
		err =
		    keyd->ring_path == NULL ? TL_ENOMEM : keyd_load_ring(keyd);
	}
	if (err != TL_OK) {
		say_error("cannot use the key file %s: %s",
		    path != NULL ? path : "", err_text(err));
		keyd_free(keyd);
		return err;
	}
	*ret = keyd;
	return TL_OK;
}

/* ---- sessions ----------------------------------------------------------- */

static unsigned count_sessions(const struct keyd *keyd)
{
	unsigned n = 0;

	for (size_t i = 0; i < KEYD_SESSIONS_MAX; i++) {
		n += keyd->sessions[i].is_there;
	}
	return n;
}

/* An administrator who is logged in keeps no key there. */
void keyd_lock_if_alone(struct keyd *keyd)
{
	bool somebody = false;

	for (size_t i = 0; i < KEYD_SESSIONS_MAX; i++) {
		somebody = somebody ||
		    (keyd->sessions[i].is_there &&
			keyd->sessions[i].role != KEYD_ADMINISTRATOR);
	}
	if (!somebody) {
		ring_lock(keyd->ring);
	}
}

void keyd_end_session(struct keyd *keyd, struct session *session)
{
	wipe(session, sizeof(*session));
	keyd_lock_if_alone(keyd);
}

/* All are compared, each in constant time. */
static struct session *find_session(struct keyd *keyd,
    const uint8_t token[static KEYD_TOKEN_BYTES], uint64_t now_ms)
{
	struct session *found = NULL;

	for (size_t i = 0; i < KEYD_SESSIONS_MAX; i++) {
		struct session *session = &keyd->sessions[i];

		if (secret_equal(session->token, token, KEYD_TOKEN_BYTES) &&
		    session->is_there) {
			found = session;
		}
	}
	if (found != NULL) {
		found->asked_ms = now_ms;
	}
	return found;
}

uint64_t keyd_next_ms(struct keyd *keyd, uint64_t now_ms)
{
	uint64_t next_ms = KEYD_NEVER_MS;

	for (size_t i = 0; i < KEYD_SESSIONS_MAX; i++) {
		struct session *session = &keyd->sessions[i];
		uint64_t idle_ms = now_ms - session->asked_ms;
		uint64_t shift_ms = now_ms - session->began_ms;

		if (!session->is_there) {
			continue;
		}
		if (idle_ms >= keyd->idle_ms || shift_ms >= KEYD_SHIFT_MS) {
			keyd_end_session(keyd, session);
			log_event(LOG_KEYD_IDLE, count_sessions(keyd), 0);
			continue;
		}
		if (keyd->idle_ms - idle_ms < next_ms) {
			next_ms = keyd->idle_ms - idle_ms;
		}
		if (KEYD_SHIFT_MS - shift_ms < next_ms) {
			next_ms = KEYD_SHIFT_MS - shift_ms;
		}
	}
	return next_ms;
}

/* ---- answers ------------------------------------------------------------ */

static struct session *free_session(struct keyd *keyd)
{
	for (size_t i = 0; i < KEYD_SESSIONS_MAX; i++) {
		if (!keyd->sessions[i].is_there) {
			return &keyd->sessions[i];
		}
	}
	return NULL;
}

/* Whose name this is; none: the only one. */
static size_t officer_of(const struct keyd *keyd, struct bytes name)
{
	size_t n = ring_n_officers(keyd->ring);

	for (size_t i = 0; i < n && name.len > 0; i++) {
		const char *known = ring_officer_name(keyd->ring, i);

		if (bytes_equal(bytes_str(known), name)) {
			return i;
		}
	}
	return name.len == 0 ? 0 : n;
}

/*
 * Is the code right, and new? Only asked behind a right passphrase: who tries
 * codes there has stolen it, so the wrong ones are few and slow, and a right
 * one does not count among them.
 */
static bool code_is_right(struct keyd *keyd, const struct keyd_unlock *unlock,
    const struct ring_account *account, uint64_t now_ms)
{
	struct second_factor *factor =
	    &keyd->factors[officer_of(keyd, unlock->name)];
	uint64_t over = (now_ms - factor->since_ms) / CODE_AGAIN_MS;
	uint64_t step = 0;
	enum tl_err err = totp_check(
	    account->totp, unlock->code, keyd->now_s, factor->last_step, &step);

	factor->wrong -= over < factor->wrong ? (unsigned)over : factor->wrong;
	factor->since_ms = factor->wrong == 0
	    ? now_ms
	    : factor->since_ms + over * CODE_AGAIN_MS;
	if (factor->wrong >= CODE_TRIES) {
		return false;
	}
	if (err != TL_OK) {
		factor->wrong++;
		log_event(LOG_KEYD_CODE, factor->wrong, 0);
		return false;
	}
	factor->last_step = step;
	return true;
}

static enum keyd_unlocked log_in(struct keyd *keyd,
    const struct keyd_unlock *unlock, uint64_t now_ms, struct session *session)
{
	struct ring_account account = { .role = RING_OFFICER };
	enum keyd_unlocked result = KEYD_UNLOCKED;
	enum tl_err err =
	    ring_login(keyd->ring, unlock->name, unlock->passphrase, &account);

	if (err != TL_OK) {
		result = err == TL_EPROOF ? KEYD_WRONG : KEYD_FAILING;
	} else if ((keyd->needs_code || unlock->code.len > 0) &&
	    !code_is_right(keyd, unlock, &account, now_ms)) {
		result = KEYD_WRONG;
	} else {
		session->is_there = true;
		session->role = (enum keyd_role)account.role;
		session->officer = officer_of(keyd, unlock->name);
		session->began_ms = now_ms;
		session->asked_ms = now_ms;
		random_bytes(session->token, sizeof(session->token));
	}
	wipe(&account, sizeof(account));
	return result;
}

static enum tl_err answer_unlock(struct keyd *keyd, const struct frame *frame,
    uint64_t now_ms, struct buf *out)
{
	struct session *session = free_session(keyd);
	struct keyd_unlocked_as unlocked = { .result = KEYD_CROWDED };
	struct keyd_unlock unlock;
	enum tl_err err = keyd_read_unlock(frame, &unlock);

	if (err != TL_OK) {
		return err;
	}
	if (keyd->state == KEYD_RING_SHUT) {
		unlocked.result = KEYD_SHUT;
	} else if (session != NULL) {
		unlocked.result = log_in(keyd, &unlock, now_ms, session);
	}
	if (unlocked.result == KEYD_UNLOCKED) {
		unlocked.role = session->role;
		memcpy(unlocked.token, session->token, sizeof(unlocked.token));
	} else if (unlocked.result == KEYD_WRONG) {
		keyd->refused++;
	}
	/* the passphrase may have been right, and the code not */
	keyd_lock_if_alone(keyd);
	keyd_put_unlocked(out, &unlocked);
	wipe(&unlocked, sizeof(unlocked));
	return buf_err(out);
}

/* 0, or why not. */
static uint8_t may_open(
    struct keyd *keyd, const uint8_t *token, uint64_t now_ms)
{
	const struct session *session = find_session(keyd, token, now_ms);

	if (session == NULL) {
		return KEYD_NO_SESSION;
	}
	return session->role == KEYD_ADMINISTRATOR ? KEYD_NO_RIGHT : 0;
}

static uint8_t open_for(struct keyd *keyd, const uint8_t *token,
    struct bytes envelope, uint64_t now_ms, struct opened *ret)
{
	enum envelope_fault fault;
	uint8_t no = may_open(keyd, token, now_ms);

	if (no != 0) {
		keyd->refused++;
		return no;
	}
	fault = envelope_open_ring(keyd->ring, NULL, 0, envelope, ret);
	*(fault == ENVELOPE_FINE ? &keyd->opened : &keyd->refused) += 1;
	return (uint8_t)fault;
}

static enum tl_err answer_open(struct keyd *keyd, const struct frame *frame,
    uint64_t now_ms, struct buf *out)
{
	struct opened opened = { 0 };
	struct keyd_opened told = { 0 };
	struct keyd_open open;
	enum tl_err err = keyd_read_open(frame, &open);

	if (err != TL_OK) {
		return err;
	}
	told.result =
	    open_for(keyd, open.token, open.envelope, now_ms, &opened);
	memcpy(told.id, opened.id, sizeof(told.id));
	told.report = bytes_of(opened.report, opened.report_len);
	told.raw = bytes_of(opened.raw, opened.raw_len);
	keyd_put_opened(out, &told);
	opened_free(&opened);
	return buf_err(out);
}

/* Sealed to these keys and signed as receipts are; the content stays here. */
static uint8_t seal_again(const struct keyd *keyd,
    const struct keyd_reseal *reseal, const struct opened *opened,
    struct buf *envelope)
{
	const struct seal_content content = {
		.report = bytes_of(opened->report, opened->report_len),
		.raw = bytes_of(opened->raw, opened->raw_len),
	};
	struct sealer *sealer = NULL;
	enum tl_err err =
	    sealer_new(reseal->keys, reseal->n_keys, keyd->receipt, &sealer);

	if (err == TL_OK) {
		err = sealer_seal(sealer, opened->id, &content, envelope);
	}
	sealer_free(sealer);
	if (err == TL_EINVAL) {
		return KEYD_NO_RESEAL;
	}
	return err == TL_OK ? ENVELOPE_FINE : ENVELOPE_NO_MEMORY;
}

static enum tl_err answer_reseal(struct keyd *keyd, const struct frame *frame,
    uint64_t now_ms, struct buf *out)
{
	struct opened opened = { 0 };
	struct keyd_reseal reseal;
	struct buf envelope;
	uint8_t result;
	enum tl_err err = keyd_read_reseal(frame, &reseal);

	if (err != TL_OK) {
		return err;
	}
	buf_init(&envelope, ENVELOPE_MAX_BYTES);
	result = open_for(keyd, reseal.token, reseal.envelope, now_ms, &opened);
	if (result == ENVELOPE_FINE) {
		result = seal_again(keyd, &reseal, &opened, &envelope);
	}
	keyd_put_resealed(out, result,
	    bytes_of(
		envelope.data, result == ENVELOPE_FINE ? envelope.len : 0));
	buf_free(&envelope);
	opened_free(&opened);
	return buf_err(out);
}

static enum tl_err answer_sign(struct keyd *keyd, const struct frame *frame,
    uint64_t now_ms, struct buf *out)
{
	uint8_t signature[64];
	enum tl_err err;

	(void)now_ms;
	if (frame->body_len != KEYD_ID_BYTES + 32) {
		return TL_EFORMAT;
	}
	err = receipt_sign(
	    keyd->receipt, frame->body, frame->body + KEYD_ID_BYTES, signature);
	if (err == TL_OK) {
		frame_put(out, FRAME_KEYD_SIGNED, signature, sizeof(signature));
		err = buf_err(out);
	}
	return err;
}

/* Only for who may read tips: nobody else writes to reporters. */
static enum tl_err answer_mail(struct keyd *keyd, const struct frame *frame,
    uint64_t now_ms, struct buf *out)
{
	uint8_t answer[1 + 64] = { 0 };
	enum tl_err err = TL_OK;

	if (frame->body_len != KEYD_TOKEN_BYTES + 32) {
		return TL_EFORMAT;
	}
	answer[0] = may_open(keyd, frame->body, now_ms);
	if (answer[0] == 0) {
		err = mail_sign(
		    keyd->receipt, frame->body + KEYD_TOKEN_BYTES, answer + 1);
	}
	if (err == TL_OK) {
		frame_put(out, FRAME_KEYD_MAILED, answer, sizeof(answer));
		err = buf_err(out);
	}
	return err;
}

/* The ring knows to which key of the team one seals; it is public. */
static enum tl_err answer_seal_ask(struct keyd *keyd, const struct frame *frame,
    uint64_t now_ms, struct buf *out)
{
	const struct ring_epoch *best = NULL;
	struct rd rd = rd_of(frame->body, frame->body_len);
	int64_t now_s = (int64_t)rd_u64(&rd);
	uint8_t answer[1 + KEYD_KEY_BYTES] = { 1 };

	(void)now_ms;
	if (!rd_done(&rd)) {
		return TL_EFORMAT;
	}
	for (size_t i = 0; i < ring_n(keyd->ring); i++) {
		const struct ring_epoch *epoch = ring_epoch(keyd->ring, i);

		if (epoch->destroyed_s == 0 &&
		    (best == NULL || epoch->start_s <= now_s)) {
			best = epoch;
		}
	}
	if (best != NULL) {
		answer[0] = 0;
		memcpy(answer + 1, best->public_key, KEYD_KEY_BYTES);
	}
	frame_put(out, FRAME_KEYD_SEAL_TO, answer, sizeof(answer));
	return buf_err(out);
}

static enum tl_err answer_lock(struct keyd *keyd, const struct frame *frame,
    uint64_t now_ms, struct buf *out)
{
	struct session *session;

	if (frame->body_len != KEYD_TOKEN_BYTES) {
		return TL_EFORMAT;
	}
	session = find_session(keyd, frame->body, now_ms);
	if (session != NULL) {
		keyd_end_session(keyd, session);
	}
	return keyd_tell(keyd, out);
}

static enum tl_err answer_ask(struct keyd *keyd, const struct frame *frame,
    uint64_t now_ms, struct buf *out)
{
	if (frame->body_len == KEYD_TOKEN_BYTES) {
		(void)find_session(keyd, frame->body, now_ms);
	} else if (frame->body_len != 0) {
		return TL_EFORMAT;
	}
	return keyd_tell(keyd, out);
}

enum tl_err keyd_tell(const struct keyd *keyd, struct buf *out)
{
	struct keyd_state state = {
		.sessions = (uint16_t)count_sessions(keyd),
		.officers = (uint16_t)ring_n_officers(keyd->ring),
		.opened = keyd->opened,
		.refused = keyd->refused,
	};

	memcpy(state.receipt_key, keyd->receipt + KEY_SIGN_BYTES - KEY_BYTES,
	    sizeof(state.receipt_key));
	keyd_put_state(out, &state);
	return buf_err(out);
}

static const struct {
	enum frame_type type;
	enum tl_err (*answer)(struct keyd *keyd, const struct frame *frame,
	    uint64_t now_ms, struct buf *out);
} answers[] = {
	{ FRAME_KEYD_UNLOCK, answer_unlock },
	{ FRAME_KEYD_OPEN, answer_open },
	{ FRAME_KEYD_RESEAL, answer_reseal },
	{ FRAME_KEYD_SIGN, answer_sign },
	{ FRAME_KEYD_MAIL, answer_mail },
	{ FRAME_KEYD_LOCK, answer_lock },
	{ FRAME_KEYD_SEAL_ASK, answer_seal_ask },
	{ FRAME_KEYD_ASK, answer_ask },
};

enum tl_err keyd_answer(struct keyd *keyd, const struct frame *frame,
    uint64_t now_ms, int64_t now_s, struct buf *out)
{
	enum tl_err err = TL_EFORMAT;

	keyd->now_s = now_s;

	/* the host may have slept since keyd_next_ms() was asked */
	(void)keyd_next_ms(keyd, now_ms);
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		if (answers[i].type == frame->type) {
			err = answers[i].answer(keyd, frame, now_ms, out);
		}
	}
	/* keys and passphrases in frames that nobody wipes */
	wipe_stack();
	return err;
}

void keyd_free(struct keyd *keyd)
{
	if (keyd != NULL) {
		ring_free(keyd->ring);
		secret_free(keyd->receipt);
		secret_free(keyd->sessions);
		free(keyd->ring_path);
		free(keyd);
	}
}
