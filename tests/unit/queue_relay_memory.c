/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/relay without memory: it is asked for once, at the start, and who does
 * not get all of it gets nothing.
 */
#include "queue/relay.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/lib/disk/bad_calls.h"
#include "tests/lib/relay_rig.h"

static void each_allocation_that_fails_ends_the_start_whole(void **state)
{
	struct relay_rig *rig = *state;
	unsigned points = 0;
	enum tl_err err;

	do {
		struct relay *relay = NULL;

		bad_calls_fail(BAD_CALLOC, ++points, 0);
		err = relay_new(&rig->opts, rig->now_ms, &relay);
		assert_int_equal(err, bad_calls_end() > 0 ? TL_ENOMEM : TL_OK);
		assert_int_equal(relay != NULL, err == TL_OK);
		relay_free(relay);
	} while (err != TL_OK);
	/* itself, records, slots, a heap for each rank, spare numbers */
	assert_int_equal(points - 1, 4 + RANKS);
}

static void once_it_has_begun_it_needs_no_more(void **state)
{
	struct relay_rig *rig = *state;

	bad_calls_fail(BAD_CALLOC, 0, 0);
	relay_rig_begin(rig);
	relay_rig_waiting(rig);
	for (unsigned i = 0; i < 500; i++) {
		relay_rig_lend_one(rig, i, i % 2 == 0);
		relay_rig_added(rig, i % 2 == 0 ? 1 : 0);
		relay_rig_receipt(rig, i);
	}
	(void)bad_calls_end();
	assert_int_equal(bad_calls.calls, 0);
	assert_int_equal(relay_rig_counts(rig).in_hand, 500);
}

#define RIG(test) \
	cmocka_unit_test_setup_teardown( \
	    test, relay_rig_set_up, relay_rig_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG(each_allocation_that_fails_ends_the_start_whole),
		RIG(once_it_has_begun_it_needs_no_more),
	};

	return cmocka_run_group_tests_name(
	    "queue/relay_memory", tests, NULL, NULL);
}
