/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * GET /api/tips/<id>/files/<n>: a file that came with a tip. Nothing is given
 * that has not the hash that the report says: also of a range, which is cut
 * from the whole.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/api.h"
#include "desk/gather.h"
#include "desk/range.h"
#include "desk/session_inside.h"
#include "text/report_parts.h"

/* What is longer is no range of one of these. */
#define RANGE_BYTES 64u

/* ---- which there are ----------------------------------------------------- */

json_t *api_attachments(const struct tip *tip)
{
	json_t *all = json_array();
	const struct tip *part = tip;

	while (part != NULL) {
		bool has_own = part->way != TIP_AGAIN; /* else the same ones */
		json_t *report = has_own ? report_load(part->doc) : NULL;
		json_t *files = json_object_get(report, "attachments");

		if (json_is_array(files)) {
			(void)json_array_extend(all, files);
		}
		json_decref(report);
		part = part == tip ? tip->mores : part->next_more;
	}
	return all;
}

json_t *api_files(const struct tip *tip)
{
	json_t *files = json_array();
	json_t *all = api_attachments(tip);
	const json_t *file;
	size_t i;

	json_array_foreach(all, i, file)
	{
		(void)json_array_append_new(files,
		    json_pack("{s:I,s:O?,s:O?,s:O?,s:O?,s:O?,s:b}", "n",
			(json_int_t)i + 1, "name",
			json_object_get(file, "name"), "type",
			json_object_get(file, "type"), "bytes",
			json_object_get(file, "bytes"), "state",
			json_object_get(file, "state"), "sha256",
			json_object_get(file, "sha256"), "cleaned",
			json_is_true(json_object_get(file, "cleaned"))));
	}
	json_decref(all);
	return files;
}

/* ---- giving one ---------------------------------------------------------- */

struct giving {
	struct web *web;
	net_token conn;
	json_t *file; /* the report's words on it */
	struct buf bytes;
	uint8_t range[RANGE_BYTES]; /* as it was asked for */
	size_t range_len;
};

/* What a browser may be told that it is: none of these runs. */
static const char *type_of(const json_t *file)
{
	static const char *const known[] = { "image/jpeg", "image/png",
		"image/gif", "image/webp", "audio/mpeg", "audio/ogg",
		"audio/mp4", "audio/amr", "audio/wav", "audio/webm" };
	const char *type = json_string_value(json_object_get(file, "type"));

	for (size_t i = 0; type != NULL && i < sizeof(known) / sizeof(known[0]);
	     i++) {
		if (strcmp(type, known[i]) == 0) {
			return known[i];
		}
	}
	return "application/octet-stream";
}

/* What was asked for of it; content_range: for 206 and 416. */
static void cut(const struct giving *giving, struct net_reply *reply,
    char content_range[static RANGE_BYTES])
{
	const struct buf *bytes = &giving->bytes;
	size_t at = 0, len = 0;

	switch (range_read(bytes_of(giving->range, giving->range_len),
	    bytes->len, &at, &len)) {
	case RANGE_WHOLE:
		break;
	case RANGE_PART:
		reply->status = 206;
		reply->body = bytes_of(bytes->data + at, len);
		(void)snprintf(content_range, RANGE_BYTES, "bytes %zu-%zu/%zu",
		    at, at + len - 1, bytes->len);
		break;
	case RANGE_BEYOND:
		reply->status = 416;
		reply->body = bytes_of(NULL, 0);
		(void)snprintf(
		    content_range, RANGE_BYTES, "bytes */%zu", bytes->len);
		break;
	}
}

/* The name is ours: one that came from outside names nothing on a disk. */
static void give(struct giving *giving)
{
	char content_range[RANGE_BYTES] = "";
	struct net_header headers[] = {
		{ "Content-Disposition",
		    bytes_str("attachment; filename=\"file\"") },
		{ "Content-Security-Policy",
		    bytes_str("sandbox; default-src 'none'") },
		{ "Accept-Ranges", bytes_str("bytes") },
		{ "Content-Range", bytes_of(NULL, 0) },
	};
	struct net_reply reply = { .status = 200,
		.type = type_of(giving->file),
		.body = bytes_of(giving->bytes.data, giving->bytes.len),
		.headers = headers,
		.n_headers = 3 };

	cut(giving, &reply, content_range);
	if (reply.status != 200) {
		headers[reply.n_headers++].value = bytes_str(content_range);
	}
	net_answer(giving->web->server, giving->conn, &reply);
}

static bool take_piece(struct bytes raw, void *arg)
{
	struct giving *giving = arg;

	buf_put(&giving->bytes, raw.at, raw.len);
	return buf_err(&giving->bytes) == TL_OK;
}

static void gathered(const char *word, const char *sentence, void *arg)
{
	struct giving *giving = arg;

	if (word == NULL) {
		give(giving);
	} else {
		api_refuse(giving->web, giving->conn, 409, word, sentence);
	}
	buf_free(&giving->bytes);
	json_decref(giving->file);
	free(giving);
}

size_t api_number(struct bytes digits)
{
	size_t number = 0;

	for (size_t i = 0; i < digits.len && digits.len < 4; i++) {
		if (digits.at[i] < '0' || digits.at[i] > '9') {
			return 0;
		}
		number = number * 10 + (size_t)(digits.at[i] - '0');
	}
	return number;
}

/* Only of GET; and nothing here has a name by which If-Range could know it. */
static struct bytes range_of(const struct net_request *req)
{
	struct bytes range = session_field(req, "range");

	return req->method == HTTP_GET && range.len <= RANGE_BYTES &&
		session_field(req, "if-range").at == NULL
	    ? range
	    : bytes_of(NULL, 0);
}

void api_give_file(
    struct web *web, net_token conn, json_t *file, struct bytes range)
{
	static const struct gather_fns fns = { take_piece, gathered };
	struct giving *giving;

	if (gather_is_busy(web)) {
		api_refuse(web, conn, 503, "busy",
		    "Others are being fetched; try again.");
		return;
	}
	giving = calloc(1, sizeof(*giving));
	if (giving == NULL) {
		api_refuse(
		    web, conn, 503, "memory", "The desk has no memory left.");
		return;
	}
	giving->web = web;
	giving->conn = conn;
	giving->file = json_incref(file);
	if (range.len > 0) {
		memcpy(giving->range, range.at, range.len);
		giving->range_len = range.len;
	}
	buf_init(&giving->bytes, GATHER_BYTES);
	gather(web, file, &fns, giving);
}

static void get_file(struct api_call *call)
{
	const struct tip *tip = api_tip(call);
	size_t n = api_number(call->args[1]);
	json_t *all;

	if (tip == NULL || !api_may_look(call, tip)) {
		return;
	}
	all = api_attachments(tip);
	if (n == 0 || n > json_array_size(all)) {
		api_refuse(call->web, call->conn, 404, "none",
		    "This tip has no such file.");
	} else {
		web_audit(call->web, AUDIT_FILE, call->session->name, tip->id,
		    call->args[1]);
		api_give_file(call->web, call->conn, json_array_get(all, n - 1),
		    range_of(call->req));
	}
	json_decref(all);
}

const struct api_route api_files_routes[] = {
	{ HTTP_GET, "/api/tips/*/files/*", API_OFFICER, NULL, get_file, false,
	    0 },
	{ 0 },
};
