/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What comes after step A: three groups of questions, each kept when it is
 * sent, as a record that belongs to the same tip. A group that is left empty
 * makes no record; one that is sent twice makes one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/rd.h"
#include "base/wipe.h"
#include "crypto/hash.h"
#include "server/intake/link.h"
#include "server/intake/tip.h"
#include "server/intake/upload.h"
#include "server/intake/web_page.h"
#include "text/triage.h"

#define RECORD_MAX_BYTES ((size_t)FRAME_RECORD_BYTES)
#define ANSWER_MS        9000u

static const char dedup_use[] = "more";

/* ---- a record that belongs to a tip -------------------------------------- */

struct keeping {
	struct worker *worker;
	web_kept_fn done;
	void *arg;
};

static void on_spool_word(const struct link_answer *answer, void *arg)
{
	struct keeping *keeping = arg;
	struct rd rd = rd_of(answer->body.at, answer->body.len);
	bool again = rd_u8(&rd) != 0;
	bool kept =
	    answer->answered && answer->type == FRAME_KEPT && rd_done(&rd);

	keeping->worker->counts.values[COUNT_MORE] += kept && !again;
	keeping->done(kept, keeping->arg);
	free(keeping);
}

/* The same page with the same words and files is the same record. */
static void hash_more(const struct worker *worker,
    const struct web_addition *addition,
    uint8_t ret_dedup[static TIP_DEDUP_BYTES])
{
	const struct form_state *state = addition->state;
	uint8_t what[sizeof(dedup_use) + sizeof(state->form) +
	    sizeof(state->mailbox) + sizeof(state->nonce) + 1 +
	    FORM_CONTENT_BYTES + HASH_BYTES];
	size_t at = 0;

	memcpy(what, dedup_use, sizeof(dedup_use));
	at += sizeof(dedup_use);
	memcpy(what + at, state->form, sizeof(state->form));
	at += sizeof(state->form);
	memcpy(what + at, state->mailbox, sizeof(state->mailbox));
	at += sizeof(state->mailbox);
	memcpy(what + at, state->nonce, sizeof(state->nonce));
	at += sizeof(state->nonce);
	what[at++] = addition->step;
	tip_form_content(addition->form, what + at);
	at += FORM_CONTENT_BYTES;
	upload_content(addition->files, what + at);
	tip_dedup(worker->dedup_key, bytes_of(what, sizeof(what)), ret_dedup);
	wipe(what, sizeof(what));
}

static enum tl_err judge_and_seal(struct worker *worker,
    const struct web_addition *addition, struct report *report,
    struct buf *record)
{
	struct tip_once once = { .has_nonce = false };
	enum tl_err err = triage_judge(worker->triage, report);

	if (err != TL_OK) {
		return err;
	}
	hash_more(worker, addition, once.dedup);
	tip_begin(record, 1);
	if (addition->files == NULL) {
		return tip_seal(worker->sealer, report, TIP_WEB,
		    worker->marks_urgent, &once, record);
	}
	/* the pieces of its files name this record already */
	memcpy(report->id, addition->files->tip, sizeof(report->id));
	return tip_seal_as(worker->sealer, report, TIP_WEB,
	    worker->marks_urgent, &once, record);
}

static enum tl_err seal_more(const struct web_client *client,
    const struct web_addition *addition, struct buf *record)
{
	const struct form_state *state = addition->state;
	struct report_answer answers[FORM_VALUES_MAX];
	struct report_attachment files[UPLOAD_FILES_MAX];
	struct report report = {
		.received_s = clock_wall_s(),
		.channel = "web",
		.gateway = "",
		.lang = web_language_tag(client->language),
		.text = addition->form->fields[FORM_STORY],
		.answers = answers,
		.n_answers = web_answers(addition->form, answers),
		.kind = REPORT_MORE,
		.trust = "web",
		.attachments = files,
		.n_attachments = upload_told(addition->files, files),
		.has_form = state->kind == FORM_STATE_FORM,
		.has_mailbox = state->kind == FORM_STATE_BOX,
	};
	enum tl_err err;

	memcpy(report.form, state->form, sizeof(report.form));
	memcpy(report.mailbox, state->mailbox, sizeof(report.mailbox));
	if (addition->is_marked) {
		report.flags[report.n_flags++] = "flood";
	}
	if (addition->wish != NULL) {
		report.wishes[report.n_wishes++] = addition->wish;
	}
	err = judge_and_seal(client->worker, addition, &report, record);
	wipe(&report, sizeof(report));
	return err;
}

enum tl_err web_keep_more(const struct web_client *client,
    const struct web_addition *addition, web_kept_fn done, void *arg)
{
	struct worker *worker = client->worker;
	struct keeping *keeping = calloc(1, sizeof(*keeping));
	struct buf record;
	enum tl_err err;

	if (keeping == NULL) {
		return TL_ENOMEM;
	}
	*keeping = (struct keeping){ worker, done, arg };
	net_touched(worker->server);
	buf_init(&record, RECORD_MAX_BYTES);
	err = seal_more(client, addition, &record);
	if (err == TL_OK) {
		err = link_ask(worker->spool, FRAME_PUT,
		    bytes_of(record.data, record.len),
		    clock_mono_ms() + ANSWER_MS, on_spool_word, keeping);
	}
	buf_free(&record);
	if (err != TL_OK) {
		free(keeping);
	}
	return err;
}

/* ---- the groups ---------------------------------------------------------- */

/* A group on its way. Plaintext: wiped by more_free(). */
struct more {
	struct web_client client;
	struct tip_form form;
	struct form_state state;
	unsigned step; /* the group that was sent; 0: the receipt */
};

static void more_free(struct more *more)
{
	net_touched(more->client.worker->server);
	tip_form_free(&more->form);
	wipe(more, sizeof(*more));
	free(more);
}

/* A page of questions; with what was typed if there are errors. */
static void show_group(
    struct more *more, unsigned step, int status, unsigned errors)
{
	struct worker *worker = more->client.worker;
	struct page_pair pairs[FORM_VALUES_MAX];
	char text[FORM_STATE_TEXT_BYTES];
	struct page_more group = {
		.step = step,
		.about_me = more->state.about_me,
		.state = text,
		.errors = errors,
	};
	struct buf page;
	enum tl_err err;

	for (size_t i = 0; errors != 0 && i < more->form.n_values; i++) {
		pairs[i].name = tip_form_field_name(more->form.values[i].field);
		pairs[i].value = more->form.values[i].value;
		group.typed.n++;
	}
	group.typed.pairs = pairs;
	form_state_seal(worker->dedup_key, clock_wall_s(), &more->state, text);
	buf_init(&page, PAGE_BYTES_MAX);
	err = page_more(&worker->site, more->client.language, &group, &page);
	web_send_page(&more->client, status, err,
	    errors != 0 ? WIRE_TYPED : WIRE_OPEN, &page);
}

/* On from the group that was sent, or from the receipt. */
static void go_on(struct more *more)
{
	struct bytes go = more->form.fields[FORM_GO];
	const struct page_site *site = &more->client.worker->site;
	unsigned step = page_step_next(site, more->step + 1, false);
	char text[FORM_STATE_TEXT_BYTES];

	if (bytes_equal(go, bytes_str("back"))) {
		step = page_step_next(site, more->step - 1, true);
		step = step != 0 ? step : page_step_next(site, 1, false);
	} else if (bytes_equal(go, bytes_str("end"))) {
		step = 0;
	}
	if (step == 0) {
		form_state_seal(more->client.worker->dedup_key, clock_wall_s(),
		    &more->state, text);
		web_send_done(&more->client, PAGE_DONE_LAST, text);
		return;
	}
	show_group(more, step, 200, 0);
}

static void on_kept(bool kept, void *arg)
{
	struct more *more = arg;

	if (kept) {
		go_on(more);
	} else {
		more->client.worker->counts.values[COUNT_UNSENT]++;
		show_group(more, more->step, 503, PAGE_UNSENT);
	}
	more_free(more);
}

static bool has_answers(const struct tip_form *form)
{
	for (size_t i = 0; i < form->n_values; i++) {
		if (tip_form_is_answer(form, form->values[i].field)) {
			return true;
		}
	}
	return false;
}

static unsigned read_step(const struct tip_form *form)
{
	struct bytes step = form->fields[FORM_STEP];

	return step.len == 1 && step.at[0] >= '1' &&
		step.at[0] <= '0' + PAGE_STEPS
	    ? (unsigned)(step.at[0] - '0')
	    : 0;
}

static void keep_group(struct more *more, bool is_marked)
{
	const struct web_addition addition = {
		.state = &more->state,
		.form = &more->form,
		.step = (uint8_t)more->step,
		.is_marked = is_marked,
	};

	if (web_keep_more(&more->client, &addition, on_kept, more) != TL_OK) {
		on_kept(false, more);
	}
}

static void take_group(struct more *more)
{
	struct worker *worker = more->client.worker;
	struct bytes who = more->form.fields[FORM_WHO];
	enum web_turn turn;
	unsigned errors = 0;

	more->step = read_step(&more->form);
	if (who.len > 0) {
		more->state.about_me = bytes_equal(who, bytes_str("1"));
	}
	if (more->step > 0) {
		errors = web_long_fields(&more->form);
	}
	if (errors != 0) {
		worker->counts.values[COUNT_CONTENT]++;
		show_group(more, more->step, 422, PAGE_FIELD_LONG);
	} else if (more->step == 0 || !has_answers(&more->form)) {
		go_on(more);
	} else if ((turn = web_turn(&more->client, FAIR_FORMS, &more->form,
			true)) != WEB_TURN_LATER) {
		keep_group(more, turn == WEB_TURN_MARKED);
		return;
	}
	more_free(more);
}

void web_take_more(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg)
{
	const struct page_route *route = arg;
	struct web_client client = web_client_of(route, conn, req);
	struct more *more;

	(void)server;
	if (req->method != HTTP_POST) {
		web_send_neutral(&client);
		return;
	}
	more = calloc(1, sizeof(*more));
	if (more == NULL) {
		web_send_error(&client, 503);
		return;
	}
	more->client = client;
	if (!web_read_form(&client, req, &more->form)) {
		free(more);
		return;
	}
	if (form_state_open(route->worker->dedup_key, clock_wall_s(),
		more->form.fields[FORM_STATE], &more->state) != TL_OK) {
		web_send_neutral(&client); /* over, or never ours */
		more_free(more);
		return;
	}
	take_group(more);
}
