/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What comes to a tip later changes its case, upwards only: whoever waits for
 * it hears, what was closed is opened again by words under the code, what says
 * more than what lies in quarantine takes it out of there. The event
 * has an id made of their record, so that it happens once, whichever desk does
 * it and however often. A message of a conversation whose tip is closed is a
 * tip by itself.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "crypto/hash.h"
#include "desk/api.h"
#include "desk/withdrawn.h"

#define TELLING_MAX 4u

struct telling {
	struct web *web;
	struct tip *more, *tip;
};

/* Out of quarantine comes what is urgent, and what says more than there was. */
static enum case_event out_of_quarantine(
    const struct case_now *now, unsigned said)
{
	return said <= 2 || said < now->priority ? CASE_DO_RAISE
						 : CASE_DO_MESSAGE;
}

/* 0: nothing can be said now. */
static enum case_event event_for(
    const struct tip *more, const struct case_now *now)
{
	static const enum case_event events[CASE_STATE_MAX + 1] = {
		[CASE_WAIT_REPORTER] = CASE_DO_HEARD,
		[CASE_CLOSED] = CASE_DO_REOPEN,
		[CASE_WITHDRAWN] = CASE_DO_REOPEN,
		[CASE_DUPLICATE] = CASE_DO_MESSAGE,
	};
	enum case_state state = now->state;

	if (state == CASE_QUARANTINE) {
		return out_of_quarantine(now, tip_tells_priority(more));
	}
	/* to what is closed it was said before, or never will be */
	if (more->way == TIP_FOLLOW && !case_is_open(state)) {
		return state == CASE_DUPLICATE ? CASE_DO_MESSAGE
					       : CASE_DO_RAISE;
	}
	return case_is_open(state) && events[state] == 0 ? CASE_DO_RAISE
							 : events[state];
}

/* Of its own words, also where those are not kept any more. What has taken a
 * case over tells it of itself once, and by then it may be shown as the whole
 * that later parts have made of it; what goes on a conversation tells it of the
 * whole. */
static void event_id_of(
    const struct tip *more, uint8_t ret_id[static CASE_ID_BYTES])
{
	if ((more->is_hollow || more->of == NULL) && more->has_event_id) {
		memcpy(ret_id, more->event_id, sizeof(more->event_id));
	} else {
		withdrawn_event_id(more->doc, more->id, ret_id);
	}
}

/* ---- what is said to a duplicate is said to its target too --------------- */

static void target_told(const struct frame *frame, void *arg)
{
	struct telling telling = *(struct telling *)arg;
	struct store_done done = store_done_of(frame);

	free(arg);
	telling.web->telling--;
	/* one that takes nothing has moved on: it is closed, say */
	telling.more->is_told = done.result == STORE_ANSWERED;
	telling.web->has_more = telling.web->has_more || !telling.more->is_told;
}

/* The case that hears it, and by what; false: there is none. */
static bool event_for_target(
    const struct tip *target, unsigned said, struct store_do *change)
{
	change->event = CASE_DO_RAISE;
	if (target != NULL && target->now.state == CASE_QUARANTINE) {
		change->event = out_of_quarantine(&target->now, said);
	} else if (target == NULL || !case_is_open(target->now.state)) {
		return false;
	}
	if (change->event == CASE_DO_RAISE) {
		change->priority =
		    said < target->now.priority ? said : target->now.priority;
	}
	memcpy(change->id, target->id, sizeof(change->id));
	return true;
}

/* Takes telling. Until that is done the words are not told. */
static void tell_target(struct telling *telling)
{
	struct web *web = telling->web;
	struct store_do change = { .has_event_id = true };
	uint8_t event_id[CASE_ID_BYTES], key[HASH_BYTES];

	if (!event_for_target(tips_find(web->tips, telling->tip->now.target),
		tip_tells_priority(telling->more), &change)) {
		telling->more->is_told = true;
		free(telling);
		return;
	}
	event_id_of(telling->more, event_id);
	hash_bytes(key, event_id, sizeof(event_id));
	hash_keyed(
	    change.event_id, CASE_ID_BYTES, key, change.id, sizeof(change.id));
	web->telling++;
	store_ask_do(web->store, &change, target_told, telling);
}

/* ---- telling ------------------------------------------------------------- */

/* The case of its tip does not take it. */
static void refused(struct web *web, struct tip *more, enum case_no why)
{
	if (more->way == TIP_FOLLOW && why == CASE_NO_ROW) {
		tips_part(more);
		web_score(web, more);
		return;
	}
	web->has_more = true; /* again later */
}

static void told(const struct frame *frame, void *arg)
{
	struct telling *telling = arg;
	struct web *web = telling->web;
	struct store_done done = store_done_of(frame);

	web->telling--;
	if (telling->more->of == NULL && telling->more != telling->tip) {
		free(telling); /* all was forgotten meanwhile */
		return;
	}
	if (done.result != STORE_ANSWERED) {
		web->has_more = true;
		free(telling);
		return;
	}
	if (done.why != CASE_YES) {
		refused(web, telling->more, done.why);
		free(telling);
		return;
	}
	if (done.has_now) {
		(void)tips_set_case(web->tips, telling->tip->id, &done.now);
	}
	if (telling->tip->now.state == CASE_DUPLICATE) {
		tell_target(telling);
		return;
	}
	telling->more->is_told = true;
	free(telling);
}

static void tell(struct web *web, struct tip *more, struct tip *tip)
{
	struct telling *telling = calloc(1, sizeof(*telling));
	struct store_do change = { .event = event_for(more, &tip->now),
		.has_event_id = true };
	unsigned said = tip_tells_priority(more);

	if (telling == NULL) {
		return;
	}
	if (change.event != CASE_DO_MESSAGE) {
		change.priority =
		    said < tip->now.priority ? said : tip->now.priority;
	}
	memcpy(change.id, tip->id, sizeof(change.id));
	event_id_of(more, change.event_id);
	*telling = (struct telling){ web, more, tip };
	web->telling++;
	store_ask_do(web->store, &change, told, telling);
}

/* What may be shown with another waits for that; now it is known. */
static void score_settled(struct web *web)
{
	for (size_t i = 0; i < tips_count(web->tips); i++) {
		web_score(web, tips_at(web->tips, i));
	}
}

void web_settle(struct web *web)
{
	if (!web->has_settling) {
		return;
	}
	web->has_settling = false;
	if (tips_settle(web->tips, clock_wall_s(), web->triage) == TL_ENOMEM) {
		web->has_settling = true; /* again later */
	}
	score_settled(web);
}

/* Not before all is open that goes before: its tip may be among that. */
void web_tell_more(struct web *web)
{
	if (web->opening == 0) {
		web_settle(web);
	}
	if (!web->has_more || web->telling > 0) {
		return;
	}
	web->has_more = web->opening > 0;
	for (size_t i = 0; i < tips_count(web->tips); i++) {
		struct tip *more = tips_at(web->tips, i);
		struct tip *tip;

		if (!tip_is_to_tell(more)) {
			continue;
		}
		tip = tip_root(more);
		if (tip->now.version == 0 || event_for(more, &tip->now) == 0 ||
		    web->telling == TELLING_MAX || !web->state.redis) {
			web->has_more = true;
			continue;
		}
		tell(web, more, tip);
	}
}
