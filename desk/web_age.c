/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What nobody has read for eight hours is P2 at least (rule AGE). Two desks may
 * try; the version of the case lets one. */
#include <string.h>

#include "desk/due.h"
#include "desk/web.h"

static void raised(const struct frame *frame, void *arg)
{
	struct web *web = arg;
	struct store_done done = store_done_of(frame);

	if (done.has_now) { /* also where it was refused */
		(void)tips_set_case(web->tips, web->ageing->id, &done.now);
	}
	web->ageing = NULL;
}

void web_raise_old(struct web *web)
{
	size_t count = tips_count(web->tips);
	uint64_t now_ms = web_now_ms(web);

	if (web->ageing != NULL || !web->state.redis) {
		return;
	}
	/* on from the last one: what was refused is no more than one turn */
	for (size_t i = 0; i < count; i++) {
		struct tip *tip = tips_at(web->tips, web->aged_at++ % count);
		struct store_do change = { .event = CASE_DO_RAISE,
			.priority = 2,
			.version = tip->now.version };

		if (!tip->is_twin &&
		    due_is_too_old(tip->now.priority, tip->now.state,
			tip_arrived_ms(tip), now_ms)) {
			memcpy(change.id, tip->id, sizeof(change.id));
			web->ageing = tip;
			store_ask_do(web->store, &change, raised, web);
			return;
		}
	}
}
