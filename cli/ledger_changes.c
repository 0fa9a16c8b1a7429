/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/ledger_changes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cli/cli.h"
#include "desk/case_keys.h"

#define FIRST_ROOM 256u

struct version {
	uint8_t id[CASE_ID_BYTES];
	uint64_t number;
};

struct walk {
	const struct ledger *ledger;
	struct case_keys keys;
	struct version *versions;
	size_t n, room;
	uint64_t ours, strange, lacking;
};

static enum tl_err keep_version(
    struct walk *walk, const struct case_record *event)
{
	size_t room = walk->room == 0 ? FIRST_ROOM : 2 * walk->room;
	struct version *versions;

	if (walk->n == walk->room) {
		versions =
		    reallocarray(walk->versions, room, sizeof(*versions));
		if (versions == NULL) {
			return TL_ENOMEM;
		}
		walk->versions = versions;
		walk->room = room;
	}
	memcpy(walk->versions[walk->n].id, event->id, CASE_ID_BYTES);
	walk->versions[walk->n].number = event->now.version;
	walk->n++;
	return TL_OK;
}

static enum tl_err look_at(
    uint64_t number, const struct ledger_record *record, void *arg)
{
	static const uint8_t none[CASE_ID_BYTES];
	struct walk *walk = arg;
	struct case_record event;

	(void)number;
	if (record->kind != LEDGER_EVENT) {
		return TL_OK;
	}
	if (case_event_get(record->sealed, &event) != TL_OK ||
	    !case_keys_hold(&walk->keys, &event)) {
		walk->strange++;
		return TL_OK;
	}
	walk->ours++;
	if (memcmp(event.before, none, CASE_ID_BYTES) != 0 &&
	    !ledger_has_event(walk->ledger, event.before)) {
		walk->lacking++;
	}
	return keep_version(walk, &event);
}

static int compare(const void *a, const void *b)
{
	const struct version *one = a;
	const struct version *other = b;
	int order = memcmp(one->id, other->id, CASE_ID_BYTES);

	if (order != 0) {
		return order;
	}
	return one->number < other->number ? -1
	    : one->number > other->number  ? 1
					   : 0;
}

static uint64_t count_twice(struct walk *walk)
{
	uint64_t twice = 0;

	if (walk->n > 0) {
		qsort(
		    walk->versions, walk->n, sizeof(*walk->versions), compare);
	}
	for (size_t i = 1; i < walk->n; i++) {
		twice +=
		    compare(&walk->versions[i], &walk->versions[i - 1]) == 0
		    ? 1
		    : 0;
	}
	return twice;
}

int cli_ledger_changes(const struct config_desk *desk, struct ledger *ledger)
{
	struct walk walk = { .ledger = ledger };
	struct ledger_counts counts;
	enum tl_err err;

	ledger_counts(ledger, &counts);
	if (counts.records[LEDGER_EVENT] == 0) {
		return CLI_OK; /* a desk without a console needs no key */
	}
	err = case_keys_load(desk, &walk.keys);
	if (err == TL_OK) {
		err = ledger_each(ledger, 0, look_at, &walk);
	}
	if (err == TL_OK) {
		(void)printf(
		    "changes   %llu signed by our desks, %llu not; %llu name"
		    " one before that is not here, %llu are second ones of a"
		    " version\n",
		    (unsigned long long)walk.ours,
		    (unsigned long long)walk.strange,
		    (unsigned long long)walk.lacking,
		    (unsigned long long)count_twice(&walk));
	} else {
		say_error(
		    "the changes of cases were not checked: %s", err_text(err));
	}
	free(walk.versions);
	case_keys_free(&walk.keys);
	return err == TL_OK && walk.strange == 0 ? CLI_OK : CLI_WRONG;
}
