/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/taken.h"

#include <stdlib.h>
#include <string.h>

#include "desk/withdrawn.h"
#include "queue/case_event.h"

struct taken_event {
	uint8_t id[CASE_ID_BYTES]; /* of the case */
	uint8_t event_id[CASE_ID_BYTES];
	uint64_t version;
	bool is_taken_back; /* as of this event, or before */
	bool is_withdrawn;  /* at this one */
};

static enum tl_err learn(
    uint64_t number, const struct ledger_record *record, void *arg)
{
	struct taken *taken = arg;
	struct case_record event;
	size_t room = taken->room == 0 ? 256 : 2 * taken->room;

	(void)number;
	if (record->kind != LEDGER_EVENT ||
	    case_event_get(record->sealed, &event) != TL_OK) {
		return TL_OK;
	}
	if (taken->n == taken->room) {
		struct taken_event *events =
		    reallocarray(taken->events, room, sizeof(*taken->events));

		if (events == NULL) {
			return TL_ENOMEM;
		}
		taken->events = events;
		taken->room = room;
	}
	taken->events[taken->n] = (struct taken_event){
		.version = event.now.version,
		.is_taken_back = (event.now.flags & CASE_TAKEN_BACK) != 0,
		.is_withdrawn = event.now.state == CASE_WITHDRAWN,
	};
	memcpy(taken->events[taken->n].id, event.id, CASE_ID_BYTES);
	memcpy(taken->events[taken->n].event_id, event.event_id, CASE_ID_BYTES);
	taken->n++;
	return TL_OK;
}

/* By case, and as it happened. */
static int by_case(const void *a, const void *b)
{
	const struct taken_event *one = a, *other = b;
	int order = memcmp(one->id, other->id, CASE_ID_BYTES);

	return order != 0
	    ? order
	    : (one->version > other->version) - (one->version < other->version);
}

/* Of each case that was taken back what follows that, and the event itself as
 * the first; where that is not here, the newest alone. */
static void leave_later(struct taken *taken)
{
	struct taken_event *events = taken->events;
	size_t kept = 0, end;

	for (size_t i = 0; i < taken->n; i = end) {
		size_t from = i;
		bool is_known = false, is_taken_back = false;

		for (end = i; end < taken->n &&
		     memcmp(events[end].id, events[i].id, CASE_ID_BYTES) == 0;
		     end++) {
			is_taken_back =
			    is_taken_back || events[end].is_taken_back;
			if (events[end].is_withdrawn) {
				from = end;
				is_known = true;
			}
		}
		if (!is_known) {
			from = end - 1;
		}
		if (!is_taken_back) {
			continue;
		}
		memmove(&events[kept], &events[from],
		    (end - from) * sizeof(*events));
		kept += end - from;
	}
	taken->n = kept;
}

enum tl_err taken_learn(struct taken *taken, struct ledger *ledger)
{
	enum tl_err err = ledger_each(ledger, 0, learn, taken);

	if (err == TL_OK && taken->n > 0) {
		qsort(taken->events, taken->n, sizeof(*taken->events), by_case);
		leave_later(taken);
	}
	return err;
}

/* The first one of this case; NULL: it has none. */
static const struct taken_event *first_of(
    const struct taken *taken, const uint8_t *id)
{
	for (size_t i = 0; i < taken->n; i++) {
		if (memcmp(taken->events[i].id, id, CASE_ID_BYTES) == 0) {
			return &taken->events[i];
		}
	}
	return NULL;
}

bool taken_is(const struct taken *taken, const uint8_t id[static CASE_ID_BYTES])
{
	return first_of(taken, id) != NULL;
}

bool taken_is_since(const struct taken *taken,
    const uint8_t tip[static CASE_ID_BYTES],
    const uint8_t id[static CASE_ID_BYTES], struct bytes doc)
{
	const struct taken_event *event = first_of(taken, tip);
	const struct taken_event *end = taken->events + taken->n;
	uint8_t event_id[CASE_ID_BYTES];
	bool found = false;

	withdrawn_event_id(doc, id, event_id);
	for (event = event == NULL ? end : event + 1; !found && event < end &&
	     memcmp(event->id, tip, CASE_ID_BYTES) == 0;
	     event++) {
		found = memcmp(event->event_id, event_id, CASE_ID_BYTES) == 0;
	}
	return found;
}

void taken_free(struct taken *taken)
{
	free(taken->events);
	*taken = (struct taken){ 0 };
}
