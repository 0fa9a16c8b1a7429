/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Which events a case has since its reporter took the tip back: by those it is
 * known which later words may be shown. They are read from the ledger, which
 * has them in clear, whenever such a case has changed; until then nothing is
 * shown. And after a start or a connection no record is opened of which no case
 * is known before all that Redis has of cases was read: it may have been taken
 * back at another desk meanwhile. docs/QUEUE.md, "Taken back".
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "desk/api.h"

/* ---- what was written since ----------------------------------------------
 */

struct since {
	struct web *web;
	struct tip *tip;
	uint64_t version; /* of its case, then */
	uint64_t last;    /* that found it WITHDRAWN; 0: none */
	uint64_t first;   /* that has the flag; 0: none */
	uint64_t *versions;
	uint8_t (*ids)[CASE_ID_BYTES];
	size_t n, room;
	bool failed;
};

static void take(struct since *since, const struct case_record *record)
{
	size_t room = since->room == 0 ? 64 : 2 * since->room;
	void *ids = since->ids, *versions = since->versions;

	if (record->now.state == CASE_WITHDRAWN &&
	    record->now.version > since->last) {
		since->last = record->now.version;
	}
	if ((record->now.flags & CASE_TAKEN_BACK) != 0 &&
	    (since->first == 0 || record->now.version < since->first)) {
		since->first = record->now.version;
	}
	if (since->n == since->room) {
		ids = reallocarray(since->ids, room, sizeof(*since->ids));
		since->ids = ids == NULL ? since->ids : ids;
		versions = reallocarray(
		    since->versions, room, sizeof(*since->versions));
		since->versions = versions == NULL ? since->versions : versions;
		if (ids == NULL || versions == NULL) {
			since->failed = true;
			return;
		}
		since->room = room;
	}
	memcpy(since->ids[since->n], record->event_id, CASE_ID_BYTES);
	since->versions[since->n++] = record->now.version;
}

/* Those behind it; where it is not there, all that have its flag are so. */
static void keep_later(struct since *since)
{
	uint64_t from = since->last > 0 ? since->last + 1 : since->first;
	size_t n = 0;

	for (size_t i = 0; from > 0 && i < since->n; i++) {
		if (since->versions[i] >= from) {
			memmove(since->ids[n++], since->ids[i], CASE_ID_BYTES);
		}
	}
	since->n = n;
}

/* No version is missing up to then. */
static bool has_before(const struct since *since)
{
	size_t n = 0;
	bool *seen = since->last == 0 || since->last > since->n
	    ? NULL
	    : calloc((size_t)since->last, sizeof(*seen));

	for (size_t i = 0; seen != NULL && i < since->n; i++) {
		uint64_t version = since->versions[i];

		if (version > 0 && version <= since->last &&
		    !seen[version - 1]) {
			seen[version - 1] = true;
			n++;
		}
	}
	free(seen);
	return since->last > 0 && n == since->last;
}

static void end(struct since *since, bool is_whole)
{
	struct web *web = since->web;
	struct tip *tip = since->tip;

	web->reading_since = false;
	if (is_whole && !since->failed) {
		tip->has_before = has_before(since);
		keep_later(since);
		if (tips_set_after(web->tips, tip,
			(const uint8_t(*)[CASE_ID_BYTES])since->ids,
			since->n) == TL_OK) {
			tip->wants_after = tip->now.version != since->version;
			web_withdraw_more(web);
		}
		web->has_more = true;
		web_open_more(web);
	}
	free(since->ids);
	free(since->versions);
	free(since);
}

static void told(const struct frame *frame, void *arg)
{
	struct since *since = arg;
	struct store_entry entry;

	if (frame != NULL && frame->type == FRAME_STORE_ENTRY) {
		if (store_read_entry(frame, &entry) == TL_OK) {
			take(since, &entry.record);
		} else {
			since->failed = true;
		}
		return;
	}
	end(since, store_done_of(frame).result == STORE_ANSWERED);
}

void web_withdraw_more(struct web *web)
{
	struct tip *tip =
	    web->reading_since ? NULL : tips_wanting_after(web->tips);
	struct since *since = tip == NULL ? NULL : calloc(1, sizeof(*since));

	if (since == NULL) {
		return;
	}
	*since = (struct since){
		.web = web, .tip = tip, .version = tip->now.version
	};
	web->reading_since = true;
	store_ask_entries(web->store, tip->id, told, since);
}

/* ---- what happened meanwhile ---------------------------------------------
 */

/* Who writes to Redis all the time shall not keep tips shut. */
#define WAIT_MAX_MS UINT64_C(60000)

static void open_all(struct web *web)
{
	web->is_caught_up = true;
	tips_wait_for_cases(web->tips, false);
	web_open_more(web);
}

/* Tips may come all the time; of those that come later the case is known
 * before, or is new. */
static void caught_up(const struct frame *frame, void *arg)
{
	struct web *web = arg;
	struct store_done done = store_done_of(frame);

	web->catching_up = false;
	if ((done.result == STORE_ANSWERED || done.result == STORE_BUSY) &&
	    done.why == CASE_YES) {
		open_all(web);
	}
}

/* Where Redis is away, nobody knows more than the ledger does. */
void web_catch_up(struct web *web)
{
	uint64_t now_ms = clock_mono_ms();
	bool waits =
	    web->state_ms == 0 || (web->state.redis && !web->is_caught_up);

	tips_wait_for_cases(web->tips, waits);
	if (!waits || !web->state.redis) {
		web->waits_ms = 0;
		return;
	}
	if (web->waits_ms == 0) {
		web->waits_ms = now_ms;
	}
	if (now_ms - web->waits_ms >= WAIT_MAX_MS) {
		open_all(web);
	} else if (!web->catching_up) {
		web->catching_up = true;
		store_ask_catch_up(web->store, caught_up, web);
	}
}

void web_withdraw_note(struct web *web, const struct tip *tip)
{
	json_t *name;

	if (tip->now.state == CASE_WITHDRAWN) {
		name = api_tip_id(tip);
		sessions_drop_draft(
		    web->sessions, bytes_str(json_string_value(name)));
		json_decref(name);
	}
	if (tip_is_taken_back(tip)) {
		web_withdraw_more(web);
	}
}
