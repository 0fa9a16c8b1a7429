/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* desk/web_ring: which P1 nobody has, whatever has happened to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "desk/alarm.h"
#include "desk/api.h"
#include "desk/due.h"

#define MIN_MS  UINT64_C(60000)
#define NOON_MS UINT64_C(1795348800000) /* 2026-11-22T12:00:00Z */

static struct web web;

static int set_up(void **state)
{
	(void)state;
	web = (struct web){ .tips = tips_new((size_t)1 << 20) };
	assert_non_null(web.tips);
	assert_int_equal(listeners_new(&web.listeners), TL_OK);
	web.state = (struct store_state){ .redis = true, .redis_ms = NOON_MS };
	web.state_ms = clock_mono_ms();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	listeners_free(web.listeners);
	tips_free(web.tips);
	return 0;
}

static struct tip *add(uint8_t n, uint8_t m)
{
	const struct store_item item = {
		.number = 256u * m + n, .kind = LEDGER_TIP, .id = { n, m }
	};

	assert_int_equal(tips_add(web.tips, &item), TL_OK);
	return tips_find(web.tips, item.id);
}

static size_t ringing(void)
{
	web_ring(&web);
	return web.ringing[0].n;
}

static void a_p1_rings_while_nobody_has_it(void **state)
{
	struct tip *tip = add(1, 0);
	struct case_now *now = &tip->now;

	(void)state;
	assert_int_equal(ringing(), 0); /* nobody knows what it is */
	*now =
	    (struct case_now){ .version = 2, .state = CASE_NEW, .priority = 1 };
	assert_int_equal(ringing(), 1);
	assert_memory_equal(web.ringing[0].ids[0], tip->id, TIP_ID_BYTES);
	now->state = CASE_CLAIMED;
	(void)snprintf(now->owner, sizeof(now->owner), "sok");
	now->until_ms = NOON_MS + CASE_LEASE_MS;
	assert_int_equal(ringing(), 0);
	/* it was given back, or Redis does not let the claim be ended */
	now->until_ms = NOON_MS - 1000;
	assert_int_equal(ringing(), 1);
	now->state = CASE_NEW;
	now->owner[0] = '\0';
	assert_int_equal(ringing(), 1);
	now->state = CASE_TRIAGE; /* somebody has read it */
	assert_int_equal(ringing(), 0);
	now->state = CASE_QUARANTINE;
	assert_int_equal(ringing(), 0);
}

static void a_clock_ahead_holds_up_nothing(void **state)
{
	struct tip *tip = add(1, 0);

	(void)state;
	tip->now = (struct case_now){ .version = 2,
		.state = CASE_NEW,
		.priority = 2,
		.made_ms = NOON_MS - 20 * MIN_MS };
	tip->received_s = (int64_t)(NOON_MS / 1000) + 365 * 86400;
	assert_int_equal(tip_arrived_ms(tip), NOON_MS - 20 * MIN_MS);
	assert_true(web_is_p2_late(tip, NOON_MS));
	assert_int_equal(ringing(), 1);
	/* the case is made a moment before its minute is over, or later */
	tip->received_s = (int64_t)(NOON_MS / 1000) - 20 * 60 + 59;
	assert_int_equal(tip_arrived_ms(tip), NOON_MS - 19 * MIN_MS - 1000);
	tip->received_s -= 3600;
	assert_int_equal(tip_arrived_ms(tip), NOON_MS - 79 * MIN_MS - 1000);
}

static void what_is_raised_rings_and_what_another_tip_shows_does_not(
    void **state)
{
	struct tip *tip = add(1, 0), *of = add(2, 0);

	(void)state;
	tip->now =
	    (struct case_now){ .version = 2, .state = CASE_NEW, .priority = 3 };
	assert_int_equal(ringing(), 0);
	tip->now.version = 3;
	tip->now.priority = 1;
	assert_int_equal(ringing(), 1);
	tip->of = of;
	tip->way = TIP_AGAIN;
	tip->now = (struct case_now){ .version = 0 };
	tip->state = TIP_OPEN;
	tip->is_signed = tip->is_said = true;
	tip->said_priority = 1;
	assert_int_equal(ringing(), 0);
	tip->of = NULL;
	tip->way = TIP_ALONE;
	assert_int_equal(ringing(), 1);
	tip->is_said = false; /* it may belong to another */
	assert_int_equal(ringing(), 0);
	tip->is_said = true;
	tip->is_signed = false; /* somebody made it up */
	assert_int_equal(ringing(), 0);
}

static void what_comes_for_one_that_nobody_has_by_now_rings(void **state)
{
	struct tip *tip = add(1, 0);

	(void)state;
	tip->now = (struct case_now){
		.version = 5, .state = CASE_TRIAGE, .priority = 1
	};
	assert_int_equal(ringing(), 0);
	tip->called_ms = NOON_MS;
	assert_int_equal(ringing(), 1);
	(void)snprintf(tip->now.owner, sizeof(tip->now.owner), "sok");
	tip->now.until_ms = NOON_MS + CASE_LEASE_MS;
	assert_int_equal(ringing(), 0);
	tip->now.until_ms = NOON_MS - 1000;
	assert_int_equal(ringing(), 1);
	tip->now.state = CASE_CLOSED;
	assert_int_equal(ringing(), 0);
}

static void quarantine_rings_when_its_day_is_over_and_is_no_p1(void **state)
{
	struct tip *tip = add(1, 0);

	(void)state;
	tip->now = (struct case_now){ .version = 3,
		.state = CASE_QUARANTINE,
		.priority = 4,
		.made_ms = NOON_MS };
	tip->unseen_ms = NOON_MS - 60000;
	assert_int_equal(ringing(), 0);
	assert_int_equal(web.ringing[0].unseen, 0);
	tip->unseen_ms = NOON_MS - UINT64_C(86400000) - 1000;
	assert_int_equal(ringing(), 0);
	assert_int_equal(web.ringing[0].unseen, 1);
	tip->unseen_ms = DUE_SEEN;
	assert_int_equal(ringing(), 0);
	assert_int_equal(web.ringing[0].unseen, 0);
	/* nothing is known of it but when it was made: it was not seen */
	tip->unseen_ms = 0;
	tip->now.made_ms = NOON_MS - UINT64_C(86400000) - 1000;
	assert_int_equal(ringing(), 0);
	assert_int_equal(web.ringing[0].unseen, 1);
	/* what came later says that it is one */
	tip->now.state = CASE_NEW;
	tip->now.priority = 1;
	assert_int_equal(ringing(), 1);
	assert_int_equal(web.ringing[0].unseen, 0);
}

/* Of who is supervisor. */
static size_t ringing_there(void)
{
	web_ring(&web);
	return web.ringing[1].n;
}

static void
a_p2_rings_after_a_quarter_of_an_hour_and_is_a_supervisors_after_one(
    void **state)
{
	struct tip *tip = add(1, 0);
	struct case_now *now = &tip->now;

	(void)state;
	*now = (struct case_now){ .version = 2,
		.state = CASE_NEW,
		.priority = 2,
		.made_ms = NOON_MS - 14 * MIN_MS };
	assert_int_equal(ringing(), 0);
	now->made_ms = NOON_MS - 16 * MIN_MS;
	assert_int_equal(ringing(), 1);
	assert_int_equal(web.ringing[0].p2, 1);
	assert_int_equal(web.ringing[0].p1, 0);
	/* claimed, and not opened: nobody is waited for but the supervisor */
	now->state = CASE_CLAIMED;
	(void)snprintf(now->owner, sizeof(now->owner), "sok");
	now->until_ms = NOON_MS + CASE_LEASE_MS;
	assert_int_equal(ringing(), 0);
	assert_int_equal(ringing_there(), 0);
	now->made_ms = NOON_MS - 61 * MIN_MS;
	assert_int_equal(ringing(), 0);
	assert_int_equal(ringing_there(), 1);
	now->state = CASE_TRIAGE; /* opened */
	assert_int_equal(ringing_there(), 0);
	now->state = CASE_NEW;
	now->owner[0] = '\0';
	now->priority = 3;
	assert_int_equal(ringing_there(), 0);
}

static void who_is_supervisor_hears_what_is_asked_till_one_has_it(void **state)
{
	struct tip *tip = add(1, 0);
	struct case_now *now = &tip->now;

	(void)state;
	*now = (struct case_now){ .version = 6,
		.state = CASE_ESCALATED,
		.priority = 3,
		.owner = "sok",
		.until_ms = NOON_MS + CASE_LEASE_MS };
	assert_int_equal(ringing(), 0);
	assert_int_equal(web.ringing[0].asked, 1); /* in words alone */
	assert_int_equal(ringing_there(), 1);
	assert_memory_equal(web.ringing[1].ids[0], tip->id, TIP_ID_BYTES);
	now->flags = CASE_SUPERVISED;
	assert_int_equal(ringing_there(), 0);
	assert_int_equal(web.ringing[0].asked, 0);
	now->until_ms = NOON_MS - 1000; /* and went away with it */
	assert_int_equal(ringing_there(), 1);
	now->state = CASE_TRIAGE;
	assert_int_equal(ringing_there(), 0);
	/* a P1 of which a reporter writes meanwhile is one thing, not two */
	now->state = CASE_ESCALATED;
	now->priority = 1;
	tip->called_ms = NOON_MS;
	assert_int_equal(ringing_there(), 1);
	assert_int_equal(web.ringing[1].p1, 1);
	assert_int_equal(web.ringing[1].asked, 1);
}

static void how_late_a_p1_is_by_now_is_told_and_they_stand_before_all(
    void **state)
{
	static const struct {
		unsigned min;
		enum alarm_level level;
	} rows[] = { { 0, ALARM_NOTICE }, { 3, ALARM_SHIFT },
		{ 6, ALARM_SUPERVISOR }, { 11, ALARM_PHONE_TREE } };
	struct tip *late = add(1, 0), *tip = add(2, 0);
	json_t *told;

	(void)state;
	late->now = (struct case_now){ .version = 2,
		.state = CASE_NEW,
		.priority = 2,
		.made_ms = NOON_MS - 20 * MIN_MS };
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		tip->now = (struct case_now){ .version = 2,
			.state = CASE_NEW,
			.priority = 1,
			.made_ms = NOON_MS - rows[i].min * MIN_MS };
		assert_int_equal(ringing(), 2);
		assert_int_equal(web.ringing[0].level, rows[i].level);
		assert_memory_equal(
		    web.ringing[0].ids[0], tip->id, TIP_ID_BYTES);
	}
	told = web_ringing(&web, false);
	assert_string_equal(
	    json_string_value(json_object_get(told, "level")), "phone-tree");
	assert_false(json_is_true(json_object_get(told, "supervisor")));
	json_decref(told);
}

static void all_are_counted_and_the_first_are_named(void **state)
{
	json_t *told;

	(void)state;
	for (uint8_t i = 0; i < 250; i++) {
		add(i, 1)->now = (struct case_now){
			.version = 2, .state = CASE_NEW, .priority = 1
		};
	}
	assert_int_equal(ringing(), 250);
	told = web_ringing(&web, false);
	assert_int_equal(json_integer_value(json_object_get(told, "n")), 250);
	assert_int_equal(
	    json_array_size(json_object_get(told, "ids")), WEB_RINGING_MAX);
	json_decref(told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_clock_ahead_holds_up_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_p1_rings_while_nobody_has_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    what_is_raised_rings_and_what_another_tip_shows_does_not,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    what_comes_for_one_that_nobody_has_by_now_rings, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    quarantine_rings_when_its_day_is_over_and_is_no_p1, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_p2_rings_after_a_quarter_of_an_hour_and_is_a_supervisors_after_one,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    who_is_supervisor_hears_what_is_asked_till_one_has_it,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    how_late_a_p1_is_by_now_is_told_and_they_stand_before_all,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    all_are_counted_and_the_first_are_named, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("desk/ring", tests, NULL, NULL);
}
