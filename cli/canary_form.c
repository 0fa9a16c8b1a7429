/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A test text through the form: the first page, what it hides, the words; if
 * there is a queue, its end; and the page with the receipt code. */
#include <poll.h>
#include <string.h>

#include "base/enc.h"
#include "base/log.h"
#include "cli/canary.h"
#include "cli/form_page.h"
#include "crypto/random.h"

#define PAGE_BYTES  ((size_t)512u * 1024u)
#define BODY_BYTES  ((size_t)64u * 1024u)
#define URL_BYTES   1200u
#define TYPE_BYTES  128u
#define CODE_DIGITS 20u /* or more */
/* The form, and the page that has us wait, which may come again. */
#define POSTS_MAX 4u

struct visit {
	struct fetch *fetch;
	const struct canary_door *door;
	int status;
	struct buf answer;
	struct form_page page; /* into answer */
};

/* Ask for a page and read it. What went wrong was said. */
static bool ask(struct visit *visit, struct fetch_call *call, struct bytes path)
{
	const char *why = "";
	struct buf url;
	enum tl_err err;

	buf_init(&url, URL_BYTES);
	buf_put_str(&url, visit->door->origin);
	buf_put(&url, path.at, path.len);
	buf_put_u8(&url, 0);
	buf_reset(&visit->answer);
	call->url = (const char *)url.data;
	call->proxy = visit->door->proxy;
	call->authorities = visit->door->authorities;
	err = buf_err(&url);
	if (err == TL_OK) {
		err = fetch_do(
		    visit->fetch, call, &visit->status, &visit->answer, &why);
	}
	buf_free(&url);
	if (err != TL_OK) {
		say_error("%s: no answer: %s", visit->door->name,
		    err == TL_EIO ? why : err_text(err));
		return false;
	}
	err = form_page_read(
	    bytes_of(visit->answer.data, visit->answer.len), &visit->page);
	if (err != TL_OK) {
		say_error("%s: the answer, with status %d, is no page of ours",
		    visit->door->name, visit->status);
	}
	return err == TL_OK;
}

/* The first page; where another one stands before it, its link is followed. */
static bool enter(struct visit *visit)
{
	struct fetch_call call = { .method = "GET", .follows = true };
	struct buf path;
	bool done = ask(visit, &call, bytes_str("/"));

	buf_init(&path, URL_BYTES);
	if (done && !visit->page.asks_story && visit->page.lang.len > 0) {
		buf_put_str(&path, "/");
		buf_put(&path, visit->page.lang.at, visit->page.lang.len);
		buf_put_str(&path, "/");
		done = buf_err(&path) == TL_OK &&
		    ask(visit, &call, bytes_of(path.data, path.len));
	}
	buf_free(&path);
	if (done && !visit->page.asks_story) {
		say_error("%s: the first page, with status %d, has no form",
		    visit->door->name, visit->status);
		done = false;
	}
	return done;
}

static bool send_page(struct visit *visit, const char *text)
{
	struct fetch_call call = { .method = "POST" };
	struct buf type, body, path;
	uint8_t random[16];
	bool done;

	random_bytes(random, sizeof(random));
	buf_init(&type, TYPE_BYTES);
	buf_init(&body, BODY_BYTES);
	buf_init(&path, URL_BYTES);
	buf_put_str(&type, "multipart/form-data; boundary=");
	enc_hex(&type, random, sizeof(random));
	buf_put_u8(&type, 0);
	buf_put(&path, visit->page.action.at, visit->page.action.len);
	done = buf_err(&type) == TL_OK;
	if (done) {
		call.type = (const char *)type.data;
		form_page_fill(&visit->page, strchr(call.type, '=') + 1,
		    bytes_str(text), &body);
		call.body = bytes_of(body.data, body.len);
		done = buf_err(&body) == TL_OK && buf_err(&path) == TL_OK;
	}
	if (!done) {
		say_error(
		    "%s: its form cannot be filled in", visit->door->name);
	}
	done = done && ask(visit, &call, bytes_of(path.data, path.len));
	buf_free(&type);
	buf_free(&body);
	buf_free(&path);
	return done;
}

bool canary_by_form(
    struct fetch *fetch, const struct canary_door *door, const char *text)
{
	struct visit visit = { .fetch = fetch, .door = door };
	bool goes_on, arrived = false;

	buf_init(&visit.answer, PAGE_BYTES);
	goes_on = enter(&visit);
	for (unsigned i = 0; goes_on && !arrived && i < POSTS_MAX; i++) {
		if (visit.page.wait_s > 0) {
			(void)poll(
			    NULL, 0, (int)(1000u * (visit.page.wait_s + 1)));
		}
		goes_on = send_page(&visit, text);
		arrived = goes_on && visit.status == 200 &&
		    visit.page.digits >= CODE_DIGITS;
		if (goes_on && !arrived && visit.page.wait_s == 0) {
			say_error("%s: the test text was not taken: status %d"
				  " and no receipt code",
			    door->name, visit.status);
			goes_on = false;
		}
	}
	if (goes_on && !arrived) {
		say_error("%s: the test text still has to wait for its turn",
		    door->name);
	}
	buf_free(&visit.answer);
	return arrived;
}
