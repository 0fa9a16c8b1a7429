/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Which P1 nobody has, and what lies in quarantine for more than a day without
 * a look: while there is one, consoles ring. Looked at is what is, not what has
 * happened, so that it is all the same whether a tip came, was raised, was
 * given back or had its claim run out, and whether a console heard of that: one
 * that begins to listen is told all.
 */
#include <string.h>

#include "desk/alarm.h"
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

#define MIN_MS (UINT64_C(60) * 1000)

static uint64_t waited_ms(const struct tip *tip, uint64_t now_ms)
{
	uint64_t arrived_ms = tip_arrived_ms(tip);

	return now_ms > arrived_ms ? now_ms - arrived_ms : 0;
}

bool web_is_p2_late(const struct tip *tip, uint64_t now_ms)
{
	return tip->now.version > 0 && tip->now.priority == 2 &&
	    web_is_unclaimed(tip, now_ms) &&
	    waited_ms(tip, now_ms) >= 15 * MIN_MS;
}

bool web_is_p2_unopened(const struct tip *tip, uint64_t now_ms)
{
	return tip->now.priority == 2 && !tip->is_twin &&
	    (tip->now.state == CASE_NEW || tip->now.state == CASE_CLAIMED) &&
	    waited_ms(tip, now_ms) >= 60 * MIN_MS;
}

bool web_is_asked(const struct tip *tip, uint64_t now_ms)
{
	return tip->now.version > 0 && tip->now.state == CASE_ESCALATED &&
	    !tip->is_twin &&
	    !(case_is_held(&tip->now, now_ms) &&
		(tip->now.flags & CASE_SUPERVISED) != 0);
}

uint64_t web_asked_ms(const struct tip *tip)
{
	return tip->decide_ms != 0 ? tip->decide_ms : tip_arrived_ms(tip);
}

/* What may be shown with another tip is none before that is known. */
static bool is_p1(const struct tip *tip, uint64_t now_ms)
{
	if (web_is_called(tip, now_ms)) {
		return true;
	}
	return tip_priority(tip) == 1 && web_is_unclaimed(tip, now_ms) &&
	    (tip->now.version > 0 || tip->is_said);
}

json_t *web_ringing(const struct web *web, bool supervisor)
{
	const struct ringing *ringing = &web->ringing[supervisor ? 1 : 0];
	json_t *ids = json_array();

	for (size_t i = 0; i < ringing->n_ids; i++) {
		const struct tip *tip = tips_find(web->tips, ringing->ids[i]);

		if (tip != NULL) {
			(void)json_array_append_new(ids, api_tip_id(tip));
		}
	}
	return json_pack("{s:I,s:I,s:I,s:I,s:I,s:s,s:b,s:o}", "n",
	    (json_int_t)ringing->n, "p1", (json_int_t)ringing->p1, "p2",
	    (json_int_t)ringing->p2, "asked", (json_int_t)ringing->asked,
	    "unseen", (json_int_t)ringing->unseen, "level",
	    ringing->level == 0 ? "" : alarm_level_word(ringing->level),
	    "supervisor", ringing->hears ? 1 : 0, "ids", ids);
}

static void add(struct ringing *ringing, const struct tip *tip)
{
	if (ringing->n_ids < WEB_RINGING_MAX) {
		memcpy(ringing->ids[ringing->n_ids++], tip->id, TIP_ID_BYTES);
	}
	ringing->n++;
}

/* The same steps as for those who are told elsewhere. */
static void count_p1(
    struct ringing *ringing, const struct tip *tip, uint64_t now_ms)
{
	enum alarm_level level = ALARM_NOTICE;
	uint64_t since_ms = web_is_unclaimed(tip, now_ms) ? tip_arrived_ms(tip)
							  : tip->called_ms;

	(void)alarm_steps(
	    1, now_ms > since_ms ? now_ms - since_ms : 0, 0, &level);
	ringing->level = level > ringing->level ? level : ringing->level;
	ringing->p1++;
	add(ringing, tip);
}

static void count(struct ringing *ringing, const struct tip *tip,
    bool supervisor, uint64_t now_ms)
{
	bool is_asked = web_is_asked(tip, now_ms);
	bool is_p2 = web_is_p2_late(tip, now_ms) ||
	    (supervisor && web_is_p2_unopened(tip, now_ms));

	ringing->asked += is_asked ? 1 : 0;
	ringing->p2 += is_p2 ? 1 : 0;
	ringing->unseen += web_is_unseen(tip, now_ms) ? 1 : 0;
	if ((is_p2 || (is_asked && supervisor)) && !is_p1(tip, now_ms)) {
		add(ringing, tip);
	}
}

/* It is compared with the one before, byte for byte. */
static void look(const struct web *web, bool supervisor, struct ringing *now)
{
	uint64_t now_ms = web_now_ms(web);

	memset(now, 0, sizeof(*now));
	now->hears = api_supervisor_hears(web);
	for (size_t i = 0; i < tips_count(web->tips); i++) {
		const struct tip *tip = tips_at(web->tips, i);

		if (is_p1(tip, now_ms)) {
			count_p1(now, tip, now_ms);
		}
	}
	for (size_t i = 0; i < tips_count(web->tips); i++) {
		count(now, tips_at(web->tips, i), supervisor, now_ms);
	}
}

void web_ring(struct web *web)
{
	for (int supervisor = 0; supervisor < 2; supervisor++) {
		struct ringing now;

		look(web, supervisor == 1, &now);
		if (memcmp(&now, &web->ringing[supervisor], sizeof(now)) != 0) {
			memcpy(&web->ringing[supervisor], &now, sizeof(now));
			api_tell_to(web, supervisor == 1, "waiting",
			    web_ringing(web, supervisor == 1));
		}
	}
}
