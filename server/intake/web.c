/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The reporter's pages: the form, its receipt, the way out.
 *
 * A form goes: fields read and judged here, its receipt code asked of the
 * kdf, the report sealed with the reply key of that code inside, the record
 * put into the spool, and only then the page that shows the code. Code and
 * dedup key both follow from the hidden key and the content, so a form sent
 * again meets the same record and shows the same code, after a restart too.
 * The same key with another content is another tip: nothing is lost to a
 * page that a cache has handed to two people.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/enc.h"
#include "base/log.h"
#include "base/rd.h"
#include "base/wipe.h"
#include "crypto/code.h"
#include "crypto/random.h"
#include "server/intake/link.h"
#include "server/intake/routes.h"
#include "server/intake/tip.h"
#include "server/intake/tip_form.h"
#include "text/urgency.h"

#define FORM_BODY_MAX_BYTES ((size_t)256u * 1024u)
#define RECORD_MAX_BYTES    ((size_t)FRAME_RECORD_BYTES)
#define HTML                "text/html; charset=utf-8"
/* For code and spool together. The engine's own limit is 10 s; ours is first,
 * so that the reporter gets the text back. */
#define ANSWER_MS 9000u

/* A form on its way. Plaintext: wiped by web_tip_free(). */
struct web_tip {
	struct worker *worker;
	net_token conn;
	const struct web_language *language;
	bool proxy_browser;
	uint64_t deadline_ms;
	struct tip_form form;
	uint8_t idem[FORM_IDEM_BYTES];
	uint8_t content[FORM_CONTENT_BYTES];
	char digits[CODE_DIGITS_MAX + 1];
};

static void web_tip_free(struct web_tip *tip)
{
	net_touched(tip->worker->server);
	tip_form_free(&tip->form);
	wipe(tip, sizeof(*tip));
	free(tip);
}

/*
 * Answer with a page that was made (err says how that went), and wipe it. It
 * goes with the policy that allows its own style and nothing else.
 */
static void send_page(struct worker *worker, net_token conn, int status,
    enum tl_err err, struct buf *page)
{
	const struct net_header headers[] = {
		{ "Content-Security-Policy", bytes_str(web_csp()) },
		{ "Retry-After", bytes_str("5") },
	};
	struct net_reply reply = {
		.status = status,
		.type = HTML,
		.body = bytes_of(page->data, page->len),
		.headers = headers,
		.n_headers = status == 503 ? 2 : 1,
	};

	if (err != TL_OK) {
		reply = (struct net_reply){ .status = 500 };
	}
	net_answer(worker->server, conn, &reply);
	buf_free(page);
}

static bool is_proxy_browser(const struct net_request *req)
{
	bool operamini = false;

	for (size_t i = 0; i < req->n_fields; i++) {
		operamini = operamini ||
		    strcmp(req->fields[i].name, "x-operamini") == 0;
	}
	return web_proxy_browser(req->user_agent, operamini);
}

/* ---- GET -------------------------------------------------------------- */

static void new_idem(char digits[static PAGE_IDEM_DIGITS + 1])
{
	uint8_t idem[FORM_IDEM_BYTES];
	struct buf hex;

	random_bytes(idem, sizeof(idem));
	buf_init(&hex, PAGE_IDEM_DIGITS);
	enc_hex(&hex, idem, sizeof(idem));
	memset(digits, '0', PAGE_IDEM_DIGITS);
	if (buf_err(&hex) == TL_OK) {
		memcpy(digits, hex.data, PAGE_IDEM_DIGITS);
	}
	digits[PAGE_IDEM_DIGITS] = '\0';
	buf_free(&hex);
}

static void show_form(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg)
{
	const struct page_route *route = arg;
	struct worker *worker = route->worker;
	char idem[PAGE_IDEM_DIGITS + 1];
	struct page_form form = {
		.idem = idem,
		.proxy_browser = is_proxy_browser(req),
	};
	struct buf page;
	enum tl_err err;

	(void)server;
	new_idem(idem);
	buf_init(&page, PAGE_BYTES_MAX);
	err = page_form(&worker->site, route->language, &form, &page);
	worker->counts.values[COUNT_FORMS]++;
	send_page(worker, conn, 200, err, &page);
}

static void redirect(
    struct worker *worker, net_token conn, const char *location, bool clear)
{
	const struct net_header headers[] = {
		{ "Location", bytes_str(location) },
		{ "Clear-Site-Data",
		    bytes_str("\"cache\", \"cookies\", \"storage\"") },
	};
	struct net_reply reply = {
		.status = 303,
		.headers = headers,
		.n_headers = clear ? 2 : 1,
	};

	net_answer(worker->server, conn, &reply);
}

static void enter_site(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg)
{
	struct worker *worker = arg;
	const struct web_language *language =
	    web_language_pick(req->accept_language, worker->site.languages,
		worker->site.n_languages, worker->default_language);

	(void)server;
	for (size_t i = 0; i < worker->site.n_languages; i++) {
		if (worker->pages[i].language == language) {
			redirect(
			    worker, conn, worker->pages[i].form_path, false);
		}
	}
}

static void enter_language(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg)
{
	const struct page_route *route = arg;

	(void)server;
	(void)req;
	redirect(route->worker, conn, route->form_path, false);
}

/* The configuration always has a "default". */
static const char *exit_url(const struct config_map *urls, struct bytes tag)
{
	const char *found = "/";

	for (size_t i = 0; i < urls->n; i++) {
		if (bytes_equal(tag, bytes_str(urls->items[i].key))) {
			return urls->items[i].value;
		}
		if (strcmp(urls->items[i].key, "default") == 0) {
			found = urls->items[i].value;
		}
	}
	return found;
}

/* GET /x?l=<lang>: away from here, at once, leaving nothing behind. */
static void leave_site(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg)
{
	struct worker *worker = arg;
	struct bytes tag = { 0 };

	(void)server;
	if (req->query.len > 2 && memcmp(req->query.at, "l=", 2) == 0) {
		tag = bytes_of(req->query.at + 2, req->query.len - 2);
	}
	redirect(
	    worker, conn, exit_url(&worker->config->site.exit_urls, tag), true);
}

/* ---- POST: out again -------------------------------------------------- */

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
		.proxy_browser = tip->proxy_browser,
	};
	struct buf page;
	enum tl_err err;

	new_idem(idem);
	if (tip->form.has_idem) {
		memcpy(idem, tip->form.fields[FORM_IDEM].at, PAGE_IDEM_DIGITS);
	}
	worker->counts.values[status == 503 ? COUNT_UNSENT : COUNT_CONTENT]++;
	buf_init(&page, PAGE_BYTES_MAX);
	err = page_form(&worker->site, tip->language, &form, &page);
	send_page(worker, tip->conn, status, err, &page);
}

static void unsent(struct web_tip *tip)
{
	give_back(tip, 503, PAGE_UNSENT);
	web_tip_free(tip);
}

static void on_spool_word(const struct link_answer *answer, void *arg)
{
	struct web_tip *tip = arg;
	struct worker *worker = tip->worker;
	struct rd rd = rd_of(answer->body.at, answer->body.len);
	bool again = rd_u8(&rd) != 0;
	struct buf page;
	enum tl_err err;

	if (!answer->answered || answer->type != FRAME_KEPT || !rd_done(&rd)) {
		unsent(tip);
		return;
	}
	worker->counts.values[again ? COUNT_REPEATS : COUNT_TIPS]++;
	buf_init(&page, PAGE_BYTES_MAX);
	err = page_receipt(
	    &worker->site, tip->language, tip->digits, again, &page);
	send_page(worker, tip->conn, 200, err, &page);
	web_tip_free(tip);
}

/* ---- POST: in --------------------------------------------------------- */

static size_t collect_answers(const struct tip_form *form,
    struct report_answer answers[static FORM_FIELDS_END])
{
	size_t n = 0;

	for (size_t i = 0; i < FORM_FIELDS_END; i++) {
		enum tip_field field = (enum tip_field)i;

		if (tip_form_field_is_answer(field) &&
		    form->fields[i].len > 0) {
			answers[n].name = tip_form_field_name(field);
			answers[n].value = form->fields[i];
			n++;
		}
	}
	return n;
}

static enum tl_err seal_form(
    struct web_tip *tip, const struct code *code, struct buf *record)
{
	struct report_answer answers[FORM_FIELDS_END];
	struct urgency urgency;
	struct report report = {
		.received_s = clock_wall_s(),
		.channel = "web",
		.gateway = "",
		.lang = web_language_tag(tip->language),
		.text = tip->form.fields[FORM_STORY],
		.answers = answers,
		.n_answers = collect_answers(&tip->form, answers),
		.kind = "",
		.trust = "web",
		.has_reply_key = true,
	};
	uint8_t what[4 + FORM_IDEM_BYTES + FORM_CONTENT_BYTES] = "web";
	uint8_t dedup[TIP_DEDUP_BYTES];
	enum tl_err err;

	memcpy(what + 4, tip->idem, FORM_IDEM_BYTES);
	memcpy(what + 4 + FORM_IDEM_BYTES, tip->content, FORM_CONTENT_BYTES);
	tip_dedup(tip->worker->dedup_key, bytes_of(what, sizeof(what)), dedup);
	memcpy(report.reply_key, code->reply_key, sizeof(report.reply_key));
	memcpy(report.mailbox, code->mailbox, sizeof(report.mailbox));
	urgency_judge(answers, report.n_answers, &urgency);
	report.priority = urgency.priority;
	report.n_rules = urgency.n_rules;
	memcpy(report.rules, urgency.rules, sizeof(report.rules));
	if (tip->form.fields[FORM_HONEY].len > 0) {
		report.flags[report.n_flags++] = "honeypot";
	}
	tip_begin(record, 1);
	err = tip_seal(tip->worker->sealer, &report, TIP_WEB, dedup, record);
	wipe(&report, sizeof(report));
	return err;
}

static void on_code(const struct link_answer *answer, void *arg)
{
	struct web_tip *tip = arg;
	struct rd rd = rd_of(answer->body.at, answer->body.len);
	struct code code = { 0 };
	struct buf record;
	bool put = false;

	net_touched(tip->worker->server);
	rd_copy(&rd, code.digits, CODE_DIGITS_FAST);
	rd_copy(&rd, code.mailbox, sizeof(code.mailbox));
	rd_copy(&rd, code.reply_key, sizeof(code.reply_key));
	buf_init(&record, RECORD_MAX_BYTES);
	if (answer->answered && answer->type == FRAME_CODE && rd_done(&rd) &&
	    seal_form(tip, &code, &record) == TL_OK) {
		memcpy(tip->digits, code.digits, sizeof(tip->digits));
		put = link_ask(tip->worker->spool, FRAME_PUT,
			  bytes_of(record.data, record.len), tip->deadline_ms,
			  on_spool_word, tip) == TL_OK;
	}
	buf_free(&record);
	wipe(&code, sizeof(code));
	if (!put) {
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

static bool is_blank(struct bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (strchr(" \t\r\n", text.at[i]) == NULL ||
		    text.at[i] == '\0') {
			return false;
		}
	}
	return true;
}

static unsigned judge(const struct tip_form *form)
{
	unsigned errors = 0;

	if (is_blank(form->fields[FORM_STORY])) {
		errors |= PAGE_EMPTY;
	}
	if (tip_form_count_chars(form->fields[FORM_STORY]) >
	    PAGE_STORY_CHARS_MAX) {
		errors |= PAGE_STORY_LONG;
	}
	if (tip_form_count_chars(form->fields[FORM_NEAR]) >
	    PAGE_NEAR_CHARS_MAX) {
		errors |= PAGE_NEAR_LONG;
	}
	return errors;
}

static void refuse(struct worker *worker, net_token conn,
    const struct web_language *language, enum tl_err err)
{
	int status = 400;
	struct buf page;

	if (err == TL_EINVAL) {
		status = 415;
	} else if (err == TL_ENOMEM) {
		status = 503;
	}
	worker->counts.values[COUNT_BROKEN]++;
	buf_init(&page, PAGE_BYTES_MAX);
	err = page_error(&worker->site, language, status, &page);
	send_page(worker, conn, status, err, &page);
}

/* A GET of what takes a POST: Back in a browser. */
static void show_neutral(
    struct worker *worker, net_token conn, const struct web_language *language)
{
	struct buf page;
	enum tl_err err;

	buf_init(&page, PAGE_BYTES_MAX);
	err = page_neutral(&worker->site, language, &page);
	send_page(worker, conn, 200, err, &page);
}

static void take_form(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg)
{
	const struct page_route *route = arg;
	struct worker *worker = route->worker;
	struct web_tip *tip;
	unsigned errors;
	enum tl_err err = TL_ENOMEM;

	(void)server;
	if (req->method != HTTP_POST) {
		show_neutral(worker, conn, route->language);
		return;
	}
	tip = calloc(1, sizeof(*tip));
	if (tip != NULL) {
		err = tip_form_read(req->content_type, req->body, &tip->form);
	}
	if (err != TL_OK) {
		free(tip);
		refuse(worker, conn, route->language, err);
		return;
	}
	tip->worker = worker;
	tip->conn = conn;
	tip->language = route->language;
	tip->deadline_ms = clock_mono_ms() + ANSWER_MS;
	tip->proxy_browser = is_proxy_browser(req);
	net_forget(worker->server, conn); /* the form has its own copy */
	errors = judge(&tip->form);
	if (errors != 0) {
		give_back(tip, 422, errors);
		web_tip_free(tip);
		return;
	}
	memcpy(tip->idem, tip->form.idem, sizeof(tip->idem));
	if (!tip->form.has_idem) {
		random_bytes(tip->idem, sizeof(tip->idem));
	}
	tip_form_content(&tip->form, tip->content);
	ask_code(tip);
}

/* ---- start ------------------------------------------------------------ */

static enum tl_err add_language(struct worker *worker, const char *tag)
{
	const struct web_language *language = web_language_find(bytes_str(tag));
	struct page_route *page;

	if (language == NULL ||
	    worker->site.n_languages == PAGE_LANGUAGES_MAX) {
		say_error("there are no pages in the language \"%s\"", tag);
		return TL_EINVAL;
	}
	page = &worker->pages[worker->site.n_languages];
	page->worker = worker;
	page->language = language;
	(void)snprintf(page->form_path, sizeof(page->form_path), "/%s/", tag);
	(void)snprintf(page->enter_path, sizeof(page->enter_path), "/%s", tag);
	(void)snprintf(page->send_path, sizeof(page->send_path), "/%s/a", tag);
	worker->site.languages[worker->site.n_languages++] = language;
	return TL_OK;
}

enum tl_err web_prepare(struct worker *worker)
{
	const struct config_site *site = &worker->config->site;
	enum tl_err err = TL_OK;

	worker->site.title = site->title;
	worker->site.urgent_call = site->urgent_call;
	for (size_t i = 0; err == TL_OK && i < site->languages.n; i++) {
		err = add_language(worker, site->languages.items[i]);
	}
	worker->default_language =
	    web_language_find(bytes_str(site->default_language));
	buf_init(&worker->error_body, PAGE_BYTES_MAX);
	return err;
}

/* The language is in the path; where that cannot be read, the browser's. */
void web_error_page(int status, struct bytes path, struct bytes lang,
    struct net_reply *ret_reply, void *arg)
{
	static struct net_header headers[1];
	struct worker *worker = arg;
	const struct web_language *language =
	    web_language_pick(lang, worker->site.languages,
		worker->site.n_languages, worker->default_language);

	for (size_t i = 0; i < worker->site.n_languages; i++) {
		const char *form = worker->pages[i].form_path;

		if (path.len >= strlen(form) &&
		    memcmp(path.at, form, strlen(form)) == 0) {
			language = worker->pages[i].language;
		}
	}
	buf_free(&worker->error_body);
	if (page_error(&worker->site, language, status, &worker->error_body) !=
	    TL_OK) {
		return;
	}
	headers[0] = (struct net_header){ "Content-Security-Policy",
		bytes_str(web_csp()) };
	ret_reply->type = HTML;
	ret_reply->headers = headers;
	ret_reply->n_headers = 1;
	ret_reply->body =
	    bytes_of(worker->error_body.data, worker->error_body.len);
}

/* ---- the table -------------------------------------------------------- */

size_t web_routes(struct worker *worker, struct net_route *ret_routes)
{
	size_t n = 0;

	ret_routes[n++] = (struct net_route){ .path = "/",
		.methods = HTTP_GET,
		.class = NET_REPORTER,
		.handle = enter_site,
		.arg = worker };
	ret_routes[n++] = (struct net_route){ .path = "/x",
		.methods = HTTP_GET,
		.class = NET_REPORTER,
		.handle = leave_site,
		.arg = worker };
	for (size_t i = 0; i < worker->site.n_languages; i++) {
		struct page_route *page = &worker->pages[i];

		ret_routes[n++] = (struct net_route){ .path = page->form_path,
			.methods = HTTP_GET,
			.class = NET_REPORTER,
			.handle = show_form,
			.arg = page };
		ret_routes[n++] = (struct net_route){ .path = page->enter_path,
			.methods = HTTP_GET,
			.class = NET_REPORTER,
			.handle = enter_language,
			.arg = page };
		ret_routes[n++] = (struct net_route){ .path = page->send_path,
			.methods = HTTP_GET | HTTP_POST,
			.class = NET_REPORTER,
			.body_max_bytes = FORM_BODY_MAX_BYTES,
			.handle = take_form,
			.arg = page };
	}
	return n;
}
