/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Photos and documents for a tip that is there: a page of their own, behind
 * what they can do to somebody. What comes is a record that belongs to the
 * tip, kept once the pieces of its files are (upload.c); also where the
 * connection is lost on the way.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/wipe.h"
#include "server/intake/upload.h"
#include "server/intake/web_page.h"

/* No group of questions has this number. */
#define STEP_FILES (PAGE_STEPS + 1u)

/* Files on their way. Wiped by adding_free(). */
struct adding {
	struct web_client client;
	struct tip_form form;
	struct form_state state;
	struct upload_files *files; /* NULL: the page was asked for */
};

static void adding_free(struct adding *adding)
{
	net_touched(adding->client.worker->server);
	tip_form_free(&adding->form);
	upload_files_free(adding->files);
	wipe(adding, sizeof(*adding));
	free(adding);
}

/* The page, with what became of the files, if there were any. */
static void show(struct adding *adding, bool kept)
{
	const struct web_client *client = &adding->client;
	const struct upload_files *files = adding->files;
	char idem[PAGE_IDEM_DIGITS + 1];
	char text[FORM_STATE_TEXT_BYTES];
	struct page_files shown = {
		.state = text,
		.idem = idem,
		.stored = kept && upload_has_bytes(files),
		.big = kept && upload_any(files, "too-large"),
		.kind = kept &&
		    (upload_any(files, "wrong-kind") ||
			upload_any(files, "broken")),
		.unsent = files != NULL && (!kept || upload_lacks(files)),
	};
	struct buf page;
	enum tl_err err;

	web_new_idem(idem);
	if (shown.unsent && adding->form.has_idem) {
		/* the pieces that are kept are not kept twice */
		memcpy(
		    idem, adding->form.fields[FORM_IDEM].at, PAGE_IDEM_DIGITS);
	}
	form_state_seal(
	    client->worker->dedup_key, clock_wall_s(), &adding->state, text);
	buf_init(&page, PAGE_BYTES_MAX);
	err =
	    page_files(&client->worker->site, client->language, &shown, &page);
	web_send_page(
	    client, files != NULL && !kept ? 503 : 200, err, WIRE_OPEN, &page);
	adding_free(adding);
}

static void on_kept(bool kept, void *arg)
{
	struct adding *adding = arg;

	adding->client.worker->counts.values[COUNT_UNSENT] += !kept;
	show(adding, kept);
}

static void keep(struct adding *adding)
{
	static const struct tip_form no_words; /* files, and nothing else */
	const struct web_addition addition = {
		.state = &adding->state,
		.form = &no_words,
		.step = STEP_FILES,
		.files = adding->files,
		.is_marked = web_turn(&adding->client, FAIR_FORMS, &no_words,
				 false) == WEB_TURN_MARKED,
	};

	if (web_keep_more(&adding->client, &addition, on_kept, adding) !=
	    TL_OK) {
		on_kept(false, adding);
	}
}

void web_take_files(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg)
{
	const struct page_route *route = arg;
	struct web_client client = web_client_of(route, conn, req);
	struct adding *adding;

	(void)server;
	if (req->method != HTTP_POST) {
		web_send_neutral(&client);
		return;
	}
	adding = calloc(1, sizeof(*adding));
	if (adding == NULL) {
		web_send_error(&client, 503);
		return;
	}
	adding->client = client;
	adding->files = upload_take(req);
	if (!web_read_form(&client, req, &adding->form)) {
		adding_free(adding);
		return;
	}
	if (form_state_open(route->worker->dedup_key, clock_wall_s(),
		adding->form.fields[FORM_STATE], &adding->state) != TL_OK) {
		web_send_neutral(&client); /* over, or never ours */
		adding_free(adding);
	} else if (adding->files == NULL) {
		show(adding, false);
	} else {
		keep(adding);
	}
}
