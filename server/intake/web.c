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

#define FORM_BODY_MAX_BYTES ((size_t)256u * 1024u)
#define HTML                "text/html; charset=utf-8"

void web_send_page(struct worker *worker, net_token conn, int status,
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

bool web_is_proxy_browser(const struct net_request *req)
{
	bool operamini = false;

	for (size_t i = 0; i < req->n_fields; i++) {
		operamini = operamini ||
		    strcmp(req->fields[i].name, "x-operamini") == 0;
	}
	return web_proxy_browser(req->user_agent, operamini);
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
	char idem[PAGE_IDEM_DIGITS + 1];
	struct page_form form = {
		.idem = idem,
		.proxy_browser = web_is_proxy_browser(req),
	};
	struct buf page;
	enum tl_err err;

	(void)server;
	web_new_idem(idem);
	buf_init(&page, PAGE_BYTES_MAX);
	err = page_form(&worker->site, route->language, &form, &page);
	worker->counts.values[COUNT_FORMS]++;
	web_send_page(worker, conn, 200, err, &page);
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
			.handle = web_take_form,
			.arg = page };
	}
	return n;
}
