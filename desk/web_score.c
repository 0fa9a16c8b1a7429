/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A tip that was opened becomes a case, once: RECEIVED, then NEW with the
 * priority of its report, and from there to quarantine if the rule for that
 * says so (QUAR). Two desks may try; one of them does it. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "desk/api.h"

/* Few at a time, so that an officer's own change never waits long. */
#define SCORING_MAX 4u

struct scoring {
	struct web *web;
	struct tip *tip;
	enum case_event event;
};

static void go_on(struct web *web);

static bool is_to_score(const struct tip *tip)
{
	/* what may belong to another's waits until that is known */
	if (tip_is_within(tip) ||
	    (tip->is_new && (tip->has_thread || tip->set != 0))) {
		return false;
	}
	return tip->state == TIP_OPEN && !tip->is_twin &&
	    (tip->now.version == 0 || tip->now.state == CASE_RECEIVED ||
		tip_is_to_suspect(tip));
}

static void scored(const struct frame *frame, void *arg)
{
	struct scoring *scoring = arg;
	struct web *web = scoring->web;
	struct tip *tip = scoring->tip;
	struct store_done done = store_done_of(frame);
	bool is_refused = done.why != CASE_YES;

	/* somebody was faster: a machine does not try that twice */
	tip->is_spared =
	    tip->is_spared || (scoring->event == CASE_DO_SUSPECT && is_refused);
	free(scoring);
	web->scoring--;
	tip->is_listed = false;
	if (done.result != STORE_ANSWERED) {
		web->has_unscored = true; /* until the next second */
		return;
	}
	if (done.has_now) {
		(void)tips_set_case(web->tips, tip->id, &done.now);
		web_score(web, tip);
	}
	go_on(web);
}

static void score(struct web *web, struct tip *tip)
{
	struct scoring *scoring = calloc(1, sizeof(*scoring));
	struct store_do change = { .event = CASE_DO_RECEIVE };

	if (scoring == NULL) {
		tip->is_listed = false;
		return;
	}
	if (tip_is_to_suspect(tip)) {
		change.event = CASE_DO_SUSPECT;
		change.version = tip->now.version;
	} else if (tip->now.version > 0) {
		change.event = CASE_DO_SCORE;
		change.priority = tip_priority(tip);
	}
	memcpy(change.id, tip->id, sizeof(change.id));
	*scoring = (struct scoring){ web, tip, change.event };
	web->scoring++;
	store_ask_do(web->store, &change, scored, scoring);
}

/* Each case takes the store a moment, and who has just logged in waits for it
 * to open the rest: before that is done only what is urgent is made. */
static bool may_go_on(const struct web *web)
{
	return web->to_score != NULL && web->scoring < SCORING_MAX &&
	    web->state.redis &&
	    (web->opening == 0 || tip_priority(web->to_score) == 1);
}

static void go_on(struct web *web)
{
	while (may_go_on(web)) {
		struct tip *tip = web->to_score;

		web->to_score = tip->behind;
		tip->behind = NULL;
		if (is_to_score(tip)) {
			score(web, tip);
		} else {
			tip->is_listed = false;
		}
	}
}

void web_score(struct web *web, struct tip *tip)
{
	if (!is_to_score(tip) || tip->is_listed) {
		return;
	}
	if (tip->now.version == 0 && !tip->is_said && !tip->is_suspect) {
		tip->is_said = true;
		api_tell(web, "new",
		    json_pack("{s:o,s:i}", "id", api_tip_id(tip), "priority",
			(int)tip_priority(tip)));
	}
	tip->is_listed = true;
	tip->behind = NULL;
	if (web->to_score == NULL) {
		web->to_score = web->last_to_score = tip;
	} else if (tip_priority(tip) == 1) {
		tip->behind = web->to_score;
		web->to_score = tip;
	} else {
		web->last_to_score->behind = tip;
		web->last_to_score = tip;
	}
	go_on(web);
}

void web_score_more(struct web *web)
{
	go_on(web);
}

/* Not before all that came was opened: their tip may be among that. */
static void score_alone(struct web *web)
{
	const struct tips_alone alone = { .mono_ms = clock_mono_ms(),
		.now_s = (int64_t)(web_now_ms(web) / 1000),
		.n_old = web->n_old };
	struct tip *tip = NULL;
	size_t at = 0;

	if (web->opening > 0 || web->has_settling ||
	    sessions_any(web->sessions) == NULL) {
		return;
	}
	while ((tip = tips_next_alone(web->tips, &at, &alone)) != NULL) {
		web_score(web, tip);
	}
}

void web_score_again(struct web *web)
{
	score_alone(web);
	if (web->has_unscored && web->state.redis) {
		web->has_unscored = false;
		web_score_all(web);
	}
}

void web_score_all(struct web *web)
{
	for (size_t i = 0; i < tips_count(web->tips); i++) {
		web_score(web, tips_at(web->tips, i));
	}
	go_on(web);
}
