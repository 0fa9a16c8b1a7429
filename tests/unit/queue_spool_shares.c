/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/spool: no channel takes the room of the others, and texts leave before
 * pieces of files.
 */
#include "queue/spool.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/lib/spool_world.h"

#define SPOOL_TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

static enum tl_err put_from(
    struct spool_world *w, uint32_t n, enum spool_channel channel)
{
	uint8_t id[SPOOL_ID_BYTES];
	uint8_t body[WORLD_BODY_BYTES] = { 0 };
	const struct spool_record record = {
		.id = id,
		.channel = channel,
		.sealed = bytes_of(body, sizeof(body)),
	};
	bool known;
	enum tl_err err;
	enum tl_err end;

	world_record(n, id, body);
	err = spool_put(w->spool, &record, 1, WORLD_DAY, &known);
	end = spool_commit(w->spool);
	return end != TL_OK ? end : err;
}

/* Open again with these limits. */
static void limit(struct spool_world *w, uint64_t max_records)
{
	w->opts.shares[SPOOL_WEB] = 50;
	w->opts.shares[SPOOL_SMS] = 75;
	w->opts.max_records = max_records;
	world_reopen(w);
}

static void a_flood_of_one_channel_leaves_room_for_the_others(void **state)
{
	struct spool_world *w = *state;
	struct spool_stats stats;
	uint32_t n = 0;

	limit(w, 40);
	while (put_from(w, n, SPOOL_WEB) == TL_OK) {
		n++;
	}
	assert_int_equal(n, 20);
	for (uint32_t i = 0; i < 100; i++) {
		assert_int_equal(put_from(w, 500 + i, SPOOL_WEB), TL_EFULL);
	}
	for (uint32_t i = 0; i < 30; i++) {
		assert_int_equal(put_from(w, 100 + i, SPOOL_SMS), TL_OK);
	}
	assert_int_equal(put_from(w, 130, SPOOL_SMS), TL_EFULL);
	/* a channel without a limit of its own */
	assert_int_equal(put_from(w, 140, SPOOL_DESK), TL_OK);
	spool_stats(w->spool, &stats);
	assert_int_equal(stats.channels[SPOOL_WEB].records, 20);
	assert_int_equal(stats.channels[SPOOL_WEB].bytes, 20 * 8192);
	assert_int_equal(stats.refused[SPOOL_WEB], 101);
	assert_int_equal(stats.refused[SPOOL_SMS], 1);
	assert_int_equal(stats.channels[SPOOL_DESK].records, 1);
	/* what was not refused is there, and one receipt makes room for one */
	assert_true(world_has(w, 19));
	assert_int_equal(world_forget(w, 3), TL_OK);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	assert_int_equal(put_from(w, 900, SPOOL_WEB), TL_OK);
	assert_int_equal(put_from(w, 901, SPOOL_WEB), TL_EFULL);
	/* and all of it after a start */
	world_reopen(w);
	assert_int_equal(put_from(w, 902, SPOOL_WEB), TL_EFULL);
	spool_stats(w->spool, &stats);
	assert_int_equal(stats.channels[SPOOL_WEB].records, 20);
	assert_int_equal(stats.channels[SPOOL_SMS].records, 30);
}

/* Pieces of files have a share of their own; but a text that brings some along
 * is judged by its own channel. */
static void files_leave_room_for_texts(void **state)
{
	struct spool_world *w = *state;
	struct spool_stats stats;
	uint8_t ids[2][SPOOL_ID_BYTES];
	uint8_t bodies[2][WORLD_BODY_BYTES];
	struct spool_record both[2];
	bool known;
	uint32_t n = 0;

	w->opts.shares[SPOOL_FILES] = 25;
	limit(w, 40);
	while (put_from(w, n, SPOOL_FILES) == TL_OK) {
		n++;
	}
	assert_int_equal(n, 10);
	for (uint32_t i = 0; i < 20; i++) {
		assert_int_equal(put_from(w, 100 + i, SPOOL_WEB), TL_OK);
	}
	for (uint32_t i = 0; i < 2; i++) {
		world_record(200 + i, ids[i], bodies[i]);
		both[i] = (struct spool_record){
			.id = ids[i],
			.channel = i == 0 ? SPOOL_FILES : SPOOL_SMS,
			.sealed = bytes_of(bodies[i], WORLD_BODY_BYTES),
		};
	}
	assert_int_equal(
	    spool_put(w->spool, both, 1, WORLD_DAY, &known), TL_EFULL);
	assert_int_equal(
	    spool_put(w->spool, both, 2, WORLD_DAY, &known), TL_OK);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	spool_stats(w->spool, &stats);
	assert_int_equal(stats.channels[SPOOL_FILES].records, 11);
	assert_int_equal(stats.channels[SPOOL_SMS].records, 1);
	assert_int_equal(stats.refused[SPOOL_FILES], 2);
	/* none of them is ever urgent */
	both[0].urgent = true;
	assert_int_equal(
	    spool_put(w->spool, both, 1, WORLD_DAY, &known), TL_EINVAL);
}

static void texts_are_lent_before_pieces_and_urgent_ones_before_all(
    void **state)
{
	struct spool_world *w = *state;
	struct spool_seen seen = { .n = 0 };
	size_t n = 0;

	for (uint32_t i = 0; i < 30; i++) {
		assert_int_equal(put_from(w, i, SPOOL_FILES), TL_OK);
	}
	for (uint32_t i = 30; i < 40; i++) {
		assert_int_equal(put_from(w, i, SPOOL_SMS), TL_OK);
	}
	world_keep(w, 40, 5, true);
	world_reopen(w); /* what is which is known from the file */
	assert_int_equal(spool_waiting(w->spool, RANK_URGENT), 5);
	assert_int_equal(spool_waiting(w->spool, RANK_TEXT), 15);
	assert_int_equal(spool_waiting(w->spool, RANK_PIECE), 45);
	/* no further than was asked for */
	assert_int_equal(spool_take(w->spool, RANK_URGENT, 64, SIZE_MAX,
			     world_see, &seen, &n),
	    TL_OK);
	assert_int_equal(n, 5);
	assert_int_equal(spool_waiting(w->spool, RANK_URGENT), 0);
	spool_unlend_all(w->spool);
	assert_int_equal(world_take(w, 25, &seen), 25);
	for (size_t i = 0; i < 25; i++) {
		assert_in_range(seen.numbers[i],
		    i < 5        ? 40
			: i < 15 ? 30
				 : 0,
		    i < 5        ? 44
			: i < 15 ? 39
				 : 29);
	}
	/* a text that comes later goes before the pieces that are left */
	world_keep(w, 50, 1, false);
	assert_int_equal(world_take(w, 1, &seen), 1);
	assert_int_equal(seen.numbers[0], 50);
	assert_int_equal(
	    spool_take(w->spool, RANK_TEXT, 64, SIZE_MAX, world_see, &seen, &n),
	    TL_OK);
	assert_int_equal(n, 0);
	/* the counts survive what is forgotten, lent or not */
	assert_int_equal(world_take(w, 64, &seen), 20);
	for (uint32_t i = 0; i < 45; i++) {
		assert_int_equal(world_forget(w, i), TL_OK);
	}
	assert_int_equal(spool_commit(w->spool), TL_OK);
	assert_int_equal(spool_waiting(w->spool, RANK_PIECE), 0);
	spool_unlend_all(w->spool);
	assert_int_equal(spool_waiting(w->spool, RANK_PIECE), 1);
}

static void the_share_counts_bytes_of_the_room_too(void **state)
{
	struct spool_world *w = *state;
	struct spool_quota quota = { .shares = { 50, 75 } };
	struct spool_use more[SPOOL_CHANNELS] = { { 1, 8192 } };

	(void)w;
	quota.kept[SPOOL_WEB].bytes = 40 * 8192;
	quota.kept[SPOOL_WEB].records = 40;
	/* 80 places in all: 40 are taken, half of all is 40 */
	assert_false(spool_quota_fits(&quota, more, 40 * 8192));
	assert_true(spool_quota_fits(&quota, more, 42 * 8192));
	assert_int_equal(quota.refused[SPOOL_WEB], 1);
	/* the open group counts */
	spool_quota_add(&quota, SPOOL_WEB, 8192);
	assert_false(spool_quota_fits(&quota, more, 42 * 8192));
	spool_quota_settle(&quota, false);
	assert_true(spool_quota_fits(&quota, more, 42 * 8192));
	assert_int_equal(spool_quota_bytes(1), 4096);
	assert_int_equal(spool_quota_bytes(3584), 4096);
	assert_int_equal(spool_quota_bytes(3585), 8192);
	/* room that no file system has must not wrap around */
	assert_true(spool_quota_fits(&quota, more, UINT64_MAX - 50 * 8192));
}

/* A group that is dropped, and one that puts and forgets the same record. */
static void what_a_group_undoes_is_not_counted(void **state)
{
	struct spool_world *w = *state;
	struct spool_stats stats;
	bool known;

	limit(w, 1000);
	assert_int_equal(world_put(w, 1, false, NULL, &known), TL_OK);
	assert_int_equal(world_forget(w, 1), TL_OK);
	assert_int_equal(world_put(w, 2, false, NULL, &known), TL_OK);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	spool_stats(w->spool, &stats);
	assert_int_equal(stats.channels[SPOOL_WEB].records, 1);
	assert_int_equal(stats.records, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SPOOL_TEST(files_leave_room_for_texts),
		SPOOL_TEST(
		    texts_are_lent_before_pieces_and_urgent_ones_before_all),
		SPOOL_TEST(a_flood_of_one_channel_leaves_room_for_the_others),
		SPOOL_TEST(the_share_counts_bytes_of_the_room_too),
		SPOOL_TEST(what_a_group_undoes_is_not_counted),
	};

	return cmocka_run_group_tests_name(
	    "queue/spool shares", tests, NULL, NULL);
}
