/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/intake/link.h"

#include <stdlib.h>
#include <sys/queue.h>

#include "base/rd.h"
#include "server/net/peer.h"

#define NUMBER_BYTES 4u

struct question {
	TAILQ_ENTRY(question) link;
	uint32_t number;
	enum frame_type type;
	uint64_t deadline_ms;
	struct buf body; /* number and question */
	link_answer_fn on_answer;
	void *arg;
};

struct link {
	struct link_opts opts;
	struct peer *peer; /* NULL while nobody is there */
	TAILQ_HEAD(questions, question) waiting;
	size_t n_waiting;
	size_t waiting_bytes;
	uint32_t next_number;
};

struct link *link_new(const struct link_opts *opts)
{
	struct link *link = calloc(1, sizeof(*link));

	if (link != NULL) {
		link->opts = *opts;
		TAILQ_INIT(&link->waiting);
	}
	return link;
}

size_t link_waiting(const struct link *link)
{
	return link->n_waiting;
}

static void finish(struct link *link, struct question *question,
    const struct link_answer *answer)
{
	link_answer_fn on_answer = question->on_answer;
	void *arg = question->arg;

	TAILQ_REMOVE(&link->waiting, question, link);
	link->n_waiting--;
	link->waiting_bytes -= question->body.len;
	buf_free(&question->body);
	free(question);
	on_answer(answer, arg);
}

/* Answers come in the order of the questions, so the first is nearly always
 * the one. NULL: its deadline has passed. */
static struct question *find(struct link *link, uint32_t number)
{
	struct question *question;

	TAILQ_FOREACH (question, &link->waiting, link) {
		if (question->number == number) {
			return question;
		}
	}
	return NULL;
}

static void on_frame(
    struct peer *peer, const struct frame *frame, int fd, void *arg)
{
	struct link *link = arg;
	struct rd rd = rd_of(frame->body, frame->body_len);
	uint32_t number = rd_u32(&rd);
	struct question *question = find(link, number);
	struct link_answer answer = {
		.answered = true,
		.type = frame->type,
		.body = bytes_of(rd.at, rd.left),
	};

	(void)peer;
	(void)fd;
	if (link->opts.on_note != NULL &&
	    link->opts.on_note(frame->type,
		bytes_of(frame->body, frame->body_len), link->opts.arg)) {
		return;
	}
	if (rd_ok(&rd) && question != NULL) {
		finish(link, question, &answer);
	}
}

static void on_gone(struct peer *peer, void *arg)
{
	struct link *link = arg;

	peer_free(peer);
	link->peer = NULL;
	if (link->opts.on_lost != NULL) {
		link->opts.on_lost(link->n_waiting, link->opts.arg);
	}
}

static void send_question(struct link *link, const struct question *question)
{
	peer_send(link->peer, question->type,
	    bytes_of(question->body.data, question->body.len));
}

size_t link_attach(struct link *link, int fd)
{
	struct question *question;

	peer_free(link->peer);
	link->peer = peer_new(
	    link->opts.base, fd, link->opts.theirs, on_frame, on_gone, link);
	if (link->peer == NULL) {
		return 0;
	}
	TAILQ_FOREACH (question, &link->waiting, link) {
		send_question(link, question);
	}
	return link->n_waiting;
}

bool link_is_up(const struct link *link)
{
	return link->peer != NULL;
}

enum tl_err link_ask(struct link *link, enum frame_type type, struct bytes body,
    uint64_t deadline_ms, link_answer_fn on_answer, void *arg)
{
	struct question *question;
	enum tl_err err;

	if (link->waiting_bytes + body.len > link->opts.waiting_max_bytes) {
		return TL_EBUSY;
	}
	question = calloc(1, sizeof(*question));
	if (question == NULL) {
		return TL_ENOMEM;
	}
	question->number = link->next_number++;
	question->type = type;
	question->deadline_ms = deadline_ms;
	question->on_answer = on_answer;
	question->arg = arg;
	buf_init(&question->body, NUMBER_BYTES + body.len);
	buf_put_u32(&question->body, question->number);
	buf_put(&question->body, body.at, body.len);
	err = buf_err(&question->body);
	if (err != TL_OK) {
		buf_free(&question->body);
		free(question);
		return err;
	}
	TAILQ_INSERT_TAIL(&link->waiting, question, link);
	link->n_waiting++;
	link->waiting_bytes += question->body.len;
	if (link->peer != NULL) {
		send_question(link, question);
	}
	return TL_OK;
}

void link_tell(struct link *link, enum frame_type type, struct bytes body)
{
	if (link->peer != NULL) {
		peer_send(link->peer, type, body);
	}
}

void link_tick(struct link *link, uint64_t now_ms)
{
	static const struct link_answer silence = { 0 };
	struct question *question, *next;

	question = TAILQ_FIRST(&link->waiting);
	for (; question != NULL; question = next) {
		next = TAILQ_NEXT(question, link);
		if (question->deadline_ms <= now_ms) {
			finish(link, question, &silence);
		}
	}
}

void link_free(struct link *link)
{
	static const struct link_answer silence = { 0 };

	if (link == NULL) {
		return;
	}
	peer_free(link->peer);
	while (!TAILQ_EMPTY(&link->waiting)) {
		finish(link, TAILQ_FIRST(&link->waiting), &silence);
	}
	free(link);
}
