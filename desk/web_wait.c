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

	(void)frame; /* what the case is now is told like every change */
	web->ending_wait = false;
}

void web_end_waits(struct web *web)
{
	uint64_t now_ms = web_now_ms(web);

	if (web->ticks % LOOK_TICKS != 0 || web->ending_wait ||
	    !web->state.redis) {
		return;
	}
	for (size_t i = 0; i < tips_count(web->tips); i++) {
		struct tip *tip = tips_at(web->tips, i);
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
			web->ending_wait = true;
			store_ask_do(web->store, &change, ended, web);
			return;
		}
	}
}
