/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/spool at its limits: rows that it never wrote, more than it lends or
 * keeps, a group that cannot be finished.
 */
#include "queue/spool.h"

#include <setjmp.h>
#include <stdarg.h>

#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "queue/spool_file.h"
#include "queue/spool_mail.h"
#include "tests/lib/disk/bad_calls.h"
#include "tests/lib/spool_world.h"
#include "tests/lib/weak_hash.h"

#define SPOOL_TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

/* ---- rows that it never wrote -------------------------------------------- */

/* Change the file behind the spool's back. */
static void edit(struct spool_world *w, const char *sql)
{
	char path[160];
	sqlite3 *other = NULL;

	spool_close(w->spool);
	w->spool = NULL;
	world_path(w, "spool.db", path);
	assert_int_equal(
	    sqlite3_open_v2(path, &other, SQLITE_OPEN_READWRITE, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(other), SQLITE_OK);
	assert_int_equal(world_open(w), TL_OK);
}

struct copied {
	size_t whole, changed;
};

static void count_it(const struct spool_lent *lent, void *arg)
{
	struct copied *copied = arg;

	assert_non_null(lent->id);
	copied->whole += lent->sealed.len > 0 ? 1 : 0;
	copied->changed += lent->sealed.len > 0 ? 0 : 1;
}

static struct copied copy_all(struct spool_world *w)
{
	struct copied copied = { 0 };
	int64_t from = 0;
	size_t n;

	do {
		assert_int_equal(spool_copy(w->spool, &from, 2, SIZE_MAX,
				     count_it, &copied, &n),
		    TL_OK);
	} while (n > 0);
	return copied;
}

static void a_row_that_is_no_record_is_kept_but_not_lent(void **state)
{
	struct spool_world *w = *state;
	struct spool_seen seen;
	struct spool_stats stats;
	struct copied copied;
	uint8_t id[SPOOL_ID_BYTES] = "no hash is this";
	uint8_t hash[SPOOL_HASH_BYTES] = { 7 };

	world_keep(w, 0, 1, false);
	edit(w,
	    "INSERT INTO records VALUES"
	    " (1, x'01', 0, 1, zeroblob(32), x'01', 0)," /* id too short */
	    " (2, x'6e6f2068617368206973207468697300', 1, 1, x'0102', x'01', "
	    "1),"
	    " (3, zeroblob(16), 0, 1, zeroblob(32), x'', 2);" /* no body */);
	assert_false(spool_was_rescued(w->spool));
	assert_int_equal(world_take(w, 10, &seen), 1);
	assert_int_equal(seen.numbers[0], 0);
	spool_stats(w->spool, &stats);
	assert_int_equal(stats.records, 4);
	assert_int_equal(stats.urgent, 1);
	assert_int_equal(stats.damaged, 3);
	/* they count as lent, so that they are not met at each TAKE */
	assert_int_equal(world_take(w, 10, &seen), 0);
	assert_int_equal(spool_waiting(w->spool, RANK_PIECE), 0);
	/* no receipt can be for what has no hash */
	assert_int_equal(spool_get_hash(w->spool, id, hash), TL_ENOENT);
	assert_int_equal(hash[0], 7);
	/* a backup has what is whole, and the names of the others */
	copied = copy_all(w);
	assert_int_equal(copied.whole, 1);
	assert_int_equal(copied.changed, 2);
	spool_unlend_all(w->spool);
	spool_unlend_all(w->spool); /* of nothing */
	assert_int_equal(spool_waiting(w->spool, RANK_PIECE), 4);
}

static void a_channel_that_there_is_not_counts_as_web(void **state)
{
	struct spool_world *w = *state;
	struct spool_stats stats;

	world_keep(w, 0, 3, false);
	edit(w,
	    "UPDATE records SET channel = CASE rowid % 3 WHEN 0 THEN -1"
	    " WHEN 1 THEN 5 ELSE 1000000 END");
	spool_stats(w->spool, &stats);
	assert_int_equal(stats.channels[SPOOL_WEB].records, 3);
	assert_int_equal(copy_all(w).whole, 3);
	for (uint32_t i = 0; i < 3; i++) {
		assert_int_equal(world_forget(w, i), TL_OK);
	}
	assert_int_equal(spool_commit(w->spool), TL_OK);
	spool_stats(w->spool, &stats);
	assert_int_equal(stats.channels[SPOOL_WEB].records, 0);
	assert_int_equal(stats.channels[SPOOL_WEB].bytes, 0);
}

/* What the disk has changed is no copy of a tip. The bytes that came, put once
 * more, take its place; no others do. */
static void bytes_that_changed_are_not_copied_and_can_be_put_again(void **state)
{
	struct spool_world *w = *state;
	struct spool_use before;
	struct spool_stats stats;
	struct spool_seen seen;
	uint8_t id[SPOOL_ID_BYTES];
	uint8_t body[WORLD_BODY_BYTES];
	struct spool_record record = { .id = id };
	bool known = false;

	world_keep(w, 0, 5, false);
	spool_stats(w->spool, &stats);
	before = stats.channels[SPOOL_WEB];
	edit(w, /* one byte of record 3, and most of record 4 */
	    "UPDATE records SET body = CAST("
	    " substr(body, 1, 99) || x'f7' || substr(body, 101) AS BLOB)"
	    " WHERE substr(body, 1, 1) = x'03';"
	    "UPDATE records SET body = substr(body, 1, 9)"
	    " WHERE substr(body, 1, 1) = x'04'");
	assert_int_equal(world_take(w, 9, &seen), 3);
	assert_int_equal(copy_all(w).whole, 3);
	assert_int_equal(copy_all(w).changed, 2);
	/* others than those that came */
	world_record(3, id, body);
	record.sealed = bytes_of(body, sizeof(body) - 1);
	assert_int_equal(
	    spool_put(w->spool, &record, 1, WORLD_DAY, &known), TL_OK);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	assert_true(known);
	assert_int_equal(copy_all(w).changed, 2);
	/* of what is whole nothing is written */
	assert_int_equal(world_put(w, 2, false, NULL, &known), TL_OK);
	assert_true(known);
	for (uint32_t n = 3; n < 5; n++) {
		assert_int_equal(world_put(w, n, false, NULL, &known), TL_OK);
		assert_false(known);
		assert_int_equal(world_put(w, n, false, NULL, &known), TL_OK);
		assert_true(known);
	}
	assert_int_equal(spool_commit(w->spool), TL_OK);
	assert_int_equal(copy_all(w).whole, 5);
	spool_stats(w->spool, &stats);
	assert_int_equal(stats.records, 5);
	assert_memory_equal(
	    &stats.channels[SPOOL_WEB], &before, sizeof(before));
	/* and they go out, the others having gone */
	assert_int_equal(spool_waiting(w->spool, RANK_PIECE), 2);
	assert_int_equal(world_take(w, 9, &seen), 2);
	for (uint32_t n = 0; n < 5; n++) {
		assert_int_equal(world_forget(w, n), TL_OK);
	}
	assert_int_equal(spool_commit(w->spool), TL_OK);
	spool_stats(w->spool, &stats);
	assert_int_equal(stats.channels[SPOOL_WEB].bytes, 0);
}

/* A rescued file, and one that was begun anew, is told from the one before. */
static void each_file_has_a_number_of_its_own(void **state)
{
	struct spool_world *w = *state;
	struct spool_stats first, again, other;

	spool_stats(w->spool, &first);
	assert_int_not_equal(first.file, 0);
	world_reopen(w);
	spool_stats(w->spool, &again);
	assert_true(again.file == first.file);
	edit(w, "DELETE FROM meta WHERE name = 'file'");
	spool_stats(w->spool, &other);
	assert_true(other.file != first.file && other.file != 0);
}

/* The index knows it, the table does not: the disk has lost it. */
static void a_row_that_is_gone_from_the_table_ends_the_take(void **state)
{
	struct spool_world *w = *state;
	sqlite3_stmt *fetch;
	struct spool_seen seen;
	size_t n = 99;

	world_keep(w, 0, 3, false);
	/* the same with less: a statement that finds nothing */
	fetch = w->spool->stmts[STMT_FETCH];
	w->spool->stmts[STMT_FETCH] = spool_db_statement(&w->spool->db,
	    "SELECT id, urgent, hash, body FROM records WHERE k = -?1");
	seen.n = 0;
	assert_int_equal(
	    spool_take(w->spool, RANK_PIECE, 9, SIZE_MAX, world_see, &seen, &n),
	    TL_OK);
	assert_int_equal(n, 0);
	(void)sqlite3_finalize(w->spool->stmts[STMT_FETCH]);
	w->spool->stmts[STMT_FETCH] = fetch;
	assert_int_equal(world_take(w, 9, &seen), 3);
}

/* ---- more than there is room for ------------------------------------------
 */

static void no_more_are_lent_than_can_be_remembered(void **state)
{
	struct spool_world *w = *state;
	uint8_t ids[SPOOL_BATCH_MAX][SPOOL_ID_BYTES];
	struct spool_record records[SPOOL_BATCH_MAX];
	size_t lent = 0;
	size_t n = 1;
	bool known;

	for (uint32_t i = 0; i < SPOOL_LENT_MAX + SPOOL_BATCH_MAX;
	     i += SPOOL_BATCH_MAX) {
		for (uint32_t k = 0; k < SPOOL_BATCH_MAX; k++) {
			const uint32_t number = i + k;
			uint8_t seed[SPOOL_HASH_BYTES];

			weak_hash(seed, &number, sizeof(number));
			memcpy(ids[k], seed, SPOOL_ID_BYTES);
			records[k] = (struct spool_record){ .id = ids[k],
				.sealed = bytes_of("x", 1) };
		}
		assert_int_equal(spool_put(w->spool, records, SPOOL_BATCH_MAX,
				     WORLD_DAY, &known),
		    TL_OK);
		assert_false(known);
		if (i / SPOOL_BATCH_MAX % 8 == 7) {
			assert_int_equal(spool_commit(w->spool), TL_OK);
		}
	}
	assert_int_equal(spool_commit(w->spool), TL_OK);
	while (n > 0) {
		assert_int_equal(spool_take(w->spool, RANK_PIECE, 5000,
				     SIZE_MAX, count_it, &lent, &n),
		    TL_OK);
	}
	assert_int_equal(lent, SPOOL_LENT_MAX);
	assert_int_equal(spool_waiting(w->spool, RANK_PIECE), SPOOL_BATCH_MAX);
	/* one comes back: one more can go */
	assert_int_equal(spool_lend_again(w->spool, ids[0]), TL_OK);
	assert_int_equal(spool_take(w->spool, RANK_PIECE, 5000, SIZE_MAX,
			     count_it, &lent, &n),
	    TL_OK);
	assert_true(n <= 1);
}

static enum tl_err put_of(struct spool_world *w, uint8_t name, size_t len,
    int64_t last_day, bool is_status)
{
	const uint8_t id[16] = { name, 1 };
	static const uint8_t mailbox[16] = "mailbox";
	static const uint8_t body[SPOOL_MAIL_BYTES_MAX + 1];
	const struct spool_mail mail = { .id = id,
		.mailbox = mailbox,
		.last_day = last_day,
		.body = bytes_of(body, len),
		.is_status = is_status };

	return spool_mail_put(w->spool, &mail, WORLD_DAY);
}

static enum tl_err put_mail(
    struct spool_world *w, uint8_t name, size_t len, int64_t last_day)
{
	return put_of(w, name, len, last_day, false);
}

/* Rows of mail that is gone, so many. */
static void fill_mail(struct spool_world *w, unsigned n)
{
	char sql[256];

	(void)snprintf(sql, sizeof(sql),
	    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " LIMIT %u) INSERT INTO mail SELECT random(), randomblob(16),"
	    " NULL, 20000, NULL FROM n",
	    n);
	edit(w, sql);
}

static void statuses_leave_room_for_words(void **state)
{
	struct spool_world *w = *state;

	fill_mail(w, SPOOL_MAIL_STATUS_MOST - 1);
	assert_int_equal(put_of(w, 1, 100, WORLD_DAY, true), TL_OK);
	assert_int_equal(put_of(w, 2, 100, WORLD_DAY, true), TL_EFULL);
	assert_int_equal(put_mail(w, 3, 100, WORLD_DAY), TL_OK);
	assert_int_equal(spool_commit(w->spool), TL_OK);
}

static void mail_has_a_size_and_a_number(void **state)
{
	struct spool_world *w = *state;
	struct spool_stats stats;

	assert_int_equal(
	    put_mail(w, 1, SPOOL_MAIL_BYTES_MAX + 1, WORLD_DAY), TL_ETOOBIG);
	fill_mail(w, SPOOL_MAIL_MOST - 1);
	assert_int_equal(put_mail(w, 1, 100, WORLD_DAY), TL_OK);
	assert_int_equal(put_mail(w, 2, 100, WORLD_DAY), TL_EFULL);
	/* that takes none away from who shall have it no more */
	assert_int_equal(put_mail(w, 3, 0, WORLD_DAY), TL_OK);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	spool_stats(w->spool, &stats);
	assert_int_equal(stats.mail, SPOOL_MAIL_MOST + 1);
}

static void what_breaks_the_rules_of_a_put_is_refused(void **state)
{
	struct spool_world *w = *state;
	static uint8_t big[SPOOL_RECORD_BYTES_MAX + 1];
	const uint8_t id[SPOOL_ID_BYTES] = { 1 };
	const struct spool_record bad[] = {
		{ .id = id, .sealed = bytes_of("x", 0) },
		{ .id = id,
		    .sealed = bytes_of("x", 1),
		    .channel = SPOOL_CHANNELS },
		{ .id = id,
		    .sealed = bytes_of("x", 1),
		    .channel = SPOOL_FILES,
		    .urgent = true },
	};
	const struct spool_record huge = { .id = id,
		.sealed = bytes_of(big, sizeof(big)) };
	const struct spool_record good = { .id = id,
		.sealed = bytes_of("x", 1) };
	bool known = true;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(
		    spool_put(w->spool, &bad[i], 1, WORLD_DAY, &known),
		    TL_EINVAL);
	}
	assert_int_equal(
	    spool_put(w->spool, &huge, 1, WORLD_DAY, &known), TL_ETOOBIG);
	assert_int_equal(
	    spool_put(w->spool, &good, 0, WORLD_DAY, &known), TL_EINVAL);
	assert_int_equal(
	    spool_put(w->spool, &good, SPOOL_BATCH_MAX + 1, WORLD_DAY, &known),
	    TL_EINVAL);
	assert_int_equal(spool_put(w->spool, &good, 1, -1, &known), TL_EINVAL);
	assert_true(known);
	assert_int_equal(
	    spool_put(w->spool, &good, 1, WORLD_DAY, &known), TL_OK);
	assert_false(known);
}

/* A gateway signs anew what it sends again: the message is new with one nonce
 * and known with the next, and a nonce alone is no message. */
static void a_known_nonce_makes_a_new_message_known(void **state)
{
	struct spool_world *w = *state;
	static const char dedups[2][SPOOL_DEDUP_BYTES] = { "message-1",
		"message-2" };
	static const uint8_t nonce[SPOOL_NONCE_BYTES] = { 5 };
	uint8_t id[SPOOL_ID_BYTES] = { 1 };
	struct spool_record record = { .id = id,
		.nonce = nonce,
		.dedup = (const uint8_t *)dedups[0],
		.sealed = bytes_of("x", 1) };
	bool known = true;

	assert_int_equal(
	    spool_put(w->spool, &record, 1, WORLD_DAY, &known), TL_OK);
	assert_false(known);
	record.dedup = (const uint8_t *)dedups[1];
	id[0] = 2;
	assert_int_equal(
	    spool_put(w->spool, &record, 1, WORLD_DAY, &known), TL_OK);
	assert_true(known);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	assert_int_equal(spool_waiting(w->spool, RANK_PIECE), 1);
}

/* ---- a group that is open, or cannot be finished ---------------------------
 */

static void while_a_group_is_open_nothing_is_lent(void **state)
{
	struct spool_world *w = *state;
	struct spool_seen seen = { .n = 0 };
	uint8_t id[SPOOL_ID_BYTES];
	uint8_t body[WORLD_BODY_BYTES];
	int64_t from = 0;
	bool known;
	size_t n = 99;

	world_keep(w, 0, 1, false);
	world_record(0, id, body);
	assert_int_equal(world_put(w, 1, false, NULL, &known), TL_OK);
	assert_int_equal(
	    spool_take(w->spool, RANK_PIECE, 9, SIZE_MAX, world_see, &seen, &n),
	    TL_EBUSY);
	assert_int_equal(
	    spool_copy(w->spool, &from, 9, SIZE_MAX, world_see, &seen, &n),
	    TL_EBUSY);
	assert_int_equal(spool_lend_again(w->spool, id), TL_EBUSY);
	assert_int_equal(n, 99);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	assert_int_equal(world_take(w, 9, &seen), 2);
}

/* What a file may be at most: it is refused in the middle of a group. */
static void a_file_that_may_not_grow_drops_the_group_and_goes_on(void **state)
{
	struct spool_world *w = *state;
	bool known = false;
	size_t n;

	world_keep(w, 0, 9, false);
	spool_db_run(&w->spool->db, "PRAGMA max_page_count = 1");
	assert_int_equal(world_put(w, 10, false, NULL, &known), TL_EFULL);
	/* all of the group, and all that would join it */
	assert_int_equal(world_forget(w, 0), TL_EFULL);
	assert_int_equal(spool_expire(w->spool, WORLD_DAY, &n), TL_EFULL);
	assert_int_equal(put_mail(w, 1, 9, WORLD_DAY), TL_EFULL);
	assert_int_equal(spool_commit(w->spool), TL_EFULL);
	assert_int_equal(world_file_bytes(w, "reserve"), -1);
	assert_true(world_has(w, 0));
	assert_false(world_has(w, 10));
	/* receipts are worked off, and then there is room */
	for (uint32_t i = 0; i < 4; i++) {
		assert_int_equal(world_forget(w, i), TL_OK);
	}
	assert_int_equal(spool_commit(w->spool), TL_OK);
	assert_int_equal(world_put(w, 10, false, NULL, &known), TL_OK);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	world_reopen(w);
	assert_false(world_has(w, 3));
	assert_true(world_has(w, 4) && world_has(w, 10));
}

static int refuse_rollback_cb(void *arg, int what, const char *a, const char *b,
    const char *c, const char *d)
{
	(void)arg;
	(void)b;
	(void)c;
	(void)d;
	return what == SQLITE_TRANSACTION && strcmp(a, "ROLLBACK") == 0
	    ? SQLITE_DENY
	    : SQLITE_OK;
}

/* The world whose next hash is the last thing before there is no room. */
static struct spool_world *filling;

static void fill_up(uint8_t *out, const void *bytes, size_t len)
{
	weak_hash(out, bytes, len);
	if (filling != NULL) {
		spool_db_note(&filling->spool->db, SQLITE_FULL);
		filling = NULL;
	}
}

/* Half of a group that was refused could be kept with the next one. */
static void a_full_disk_is_forgiven_if_the_group_could_be_dropped(void **state)
{
	struct spool_world *w = *state;
	bool known = false;

	spool_close(w->spool);
	w->spool = NULL;
	w->opts.hash = fill_up;
	assert_int_equal(world_open(w), TL_OK);
	world_keep(w, 0, 9, false);
	assert_int_equal(world_put(w, 10, false, NULL, &known), TL_OK);
	filling = w;
	assert_int_equal(world_put(w, 20, false, NULL, &known), TL_EFULL);
	assert_int_equal(spool_commit(w->spool), TL_EFULL);
	assert_false(world_has(w, 10) || world_has(w, 20));
	world_keep(w, 20, 1, false);
	/* the same where it cannot */
	assert_int_equal(
	    sqlite3_set_authorizer(w->spool->db.sql, refuse_rollback_cb, NULL),
	    SQLITE_OK);
	assert_int_equal(world_put(w, 30, false, NULL, &known), TL_OK);
	filling = w;
	assert_int_equal(world_put(w, 31, false, NULL, &known), TL_EIO);
	assert_int_equal(spool_commit(w->spool), TL_EIO);
	assert_int_equal(world_forget(w, 0), TL_EIO);
	world_reopen(w);
	assert_true(world_has(w, 0) && world_has(w, 8) && world_has(w, 20));
	assert_false(world_has(w, 30) || world_has(w, 31));
}

/* A key that can be guessed would tell the order of arrival. */
static void without_random_keys_nothing_is_kept(void **state)
{
	struct spool_world *w = *state;
	bool known = true;

	world_keep(w, 0, 64, false); /* all that were drawn */
	assert_int_equal(world_put(w, 65, false, NULL, &known), TL_OK);
	w->spool->n_keys = 0;
	/* and if what was put before cannot be dropped either */
	assert_int_equal(
	    sqlite3_set_authorizer(w->spool->db.sql, refuse_rollback_cb, NULL),
	    SQLITE_OK);
	bad_calls_fail(BAD_GETRANDOM, 1, 5);
	assert_int_equal(world_put(w, 66, false, NULL, &known), TL_EIO);
	assert_int_equal(bad_calls_end(), 1);
	assert_int_equal(spool_commit(w->spool), TL_EIO);
	assert_int_equal(world_put(w, 67, false, NULL, &known), TL_EIO);
	world_reopen(w);
	assert_true(world_has(w, 63));
	assert_false(world_has(w, 65) || world_has(w, 66));
}

/* The group is on the disk, and was answered so. */
static void a_day_that_cannot_be_counted_ends_the_spool_and_no_record(
    void **state)
{
	struct spool_world *w = *state;
	uint8_t id[SPOOL_ID_BYTES] = { 0 };
	const struct spool_record record = { .id = id,
		.sealed = bytes_of("x", 1) };
	uint8_t hash[SPOOL_HASH_BYTES];
	bool known;

	for (uint8_t day = 0; day < 17; day++) {
		id[0] = day;
		if (day == 16) {
			bad_calls_fail(BAD_REALLOCARRAY, 1, 0);
		}
		assert_int_equal(
		    spool_put(w->spool, &record, 1, day, &known), TL_OK);
		assert_int_equal(spool_commit(w->spool), TL_OK);
	}
	assert_int_equal(bad_calls_end(), 1);
	assert_int_equal(
	    spool_put(w->spool, &record, 1, 17, &known), TL_ENOMEM);
	spool_close(w->spool);
	w->spool = NULL;
	bad_calls_fail(BAD_REALLOCARRAY, 2, 0); /* nor at the start */
	assert_int_equal(world_open(w), TL_ENOMEM);
	assert_int_equal(bad_calls_end(), 1);
	world_reopen(w);
	assert_int_equal(spool_get_hash(w->spool, id, hash), TL_OK);
	assert_int_equal(spool_waiting(w->spool, RANK_PIECE), 17);
}

static void the_room_in_the_stats_is_one_that_there_is(void **state)
{
	struct spool_stats stats = { .room = SPOOL_ROOM_FULL };
	struct spool_stats read = { 0 };
	struct buf buf;

	(void)state;
	buf_init(&buf, 512);
	spool_stats_put(&buf, &stats);
	assert_int_equal(
	    spool_stats_get(bytes_of(buf.data, buf.len), &read), TL_OK);
	buf.data[7 * 8 + 7]++;
	assert_int_equal(
	    spool_stats_get(bytes_of(buf.data, buf.len), &read), TL_EFORMAT);
	assert_int_equal(read.room, SPOOL_ROOM_FULL);
	buf_free(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SPOOL_TEST(a_row_that_is_no_record_is_kept_but_not_lent),
		SPOOL_TEST(
		    bytes_that_changed_are_not_copied_and_can_be_put_again),
		SPOOL_TEST(each_file_has_a_number_of_its_own),
		SPOOL_TEST(a_channel_that_there_is_not_counts_as_web),
		SPOOL_TEST(a_row_that_is_gone_from_the_table_ends_the_take),
		SPOOL_TEST(no_more_are_lent_than_can_be_remembered),
		SPOOL_TEST(mail_has_a_size_and_a_number),
		SPOOL_TEST(statuses_leave_room_for_words),
		SPOOL_TEST(what_breaks_the_rules_of_a_put_is_refused),
		SPOOL_TEST(a_known_nonce_makes_a_new_message_known),
		SPOOL_TEST(while_a_group_is_open_nothing_is_lent),
		SPOOL_TEST(
		    a_file_that_may_not_grow_drops_the_group_and_goes_on),
		SPOOL_TEST(
		    a_full_disk_is_forgiven_if_the_group_could_be_dropped),
		SPOOL_TEST(without_random_keys_nothing_is_kept),
		SPOOL_TEST(
		    a_day_that_cannot_be_counted_ends_the_spool_and_no_record),
		cmocka_unit_test(the_room_in_the_stats_is_one_that_there_is),
	};

	return cmocka_run_group_tests_name(
	    "queue/spool limits", tests, NULL, NULL);
}
