/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Which tips are listed, and in which order. */
#include <stdlib.h>
#include <string.h>

#include "base/rd.h"
#include "desk/due.h"
#include "desk/tips_inside.h"

#define SEARCH_BYTES 4096u
/* When a case was made is told to the minute, and clocks differ a little. */
#define AHEAD_MS 120000u

static const char *const view_names[TIPS_VIEWS] = {
	[TIPS_MINE] = "mine",
	[TIPS_ALL] = "open",
	[TIPS_WAITING] = "waiting",
	[TIPS_REFERRALS] = "referrals",
	[TIPS_QUARANTINE] = "quarantine",
	[TIPS_SECOND] = "second",
	[TIPS_CLOSED] = "closed",
};

enum tips_view tips_view_of(struct bytes name)
{
	enum tips_view view = TIPS_MINE;

	while (view < TIPS_VIEWS &&
	    !bytes_equal(name, bytes_str(view_names[view]))) {
		view++;
	}
	return view;
}

unsigned tip_priority(const struct tip *tip)
{
	if (tip->now.priority > 0) {
		return tip->now.priority;
	}
	if (tip->said_priority == 0) {
		return 3;
	}
	return !tip->is_signed && tip->said_priority < 3 ? 3
							 : tip->said_priority;
}

bool tip_is_untouched(const struct tip *tip)
{
	uint64_t last = tip->now.state == CASE_QUARANTINE
	    ? TIP_SCORED_VERSION + 1
	    : TIP_SCORED_VERSION;

	return tip->now.version <= last;
}

/* ---- quarantine --------------------------------------------------------- */

/* Words that came later are no spam: who sent them has written on. */
static bool is_said_more(const struct tip *tip)
{
	for (const struct tip *more = tip->mores; more != NULL;
	     more = more->next_more) {
		if ((more->way == TIP_MORE || more->way == TIP_FOLLOW) &&
		    more->said_priority < tip->said_priority) {
			return true;
		}
	}
	return false;
}

bool tip_is_to_suspect(const struct tip *tip)
{
	return tip->state == TIP_OPEN && !tip->is_twin && tip->is_suspect &&
	    tip->is_signed && !tip->is_new && !tip->is_spared &&
	    tip->now.version == TIP_SCORED_VERSION &&
	    tip->now.state == CASE_NEW &&
	    tip->now.priority == CASE_PRIORITIES && !is_said_more(tip);
}

bool tip_is_unseen(const struct tip *tip)
{
	return tip->now.version > 0 && tip->now.state == CASE_QUARANTINE &&
	    !tip->is_twin && tip->unseen_ms != DUE_SEEN;
}

uint64_t tip_unseen_ms(const struct tip *tip)
{
	return tip->unseen_ms != 0 ? tip->unseen_ms : tip->now.made_ms;
}

bool tip_is_sample(const struct tip *tip)
{
	struct rd rd = rd_of(tip->id, sizeof(uint64_t));

	return rd_u64(&rd) % TIP_SAMPLE == 0;
}

/* ---- which -------------------------------------------------------------- */

static bool is_mine(const struct tip *tip, const struct tips_query *query)
{
	return !case_is_held(&tip->now, query->now_ms) ||
	    (query->supervisor && tip->now.state == CASE_ESCALATED) ||
	    strcmp(tip->now.owner, query->who) == 0;
}

static bool waits_for_second(const struct tip *tip)
{
	return tip->asked.n > 0 ||
	    (tip->now.version > 0 && tip->now.state == CASE_REF_APPROVAL);
}

static bool is_uncounted(const struct tip *tip)
{
	return !tip_is_untouched(tip) &&
	    (tip->wants_links || tip->state == TIP_SEALED ||
		tip->state == TIP_ASKED);
}

static bool in_view(const struct tip *tip, const struct tips_query *query)
{
	enum case_state state = tip->now.version > 0 ? tip->now.state : 0;
	bool is_open =
	    state == 0 || state == CASE_RECEIVED || case_is_open(state);

	if (tip->state == TIP_PART || tip_is_within(tip)) {
		return false;
	}
	switch (query->view) {
	case TIPS_MINE:
		return is_open && tip->state != TIP_FAULT &&
		    is_mine(tip, query);
	case TIPS_ALL:
		return is_open && tip->state != TIP_FAULT;
	case TIPS_WAITING:
		return state == CASE_WAIT_REPORTER;
	case TIPS_REFERRALS:
		return state == CASE_REFERRED || state == CASE_NO_ANSWER ||
		    state == CASE_REF_APPROVAL;
	case TIPS_QUARANTINE:
		return state == CASE_QUARANTINE || tip->state == TIP_FAULT ||
		    tip->kind == LEDGER_QUARANTINE;
	case TIPS_SECOND:
		return waits_for_second(tip);
	case TIPS_CLOSED:
		return state == CASE_CLOSED || state == CASE_DUPLICATE ||
		    state == CASE_WITHDRAWN;
	case TIPS_VIEWS:
		break;
	}
	return false;
}

/* In it, or in what is shown with it. */
static bool has_words(const struct tip *tip, const struct buf *words)
{
	bool found = tip->folded.len > 0 &&
	    memmem(tip->folded.at, tip->folded.len, words->data, words->len) !=
		NULL;

	for (const struct tip *more = tip->mores; !found && more != NULL;
	     more = more->next_more) {
		found = more->folded.len > 0 &&
		    memmem(more->folded.at, more->folded.len, words->data,
			words->len) != NULL;
	}
	return found;
}

/* The same of what cannot be searched. */
static bool is_unfolded(const struct tip *tip)
{
	bool is = tip->is_unfolded;

	for (const struct tip *more = tip->mores; !is && more != NULL;
	     more = more->next_more) {
		is = more->is_unfolded;
	}
	return is;
}

bool tip_names(const struct tip *tip, struct bytes name)
{
	struct buf words;
	enum tl_err err;
	bool may_name;

	buf_init(&words, SEARCH_BYTES);
	err = tips_fold_query(name, &words);
	may_name = err != TL_OK ||
	    (words.len > 0 && (is_unfolded(tip) || has_words(tip, &words)));
	buf_free(&words);
	return may_name;
}

static bool fits(const struct tip *tip, const struct tips_query *query,
    const struct buf *words)
{
	if (!in_view(tip, query)) {
		return false;
	}
	if (query->priority != 0 && tip_priority(tip) != query->priority) {
		return false;
	}
	if (query->lang.len > 0 &&
	    !bytes_equal(query->lang, bytes_str(tip->lang))) {
		return false;
	}
	return words->len == 0 || has_words(tip, words);
}

/* ---- order -------------------------------------------------------------- */

/* An intake whose clock is ahead says a time to come, for which nothing would
 * ever have waited. Its case is not older than itself, to the minute. */
uint64_t tip_arrived_ms(const struct tip *tip)
{
	uint64_t said_ms =
	    tip->received_s > 0 ? (uint64_t)tip->received_s * 1000u : 0;
	uint64_t made_ms = tip->now.made_ms;
	bool is_ahead = made_ms > 0 && said_ms > made_ms + AHEAD_MS;

	return said_ms > 0 && !is_ahead ? said_ms : made_ms;
}

/* What nobody of ours signed comes behind P3, before P4. */
static unsigned class_of(const struct tip *tip)
{
	unsigned priority = tip_priority(tip);
	bool is_known = tip->is_signed || tip->state == TIP_SEALED ||
	    tip->state == TIP_ASKED;

	return 2 * priority + (is_known ? 0 : 1);
}

/* In quarantine, where other words do not tell one from another: first what
 * nobody has seen, of that what is to be read in full, then what only came with
 * many others. */
static unsigned look_of(const struct tip *tip)
{
	if (tip->now.version == 0 || tip->now.state != CASE_QUARANTINE) {
		return 0; /* its clock says when it is to be looked at */
	}
	return (tip_is_unseen(tip) ? 0u : 4u) + (tip_is_sample(tip) ? 0u : 2u) +
	    (tip->is_crowd ? 0u : 1u);
}

static uint64_t due_of_tip(const struct tip *tip)
{
	struct due due = due_of(tip_priority(tip),
	    tip->now.version > 0 ? tip->now.state : CASE_RECEIVED,
	    tip_arrived_ms(tip));

	return due.clock == DUE_NONE ? UINT64_MAX : due.due_ms;
}

static int by_urgency(const void *a, const void *b)
{
	const struct tip *one = *(struct tip *const *)a;
	const struct tip *other = *(struct tip *const *)b;
	const uint64_t keys[][2] = {
		{ class_of(one), class_of(other) },
		{ look_of(one), look_of(other) },
		{ due_of_tip(one), due_of_tip(other) },
		{ tip_arrived_ms(one), tip_arrived_ms(other) },
		{ one->number, other->number },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (keys[i][0] != keys[i][1]) {
			return keys[i][0] < keys[i][1] ? -1 : 1;
		}
	}
	return 0;
}

enum tl_err tips_select(struct tips *tips, const struct tips_query *query,
    struct tip *const **ret_tips, size_t *ret_n)
{
	struct buf words;
	size_t n = 0;
	enum tl_err err;

	buf_init(&words, SEARCH_BYTES);
	err =
	    query->text.len > 0 ? tips_fold_query(query->text, &words) : TL_OK;
	for (size_t i = 0; err == TL_OK && i < tips->n; i++) {
		void *selected = tips->selected;

		if (!fits(tips->all[i], query, &words)) {
			continue;
		}
		err = tips_grow(
		    &selected, n, &tips->room_selected, sizeof(struct tip *));
		tips->selected = selected;
		if (err == TL_OK) {
			tips->selected[n++] = tips->all[i];
		}
	}
	buf_free(&words);
	if (err != TL_OK) {
		return err;
	}
	if (n > 0) {
		qsort(tips->selected, n, sizeof(struct tip *), by_urgency);
	}
	*ret_tips = tips->selected;
	*ret_n = n;
	return TL_OK;
}

static void count_quarantine(const struct tip *tip, struct tips_counts *counts)
{
	if (tip->now.version > 0 && tip->now.state == CASE_QUARANTINE &&
	    !tip->is_twin) {
		bool is_unseen = tip_is_unseen(tip);

		counts->suspects++;
		counts->unseen += is_unseen ? 1 : 0;
		counts->samples += is_unseen && tip_is_sample(tip) ? 1 : 0;
	}
}

void tips_counts(
    const struct tips *tips, int64_t since_s, struct tips_counts *ret)
{
	struct tips_counts counts = { .bytes = vault_bytes(tips->vault),
		.absent = tips->absent };

	for (size_t i = 0; i < tips->n; i++) {
		const struct tip *tip = tips->all[i];
		bool is_open = tip->state != TIP_PART &&
		    tip->state != TIP_FAULT && !tip_is_within(tip) &&
		    (tip->now.version == 0 || tip->now.state == CASE_RECEIVED ||
			case_is_open(tip->now.state));

		count_quarantine(tip, &counts);
		counts.sealed +=
		    tip->state == TIP_SEALED || tip->state == TIP_ASKED ? 1 : 0;
		counts.faults += tip->state == TIP_FAULT ? 1 : 0;
		counts.since += tip->state == TIP_OPEN && !tip_is_within(tip) &&
			tip->received_s >= since_s
		    ? 1
		    : 0;
		if (tip->state != TIP_PART && !tip_is_within(tip)) {
			counts.seconds += waits_for_second(tip) ? 1 : 0;
			counts.uncounted += is_uncounted(tip) ? 1 : 0;
		}
		counts.open += is_open ? 1 : 0;
		counts.never += is_open &&
			(tip->now.version == 0 ||
			    tip->now.state <= CASE_CLAIMED)
		    ? 1
		    : 0;
	}
	*ret = counts;
}
