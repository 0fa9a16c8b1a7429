/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Which P1 nobody has, and what lies in quarantine for more than a day without
 * a look: while there is one, consoles ring. Looked at is what is, not what has
 * happened, so that it is all the same whether a tip came, was raised, was
 * given back or had its claim run out, and whether a console heard of that: one
 * that begins to listen is told all.
 */
#include <string.h>

#include "desk/api.h"
#include "desk/due.h"

bool web_is_unclaimed(const struct tip *tip, uint64_t now_ms)
{
	enum case_state state =
	    tip->now.version > 0 ? due_state(&tip->now, now_ms) : CASE_RECEIVED;

	if (tip->is_twin || tip_is_within(tip) ||
	    (tip->now.version == 0 && tip->state != TIP_OPEN)) {
		return false;
	}
	return due_of(tip_priority(tip), state, now_ms).clock == DUE_CLAIM;
}

bool web_is_called(const struct tip *tip, uint64_t now_ms)
{
	return tip->called_ms != 0 && !tip->is_twin && tip->now.priority == 1 &&
	    case_is_open(tip->now.state) && !case_is_held(&tip->now, now_ms);
}

bool web_is_unseen(const struct tip *tip, uint64_t now_ms)
{
	return tip_is_unseen(tip) &&
	    due_look_late_ms(tip_unseen_ms(tip), now_ms) > 0;
}

/* What may be shown with another tip is none before that is known. */
static bool rings(const struct tip *tip, uint64_t now_ms)
{
	if (web_is_called(tip, now_ms)) {
		return true;
	}
	return tip_priority(tip) == 1 && web_is_unclaimed(tip, now_ms) &&
	    (tip->now.version > 0 || tip->is_said);
}

json_t *web_ringing(const struct web *web)
{
	json_t *ids = json_array();

	for (size_t i = 0; i < web->ringing.n && i < WEB_RINGING_MAX; i++) {
		const struct tip *tip =
		    tips_find(web->tips, web->ringing.ids[i]);

		if (tip != NULL) {
			(void)json_array_append_new(ids, api_tip_id(tip));
		}
	}
	return json_pack("{s:I,s:I,s:o}", "n", (json_int_t)web->ringing.n,
	    "unseen", (json_int_t)web->ringing.unseen, "ids", ids);
}

void web_ring(struct web *web)
{
	uint64_t now_ms = web_now_ms(web);
	struct ringing now = { 0 };

	for (size_t i = 0; i < tips_count(web->tips); i++) {
		const struct tip *tip = tips_at(web->tips, i);

		now.unseen += web_is_unseen(tip, now_ms) ? 1 : 0;
		if (!rings(tip, now_ms)) {
			continue;
		}
		if (now.n < WEB_RINGING_MAX) {
			memcpy(now.ids[now.n], tip->id, TIP_ID_BYTES);
		}
		now.n++;
	}
	if (memcmp(&now, &web->ringing, sizeof(now)) != 0) {
		web->ringing = now;
		api_tell(web, "waiting", web_ringing(web));
	}
}
