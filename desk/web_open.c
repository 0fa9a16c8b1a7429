/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Records through the store and keyd, some at a time, the urgent first. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "crypto/envelope_signed.h"
#include "desk/api.h"

/* ---- one --------------------------------------------------------------- */

struct opening {
	struct web *web;
	uint64_t number;
	bool is_signed, is_ours;
	uint8_t id[ENVELOPE_ID_BYTES]; /* of the envelope */
	uint8_t token[KEYD_TOKEN_BYTES];
	web_opened_fn fn;
	void *arg;
};

static void end_opening(
    struct opening *opening, const struct web_opened *opened)
{
	opening->fn(opened, opening->arg);
	free(opening);
}

static void end_without(struct opening *opening, uint8_t result)
{
	const struct web_opened opened = { .result = result };

	end_opening(opening, &opened);
}

static void keyd_opened(const struct frame *frame, void *arg)
{
	struct opening *opening = arg;
	struct keyd_peer *keyd = opening->web->keyd;
	struct keyd_opened told = { .result = KEYD_NO_SESSION };
	struct web_opened opened = { 0 };

	if (frame == NULL || keyd_read_opened(frame, &told) != TL_OK) {
		end_without(opening, WEB_NOBODY);
		return;
	}
	if (told.result == KEYD_NO_SESSION) {
		session_lost(opening->web->sessions, opening->token);
		end_without(opening, WEB_NOBODY);
		return;
	}
	if (told.result == ENVELOPE_NO_MEMORY ||
	    told.result >= ENVELOPE_FAULTS) {
		end_without(opening, WEB_NOBODY); /* it may open later */
		return;
	}
	if (told.result == ENVELOPE_FINE &&
	    memcmp(told.id, opening->id, sizeof(told.id)) != 0) {
		/* what it says would be shown as another tip's */
		log_event(LOG_PEER_GARBAGE, 0, 0);
		end_without(opening, WEB_NOBODY);
		keyd_peer_part(keyd);
		return;
	}
	opened.result = told.result;
	opened.is_signed = opening->is_signed;
	opened.is_ours = opening->is_ours;
	memcpy(opened.id, opening->id, sizeof(opened.id));
	opened.report = told.report;
	opened.raw = told.raw;
	net_touched(opening->web->server);
	end_opening(opening, &opened);
}

static void ask_keyd(struct opening *opening, struct bytes sealed)
{
	struct web *web = opening->web;
	const struct session *session = sessions_any(web->sessions);
	uint8_t own[1][32];
	struct envelope envelope;
	struct keyd_open open = { .envelope = sealed };
	enum envelope_fault fault = envelope_read(sealed, &envelope);
	struct buf frame;

	if (fault != ENVELOPE_FINE) {
		end_without(opening, (uint8_t)fault); /* keyd need not see it */
		return;
	}
	if (session == NULL) {
		end_without(opening, WEB_NOBODY);
		return;
	}
	memcpy(own[0], keyd_peer_state(web->keyd)->receipt_key, 32);
	opening->is_signed = envelope_signed_by(
	    &envelope, (const uint8_t(*)[32])web->intakes, web->n_intakes);
	opening->is_ours =
	    envelope_signed_by(&envelope, (const uint8_t(*)[32])own, 1);
	memcpy(open.token, session->keyd, sizeof(open.token));
	memcpy(opening->token, session->keyd, sizeof(opening->token));
	memcpy(opening->id, envelope.id, sizeof(opening->id));
	buf_init(&frame, FRAME_HEAD_BYTES + FRAME_RECORD_BYTES);
	keyd_put_open(&frame, &open);
	keyd_peer_ask(web->keyd, &frame, keyd_opened, opening);
	buf_free(&frame);
}

static void record_came(const struct frame *frame, void *arg)
{
	struct opening *opening = arg;
	struct store_record record;

	if (frame == NULL || frame->type != FRAME_STORE_RECORD ||
	    store_read_record(frame, &record) != TL_OK ||
	    record.number != opening->number) {
		end_without(opening, WEB_NOBODY);
		return;
	}
	ask_keyd(opening, record.sealed);
}

static struct opening *new_opening(struct web *web, web_opened_fn fn, void *arg)
{
	const struct web_opened nobody = { .result = WEB_NOBODY };
	struct opening *opening = calloc(1, sizeof(*opening));

	if (opening == NULL) {
		fn(&nobody, arg);
		return NULL;
	}
	*opening = (struct opening){ .web = web, .fn = fn, .arg = arg };
	return opening;
}

void web_open_record(
    struct web *web, uint64_t number, web_opened_fn fn, void *arg)
{
	struct opening *opening = new_opening(web, fn, arg);

	if (opening != NULL) {
		opening->number = number;
		store_ask_record(web->store, number, record_came, opening);
	}
}

void web_open_sealed(
    struct web *web, struct bytes sealed, web_opened_fn fn, void *arg)
{
	struct opening *opening = new_opening(web, fn, arg);

	if (opening != NULL) {
		ask_keyd(opening, sealed);
	}
}

/* ---- all, one after the other ------------------------------------------- */

struct next {
	struct web *web;
	struct tip *tip;
	size_t len;
};

static void tip_opened(const struct web_opened *opened, void *arg)
{
	struct next *next = arg;
	struct web *web = next->web;
	struct tip *tip = next->tip;
	bool is_tip = false;
	enum tl_err err;

	web->opening_bytes -= next->len;
	free(next);
	web->opening--;
	if (opened->result == WEB_NOBODY ||
	    sessions_any(web->sessions) == NULL) {
		tip->state = TIP_SEALED; /* the last one has left meanwhile */
		web->has_sealed = true;
		return;
	}
	/* Also of what cannot be opened: what was sealed again stands for it.
	 * Who puts a real tip under another id has not signed that. */
	tip->is_signed = memcmp(opened->id, tip->id, sizeof(tip->id)) == 0 &&
	    (opened->is_signed || (opened->is_ours && tip->was_signed));
	if (opened->result != ENVELOPE_FINE) {
		(void)tips_failed(
		    web->tips, tip, (enum envelope_fault)opened->result);
	} else {
		err = tips_opened(web->tips, tip, opened->report, &is_tip);
		if (err != TL_OK) {
			tip->state = TIP_SEALED;
			/* there is no room before all have left */
			web->has_sealed = web->has_sealed || err != TL_EFULL;
		}
	}
	if (is_tip) {
		tip->is_sent = false; /* a mailbox may be new */
		web_score(web, tip);
	}
	if (is_tip || tip->state == TIP_FAULT) {
		web_links_want(web, tip);
	}
	web->has_more = web->has_settling = true;
	web_open_more(web);
	if (web->opening == 0) {
		web_settle(web);
	}
}

void web_open_more(struct web *web)
{
	while (web->opening < WEB_OPENING_MAX &&
	    web->opening_bytes < WEB_OPENING_BYTES &&
	    sessions_any(web->sessions) != NULL) {
		struct tip *tip = tips_next(web->tips);
		struct next *next;

		if (tip == NULL) {
			web_score_more(web);
			return;
		}
		next = calloc(1, sizeof(*next));
		if (next == NULL) {
			web->has_sealed = true;
			return;
		}
		*next = (struct next){ web, tip, tip->len };
		web->opening_bytes += next->len;
		tip->state = TIP_ASKED;
		web->opening++;
		web_open_record(web, tip->number, tip_opened, next);
	}
}
