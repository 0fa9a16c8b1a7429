/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A desk for practice: its made-up tips go into its queue by the way that calls
 * go, one after the other, each once. */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "desk/practice.h"
#include "desk/web.h"

static void go_on(struct web *web);

static void put(const struct frame *frame, void *arg)
{
	struct web *web = arg;

	web->practicing = false;
	if (store_done_of(frame).result == STORE_ANSWERED) {
		web->practiced++;
		go_on(web);
	} /* else again in a second */
}

static void put_one(struct web *web, const uint8_t id[static PRACTICE_ID_BYTES])
{
	struct store_keep keep = { .kind = LEDGER_TIP };
	struct buf doc, sealed;
	enum tl_err err;

	buf_init(&doc, PRACTICE_DOC_BYTES);
	buf_init(&sealed, CASE_SEALED_BYTES);
	err = practice_write(
	    web->triage, web->sign_key, web->practiced, clock_wall_s(), &doc);
	if (err == TL_OK) {
		err =
		    web_seal_as(web, id, bytes_of(doc.data, doc.len), &sealed);
	}
	if (err == TL_OK) {
		memcpy(keep.id, id, sizeof(keep.id));
		keep.bytes = bytes_of(sealed.data, sealed.len);
		web->practicing = true;
		store_ask_keep(web->store, &keep, put, web);
	}
	buf_free(&doc);
	buf_free(&sealed);
}

/* The next one that is not there. */
static void go_on(struct web *web)
{
	uint8_t id[PRACTICE_ID_BYTES];

	while (!web->practicing && web->practiced < practice_n() &&
	    web->state.redis) {
		practice_id(web->sign_key, web->practiced, id);
		if (tips_find(web->tips, id) == NULL) {
			put_one(web, id);
			return;
		}
		web->practiced++;
	}
}

/* Somebody's tips: this is no place to practise. */
static bool is_live(const struct web *web)
{
	uint8_t first[PRACTICE_ID_BYTES];

	practice_id(web->sign_key, 0, first);
	return tips_count(web->tips) > 0 && tips_find(web->tips, first) == NULL;
}

bool web_practice(struct web *web)
{
	if (!web->practice || !web->index_ready) {
		return true;
	}
	if (web->practiced == 0 && !web->practicing && is_live(web)) {
		log_event(LOG_PRACTICE_LIVE, 0, 0);
		return false;
	}
	go_on(web);
	return true;
}
