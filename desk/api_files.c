/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * GET /api/tips/<id>/files/<n>: a file that came with a tip, put together from
 * its pieces, which are records of their own. Nothing is given that has not the
 * hash that the report says.
 */
#include <stdlib.h>
#include <string.h>

#include "base/enc.h"
#include "base/wipe.h"
#include "crypto/digest.h"
#include "desk/api.h"
#include "text/report_parts.h"

#define FILE_BYTES ((size_t)16u * 1024u * 1024u)
/* At one time: each may hold as much in memory. */
#define GIVING_MAX 4u

/* ---- which there are ----------------------------------------------------- */

/* All of them in one list, the caller's. */
static json_t *attachments_of(const struct tip *tip)
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
	json_t *all = attachments_of(tip);
	const json_t *file;
	size_t i;

	json_array_foreach(all, i, file)
	{
		(void)json_array_append_new(files,
		    json_pack("{s:I,s:O?,s:O?,s:O?,s:O?}", "n",
			(json_int_t)i + 1, "name",
			json_object_get(file, "name"), "type",
			json_object_get(file, "type"), "bytes",
			json_object_get(file, "bytes"), "state",
			json_object_get(file, "state")));
	}
	json_decref(all);
	return files;
}

/* ---- giving one ---------------------------------------------------------- */

struct giving {
	struct web *web;
	net_token conn;
	json_t *file; /* the report's words on it */
	size_t at;    /* of its pieces */
	struct buf bytes;
};

static void end(struct giving *giving)
{
	giving->web->giving--;
	buf_free(&giving->bytes);
	json_decref(giving->file);
	free(giving);
}

static void refuse(struct giving *giving, const char *word, const char *text)
{
	api_refuse(giving->web, giving->conn, 409, word, text);
	end(giving);
}

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

static bool has_its_hash(const struct giving *giving)
{
	uint8_t want[DIGEST_SHA256_BYTES], is[DIGEST_SHA256_BYTES];

	digest_sha256(is, bytes_of(giving->bytes.data, giving->bytes.len));
	return report_hex(giving->file, "sha256", want, sizeof(want)) &&
	    memcmp(want, is, sizeof(is)) == 0;
}

/* The name is ours: one that came from outside names nothing on a disk. */
static void give(struct giving *giving)
{
	static const struct net_header headers[] = {
		{ "Content-Disposition",
		    { (const uint8_t *)"attachment; filename=\"file\"", 27 } },
		{ "Content-Security-Policy",
		    { (const uint8_t *)"sandbox; default-src 'none'", 27 } },
	};
	const struct net_reply reply = { .status = 200,
		.type = type_of(giving->file),
		.body = bytes_of(giving->bytes.data, giving->bytes.len),
		.headers = headers,
		.n_headers = 2 };

	if (!has_its_hash(giving)) {
		refuse(giving, "damaged",
		    "This file is not the one that was sent.");
		return;
	}
	net_answer(giving->web->server, giving->conn, &reply);
	end(giving);
}

static void next_piece(struct giving *giving);

static void piece_opened(const struct web_opened *opened, void *arg)
{
	struct giving *giving = arg;

	if (opened->result != ENVELOPE_FINE) {
		refuse(giving, "sealed", "A piece of it cannot be opened.");
		return;
	}
	buf_put(&giving->bytes, opened->raw.at, opened->raw.len);
	if (buf_err(&giving->bytes) != TL_OK) {
		refuse(giving, "toobig", "It is too long to be shown here.");
		return;
	}
	giving->at++;
	next_piece(giving);
}

static void next_piece(struct giving *giving)
{
	const json_t *ids = json_object_get(giving->file, "ids");
	const json_t *hex = json_array_get(ids, giving->at);
	uint8_t id[TIP_ID_BYTES];
	const struct tip *piece = NULL;
	size_t len = 0;

	if (giving->at > 0 && giving->at == json_array_size(ids)) {
		give(giving);
		return;
	}
	if (json_string_length(hex) == 2 * sizeof(id) &&
	    dec_hex(json_string_value(hex), 2 * sizeof(id), id, sizeof(id),
		&len) == TL_OK) {
		piece = tips_find(giving->web->tips, id);
	}
	if (piece == NULL) {
		refuse(giving, "missing", "A piece of it has not come.");
		return;
	}
	web_open_record(giving->web, piece->number, piece_opened, giving);
}

static size_t number_of(struct bytes digits)
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

static void get_file(struct api_call *call)
{
	const struct tip *tip = api_tip(call);
	size_t n = number_of(call->args[1]);
	struct giving *giving;
	json_t *all;

	if (tip == NULL || !api_may_read(call, tip)) {
		return;
	}
	if (call->web->giving == GIVING_MAX) {
		api_refuse(call->web, call->conn, 503, "busy",
		    "Others are being fetched; try again.");
		return;
	}
	all = attachments_of(tip);
	giving = calloc(1, sizeof(*giving));
	if (giving == NULL || n == 0 || n > json_array_size(all)) {
		api_refuse(call->web, call->conn, 404, "none",
		    "This tip has no such file.");
		free(giving);
		json_decref(all);
		return;
	}
	*giving = (struct giving){ .web = call->web,
		.conn = call->conn,
		.file = json_incref(json_array_get(all, n - 1)) };
	call->web->giving++;
	buf_init(&giving->bytes, FILE_BYTES);
	json_decref(all);
	web_audit(
	    call->web, AUDIT_FILE, call->session->name, tip->id, call->args[1]);
	next_piece(giving);
}

const struct api_route api_files_routes[] = {
	{ HTTP_GET, "/api/tips/*/files/*", API_OFFICER, NULL, get_file, false,
	    0 },
	{ 0 },
};
