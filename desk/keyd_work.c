/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/keyd_work.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/wipe.h"
#include "crypto/keyfile.h"
#include "crypto/mail.h"
#include "crypto/open.h"
#include "crypto/random.h"
#include "crypto/receipt.h"
#include "crypto/ring.h"
#include "crypto/seal.h"
#include "crypto/secret.h"
#include "desk/keyd_talk.h"

struct session {
	bool is_there;
	uint8_t token[KEYD_TOKEN_BYTES];
	uint64_t asked_ms; /* the last time */
};

struct keyd {
	struct ring *ring; /* locked while there is no session */
	uint8_t
	    *receipt; /* secret memory; always there: receipts go at night */
	uint64_t idle_ms;
	struct session *sessions; /* secret memory */
	uint64_t opened;
	uint64_t refused;
};

enum tl_err keyd_new(const struct keyd_opts *opts, struct keyd **ret)
{
	struct keyd *keyd = calloc(1, sizeof(*keyd));
	const char *path = opts->receipt_key;
	enum tl_err err = TL_ENOMEM;

	if (keyd == NULL) {
		return TL_ENOMEM;
	}
	keyd->idle_ms = opts->idle_ms;
	keyd->receipt = secret_alloc(KEY_SIGN_BYTES);
	keyd->sessions =
	    secret_alloc(KEYD_SESSIONS_MAX * sizeof(*keyd->sessions));
	if (keyd->receipt != NULL && keyd->sessions != NULL) {
		err = keyfile_load(path, KEY_RECEIPT_SIGN, keyd->receipt);
	}
	if (err == TL_OK) {
		path = opts->ring;
		err = ring_load(path, &keyd->ring);
	}
	if (err != TL_OK) {
		say_error(
		    "cannot use the key file %s: %s", path, err_text(err));
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

static void end_session(struct keyd *keyd, struct session *session)
{
	wipe(session, sizeof(*session));
	if (count_sessions(keyd) == 0) {
		ring_lock(keyd->ring);
	}
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

		if (!session->is_there) {
			continue;
		}
		if (idle_ms >= keyd->idle_ms) {
			end_session(keyd, session);
			log_event(LOG_KEYD_IDLE, count_sessions(keyd), 0);
		} else if (keyd->idle_ms - idle_ms < next_ms) {
			next_ms = keyd->idle_ms - idle_ms;
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

static enum tl_err answer_unlock(struct keyd *keyd, const struct frame *frame,
    uint64_t now_ms, struct buf *out)
{
	static const uint8_t no_token[KEYD_TOKEN_BYTES];
	struct session *session = free_session(keyd);
	struct keyd_unlock unlock;
	enum keyd_unlocked result = KEYD_UNLOCKED;
	enum tl_err err = keyd_read_unlock(frame, &unlock);

	if (err != TL_OK) {
		return err;
	}
	if (session == NULL) {
		result = KEYD_CROWDED;
	} else {
		err = ring_unlock(keyd->ring, unlock.name, unlock.passphrase);
		if (err != TL_OK) {
			result = err == TL_EPROOF ? KEYD_WRONG : KEYD_FAILING;
		}
	}
	if (result == KEYD_UNLOCKED) {
		session->is_there = true;
		session->asked_ms = now_ms;
		random_bytes(session->token, sizeof(session->token));
	} else if (result == KEYD_WRONG) {
		keyd->refused++;
	}
	keyd_put_unlocked(
	    out, result, result == KEYD_UNLOCKED ? session->token : no_token);
	return buf_err(out);
}

static uint8_t open_for(struct keyd *keyd, const uint8_t *token,
    struct bytes envelope, uint64_t now_ms, struct opened *ret)
{
	enum envelope_fault fault;

	if (find_session(keyd, token, now_ms) == NULL) {
		keyd->refused++;
		return KEYD_NO_SESSION;
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

/* Only for who is logged in: nobody else writes to reporters. */
static enum tl_err answer_mail(struct keyd *keyd, const struct frame *frame,
    uint64_t now_ms, struct buf *out)
{
	uint8_t answer[1 + 64] = { KEYD_NO_SESSION };
	enum tl_err err = TL_OK;

	if (frame->body_len != KEYD_TOKEN_BYTES + 32) {
		return TL_EFORMAT;
	}
	if (find_session(keyd, frame->body, now_ms) != NULL) {
		answer[0] = 0;
		err = mail_sign(
		    keyd->receipt, frame->body + KEYD_TOKEN_BYTES, answer + 1);
	}
	if (err == TL_OK) {
		frame_put(out, FRAME_KEYD_MAILED, answer, sizeof(answer));
		err = buf_err(out);
	}
	return err;
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
		end_session(keyd, session);
	}
	return keyd_tell(keyd, out);
}

static enum tl_err answer_ask(struct keyd *keyd, const struct frame *frame,
    uint64_t now_ms, struct buf *out)
{
	(void)frame;
	(void)now_ms;
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
	{ FRAME_KEYD_ASK, answer_ask },
};

enum tl_err keyd_answer(struct keyd *keyd, const struct frame *frame,
    uint64_t now_ms, struct buf *out)
{
	enum tl_err err = TL_EFORMAT;

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
		free(keyd);
	}
}
