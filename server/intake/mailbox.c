/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Two questions: the kdf turns the code into mailbox id and reply key, the
 * spool gives what lies in that mailbox. Neither knows what the other said.
 */
#include "server/intake/mailbox.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/frame.h"
#include "base/rd.h"
#include "base/wipe.h"
#include "server/intake/link.h"
#include "text/utf8.h"

_Static_assert(CODE_REPLY_KEY_BYTES == MAIL_KEY_BYTES &&
	CODE_MAILBOX_BYTES == MAIL_MAILBOX_BYTES,
    "what a code gives is what mail takes");
_Static_assert(MAILBOX_REPLIES_MAX == FRAME_MAIL_MOST, "one frame has all");

/* Somebody looks into a mailbox. Plaintext: wiped by finish(). */
struct visit {
	struct mailbox_way way;
	mailbox_view_fn on_view;
	void *arg;
	struct mailbox_view view;
	uint8_t contents[MAILBOX_REPLIES_MAX][MAIL_CONTENT_BYTES];
};

struct deletion {
	mailbox_done_fn on_done;
	void *arg;
};

static struct visit *visit_new(
    const struct mailbox_way *way, mailbox_view_fn on_view, void *arg)
{
	struct visit *visit = calloc(1, sizeof(*visit));

	if (visit != NULL) {
		visit->way = *way;
		visit->on_view = on_view;
		visit->arg = arg;
	}
	return visit;
}

static void visit_free(struct visit *visit)
{
	wipe(visit, sizeof(*visit));
	free(visit);
}

static void finish(struct visit *visit, enum mailbox_state state)
{
	visit->view.state = state;
	visit->on_view(&visit->view, visit->arg);
	visit_free(visit);
}

/* ---- what the spool has ------------------------------------------------- */

/* Newest first; of one second, as they came. */
static void add_reply(struct mailbox_view *view, const struct mail_reply *reply)
{
	size_t at = view->n++;

	while (at > 0 && view->replies[at - 1].sent_s < reply->sent_s) {
		view->replies[at] = view->replies[at - 1];
		at--;
	}
	view->replies[at] = *reply;
}

/* What does not open was not written to who has this code: nobody's. */
static void open_all(struct visit *visit, struct rd *rd, size_t n)
{
	struct mailbox_view *view = &visit->view;

	for (size_t i = 0; i < n; i++) {
		struct bytes mail =
		    bytes_of(rd_bytes(rd, FRAME_MAIL_BYTES), FRAME_MAIL_BYTES);
		struct mail_reply reply;

		if (mail_open(mail, view->mailbox, view->key,
			visit->contents[i], &reply) == TL_OK &&
		    utf8_valid(reply.text)) {
			add_reply(view, &reply);
		}
	}
	for (size_t i = 0; i < view->n && view->status == 0; i++) {
		const struct mail_reply *reply = &view->replies[i];

		view->status = reply->status;
		view->sentence =
		    reply->is_status ? reply->text : bytes_of(NULL, 0);
	}
}

static void on_box(const struct link_answer *answer, void *arg)
{
	struct visit *visit = arg;
	struct rd rd = rd_of(answer->body.at, answer->body.len);
	size_t n = rd_u8(&rd);

	if (!answer->answered || answer->type != FRAME_MAIL_BOX ||
	    !rd_ok(&rd) || n > FRAME_MAIL_MOST ||
	    rd.left != (size_t)FRAME_MAIL_MOST * FRAME_MAIL_BYTES) {
		finish(visit, MAILBOX_AWAY);
		return;
	}
	open_all(visit, &rd, n);
	finish(visit, MAILBOX_SHOWN);
}

static enum tl_err ask_box(struct visit *visit)
{
	return link_ask(visit->way.spool, FRAME_MAIL_ASK,
	    bytes_of(visit->view.mailbox, sizeof(visit->view.mailbox)),
	    visit->way.deadline_ms, on_box, visit);
}

/* ---- what the code gives ------------------------------------------------- */

static void on_code(const struct link_answer *answer, void *arg)
{
	struct visit *visit = arg;
	struct rd rd = rd_of(answer->body.at, answer->body.len);

	if (answer->answered && answer->type == FRAME_CODE_BUSY) {
		finish(visit, MAILBOX_BUSY);
		return;
	}
	rd_copy(&rd, visit->view.mailbox, sizeof(visit->view.mailbox));
	rd_copy(&rd, visit->view.key, sizeof(visit->view.key));
	if (!answer->answered || answer->type != FRAME_CODE_ENTERED ||
	    !rd_done(&rd) || ask_box(visit) != TL_OK) {
		finish(visit, MAILBOX_AWAY);
	}
}

enum tl_err mailbox_enter(const struct mailbox_way *way, const char *digits,
    size_t len, mailbox_view_fn on_view, void *arg)
{
	struct visit *visit = visit_new(way, on_view, arg);
	enum tl_err err;

	if (visit == NULL) {
		return TL_ENOMEM;
	}
	err = link_ask(way->kdf, FRAME_CODE_ENTER, bytes_of(digits, len),
	    way->deadline_ms, on_code, visit);
	if (err != TL_OK) {
		visit_free(visit);
	}
	return err;
}

enum tl_err mailbox_look(const struct mailbox_way *way,
    const uint8_t mailbox[static CODE_MAILBOX_BYTES],
    const uint8_t key[static CODE_REPLY_KEY_BYTES], mailbox_view_fn on_view,
    void *arg)
{
	struct visit *visit = visit_new(way, on_view, arg);
	enum tl_err err;

	if (visit == NULL) {
		return TL_ENOMEM;
	}
	memcpy(visit->view.mailbox, mailbox, CODE_MAILBOX_BYTES);
	memcpy(visit->view.key, key, CODE_REPLY_KEY_BYTES);
	err = ask_box(visit);
	if (err != TL_OK) {
		visit_free(visit);
	}
	return err;
}

/* ---- deleting --------------------------------------------------------------
 */

static void on_dropped(const struct link_answer *answer, void *arg)
{
	struct deletion *deletion = arg;

	deletion->on_done(
	    answer->answered && answer->type == FRAME_MAIL_DROPPED,
	    deletion->arg);
	free(deletion);
}

enum tl_err mailbox_delete(const struct mailbox_way *way,
    const uint8_t mailbox[static CODE_MAILBOX_BYTES], mailbox_done_fn on_done,
    void *arg)
{
	struct deletion *deletion = calloc(1, sizeof(*deletion));
	enum tl_err err;

	if (deletion == NULL) {
		return TL_ENOMEM;
	}
	deletion->on_done = on_done;
	deletion->arg = arg;
	err = link_ask(way->spool, FRAME_MAIL_DROP,
	    bytes_of(mailbox, CODE_MAILBOX_BYTES), way->deadline_ms, on_dropped,
	    deletion);
	if (err != TL_OK) {
		free(deletion);
	}
	return err;
}
