/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What nobody has read for eight hours is P2 at least (rule AGE). Two desks may
 * try; the version of the case lets one. */
#include <string.h>

#include "desk/due.h"
#include "desk/web.h"

static void raised(const struct frame *frame, void *arg)
{
	struct web *web = arg;

	(void)frame; /* what the case is now is told like every change */
	web->ageing = false;
}

void web_raise_old(struct web *web)
{
	uint64_t now_ms = web_now_ms(web);

	if (web->ageing || !web->state.redis) {
		return;
	}
	for (size_t i = 0; i < tips_count(web->tips); i++) {
		const struct tip *tip = tips_at(web->tips, i);
		struct store_do change = { .event = CASE_DO_RAISE,
			.priority = 2,
			.version = tip->now.version };

		if (!tip->is_twin &&
		    due_is_too_old(tip->now.priority, tip->now.state,
			tip_arrived_ms(tip), now_ms)) {
			memcpy(change.id, tip->id, sizeof(change.id));
			web->ageing = true;
			store_ask_do(web->store, &change, raised, web);
			return;
		}
	}
}
