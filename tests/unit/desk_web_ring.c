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
#include "desk/api.h"
#include "desk/due.h"

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
	return web.ringing.n;
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
	assert_memory_equal(web.ringing.ids[0], tip->id, TIP_ID_BYTES);
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
	assert_int_equal(web.ringing.unseen, 0);
	tip->unseen_ms = NOON_MS - UINT64_C(86400000) - 1000;
	assert_int_equal(ringing(), 0);
	assert_int_equal(web.ringing.unseen, 1);
	tip->unseen_ms = DUE_SEEN;
	assert_int_equal(ringing(), 0);
	assert_int_equal(web.ringing.unseen, 0);
	/* nothing is known of it but when it was made: it was not seen */
	tip->unseen_ms = 0;
	tip->now.made_ms = NOON_MS - UINT64_C(86400000) - 1000;
	assert_int_equal(ringing(), 0);
	assert_int_equal(web.ringing.unseen, 1);
	/* what came later says that it is one */
	tip->now.state = CASE_NEW;
	tip->now.priority = 1;
	assert_int_equal(ringing(), 1);
	assert_int_equal(web.ringing.unseen, 0);
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
	told = web_ringing(&web);
	assert_int_equal(json_integer_value(json_object_get(told, "n")), 250);
	assert_int_equal(
	    json_array_size(json_object_get(told, "ids")), WEB_RINGING_MAX);
	json_decref(told);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
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
		    all_are_counted_and_the_first_are_named, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("desk/ring", tests, NULL, NULL);
}
