/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A question read aloud: a plain file behind a plain link, so that it needs
 * neither script nor player in the page. Ranges are not read, as nowhere.
 */
#include <string.h>

#include "server/intake/recordings.h"
#include "server/intake/web_page.h"

#define NUMBER_DIGITS_MAX 2u

/* The browser makes a page of its own round the sound, which may play it. */
static const char policy[] = "default-src 'none'; media-src 'self'; "
			     "form-action 'none'; frame-ancestors 'none'; "
			     "base-uri 'none'";

/* 1 to PAGE_SPOKEN in decimal stands for a question. PAGE_SPOKEN: none. */
static size_t question_of(struct bytes digits)
{
	size_t number = 0;

	if (digits.len == 0 || digits.len > NUMBER_DIGITS_MAX ||
	    digits.at[0] == '0') {
		return PAGE_SPOKEN;
	}
	for (size_t i = 0; i < digits.len; i++) {
		if (digits.at[i] < '0' || digits.at[i] > '9') {
			return PAGE_SPOKEN;
		}
		number = 10 * number + (size_t)(digits.at[i] - '0');
	}
	return number <= PAGE_SPOKEN ? number - 1 : PAGE_SPOKEN;
}

void web_listen(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg)
{
	const struct page_route *route = arg;
	struct web_client client = web_client_of(route, conn, req);
	const char *tag = web_language_tag(route->language);
	size_t before = strlen(tag) + strlen("//v/"); /* the route's prefix */
	const struct net_header headers[] = {
		{ "Content-Security-Policy", bytes_str(policy) },
	};
	struct net_reply reply = {
		.status = 200,
		.type = "audio/mpeg",
		.headers = headers,
		.n_headers = 1,
		.body = recordings_find(route->worker->recordings, tag,
		    question_of(bytes_of(
			req->path.at + before, req->path.len - before))),
	};

	if (reply.body.len == 0) {
		web_send_error(&client, 404);
		return;
	}
	net_answer(server, conn, &reply);
}

void web_listen_prepare(struct worker *worker)
{
	struct page_site *site = &worker->site;

	for (size_t l = 0; l < site->n_languages; l++) {
		for (size_t q = 0; q < PAGE_SPOKEN; q++) {
			struct bytes file = recordings_find(worker->recordings,
			    web_language_tag(site->languages[l]), q);

			site->spoken_kib[l][q] =
			    (uint16_t)((file.len + 1023) / 1024);
		}
	}
}
