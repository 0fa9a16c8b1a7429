/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The reporter's pages: the form, the way out, their routes. What becomes of
 * a form that is sent is web_form.c.
 */
#include "server/intake/web_page.h"

#include <stdio.h>
#include <string.h>

#include "base/enc.h"
#include "base/log.h"
#include "crypto/random.h"
#include "server/intake/routes.h"
#include "server/intake/tip_form.h"
#include "server/intake/upload.h"

#define FORM_BODY_MAX_BYTES ((size_t)256u * 1024u)
#define HTML                "text/html; charset=utf-8"
/* Rows of page_paths. */
#define PAGE_PATH_FORM  0u
#define PAGE_PATH_FACTS 6u

/* ---- what goes out ------------------------------------------------------ */

/* RFC 9110, 12.5.3, as far as browsers use it: named, and not at weight 0. */
static bool accepts_gzip(struct bytes value)
{
	static const char name[] = "gzip";
	const uint8_t *at = value.len == 0
	    ? NULL
	    : memmem(value.at, value.len, name, strlen(name));
	size_t left;

	if (at == NULL) {
		return false;
	}
	left = value.len - (size_t)(at - value.at) - strlen(name);
	return left == 0 || at[strlen(name)] == ',' || at[strlen(name)] == ' ';
}

struct web_client web_client_of(const struct page_route *route, net_token conn,
    const struct net_request *req)
{
	struct web_client client = {
		.worker = route->worker,
		.conn = conn,
		.language = route->language,
		.door = req->door,
		.bucket = req->bucket,
	};
	bool operamini = false;

	for (size_t i = 0; i < PAGE_PATHS; i++) {
		if (bytes_equal(req->path, bytes_str(route->paths[i]))) {
			client.path = strrchr(route->paths[i], '/') + 1;
		}
	}

	for (size_t i = 0; i < req->n_fields; i++) {
		const struct http_field *field = &req->fields[i];

		operamini =
		    operamini || strcmp(field->name, "x-operamini") == 0;
		client.gzip = client.gzip ||
		    (strcmp(field->name, "accept-encoding") == 0 &&
			accepts_gzip(field->value));
	}
	client.proxy_browser = web_proxy_browser(req->user_agent, operamini);
	return client;
}

void web_send_page(const struct web_client *client, int status, enum tl_err err,
    enum wire_kind kind, struct buf *page)
{
	struct net_header headers[4] = {
		{ "Content-Security-Policy", bytes_str(web_csp()) },
	};
	struct net_reply reply = {
		.status = status,
		.type = HTML,
		.headers = headers,
		.n_headers = 1,
	};
	struct buf wire;
	bool gzip = false;

	/* more words than any person types: they are not given back */
	if (err == TL_OK && kind == WIRE_TYPED &&
	    page->len > net_limits_default.answer_max_bytes) {
		kind = WIRE_MESSAGE;
		buf_reset(page);
		err = page_error(
		    &client->worker->site, client->language, status, page);
	}
	buf_init(&wire, PAGE_BYTES_MAX);
	if (err == TL_OK) {
		err = wire_page(page, kind, client->gzip, &wire, &gzip);
	}
	if (gzip) {
		headers[reply.n_headers++] =
		    (struct net_header){ "Content-Encoding",
			    bytes_str("gzip") };
	}
	if (client->onion != NULL) {
		headers[reply.n_headers++] =
		    (struct net_header){ "Onion-Location",
			    bytes_str(client->onion) };
	}
	if (status == 503) {
		headers[reply.n_headers++] =
		    (struct net_header){ "Retry-After", bytes_str("5") };
	}
	reply.body = bytes_of(wire.data, wire.len);
	if (err != TL_OK) {
		reply = (struct net_reply){ .status = 500 };
	}
	net_answer(client->worker->server, client->conn, &reply);
	buf_free(&wire);
	buf_free(page);
}

void web_send_done(
    const struct web_client *client, enum page_done what, const char *state)
{
	struct buf page;
	enum tl_err err;

	buf_init(&page, PAGE_BYTES_MAX);
	err = page_done(
	    &client->worker->site, client->language, what, state, &page);
	web_send_page(client, 200, err, WIRE_MESSAGE, &page);
}

void web_send_error(const struct web_client *client, int status)
{
	struct buf page;
	enum tl_err err;

	buf_init(&page, PAGE_BYTES_MAX);
	err =
	    page_error(&client->worker->site, client->language, status, &page);
	web_send_page(client, status, err, WIRE_MESSAGE, &page);
}

void web_send_neutral(const struct web_client *client)
{
	struct buf page;
	enum tl_err err;

	buf_init(&page, PAGE_BYTES_MAX);
	err = page_neutral(&client->worker->site, client->language, &page);
	web_send_page(client, 200, err, WIRE_MESSAGE, &page);
}

/* ---- what comes in ------------------------------------------------------ */

bool web_read_form(const struct web_client *client,
    const struct net_request *req, struct tip_form *ret_form)
{
	struct worker *worker = client->worker;
	enum tl_err err = tip_form_read(req->content_type, req->body, ret_form);

	net_forget(
	    worker->server, client->conn); /* the form has its own copy */
	if (err == TL_OK) {
		return true;
	}
	worker->counts.values[COUNT_BROKEN]++;
	web_send_error(client,
	    err == TL_EINVAL       ? 415
		: err == TL_ENOMEM ? 503
				   : 400);
	return false;
}

unsigned web_long_fields(const struct tip_form *form)
{
	unsigned errors = 0;

	for (size_t f = 0; f < FORM_FIELDS_END; f++) {
		if (tip_form_is_long(form, (enum tip_field)f)) {
			errors |= f == FORM_STORY ? PAGE_STORY_LONG
			    : f == FORM_NEAR      ? PAGE_NEAR_LONG
						  : PAGE_FIELD_LONG;
		}
	}
	return errors;
}

unsigned web_wordless(
    const struct tip_form *form, const struct upload_files *files)
{
	if (!tip_form_is_blank(form, FORM_STORY) || upload_has_bytes(files)) {
		return 0;
	}
	if (upload_lacks(files)) {
		return PAGE_UNSENT;
	}
	return upload_any(files, "wrong-kind") ? PAGE_KIND : PAGE_EMPTY;
}

size_t web_answers(const struct tip_form *form,
    struct report_answer answers[static FORM_VALUES_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < form->n_values; i++) {
		enum tip_field field = form->values[i].field;

		if (tip_form_is_answer(form, field)) {
			answers[n].name = tip_form_field_name(field);
			answers[n].value = form->values[i].value;
			n++;
		}
	}
	return n;
}

/* ---- GET -------------------------------------------------------------- */

void web_new_idem(char digits[static PAGE_IDEM_DIGITS + 1])
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
	struct web_client client = web_client_of(route, conn, req);
	char idem[PAGE_IDEM_DIGITS + 1];
	struct page_form form = {
		.idem = idem,
		.proxy_browser = client.proxy_browser,
	};
	struct buf page;
	enum tl_err err;

	(void)server;
	web_new_idem(idem);
	if (req->door == NET_DOOR_HTTPS && route->onion[0] != '\0') {
		client.onion = route->onion;
	}
	buf_init(&page, PAGE_BYTES_MAX);
	err = page_form(&worker->site, route->language, &form, &page);
	worker->counts.values[COUNT_FORMS]++;
	web_send_page(&client, 200, err, WIRE_OPEN, &page);
}

static void show_safety(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg)
{
	struct web_client client = web_client_of(arg, conn, req);
	struct buf page;
	enum tl_err err;

	(void)server;
	buf_init(&page, PAGE_BYTES_MAX);
	err = page_safety(&client.worker->site, client.language, &page);
	web_send_page(&client, 200, err, WIRE_OPEN, &page);
}

static void show_facts(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg)
{
	struct web_client client = web_client_of(arg, conn, req);
	struct buf page;
	enum tl_err err;

	(void)server;
	buf_init(&page, PAGE_BYTES_MAX);
	err = page_facts(&client.worker->site, client.language, &page);
	web_send_page(&client, 200, err, WIRE_OPEN, &page);
}

static void redirect(
    struct worker *worker, net_token conn, const char *location, bool clear)
{
	const struct net_header headers[] = {
		{ "Location", bytes_str(location) },
		/* without "cache": see docs/PAGES.md */
		{ "Clear-Site-Data", bytes_str("\"cookies\", \"storage\"") },
	};
	struct net_reply reply = {
		.status = 303,
		.headers = headers,
		.n_headers = clear ? 2 : 1,
	};

	net_answer(worker->server, conn, &reply);
}

/* Of PAGE_PATHS: the form, or how to leave. */
static size_t first_path(const struct worker *worker)
{
	bool page = strcmp(worker->config->site.interruption, "page") == 0;

	return page ? PAGE_PATH_FACTS : PAGE_PATH_FORM;
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
			redirect(worker, conn,
			    worker->pages[i].paths[first_path(worker)], false);
		}
	}
}

static void enter_language(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg)
{
	const struct page_route *route = arg;

	(void)server;
	(void)req;
	redirect(route->worker, conn, route->paths[first_path(route->worker)],
	    false);
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

/* ---- the table -------------------------------------------------------- */

/* What there is in every language. Paths stay in the phone's history: single
 * letters that say nothing. */
static const struct {
	const char *end; /* behind the language */
	unsigned methods;
	size_t body_max_bytes;
	net_handle_fn handle;
	bool takes_files;
} page_paths[PAGE_PATHS] = {
	{ "/", HTTP_GET, 0, show_form, false },
	{ "", HTTP_GET, 0, enter_language, false },
	{ "/a", HTTP_GET | HTTP_POST, FORM_BODY_MAX_BYTES, web_take_form,
	    true },
	{ "/b", HTTP_GET | HTTP_POST, FORM_BODY_MAX_BYTES, web_take_more,
	    false },
	{ "/c", HTTP_GET | HTTP_POST, FORM_BODY_MAX_BYTES, web_take_code,
	    true },
	{ "/s", HTTP_GET, 0, show_safety, false },
	{ "/i", HTTP_GET, 0, show_facts, false },
	{ "/f", HTTP_GET | HTTP_POST, FORM_BODY_MAX_BYTES, web_take_files,
	    true },
	{ "/v/*", HTTP_GET, 0, web_listen, false },
};

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
	for (size_t i = 0; i < PAGE_PATHS; i++) {
		(void)snprintf(page->paths[i], sizeof(page->paths[i]), "/%s%s",
		    tag, page_paths[i].end);
	}
	if (worker->config->site.onion[0] != '\0') {
		(void)snprintf(page->onion, sizeof(page->onion),
		    "http://%s/%s/", worker->config->site.onion, tag);
	}
	worker->site.languages[worker->site.n_languages++] = language;
	return TL_OK;
}

/* Numbers of the form's answers, as the configuration names countries. */
static void take_lines(const struct config_site *config, struct page_site *site)
{
	static const char *const countries[PAGE_LINES] = { "KH", "TH", "CN",
		"MY", "VN", "MM", "LA" };

	for (size_t i = 0; i < config->urgent_calls.n; i++) {
		const struct config_pair *pair = &config->urgent_calls.items[i];

		for (size_t c = 0; c < PAGE_LINES; c++) {
			if (strcmp(pair->key, countries[c]) == 0) {
				site->lines[c] = pair->value;
			}
		}
	}
}

static void take_questions(
    const struct config_site *config, struct page_site *site)
{
	site->unasked = (1u << PAGE_QUESTIONS) - 1;
	for (size_t i = 0; i < config->questions.n; i++) {
		enum page_question asked =
		    page_question_find(config->questions.items[i]);

		if (asked < PAGE_QUESTIONS) {
			site->unasked &= ~(1u << asked);
		}
	}
}

enum tl_err web_prepare(struct worker *worker)
{
	const struct config_site *site = &worker->config->site;
	const struct config_intake *intake = &worker->config->intake;
	enum tl_err err = TL_OK;

	worker->site.title = site->title;
	worker->site.urgent_call = site->urgent_call;
	worker->site.urgent_free = strcmp(site->urgent_free, "yes") == 0;
	take_lines(site, &worker->site);
	take_questions(site, &worker->site);
	worker->site.file_max_bytes = intake->file_max_bytes;
	if (intake->files_max_bytes < intake->file_max_bytes) {
		worker->site.file_max_bytes = intake->files_max_bytes;
	}
	for (size_t i = 0; err == TL_OK && i < site->languages.n; i++) {
		err = add_language(worker, site->languages.items[i]);
	}
	web_listen_prepare(worker);
	worker->default_language =
	    web_language_find(bytes_str(site->default_language));
	if (err == TL_OK && site->words[0] != '\0') {
		err = web_words_load(worker);
	}
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
		const char *form = worker->pages[i].paths[0];

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

		for (size_t p = 0; p < PAGE_PATHS; p++) {
			ret_routes[n++] = (struct net_route){
				.path = page->paths[p],
				.methods = page_paths[p].methods,
				.class = NET_REPORTER,
				.body_max_bytes = page_paths[p].body_max_bytes,
				.multipart_max_bytes = page_paths[p].takes_files
				    ? upload_body_max(&worker->config->intake)
				    : 0,
				.handle = page_paths[p].handle,
				.upload = page_paths[p].takes_files
				    ? &worker->upload
				    : NULL,
				.arg = page,
			};
		}
	}
	return n;
}
