/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What its reporter took back. Nothing of it is kept in memory but what
 * desk/withdrawn.h leaves, be it open when that happens, or opened later: by
 * that the same code finds later words and answers them, and finds nothing
 * else. That it was taken back is of the case, for good; what was written since
 * is what an event behind that has told of.
 */
#include <stdlib.h>
#include <string.h>

#include "desk/tips_inside.h"
#include "desk/withdrawn.h"
#include "text/json_memory.h"
#include "text/report_parts.h"

bool tip_is_taken_back(const struct tip *tip)
{
	return (tip->now.flags & CASE_TAKEN_BACK) != 0;
}

static bool is_after(const struct tip *tip, const struct tip *more)
{
	for (size_t i = 0; more->has_event_id && i < tip->n_after; i++) {
		if (memcmp(tip->after[i], more->event_id,
			sizeof(more->event_id)) == 0) {
			return true;
		}
	}
	return false;
}

/* ---- what is kept -------------------------------------------------------- */

static bool is_open(const struct tip *tip)
{
	return tip->state == TIP_OPEN || tip->state == TIP_PART;
}

static void wipe_content(struct tip *tip)
{
	if (tip->part_doc.at != tip->doc.at) {
		vault_wipe(tip->part_doc);
	}
	vault_wipe(tip->doc);
	vault_wipe(tip->folded);
	tip->doc = tip->folded = bytes_of("", 0);
	tip->is_unfolded = false;
	tip->part_doc = bytes_of(NULL, 0);
}

/* Where there is no room for what is left of it, nothing is. False: so what it
 * said against contact is not known any more. */
static bool make_hollow(struct tips *tips, struct tip *tip)
{
	unsigned lacks = json_memory_lacks();
	json_t *report, *left;
	bool is_whole = false;
	char *text;

	if (!is_open(tip) || tip->is_hollow) {
		return true;
	}
	report = report_load(tip->doc);
	left = report == NULL ? NULL : withdrawn_report(report);
	text = left == NULL ? NULL : json_dumps(left, JSON_COMPACT);
	wipe_content(tip);
	tip->is_hollow = true;
	tip->door = NULL;
	if (text != NULL) {
		struct bytes doc = vault_keep(tips->vault, bytes_str(text));

		tip->doc = doc.at == NULL ? bytes_of("", 0) : doc;
		is_whole = doc.at != NULL && json_memory_lacks() == lacks;
	}
	free(text);
	json_decref(left);
	json_decref(report);
	return is_whole;
}

/* It is to be opened once more. */
static void show_again(struct tips *tips, struct tip *tip)
{
	if (is_open(tip) && tip->is_hollow) {
		wipe_content(tip);
		tip->is_hollow = false;
		tip->state = TIP_SEALED;
		tips->again = true;
	}
}

void tips_take_back(struct tips *tips, struct tip *tip)
{
	bool is_whole;

	if (!tip_is_taken_back(tip)) {
		return;
	}
	if (tip->now.state == CASE_WITHDRAWN) {
		tip->n_after = 0;
	}
	is_whole = make_hollow(tips, tip);
	for (struct tip *more = tip->mores; more != NULL;
	     more = more->next_more) {
		if (is_after(tip, more)) {
			show_again(tips, more);
		} else {
			is_whole = make_hollow(tips, more) && is_whole;
		}
	}
	if (!is_whole) { /* also where the case is opened again */
		tip->says |= TIP_SAYS_NO_CONTACT;
	}
	/* the same, put in again */
	for (size_t i = 0; tips->has_twins && i < tips->n; i++) {
		if (tips->all[i]->is_twin &&
		    memcmp(tips->all[i]->id, tip->id, sizeof(tip->id)) == 0) {
			(void)make_hollow(tips, tips->all[i]);
		}
	}
}

void tips_take_back_opened(struct tips *tips, struct tip *tip)
{
	const struct tip *first = tips_find(tips, tip->id);

	if (first != NULL && tip_is_taken_back(first) &&
	    !make_hollow(tips, tip)) {
		tip->says |= TIP_SAYS_NO_CONTACT;
	}
}

/* ---- what came since ----------------------------------------------------- */

/* In the order in which it was written: of one second, in which it came. */
static bool is_before(const struct tip *one, const struct tip *other)
{
	return one->received_s != other->received_s
	    ? one->received_s < other->received_s
	    : one->number < other->number;
}

/* It was written behind the other, or has come behind it: clocks of intakes may
 * be a year wrong, and ledgers differ. */
static bool may_be_behind(const struct tip *one, const struct tip *other)
{
	return is_before(other, one) || other->number < one->number;
}

/* By which its reporter took back what is hollow now: the last such wish before
 * the first later words; wishes behind those take back those. NULL: there is
 * none here. */
static const struct tip *wish_of(const struct tip *tip)
{
	const struct tip *first = NULL, *last = NULL;

	for (const struct tip *more = tip->mores; more != NULL;
	     more = more->next_more) {
		if (is_after(tip, more) &&
		    (first == NULL || is_before(more, first))) {
			first = more;
		}
	}
	for (const struct tip *more = tip->mores; more != NULL;
	     more = more->next_more) {
		if (more->wants_withdrawal && !is_after(tip, more) &&
		    (first == NULL || !may_be_behind(more, first)) &&
		    (last == NULL || is_before(last, more))) {
			last = more;
		}
	}
	return last;
}

bool tip_may_be_told(const struct tip *more)
{
	const struct tip *tip = more->of;
	const struct tip *wish;

	if (tip == NULL || !tip_is_taken_back(tip)) {
		return true;
	}
	if (tip->wants_after) {
		return false;
	}
	/* what is no news then does nothing: it is told by the same event */
	if (is_after(tip, more) || (more->has_words && tip->has_before)) {
		return true;
	}
	wish = wish_of(tip);
	return (wish == NULL || may_be_behind(more, wish)) &&
	    (more->has_words || tip->now.state != CASE_WITHDRAWN);
}

struct tip *tips_wanting_after(struct tips *tips)
{
	/* in turn: one that cannot be read keeps no other waiting */
	for (size_t i = 0; tips->has_wanting && i < tips->n; i++) {
		size_t at = (tips->wanting_at + i) % tips->n;

		if (tips->all[at]->wants_after) {
			tips->wanting_at = at + 1;
			return tips->all[at];
		}
	}
	tips->has_wanting = false;
	return NULL;
}

enum tl_err tips_set_after(struct tips *tips, struct tip *tip,
    const uint8_t (*ids)[CASE_ID_BYTES], size_t n)
{
	enum tl_err err = TL_OK;

	free(tip->after);
	tip->n_after = 0;
	tip->after = calloc(n + 1, sizeof(*tip->after));
	if (tip->after == NULL) {
		err = TL_ENOMEM;
	} else if (n > 0) {
		memcpy(tip->after, ids, n * sizeof(*ids));
		tip->n_after = n;
	}
	tip->wants_after = err != TL_OK;
	tips_take_back(tips, tip);
	return err;
}
