/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/keyd_peer.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "server/net/peer.h"

struct question {
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

static void part(struct keyd_peer *keyd)
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
	part(arg);
}

static void tell_ring(struct keyd_peer *keyd, const struct frame *frame)
{
	if (frame->body_len == 1 && frame->body[0] <= KEYD_RING_MAX) {
		keyd->on_ring((enum keyd_ring)frame->body[0], keyd->arg);
	} else {
		log_event(LOG_PEER_GARBAGE, 0, 0);
		part(keyd);
	}
}

static void frame_cb(
    struct peer *peer, const struct frame *frame, int fd, void *arg)
{
	struct keyd_peer *keyd = arg;
	struct question question;

	(void)peer;
	(void)fd;
	if (!keyd->met) {
		keyd->met = frame->type == FRAME_KEYD_STATE &&
		    keyd_read_state(frame, &keyd->state) == TL_OK;
		if (keyd->met) {
			keyd->on_state(true, keyd->arg);
		} else {
			part(keyd);
		}
	} else if (frame->type == FRAME_KEYD_LEFT) {
		keyd->on_left(
		    bytes_of(frame->body, frame->body_len), keyd->arg);
	} else if (frame->type == FRAME_KEYD_RING) {
		tell_ring(keyd, frame);
	} else if (take_first(keyd, &question)) {
		question.fn(frame, question.arg);
	} else {
		log_event(LOG_PEER_GARBAGE, 0, 0); /* nothing was asked */
		part(keyd);
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
	const struct question question = { fn, arg };
	struct frame whole;

	if (keyd->peer == NULL || frame->err != TL_OK ||
	    frame_get(frame->data, frame->len, FRAME_FROM_DESK, &whole) !=
		TL_OK ||
	    !add_question(keyd, &question)) {
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
