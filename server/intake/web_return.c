/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Coming back: a code is entered, the kdf makes of it the mailbox, and what
 * lies there is shown; then more words and wishes, each a record that belongs
 * to the tip of that mailbox. Nobody here knows whether a code was ever given
 * out: the spool knows mailboxes only where the desk has written.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/wipe.h"
#include "crypto/code.h"
#include "server/intake/mailbox.h"
#include "server/intake/upload.h"
#include "server/intake/web_page.h"

#define ANSWER_MS 9000u
#define DAY_S     86400

_Static_assert(MAILBOX_REPLIES_MAX <= PAGE_MAILS_MAX, "all are shown");
_Static_assert(MAIL_STATUS_LAST == PAGE_STATUSES, "each has its sentence");

/* Somebody with a code, or with an action. Wiped by visit_free(). */
struct visit {
	struct web_client client;
	struct tip_form form;
	struct form_state state;
	struct upload_files *files; /* a recording, or NULL */
	size_t action;              /* row of actions */
};

static void visit_free(struct visit *visit)
{
	net_touched(visit->client.worker->server);
	tip_form_free(&visit->form);
	upload_files_free(visit->files);
	wipe(visit, sizeof(*visit));
	free(visit);
}

static void show_entry(const struct web_client *client, int status,
    enum page_return_problem problem)
{
	struct buf page;
	enum tl_err err;

	buf_init(&page, PAGE_BYTES_MAX);
	err = page_return(
	    &client->worker->site, client->language, problem, &page);
	web_send_page(client, status, err, WIRE_RETURN, &page);
}

/* ---- a code ----------------------------------------------------------------
 */

static void show_box(struct visit *visit, struct page_box *box, int status)
{
	struct worker *worker = visit->client.worker;
	char text[FORM_STATE_TEXT_BYTES];
	struct buf page;
	enum tl_err err;

	form_state_seal(worker->dedup_key, clock_wall_s(), &visit->state, text);
	box->state = text;
	buf_init(&page, PAGE_BYTES_MAX);
	err = page_box(&worker->site, visit->client.language, box, &page);
	box->state = NULL; /* it is of this call */
	web_send_page(&visit->client, status, err,
	    box->errors != 0 ? WIRE_TYPED : WIRE_RETURN, &page);
}

static unsigned days_since(int64_t sent_s)
{
	int64_t age_s = clock_wall_s() - sent_s;

	return age_s > 0 ? (unsigned)(age_s / DAY_S) : 0;
}

static void on_view(const struct mailbox_view *view, void *arg)
{
	struct visit *visit = arg;
	struct page_mail mails[MAILBOX_REPLIES_MAX];
	struct page_box box = { .status = view->status,
		.sentence = view->sentence,
		.mails = mails };

	web_code_ends(&visit->client);
	if (view->state != MAILBOX_SHOWN) {
		show_entry(&visit->client, 503, PAGE_RETURN_BUSY);
		visit_free(visit);
		return;
	}
	for (size_t i = 0; i < view->n; i++) {
		if (view->replies[i].text.len > 0 &&
		    !view->replies[i].is_status) {
			mails[box.n_mails].text = view->replies[i].text;
			mails[box.n_mails].days =
			    days_since(view->replies[i].sent_s);
			box.n_mails++;
		}
	}
	form_state_begin(FORM_STATE_BOX, &visit->state);
	memcpy(
	    visit->state.mailbox, view->mailbox, sizeof(visit->state.mailbox));
	show_box(visit, &box, 200);
	wipe(mails, sizeof(mails));
	visit_free(visit);
}

/* The kdf and the spool are asked for somebody who waits. */
static struct mailbox_way way_of(const struct visit *visit)
{
	struct worker *worker = visit->client.worker;

	return (struct mailbox_way){ worker->kdf, worker->spool,
		clock_mono_ms() + ANSWER_MS };
}

static void take_code(struct visit *visit)
{
	struct worker *worker = visit->client.worker;
	const struct mailbox_way way = way_of(visit);
	char digits[CODE_DIGITS_MAX + 1];
	enum tl_err err = code_parse(visit->form.fields[FORM_CODE], digits);

	worker->counts.values[COUNT_RETURNS]++;
	if (err != TL_OK) {
		show_entry(&visit->client, 422, PAGE_RETURN_CHECK);
		visit_free(visit);
		return;
	}
	if (web_turn(&visit->client, FAIR_CODES, &visit->form, true) ==
	    WEB_TURN_LATER) {
		wipe(digits, sizeof(digits));
		visit_free(visit);
		return;
	}
	web_code_begins(&visit->client);
	err = mailbox_enter(&way, digits, strlen(digits), on_view, visit);
	wipe(digits, sizeof(digits));
	if (err != TL_OK) {
		web_code_ends(&visit->client);
		show_entry(&visit->client, 503, PAGE_RETURN_BUSY);
		visit_free(visit);
	}
}

/* ---- what can be done there -----------------------------------------------
 */

static const struct {
	const char *name; /* on the wire */
	const char *wish; /* in the record; NULL: it is for the words */
	bool deletes;     /* the mail that this host has */
	enum page_done done;
} actions[] = {
	{ "more", NULL, false, PAGE_DONE_SENT },
	{ "delete", "delete-messages", true, PAGE_DONE_DELETED },
	{ "stop", "no-contact", false, PAGE_DONE_STOPPED },
	{ "withdraw", "withdraw", false, PAGE_DONE_WITHDRAWN },
};
#define N_ACTIONS (sizeof(actions) / sizeof(actions[0]))

static void give_back(struct visit *visit, int status, unsigned errors)
{
	struct worker *worker = visit->client.worker;
	struct page_box box = {
		.story = visit->form.fields[FORM_STORY],
		.errors = errors,
	};

	worker->counts.values[status == 503 ? COUNT_UNSENT : COUNT_CONTENT]++;
	show_box(visit, &box, status);
	visit_free(visit);
}

/* The words have arrived; of a recording that has not, it is told. */
static enum page_done what_was_done(const struct visit *visit)
{
	enum page_done done = actions[visit->action].done;

	if (done == PAGE_DONE_SENT && upload_any(visit->files, "too-large")) {
		return PAGE_DONE_SENT_BIG;
	}
	if (done == PAGE_DONE_SENT && upload_any(visit->files, "wrong-kind")) {
		return PAGE_DONE_SENT_KIND;
	}
	return done == PAGE_DONE_SENT && upload_lacks(visit->files)
	    ? PAGE_DONE_SENT_PART
	    : done;
}

static void say_done(bool done, void *arg)
{
	struct visit *visit = arg;

	if (!done) {
		give_back(visit, 503, PAGE_UNSENT);
		return;
	}
	web_send_done(&visit->client, what_was_done(visit), NULL);
	visit_free(visit);
}

/* The desk will know of it; now this host's own spool. */
static void on_kept(bool kept, void *arg)
{
	struct visit *visit = arg;
	const struct mailbox_way way = way_of(visit);

	if (kept && actions[visit->action].deletes) {
		if (mailbox_delete(
			&way, visit->state.mailbox, say_done, visit) != TL_OK) {
			give_back(visit, 503, PAGE_UNSENT);
		}
		return;
	}
	say_done(kept, visit);
}

static void act(struct visit *visit)
{
	struct bytes name = visit->form.fields[FORM_DO];
	unsigned errors = web_long_fields(&visit->form);
	enum web_turn turn;
	size_t i = 0;

	/* Return in a browser may send no button: then it is the words */
	while (i < N_ACTIONS && name.len > 0 &&
	    !bytes_equal(name, bytes_str(actions[i].name))) {
		i++;
	}
	if (i == N_ACTIONS || visit->state.kind != FORM_STATE_BOX) {
		web_send_neutral(&visit->client);
		visit_free(visit);
		return;
	}
	if (actions[i].wish == NULL) {
		errors |= web_wordless(&visit->form, visit->files);
	}
	if (errors != 0) {
		give_back(
		    visit, (errors & PAGE_UNSENT) != 0 ? 503 : 422, errors);
		return;
	}
	turn = web_turn(&visit->client, FAIR_FORMS, &visit->form,
	    !upload_has_bytes(visit->files));
	if (turn == WEB_TURN_LATER) {
		visit_free(visit);
		return;
	}
	visit->action = i;
	if (web_keep_more(&visit->client,
		&(struct web_addition){ .state = &visit->state,
		    .form = &visit->form,
		    .wish = actions[i].wish,
		    .files = actions[i].wish == NULL ? visit->files : NULL,
		    .is_marked = turn == WEB_TURN_MARKED },
		on_kept, visit) != TL_OK) {
		give_back(visit, 503, PAGE_UNSENT);
	}
}

/* ---- in --------------------------------------------------------------------
 */

void web_take_code(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg)
{
	const struct page_route *route = arg;
	struct web_client client = web_client_of(route, conn, req);
	struct visit *visit;

	(void)server;
	if (req->method != HTTP_POST) {
		show_entry(&client, 200, PAGE_RETURN_FINE);
		return;
	}
	visit = calloc(1, sizeof(*visit));
	if (visit == NULL) {
		web_send_error(&client, 503);
		return;
	}
	visit->client = client;
	visit->files = upload_take(req);
	if (!web_read_form(&client, req, &visit->form)) {
		visit_free(visit);
		return;
	}
	if (visit->form.fields[FORM_STATE].len == 0) {
		take_code(visit);
		return;
	}
	if (form_state_open(route->worker->dedup_key, clock_wall_s(),
		visit->form.fields[FORM_STATE], &visit->state) == TL_OK) {
		act(visit);
		return;
	}
	web_send_neutral(&client);
	visit_free(visit);
}
