/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What officers do while nothing can be written down: nothing leaves unseen,
 * tips are read on, and the trail says afterwards that something is missing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lib/desk_calls.h"

#define ASKED_MAX 20u

static struct desk_rig rig;

static int set_up(void **state)
{
	(void)state;
	desk_calls_start(&rig);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	desk_rig_stop(&rig);
	return 0;
}

/* Asked with a full disk where it is to be written down. */
static int ask_unwritten(const char *method, const char *path, const char *body)
{
	for (unsigned n = 1; n < ASKED_MAX; n++) {
		int status;

		desk_rig_fail(&rig, DESK_STORE, n, DESK_BAD_NO, STORE_FULL);
		status = desk_rig_ask(&rig, method, path, body);
		if (!desk_rig_heal(&rig)) {
			break;
		}
		if (rig.asked_for == FRAME_STORE_KEEP) {
			return status;
		}
	}
	fail();
	return 0;
}

static bool says(const char *word)
{
	return desk_calls_says(&rig, word);
}

static void what_cannot_be_written_down_does_not_leave(void **state)
{
	static const char preview[] = DESK_CALLS_TIP "/referrals/preview";

	(void)state;
	assert_int_equal(
	    ask_unwritten("GET", DESK_CALLS_TIP "/referrals/file", NULL), 503);
	assert_true(says("\"audit\""));
	/* that the tip is read is written down once in a while */
	assert_int_equal(desk_rig_ask(&rig, "GET", DESK_CALLS_TIP, NULL), 200);
	assert_int_equal(ask_unwritten("POST", preview,
			     "{\"partner\":\"x\",\"include\":[\"sender\"]}"),
	    503);
	assert_true(says("\"audit\""));
	/* when it can be, it is looked at */
	assert_int_equal(
	    desk_rig_ask(&rig, "GET", DESK_CALLS_TIP "/referrals/file", NULL),
	    409);
	assert_int_equal(desk_rig_ask(&rig, "POST", preview,
			     "{\"partner\":\"x\",\"include\":[\"sender\"]}"),
	    400);
}

/* A life may hang on it. */
static void a_tip_is_read_and_the_gap_is_told(void **state)
{
	(void)state;
	assert_int_equal(ask_unwritten("GET", DESK_CALLS_TIP, NULL), 200);
	assert_int_equal(rig.web->audit_lost, 1);
	/* what is written next tells of it; once */
	for (int i = 0; i < 3; i++) {
		assert_int_equal(
		    desk_rig_ask(&rig, "GET", "/api/audit", NULL), 200);
	}
	assert_true(says("\"gap\""));
	assert_true(says("\"note\":\"1\""));
	assert_int_equal(rig.web->audit_gap, 0);
}

static void nobody_searches_while_the_disk_is_full(void **state)
{
	static const char search[] = "/api/queue?view=open&q=hold";
	static const char all[] = "/api/queue?view=open";

	(void)state;
	rig.web->state.room = STORE_ROOM_LOW;
	assert_int_equal(desk_rig_ask(&rig, "GET", search, NULL), 200);
	rig.web->state.room = STORE_ROOM_NONE;
	assert_int_equal(desk_rig_ask(&rig, "GET", search, NULL), 503);
	assert_true(says("\"full\""));
	assert_int_equal(desk_rig_ask(&rig, "GET", all, NULL), 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    what_cannot_be_written_down_does_not_leave, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_tip_is_read_and_the_gap_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    nobody_searches_while_the_disk_is_full, set_up, tear_down),
	};

	return cmocka_run_group_tests_name(
	    "desk/audit first", tests, NULL, NULL);
}
