/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Who was asked and says nothing: after a day, or a week, the tip is back where
 * somebody decides; and a referral of which the partner does not say that it
 * has come is one without an answer. Two desks may try; the version of the case
 * lets one. */
#include <string.h>

#include "desk/due.h"
#include "desk/web.h"

#define LOOK_TICKS 5u

static void ended(const struct frame *frame, void *arg)
{
	struct web *web = arg;
	struct store_done done = store_done_of(frame);

	if (done.has_now) { /* also where it was refused */
		(void)tips_set_case(web->tips, web->ending_wait->id, &done.now);
	}
	web->ending_wait = NULL;
}

/* 0: it waits for nobody, or not for long enough. */
static enum case_event event_for(const struct tip *tip, uint64_t now_ms)
{
	unsigned priority = tip->now.priority;

	if (tip->now.state == CASE_REFERRED) {
		return due_answer_is_late(priority, tip->asked_ms, now_ms)
		    ? CASE_DO_ACK_LATE
		    : 0;
	}
	return due_wait_is_over(priority, tip->asked_ms, now_ms) ? CASE_DO_HEARD
								 : 0;
}

void web_end_waits(struct web *web)
{
	size_t count = tips_count(web->tips);
	uint64_t now_ms = web_now_ms(web);

	if (web->ticks % LOOK_TICKS != 0 || web->ending_wait != NULL ||
	    !web->state.redis) {
		return;
	}
	/* on from the last one: what was refused is no more than one turn */
	for (size_t i = 0; i < count; i++) {
		struct tip *tip = tips_at(web->tips, web->waited_at++ % count);
		struct store_do change = { .version = tip->now.version };

		if (tip->is_twin ||
		    (tip->now.state != CASE_WAIT_REPORTER &&
			tip->now.state != CASE_REFERRED)) {
			continue;
		}
		if (tip->asked_ms == 0) { /* from before the ledger: from now */
			tip->asked_ms = now_ms;
		}
		change.event = event_for(tip, now_ms);
		if (change.event != 0) {
			memcpy(change.id, tip->id, sizeof(change.id));
			web->ending_wait = tip;
			store_ask_do(web->store, &change, ended, web);
			return;
		}
	}
}
