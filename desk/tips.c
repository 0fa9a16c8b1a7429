/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/tips.h"

#include <stdlib.h>
#include <string.h>

#include "base/rd.h"
#include "base/wipe.h"
#include "desk/tips_inside.h"

/* What cannot be opened is tried again: first after so long, in the end each
 * six hours; so many in one second. */
#define RETRY_MS        UINT64_C(10000)
#define RETRY_DOUBLED   11u
#define RETRIED_AT_ONCE 16u

/* A record of this length is a piece of a file, or a very long text. */
#define PIECE_BYTES 60000u

enum tl_err tips_grow(void **at, size_t n, size_t *room, size_t size)
{
	size_t more = *room == 0 ? 256 : 2 * *room;
	void *moved;

	if (n < *room) {
		return TL_OK;
	}
	moved = reallocarray(*at, more, size);
	if (moved == NULL) {
		return TL_ENOMEM;
	}
	*at = moved;
	*room = more;
	return TL_OK;
}

struct tips *tips_new(size_t max_bytes)
{
	struct tips *tips = calloc(1, sizeof(*tips));

	if (tips == NULL) {
		return NULL;
	}
	tips->vault = vault_new(max_bytes);
	if (tips->vault == NULL) {
		free(tips);
		return NULL;
	}
	return tips;
}

void tips_free(struct tips *tips)
{
	if (tips == NULL) {
		return;
	}
	for (size_t i = 0; i < tips->n_slots; i++) {
		struct tip *tip = tips->slots[i];

		if (tip != NULL && tip->kind == 0) {
			free(tip->after);
			free(tip); /* a case alone */
		}
	}
	for (size_t i = 0; i < tips->n; i++) {
		free(tips->all[i]->after);
		free(tips->all[i]);
	}
	vault_free(tips->vault);
	tips_unlearn(tips);
	free(tips->lines);
	free(tips->all);
	free(tips->slots);
	free(tips->plan);
	free(tips->selected);
	free(tips);
}

/* ---- by id -------------------------------------------------------------- */

/* Ids are random. */
static size_t place_of(const struct tips *tips, const uint8_t *id)
{
	struct rd rd = rd_of(id, 8);
	size_t at = (size_t)rd_u64(&rd) & (tips->n_slots - 1);

	while (tips->slots[at] != NULL &&
	    memcmp(tips->slots[at]->id, id, TIP_ID_BYTES) != 0) {
		at = (at + 1) & (tips->n_slots - 1);
	}
	return at;
}

static enum tl_err room_for_one(struct tips *tips)
{
	size_t had = tips->n_slots;
	struct tip **old = tips->slots;

	if (2 * (tips->used + 1) < had) {
		return TL_OK;
	}
	tips->n_slots = had == 0 ? 1024 : 2 * had;
	tips->slots = calloc(tips->n_slots, sizeof(*tips->slots));
	if (tips->slots == NULL) {
		tips->slots = old;
		tips->n_slots = had;
		return TL_ENOMEM;
	}
	for (size_t i = 0; i < had; i++) {
		if (old[i] != NULL) {
			tips->slots[place_of(tips, old[i]->id)] = old[i];
		}
	}
	free(old);
	return TL_OK;
}

struct tip *tips_find(
    const struct tips *tips, const uint8_t id[static TIP_ID_BYTES])
{
	struct tip *tip =
	    tips->n_slots == 0 ? NULL : tips->slots[place_of(tips, id)];

	return tip != NULL && tip->kind != 0 ? tip : NULL;
}

/* The one of this id, or a new one there. NULL: memory is out. */
static struct tip *take_place(struct tips *tips, const uint8_t *id)
{
	struct tip **slot;

	if (room_for_one(tips) != TL_OK) {
		return NULL;
	}
	slot = &tips->slots[place_of(tips, id)];
	if (*slot == NULL) {
		*slot = calloc(1, sizeof(**slot));
		if (*slot == NULL) {
			return NULL;
		}
		memcpy((*slot)->id, id, TIP_ID_BYTES);
		tips->used++;
		tips->absent++;
	}
	return *slot;
}

/* ---- records ------------------------------------------------------------ */

static enum tl_err list(struct tips *tips, struct tip *tip)
{
	void *all = tips->all;
	enum tl_err err =
	    tips_grow(&all, tips->n, &tips->room, sizeof(struct tip *));

	tips->all = all;
	if (err == TL_OK) {
		tip->at = tips->n;
		tips->all[tips->n++] = tip;
	}
	return err;
}

static enum tl_err add_twin(struct tips *tips, const struct store_item *item)
{
	struct tip *tip = calloc(1, sizeof(*tip));
	enum tl_err err;

	if (tip == NULL) {
		return TL_ENOMEM;
	}
	memcpy(tip->id, item->id, TIP_ID_BYTES);
	tip->number = item->number;
	tip->len = item->len;
	tip->kind = item->kind;
	tip->reason = item->reason;
	tip->is_twin = tips->has_twins = true;
	err = list(tips, tip);
	if (err != TL_OK) {
		free(tip);
	}
	return err;
}

/* What is known of the case of an id goes to the record whose it is. Who has
 * asked for something of the case names it by its id. */
static void give_case(struct tip *from, struct tip *to)
{
	to->now = from->now;
	to->altered = from->altered;
	to->second_by_ms = from->second_by_ms;
	to->second_version = from->second_version;
	to->asked_ms = from->asked_ms;
	to->touched_ms = from->touched_ms;
	to->called_ms = from->called_ms;
	to->unseen_ms = from->unseen_ms;
	to->decide_ms = from->decide_ms;
	to->is_spared = from->is_spared;
	to->n_links = from->n_links;
	to->asked = from->asked;
	to->wants_links = from->wants_links;
	to->after = from->after;
	to->n_after = from->n_after;
	to->wants_after = from->wants_after;
	to->has_before = from->has_before;
	from->now = (struct case_now){ .version = 0 };
	from->altered = from->second_by_ms = from->second_version = 0;
	from->asked_ms = from->touched_ms = from->called_ms = 0;
	from->unseen_ms = from->decide_ms = 0;
	from->n_links = from->n_after = 0;
	from->asked = (struct tip_asked){ .n = 0 };
	from->wants_links = from->wants_after = from->wants_status = false;
	from->is_left_out = false;
	from->after = NULL;
}

/* What came under its id before is in quarantine: whoever can write to Redis
 * could take the id of a tip, or damage could, before the tip comes. Others may
 * have a pointer to the old one, which stays as a twin. */
static enum tl_err take_over(
    struct tips *tips, struct tip *old, const struct store_item *item)
{
	struct tip *tip = calloc(1, sizeof(*tip));

	if (tip == NULL || list(tips, tip) != TL_OK) {
		free(tip);
		return TL_ENOMEM;
	}
	memcpy(tip->id, item->id, TIP_ID_BYTES);
	tip->number = item->number;
	tip->len = item->len;
	tip->kind = item->kind;
	tip->reason = item->reason;
	tip->took_over = true;
	give_case(old, tip);
	tips_leave(tips, old);
	old->is_twin = tips->has_twins = true;
	tips->slots[place_of(tips, tip->id)] = tip;
	return TL_OK;
}

/* The newest counts. It is looked at when the one before cannot be opened. */
static void sealed_again(
    struct tips *tips, struct tip *tip, const struct store_item *item)
{
	tip->again = item->number;
	if (tip->state == TIP_FAULT &&
	    (tip->fault == ENVELOPE_DESTROYED ||
		tip->fault == ENVELOPE_STRANGER)) {
		tip->state = TIP_SEALED;
		tip->number = item->number;
		tip->len = item->len;
		tip->was_signed = tip->is_signed;
		tips->again = true;
	}
}

enum tl_err tips_add(struct tips *tips, const struct store_item *item)
{
	struct tip *tip = tips_find(tips, item->id);

	if (item->kind == LEDGER_RESEALED) {
		if (tip != NULL) {
			sealed_again(tips, tip, item);
		}
		return TL_OK;
	}
	if (item->kind != LEDGER_TIP && item->kind != LEDGER_QUARANTINE) {
		return TL_OK;
	}
	if (tip != NULL && tip->number == item->number) {
		return TL_OK;
	}
	if (tip != NULL && tip->kind == LEDGER_QUARANTINE &&
	    item->kind == LEDGER_TIP) {
		return take_over(tips, tip, item);
	}
	if (tip != NULL || item->reason == LEDGER_FIELDS) {
		return add_twin(tips, item);
	}
	tip = take_place(tips, item->id);
	if (tip == NULL) {
		return TL_ENOMEM;
	}
	tip->number = item->number;
	tip->len = item->len;
	tip->reason = item->reason;
	if (list(tips, tip) != TL_OK) {
		return TL_ENOMEM;
	}
	tip->kind = item->kind; /* from here on it is one */
	tips->has_wanting = tips->has_wanting || tip->wants_after;
	tips->absent--;
	return TL_OK;
}

struct tip *tips_hear_case(struct tips *tips,
    const uint8_t id[static TIP_ID_BYTES], const struct case_now *now)
{
	struct tip *tip = take_place(tips, id);

	if (tip == NULL) {
		return NULL;
	}
	/* also what is late, or was made where Redis was taken back */
	tip->now.flags |= now->flags & CASE_TAKEN_BACK;
	if (tip_is_taken_back(tip)) {
		/* it may tell of words, and be late as well */
		tip->wants_after = tips->has_wanting = true;
	}
	return tips_set_case(
	    tips, id, now->version >= tip->now.version ? now : &tip->now);
}

struct tip *tips_set_case(struct tips *tips,
    const uint8_t id[static TIP_ID_BYTES], const struct case_now *now)
{
	struct tip *tip = take_place(tips, id);
	struct case_now next = *now;
	bool is_same;

	if (tip == NULL) {
		return NULL;
	}
	is_same = tip->now.version == next.version;
	next.flags |= tip->now.flags & CASE_TAKEN_BACK; /* for good */
	tip->now = next;
	if (tip_is_taken_back(tip) && (!is_same || tip->after == NULL)) {
		tip->wants_after = tips->has_wanting = true;
	}
	tips_take_back(tips, tip);
	if (tip->way == TIP_FOLLOW || tip->way == TIP_AGAIN) {
		tips_part(tip); /* another desk has made it one by itself */
	}
	return tip->kind != 0 ? tip : NULL;
}

struct tip *tips_at(const struct tips *tips, size_t i)
{
	return tips->all[i];
}

size_t tips_count(const struct tips *tips)
{
	return tips->n;
}

/* ---- what to open next -------------------------------------------------- */

static unsigned rank_of(const struct tip *tip)
{
	bool is_known = tip_has_case(tip) && tip->now.priority > 0;

	if (is_known && !case_is_open(tip->now.state)) {
		return 8;
	}
	if (is_known) {
		return tip->now.priority == 1 ? 0 : 1 + tip->now.priority;
	}
	if (tip->len > PIECE_BYTES) {
		return 7;
	}
	return tip->kind == LEDGER_TIP || tip->reason == LEDGER_POISON ? 1 : 6;
}

static int by_rank(const void *a, const void *b)
{
	const struct tip *one = *(struct tip *const *)a;
	const struct tip *other = *(struct tip *const *)b;
	unsigned x = rank_of(one), y = rank_of(other);

	if (x != y) {
		return x < y ? -1 : 1;
	}
	return one->number < other->number ? -1 : one->number > other->number;
}

static void make_plan(struct tips *tips)
{
	struct tip **plan =
	    reallocarray(tips->plan, tips->n > 0 ? tips->n : 1, sizeof(*plan));

	if (plan == NULL) {
		return; /* tried again at the next question */
	}
	tips->plan = plan;
	tips->plan_n = tips->plan_at = 0;
	for (size_t i = 0; i < tips->n; i++) {
		if (tips->all[i]->state == TIP_SEALED) {
			plan[tips->plan_n++] = tips->all[i];
		}
	}
	if (tips->plan_n > 0) {
		qsort(plan, tips->plan_n, sizeof(*plan), by_rank);
	}
	tips->planned = tips->n;
	tips->again = false;
}

static bool is_to_open(const struct tips *tips, const struct tip *tip)
{
	return tip->state == TIP_SEALED &&
	    (!tips->waits || tip->now.version > 0);
}

void tips_wait_for_cases(struct tips *tips, bool waits)
{
	tips->again = tips->again || (tips->waits && !waits);
	tips->waits = waits;
}

struct tip *tips_next(struct tips *tips)
{
	/* what has just come goes before */
	while (tips->planned < tips->n && tips->plan != NULL) {
		struct tip *tip = tips->all[tips->planned++];

		if (is_to_open(tips, tip)) {
			return tip;
		}
	}
	for (int round = 0; round < 2; round++) {
		while (tips->plan_at < tips->plan_n) {
			struct tip *tip = tips->plan[tips->plan_at++];

			if (is_to_open(tips, tip)) {
				return tip;
			}
		}
		if (round == 0 && (tips->again || tips->plan == NULL)) {
			make_plan(tips);
		}
	}
	return NULL;
}

void tips_try_again(struct tips *tips)
{
	tips->again = true;
}

bool tips_failed(struct tips *tips, struct tip *tip, enum envelope_fault fault)
{
	bool gone = fault == ENVELOPE_DESTROYED || fault == ENVELOPE_STRANGER;

	if (gone && tip->again > tip->number) {
		tip->was_signed = tip->is_signed;
		tip->number = tip->again;
		tip->state = TIP_SEALED;
		tips->again = true;
		return true;
	}
	tip->state = TIP_FAULT;
	tip->fault = fault;
	tips->has_faults = true;
	return false;
}

static bool may_pass(const struct tip *tip)
{
	bool lacks_key =
	    tip->fault == ENVELOPE_STRANGER || tip->fault == ENVELOPE_DESTROYED;

	return tip->state == TIP_FAULT && !lacks_key &&
	    (tip->kind != LEDGER_QUARANTINE || tip->fault == ENVELOPE_FINE ||
		tip->fault > ENVELOPE_TWICE);
}

void tips_try_faults(struct tips *tips, uint64_t mono_ms)
{
	size_t n = 0;

	if (!tips->has_faults) {
		return;
	}
	tips->has_faults = false;
	for (size_t i = 0; i < tips->n; i++) {
		struct tip *tip = tips->all[i];

		if (!may_pass(tip)) {
			continue;
		}
		tips->has_faults = true;
		if (tip->retry_ms == 0) {
			tip->retry_ms = mono_ms + (RETRY_MS << tip->tries);
			tip->tries += tip->tries < RETRY_DOUBLED ? 1 : 0;
		} else if (mono_ms >= tip->retry_ms && n < RETRIED_AT_ONCE) {
			tip->retry_ms = 0;
			tip->state = TIP_SEALED;
			tips->again = true;
			n++;
		}
	}
}

void tips_ring_is_other(struct tips *tips)
{
	for (size_t i = 0; i < tips->n; i++) {
		struct tip *tip = tips->all[i];

		if (tip->state == TIP_FAULT &&
		    (tip->fault == ENVELOPE_STRANGER ||
			tip->fault == ENVELOPE_RING)) {
			tip->state = TIP_SEALED;
			tips->again = true;
		}
	}
}

/* Who was there has seen, or heard, that it is urgent, and no case says so yet:
 * Redis took no change, say. Nobody may be left to see it. */
static bool is_without_case(struct tip *tip, size_t n_old)
{
	if (tip->state != TIP_OPEN && tip->state != TIP_PART) {
		return tip->is_left_out;
	}
	if (!tip->is_signed || tip->is_twin) {
		return false;
	}
	if (tip_is_to_tell(tip)) {
		return tip->at >= n_old && tip_tells_priority(tip) <= 2 &&
		    tip_root(tip)->now.state != CASE_PURGED;
	}
	return tip->state == TIP_OPEN && !tip_is_within(tip) &&
	    tip->now.version == 0 && tip->said_priority <= 2;
}

static void forget(struct tip *tip)
{
	if (tip->state != TIP_FAULT) {
		tip->state = TIP_SEALED;
	}
	tip->doc = tip->folded = tip->part_doc = bytes_of(NULL, 0);
	tip->is_hollow = tip->has_words = tip->has_event_id = false;
	tip->is_unfolded = tip->is_set_aside = false;
	tip->wants_withdrawal = false;
	wipe(tip->event_id, sizeof(tip->event_id));
	tip->received_s = 0;
	tip->alone_ms = 0;
	tip->has_form = tip->has_mailbox = tip->has_thread = false;
	tip->wants_deletion = false;
	wipe(tip->form, sizeof(tip->form));
	wipe(tip->mailbox, sizeof(tip->mailbox));
	wipe(&tip->line, sizeof(tip->line));
	wipe(tip->lang, sizeof(tip->lang));
	wipe(tip->channel, sizeof(tip->channel));
	wipe(tip->gateway, sizeof(tip->gateway));
	tip->says = 0;
	tip->is_suspect = tip->is_crowd = tip->is_spared = false;
	tip->set = 0;
	tip->n_links = 0;
	wipe(&tip->asked, sizeof(tip->asked));
	/* it is not opened once more */
	tip->wants_links = tip->state == TIP_FAULT && !tip_is_untouched(tip);
	tip->is_new = tip->is_said = tip->stands = false;
	tip->way = TIP_ALONE;
	tip->of = tip->next_more = tip->mores = NULL;
}

/* Is any sealed, perhaps but those that are set aside? */
static bool any_sealed(const struct tips *tips, bool but_set_aside)
{
	for (size_t i = 0; i < tips->n; i++) {
		const struct tip *tip = tips->all[i];

		if ((tip->state == TIP_SEALED || tip->state == TIP_ASKED) &&
		    !(but_set_aside && tip->is_set_aside)) {
			return true;
		}
	}
	return false;
}

bool tips_are_open(const struct tips *tips)
{
	return !any_sealed(tips, false);
}

bool tips_are_heard(const struct tips *tips)
{
	return !any_sealed(tips, true);
}

void tips_forget(struct tips *tips, size_t n_old)
{
	for (size_t i = 0; i < tips->n; i++) {
		struct tip *tip = tips->all[i];

		tip->is_left_out = is_without_case(tip, n_old);
	}
	for (size_t i = 0; i < tips->n; i++) {
		forget(tips->all[i]);
	}
	tips_unlearn(tips);
	vault_empty(tips->vault);
	free(tips->plan);
	tips->plan = NULL;
	tips->plan_n = tips->plan_at = 0;
}
