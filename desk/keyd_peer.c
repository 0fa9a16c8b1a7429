/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/keyd_peer.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "server/net/peer.h"

struct question {
	uint16_t answer; /* the type of its answer */
	keyd_answer_fn fn;
	void *arg;
};

struct keyd_peer {
	struct peer *peer; /* NULL: it has gone */
	keyd_state_fn on_state;
	keyd_left_fn on_left;
	keyd_ring_fn on_ring;
	void *arg;
	bool met;
	struct keyd_state state;
	struct question *questions; /* a ring */
	size_t first, n, room;
};

static bool take_first(struct keyd_peer *keyd, struct question *ret)
{
	if (keyd->n == 0) {
		return false;
	}
	*ret = keyd->questions[keyd->first];
	keyd->first = (keyd->first + 1) % keyd->room;
	keyd->n--;
	return true;
}

void keyd_peer_part(struct keyd_peer *keyd)
{
	struct question question;

	if (keyd->peer == NULL) {
		return;
	}
	peer_free(keyd->peer);
	keyd->peer = NULL;
	while (take_first(keyd, &question)) {
		question.fn(NULL, question.arg);
	}
	keyd->on_state(false, keyd->arg);
}

static void gone_cb(struct peer *peer, void *arg)
{
	(void)peer;
	keyd_peer_part(arg);
}

static void tell_ring(struct keyd_peer *keyd, const struct frame *frame)
{
	if (frame->body_len == 1 && frame->body[0] <= KEYD_RING_MAX) {
		keyd->on_ring((enum keyd_ring)frame->body[0], keyd->arg);
	} else {
		log_event(LOG_PEER_GARBAGE, 0, 0);
		keyd_peer_part(keyd);
	}
}

/* What answers a question of this type; 0: it is none. */
static uint16_t answer_to(uint16_t type)
{
	static const struct {
		enum frame_type asked, answered;
	} rows[] = {
		{ FRAME_KEYD_UNLOCK, FRAME_KEYD_UNLOCKED },
		{ FRAME_KEYD_OPEN, FRAME_KEYD_OPENED },
		{ FRAME_KEYD_RESEAL, FRAME_KEYD_RESEALED },
		{ FRAME_KEYD_SIGN, FRAME_KEYD_SIGNED },
		{ FRAME_KEYD_LOCK, FRAME_KEYD_STATE },
		{ FRAME_KEYD_ASK, FRAME_KEYD_STATE },
		{ FRAME_KEYD_MAIL, FRAME_KEYD_MAILED },
		{ FRAME_KEYD_SEAL_ASK, FRAME_KEYD_SEAL_TO },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].asked == type) {
			return (uint16_t)rows[i].answered;
		}
	}
	return 0;
}

/* Answers have no number: behind one of another kind each is somebody else's.
 */
static void take_answer(struct keyd_peer *keyd, const struct frame *frame)
{
	struct question question = { .fn = NULL };
	bool fits =
	    take_first(keyd, &question) && question.answer == frame->type;

	if (question.fn != NULL) {
		question.fn(fits ? frame : NULL, question.arg);
	}
	if (!fits) {
		log_event(LOG_PEER_GARBAGE, 0, 0);
		keyd_peer_part(keyd);
	}
}

static void frame_cb(
    struct peer *peer, const struct frame *frame, int fd, void *arg)
{
	struct keyd_peer *keyd = arg;

	(void)peer;
	(void)fd;
	if (!keyd->met) {
		keyd->met = frame->type == FRAME_KEYD_STATE &&
		    keyd_read_state(frame, &keyd->state) == TL_OK;
		if (keyd->met) {
			keyd->on_state(true, keyd->arg);
		} else {
			keyd_peer_part(keyd);
		}
	} else if (frame->type == FRAME_KEYD_LEFT) {
		keyd->on_left(
		    bytes_of(frame->body, frame->body_len), keyd->arg);
	} else if (frame->type == FRAME_KEYD_RING) {
		tell_ring(keyd, frame);
	} else {
		take_answer(keyd, frame);
	}
}

enum tl_err keyd_peer_new(struct event_base *base, int fd,
    keyd_state_fn on_state, keyd_left_fn on_left, keyd_ring_fn on_ring,
    void *arg, struct keyd_peer **ret)
{
	struct keyd_peer *keyd = calloc(1, sizeof(*keyd));

	if (keyd == NULL) {
		return TL_ENOMEM;
	}
	keyd->on_state = on_state;
	keyd->on_left = on_left;
	keyd->on_ring = on_ring;
	keyd->arg = arg;
	keyd->peer =
	    peer_new(base, fd, FRAME_FROM_KEYD, frame_cb, gone_cb, keyd);
	if (keyd->peer == NULL) {
		free(keyd);
		return TL_ENOMEM;
	}
	*ret = keyd;
	return TL_OK;
}

void keyd_peer_free(struct keyd_peer *keyd)
{
	if (keyd != NULL) {
		peer_free(keyd->peer);
		free(keyd->questions);
		free(keyd);
	}
}

static bool add_question(
    struct keyd_peer *keyd, const struct question *question)
{
	if (keyd->n == keyd->room) {
		size_t room = keyd->room == 0 ? 16 : 2 * keyd->room;
		struct question *more = calloc(room, sizeof(*more));

		if (more == NULL) {
			return false;
		}
		for (size_t i = 0; i < keyd->n; i++) {
			more[i] =
			    keyd->questions[(keyd->first + i) % keyd->room];
		}
		free(keyd->questions);
		keyd->questions = more;
		keyd->room = room;
		keyd->first = 0;
	}
	keyd->questions[(keyd->first + keyd->n) % keyd->room] = *question;
	keyd->n++;
	return true;
}

void keyd_peer_ask(struct keyd_peer *keyd, const struct buf *frame,
    keyd_answer_fn fn, void *arg)
{
	struct question question = { .fn = fn, .arg = arg };
	struct frame whole;
	bool fine = keyd->peer != NULL && frame->err == TL_OK &&
	    frame_get(frame->data, frame->len, FRAME_FROM_DESK, &whole) ==
		TL_OK;

	if (fine) {
		question.answer = answer_to(whole.type);
		fine = add_question(keyd, &question);
	}
	if (!fine) {
		fn(NULL, arg);
		return;
	}
	peer_send(keyd->peer, (enum frame_type)whole.type,
	    bytes_of(whole.body, whole.body_len));
}

size_t keyd_peer_waiting(const struct keyd_peer *keyd)
{
	return keyd->n;
}

const struct keyd_state *keyd_peer_state(const struct keyd_peer *keyd)
{
	return &keyd->state;
}
