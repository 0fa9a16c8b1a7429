/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/spool: what was committed is there, once, until it is forgotten.
 */
#include "queue/spool.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/spool_world.h"

#define SPOOL_TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

/* ---- in ------------------------------------------------------------------ */

static void what_was_committed_is_there_after_an_unclean_end(void **state)
{
	struct spool_world *w = *state;

	world_keep(w, 1, 100, false);
	world_reopen(w); /* without spool_finish() */
	for (uint32_t n = 1; n <= 100; n++) {
		assert_true(world_has(w, n));
	}
	assert_int_equal(spool_waiting(w->spool, RANK_PIECE), 100);
}

static void what_was_not_committed_is_gone(void **state)
{
	struct spool_world *w = *state;
	bool known;

	world_keep(w, 1, 1, false);
	assert_int_equal(world_put(w, 2, false, NULL, &known), TL_OK);
	assert_int_equal(spool_waiting(w->spool, RANK_PIECE), 1);
	world_reopen(w);
	assert_true(world_has(w, 1));
	assert_false(world_has(w, 2));
}

static void the_same_id_is_known_in_its_own_group_and_later(void **state)
{
	struct spool_world *w = *state;
	bool known = true;

	assert_int_equal(world_put(w, 1, false, NULL, &known), TL_OK);
	assert_false(known);
	assert_int_equal(world_put(w, 1, false, NULL, &known), TL_OK);
	assert_true(known);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	world_reopen(w);
	known = false;
	assert_int_equal(world_put(w, 1, false, NULL, &known), TL_OK);
	assert_true(known);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	assert_int_equal(spool_waiting(w->spool, RANK_PIECE), 1);
}

static void the_highest_number_of_a_list_is_kept(void **state)
{
	struct spool_world *w = *state;
	uint8_t id[SPOOL_LIST_ID_BYTES] = "a team.";
	uint32_t highest = 0;

	assert_int_equal(spool_see_list(w->spool, id, 3, &highest), TL_OK);
	assert_int_equal(highest, 3);
	assert_int_equal(spool_see_list(w->spool, id, 2, &highest), TL_OK);
	assert_int_equal(highest, 3);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	world_reopen(w); /* without spool_finish() */
	assert_int_equal(spool_see_list(w->spool, id, 1, &highest), TL_OK);
	assert_int_equal(highest, 3);
	for (uint8_t i = 1; i < SPOOL_LISTS_MAX; i++) {
		id[0] = i;
		assert_int_equal(
		    spool_see_list(w->spool, id, 1, &highest), TL_OK);
		assert_int_equal(highest, 1);
	}
	id[0] = 200;
	assert_int_equal(spool_see_list(w->spool, id, 1, &highest), TL_EFULL);
	id[0] = 'a';
	assert_int_equal(
	    spool_see_list(w->spool, id, 1000000000, &highest), TL_OK);
	assert_int_equal(highest, 1000000000);
	world_reopen(w); /* without a commit */
	assert_int_equal(spool_see_list(w->spool, id, 1, &highest), TL_OK);
	assert_int_equal(highest, 3);
}

static void the_same_dedup_key_keeps_the_first_record_only(void **state)
{
	static const char key[SPOOL_DEDUP_BYTES] = "gateway-message";
	struct spool_world *w = *state;
	bool known = true;

	assert_int_equal(world_put(w, 1, false, key, &known), TL_OK);
	assert_false(known);
	assert_int_equal(world_put(w, 2, false, key, &known), TL_OK);
	assert_true(known);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	assert_true(world_has(w, 1));
	assert_false(world_has(w, 2));
}

static void a_dedup_key_outlives_its_record_by_ninety_days(void **state)
{
	static const char key[SPOOL_DEDUP_BYTES] = "gateway-message";
	struct spool_world *w = *state;
	bool known = true;
	size_t n = 99;

	assert_int_equal(world_put(w, 1, false, key, &known), TL_OK);
	assert_int_equal(world_forget(w, 1), TL_OK);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	world_reopen(w);
	assert_int_equal(
	    spool_expire(w->spool, WORLD_DAY + SPOOL_DEDUP_DAYS, &n), TL_OK);
	assert_int_equal(n, 0);
	assert_int_equal(world_put(w, 2, false, key, &known), TL_OK);
	assert_true(known);
	assert_int_equal(
	    spool_expire(w->spool, WORLD_DAY + SPOOL_DEDUP_DAYS + 1, &n),
	    TL_OK);
	assert_int_equal(n, 1);
	assert_int_equal(world_put(w, 3, false, key, &known), TL_OK);
	assert_false(known);
	assert_int_equal(spool_commit(w->spool), TL_OK);
}

/* Record number with a nonce; the last byte of key tells dedup keys apart. */
static enum tl_err put_nonce(
    struct spool_world *w, uint8_t number, const char *nonce, bool *ret_known)
{
	uint8_t id[SPOOL_ID_BYTES] = { number };
	uint8_t dedup[SPOOL_DEDUP_BYTES] = { 1, number };
	const struct spool_record record = {
		.id = id,
		.dedup = dedup,
		.nonce = (const uint8_t *)nonce,
		.sealed = bytes_str("sealed"),
	};

	return spool_put(w->spool, &record, 1, WORLD_DAY, ret_known);
}

static void a_nonce_is_for_one_body_for_ever(void **state)
{
	static const char first[] = "nonce...........with this body..";
	static const char forged[] = "nonce...........with another one";
	static const char second[] = "another nonce...with this body..";
	struct spool_world *w = *state;
	bool known = true;

	assert_int_equal(sizeof(first), SPOOL_NONCE_BYTES + 1);
	assert_int_equal(put_nonce(w, 1, first, &known), TL_OK);
	assert_false(known);
	/* in the same group, and after a restart */
	assert_int_equal(put_nonce(w, 2, forged, &known), TL_EPROOF);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	world_reopen(w);
	assert_int_equal(put_nonce(w, 2, forged, &known), TL_EPROOF);
	assert_int_equal(put_nonce(w, 1, first, &known), TL_OK);
	assert_true(known);
	/* what was refused has used nothing up */
	assert_int_equal(put_nonce(w, 2, second, &known), TL_OK);
	assert_false(known);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	assert_int_equal(spool_waiting(w->spool, RANK_PIECE), 2);
}

static void a_batch_is_kept_whole_or_not_at_all(void **state)
{
	struct spool_world *w = *state;
	uint8_t ids[SPOOL_BATCH_MAX + 1][SPOOL_ID_BYTES];
	uint8_t bodies[SPOOL_BATCH_MAX + 1][WORLD_BODY_BYTES];
	struct spool_record records[SPOOL_BATCH_MAX + 1];
	bool known = true;

	for (uint32_t i = 0; i <= SPOOL_BATCH_MAX; i++) {
		world_record(i, ids[i], bodies[i]);
		records[i] = (struct spool_record){
			.id = ids[i],
			.sealed = bytes_of(bodies[i], WORLD_BODY_BYTES),
		};
	}
	records[3].sealed.len = SPOOL_RECORD_BYTES_MAX + 1;
	assert_int_equal(
	    spool_put(w->spool, records, 4, WORLD_DAY, &known), TL_ETOOBIG);
	records[3].sealed.len = 0;
	assert_int_equal(
	    spool_put(w->spool, records, 4, WORLD_DAY, &known), TL_EINVAL);
	records[3].sealed.len = WORLD_BODY_BYTES;
	assert_int_equal(spool_put(w->spool, records, SPOOL_BATCH_MAX + 1,
			     WORLD_DAY, &known),
	    TL_EINVAL);
	assert_int_equal(
	    spool_put(w->spool, records, 0, WORLD_DAY, &known), TL_EINVAL);
	assert_int_equal(
	    spool_put(w->spool, records, 1, -1, &known), TL_EINVAL);
	assert_true(known); /* untouched */
	assert_int_equal(spool_commit(w->spool), TL_OK);
	assert_int_equal(spool_waiting(w->spool, RANK_PIECE), 0);
	assert_int_equal(
	    spool_put(w->spool, records, SPOOL_BATCH_MAX, WORLD_DAY, &known),
	    TL_OK);
	assert_false(known);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	assert_int_equal(spool_waiting(w->spool, RANK_PIECE), SPOOL_BATCH_MAX);
}

static void a_batch_is_known_only_if_all_of_it_is(void **state)
{
	struct spool_world *w = *state;
	uint8_t ids[2][SPOOL_ID_BYTES];
	uint8_t bodies[2][WORLD_BODY_BYTES];
	struct spool_record records[2];
	bool known = true;

	for (uint32_t i = 0; i < 2; i++) {
		world_record(i + 1, ids[i], bodies[i]);
		records[i] = (struct spool_record){
			.id = ids[i],
			.sealed = bytes_of(bodies[i], WORLD_BODY_BYTES),
		};
	}
	world_keep(w, 1, 1, false);
	assert_int_equal(
	    spool_put(w->spool, records, 2, WORLD_DAY, &known), TL_OK);
	assert_false(known);
	assert_int_equal(
	    spool_put(w->spool, records, 2, WORLD_DAY, &known), TL_OK);
	assert_true(known);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	assert_int_equal(spool_waiting(w->spool, RANK_PIECE), 2);
}

static void a_group_has_an_end_and_is_still_good(void **state)
{
	struct spool_world *w = *state;
	bool known;

	for (uint32_t n = 0; n < SPOOL_GROUP_MAX; n++) {
		assert_int_equal(world_put(w, n, false, NULL, &known), TL_OK);
	}
	assert_int_equal(world_put(w, 5000, false, NULL, &known), TL_EBUSY);
	assert_int_equal(world_forget(w, 1), TL_EBUSY);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	assert_int_equal(spool_waiting(w->spool, RANK_PIECE), SPOOL_GROUP_MAX);
	assert_int_equal(world_put(w, 5000, false, NULL, &known), TL_OK);
	assert_int_equal(spool_commit(w->spool), TL_OK);
}

/* ---- out ----------------------------------------------------------------- */

static void a_record_is_lent_once(void **state)
{
	struct spool_world *w = *state;
	struct spool_seen seen;
	bool met[200] = { false };

	world_keep(w, 0, 200, false);
	while (world_take(w, 64, &seen) > 0) {
		for (size_t i = 0; i < seen.n; i++) {
			assert_false(met[seen.numbers[i]]);
			met[seen.numbers[i]] = true;
		}
	}
	for (size_t i = 0; i < 200; i++) {
		assert_true(met[i]);
	}
	assert_int_equal(spool_waiting(w->spool, RANK_PIECE), 0);
	world_keep(w, 200, 1, false);
	assert_int_equal(world_take(w, 64, &seen), 1);
	assert_int_equal(seen.numbers[0], 200);
}

static void urgent_ones_go_first(void **state)
{
	struct spool_world *w = *state;
	struct spool_seen seen;

	world_keep(w, 0, 50, false);
	world_keep(w, 50, 5, true);
	assert_int_equal(world_take(w, 10, &seen), 10);
	for (size_t i = 0; i < 10; i++) {
		assert_int_equal(seen.urgent[i], i < 5);
		assert_int_equal(seen.numbers[i] >= 50, i < 5);
	}
	world_keep(w, 60, 1, true);
	assert_int_equal(world_take(w, 1, &seen), 1);
	assert_int_equal(seen.numbers[0], 60);
}

static void the_others_leave_in_an_order_that_does_not_tell_arrival(
    void **state)
{
	struct spool_world *w = *state;
	struct spool_seen seen;
	size_t rises = 0;

	world_keep(w, 0, 400, false);
	assert_int_equal(world_take(w, 400, &seen), 400);
	for (size_t i = 1; i < 400; i++) {
		rises += seen.numbers[i] > seen.numbers[i - 1] ? 1 : 0;
	}
	assert_in_range(rises, 140, 260);
}

static void bytes_limit_what_is_lent_but_one_always_goes(void **state)
{
	struct spool_world *w = *state;
	struct spool_seen seen = { .n = 0 };
	size_t n;

	world_keep(w, 0, 10, false);
	assert_int_equal(spool_take(w->spool, RANK_PIECE, 10,
			     WORLD_BODY_BYTES * 3 + 1, world_see, &seen, &n),
	    TL_OK);
	assert_int_equal(n, 3);
	assert_int_equal(spool_waiting(w->spool, RANK_PIECE), 7);
	assert_int_equal(
	    spool_take(w->spool, RANK_PIECE, 10, 1, world_see, &seen, &n),
	    TL_OK);
	assert_int_equal(n, 1);
	assert_int_equal(
	    spool_take(w->spool, RANK_PIECE, 0, 1, world_see, &seen, &n),
	    TL_OK);
	assert_int_equal(n, 0);
	assert_int_equal(spool_waiting(w->spool, RANK_PIECE), 6);
}

static void what_is_unlent_is_lent_again(void **state)
{
	struct spool_world *w = *state;
	struct spool_seen seen;
	uint8_t id[SPOOL_ID_BYTES];
	uint8_t body[WORLD_BODY_BYTES];

	world_keep(w, 0, 10, false);
	assert_int_equal(world_take(w, 10, &seen), 10);
	world_record(4, id, body);
	assert_int_equal(spool_lend_again(w->spool, id), TL_OK);
	assert_int_equal(spool_lend_again(w->spool, id), TL_OK);
	assert_int_equal(spool_waiting(w->spool, RANK_PIECE), 1);
	assert_int_equal(world_take(w, 10, &seen), 1);
	assert_int_equal(seen.numbers[0], 4);
	world_record(99, id, body);
	assert_int_equal(spool_lend_again(w->spool, id), TL_ENOENT);
	spool_unlend_all(w->spool);
	assert_int_equal(world_take(w, 64, &seen), 10);
	world_reopen(w);
	assert_int_equal(world_take(w, 64, &seen), 10);
}

static void nothing_is_lent_out_of_an_open_group(void **state)
{
	struct spool_world *w = *state;
	struct spool_seen seen = { .n = 0 };
	uint8_t id[SPOOL_ID_BYTES] = { 0 };
	bool known;
	size_t n = 7;

	assert_int_equal(world_put(w, 1, false, NULL, &known), TL_OK);
	assert_int_equal(
	    spool_take(w->spool, RANK_PIECE, 1, 1, world_see, &seen, &n),
	    TL_EBUSY);
	assert_int_equal(n, 7);
	assert_int_equal(spool_lend_again(w->spool, id), TL_EBUSY);
	assert_int_equal(spool_commit(w->spool), TL_OK);
}

static void forgetting_counts_after_its_commit(void **state)
{
	struct spool_world *w = *state;
	struct spool_seen seen;
	struct spool_stats stats;

	world_keep(w, 0, 10, true);
	assert_int_equal(world_take(w, 10, &seen), 10);
	assert_int_equal(world_forget(w, 3), TL_OK);
	assert_int_equal(world_forget(w, 3), TL_ENOENT);
	assert_int_equal(world_forget(w, 77), TL_ENOENT);
	spool_stats(w->spool, &stats);
	assert_int_equal(stats.records, 10);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	spool_stats(w->spool, &stats);
	assert_int_equal(stats.records, 9);
	assert_int_equal(stats.urgent, 9);
	assert_int_equal(stats.lent, 9);
	world_reopen(w);
	assert_false(world_has(w, 3));
	assert_true(world_has(w, 4));
}

static void forgotten_bytes_are_not_in_the_files_any_more(void **state)
{
	struct spool_world *w = *state;
	static const char mark[] = "a sealed record that nobody needs any more";
	const uint8_t id[SPOOL_ID_BYTES] = { 1 };
	const struct spool_record record = {
		.id = id,
		.sealed = bytes_of(mark, sizeof(mark)),
	};
	static const char *const names[] = { "spool.db", "spool.db-wal" };
	bool known;

	assert_int_equal(
	    spool_put(w->spool, &record, 1, WORLD_DAY, &known), TL_OK);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	assert_int_equal(spool_forget(w->spool, id), TL_OK);
	assert_int_equal(spool_finish(w->spool), TL_OK);
	for (size_t i = 0; i < 2; i++) {
		char path[160];
		char *bytes;
		long long len = world_file_bytes(w, names[i]);
		int fd;

		world_path(w, names[i], path);
		bytes = malloc((size_t)len + 1);
		fd = open(path, O_RDONLY);
		assert_int_equal(read(fd, bytes, (size_t)len), len);
		assert_null(memmem(bytes, (size_t)len, mark, sizeof(mark)));
		(void)close(fd);
		free(bytes);
	}
}

/* ---- copies -------------------------------------------------------------- */

struct copied {
	unsigned times[600];
	bool urgent[600];
	size_t n;
};

static void copy_one(const struct spool_lent *lent, void *arg)
{
	struct copied *copied = arg;
	uint8_t id[SPOOL_ID_BYTES];
	uint8_t body[WORLD_BODY_BYTES];
	uint32_t n;

	memcpy(&n, lent->sealed.at, sizeof(n));
	assert_in_range(n, 0, 599);
	world_record(n, id, body);
	assert_memory_equal(lent->id, id, sizeof(id));
	assert_true(bytes_equal(lent->sealed, bytes_of(body, sizeof(body))));
	copied->times[n]++;
	copied->urgent[n] = lent->rank == RANK_URGENT;
	copied->n++;
}

static void a_copy_has_what_was_there_all_the_time_once(void **state)
{
	struct spool_world *w = *state;
	struct copied *copied = calloc(1, sizeof(*copied));
	struct spool_seen seen = { 0 };
	uint32_t more = 300;
	int64_t from = 0;
	size_t n = 1;

	assert_non_null(copied);
	world_keep(w, 0, 200, false);
	world_keep(w, 200, 100, true);
	(void)world_take(w, 50, &seen); /* lent ones are copied too */
	for (unsigned round = 0; n > 0; round++) {
		assert_int_equal(spool_copy(w->spool, &from, 7, 1u << 20,
				     copy_one, copied, &n),
		    TL_OK);
		assert_true(n <= 7);
		/* meanwhile some go and others come */
		if (round < 20) {
			assert_int_equal(world_forget(w, round), TL_OK);
			assert_int_equal(spool_commit(w->spool), TL_OK);
			world_keep(w, more++, 1, false);
		}
	}
	for (uint32_t i = 20; i < 300; i++) {
		assert_int_equal(copied->times[i], 1);
		assert_true(copied->urgent[i] == (i >= 200));
	}
	for (uint32_t i = 0; i < 600; i++) {
		assert_true(copied->times[i] <= 1);
	}
	/* at least one, however little room there is */
	from = 0;
	assert_int_equal(
	    spool_copy(w->spool, &from, 7, 1, copy_one, copied, &n), TL_OK);
	assert_int_equal(n, 1);
	free(copied);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SPOOL_TEST(what_was_committed_is_there_after_an_unclean_end),
		SPOOL_TEST(what_was_not_committed_is_gone),
		SPOOL_TEST(the_same_id_is_known_in_its_own_group_and_later),
		SPOOL_TEST(the_highest_number_of_a_list_is_kept),
		SPOOL_TEST(the_same_dedup_key_keeps_the_first_record_only),
		SPOOL_TEST(a_dedup_key_outlives_its_record_by_ninety_days),
		SPOOL_TEST(a_nonce_is_for_one_body_for_ever),
		SPOOL_TEST(a_batch_is_kept_whole_or_not_at_all),
		SPOOL_TEST(a_batch_is_known_only_if_all_of_it_is),
		SPOOL_TEST(a_group_has_an_end_and_is_still_good),
		SPOOL_TEST(a_record_is_lent_once),
		SPOOL_TEST(urgent_ones_go_first),
		SPOOL_TEST(
		    the_others_leave_in_an_order_that_does_not_tell_arrival),
		SPOOL_TEST(bytes_limit_what_is_lent_but_one_always_goes),
		SPOOL_TEST(what_is_unlent_is_lent_again),
		SPOOL_TEST(nothing_is_lent_out_of_an_open_group),
		SPOOL_TEST(forgetting_counts_after_its_commit),
		SPOOL_TEST(forgotten_bytes_are_not_in_the_files_any_more),
		SPOOL_TEST(a_copy_has_what_was_there_all_the_time_once),
	};

	return cmocka_run_group_tests_name("queue/spool", tests, NULL, NULL);
}
