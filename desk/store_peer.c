/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/store_peer.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/rd.h"
#include "server/net/peer.h"

/* The store answers in the order of the questions, so they are a ring. */
struct question {
	uint32_t req;
	store_answer_fn fn;
	void *arg;
};

struct store_peer {
	struct peer *peer; /* NULL: it has gone */
	store_news_fn on_news;
	void *arg;
	uint32_t req; /* of the last question */
	struct question *questions;
	size_t first, n, room;
	struct buf body;
};

void store_peer_part(struct store_peer *store)
{
	if (store->peer == NULL) {
		return;
	}
	peer_free(store->peer);
	store->peer = NULL;
	while (store->n > 0) {
		struct question question = store->questions[store->first];

		store->first = (store->first + 1) % store->room;
		store->n--;
		question.fn(NULL, question.arg);
	}
	store->on_news(NULL, store->arg);
}

static void gone_cb(struct peer *peer, void *arg)
{
	(void)peer;
	store_peer_part(arg);
}

static bool is_news(uint16_t type)
{
	return type == FRAME_STORE_INDEX || type == FRAME_STORE_CASE ||
	    type == FRAME_STORE_STATE;
}

static void frame_cb(
    struct peer *peer, const struct frame *frame, int fd, void *arg)
{
	struct store_peer *store = arg;
	struct rd rd = rd_of(frame->body, frame->body_len);
	struct question question = { 0 };

	(void)peer;
	(void)fd;
	if (is_news(frame->type)) {
		store->on_news(frame, store->arg);
		return;
	}
	if (store->n > 0) {
		question = store->questions[store->first];
	}
	if (question.fn == NULL || rd_u32(&rd) != question.req || !rd_ok(&rd)) {
		log_event(LOG_PEER_GARBAGE, 1, 0);
		store_peer_part(store);
		return;
	}
	if (frame->type != FRAME_STORE_ENTRY) {
		store->first = (store->first + 1) % store->room;
		store->n--;
	}
	question.fn(frame, question.arg);
}

enum tl_err store_peer_new(struct event_base *base, int fd,
    store_news_fn on_news, void *arg, struct store_peer **ret)
{
	struct store_peer *store = calloc(1, sizeof(*store));

	if (store == NULL) {
		return TL_ENOMEM;
	}
	store->on_news = on_news;
	store->arg = arg;
	buf_init(&store->body, FRAME_EVENT_BYTES);
	store->peer =
	    peer_new(base, fd, FRAME_FROM_STORE, frame_cb, gone_cb, store);
	if (store->peer == NULL) {
		free(store);
		return TL_ENOMEM;
	}
	*ret = store;
	return TL_OK;
}

void store_peer_free(struct store_peer *store)
{
	if (store != NULL) {
		peer_free(store->peer);
		buf_free(&store->body);
		free(store->questions);
		free(store);
	}
}

/* ---- asking ------------------------------------------------------------- */

static bool make_room(struct store_peer *store)
{
	size_t room = store->room == 0 ? 16 : 2 * store->room;
	struct question *more;

	if (store->n < store->room) {
		return true;
	}
	more = calloc(room, sizeof(*more));
	if (more == NULL) {
		return false;
	}
	for (size_t i = 0; i < store->n; i++) {
		more[i] = store->questions[(store->first + i) % store->room];
	}
	free(store->questions);
	store->questions = more;
	store->room = room;
	store->first = 0;
	return true;
}

/* What is in store->body, as a frame of this type. */
static void ask(struct store_peer *store, enum frame_type type,
    store_answer_fn fn, void *arg)
{
	bool fine = store->peer != NULL && buf_err(&store->body) == TL_OK &&
	    make_room(store);

	if (fine) {
		struct question *question =
		    &store->questions[(store->first + store->n) % store->room];

		*question = (struct question){ store->req, fn, arg };
		store->n++;
		peer_send(store->peer, type,
		    bytes_of(store->body.data, store->body.len));
	}
	buf_reset(&store->body);
	if (!fine) {
		fn(NULL, arg);
	}
}

void store_ask_record(
    struct store_peer *store, uint64_t number, store_answer_fn fn, void *arg)
{
	const struct store_want want = { .req = ++store->req,
		.number = number };

	store_put_want(&store->body, &want);
	ask(store, FRAME_STORE_WANT, fn, arg);
}

void store_ask_entries(struct store_peer *store,
    const uint8_t id[static CASE_ID_BYTES], store_answer_fn fn, void *arg)
{
	store_put_entries(&store->body, ++store->req, id);
	ask(store, FRAME_STORE_ENTRIES, fn, arg);
}

void store_ask_catch_up(struct store_peer *store, store_answer_fn fn, void *arg)
{
	store_put_catch_up(&store->body, ++store->req);
	ask(store, FRAME_STORE_CATCH_UP, fn, arg);
}

void store_ask_do(struct store_peer *store, const struct store_do *change,
    store_answer_fn fn, void *arg)
{
	struct store_do numbered = *change;

	numbered.req = ++store->req;
	store_put_do(&store->body, &numbered);
	ask(store, FRAME_STORE_DO, fn, arg);
}

void store_ask_renew(struct store_peer *store, const struct store_do *change,
    store_answer_fn fn, void *arg)
{
	struct store_do numbered = *change;

	numbered.req = ++store->req;
	store_put_do(&store->body, &numbered);
	ask(store, FRAME_STORE_RENEW, fn, arg);
}

void store_ask_logout(
    struct store_peer *store, const char *who, store_answer_fn fn, void *arg)
{
	store_put_logout(&store->body, ++store->req, who);
	ask(store, FRAME_STORE_LOGOUT, fn, arg);
}

void store_ask_keep(struct store_peer *store, const struct store_keep *keep,
    store_answer_fn fn, void *arg)
{
	struct store_keep numbered = *keep;

	numbered.req = ++store->req;
	store_put_keep(&store->body, &numbered);
	ask(store, FRAME_STORE_KEEP, fn, arg);
}

void store_ask_mail(struct store_peer *store, const struct store_mail *mail,
    store_answer_fn fn, void *arg)
{
	struct store_mail numbered = *mail;

	numbered.req = ++store->req;
	store_put_mail(&store->body, &numbered);
	ask(store, FRAME_STORE_MAIL, fn, arg);
}

void store_ask_status(struct store_peer *store,
    const struct store_status *status, store_answer_fn fn, void *arg)
{
	struct store_status numbered = *status;

	numbered.mail.req = ++store->req;
	store_put_status(&store->body, &numbered);
	ask(store, FRAME_STORE_STATUS, fn, arg);
}

struct store_done store_done_of(const struct frame *frame)
{
	struct store_done done = { .result = STORE_NO_LEDGER };
	struct store_done read;

	if (frame != NULL && frame->type == FRAME_STORE_DONE &&
	    store_read_done(frame, &read) == TL_OK) {
		done = read;
	}
	return done;
}
