/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The peers of the rig: what they answer, and how they fail. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "desk/sender_talk.h"
#include "tests/lib/desk_rig_inside.h"

/* ---- frames --------------------------------------------------------------
 */

void desk_rig_put_frame(
    struct buf *out, enum frame_type type, const struct buf *body)
{
	assert_int_equal(buf_err(body), TL_OK);
	frame_put(out, type, body->data, body->len);
	assert_int_equal(buf_err(out), TL_OK);
}

void desk_rig_say(
    struct desk_rig *rig, enum desk_peer peer, const uint8_t *bytes, size_t len)
{
	while (len > 0 && rig->fds[peer] >= 0) {
		ssize_t n = send(rig->fds[peer], bytes, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EPIPE) { /* the desk has parted */
			desk_rig_close(rig, peer);
			return;
		}
		if (n < 0) {
			assert_int_equal(errno, EAGAIN);
			net_turn(rig->web->server, 0);
			continue;
		}
		bytes += n;
		len -= (size_t)n;
	}
}

void desk_rig_close(struct desk_rig *rig, enum desk_peer peer)
{
	(void)close(rig->fds[peer]);
	rig->fds[peer] = -1;
}

/* ---- the others ---------------------------------------------------------- */

/* Its officers have no second factor, and the desk asks everybody for one. */
static void put_unlock(const struct frame *frame, struct buf *out)
{
	struct keyd_unlock unlock;

	assert_int_equal(keyd_read_unlock(frame, &unlock), TL_OK);
	unlock.code = bytes_of(NULL, 0);
	keyd_put_unlock(out, &unlock);
}

static void answer_keyd(
    struct desk_rig *rig, const struct frame *frame, struct buf *out)
{
	struct frame asked = *frame;
	struct buf plain;

	buf_init(&plain, FRAME_RECORD_BYTES);
	if (frame->type == FRAME_KEYD_UNLOCK) {
		put_unlock(frame, &plain);
		assert_int_equal(
		    frame_get(plain.data, plain.len, FRAME_FROM_DESK, &asked),
		    TL_OK);
	}
	assert_int_equal(keyd_answer(rig->keyd.keyd, &asked, rig->keyd.now_ms,
			     rig->keyd.now_s, out),
	    TL_OK);
	buf_free(&plain);
}

static void answer_sender(
    struct desk_rig *rig, const struct frame *frame, struct buf *out)
{
	struct sender_said said = {
		.said = SEND_TAKEN, .status = 201, .id = bytes_str("the-id")
	};
	struct sender_sms sms;
	struct buf body;

	assert_int_equal(sender_read_sms(frame, &sms), TL_OK);
	said.req = sms.req;
	rig->taken.texts++;
	buf_init(&body, 256);
	sender_put_said(&body, &said);
	desk_rig_put_frame(out, FRAME_SENDER_SAID, &body);
	buf_free(&body);
}

/* ---- answers, and what comes in their place ------------------------------ */

/* Where the last frame of an answer begins. */
static size_t last_frame(const struct buf *out)
{
	size_t at = 0, next = 0;

	while (next < out->len) {
		at = next;
		next += FRAME_HEAD_BYTES +
		    ((size_t)out->data[at + 1] << 16 |
			(size_t)out->data[at + 2] << 8 | out->data[at + 3]);
	}
	return at;
}

/* Answers to others carry no number of their question. */
static size_t number_bytes(enum desk_peer peer)
{
	return peer == DESK_KEYD ? 0 : 4;
}

static enum frame_type other_type(enum desk_peer peer, uint16_t type)
{
	if (peer == DESK_KEYD) {
		return type == FRAME_KEYD_STATE ? FRAME_KEYD_MAILED
						: FRAME_KEYD_STATE;
	}
	if (peer == DESK_STORE) {
		return type == FRAME_STORE_DONE ? FRAME_STORE_RECORD
						: FRAME_STORE_DONE;
	}
	return FRAME_SENDER_SAID;
}

/* As many bytes as may be of the frame's own body, else noise. */
static void put_like(struct buf *out, enum frame_type type,
    const struct buf *body, size_t keep, size_t len)
{
	size_t max = frame_max_bytes((uint16_t)type);

	len = len > max ? max : len;
	frame_put_head(out, type, len);
	for (size_t i = 0; i < len; i++) {
		buf_put_u8(out, i < keep ? body->data[i] : 0xa5);
	}
}

static void put_refusal(const struct desk_rig *rig, struct buf *out,
    const struct buf *body, enum frame_type type)
{
	struct store_done done = { .result = rig->result };

	if (rig->bad_peer == DESK_STORE) {
		memcpy(&done.req, body->data, 4);
		done.req = (uint32_t)body->data[0] << 24 |
		    (uint32_t)body->data[1] << 16 |
		    (uint32_t)body->data[2] << 8 | body->data[3];
		desk_rig_put_done(out, &done);
	} else if (rig->bad_peer == DESK_KEYD && body->len > 0) {
		/* OPENED has one byte then, all others their length */
		frame_put_head(
		    out, type, type == FRAME_KEYD_OPENED ? 1 : body->len);
		buf_put_u8(out, 253);
		if (type != FRAME_KEYD_OPENED) {
			buf_put_zeros(out, body->len - 1);
		}
	} else {
		body->data[4] = SEND_REFUSED;
		put_like(out, type, body, body->len, body->len);
	}
}

/* Of an answer of several frames the first one. */
static void spoil_first(const struct desk_rig *rig, struct buf *out)
{
	size_t keep = number_bytes(rig->bad_peer);
	size_t len = (size_t)out->data[1] << 16 | (size_t)out->data[2] << 8 |
	    out->data[3];

	for (size_t i = keep; i < len; i++) {
		out->data[FRAME_HEAD_BYTES + i] = 0xa5;
	}
}

static void spoil(struct desk_rig *rig, struct buf *out)
{
	size_t at = last_frame(out), keep = number_bytes(rig->bad_peer);
	enum frame_type type = (enum frame_type)(
	    (unsigned)out->data[at + 4] << 8 | out->data[at + 5]);
	struct buf body;

	buf_init(&body, FRAME_BATCH_BYTES);
	buf_put(&body, out->data + at + FRAME_HEAD_BYTES,
	    out->len - at - FRAME_HEAD_BYTES);
	assert_int_equal(buf_err(&body), TL_OK);
	if (rig->bad == DESK_BAD_CUT) {
		out->len = at + (out->len - at) / 2;
	} else {
		out->len = at;
	}
	switch ((int)rig->bad) {
	case DESK_BAD_NUMBER:
		if (keep > 0) {
			body.data[0] ^= 0x55;
		} else { /* one answer too many */
			put_like(out, type, &body, body.len, body.len);
		}
		put_like(out, type, &body, body.len, body.len);
		break;
	case DESK_BAD_EMPTY:
		put_like(out, type, &body, keep, keep);
		break;
	case DESK_BAD_SHORT:
		put_like(out, type, &body, body.len,
		    body.len > keep ? body.len - 1 : keep);
		break;
	case DESK_BAD_LONG:
		put_like(out, type, &body, body.len, body.len + 1);
		break;
	case DESK_BAD_NOISE:
		put_like(out, type, &body, keep, body.len);
		break;
	case DESK_BAD_OTHER:
		put_like(out, other_type(rig->bad_peer, (uint16_t)type), &body,
		    keep, body.len);
		break;
	case DESK_BAD_NO:
		put_refusal(rig, out, &body, type);
		break;
	default:
		break;
	}
	buf_free(&body);
	assert_int_equal(buf_err(out), TL_OK);
}

static void answer(
    struct desk_rig *rig, enum desk_peer peer, const struct frame *frame)
{
	static void (*const answers[])(struct desk_rig * rig,
	    const struct frame *frame, struct buf *out) = { answer_keyd,
		desk_rig_answer_store, answer_sender };
	bool is_bad = ++rig->asked[peer] == rig->bad_at &&
	    peer == rig->bad_peer && rig->bad != DESK_FINE;
	struct buf out;

	buf_init(&out, 2 * FRAME_BATCH_BYTES);
	if (is_bad) {
		rig->asked_for = frame->type;
	}
	/* what refuses does not do it either */
	if (!is_bad || rig->bad != DESK_BAD_CLOSED) {
		struct desk_taken was = rig->taken;
		size_t n_events = rig->n_events, n_records = rig->n_records;

		answers[peer](rig, frame, &out);
		if (is_bad && peer == DESK_STORE && rig->bad == DESK_BAD_NO) {
			while (rig->n_events > n_events) {
				buf_free(&rig->events[--rig->n_events].sealed);
			}
			while (rig->n_records > n_records) {
				buf_free(
				    &rig->records[--rig->n_records].sealed);
			}
			rig->taken = was;
			buf_drop(&out, last_frame(&out));
		}
	}
	if (peer == rig->bad_peer && rig->bad == DESK_BAD_LATE &&
	    (is_bad || rig->late.len > 0)) { /* they keep their order */
		buf_put(&rig->late, out.data, out.len);
		buf_reset(&out);
	} else if (is_bad && rig->bad == DESK_BAD_NEWS) {
		desk_rig_say(rig, rig->news_of, rig->news.at, rig->news.len);
		net_turn(rig->web->server, 0); /* it is heard first */
	} else if (is_bad && rig->bad == DESK_BAD_FIRST) {
		spoil_first(rig, &out);
	} else if (is_bad && out.len > 0) {
		spoil(rig, &out);
	}
	desk_rig_say(rig, peer, out.data, out.len);
	buf_free(&out);
	if (is_bad &&
	    (rig->bad == DESK_BAD_CLOSED || rig->bad == DESK_BAD_CUT)) {
		desk_rig_close(rig, peer);
	}
}

bool desk_rig_serve(struct desk_rig *rig, enum desk_peer peer)
{
	struct buf *in = &rig->in[peer];
	uint8_t bytes[16384];
	struct frame frame;
	size_t used = 0;
	ssize_t n;

	if (rig->fds[peer] < 0) {
		return false;
	}
	n = recv(rig->fds[peer], bytes, sizeof(bytes), MSG_DONTWAIT);
	if (n == 0 || (n < 0 && errno != EAGAIN)) {
		desk_rig_close(rig, peer); /* the desk has had enough of it */
		return true;
	}
	if (n < 0) {
		return false;
	}
	buf_put(in, bytes, (size_t)n);
	assert_int_equal(buf_err(in), TL_OK);
	while (rig->fds[peer] >= 0 &&
	    frame_get(in->data + used, in->len - used,
		peer == DESK_KEYD ? FRAME_FROM_DESK : FRAME_FROM_WEB,
		&frame) == TL_OK) {
		used += FRAME_HEAD_BYTES + frame.body_len;
		answer(rig, peer, &frame);
	}
	buf_drop(in, used);
	return true;
}

/* ---- failing ------------------------------------------------------------- */

void desk_rig_fail(struct desk_rig *rig, enum desk_peer peer, unsigned n,
    enum desk_bad how, enum store_result result)
{
	memset(rig->asked, 0, sizeof(rig->asked));
	rig->bad_peer = peer;
	rig->bad_at = n;
	rig->bad = how;
	rig->result = result;
}

bool desk_rig_heal(struct desk_rig *rig)
{
	bool was_asked =
	    rig->bad_at > 0 && rig->asked[rig->bad_peer] >= rig->bad_at;

	rig->bad = DESK_FINE;
	rig->bad_at = 0;
	desk_rig_say(rig, rig->bad_peer, rig->late.data, rig->late.len);
	buf_reset(&rig->late);
	if (rig->web != NULL) {
		desk_rig_settle(rig);
	}
	return was_asked;
}

size_t desk_rig_events(const struct desk_rig *rig, uint8_t n)
{
	size_t events = 0;

	for (size_t i = 0; i < rig->n_events; i++) {
		events += rig->events[i].record.id[0] == n;
	}
	return events;
}
