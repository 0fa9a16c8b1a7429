/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* desk/alarm: who is told of what waits, when, and how often. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "desk/alarm.h"

#define MIN_MS (UINT64_C(60) * 1000)

static const uint8_t one[ALARM_ID_BYTES] = { 1 };
static const uint8_t two[ALARM_ID_BYTES] = { 2 };

static void each_priority_has_its_steps(void **state)
{
	static const struct {
		unsigned priority, min, steps;
		enum alarm_level level;
	} rows[] = {
		{ 1, 0, 1, ALARM_NOTICE },
		{ 1, 1, 1, ALARM_NOTICE },
		{ 1, 2, 2, ALARM_SHIFT },
		{ 1, 5, 3, ALARM_SUPERVISOR },
		{ 1, 9, 3, ALARM_SUPERVISOR },
		{ 1, 10, 4, ALARM_PHONE_TREE },
		{ 1, 19, 4, ALARM_PHONE_TREE },
		{ 1, 20, 5, ALARM_PHONE_TREE },
		{ 1, 110, 14, ALARM_PHONE_TREE },
		{ 2, 14, 0, ALARM_NOTICE },
		{ 2, 15, 1, ALARM_SHIFT },
		{ 2, 60, 2, ALARM_SUPERVISOR },
		{ 2, 119, 2, ALARM_SUPERVISOR },
		{ 2, 120, 3, ALARM_SUPERVISOR },
		{ 3, 10000, 0, ALARM_NOTICE },
		{ 4, 10000, 0, ALARM_NOTICE },
		/* nobody could open it, first after 2 minutes */
		{ 0, 1, 0, ALARM_NOTICE },
		{ 0, 2, 1, ALARM_SHIFT },
		{ 0, 5, 2, ALARM_SUPERVISOR },
		{ 0, 10, 3, ALARM_PHONE_TREE },
		{ 0, 20, 4, ALARM_PHONE_TREE },
		/* after its day; then once a day */
		{ ALARM_OF_UNSEEN, 0, 1, ALARM_SHIFT },
		{ ALARM_OF_UNSEEN, 239, 1, ALARM_SHIFT },
		{ ALARM_OF_UNSEEN, 240, 2, ALARM_SUPERVISOR },
		{ ALARM_OF_UNSEEN, 1679, 2, ALARM_SUPERVISOR },
		{ ALARM_OF_UNSEEN, 1680, 3, ALARM_SUPERVISOR },
		/* a supervisor is asked */
		{ ALARM_OF_ASKED_1, 0, 1, ALARM_SUPERVISOR },
		{ ALARM_OF_ASKED_1, 4, 1, ALARM_SUPERVISOR },
		{ ALARM_OF_ASKED_1, 5, 2, ALARM_PHONE_TREE },
		{ ALARM_OF_ASKED_1, 15, 3, ALARM_PHONE_TREE },
		{ ALARM_OF_ASKED, 0, 1, ALARM_SUPERVISOR },
		{ ALARM_OF_ASKED, 59, 1, ALARM_SUPERVISOR },
		{ ALARM_OF_ASKED, 60, 2, ALARM_SUPERVISOR },
		{ ALARM_CLASSES, 10000, 0, ALARM_NOTICE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum alarm_level level = ALARM_NOTICE;

		assert_int_equal(alarm_steps(rows[i].priority,
				     rows[i].min * MIN_MS, 2 * MIN_MS, &level),
		    rows[i].steps);
		assert_int_equal(level, rows[i].level);
	}
}

static void what_nobody_may_open_makes_no_alarm_if_it_is_off(void **state)
{
	enum alarm_level level = ALARM_NOTICE;

	(void)state;
	assert_int_equal(alarm_steps(0, 1000 * MIN_MS, 0, &level), 0);
}

static void a_step_is_told_once_and_all_of_a_priority_together(void **state)
{
	unsigned told_one = 0, told_two = 0;
	struct alarm_round round = { 0 };
	struct alarm alarm = { 0 };

	(void)state;
	alarm_round_add(&round, 1, one, 0, &told_one);
	assert_true(alarm_round_get(&round, 1, false, &alarm));
	assert_int_equal(alarm.what, ALARM_ARRIVED);
	assert_int_equal(alarm.level, ALARM_NOTICE);
	assert_int_equal(alarm.count, 1);
	assert_false(alarm.has_id);
	assert_false(alarm_round_get(&round, 2, false, &alarm));

	round = (struct alarm_round){ 0 };
	alarm_round_add(&round, 1, one, MIN_MS, &told_one);
	assert_false(alarm_round_get(&round, 1, false, &alarm));

	/* the first is late, a second has just come: one alarm, the louder */
	round = (struct alarm_round){ 0 };
	alarm_round_add(&round, 1, two, 0, &told_two);
	alarm_round_add(&round, 1, one, 2 * MIN_MS, &told_one);
	assert_true(alarm_round_get(&round, 1, true, &alarm));
	assert_int_equal(alarm.what, ALARM_LATE);
	assert_int_equal(alarm.level, ALARM_SHIFT);
	assert_int_equal(alarm.count, 2);
	assert_int_equal(alarm.late_s, 120);
	assert_true(alarm.has_id);
	assert_memory_equal(alarm.id, one, sizeof(one));
}

static void quarantine_is_told_of_together_and_without_a_priority(void **state)
{
	unsigned told_one = 0, told_two = 0;
	struct alarm_round round = { 0 };
	struct alarm alarm = { 0 };

	(void)state;
	alarm_round_add(&round, ALARM_OF_UNSEEN, one, MIN_MS, &told_one);
	alarm_round_add(&round, ALARM_OF_UNSEEN, two, 0, &told_two);
	alarm_round_add(&round, 3, two, 0, &told_two);
	assert_false(alarm_round_get(&round, 3, false, &alarm));
	assert_true(alarm_round_get(&round, ALARM_OF_UNSEEN, false, &alarm));
	assert_int_equal(alarm.what, ALARM_UNSEEN);
	assert_int_equal(alarm.priority, 0);
	assert_int_equal(alarm.level, ALARM_SHIFT);
	assert_int_equal(alarm.count, 2);
	assert_int_equal(alarm.late_s, 60);
}

static void a_supervisor_who_hears_it_has_some_time_first(void **state)
{
	unsigned told_one = 0, told_two = 0;
	struct alarm_round round = { 0 };
	struct alarm alarm = { 0 };

	(void)state;
	assert_int_equal(alarm_heard_ms(ALARM_OF_ASKED_1), 5 * MIN_MS);
	assert_int_equal(alarm_heard_ms(ALARM_OF_ASKED), 60 * MIN_MS);
	alarm_round_add(&round, ALARM_OF_ASKED_1, one, 0, &told_one);
	alarm_round_add(&round, ALARM_OF_ASKED, two, 0, &told_two);
	assert_true(alarm_round_get(&round, ALARM_OF_ASKED_1, true, &alarm));
	assert_int_equal(alarm.what, ALARM_ASKED);
	assert_int_equal(alarm.priority, 1);
	assert_int_equal(alarm.level, ALARM_SUPERVISOR);
	assert_memory_equal(alarm.id, one, sizeof(one));
	assert_true(alarm_round_get(&round, ALARM_OF_ASKED, false, &alarm));
	assert_int_equal(alarm.what, ALARM_ASKED);
	assert_int_equal(alarm.priority, 0);
}

/* After a start, or a long night of the other desk: the step that is due, once.
 */
static void what_was_missed_is_told_once(void **state)
{
	struct alarm_round round = { 0 };
	struct alarm alarm = { 0 };
	unsigned told = 0;

	(void)state;
	alarm_round_add(&round, 1, one, 35 * MIN_MS, &told);
	assert_true(alarm_round_get(&round, 1, false, &alarm));
	assert_int_equal(alarm.level, ALARM_PHONE_TREE);
	assert_int_equal(told, 6);
	round = (struct alarm_round){ 0 };
	alarm_round_add(&round, 1, one, 39 * MIN_MS, &told);
	assert_false(alarm_round_get(&round, 1, false, &alarm));
	round = (struct alarm_round){ 0 };
	alarm_round_add(&round, 1, one, 40 * MIN_MS, &told);
	assert_true(alarm_round_get(&round, 1, false, &alarm));
}

static void every_word_is_there(void **state)
{
	(void)state;
	for (unsigned i = 1; i <= ALARM_WHAT_MAX; i++) {
		assert_true(alarm_what_word(i)[0] != '\0');
	}
	for (unsigned i = 1; i <= ALARM_LEVEL_MAX; i++) {
		assert_true(alarm_level_word(i)[0] != '\0');
	}
}

static void silent_channels_are_told_at_once_and_each_hour(void **state)
{
	static const struct {
		unsigned min;
		bool due;
		enum alarm_level level;
	} rows[] = {
		{ 0, true, ALARM_SHIFT },
		{ 1, false, ALARM_SHIFT },
		{ 59, false, ALARM_SHIFT },
		{ 60, true, ALARM_SUPERVISOR },
		{ 119, false, ALARM_SUPERVISOR },
		{ 120, true, ALARM_SUPERVISOR },
	};
	struct alarm_silence silence = { 0 };
	struct alarm alarm;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(alarm_silent(&silence, 2, true,
				     (7 + rows[i].min) * MIN_MS, &alarm),
		    rows[i].due);
		assert_int_equal(alarm.what, ALARM_SILENT);
		assert_int_equal(alarm.level, rows[i].level);
		assert_int_equal(alarm.count, 2);
		assert_int_equal(alarm.priority, 0);
		assert_int_equal(alarm.late_s, rows[i].min * 60);
		assert_false(alarm.has_id);
	}
	assert_string_equal(alarm_what_word(ALARM_SILENT), "silent");
}

static void a_full_disk_is_told_at_once_and_again_until_it_is_not(void **state)
{
	struct alarm_silence full = { 0 };
	struct alarm alarm;

	(void)state;
	assert_false(alarm_full(&full, false, 1, &alarm));
	assert_true(alarm_full(&full, true, 2, &alarm));
	assert_int_equal(alarm.what, ALARM_FULL);
	assert_int_equal(alarm.level, ALARM_SHIFT);
	assert_int_equal(alarm.priority, 0);
	assert_false(alarm_full(&full, true, 3, &alarm));
	assert_true(alarm_full(&full, true, 2 + 60 * MIN_MS, &alarm));
	assert_int_equal(alarm.level, ALARM_SUPERVISOR);
	assert_false(alarm_full(&full, false, 61 * MIN_MS, &alarm));
	assert_true(alarm_full(&full, true, 62 * MIN_MS, &alarm));
	assert_int_equal(alarm.level, ALARM_SHIFT);
	assert_string_equal(alarm_what_word(ALARM_FULL), "full");
}

static void a_further_silent_channel_begins_anew_and_a_sealed_tip_nothing(
    void **state)
{
	struct alarm_silence silence = { 0 };
	struct alarm alarm;

	(void)state;
	assert_false(alarm_silent(&silence, 0, true, 1, &alarm));
	assert_true(alarm_silent(&silence, 1, true, 2, &alarm));
	/* nobody knows while one is sealed */
	assert_false(alarm_silent(&silence, 0, false, 3, &alarm));
	assert_false(alarm_silent(&silence, 1, true, 4, &alarm));
	/* nothing has come at all: that is known */
	assert_true(alarm_silent(&silence, 3, false, 5, &alarm));
	assert_int_equal(alarm.count, 3);
	assert_false(alarm_silent(&silence, 2, true, 6, &alarm));
	assert_true(alarm_silent(&silence, 3, true, 7, &alarm));
	/* all are heard again */
	assert_false(alarm_silent(&silence, 0, true, 8, &alarm));
	assert_int_equal(silence.count, 0);
	assert_true(alarm_silent(&silence, 1, true, 9, &alarm));
	assert_int_equal(alarm.level, ALARM_SHIFT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_priority_has_its_steps),
		cmocka_unit_test(
		    what_nobody_may_open_makes_no_alarm_if_it_is_off),
		cmocka_unit_test(
		    a_step_is_told_once_and_all_of_a_priority_together),
		cmocka_unit_test(
		    quarantine_is_told_of_together_and_without_a_priority),
		cmocka_unit_test(a_supervisor_who_hears_it_has_some_time_first),
		cmocka_unit_test(what_was_missed_is_told_once),
		cmocka_unit_test(every_word_is_there),
		cmocka_unit_test(
		    silent_channels_are_told_at_once_and_each_hour),
		cmocka_unit_test(
		    a_further_silent_channel_begins_anew_and_a_sealed_tip_nothing),
		cmocka_unit_test(
		    a_full_disk_is_told_at_once_and_again_until_it_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
