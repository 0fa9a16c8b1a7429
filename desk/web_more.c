/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Later words of a reporter change the case of the tip they belong to, upwards
 * only: whoever waits for them hears, what was closed is opened again. The
 * event has the id of their record, so that it happens once, whichever desk
 * does it and however often.
 */
#include <stdlib.h>
#include <string.h>

#include "desk/api.h"

#define TELLING_MAX 4u

struct telling {
	struct web *web;
	struct tip *more, *tip;
};

/* 0: nothing can be said now. */
static enum case_event event_for(enum case_state state)
{
	static const enum case_event events[CASE_STATE_MAX + 1] = {
		[CASE_WAIT_REPORTER] = CASE_DO_HEARD,
		[CASE_CLOSED] = CASE_DO_REOPEN,
		[CASE_WITHDRAWN] = CASE_DO_REOPEN,
		[CASE_DUPLICATE] = CASE_DO_MESSAGE,
	};

	return case_is_open(state) && events[state] == 0 ? CASE_DO_RAISE
							 : events[state];
}

static void nothing(const struct frame *frame, void *arg)
{
	(void)frame;
	(void)arg;
}

/* What is said to a duplicate is said to its target too. */
static void tell_target(struct web *web, const struct tip *tip, unsigned said)
{
	struct store_do change = { .event = CASE_DO_RAISE };
	const struct tip *target = tips_find(web->tips, tip->now.target);

	if (target == NULL || !case_is_open(target->now.state)) {
		return;
	}
	change.priority =
	    said < target->now.priority ? said : target->now.priority;
	memcpy(change.id, target->id, sizeof(change.id));
	store_ask_do(web->store, &change, nothing, web);
}

static void told(const struct frame *frame, void *arg)
{
	struct telling telling = *(struct telling *)arg;
	struct web *web = telling.web;
	struct store_done done = store_done_of(frame);

	free(arg);
	web->telling--;
	if (done.result != STORE_ANSWERED || done.why != CASE_YES) {
		web->has_more = true; /* again later */
		return;
	}
	telling.more->is_told = true;
	if (done.has_now) {
		(void)tips_set_case(web->tips, telling.tip->id, &done.now);
		if (done.now.state == CASE_DUPLICATE) {
			tell_target(
			    web, telling.tip, telling.more->said_priority);
		}
	}
}

static void tell(struct web *web, struct tip *more, struct tip *tip)
{
	struct telling *telling = calloc(1, sizeof(*telling));
	struct store_do change = { .event = event_for(tip->now.state),
		.has_event_id = true };

	if (telling == NULL) {
		return;
	}
	if (change.event != CASE_DO_MESSAGE) {
		change.priority = more->said_priority < tip->now.priority
		    ? more->said_priority
		    : tip->now.priority;
	}
	memcpy(change.id, tip->id, sizeof(change.id));
	memcpy(change.event_id, more->id, sizeof(change.event_id));
	*telling = (struct telling){ web, more, tip };
	web->telling++;
	store_ask_do(web->store, &change, told, telling);
}

static bool is_more(const struct tip *tip)
{
	return tip->state == TIP_PART && tip->part == REPORT_IS_MORE &&
	    tip->is_signed && !tip->is_twin;
}

/* The tip that it belongs to, if that is there. */
static struct tip *link_up(struct web *web, struct tip *more)
{
	if (more->of == NULL) {
		struct tip *tip = tips_of_more(web->tips, more);

		if (tip != NULL) {
			tips_link(tip, more);
		}
	}
	return more->of;
}

/* Not before all is open that goes before: its tip may be among that. */
void web_tell_more(struct web *web)
{
	if (!web->has_more || web->telling > 0) {
		return;
	}
	web->has_more = web->opening > 0;
	for (size_t i = 0; i < tips_count(web->tips); i++) {
		struct tip *more = tips_at(web->tips, i);
		struct tip *tip = is_more(more) ? link_up(web, more) : NULL;

		if (tip == NULL || more->is_told) {
			continue;
		}
		if (tip->now.version == 0 || event_for(tip->now.state) == 0 ||
		    web->telling == TELLING_MAX || !web->state.redis) {
			web->has_more = true;
			continue;
		}
		tell(web, more, tip);
	}
}
