/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/web_told.c - what the store tells: records of the ledger, how cases
 * stand, whether Redis is there.
 */
#include <jansson.h>

#include "base/clock.h"
#include "desk/api.h"
#include "desk/due.h"
#include "desk/web.h"

static enum tl_err take_items(struct web *web, const struct frame *frame)
{
	enum tl_err err = TL_OK;

	for (size_t i = 0; err == TL_OK; i++) {
		struct store_item item;

		err = store_read_item(frame, i, &item);
		if (err == TL_OK && item.kind == LEDGER_AUDIT) {
			err = web_audit_index(web, item.number);
		} else if (err == TL_OK) {
			if (item.kind == LEDGER_TIP) {
				web->heard_ms = clock_mono_ms();
			}
			err = tips_add(web->tips, &item);
		}
	}
	if (frame->body_len == 0) {
		web->index_ready = true;
		web_has_begun(web);
		web_say_ready(web);
	}
	web_open_more(web);
	return err == TL_ENOENT ? TL_OK : err;
}

/* Since when it calls. An event that comes late, behind later ones (was: the
 * version that is known, perhaps by what Redis has), may call, and ends
 * nothing. */
static void note_call(
    struct tip *tip, const struct case_record *record, uint64_t was)
{
	uint64_t called_ms = due_called(
	    tip->called_ms, record->event, &record->now, record->at_ms);

	if (called_ms != 0 || record->now.version >= was) {
		tip->called_ms = called_ms;
	}
}

/* The same of since when nobody has looked through it. */
static void note_unseen(
    struct tip *tip, const struct case_record *record, uint64_t was)
{
	uint64_t unseen_ms = due_unseen(
	    tip->unseen_ms, record->event, &record->now, record->at_ms);

	if ((unseen_ms != 0 && unseen_ms != DUE_SEEN) ||
	    record->now.version >= was) {
		tip->unseen_ms = unseen_ms;
	}
}

/* The same of since when a supervisor is asked. */
static void note_asked(
    struct tip *tip, const struct case_record *record, uint64_t was)
{
	if (record->now.version >= was) {
		tip->decide_ms = due_asked(
		    tip->decide_ms, record->event, &record->now, record->at_ms);
	}
}

/* What is known of it beside what it is now. */
static void note_case(struct web *web, struct tip *tip,
    const struct store_case *told, uint64_t was)
{
	const struct case_record *record = &told->record;

	if (tip->touched_ms == 0) {
		tip->touched_ms = record->event == CASE_DO_CLAIM
		    ? record->now.since_ms
		    : told->touched_ms;
	}
	if (told->is_event) {
		note_call(tip, record, was);
		note_unseen(tip, record, was);
		note_asked(tip, record, was);
	} else {
		tip->called_ms =
		    told->called_ms != 0 ? told->called_ms : tip->called_ms;
		tip->unseen_ms =
		    told->unseen_ms != 0 ? told->unseen_ms : tip->unseen_ms;
		tip->decide_ms =
		    told->decide_ms != 0 ? told->decide_ms : tip->decide_ms;
	}
	if (record->event == CASE_DO_ASK || record->event == CASE_DO_APPROVE ||
	    (!told->is_event && record->at_ms > 0)) {
		tip->asked_ms = record->at_ms;
	}
	if (told->is_event &&
	    (record->event == CASE_DO_NOTE || record->event == CASE_DO_SUBMIT ||
		tip->asked.n > 0 || standing_may_move(record->event))) {
		web_links_want(web, tip);
	}
}

/* Also of what is no event: of what was set right in Redis, or was missed. */
static enum tl_err take_case(struct web *web, const struct frame *frame)
{
	struct store_case told;
	struct case_now before = { 0 };
	struct tip *tip;
	uint64_t was;
	enum tl_err err = store_read_case(frame, &told);

	if (err != TL_OK) {
		return err;
	}
	tip = tips_find(web->tips, told.record.id);
	if (tip != NULL) {
		before = tip->now;
	}
	was = before.version;
	tip = told.is_event
	    ? tips_hear_case(web->tips, told.record.id, &told.record.now)
	    : tips_set_case(web->tips, told.record.id, &told.record.now);
	if (tip == NULL) {
		return TL_OK;
	}
	web_withdraw_note(web, tip);
	if (told.is_altered) {
		tip->altered = told.record.now.version;
	} else {
		note_case(web, tip, &told, was);
	}
	if (before.state == CASE_QUARANTINE && tip->now.state == CASE_NEW) {
		api_tell(web, "new",
		    json_pack("{s:o,s:i}", "id", api_tip_id(tip), "priority",
			(int)tip_priority(tip)));
	}
	if (told.is_event || told.is_altered || tip->now.version != was) {
		api_tell(web, "case",
		    json_pack("{s:o,s:I,s:b}", "id", api_tip_id(tip), "version",
			(json_int_t)tip->now.version, "altered",
			told.is_altered ? 1 : 0));
	}
	return TL_OK;
}

static enum tl_err take_state(struct web *web, const struct frame *frame)
{
	bool had_redis = web->state.redis;
	uint8_t had_room = web->state.room;
	struct store_state state;
	enum tl_err err = store_read_state(frame, &state);

	if (err != TL_OK) {
		return err;
	}
	if (state.redis_ms == 0) { /* the clock goes on without it */
		state.redis_ms = web->state.redis_ms == 0 ? 0 : web_now_ms(web);
	}
	web->state = state;
	web->state_ms = clock_mono_ms();
	if (state.redis && !had_redis) {
		web->is_caught_up = false;
		web_score_all(web);
	}
	web_catch_up(web);
	if (state.redis != had_redis || state.room != had_room) {
		api_tell(web, "header", api_header(web));
	}
	return TL_OK;
}

void web_store_told(const struct frame *frame, void *arg)
{
	static const struct {
		enum frame_type type;
		enum tl_err (*take)(struct web *web, const struct frame *frame);
	} takes[] = {
		{ FRAME_STORE_INDEX, take_items },
		{ FRAME_STORE_CASE, take_case },
		{ FRAME_STORE_STATE, take_state },
	};
	struct web *web = arg;
	enum tl_err err = TL_EFORMAT;

	for (size_t i = 0; frame != NULL && i < 3; i++) {
		if (takes[i].type == frame->type) {
			err = takes[i].take(web, frame);
		}
	}
	if (err != TL_OK) {
		web_fail(web);
	}
}
