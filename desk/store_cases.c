/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The ledger's events, by the cases that they are about. */
#include <stdlib.h>
#include <string.h>

#include "desk/due.h"
#include "desk/store_inside.h"

/* Room for one more of size bytes at *at, of which there are n. */
static enum tl_err grow(void **at, size_t n, size_t *room, size_t size)
{
	size_t more = n == 0 ? 256 : 2 * n;
	void *grown;

	if (n < *room) {
		return TL_OK;
	}
	grown = reallocarray(*at, more, size);
	if (grown == NULL) {
		return TL_ENOMEM;
	}
	*at = grown;
	*room = more;
	return TL_OK;
}

enum tl_err store_cases_learn(
    struct store *store, uint64_t number, const struct ledger_record *record)
{
	struct case_record event;
	struct store_event *of;
	void *events = store->events;
	enum tl_err err = case_book_learn(number, record, store->book);

	if (err != TL_OK) {
		return err;
	}
	if (case_event_get(record->sealed, &event) != TL_OK) {
		return TL_OK; /* `tipline ledger verify` counts it */
	}
	err = grow(&events, store->n_events, &store->room_events, sizeof(*of));
	if (err != TL_OK) {
		return err;
	}
	store->events = events;
	of = &store->events[store->n_events++];
	memcpy(of->id, event.id, CASE_ID_BYTES);
	memcpy(of->event_id, record->id, CASE_ID_BYTES);
	of->number = number;
	return TL_OK;
}

enum tl_err store_cases_again(struct store *store, uint64_t number,
    const uint8_t id[static LEDGER_ID_BYTES])
{
	struct store_again *of;
	void *again = store->again;
	enum tl_err err =
	    grow(&again, store->n_again, &store->room_again, sizeof(*of));

	if (err != TL_OK) {
		return err;
	}
	store->again = again;
	of = &store->again[store->n_again++];
	memcpy(of->id, id, LEDGER_ID_BYTES);
	of->number = number;
	return TL_OK;
}

/* ---- as they are -------------------------------------------------------- */

struct newest {
	uint8_t id[CASE_ID_BYTES];
	struct case_now now;
	enum case_event event; /* by which it is so */
	uint64_t at_ms;
};

struct gathered {
	struct newest *at;
	size_t n, room;
};

static enum tl_err gather(
    uint64_t number, const struct ledger_record *record, void *arg)
{
	struct gathered *gathered = arg;
	struct case_record event;

	(void)number;
	if (record->kind != LEDGER_EVENT || gathered->n == gathered->room ||
	    case_event_get(record->sealed, &event) != TL_OK) {
		return TL_OK;
	}
	memcpy(gathered->at[gathered->n].id, event.id, CASE_ID_BYTES);
	gathered->at[gathered->n].now = event.now;
	gathered->at[gathered->n].event = event.event;
	gathered->at[gathered->n].at_ms = event.at_ms;
	gathered->n++;
	return TL_OK;
}

/* By case, the newest first. */
static int by_case(const void *a, const void *b)
{
	const struct newest *one = a;
	const struct newest *other = b;
	int order = memcmp(one->id, other->id, CASE_ID_BYTES);

	if (order != 0) {
		return order;
	}
	return one->now.version < other->now.version ? 1
	    : one->now.version > other->now.version  ? -1
						     : 0;
}

/* The newest of a case, and what is known by all n of it: the first claim, when
 * the reporter, or a partner, was asked last, since when it calls, lies in
 * quarantine unseen, or waits for a supervisor. */
static void tell(struct store *store, const struct newest *newest, size_t n)
{
	struct store_case told = { .is_event = false };

	told.record.event = CASE_DO_RECEIVE;
	told.record.now = newest->now;
	memcpy(told.record.id, newest->id, CASE_ID_BYTES);
	for (size_t i = n; i-- > 0;) { /* as it happened */
		const struct newest *then = &newest[i];

		if (then->event == CASE_DO_CLAIM && told.touched_ms == 0) {
			told.touched_ms = then->now.since_ms;
		}
		if (then->event == CASE_DO_ASK ||
		    then->event == CASE_DO_APPROVE) {
			told.record.at_ms = then->at_ms;
		}
		told.record.now.flags |= then->now.flags & CASE_TAKEN_BACK;
		told.called_ms = due_called(
		    told.called_ms, then->event, &then->now, then->at_ms);
		told.unseen_ms = due_unseen(
		    told.unseen_ms, then->event, &then->now, then->at_ms);
		told.decide_ms = due_asked(
		    told.decide_ms, then->event, &then->now, then->at_ms);
	}
	store_put_case(&store->out, &told);
	store_send(store, FRAME_STORE_CASE);
}

/* How many from here on are of one case. */
static size_t same(const struct newest *newest, size_t n)
{
	size_t i = 1;

	while (
	    i < n && memcmp(newest[i].id, newest[0].id, CASE_ID_BYTES) == 0) {
		i++;
	}
	return i;
}

enum tl_err store_cases_tell(struct store *store)
{
	struct gathered gathered = { .room = store->n_events };
	enum tl_err err;

	if (store->n_events == 0) {
		return TL_OK;
	}
	gathered.at = calloc(store->n_events, sizeof(*gathered.at));
	if (gathered.at == NULL) {
		return TL_ENOMEM;
	}
	err = ledger_each(
	    store->ledger, store->events[0].number, gather, &gathered);
	if (err == TL_OK && gathered.n > 0) {
		qsort(gathered.at, gathered.n, sizeof(*gathered.at), by_case);
	}
	for (size_t i = 0; err == TL_OK && i < gathered.n;) {
		size_t n = same(&gathered.at[i], gathered.n - i);

		tell(store, &gathered.at[i], n);
		i += n;
	}
	free(gathered.at);
	return err == TL_OK ? store->err : err;
}

/* ---- what was done ------------------------------------------------------ */

struct entries {
	struct store *store;
	uint32_t req;
	struct buf again; /* what stands for that of the event */
};

static enum tl_err take_again(
    uint64_t number, const struct ledger_record *record, void *arg)
{
	struct entries *entries = arg;

	(void)number;
	if (record->kind == LEDGER_RESEALED &&
	    record->sealed.len <= CASE_SEALED_BYTES) {
		buf_put(&entries->again, record->sealed.at, record->sealed.len);
	}
	return TL_ECLOSED; /* this one alone */
}

/* The newest seal of what the event says. */
static enum tl_err find_again(
    struct entries *entries, const uint8_t event_id[static CASE_ID_BYTES])
{
	const struct store *store = entries->store;
	size_t i = store->n_again;
	enum tl_err err;

	buf_reset(&entries->again);
	while (i > 0 &&
	    memcmp(store->again[i - 1].id, event_id, CASE_ID_BYTES) != 0) {
		i--;
	}
	if (i == 0) {
		return TL_OK;
	}
	err = ledger_each(
	    store->ledger, store->again[i - 1].number, take_again, entries);
	return err == TL_ECLOSED ? buf_err(&entries->again) : err;
}

/* What was sealed again stands for what a desk of ours has signed alone. */
static enum tl_err give_entry(
    uint64_t number, const struct ledger_record *record, void *arg)
{
	const struct entries *entries = arg;
	struct store *store = entries->store;
	struct store_entry told = { .req = entries->req, .number = number };

	if (record->kind == LEDGER_EVENT &&
	    case_event_get(record->sealed, &told.record) == TL_OK) {
		if (entries->again.len > 0 &&
		    case_keys_hold(&store->case_keys, &told.record)) {
			told.is_again = true;
			told.record.sealed =
			    bytes_of(entries->again.data, entries->again.len);
		}
		store_put_entry(&store->out, &told);
		store_send(store, FRAME_STORE_ENTRY);
	}
	return TL_ECLOSED; /* this one alone */
}

/* 20,000 short comparisons cost less than a page on somebody's screen. */
enum tl_err store_cases_entries(
    struct store *store, uint32_t req, const uint8_t id[static CASE_ID_BYTES])
{
	struct entries entries = { .store = store, .req = req };
	enum tl_err err = TL_OK;

	buf_init(&entries.again, CASE_SEALED_BYTES);
	for (size_t i = 0; err == TL_OK && i < store->n_events; i++) {
		const struct store_event *event = &store->events[i];

		if (memcmp(event->id, id, CASE_ID_BYTES) != 0) {
			continue;
		}
		err = find_again(&entries, event->event_id);
		if (err == TL_OK) {
			err = ledger_each(
			    store->ledger, event->number, give_entry, &entries);
			err = err == TL_ECLOSED ? TL_OK : err;
		}
	}
	buf_free(&entries.again);
	return err == TL_OK ? store->err : err;
}
