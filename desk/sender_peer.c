/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/sender_peer.h"

#include <stdlib.h>
#include <sys/queue.h>

#include "base/log.h"
#include "server/net/peer.h"

/* Answers come in any order. */
struct question {
	TAILQ_ENTRY(question) link;
	uint32_t req;
	sender_said_fn fn;
	void *arg;
};

struct sender_peer {
	struct peer *peer; /* NULL: it has gone */
	void (*gone)(void *arg);
	void *arg;
	uint32_t req; /* of the last question */
	TAILQ_HEAD(questions, question) questions;
};

static void end_question(struct sender_peer *sender, struct question *question,
    const struct sender_said *said)
{
	TAILQ_REMOVE(&sender->questions, question, link);
	question->fn(said, question->arg);
	free(question);
}

void sender_peer_part(struct sender_peer *sender)
{
	const struct sender_said unknown = { .said = SEND_UNKNOWN };

	if (sender->peer == NULL) {
		return;
	}
	peer_free(sender->peer);
	sender->peer = NULL;
	while (!TAILQ_EMPTY(&sender->questions)) {
		end_question(sender, TAILQ_FIRST(&sender->questions), &unknown);
	}
	sender->gone(sender->arg);
}

static void gone_cb(struct peer *peer, void *arg)
{
	(void)peer;
	sender_peer_part(arg);
}

static void frame_cb(
    struct peer *peer, const struct frame *frame, int fd, void *arg)
{
	struct sender_peer *sender = arg;
	struct sender_said said = { 0 };
	struct question *question = NULL;

	(void)peer;
	(void)fd;
	if (sender_read_said(frame, &said) == TL_OK) {
		TAILQ_FOREACH (question, &sender->questions, link) {
			if (question->req == said.req) {
				break;
			}
		}
	}
	if (question == NULL) {
		log_event(LOG_PEER_GARBAGE, 2, 0); /* nothing was asked */
		sender_peer_part(sender);
		return;
	}
	end_question(sender, question, &said);
}

enum tl_err sender_peer_new(struct event_base *base, int fd,
    void (*gone)(void *arg), void *arg, struct sender_peer **ret)
{
	struct sender_peer *sender = calloc(1, sizeof(*sender));

	if (sender == NULL) {
		return TL_ENOMEM;
	}
	sender->gone = gone;
	sender->arg = arg;
	TAILQ_INIT(&sender->questions);
	sender->peer =
	    peer_new(base, fd, FRAME_FROM_SENDER, frame_cb, gone_cb, sender);
	if (sender->peer == NULL) {
		free(sender);
		return TL_ENOMEM;
	}
	*ret = sender;
	return TL_OK;
}

void sender_peer_free(struct sender_peer *sender)
{
	struct question *question;

	if (sender == NULL) {
		return;
	}
	peer_free(sender->peer);
	while ((question = TAILQ_FIRST(&sender->questions)) != NULL) {
		TAILQ_REMOVE(&sender->questions, question, link);
		free(question);
	}
	free(sender);
}

/* ---- asking ------------------------------------------------------------- */

static void ask(struct sender_peer *sender, enum frame_type type,
    const struct buf *body, sender_said_fn fn, void *arg)
{
	const struct sender_said not_sent = { .said = SEND_LATER };
	struct question *question = calloc(1, sizeof(*question));

	if (sender->peer == NULL || question == NULL ||
	    buf_err(body) != TL_OK) {
		free(question);
		fn(&not_sent, arg);
		return;
	}
	*question =
	    (struct question){ .req = sender->req, .fn = fn, .arg = arg };
	TAILQ_INSERT_TAIL(&sender->questions, question, link);
	peer_send(sender->peer, type, bytes_of(body->data, body->len));
}

void sender_ask_sms(struct sender_peer *sender, const struct sender_sms *sms,
    sender_said_fn fn, void *arg)
{
	struct sender_sms numbered = *sms;
	struct buf body;

	numbered.req = ++sender->req;
	buf_init(&body, frame_max_bytes(FRAME_SENDER_SMS));
	sender_put_sms(&body, &numbered);
	ask(sender, FRAME_SENDER_SMS, &body, fn, arg);
	buf_free(&body);
}

void sender_ask_alarm(struct sender_peer *sender,
    const struct sender_alarm *alarm, sender_said_fn fn, void *arg)
{
	struct sender_alarm numbered = *alarm;
	struct buf body;

	numbered.req = ++sender->req;
	buf_init(&body, frame_max_bytes(FRAME_SENDER_ALARM));
	sender_put_alarm(&body, &numbered);
	ask(sender, FRAME_SENDER_ALARM, &body, fn, arg);
	buf_free(&body);
}
