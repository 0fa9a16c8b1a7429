/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Who was asked and says nothing: after a day, or a week, the tip is back where
 * somebody decides. Two desks may try; the version of the case lets one. */
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
		struct store_do change = { .event = CASE_DO_HEARD,
			.version = tip->now.version };

		if (tip->is_twin || tip->now.state != CASE_WAIT_REPORTER) {
			continue;
		}
		if (tip->asked_ms == 0) { /* from before the ledger: from now */
			tip->asked_ms = now_ms;
		}
		if (due_wait_is_over(
			tip->now.priority, tip->asked_ms, now_ms)) {
			memcpy(change.id, tip->id, sizeof(change.id));
			web->ending_wait = tip;
			store_ask_do(web->store, &change, ended, web);
			return;
		}
	}
}
