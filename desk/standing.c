/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/standing.h"

#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const enum standing_status by_state[CASE_STATE_MAX + 1] = {
	[CASE_RECEIVED] = STANDING_RECEIVED,
	[CASE_NEW] = STANDING_RECEIVED,
	[CASE_CLAIMED] = STANDING_RECEIVED,
	[CASE_QUARANTINE] = STANDING_RECEIVED,
	[CASE_TRIAGE] = STANDING_READ,
	[CASE_VERIFY] = STANDING_READ,
	[CASE_ESCALATED] = STANDING_READ,
	[CASE_REF_DRAFT] = STANDING_READ,
	[CASE_REF_APPROVAL] = STANDING_READ,
	[CASE_REJECTED] = STANDING_READ,
	[CASE_NO_ANSWER] = STANDING_READ,
	[CASE_WAIT_REPORTER] = STANDING_QUESTION,
	[CASE_REFERRED] = STANDING_HELPERS,
	[CASE_ACCEPTED] = STANDING_HELPERS,
	[CASE_ACTION] = STANDING_HELPERS,
	[CASE_OUTCOME] = STANDING_HELPERS,
	[CASE_CLOSED] = STANDING_FINISHED,
	[CASE_WITHDRAWN] = STANDING_FINISHED,
	[CASE_DUPLICATE] = STANDING_NONE, /* its target's */
	[CASE_PURGED] = STANDING_NONE,
};
/* clang-format on */

bool standing_may_move(enum case_event event)
{
	switch ((int)event) {
	case CASE_DO_RECEIVE:
	case CASE_DO_SCORE:
	case CASE_DO_CLAIM:
	case CASE_DO_TAKE_OVER:
	case CASE_DO_LEASE_END:
	case CASE_DO_RELEASE:
	case CASE_DO_RAISE:
	case CASE_DO_PRIORITY:
	case CASE_DO_MESSAGE:
		return false;
	default:
		return true;
	}
}

static const char *text_of(const json_t *entry, const char *name)
{
	const char *text = json_string_value(json_object_get(entry, name));

	return text == NULL ? "" : text;
}

static bool is_kind(const json_t *entry, const char *kind)
{
	return strcmp(text_of(entry, "kind"), kind) == 0;
}

static enum case_state state_of(const json_t *entry)
{
	const char *name = text_of(entry, "state");

	for (int state = CASE_RECEIVED; state <= CASE_STATE_MAX; state++) {
		if (strcmp(name, case_state_name((enum case_state)state)) ==
		    0) {
			return (enum case_state)state;
		}
	}
	return CASE_PURGED;
}

static void set(struct standing *standing, const json_t *entry, unsigned status)
{
	standing->status = status;
	standing->version =
	    (uint64_t)json_integer_value(json_object_get(entry, "version"));
	standing->at_ms =
	    (uint64_t)json_integer_value(json_object_get(entry, "at_ms"));
	standing->text = "";
	standing->is_chosen = false;
	standing->is_forced = false;
	standing->is_known = standing->is_known || status > STANDING_RECEIVED;
}

static unsigned no_lower(unsigned status, unsigned floor)
{
	return status < STANDING_QUESTION && status < floor ? floor : status;
}

static unsigned floor_after(unsigned status, unsigned floor)
{
	switch (status) {
	case STANDING_FINISHED: /* what comes then begins anew */
		return STANDING_NONE;
	case STANDING_HELPERS:
		return STANDING_HELPERS;
	case STANDING_READ:
	case STANDING_QUESTION:
		return floor < STANDING_READ ? STANDING_READ : floor;
	default:
		return floor;
	}
}

/* The case has moved to where something else is said. */
static void move(
    struct standing *standing, const json_t *entry, unsigned now, bool is_back)
{
	unsigned status = no_lower(now, standing->floor);

	standing->floor = floor_after(now, standing->floor);
	if (now == STANDING_FINISHED && is_kind(entry, "change") &&
	    json_is_true(json_object_get(entry, "told")) &&
	    text_of(entry, "reporter_text")[0] != '\0') {
		set(standing, entry, status);
		standing->text = text_of(entry, "reporter_text");
	} else if (status != standing->status || is_back) {
		set(standing, entry, status);
	}
}

/* An officer has said what it is, with a message or without. */
static void choose(struct standing *standing, const json_t *entry)
{
	json_int_t status =
	    json_integer_value(json_object_get(entry, "status"));

	if (status == 0 && json_is_true(json_object_get(entry, "asks"))) {
		status = STANDING_QUESTION; /* it goes out as one */
	}
	if (status < STANDING_RECEIVED || status > STANDING_FINISHED) {
		return;
	}
	set(standing, entry, (unsigned)status);
	standing->is_chosen = true;
	standing->is_known = true;
	standing->is_forced = text_of(entry, "override_reason")[0] != '\0';
	if (is_kind(entry, "status")) {
		standing->text = text_of(entry, "text");
	}
	if (status != STANDING_QUESTION) {
		standing->floor = status == STANDING_FINISHED
		    ? STANDING_NONE
		    : (unsigned)status;
	}
}

/* was: what the state before had to say. Returns what this one has. */
static unsigned take(
    struct standing *standing, const json_t *entry, unsigned was)
{
	enum case_state state = state_of(entry);
	unsigned now = by_state[state];
	bool was_duplicate = standing->is_duplicate;

	standing->is_duplicate = state == CASE_DUPLICATE;
	if (standing->is_duplicate && !was_duplicate) {
		set(standing, entry, standing->status);
	} else if (now != STANDING_NONE && now != was) {
		move(standing, entry, now, was_duplicate);
	}
	if (is_kind(entry, "reply") || is_kind(entry, "status")) {
		choose(standing, entry);
	}
	return now;
}

struct place {
	json_int_t version;
	size_t at;
};

static int by_version(const void *a, const void *b)
{
	const struct place *one = a, *other = b;

	if (one->version != other->version) {
		return one->version < other->version ? -1 : 1;
	}
	return one->at < other->at ? -1 : 1;
}

/* A ledger has what another desk did perhaps behind what came after it. */
enum tl_err standing_of(const json_t *entries, struct standing *ret)
{
	size_t n = json_array_size(entries);
	struct place *order = calloc(n + 1, sizeof(*order));
	struct standing standing = { .text = "" };
	unsigned was = STANDING_NONE;

	if (order == NULL) {
		return TL_ENOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		const json_t *entry = json_array_get(entries, i);

		order[i].version =
		    json_integer_value(json_object_get(entry, "version"));
		order[i].at = i;
	}
	qsort(order, n, sizeof(*order), by_version);
	for (size_t i = 0; i < n; i++) {
		was =
		    take(&standing, json_array_get(entries, order[i].at), was);
	}
	standing.seen = n > 0 ? (uint64_t)order[n - 1].version : 0;
	free(order);
	if (standing.status == STANDING_RECEIVED && !standing.is_known) {
		standing.status = STANDING_NONE;
	}
	*ret = standing;
	return TL_OK;
}

struct standing standing_joined(
    const struct standing *own, const struct standing *target)
{
	struct standing joined = *own;
	unsigned status = target->status;

	if (!own->is_duplicate || own->is_chosen) {
		return joined;
	}
	if (status == STANDING_NONE) {
		status = STANDING_RECEIVED;
	}
	if (status == STANDING_QUESTION) {
		status = STANDING_READ;
	}
	joined.status = no_lower(status, own->floor);
	if (joined.status == STANDING_RECEIVED && !own->is_known) {
		joined.status = STANDING_NONE;
	}
	/* of a target that is one itself by now: by its own target, too */
	joined.of = target->version ^ target->of << 32;
	if (target->at_ms > joined.at_ms) {
		joined.at_ms = target->at_ms;
	}
	joined.text = "";
	joined.is_known = joined.is_known || joined.status > STANDING_RECEIVED;
	return joined;
}

bool standing_is_same(const struct standing *one, const struct standing *other)
{
	return one->status == other->status && one->version == other->version &&
	    one->of == other->of;
}
