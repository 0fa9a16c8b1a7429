/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/upload/upload_world.h"

#include <stdlib.h>
#include <string.h>

#include "base/frame.h"
#include "crypto/filehash.h"
#include "server/intake/link.h"
#include "server/intake/routes.h"
#include "server/intake/tip.h"
#include "server/intake/worker.h"

#define KEPT_MAX_BYTES ((size_t)32u * 1024u * 1024u)
#define LAST_BIT       31u

static struct {
	const struct upload_way *way;
	struct upload_came *came;
	link_answer_fn on_answer; /* a piece is with the spool; or NULL */
	void *arg;
	unsigned asked;
	unsigned file; /* of the piece that was sealed last */
	struct buf raw;
	bool more; /* the engine may read on */
	bool over;
} world;

static void need(bool ok)
{
	if (!ok) {
		abort();
	}
}

/* ---- what upload.c calls ------------------------------------------------- */

void net_touched(struct net_server *server)
{
	(void)server;
}

void net_more(struct net_server *server, net_token conn)
{
	(void)server;
	(void)conn;
	world.more = true;
}

bool net_request_again(
    struct net_server *server, net_token conn, struct net_request *ret_req)
{
	(void)server;
	(void)conn;
	*ret_req = (struct net_request){ .method = HTTP_POST };
	return world.way->how != NET_END_CUT;
}

void net_answer(
    struct net_server *server, net_token conn, const struct net_reply *reply)
{
	(void)server;
	(void)conn;
	need(!world.over);
	world.over = true;
	world.came->refused = reply->status;
}

void web_error_page(int status, struct bytes path, struct bytes lang,
    struct net_reply *ret_reply, void *arg)
{
	(void)path;
	(void)lang;
	(void)arg;
	ret_reply->status = status;
}

void tip_begin(struct buf *out, unsigned n)
{
	(void)out;
	need(n == 1);
}

void tip_dedup(const uint8_t key[static 32], struct bytes what,
    uint8_t ret_dedup[static TIP_DEDUP_BYTES])
{
	(void)key;
	memcpy(ret_dedup, what.at, TIP_DEDUP_BYTES);
}

enum tl_err tip_seal_piece(struct sealer *sealer, const struct report *report,
    struct bytes raw, const struct tip_once *once, struct buf *out)
{
	(void)sealer;
	(void)once;
	need(raw.len <= TIP_PIECE_BYTES && report->piece->file >= 1 &&
	    report->piece->file <= UPLOAD_FILES_MAX);
	world.file = report->piece->file - 1;
	buf_put(out, raw.at, raw.len);
	return buf_err(out);
}

enum tl_err link_ask(struct link *link, enum frame_type type, struct bytes body,
    uint64_t deadline_ms, link_answer_fn on_answer, void *arg)
{
	(void)link;
	(void)deadline_ms;
	need(world.on_answer == NULL && type == FRAME_PUT);
	world.on_answer = on_answer;
	world.arg = arg;
	buf_reset(&world.raw);
	buf_put(&world.raw, body.at, body.len);
	return buf_err(&world.raw);
}

/* ---- the spool and the handler ------------------------------------------ */

static void answer_all(void)
{
	while (world.on_answer != NULL) {
		unsigned bit = world.asked < LAST_BIT ? world.asked : LAST_BIT;
		bool lost = (world.way->lost >> bit & 1u) != 0;
		const struct link_answer answer = {
			.answered = !lost,
			.type = FRAME_KEPT,
		};
		link_answer_fn on_answer = world.on_answer;

		world.asked++;
		world.on_answer = NULL;
		if (!lost) {
			buf_put(&world.came->file[world.file].kept,
			    world.raw.data, world.raw.len);
		}
		on_answer(&answer, world.arg);
	}
}

static void hash_of(const struct buf *buf, uint8_t ret[static FILEHASH_BYTES])
{
	struct filehash *hash = NULL;

	need(filehash_new(&hash) == TL_OK);
	filehash_add(hash, bytes_of(buf->data, buf->len));
	filehash_end(hash, ret);
	filehash_free(hash);
}

static void handle(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg)
{
	struct upload_came *came = world.came;
	struct upload_files *files = upload_take(req);
	struct report_attachment told[UPLOAD_FILES_MAX];

	(void)server;
	(void)conn;
	(void)arg;
	need(!world.over && upload_take(req) == NULL);
	world.over = true;
	came->handled = true;
	buf_put(&came->text, req->body.at, req->body.len);
	came->n = upload_told(files, told);
	came->is_cut = files != NULL && files->is_cut;
	for (size_t i = 0; i < came->n; i++) {
		const struct buf *kept = &came->file[i].kept;
		uint8_t hash[FILEHASH_BYTES];

		came->file[i].state = files->file[i].state;
		came->file[i].bytes = told[i].bytes;
		came->file[i].cleaned = told[i].cleaned;
		need(kept->len == told[i].bytes);
		hash_of(kept, hash);
		need(kept->len == 0 ||
		    memcmp(hash, files->file[i].sha256, sizeof(hash)) == 0);
	}
	upload_files_free(files);
}

/* ---- a run ----------------------------------------------------------------
 */

static void feed(const struct net_upload *functions, void *upload)
{
	struct bytes left = world.way->body;

	while (left.len > 0) {
		size_t len = left.len < world.way->piece_len
		    ? left.len
		    : world.way->piece_len;

		world.more = functions->take(upload, bytes_of(left.at, len));
		answer_all();
		need(world.more);
		left = bytes_of(left.at + len, left.len - len);
	}
}

void upload_world_run(
    const struct upload_way *way, struct upload_came *ret_came)
{
	static uint8_t key[32];
	struct config config = { .intake = {
				     .file_max_bytes = way->file_max_bytes,
				     .files_max_bytes = way->files_max_bytes,
				 } };
	struct worker worker = {
		.config = &config,
		.dedup_key = key,
		.spool = (struct link *)&config, /* there is one */
	};
	const struct net_upload functions = upload_functions(&worker);
	const struct net_route route = { .handle = handle,
		.upload = &functions };
	const struct net_request req = { .method = HTTP_POST,
		.content_type = way->type };
	void *upload;

	*ret_came = (struct upload_came){ .handled = false };
	buf_init(&ret_came->text, KEPT_MAX_BYTES);
	for (size_t i = 0; i < UPLOAD_FILES_MAX; i++) {
		buf_init(&ret_came->file[i].kept, KEPT_MAX_BYTES);
	}
	memset(&world, 0, sizeof(world));
	world.way = way;
	world.came = ret_came;
	buf_init(&world.raw, TIP_PIECE_RECORD_BYTES);
	upload = functions.begin(NULL, (net_token){ 0 }, &req, &route);
	need(upload != NULL);
	feed(&functions, upload);
	functions.end(upload, way->how);
	answer_all();
	need(world.over || way->how == NET_END_CUT);
	buf_free(&world.raw);
}

void upload_came_free(struct upload_came *came)
{
	buf_free(&came->text);
	for (size_t i = 0; i < UPLOAD_FILES_MAX; i++) {
		buf_free(&came->file[i].kept);
	}
}
