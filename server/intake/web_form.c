/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A form that is sent: fields read and judged here, its receipt code asked of
 * the kdf, the report sealed with the reply key of that code inside, the
 * record put into the spool, and only then the page that shows the code.
 *
 * The dedup key follows from the hidden key and the content, so a form sent
 * again meets the same record. The kdf gives it the same code for a while. If
 * it cannot, because it was started again since, the code is another one and
 * its reply key is not in the stored tip: then a record of its own takes that
 * key to the desk, and is durable before the code is shown. The same hidden
 * key with another content is another tip: nothing is lost to a page that a
 * cache has handed to two people.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/rd.h"
#include "base/wipe.h"
#include "crypto/code.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "server/intake/link.h"
#include "server/intake/tip.h"
#include "server/intake/tip_form.h"
#include "server/intake/upload.h"
#include "server/intake/web_page.h"
#include "text/triage.h"

#define RECORD_MAX_BYTES ((size_t)FRAME_RECORD_BYTES)
#define USE_MAX_BYTES    16u
#define CODE_KEPT_BYTES  64u
/* For code and spool together. The engine's own limit is 10 s; ours is first,
 * so that the reporter gets the text back. */
#define ANSWER_MS 9000u
/* Plaintext of forms that wait for kdf and spool, in all. What comes beyond
 * it is given back at once: the reporter sends it again. */
#define WAITING_MAX_BYTES ((size_t)2u * 1024u * 1024u)

/* A form on its way. Plaintext: wiped by web_tip_free(). */
struct web_tip {
	struct worker *worker;
	struct web_client client;
	struct tip_form form;
	uint8_t idem[FORM_IDEM_BYTES];
	uint8_t content[FORM_CONTENT_BYTES];
	uint64_t deadline_ms;       /* for all that is asked on its way */
	struct code code;           /* to be shown */
	struct upload_files *files; /* that came with it, or NULL */
	bool is_marked;             /* see WEB_TURN_MARKED */
	bool kept;                  /* a record with its reply key is durable */
	size_t waiting_bytes;       /* of the worker's, while it waits */
};

static void web_tip_free(struct web_tip *tip)
{
	net_touched(tip->worker->server);
	tip->worker->waiting_bytes -= tip->waiting_bytes;
	tip_form_free(&tip->form);
	upload_files_free(tip->files);
	wipe(tip, sizeof(*tip));
	free(tip);
}

/* ---- out again -------------------------------------------------------- */

static void give_back(struct web_tip *tip, int status, unsigned errors)
{
	struct worker *worker = tip->worker;
	char idem[PAGE_IDEM_DIGITS + 1];
	struct page_form form = {
		.idem = idem,
		.now = tip->form.fields[FORM_NOW],
		.story = tip->form.fields[FORM_STORY],
		.where_country = tip->form.fields[FORM_COUNTRY],
		.where_province = tip->form.fields[FORM_PROVINCE],
		.where_near = tip->form.fields[FORM_NEAR],
		.errors = errors,
		.proxy_browser = tip->client.proxy_browser,
	};
	struct buf page;
	enum tl_err err;

	web_new_idem(idem);
	if (tip->form.has_idem) {
		memcpy(idem, tip->form.fields[FORM_IDEM].at, PAGE_IDEM_DIGITS);
	}
	worker->counts.values[status == 503 ? COUNT_UNSENT : COUNT_CONTENT]++;
	buf_init(&page, PAGE_BYTES_MAX);
	err = page_form(&worker->site, tip->client.language, &form, &page);
	web_send_page(&tip->client, status, err, WIRE_TYPED, &page);
}

static void unsent(struct web_tip *tip)
{
	give_back(tip, 503, PAGE_UNSENT);
	web_tip_free(tip);
}

/* ---- sealing ------------------------------------------------------------ */

/* A hash of the form and more under the dedup key; use says what for. */
static void hash_form(const struct web_tip *tip, const char *use,
    struct bytes more, uint8_t ret_hash[static TIP_DEDUP_BYTES])
{
	uint8_t what[USE_MAX_BYTES + FORM_IDEM_BYTES + FORM_CONTENT_BYTES +
	    CODE_MAILBOX_BYTES];
	size_t at = strlen(use) + 1;

	assert(at <= USE_MAX_BYTES && more.len <= CODE_MAILBOX_BYTES);
	memcpy(what, use, at);
	memcpy(what + at, tip->idem, FORM_IDEM_BYTES);
	at += FORM_IDEM_BYTES;
	memcpy(what + at, tip->content, FORM_CONTENT_BYTES);
	at += FORM_CONTENT_BYTES;
	if (more.len > 0) {
		memcpy(what + at, more.at, more.len);
		at += more.len;
	}
	tip_dedup(tip->worker->dedup_key, bytes_of(what, at), ret_hash);
	wipe(what, sizeof(what));
}

static void add_reply(const struct web_tip *tip, struct report *report)
{
	report->has_reply_key = true;
	memcpy(
	    report->reply_key, tip->code.reply_key, sizeof(report->reply_key));
	memcpy(report->mailbox, tip->code.mailbox, sizeof(report->mailbox));
	report->has_form = true;
	hash_form(tip, "tipline form v1", bytes_of(NULL, 0), report->form);
}

/* The pieces of its files name the tip already. */
static enum tl_err seal_tip(const struct web_tip *tip, struct report *report,
    const struct tip_once *once, struct buf *record)
{
	struct worker *worker = tip->worker;

	if (tip->files == NULL) {
		return tip_seal(worker->sealer, report, TIP_WEB,
		    worker->marks_urgent, once, record);
	}
	memcpy(report->id, tip->files->tip, sizeof(report->id));
	return tip_seal_as(worker->sealer, report, TIP_WEB,
	    worker->marks_urgent, once, record);
}

static enum tl_err seal_form(const struct web_tip *tip, struct buf *record)
{
	struct report_attachment files[UPLOAD_FILES_MAX];
	struct report_answer answers[FORM_VALUES_MAX];
	struct report report = {
		.received_s = clock_wall_s(),
		.channel = "web",
		.gateway = "",
		.lang = web_language_tag(tip->client.language),
		.text = tip->form.fields[FORM_STORY],
		.answers = answers,
		.n_answers = web_answers(&tip->form, answers),
		.kind = "",
		.trust = "web",
		.attachments = files,
		.n_attachments = upload_told(tip->files, files),
	};
	struct tip_once once = { .has_nonce = false };
	enum tl_err err;

	hash_form(tip, "web", bytes_of(NULL, 0), once.dedup);
	add_reply(tip, &report);
	if (tip->form.fields[FORM_HONEY].len > 0) {
		report.flags[report.n_flags++] = "honeypot";
	}
	if (tip->is_marked) {
		report.flags[report.n_flags++] = "flood";
	}
	tip_begin(record, 1);
	err = triage_judge(tip->worker->triage, &report);
	if (err == TL_OK) {
		err = tip_add_likeness(tip->worker->dedup_key, &report);
	}
	if (err == TL_OK) {
		err = seal_tip(tip, &report, &once, record);
	}
	wipe(&report, sizeof(report));
	return err;
}

/* The form was sent before, and its tip is there: what has come of its files
 * this time belongs to it. The same files twice are one record. */
static enum tl_err seal_files(const struct web_tip *tip, struct buf *record)
{
	struct report_attachment files[UPLOAD_FILES_MAX];
	struct report report = {
		.received_s = clock_wall_s(),
		.channel = "web",
		.gateway = "",
		.lang = web_language_tag(tip->client.language),
		.kind = REPORT_MORE,
		.trust = "web",
		.priority = PRIORITY_SOON,
		.attachments = files,
		.n_attachments = upload_told(tip->files, files),
		.has_form = true,
	};
	struct tip_once once = { .has_nonce = false };
	uint8_t content[HASH_BYTES];

	upload_content(tip->files, content);
	hash_form(
	    tip, "files", bytes_of(content, CODE_MAILBOX_BYTES), once.dedup);
	hash_form(tip, "tipline form v1", bytes_of(NULL, 0), report.form);
	tip_begin(record, 1);
	return seal_tip(tip, &report, &once, record);
}

/* The same key twice is one record. */
static enum tl_err seal_further(const struct web_tip *tip, struct buf *record)
{
	struct report report = {
		.received_s = clock_wall_s(),
		.channel = "web",
		.gateway = "",
		.lang = web_language_tag(tip->client.language),
		.kind = REPORT_REPLY_KEY,
		.trust = "web",
		.priority = PRIORITY_SOON,
	};
	struct tip_once once = { .has_nonce = false };
	enum tl_err err;

	hash_form(tip, "key",
	    bytes_of(tip->code.mailbox, sizeof(tip->code.mailbox)), once.dedup);
	add_reply(tip, &report);
	tip_begin(record, 1);
	err = tip_seal(tip->worker->sealer, &report, TIP_WEB,
	    tip->worker->marks_urgent, &once, record);
	wipe(&report, sizeof(report));
	return err;
}

typedef enum tl_err (*seal_fn)(const struct web_tip *tip, struct buf *record);

static enum tl_err put_record(
    struct web_tip *tip, seal_fn seal, link_answer_fn on_answer)
{
	struct buf record;
	enum tl_err err;

	net_touched(tip->worker->server);
	buf_init(&record, RECORD_MAX_BYTES);
	err = seal(tip, &record);
	if (err == TL_OK) {
		err = link_ask(tip->worker->spool, FRAME_PUT,
		    bytes_of(record.data, record.len), tip->deadline_ms,
		    on_answer, tip);
	}
	buf_free(&record);
	return err;
}

/* ---- the spool's word --------------------------------------------------- */

/* Its words were sent before their recording had come: to who sends them it is
 * the first time. */
static bool is_ahead(const struct web_tip *tip)
{
	return tip->files != NULL && tip->files->words_ahead;
}

/* A record with the key of this code is durable: the code works, and goes on
 * working when the form is sent again. */
static void show_code(struct web_tip *tip, bool again)
{
	struct worker *worker = tip->worker;
	char text[FORM_STATE_TEXT_BYTES];
	struct page_receipt receipt = {
		.code = tip->code.digits,
		.state = text,
		.again = again && !is_ahead(tip),
	};
	struct form_state state;
	struct buf page, kept;
	enum tl_err err;

	if (!tip->kept) {
		buf_init(&kept, CODE_KEPT_BYTES);
		buf_put(&kept, tip->idem, sizeof(tip->idem));
		buf_put(&kept, tip->content, sizeof(tip->content));
		buf_put(&kept, tip->code.mailbox, sizeof(tip->code.mailbox));
		if (buf_err(&kept) == TL_OK) {
			link_tell(worker->kdf, FRAME_CODE_KEPT,
			    bytes_of(kept.data, kept.len));
		}
		buf_free(&kept);
	}
	form_state_begin(FORM_STATE_FORM, &state);
	hash_form(tip, "tipline form v1", bytes_of(NULL, 0), state.form);
	form_state_seal(worker->dedup_key, clock_wall_s(), &state, text);
	buf_init(&page, PAGE_BYTES_MAX);
	receipt.voice_big = upload_any(tip->files, "too-large");
	receipt.voice_kind = upload_any(tip->files, "wrong-kind");
	receipt.voice_part = upload_lacks(tip->files);
	err =
	    page_receipt(&worker->site, tip->client.language, &receipt, &page);
	web_send_page(&tip->client, 200, err, WIRE_RECEIPT, &page);
	web_tip_free(tip);
}

static bool is_kept(const struct link_answer *answer, bool *ret_again)
{
	struct rd rd = rd_of(answer->body.at, answer->body.len);

	*ret_again = rd_u8(&rd) != 0;
	return answer->answered && answer->type == FRAME_KEPT && rd_done(&rd);
}

static void on_further_word(const struct link_answer *answer, void *arg)
{
	struct web_tip *tip = arg;
	bool again;

	if (!is_kept(answer, &again)) {
		unsent(tip);
		return;
	}
	tip->worker->counts.values[COUNT_FURTHER] += !again;
	show_code(tip, true);
}

static void on_tip_kept(struct web_tip *tip, bool again)
{
	if (!again || tip->kept) {
		show_code(tip, again);
	} else if (put_record(tip, seal_further, on_further_word) != TL_OK) {
		/* the stored tip may have the key of another code */
		unsent(tip);
	}
}

static void on_files_word(const struct link_answer *answer, void *arg)
{
	struct web_tip *tip = arg;
	bool known;

	if (!is_kept(answer, &known)) {
		unsent(tip);
		return;
	}
	on_tip_kept(tip, true);
}

static void on_spool_word(const struct link_answer *answer, void *arg)
{
	struct web_tip *tip = arg;
	bool again;

	if (!is_kept(answer, &again)) {
		unsent(tip);
		return;
	}
	tip->worker->counts.values[again ? COUNT_REPEATS : COUNT_TIPS]++;
	if (!again || tip->files == NULL || tip->files->n == 0) {
		on_tip_kept(tip, again);
	} else if (put_record(tip, seal_files, on_files_word) != TL_OK) {
		unsent(tip);
	}
}

/* ---- in --------------------------------------------------------------- */

static bool read_code(const struct link_answer *answer, struct web_tip *tip)
{
	struct rd rd = rd_of(answer->body.at, answer->body.len);
	size_t n;

	if (!answer->answered || answer->type != FRAME_CODE) {
		return false;
	}
	tip->kept = rd_u8(&rd) != 0;
	rd_copy(&rd, tip->code.mailbox, sizeof(tip->code.mailbox));
	rd_copy(&rd, tip->code.reply_key, sizeof(tip->code.reply_key));
	n = rd.left;
	if (n != CODE_DIGITS_SLOW && n != CODE_DIGITS_FAST) {
		return false;
	}
	rd_copy(&rd, tip->code.digits, n);
	tip->worker->counts.values[COUNT_LONG_CODES] += n == CODE_DIGITS_FAST;
	return rd_done(&rd);
}

static void on_code(const struct link_answer *answer, void *arg)
{
	struct web_tip *tip = arg;

	if (!read_code(answer, tip) ||
	    put_record(tip, seal_form, on_spool_word) != TL_OK) {
		unsent(tip);
	}
}

static void ask_code(struct web_tip *tip)
{
	struct buf want;
	enum tl_err err;

	buf_init(&want, FORM_IDEM_BYTES + FORM_CONTENT_BYTES);
	buf_put(&want, tip->idem, sizeof(tip->idem));
	buf_put(&want, tip->content, sizeof(tip->content));
	err = buf_err(&want);
	if (err == TL_OK) {
		err = link_ask(tip->worker->kdf, FRAME_CODE_WANT,
		    bytes_of(want.data, want.len), tip->deadline_ms, on_code,
		    tip);
	}
	buf_free(&want);
	if (err != TL_OK) {
		unsent(tip);
	}
}

/* What makes two sendings of a form the same: its words. Without words it is
 * the files, so that two people with one page from a cache have two tips. */
static void judge_content(struct web_tip *tip)
{
	uint8_t both[FORM_CONTENT_BYTES + HASH_BYTES];

	tip_form_content(&tip->form, tip->content);
	if (tip_form_is_blank(&tip->form, FORM_STORY)) {
		memcpy(both, tip->content, FORM_CONTENT_BYTES);
		upload_content(tip->files, both + FORM_CONTENT_BYTES);
		hash_bytes(tip->content, both, sizeof(both));
	}
}

void web_take_form(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg)
{
	const struct page_route *route = arg;
	struct web_client client = web_client_of(route, conn, req);
	struct web_tip *tip;
	enum web_turn turn;
	unsigned errors;

	(void)server;
	if (req->method != HTTP_POST) {
		web_send_neutral(&client); /* Back in a browser */
		return;
	}
	tip = calloc(1, sizeof(*tip));
	if (tip == NULL) {
		web_send_error(&client, 503);
		return;
	}
	tip->worker = route->worker;
	tip->client = client;
	tip->deadline_ms = clock_mono_ms() + ANSWER_MS;
	tip->files = upload_take(req);
	if (!web_read_form(&client, req, &tip->form)) {
		web_tip_free(tip);
		return;
	}
	errors =
	    web_long_fields(&tip->form) | web_wordless(&tip->form, tip->files);
	if (errors != 0) {
		give_back(tip, (errors & PAGE_UNSENT) != 0 ? 503 : 422, errors);
		web_tip_free(tip);
		return;
	}
	turn = web_turn(
	    &client, FAIR_FORMS, &tip->form, !upload_has_bytes(tip->files));
	if (turn == WEB_TURN_LATER) {
		web_tip_free(tip);
		return;
	}
	tip->is_marked = turn == WEB_TURN_MARKED;
	memcpy(tip->idem, tip->form.idem, sizeof(tip->idem));
	if (!tip->form.has_idem) {
		random_bytes(tip->idem, sizeof(tip->idem));
	}
	judge_content(tip);
	if (tip->form.decoded.len >
	    WAITING_MAX_BYTES - tip->worker->waiting_bytes) {
		unsent(tip);
		return;
	}
	tip->waiting_bytes = tip->form.decoded.len;
	tip->worker->waiting_bytes += tip->waiting_bytes;
	ask_code(tip);
}
