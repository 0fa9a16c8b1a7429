/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/spool when memory, SQLite's or our own, or a call to the system fails
 * at the n-th time.
 *
 * Promised = found, as on a disk that fails. What met the failure says so, and
 * so does all that is asked after it; what says nothing has done all it should.
 * The next start finds a file that it does not take for damaged.
 */
#include "queue/spool.h"

#include <setjmp.h>
#include <stdarg.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "queue/spool_db.h"
#include "queue/spool_dir.h"
#include "queue/spool_mail.h"
#include "tests/lib/disk/bad_calls.h"
#include "tests/lib/disk/bad_disk.h"
#include "tests/lib/tempdir.h"

#define POINTS_MAX 20000u

/* ---- SQLite's memory ----------------------------------------------------- */

static struct {
	sqlite3_mem_methods real;
	bool on;
	bool lasting; /* it fails from then on */
	unsigned calls;
	unsigned fail_at;
	unsigned failed;
} memory;

static bool is_out(void)
{
	bool out = false;

	if (memory.on) {
		memory.calls++;
		out = memory.calls == memory.fail_at ||
		    (memory.lasting && memory.calls > memory.fail_at);
		memory.failed += out ? 1 : 0;
	}
	return out;
}

static void *sql_malloc(int len)
{
	return is_out() ? NULL : memory.real.xMalloc(len);
}

static void *sql_realloc(void *p, int len)
{
	return is_out() ? NULL : memory.real.xRealloc(p, len);
}

static void memory_fail(unsigned n, bool lasting)
{
	memory.calls = 0;
	memory.fail_at = n;
	memory.failed = 0;
	memory.lasting = lasting;
	memory.on = true;
}

/* ---- all that a spool does ------------------------------------------------
 */

#define DEDUP "gateway-message"

static const uint8_t mailbox[SPOOL_MAILBOX_BYTES] = "mailbox";
static const uint8_t nonces[2][SPOOL_NONCE_BYTES] = {
	"once............with this",
	"once............with that",
};

static enum tl_err put_signed(
    struct spool_world *w, uint32_t n, const uint8_t *nonce, bool *ret_known)
{
	uint8_t id[SPOOL_ID_BYTES];
	uint8_t body[WORLD_BODY_BYTES] = { 0 };
	const struct spool_record record = {
		.id = id,
		.dedup = (const uint8_t *)DEDUP,
		.nonce = nonce,
		.sealed = bytes_of(body, sizeof(body)),
	};

	world_record(n, id, body);
	return spool_put(w->spool, &record, 1, WORLD_DAY, ret_known);
}

static enum tl_err commit_if(struct spool_world *w, enum tl_err err)
{
	return err == TL_OK ? spool_commit(w->spool) : err;
}

/* A record that is known by its message, and one with another's nonce. */
static enum tl_err repeat(struct spool_world *w)
{
	bool known = true;
	enum tl_err err = put_signed(w, 30, nonces[0], &known);

	if (err == TL_OK) {
		assert_false(known);
		err = spool_commit(w->spool);
		disk_acked[30] = err == TL_OK ? ACK_PUT : ACK_NEVER;
	}
	if (err == TL_OK) {
		err = put_signed(w, 31, nonces[1], &known);
		if (err == TL_EPROOF) {
			err = spool_commit(w->spool);
		} else {
			assert_int_equal(err, TL_ENOMEM);
		}
	}
	if (err == TL_OK) {
		err = put_signed(w, 32, nonces[0], &known);
		if (err == TL_OK) {
			assert_true(known);
			err = spool_commit(w->spool);
		}
	}
	return err;
}

static enum tl_err take_all(struct spool_world *w)
{
	static struct spool_seen seen;
	struct spool_stats stats;
	uint8_t id[SPOOL_ID_BYTES];
	uint8_t body[WORLD_BODY_BYTES];
	uint64_t waiting = spool_waiting(w->spool, RANK_PIECE);
	size_t n = 0;
	enum tl_err err;

	seen.n = 0;
	err = spool_take(
	    w->spool, RANK_PIECE, SIZE_MAX, SIZE_MAX, world_see, &seen, &n);
	if (err == TL_OK) {
		spool_stats(w->spool, &stats);
		assert_int_equal(n, waiting);
		assert_int_equal(stats.damaged, 0);
		world_record(0, id, body);
		err = spool_lend_again(w->spool, id);
	}
	if (err == TL_OK) {
		assert_int_equal(spool_waiting(w->spool, RANK_PIECE), 1);
	}
	return err;
}

static enum tl_err copy_all(struct spool_world *w)
{
	static struct spool_seen seen;
	struct spool_stats stats;
	int64_t from = 0;
	size_t n = 1;
	enum tl_err err = TL_OK;

	seen.n = 0;
	while (err == TL_OK && n > 0) {
		err = spool_copy(
		    w->spool, &from, 3, SIZE_MAX, world_see, &seen, &n);
	}
	if (err == TL_OK) {
		spool_stats(w->spool, &stats);
		assert_int_equal(seen.n, stats.records);
	}
	return err;
}

static enum tl_err see_lists(struct spool_world *w)
{
	static const uint8_t list[SPOOL_LIST_ID_BYTES] = "list";
	uint32_t highest = 0;
	enum tl_err err = spool_see_list(w->spool, list, 5, &highest);

	if (err == TL_OK) {
		assert_int_equal(highest, 5);
		err = spool_see_list(w->spool, list, 4, &highest);
	}
	if (err == TL_OK) {
		assert_int_equal(highest, 5);
		err = spool_commit(w->spool);
	}
	return err;
}

static void count_mail(struct bytes body, void *arg)
{
	assert_int_equal(body.len, 100);
	++*(size_t *)arg;
}

static enum tl_err put_mail(struct spool_world *w, uint8_t n, size_t len)
{
	const uint8_t id[16] = { 1, n };
	static const uint8_t body[100];
	const struct spool_mail mail = { .id = id,
		.mailbox = mailbox,
		.last_day = WORLD_DAY,
		.body = bytes_of(body, len) };

	return spool_mail_put(w->spool, &mail, WORLD_DAY);
}

static enum tl_err keep_mail(struct spool_world *w)
{
	size_t n = 0;
	enum tl_err err = TL_OK;

	for (uint8_t i = 0; i < SPOOL_MAILBOX_MOST + 2 && err == TL_OK; i++) {
		err = put_mail(w, i, 100);
	}
	err = commit_if(w, err);
	if (err == TL_OK) {
		err = spool_mail_read(
		    w->spool, mailbox, WORLD_DAY, count_mail, &n);
	}
	if (err == TL_OK) {
		assert_int_equal(n, SPOOL_MAILBOX_MOST);
		err = put_mail(w, 0, 100);
		err = err == TL_EEXIST ? TL_OK : err;
	}
	if (err == TL_OK) {
		err = spool_mail_delete(w->spool, mailbox);
	}
	if (err == TL_OK) {
		err = put_mail(w, 200, 0);
	}
	return commit_if(w, err);
}

static enum tl_err expire(struct spool_world *w)
{
	size_t n = 0;
	enum tl_err err =
	    spool_expire(w->spool, WORLD_DAY + SPOOL_DEDUP_DAYS + 1, &n);

	if (err == TL_OK) {
		assert_int_equal(n, 3); /* a message, a nonce, both */
		err = spool_mail_expire(w->spool, WORLD_DAY + 1, &n);
	}
	if (err == TL_OK) {
		assert_int_equal(n, SPOOL_MAILBOX_MOST + 3);
	}
	return commit_if(w, err);
}

static enum tl_err keep_some(struct spool_world *w)
{
	return disk_put_group(w, 0, 9, false);
}

static enum tl_err forget_some(struct spool_world *w)
{
	enum tl_err err = disk_forget_one(w, 3);

	return err == TL_OK ? disk_forget_one(w, 5) : err;
}

static enum tl_err move_log(struct spool_world *w)
{
	enum tl_err err = spool_pause(w->spool);

	err = err == TL_OK ? spool_try_again(w->spool) : err;
	err = err == TL_OK ? spool_idle(w->spool) : err;
	return err == TL_OK ? spool_finish(w->spool) : err;
}

/* After the end of a process that had no time for an orderly one. */
static enum tl_err start_again(struct spool_world *w)
{
	spool_close(w->spool);
	w->spool = NULL;
	return world_open(w);
}

static const struct {
	enum tl_err (*run)(struct spool_world *w);
	unsigned stride; /* a start asks for memory more often than is needed */
} steps[] = {
	{ world_open, 13 },
	{ keep_some, 1 },
	{ repeat, 1 },
	{ take_all, 1 },
	{ copy_all, 1 },
	{ see_lists, 1 },
	{ keep_mail, 5 },
	{ start_again, 7 },
	{ forget_some, 1 },
	{ expire, 1 },
	{ move_log, 1 },
};
#define STEPS (sizeof(steps) / sizeof(steps[0]))

/* ---- and what it says afterwards ------------------------------------------
 */

/* The first failure sticks. */
static void all_say(struct spool_world *w, enum tl_err err)
{
	static struct spool_seen seen;
	uint8_t id[SPOOL_ID_BYTES];
	uint8_t body[WORLD_BODY_BYTES];
	uint8_t hash[SPOOL_HASH_BYTES];
	int64_t from = 0;
	uint32_t highest;
	bool known;
	size_t n;

	world_record(0, id, body);
	assert_int_equal(spool_commit(w->spool), err);
	assert_int_equal(world_put(w, 0, false, NULL, &known), err);
	assert_int_equal(world_forget(w, 0), err);
	assert_int_equal(spool_expire(w->spool, WORLD_DAY, &n), err);
	assert_int_equal(
	    spool_take(w->spool, RANK_PIECE, 1, SIZE_MAX, world_see, &seen, &n),
	    err);
	assert_int_equal(
	    spool_copy(w->spool, &from, 1, SIZE_MAX, world_see, &seen, &n),
	    err);
	assert_int_equal(spool_lend_again(w->spool, id), err);
	assert_int_equal(spool_get_hash(w->spool, id, hash), err);
	assert_int_equal(put_mail(w, 250, 100), err);
	assert_int_equal(spool_mail_delete(w->spool, mailbox), err);
	assert_int_equal(spool_mail_expire(w->spool, WORLD_DAY, &n), err);
	assert_int_equal(
	    spool_mail_read(w->spool, mailbox, WORLD_DAY, count_mail, &n), err);
	assert_int_equal(spool_see_list(w->spool, id, 9, &highest), err);
	assert_int_equal(spool_pause(w->spool), err);
	assert_int_equal(spool_try_again(w->spool), err);
	assert_int_equal(spool_idle(w->spool), err);
	assert_int_equal(spool_finish(w->spool), err);
	assert_int_not_equal(spool_sqlite_code(w->spool), SQLITE_OK);
}

/* All steps from first on, until one says that something failed. */
static enum tl_err work(struct spool_world *w, size_t first)
{
	enum tl_err err = TL_OK;

	for (size_t i = first; i < STEPS && err == TL_OK; i++) {
		err = steps[i].run(w);
	}
	return err;
}

/* Too little for a reserve, which takes its time. */
static void leave_little(struct statvfs *fs)
{
	fs->f_bavail = SPOOL_RESERVE_BYTES * UINT64_C(2) / fs->f_frsize;
}

static void begin(struct spool_world *w, size_t first)
{
	disk_start_over(w);
	bad_calls.after_fstatvfs = leave_little;
	disk.on = true;
	disk.fail_at = 0;
	for (size_t i = 0; i < first; i++) {
		assert_int_equal(steps[i].run(w), TL_OK);
	}
}

static void look_after(struct spool_world *w)
{
	world_reopen(w);
	assert_false(spool_was_rescued(w->spool));
	assert_int_equal(world_file_bytes(w, "damaged-1.db"), -1);
	assert_int_equal(disk_count_lost(w, disk_acked), 0);
}

/* ---- tests ----------------------------------------------------------------
 */

static void fail_each_allocation_of_sqlite(struct spool_world *w, bool lasting)
{
	for (size_t first = 0; first < STEPS; first++) {
		unsigned stride = steps[first].stride * (lasting ? 3 : 1);
		unsigned points = 0;
		unsigned quiet = 0;
		enum tl_err err;

		do {
			begin(w, first);
			memory_fail(1 + points++ * stride, lasting);
			err = steps[first].run(w);
			memory.on = false;
			quiet += err == TL_OK && memory.failed > 0 ? 1 : 0;
			if (err != TL_OK) {
				assert_int_equal(err, TL_ENOMEM);
				assert_true(memory.failed > 0);
				if (w->spool != NULL) {
					all_say(w, err);
				}
			}
			look_after(w);
		} while (memory.failed > 0);
		print_message("step %zu: %u of %u allocations, %u not needed\n",
		    first, points - 1, memory.calls, quiet);
		assert_in_range(points, 2, POINTS_MAX);
	}
}

static void memory_that_fails_once_is_said_and_costs_nothing(void **state)
{
	fail_each_allocation_of_sqlite(*state, false);
}

static void memory_that_stays_away_is_said_and_costs_nothing(void **state)
{
	fail_each_allocation_of_sqlite(*state, true);
}

/* Break the index of the ids: all of it can be rescued. */
static void damage(struct spool_world *w)
{
	static const uint8_t noise[4096] = { 0x5a };
	char path[160];
	sqlite3 *other = NULL;
	sqlite3_stmt *stmt = NULL;
	long long root;
	int fd;

	spool_close(w->spool);
	w->spool = NULL;
	world_path(w, "spool.db", path);
	assert_int_equal(
	    sqlite3_open_v2(path, &other, SQLITE_OPEN_READWRITE, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(other,
			     "SELECT rootpage FROM sqlite_master"
			     " WHERE name = 'sqlite_autoindex_records_1'",
			     -1, &stmt, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	root = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_finalize(stmt);
	assert_int_equal(sqlite3_close(other), SQLITE_OK);
	fd = open(path, O_WRONLY);
	assert_int_equal(
	    pwrite(fd, noise, sizeof(noise), (root - 1) * 4096), sizeof(noise));
	(void)close(fd);
}

static void memory_that_fails_in_a_rescue_costs_nothing(void **state)
{
	static const uint8_t list[SPOOL_LIST_ID_BYTES] = "list";
	struct spool_world *w = *state;
	unsigned points = 0;

	do {
		uint32_t highest = 0;
		enum tl_err err;

		begin(w, 6); /* records, a dedup key, a list */
		assert_int_equal(spool_finish(w->spool), TL_OK);
		damage(w);
		memory_fail(1 + points++ * 29, false);
		err = world_open(w);
		memory.on = false;
		if (err != TL_OK) {
			assert_int_equal(err, TL_ENOMEM);
			assert_int_equal(world_open(w), TL_OK);
		}
		assert_int_equal(disk_count_lost(w, disk_acked), 0);
		assert_int_equal(
		    spool_see_list(w->spool, list, 1, &highest), TL_OK);
		assert_int_equal(highest, 5);
		assert_true(world_file_bytes(w, "damaged-1.db") > 0);
		assert_int_equal(world_file_bytes(w, "damaged-2.db"), -1);
	} while (memory.failed > 0);
	print_message(
	    "a rescue: %u of %u allocations\n", points - 1, memory.calls);
	assert_in_range(points, 50, POINTS_MAX);
}

/* What was put is not taken for kept. */
static void a_group_that_was_open_at_a_failure_does_not_count(void **state)
{
	struct spool_world *w = *state;
	const uint8_t list[SPOOL_LIST_ID_BYTES] = { 9 };
	uint32_t highest;
	bool known;

	begin(w, 2);
	assert_int_equal(world_put(w, 20, false, NULL, &known), TL_OK);
	assert_int_equal(world_forget(w, 0), TL_OK);
	memory_fail(1, true);
	assert_int_equal(
	    spool_see_list(w->spool, list, 1, &highest), TL_ENOMEM);
	memory.on = false;
	all_say(w, TL_ENOMEM);
	assert_int_equal(spool_waiting(w->spool, RANK_PIECE), 9);
	look_after(w);
	assert_false(world_has(w, 20));
}

/* It is on disk, and says so; what follows is refused, for the count of what
 * is there is wrong from here on. */
static void a_group_that_cannot_be_counted_is_kept_and_the_last(void **state)
{
	struct spool_world *w = *state;
	bool known;

	begin(w, 1);
	assert_int_equal(world_put(w, 20, false, NULL, &known), TL_OK);
	assert_int_equal(world_put(w, 21, false, NULL, &known), TL_OK);
	bad_calls_fail(BAD_REALLOCARRAY, 1, ENOMEM);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	assert_int_equal(bad_calls_end(), 1);
	all_say(w, TL_ENOMEM);
	look_after(w);
	assert_true(world_has(w, 20));
	assert_true(world_has(w, 21));
}

static void a_call_of_ours_that_fails_is_said_and_costs_nothing(void **state)
{
	static const int errors[] = { EIO, ENOMEM, EACCES, EDQUOT };
	struct spool_world *w = *state;

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		unsigned points = 0;
		unsigned quiet = 0;
		enum tl_err err;

		do {
			disk_start_over(w);
			disk.on = true;
			bad_calls_fail_any(++points, errors[i]);
			err = work(w, 0);
			(void)bad_calls_end();
			quiet += err == TL_OK && bad_calls.failed > 0 ? 1 : 0;
			if (err != TL_OK && w->spool != NULL) {
				all_say(w, err);
			}
			look_after(w);
		} while (bad_calls.failed > 0);
		print_message("errno %d: %u calls, %u not needed\n", errors[i],
		    points - 1, quiet);
		assert_in_range(points, 20, POINTS_MAX);
	}
}

#define SPOOL_TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SPOOL_TEST(memory_that_fails_once_is_said_and_costs_nothing),
		SPOOL_TEST(memory_that_stays_away_is_said_and_costs_nothing),
		SPOOL_TEST(memory_that_fails_in_a_rescue_costs_nothing),
		SPOOL_TEST(a_group_that_was_open_at_a_failure_does_not_count),
		SPOOL_TEST(a_group_that_cannot_be_counted_is_kept_and_the_last),
		SPOOL_TEST(a_call_of_ours_that_fails_is_said_and_costs_nothing),
	};
	sqlite3_mem_methods methods;

	if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory.real) !=
	    SQLITE_OK) {
		return 1;
	}
	methods = memory.real;
	methods.xMalloc = sql_malloc;
	methods.xRealloc = sql_realloc;
	if (sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) != SQLITE_OK) {
		return 1;
	}
	return cmocka_run_group_tests_name(
	    "queue/spool memory", tests, NULL, NULL);
}
