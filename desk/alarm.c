/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/alarm.h"

#include <string.h>

#define MIN_MS (UINT64_C(60) * 1000)

struct step {
	uint64_t after_ms;
	enum alarm_level level;
};

struct plan {
	const struct step *steps;
	unsigned n;
	uint64_t again_ms; /* after the last, at its level */
};

static const struct step p1[] = {
	{ 0, ALARM_NOTICE },
	{ 2 * MIN_MS, ALARM_SHIFT },
	{ 5 * MIN_MS, ALARM_SUPERVISOR },
	{ 10 * MIN_MS, ALARM_PHONE_TREE },
};

static const struct step p2[] = {
	{ 15 * MIN_MS, ALARM_SHIFT },
	{ 60 * MIN_MS, ALARM_SUPERVISOR },
};

/* From the first on: any of these may be a P1. */
static const struct step unopened[] = {
	{ 0, ALARM_SHIFT },
	{ 3 * MIN_MS, ALARM_SUPERVISOR },
	{ 8 * MIN_MS, ALARM_PHONE_TREE },
};

static const struct step silent[] = {
	{ 0, ALARM_SHIFT },
	{ 60 * MIN_MS, ALARM_SUPERVISOR },
};

static const struct step unseen[] = {
	{ 0, ALARM_SHIFT },
	{ 240 * MIN_MS, ALARM_SUPERVISOR },
};

static const struct step asked_1[] = {
	{ 0, ALARM_SUPERVISOR },
	{ 5 * MIN_MS, ALARM_PHONE_TREE },
};

static const struct step asked[] = {
	{ 0, ALARM_SUPERVISOR },
};

#define PLAN(list, again) \
	{ \
		(list), sizeof(list) / sizeof((list)[0]), (again) \
	}
/* P3 and P4 have none. */
static const struct plan plans[ALARM_CLASSES] = {
	[ALARM_OF_UNOPENED] = PLAN(unopened, 10 * MIN_MS),
	[1] = PLAN(p1, 10 * MIN_MS),
	[2] = PLAN(p2, 60 * MIN_MS),
	[ALARM_OF_UNSEEN] = PLAN(unseen, 24 * 60 * MIN_MS),
	[ALARM_OF_ASKED_1] = PLAN(asked_1, 10 * MIN_MS),
	[ALARM_OF_ASKED] = PLAN(asked, 60 * MIN_MS),
};
static const struct plan plan_silent = PLAN(silent, 60 * MIN_MS);

const char *alarm_what_word(enum alarm_what what)
{
	static const char *const words[ALARM_WHAT_MAX + 1] = {
		[ALARM_ARRIVED] = "arrived",
		[ALARM_LATE] = "late",
		[ALARM_UNOPENED] = "unopened",
		[ALARM_TEST] = "test",
		[ALARM_SILENT] = "silent",
		[ALARM_UNSEEN] = "unseen",
		[ALARM_ASKED] = "asked",
		[ALARM_FULL] = "full",
	};

	return words[what] == NULL ? "" : words[what];
}

const char *alarm_level_word(enum alarm_level level)
{
	static const char *const words[ALARM_LEVEL_MAX + 1] = {
		[ALARM_NOTICE] = "notice",
		[ALARM_SHIFT] = "shift",
		[ALARM_SUPERVISOR] = "supervisor",
		[ALARM_PHONE_TREE] = "phone-tree",
	};

	return words[level] == NULL ? "" : words[level];
}

static unsigned steps_of(
    const struct plan *plan, uint64_t waited_ms, enum alarm_level *ret_level)
{
	uint64_t last_ms;
	unsigned n = 0;

	if (plan->n == 0) {
		return 0;
	}
	while (n < plan->n && waited_ms >= plan->steps[n].after_ms) {
		n++;
	}
	if (n > 0) {
		*ret_level = plan->steps[n - 1].level;
	}
	if (n == plan->n) {
		last_ms = plan->steps[n - 1].after_ms;
		n += (unsigned)((waited_ms - last_ms) / plan->again_ms);
	}
	return n;
}

unsigned alarm_steps(unsigned of, uint64_t waited_ms, uint64_t first_ms,
    enum alarm_level *ret_level)
{
	if (of >= ALARM_CLASSES) {
		return 0;
	}
	if (of == ALARM_OF_UNOPENED) {
		if (first_ms == 0 || waited_ms < first_ms) {
			return 0;
		}
		waited_ms -= first_ms;
	}
	return steps_of(&plans[of], waited_ms, ret_level);
}

uint64_t alarm_heard_ms(enum alarm_of of)
{
	return of == ALARM_OF_ASKED_1 ? 5 * MIN_MS : 60 * MIN_MS;
}

void alarm_round_add(struct alarm_round *round, unsigned of,
    const uint8_t id[static ALARM_ID_BYTES], uint64_t waited_ms, unsigned *told)
{
	enum alarm_level level = ALARM_NOTICE;
	unsigned due = alarm_steps(of, waited_ms, round->first_ms, &level);
	struct alarm_class *class;

	if (of >= ALARM_CLASSES) {
		return;
	}
	class = &round->classes[of];
	if (class->count == 0 || waited_ms > class->longest_ms) {
		class->longest_ms = waited_ms;
		memcpy(class->id, id, sizeof(class->id));
	}
	class->count++;
	if (due > *told) {
		class->is_due = true;
		class->level = level > class->level ? level : class->level;
	}
	*told = due;
}

static uint32_t late_of(uint64_t waited_ms)
{
	uint64_t late_s = waited_ms / 1000;

	return late_s > UINT32_MAX ? UINT32_MAX : (uint32_t)late_s;
}

static const struct {
	enum alarm_what what; /* ALARM_LATE: at first it has arrived */
	unsigned priority;
} tells[ALARM_CLASSES] = {
	[ALARM_OF_UNOPENED] = { ALARM_UNOPENED, 0 },
	[1] = { ALARM_LATE, 1 },
	[2] = { ALARM_LATE, 2 },
	[ALARM_OF_UNSEEN] = { ALARM_UNSEEN, 0 },
	[ALARM_OF_ASKED_1] = { ALARM_ASKED, 1 },
	[ALARM_OF_ASKED] = { ALARM_ASKED, 0 },
};

bool alarm_round_get(const struct alarm_round *round, enum alarm_of of,
    bool with_id, struct alarm *ret)
{
	const struct alarm_class *class = &round->classes[of];
	bool is_first =
	    tells[of].what == ALARM_LATE && class->level == ALARM_NOTICE;

	if (!class->is_due) {
		return false;
	}
	*ret = (struct alarm){
		.what = is_first ? ALARM_ARRIVED : tells[of].what,
		.priority = tells[of].priority,
		.level = class->level,
		.count = class->count,
		.late_s = late_of(class->longest_ms),
		.has_id = with_id,
	};
	if (with_id) {
		memcpy(ret->id, class->id, sizeof(ret->id));
	}
	return true;
}

bool alarm_silent(struct alarm_silence *silence, uint32_t count, bool is_sure,
    uint64_t now_ms, struct alarm *ret)
{
	enum alarm_level level = ALARM_SHIFT;
	uint64_t silent_ms;
	unsigned due, told;

	if (!is_sure && count < silence->count) {
		return false;
	}
	if (count > silence->count) { /* it begins anew */
		silence->since_ms = now_ms;
		silence->told = 0;
	}
	silence->count = count;
	if (count == 0) {
		return false;
	}
	silent_ms = now_ms - silence->since_ms;
	due = steps_of(&plan_silent, silent_ms, &level);
	told = silence->told;
	silence->told = due;
	*ret = (struct alarm){
		.what = ALARM_SILENT,
		.level = level,
		.count = count,
		.late_s = late_of(silent_ms),
	};
	return due > told;
}

bool alarm_full(struct alarm_silence *silence, bool is_full, uint64_t now_ms,
    struct alarm *ret)
{
	if (!alarm_silent(silence, is_full ? 1 : 0, true, now_ms, ret)) {
		return false;
	}
	ret->what = ALARM_FULL;
	return true;
}
