/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Log a call: POST /api/calls. What came by hotline, messenger or in person
 * goes the way of every other tip: sealed here, through the queue, to all
 * desks. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "crypto/keyfile.h"
#include "desk/api.h"
#include "desk/call.h"

struct logging {
	struct web *web;
	net_token conn;
	uint8_t id[CALL_ID_BYTES];
	char who[sizeof(((struct session *)0)->name)];
};

static void kept(const struct frame *frame, void *arg)
{
	struct logging logging = *(struct logging *)arg;
	struct store_done done = store_done_of(frame);
	struct tip tip = { .number = 0 };

	free(arg);
	if (done.result != STORE_ANSWERED && done.result != STORE_ALONE) {
		api_answer_done(logging.web, logging.conn, &done);
		return;
	}
	memcpy(tip.id, logging.id, sizeof(tip.id));
	web_audit(logging.web, AUDIT_CALL, logging.who, logging.id,
	    bytes_of(NULL, 0));
	api_answer(logging.web, logging.conn, 200,
	    json_pack("{s:o,s:b}", "id", api_tip_id(&tip), "confirmed",
		done.result == STORE_ANSWERED ? 1 : 0));
}

/* Sealed, before anything waits for the disk. */
static enum tl_err seal_call(const struct api_call *call,
    struct logging *logging, struct buf *sealed, const char **ret_why)
{
	const struct call_opts opts = { .triage = call->web->triage,
		.secret = call->web->sign_key,
		.who = call->session->name,
		.practice = call->web->practice,
		.now_s = clock_wall_s() };
	struct buf doc;
	enum tl_err err;

	buf_init(&doc, CALL_DOC_BYTES);
	err = call_write(&opts, call->body, logging->id, &doc, ret_why);
	if (err == TL_OK) {
		err = web_seal_as(call->web, logging->id,
		    bytes_of(doc.data, doc.len), sealed);
	}
	buf_free(&doc);
	return err;
}

static void refuse(struct api_call *call, enum tl_err err, const char *why)
{
	if (err == TL_EINVAL && why != NULL) {
		api_refuse(call->web, call->conn, 400, "body", why);
	} else if (err == TL_ETOOBIG) {
		api_refuse(call->web, call->conn, 413, "toobig",
		    "That is too long: log two calls.");
	} else if (err == TL_EPERM) {
		api_refuse(call->web, call->conn, 503, "seal",
		    "desk.signing_key is none of desk.intake_keys: tell the "
		    "operator. Nothing was kept.");
	} else {
		api_refuse(call->web, call->conn, 503, "seal",
		    "The desk cannot seal it now; nothing was kept.");
	}
}

/* Else all desks would put it into quarantine. */
static bool is_believed(const struct web *web)
{
	const uint8_t *own = web->sign_key + KEY_SIGN_BYTES - KEY_BYTES;

	for (size_t i = 0; i < web->n_intakes; i++) {
		if (memcmp(web->intakes[i], own, KEY_BYTES) == 0) {
			return true;
		}
	}
	return false;
}

static void log_call(struct api_call *call)
{
	struct logging *logging = calloc(1, sizeof(*logging));
	struct store_keep keep = { .kind = LEDGER_TIP };
	const char *why = NULL;
	struct buf sealed;
	enum tl_err err = TL_ENOMEM;

	buf_init(&sealed, CASE_SEALED_BYTES);
	if (!is_believed(call->web)) {
		err = TL_EPERM;
	} else if (logging != NULL) {
		logging->web = call->web;
		logging->conn = call->conn;
		memcpy(logging->who, call->session->name, sizeof(logging->who));
		err = seal_call(call, logging, &sealed, &why);
	}
	if (err != TL_OK) {
		free(logging);
		refuse(call, err, why);
	} else {
		memcpy(keep.id, logging->id, sizeof(keep.id));
		keep.bytes = bytes_of(sealed.data, sealed.len);
		store_ask_keep(call->web->store, &keep, kept, logging);
	}
	buf_free(&sealed);
}

static const char *const members[] = { "key", "via", "lang", "text", "sender",
	"answers", NULL };

const struct api_route api_calls_routes[] = {
	{ HTTP_POST, "/api/calls", API_OFFICER, members, log_call, false, 0 },
	{ 0 },
};
