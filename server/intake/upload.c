/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The way of an upload: pump() does one step after the other (a piece to be
 * sealed, bytes to be parsed, the end) until it has to wait for the spool's
 * word or for more bytes. While a piece is with the spool nothing else is
 * done: what the engine has read already waits in rest, and it reads no more.
 */
#include "server/intake/upload.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/wipe.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "server/intake/link.h"
#include "server/intake/routes.h"
#include "server/intake/tip.h"
#include "server/intake/upload_inside.h"
#include "text/rules.h"

#define TEXT_MAX_BYTES ((size_t)256u * 1024u)
#define HEADS_BYTES    ((size_t)128u * MULTIPART_PARTS_MAX)
#define REST_MAX_BYTES ((size_t)16u * 1024u)
#define BODY_MORE      ((size_t)2u * 1024u * 1024u)
#define TYPE_MAX_BYTES 256u
#define KEPT_MS        9000u
/* A file that is quicker makes its words wait less than a second record costs
 * whoever reads both. */
#define AHEAD_MS 10000u
/* No connection has this token: an answer to it goes nowhere. */
#define NOBODY ((net_token)0)

static void pump(struct upload *upload);

static void upload_free(struct upload *upload)
{
	net_touched(upload->worker->server);
	buf_free(&upload->type);
	buf_free(&upload->text);
	buf_free(&upload->rest);
	multipart_wipe(&upload->parser);
	upload_files_free(upload->files);
	wipe(upload, sizeof(*upload));
	free(upload);
}

/* ---- pieces ------------------------------------------------------------- */

/* The same piece of the same form has the same id, so that it is kept once. */
static void name_piece(struct upload *upload, struct bytes raw)
{
	static const char prefix[] = "tipline piece v1"; /* with its NUL */
	uint8_t what[sizeof(prefix) + FORM_IDEM_BYTES + 3 + HASH_BYTES];
	uint8_t *at = what;

	memcpy(at, prefix, sizeof(prefix));
	at += sizeof(prefix);
	memcpy(at, upload->idem, FORM_IDEM_BYTES);
	at += FORM_IDEM_BYTES;
	*at++ = (uint8_t)upload->coming->number;
	*at++ = (uint8_t)(upload->coming->made >> 8);
	*at++ = (uint8_t)upload->coming->made;
	hash_bytes(at, raw.at, raw.len);
	tip_dedup(upload->worker->dedup_key, bytes_of(what, sizeof(what)),
	    upload->piece_id);
	wipe(what, sizeof(what));
}

static enum tl_err seal_piece(
    struct upload *upload, struct bytes raw, struct buf *record)
{
	struct report_piece piece = {
		.file = upload->coming->number,
		.piece = upload->coming->made + 1,
	};
	struct report report = {
		.received_s = clock_wall_s(),
		.channel = "web",
		.gateway = "",
		.lang = "",
		.kind = REPORT_PIECE,
		.trust = "web",
		.priority = PRIORITY_SOON,
		.piece = &piece,
	};
	struct tip_once once = { .has_nonce = false };

	name_piece(upload, raw);
	memcpy(piece.tip, upload->files->tip, sizeof(piece.tip));
	memcpy(report.id, upload->piece_id, sizeof(report.id));
	tip_dedup(upload->worker->dedup_key,
	    bytes_of(upload->piece_id, sizeof(upload->piece_id)), once.dedup);
	tip_begin(record, 1);
	return tip_seal_piece(
	    upload->worker->sealer, &report, raw, &once, record);
}

static void on_spool_word(const struct link_answer *answer, void *arg)
{
	struct upload *upload = arg;

	upload->asking = false;
	if (answer->answered && answer->type == FRAME_KEPT) {
		upload_file_kept(upload->coming, upload->piece_id);
	} else {
		upload_file_give_up(upload->coming);
	}
	pump(upload);
}

static void put_piece(struct upload *upload, struct bytes raw)
{
	struct buf record;
	enum tl_err err;

	net_touched(upload->worker->server);
	buf_init(&record, TIP_PIECE_RECORD_BYTES);
	err = seal_piece(upload, raw, &record);
	if (err == TL_OK) {
		err = link_ask(upload->worker->spool, FRAME_PUT,
		    bytes_of(record.data, record.len),
		    clock_mono_ms() + KEPT_MS, on_spool_word, upload);
	}
	buf_free(&record);
	if (err != TL_OK) {
		upload_file_give_up(upload->coming);
	}
	upload->asking = err == TL_OK;
}

/* ---- the end ------------------------------------------------------------- */

static void refuse(
    struct upload *upload, const struct net_request *req, int status)
{
	struct net_reply reply = { .status = status };

	web_error_page(
	    status, req->path, req->accept_language, &reply, upload->worker);
	reply.status = status;
	net_answer(upload->worker->server, upload->conn, &reply);
}

/* Without the part that came in half: half a telephone number is another. */
static void close_text(struct upload *upload)
{
	if (upload->in_text) {
		upload->text.len = upload->part_at;
		upload->files->is_cut = true;
	}
	upload_put_delimiter(upload, "--\r\n", &upload->text);
}

/*
 * The text parts are handed on as a body of their own. One that is not closed
 * is refused by whoever reads it, as it should be when no file was at fault,
 * and nothing behind words that are whole; nor is the engine's want of room
 * the fault of these.
 */
static void finish(struct upload *upload)
{
	bool whole = upload->how == NET_END_WHOLE && !upload->is_bad &&
	    multipart_finish(&upload->parser) == TL_OK;
	bool keeps_words = upload->has_words &&
	    (upload->is_bad || upload->how == NET_END_OVER);
	bool must_keep = upload->has_files || keeps_words;
	struct net_request req;

	if (!net_request_again(upload->worker->server, upload->conn, &req)) {
		req = (struct net_request){ .method = HTTP_POST,
			.door = upload->door,
			.bucket = upload->bucket };
	}
	if (upload->how == NET_END_CUT && !must_keep) {
		upload_free(upload);
		return;
	}
	upload->files->is_cut = upload->files->is_cut ||
	    (keeps_words && !multipart_is_closed(&upload->parser));
	if (whole || must_keep) {
		close_text(upload);
	}
	if (buf_err(&upload->text) != TL_OK ||
	    (upload->how == NET_END_OVER && !must_keep)) {
		refuse(upload, &req,
		    buf_err(&upload->text) == TL_ETOOBIG ? 413 : 503);
		upload_free(upload);
		return;
	}
	req.content_type = bytes_of(upload->type.data, upload->type.len);
	req.body = bytes_of(upload->text.data, upload->text.len);
	req.upload = upload;
	upload->route->handle(
	    upload->worker->server, upload->conn, &req, upload->route->arg);
	upload_free(upload);
}

/* The file that was coming has all its pieces. */
static void close_file(struct upload *upload)
{
	struct upload_file *file = upload->coming;

	upload_file_close(file);
	upload->left_bytes -= file->bytes;
	upload->coming = NULL;
	if (upload_file_is_none(file)) {
		upload_file_free(file);
		upload->files->n--;
	}
}

static void go_on(struct upload *upload)
{
	if (upload->is_paused) {
		upload->is_paused = false;
		net_more(upload->worker->server, upload->conn);
	}
}

static void pump(struct upload *upload)
{
	struct bytes raw;

	while (!upload->asking) {
		if (upload->coming != NULL &&
		    upload_file_piece(upload->coming, &raw)) {
			put_piece(upload, raw);
		} else if (upload->coming != NULL &&
		    upload->coming->is_at_end) {
			close_file(upload);
		} else if (upload->rest.len > 0) {
			upload_parse(upload);
		} else if (!upload->has_ended) {
			go_on(upload);
			return;
		} else if (upload->coming != NULL) {
			upload_file_end(upload->coming, false);
		} else {
			finish(upload);
			return;
		}
	}
}

/* ---- for the engine ------------------------------------------------------ */

static void *begin(struct net_server *server, net_token conn,
    const struct net_request *req, const struct net_route *route)
{
	struct worker *worker = route->upload->arg;
	struct upload *upload = calloc(1, sizeof(*upload));

	(void)server;
	if (upload == NULL) {
		return NULL;
	}
	upload->worker = worker;
	upload->conn = conn;
	upload->route = route;
	upload->door = req->door;
	upload->bucket = req->bucket;
	upload->left_bytes = worker->config->intake.files_max_bytes;
	buf_init(&upload->type, TYPE_MAX_BYTES);
	buf_init(&upload->text, TEXT_MAX_BYTES + HEADS_BYTES);
	buf_init(&upload->rest, REST_MAX_BYTES);
	upload->files = calloc(1, sizeof(*upload->files));
	buf_put(&upload->type, req->content_type.at, req->content_type.len);
	if (upload->files == NULL || buf_err(&upload->type) != TL_OK) {
		upload_free(upload);
		return NULL;
	}
	random_bytes(upload->idem, sizeof(upload->idem));
	random_bytes(upload->files->tip, sizeof(upload->files->tip));
	upload->is_bad =
	    multipart_boundary(bytes_of(upload->type.data, upload->type.len),
		&upload->boundary) != TL_OK;
	if (!upload->is_bad) {
		multipart_init(&upload->parser, upload->boundary);
	}
	return upload;
}

/*
 * The words, while their recording is still on its way: at the pace of an old
 * network that is minutes, and somebody may be in danger now. It is the form
 * sent twice, first without the file: one tip, and the file belongs to it.
 */
static void send_ahead(struct upload *upload)
{
	struct net_request req = {
		.method = HTTP_POST,
		.door = upload->door,
		.bucket = upload->bucket,
		.content_type = bytes_of(upload->type.data, upload->type.len),
	};
	struct buf body;

	upload->files->words_ahead = true;
	buf_init(&body, TEXT_MAX_BYTES + HEADS_BYTES);
	buf_put(&body, upload->text.data, upload->text.len);
	upload_put_delimiter(upload, "--\r\n", &body);
	req.body = bytes_of(body.data, body.len);
	if (buf_err(&body) == TL_OK) {
		upload->route->handle(
		    upload->worker->server, NOBODY, &req, upload->route->arg);
	}
	buf_free(&body);
}

static bool is_slow(const struct upload *upload)
{
	return upload->has_files && upload->has_words && upload->has_idem &&
	    !upload->is_bad && !upload->in_text &&
	    !upload->files->words_ahead &&
	    clock_mono_ms() - upload->files_ms >= AHEAD_MS;
}

static bool take(void *arg, struct bytes piece)
{
	struct upload *upload = arg;

	net_touched(upload->worker->server);
	if (!upload->is_bad) {
		buf_put(&upload->rest, piece.at, piece.len);
		upload->is_bad = buf_err(&upload->rest) != TL_OK;
	}
	pump(upload);
	if (is_slow(upload)) {
		send_ahead(upload);
	}
	upload->is_paused = upload->asking;
	return !upload->asking;
}

static void end(void *arg, enum net_end how)
{
	struct upload *upload = arg;

	upload->has_ended = true;
	upload->how = how;
	if (upload->worker->spool == NULL) { /* the worker ends */
		upload_free(upload);
	} else {
		pump(upload);
	}
}

struct net_upload upload_functions(struct worker *worker)
{
	return (struct net_upload){ begin, take, end, worker };
}

size_t upload_body_max(const struct config_intake *intake)
{
	return (size_t)intake->files_max_bytes + BODY_MORE;
}

/* ---- for handlers -------------------------------------------------------- */

struct upload_files *upload_take(const struct net_request *req)
{
	struct upload *upload = req->upload;
	struct upload_files *files = NULL;

	if (upload != NULL && upload->files != NULL &&
	    (upload->files->n > 0 || upload->files->is_cut)) {
		files = upload->files;
		upload->files = NULL;
	}
	return files;
}
