/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/keyd_talk.h"

#include <assert.h>
#include <string.h>

#include "base/rd.h"

/* Put the head for a body of so many bytes; false: no frame is that long. */
static bool put_head(struct buf *out, enum frame_type type, size_t body_len)
{
	if (body_len > frame_max_bytes((uint16_t)type)) {
		out->err = out->err == TL_OK ? TL_ETOOBIG : out->err;
		return false;
	}
	frame_put_head(out, type, body_len);
	return true;
}

static struct bytes rest_of(struct rd *rd)
{
	size_t left = rd->left;

	return bytes_of(rd_bytes(rd, left), left);
}

enum tl_err keyd_read_unlock(const struct frame *frame, struct keyd_unlock *ret)
{
	struct rd rd = rd_of(frame->body, frame->body_len);
	size_t name_len = rd_u8(&rd);
	const uint8_t *name = rd_bytes(&rd, name_len);
	size_t code_len = rd_u8(&rd);
	const uint8_t *code = rd_bytes(&rd, code_len);
	struct bytes passphrase = rest_of(&rd);

	if (!rd_ok(&rd) || name_len > KEYD_NAME_BYTES ||
	    (code_len != 0 && code_len != KEYD_CODE_BYTES) ||
	    passphrase.len == 0 || passphrase.len > KEYD_PASSPHRASE_BYTES) {
		return TL_EFORMAT;
	}
	*ret = (struct keyd_unlock){
		.name = bytes_of(name, name_len),
		.passphrase = passphrase,
		.code = bytes_of(code, code_len),
	};
	return TL_OK;
}

void keyd_put_unlock(struct buf *out, const struct keyd_unlock *unlock)
{
	assert(unlock->name.len <= KEYD_NAME_BYTES &&
	    unlock->passphrase.len <= KEYD_PASSPHRASE_BYTES &&
	    unlock->code.len <= KEYD_CODE_BYTES);
	if (put_head(out, FRAME_KEYD_UNLOCK,
		2 + unlock->name.len + unlock->code.len +
		    unlock->passphrase.len)) {
		buf_put_u8(out, (uint8_t)unlock->name.len);
		buf_put(out, unlock->name.at, unlock->name.len);
		buf_put_u8(out, (uint8_t)unlock->code.len);
		buf_put(out, unlock->code.at, unlock->code.len);
		buf_put(out, unlock->passphrase.at, unlock->passphrase.len);
	}
}

enum tl_err keyd_read_unlocked(
    const struct frame *frame, struct keyd_unlocked_as *ret)
{
	struct rd rd = rd_of(frame->body, frame->body_len);
	uint8_t result = rd_u8(&rd), role = rd_u8(&rd);
	struct keyd_unlocked_as unlocked = { .role = KEYD_NOBODY };

	rd_copy(&rd, unlocked.token, sizeof(unlocked.token));
	if (!rd_done(&rd) || result > KEYD_UNLOCKED_MAX ||
	    role > KEYD_ROLE_MAX ||
	    (result == KEYD_UNLOCKED) != (role != KEYD_NOBODY)) {
		return TL_EFORMAT;
	}
	unlocked.result = (enum keyd_unlocked)result;
	unlocked.role = (enum keyd_role)role;
	*ret = unlocked;
	return TL_OK;
}

void keyd_put_unlocked(struct buf *out, const struct keyd_unlocked_as *unlocked)
{
	if (put_head(out, FRAME_KEYD_UNLOCKED, 2 + KEYD_TOKEN_BYTES)) {
		buf_put_u8(out, (uint8_t)unlocked->result);
		buf_put_u8(out, (uint8_t)unlocked->role);
		buf_put(out, unlocked->token, KEYD_TOKEN_BYTES);
	}
}

enum tl_err keyd_read_open(const struct frame *frame, struct keyd_open *ret)
{
	struct rd rd = rd_of(frame->body, frame->body_len);
	struct keyd_open open;

	rd_copy(&rd, open.token, sizeof(open.token));
	open.envelope = rest_of(&rd);
	if (!rd_ok(&rd)) {
		return TL_EFORMAT;
	}
	*ret = open;
	return TL_OK;
}

void keyd_put_open(struct buf *out, const struct keyd_open *open)
{
	if (put_head(out, FRAME_KEYD_OPEN,
		sizeof(open->token) + open->envelope.len)) {
		buf_put(out, open->token, sizeof(open->token));
		buf_put(out, open->envelope.at, open->envelope.len);
	}
}

enum tl_err keyd_read_opened(const struct frame *frame, struct keyd_opened *ret)
{
	struct rd rd = rd_of(frame->body, frame->body_len);
	struct keyd_opened opened = { .result = rd_u8(&rd) };

	if (opened.result == 0) {
		size_t report_len;

		rd_copy(&rd, opened.id, sizeof(opened.id));
		report_len = rd_u32(&rd);
		opened.report = bytes_of(rd_bytes(&rd, report_len), report_len);
		opened.raw = rest_of(&rd);
	}
	if (!rd_done(&rd)) {
		return TL_EFORMAT;
	}
	*ret = opened;
	return TL_OK;
}

void keyd_put_opened(struct buf *out, const struct keyd_opened *opened)
{
	size_t len = 1;

	if (opened->result == 0) {
		len += sizeof(opened->id) + 4 + opened->report.len +
		    opened->raw.len;
	}
	if (put_head(out, FRAME_KEYD_OPENED, len)) {
		buf_put_u8(out, opened->result);
		if (opened->result == 0) {
			buf_put(out, opened->id, sizeof(opened->id));
			buf_put_u32(out, (uint32_t)opened->report.len);
			buf_put(out, opened->report.at, opened->report.len);
			buf_put(out, opened->raw.at, opened->raw.len);
		}
	}
}

enum tl_err keyd_read_reseal(const struct frame *frame, struct keyd_reseal *ret)
{
	struct rd rd = rd_of(frame->body, frame->body_len);
	struct keyd_reseal reseal = { .n_keys = 0 };

	rd_copy(&rd, reseal.token, sizeof(reseal.token));
	reseal.n_keys = rd_u8(&rd);
	if (reseal.n_keys == 0 || reseal.n_keys > KEYD_RECIPIENTS_MAX) {
		return TL_EFORMAT;
	}
	rd_copy(&rd, reseal.keys, reseal.n_keys * KEYD_KEY_BYTES);
	reseal.envelope = rest_of(&rd);
	if (!rd_ok(&rd)) {
		return TL_EFORMAT;
	}
	*ret = reseal;
	return TL_OK;
}

void keyd_put_reseal(struct buf *out, const struct keyd_reseal *reseal)
{
	size_t keys_len = reseal->n_keys * KEYD_KEY_BYTES;

	if (put_head(out, FRAME_KEYD_RESEAL,
		sizeof(reseal->token) + 1 + keys_len + reseal->envelope.len)) {
		buf_put(out, reseal->token, sizeof(reseal->token));
		buf_put_u8(out, (uint8_t)reseal->n_keys);
		buf_put(out, reseal->keys, keys_len);
		buf_put(out, reseal->envelope.at, reseal->envelope.len);
	}
}

enum tl_err keyd_read_resealed(
    const struct frame *frame, uint8_t *ret_result, struct bytes *ret_envelope)
{
	struct rd rd = rd_of(frame->body, frame->body_len);
	uint8_t result = rd_u8(&rd);
	struct bytes envelope = rest_of(&rd);

	if (!rd_ok(&rd) || (result != 0 && envelope.len > 0)) {
		return TL_EFORMAT;
	}
	*ret_result = result;
	*ret_envelope = envelope;
	return TL_OK;
}

void keyd_put_resealed(struct buf *out, uint8_t result, struct bytes envelope)
{
	if (put_head(out, FRAME_KEYD_RESEALED, 1 + envelope.len)) {
		buf_put_u8(out, result);
		buf_put(out, envelope.at, envelope.len);
	}
}

void keyd_put_sign(struct buf *out, const uint8_t id[static KEYD_ID_BYTES],
    const uint8_t hash[static 32])
{
	if (put_head(out, FRAME_KEYD_SIGN, KEYD_ID_BYTES + 32)) {
		buf_put(out, id, KEYD_ID_BYTES);
		buf_put(out, hash, 32);
	}
}

enum tl_err keyd_read_state(const struct frame *frame, struct keyd_state *ret)
{
	struct rd rd = rd_of(frame->body, frame->body_len);
	struct keyd_state state = { .sessions = rd_u16(&rd) };

	state.officers = rd_u16(&rd);
	state.opened = rd_u64(&rd);
	state.refused = rd_u64(&rd);
	rd_copy(&rd, state.receipt_key, sizeof(state.receipt_key));
	if (!rd_done(&rd)) {
		return TL_EFORMAT;
	}
	*ret = state;
	return TL_OK;
}

void keyd_put_state(struct buf *out, const struct keyd_state *state)
{
	if (put_head(out, FRAME_KEYD_STATE, 20 + KEYD_KEY_BYTES)) {
		buf_put_u16(out, state->sessions);
		buf_put_u16(out, state->officers);
		buf_put_u64(out, state->opened);
		buf_put_u64(out, state->refused);
		buf_put(out, state->receipt_key, sizeof(state->receipt_key));
	}
}
