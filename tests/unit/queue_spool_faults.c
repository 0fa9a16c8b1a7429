/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/spool on a disk that fails at the n-th call, or has no room.
 *
 * Promised = found: at every point, what spool_commit() had answered with
 * TL_OK is there afterwards, with its bytes.
 */
#include "queue/spool.h"

#include <setjmp.h>
#include <stdarg.h>

#include <errno.h>

#include <cmocka.h>

#include "tests/lib/disk/bad_disk.h"

#define POINTS_MAX 4000u

/* ---- errors -------------------------------------------------------------- */

static void fail_each_call(struct spool_world *w, int error)
{
	unsigned points = 0;
	unsigned promised = 0;
	unsigned quiet = 0;
	enum tl_err err;

	do {
		bool known;

		disk_start_over(w);
		disk.fail_at = ++points;
		disk.error = error;
		disk.on = true;
		err = disk_load(w, false);
		if (w->spool != NULL && err != TL_OK && err != TL_EFULL) {
			/* the first error sticks */
			assert_int_equal(
			    world_put(w, 0, false, NULL, &known), err);
			assert_int_equal(spool_commit(w->spool), err);
			assert_int_equal(spool_finish(w->spool), err);
		}
		disk.on = false;
		quiet += err == TL_OK && disk.failed > 0 ? 1 : 0;
		/* a failure without a trace has to be a known one */
		assert_true(err != TL_OK || disk.failed == 0 ||
		    disk.failed_quietly || error == ENOSPC);
		for (uint32_t n = 0; n < DISK_RECORDS; n++) {
			promised += disk_acked[n] == ACK_PUT ? 1 : 0;
		}
		world_reopen(w);
		assert_int_equal(disk_count_lost(w, disk_acked), 0);
	} while (disk.failed > 0);
	print_message("errno %d: %u points, %u promised, 0 lost, %u quiet\n",
	    error, points - 1, promised, quiet);
	assert_in_range(points, 50, POINTS_MAX);
	assert_true(promised > 300);
}

static void no_error_of_the_disk_is_taken_for_success(void **state)
{
	fail_each_call(*state, EIO);
}

static void a_full_disk_at_any_call_loses_nothing(void **state)
{
	fail_each_call(*state, ENOSPC);
}

static void a_quota_at_any_call_loses_nothing(void **state)
{
	fail_each_call(*state, EDQUOT);
}

/* ---- no room for the log in the file ------------------------------------- */

/* Fill the log until it would have to be moved, which cannot be. */
static uint32_t get_stuck(struct spool_world *w)
{
	uint32_t n = 0;

	disk_start_over(w);
	assert_int_equal(world_open(w), TL_OK);
	disk.file_full = true;
	while (spool_room(w->spool) != SPOOL_ROOM_FULL) {
		enum tl_err err = disk_put_group(w, n, 2, false);

		assert_true(err == TL_OK || err == TL_EFULL);
		n += err == TL_OK ? 2 : 0;
		assert_true(n < DISK_RECORDS);
	}
	assert_true(n > 2);
	return n;
}

static void a_log_that_finds_no_room_waits_and_goes_on_by_itself(void **state)
{
	struct spool_world *w = *state;
	uint32_t n = get_stuck(w);

	/* records are refused, however often; receipts are worked off */
	assert_int_equal(disk_put_group(w, n, 2, false), TL_EFULL);
	assert_int_equal(spool_idle(w->spool), TL_OK);
	assert_int_equal(spool_pause(w->spool), TL_OK);
	assert_int_equal(spool_try_again(w->spool), TL_OK);
	assert_int_equal(spool_room(w->spool), SPOOL_ROOM_FULL);
	assert_int_equal(disk_forget_one(w, 0), TL_OK);
	assert_false(world_has(w, 0));
	assert_true(world_has(w, 1));
	/* room comes back */
	disk.file_full = false;
	assert_int_equal(disk_put_group(w, n, 2, false), TL_EFULL);
	assert_int_equal(spool_try_again(w->spool), TL_OK);
	assert_int_equal(spool_room(w->spool), SPOOL_ROOM_OK);
	assert_int_equal(world_file_bytes(w, "spool.db-wal"), 0);
	assert_int_equal(disk_put_group(w, n, 2, false), TL_OK);
	world_reopen(w);
	assert_int_equal(disk_count_lost(w, disk_acked), 0);
}

static void an_end_without_room_keeps_the_log_for_the_next_start(void **state)
{
	struct spool_world *w = *state;

	(void)get_stuck(w);
	assert_int_equal(spool_finish(w->spool), TL_EFULL);
	spool_close(w->spool);
	w->spool = NULL;
	/* a start needs the log in the file: not yet */
	assert_int_equal(world_open(w), TL_EFULL);
	disk.file_full = false;
	assert_int_equal(world_open(w), TL_OK);
	assert_int_equal(disk_count_lost(w, disk_acked), 0);
}

#define SPOOL_TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SPOOL_TEST(no_error_of_the_disk_is_taken_for_success),
		SPOOL_TEST(a_full_disk_at_any_call_loses_nothing),
		SPOOL_TEST(a_quota_at_any_call_loses_nothing),
		SPOOL_TEST(
		    a_log_that_finds_no_room_waits_and_goes_on_by_itself),
		SPOOL_TEST(
		    an_end_without_room_keeps_the_log_for_the_next_start),
	};

	return cmocka_run_group_tests_name(
	    "queue/spool faults", tests, NULL, NULL);
}
