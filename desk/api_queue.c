/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* GET /api/queue: the list, its filters, and the header. */
#include <stdlib.h>
#include <string.h>

#include "base/enc.h"
#include "desk/api.h"

#define ROWS_A_PAGE 25u
#define VALUE_BYTES 1024u
/* As many as there is room for in a value. */
#define SHOWN_MAX (VALUE_BYTES / (2u * TIP_ID_BYTES))

struct asked {
	struct buf view, text, lang, priority, page, shown;
};

static unsigned number_of(const struct buf *text)
{
	unsigned number = 0;

	for (size_t i = 0; i < text->len && i < 6; i++) {
		if (text->data[i] < '0' || text->data[i] > '9') {
			return 0;
		}
		number = number * 10 + (unsigned)(text->data[i] - '0');
	}
	return number;
}

static struct bytes bytes_in(const struct buf *buf)
{
	return bytes_of(buf->data, buf->len);
}

static json_t *rows_of(
    const struct web *web, struct tip *const *tips, size_t n, unsigned page)
{
	json_t *rows = json_array();
	size_t from = (size_t)page * ROWS_A_PAGE;

	for (size_t i = from; i < n && i < from + ROWS_A_PAGE; i++) {
		(void)json_array_append_new(rows, api_row(web, tips[i]));
	}
	return rows;
}

/* Names of tips, with a byte between two. What is none is left out. */
static size_t read_ids(
    struct bytes text, uint8_t ret_ids[static SHOWN_MAX][TIP_ID_BYTES])
{
	static const size_t hex_bytes = 2 * TIP_ID_BYTES;
	size_t n = 0;

	for (size_t at = 0; at + hex_bytes <= text.len && n < SHOWN_MAX;
	     at += hex_bytes + 1) {
		size_t len = 0;

		if (dec_hex((const char *)text.at + at, hex_bytes, ret_ids[n],
			TIP_ID_BYTES, &len) == TL_OK &&
		    len == TIP_ID_BYTES) {
			n++;
		}
	}
	return n;
}

static bool is_one_of(const struct tip *tip,
    uint8_t ids[static SHOWN_MAX][TIP_ID_BYTES], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (memcmp(ids[i], tip->id, TIP_ID_BYTES) == 0) {
			return true;
		}
	}
	return false;
}

/* Those that somebody has on the screen and that stand on another page by now:
 * they are not gone. */
static json_t *rows_elsewhere(const struct web *web, struct tip *const *tips,
    size_t n, unsigned page, struct bytes shown)
{
	uint8_t ids[SHOWN_MAX][TIP_ID_BYTES];
	size_t n_ids = read_ids(shown, ids);
	json_t *rows = json_array();

	for (size_t i = 0; n_ids > 0 && i < n; i++) {
		if (i / ROWS_A_PAGE != page && is_one_of(tips[i], ids, n_ids)) {
			(void)json_array_append_new(
			    rows, api_row(web, tips[i]));
		}
	}
	return rows;
}

static void answer(struct api_call *call, const struct asked *asked)
{
	struct web *web = call->web;
	struct tip *const *tips = NULL;
	struct tips_counts counts;
	struct tips_query query = {
		.view = asked->view.len == 0
		    ? TIPS_MINE
		    : tips_view_of(bytes_in(&asked->view)),
		.who = call->session->name,
		.supervisor = call->session->role == SESSION_SUPERVISOR,
		.now_ms = web_now_ms(web),
		.priority = number_of(&asked->priority),
		.lang = bytes_in(&asked->lang),
		.text = bytes_in(&asked->text),
	};
	unsigned page = number_of(&asked->page);
	size_t n = 0;
	enum tl_err err = query.view == TIPS_VIEWS
	    ? TL_EINVAL
	    : tips_select(web->tips, &query, &tips, &n);

	if (err != TL_OK) {
		api_refuse(web, call->conn, err == TL_ENOMEM ? 503 : 400,
		    "query", "The desk cannot search for that.");
		return;
	}
	if (asked->text.len > 0 && web_audit_is_shut(web)) {
		/* letter by letter it tells what others hold */
		api_refuse(web, call->conn, 503, "full",
		    "The desk's disk is full: that you search could not be "
		    "written down.");
		return;
	}
	if (asked->text.len > 0) {
		web_audit_search(web, call->session, n);
	}
	tips_counts(web->tips, 0, &counts);
	api_answer(web, call->conn, 200,
	    json_pack("{s:I,s:I,s:I,s:I,s:o,s:o,s:o}", "now_ms",
		(json_int_t)query.now_ms, "total", (json_int_t)n, "unseen",
		(json_int_t)counts.never, "opening", (json_int_t)counts.sealed,
		"rows", rows_of(web, tips, n, page), "elsewhere",
		rows_elsewhere(web, tips, n, page, bytes_in(&asked->shown)),
		"header", api_header(web)));
}

static void queue(struct api_call *call)
{
	struct asked asked;
	const struct {
		const char *name;
		struct buf *to;
	} values[] = {
		{ "view", &asked.view },
		{ "q", &asked.text },
		{ "lang", &asked.lang },
		{ "priority", &asked.priority },
		{ "page", &asked.page },
		{ "shown", &asked.shown },
	};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		buf_init(values[i].to, VALUE_BYTES);
		if (!api_query(call, values[i].name, values[i].to)) {
			buf_reset(values[i].to);
		}
	}
	answer(call, &asked);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		buf_free(values[i].to);
	}
}

const struct api_route api_queue_routes[] = {
	{ HTTP_GET, "/api/queue", API_OFFICER, NULL, queue, true, 0 },
	{ 0 },
};
