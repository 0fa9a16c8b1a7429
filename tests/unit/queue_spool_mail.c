/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/spool_mail: mail for reporters lives as long as it may, goes when it
 * shall, and does not come back.
 */
#include "queue/spool_mail.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/spool_world.h"

#define SPOOL_TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

/* ---- helpers ----------------------------------------------------------------
 */

static void name_of(uint32_t n, char kind, uint8_t name[static 16])
{
	memset(name, kind, 16);
	memcpy(name, &n, sizeof(n));
}

static uint8_t *body_of(uint32_t n, uint8_t body[static SPOOL_MAIL_BYTES_MAX])
{
	for (size_t i = 0; i < SPOOL_MAIL_BYTES_MAX; i++) {
		body[i] = (uint8_t)(n * 31 + i * (7 + 2 * n));
	}
	memcpy(body, &n, sizeof(n));
	return body;
}

/* Mail number n for mailbox box; len 0: a deletion. */
static enum tl_err put_len(struct spool_world *w, uint32_t n, uint32_t box,
    int64_t last_day, size_t len)
{
	uint8_t id[16], mailbox[16], body[SPOOL_MAIL_BYTES_MAX];
	const struct spool_mail mail = { .id = id,
		.mailbox = mailbox,
		.last_day = last_day,
		.body = bytes_of(body_of(n, body), len) };

	name_of(n, 'i', id);
	name_of(box, 'b', mailbox);
	return spool_mail_put(w->spool, &mail, WORLD_DAY);
}

static enum tl_err put(
    struct spool_world *w, uint32_t n, uint32_t box, int64_t last_day)
{
	return put_len(w, n, box, last_day, SPOOL_MAIL_BYTES_MAX);
}

static void keep(
    struct spool_world *w, uint32_t n, uint32_t box, int64_t last_day)
{
	assert_int_equal(put(w, n, box, last_day), TL_OK);
	assert_int_equal(spool_commit(w->spool), TL_OK);
}

struct found {
	uint32_t numbers[SPOOL_MAILBOX_MOST + 1];
	size_t n;
};

static void find(struct bytes body, void *arg)
{
	struct found *found = arg;
	uint8_t want[SPOOL_MAIL_BYTES_MAX];
	uint32_t n;

	assert_int_equal(body.len, SPOOL_MAIL_BYTES_MAX);
	memcpy(&n, body.at, sizeof(n));
	assert_memory_equal(body.at, body_of(n, want), body.len);
	assert_true(found->n < SPOOL_MAILBOX_MOST);
	found->numbers[found->n++] = n;
}

static struct found look_on(struct spool_world *w, uint32_t box, int64_t today)
{
	struct found found = { .n = 0 };
	uint8_t mailbox[16];

	name_of(box, 'b', mailbox);
	assert_int_equal(
	    spool_mail_read(w->spool, mailbox, today, find, &found), TL_OK);
	return found;
}

static struct found look(struct spool_world *w, uint32_t box)
{
	return look_on(w, box, WORLD_DAY);
}

static bool has(const struct found *found, uint32_t n)
{
	for (size_t i = 0; i < found->n; i++) {
		if (found->numbers[i] == n) {
			return true;
		}
	}
	return false;
}

static void delete_box(struct spool_world *w, uint32_t box)
{
	uint8_t mailbox[16];

	name_of(box, 'b', mailbox);
	assert_int_equal(spool_mail_delete(w->spool, mailbox), TL_OK);
	assert_int_equal(spool_commit(w->spool), TL_OK);
}

/* Do these bytes stand anywhere in the file or its log? */
static bool is_on_disk(struct spool_world *w, const void *bytes, size_t len)
{
	static const char *const names[] = { "spool.db", "spool.db-wal" };
	bool found = false;

	for (size_t i = 0; i < 2; i++) {
		static uint8_t file[4u << 20];
		char path[160];
		ssize_t got;
		int fd;

		world_path(w, names[i], path);
		fd = open(path, O_RDONLY);
		assert_true(fd >= 0);
		got = read(fd, file, sizeof(file));
		assert_true(got >= 0 && got < (ssize_t)sizeof(file));
		found = found || memmem(file, (size_t)got, bytes, len) != NULL;
		(void)close(fd);
	}
	return found;
}

/* ---- tests --------------------------------------------------------------- */

static void mail_is_found_in_its_mailbox_and_in_no_other(void **state)
{
	struct spool_world *w = *state;
	struct found found;

	keep(w, 1, 7, WORLD_DAY + 90);
	keep(w, 2, 7, WORLD_DAY + 90);
	keep(w, 3, 8, WORLD_DAY + 90);
	world_reopen(w);
	found = look(w, 7);
	assert_int_equal(found.n, 2);
	assert_true(has(&found, 1) && has(&found, 2));
	found = look(w, 8);
	assert_int_equal(found.n, 1);
	assert_int_equal(look(w, 9).n, 0);
	assert_int_equal(
	    spool_waiting(w->spool, RANK_PIECE), 0); /* it is no tip */
}

static void mail_is_there_after_its_commit_and_not_before(void **state)
{
	struct spool_world *w = *state;
	uint8_t mailbox[16];
	struct found found = { .n = 0 };

	assert_int_equal(put(w, 1, 7, WORLD_DAY), TL_OK);
	name_of(7, 'b', mailbox);
	assert_int_equal(
	    spool_mail_read(w->spool, mailbox, WORLD_DAY, find, &found),
	    TL_EBUSY);
	world_reopen(w);
	assert_int_equal(look(w, 7).n, 0);
}

static void mail_is_counted_until_its_last_day(void **state)
{
	struct spool_world *w = *state;
	struct spool_stats stats;
	size_t n = 0;

	keep(w, 1, 7, WORLD_DAY);
	keep(w, 2, 7, WORLD_DAY + 1);
	delete_box(w, 7);
	spool_stats(w->spool, &stats);
	assert_int_equal(stats.mail, 2);
	world_reopen(w);
	spool_stats(w->spool, &stats);
	assert_int_equal(stats.mail, 2);
	assert_int_equal(spool_mail_expire(w->spool, WORLD_DAY + 1, &n), TL_OK);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	spool_stats(w->spool, &stats);
	assert_int_equal(stats.mail, 1);
}

static void the_same_mail_twice_is_one(void **state)
{
	struct spool_world *w = *state;

	keep(w, 1, 7, WORLD_DAY + 1);
	assert_int_equal(put(w, 1, 7, WORLD_DAY + 1), TL_EEXIST);
	assert_int_equal(put(w, 1, 8, WORLD_DAY + 1), TL_EEXIST);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	assert_int_equal(look(w, 7).n, 1);
	assert_int_equal(look(w, 8).n, 0);
}

static void the_last_day_is_shown_and_the_next_is_not(void **state)
{
	struct spool_world *w = *state;
	size_t n = 99;

	keep(w, 1, 7, WORLD_DAY);
	keep(w, 2, 7, WORLD_DAY + 1);
	assert_int_equal(look_on(w, 7, WORLD_DAY).n, 2);
	assert_int_equal(look_on(w, 7, WORLD_DAY + 1).n, 1);
	assert_int_equal(look_on(w, 7, WORLD_DAY + 2).n, 0);
	assert_int_equal(spool_mail_expire(w->spool, WORLD_DAY + 1, &n), TL_OK);
	assert_int_equal(n, 1);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	/* even if the clock went back: it is not there any more */
	assert_int_equal(look_on(w, 7, WORLD_DAY).n, 1);
}

static void mail_that_is_over_or_too_far_ahead_is_refused(void **state)
{
	struct spool_world *w = *state;

	assert_int_equal(put(w, 1, 7, WORLD_DAY - 1), TL_ESTALE);
	assert_int_equal(
	    put(w, 1, 7, WORLD_DAY + SPOOL_MAIL_DAYS_MAX + 1), TL_ESTALE);
	assert_int_equal(
	    put_len(w, 1, 7, WORLD_DAY + SPOOL_MAIL_DAYS_MAX + 1, 0),
	    TL_ESTALE);
	assert_int_equal(put(w, 1, 7, WORLD_DAY + SPOOL_MAIL_DAYS_MAX), TL_OK);
}

static void deleted_mail_is_gone_from_the_disk_and_stays_away(void **state)
{
	struct spool_world *w = *state;
	uint8_t body[SPOOL_MAIL_BYTES_MAX];
	uint8_t mailbox[16];

	keep(w, 1, 7, WORLD_DAY + 9);
	keep(w, 2, 8, WORLD_DAY + 9);
	body_of(1, body);
	name_of(7, 'b', mailbox);
	assert_true(is_on_disk(w, body, 64));
	delete_box(w, 7);
	assert_int_equal(spool_idle(w->spool), TL_OK);
	assert_false(is_on_disk(w, body, 64));
	assert_false(is_on_disk(w, body + 1000, 64));
	assert_false(is_on_disk(w, mailbox, sizeof(mailbox)));
	assert_true(is_on_disk(w, body_of(2, body), 64));
	/* the stream is read again from its beginning */
	assert_int_equal(put(w, 1, 7, WORLD_DAY + 9), TL_EEXIST);
	world_reopen(w);
	assert_int_equal(put(w, 1, 7, WORLD_DAY + 9), TL_EEXIST);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	assert_int_equal(look(w, 7).n, 0);
	assert_int_equal(look(w, 8).n, 1);
	/* what is new is welcome */
	keep(w, 3, 7, WORLD_DAY + 9);
	assert_int_equal(look(w, 7).n, 1);
}

static void a_deletion_read_again_takes_nothing_that_came_later(void **state)
{
	struct spool_world *w = *state;
	struct found found;

	keep(w, 1, 7, WORLD_DAY + 9);
	assert_int_equal(put_len(w, 100, 7, WORLD_DAY + 9, 0), TL_OK);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	assert_int_equal(look(w, 7).n, 0);
	keep(w, 2, 7, WORLD_DAY + 9);
	world_reopen(w);
	assert_int_equal(put(w, 1, 7, WORLD_DAY + 9), TL_EEXIST);
	assert_int_equal(put_len(w, 100, 7, WORLD_DAY + 9, 0), TL_EEXIST);
	assert_int_equal(put(w, 2, 7, WORLD_DAY + 9), TL_EEXIST);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	found = look(w, 7);
	assert_int_equal(found.n, 1);
	assert_true(has(&found, 2));
}

static void expired_mail_is_gone_from_the_disk(void **state)
{
	struct spool_world *w = *state;
	uint8_t body[SPOOL_MAIL_BYTES_MAX];
	size_t n = 0;

	keep(w, 1, 7, WORLD_DAY);
	body_of(1, body);
	assert_int_equal(spool_mail_expire(w->spool, WORLD_DAY + 1, &n), TL_OK);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	assert_int_equal(spool_idle(w->spool), TL_OK);
	assert_false(is_on_disk(w, body, 64));
}

static void a_full_mailbox_keeps_what_lasts_longest_and_the_new_one(
    void **state)
{
	struct spool_world *w = *state;
	struct found found;

	for (uint32_t i = 0; i < SPOOL_MAILBOX_MOST; i++) {
		keep(w, i, 7, WORLD_DAY + 10 + i);
	}
	assert_int_equal(look(w, 7).n, SPOOL_MAILBOX_MOST);
	keep(w, 100, 7, WORLD_DAY + 1);
	found = look(w, 7);
	assert_int_equal(found.n, SPOOL_MAILBOX_MOST);
	assert_true(has(&found, 100));
	assert_false(has(&found, 0));
	assert_int_equal(put(w, 0, 7, WORLD_DAY + 10), TL_EEXIST);
	keep(w, 101, 7, WORLD_DAY + 90);
	assert_false((found = look(w, 7), has(&found, 100)));
}

/* As put(), of a status. */
static enum tl_err put_status_of(
    struct spool_world *w, uint32_t n, uint32_t box, int64_t last_day)
{
	uint8_t id[16], mailbox[16], body[SPOOL_MAIL_BYTES_MAX];
	const struct spool_mail mail = { .id = id,
		.mailbox = mailbox,
		.last_day = last_day,
		.body = bytes_of(body, sizeof(body)),
		.is_status = true };

	name_of(n, 'i', id);
	name_of(box, 'b', mailbox);
	(void)body_of(n, body);
	body[8] = 3;
	return spool_mail_put(w->spool, &mail, WORLD_DAY);
}

static enum tl_err put_status(struct spool_world *w, uint32_t n, uint32_t box)
{
	return put_status_of(w, n, box, WORLD_DAY + 9);
}

static void count(struct bytes body, void *arg)
{
	size_t *n = arg;

	n[body.at[8] == 3]++;
}

static void a_status_takes_the_place_of_the_last_one_and_of_nothing_else(
    void **state)
{
	struct spool_world *w = *state;
	uint8_t mailbox[16], body[SPOOL_MAIL_BYTES_MAX];
	size_t n[2] = { 0 };

	keep(w, 1, 7, WORLD_DAY + 9);
	for (uint32_t i = 10; i < 50; i++) {
		assert_int_equal(put_status(w, i, 7), TL_OK);
		assert_int_equal(put_status(w, i + 100, 8), TL_OK);
		assert_int_equal(spool_commit(w->spool), TL_OK);
	}
	assert_int_equal(put_status(w, 10, 7), TL_EEXIST);
	name_of(7, 'b', mailbox);
	assert_int_equal(
	    spool_mail_read(w->spool, mailbox, WORLD_DAY, count, n), TL_OK);
	assert_int_equal(n[0], 1);
	assert_int_equal(n[1], 1);
	name_of(8, 'b', mailbox);
	assert_int_equal(
	    spool_mail_read(w->spool, mailbox, WORLD_DAY, count, n), TL_OK);
	assert_int_equal(n[1], 2);
	(void)body_of(20, body);
	assert_int_equal(spool_idle(w->spool), TL_OK);
	assert_false(is_on_disk(w, body + 1000, 64));
	(void)body_of(49, body);
	assert_true(is_on_disk(w, body + 1000, 64));
}

/* A new spool gets all mail again, of one desk after the other. */
static void a_status_of_before_takes_not_the_place_of_a_newer_one(void **state)
{
	struct spool_world *w = *state;
	uint8_t mailbox[16], body[SPOOL_MAIL_BYTES_MAX];
	size_t n[2] = { 0 };

	assert_int_equal(put_status_of(w, 10, 7, WORLD_DAY + 9), TL_OK);
	assert_int_equal(put_status_of(w, 11, 7, WORLD_DAY + 7), TL_OK);
	assert_int_equal(put_status_of(w, 12, 7, WORLD_DAY + 8), TL_OK);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	name_of(7, 'b', mailbox);
	assert_int_equal(
	    spool_mail_read(w->spool, mailbox, WORLD_DAY, count, n), TL_OK);
	assert_int_equal(n[1], 2); /* the page takes the newest */
	assert_int_equal(spool_idle(w->spool), TL_OK);
	assert_true(is_on_disk(w, body_of(10, body) + 1000, 64));
	assert_int_equal(put_status_of(w, 13, 7, WORLD_DAY + 10), TL_OK);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	memset(n, 0, sizeof(n));
	assert_int_equal(
	    spool_mail_read(w->spool, mailbox, WORLD_DAY, count, n), TL_OK);
	assert_int_equal(n[1], 1);
}

/* Its last day is the first of all, as it is when an officer and a reporter
 * have written for long since the case has moved. */
static void words_push_out_words_and_never_the_status(void **state)
{
	struct spool_world *w = *state;
	uint8_t mailbox[16];
	size_t n[2] = { 0 };

	assert_int_equal(put_status(w, 200, 7), TL_OK);
	for (uint32_t i = 0; i < 2 * SPOOL_MAILBOX_MOST; i++) {
		keep(w, i, 7, WORLD_DAY + 10 + i);
	}
	name_of(7, 'b', mailbox);
	assert_int_equal(
	    spool_mail_read(w->spool, mailbox, WORLD_DAY, count, n), TL_OK);
	assert_int_equal(n[0], SPOOL_MAILBOX_MOST - 1);
	assert_int_equal(n[1], 1);
	/* the next one takes its place, and no words go for it */
	assert_int_equal(put_status(w, 201, 7), TL_OK);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	memset(n, 0, sizeof(n));
	assert_int_equal(
	    spool_mail_read(w->spool, mailbox, WORLD_DAY, count, n), TL_OK);
	assert_int_equal(n[0], SPOOL_MAILBOX_MOST - 1);
	assert_int_equal(n[1], 1);
}

static void mail_is_refused_before_tips_are(void **state)
{
	struct spool_world *w = *state;
	bool known = false;

	keep(w, 1, 7, WORLD_DAY + 9);
	spool_close(w->spool);
	w->spool = NULL;
	w->opts.low_free_bytes = UINT64_MAX;
	assert_int_equal(world_open(w), TL_OK);
	assert_int_equal(put(w, 2, 7, WORLD_DAY + 9), TL_EFULL);
	assert_int_equal(world_put(w, 5, false, NULL, &known), TL_OK);
	/* what frees room still works */
	assert_int_equal(put_len(w, 100, 7, WORLD_DAY + 9, 0), TL_OK);
	assert_int_equal(spool_commit(w->spool), TL_OK);
	assert_int_equal(look(w, 7).n, 0);
	assert_true(world_has(w, 5));
}

static void mail_is_rescued_from_a_damaged_file(void **state)
{
	struct spool_world *w = *state;
	uint8_t noise[4096];
	char path[160];
	size_t left = 0;
	int fd;

	for (uint32_t i = 0; i < 50; i++) {
		keep(w, i, i, WORLD_DAY + 9);
	}
	delete_box(w, 49);
	world_keep(w, 0, 500, false);
	assert_int_equal(spool_finish(w->spool), TL_OK);
	spool_close(w->spool);
	w->spool = NULL;
	memset(noise, 0x5a, sizeof(noise));
	world_path(w, "spool.db", path);
	fd = open(path, O_WRONLY);
	assert_int_equal(pwrite(fd, noise, sizeof(noise),
			     world_file_bytes(w, "spool.db") / 8192 * 4096),
	    sizeof(noise));
	(void)close(fd);
	assert_int_equal(world_open(w), TL_OK);
	assert_true(spool_was_rescued(w->spool));
	for (uint32_t i = 0; i < 49; i++) {
		left += look(w, i).n;
	}
	assert_true(left >= 47);
	assert_int_equal(look(w, 49).n, 0);
	assert_int_equal(put(w, 49, 49, WORLD_DAY + 9), TL_EEXIST);
}

static void a_file_of_the_version_before_is_taken_over(void **state)
{
	struct spool_world *w = *state;
	static uint8_t file[1u << 20];
	struct spool_stats stats;
	char path[160];
	uint8_t id[16], hash[32];
	ssize_t len;
	int fd;

	spool_close(w->spool);
	w->spool = NULL;
	fd = open("tests/vectors/spool-1.db", O_RDONLY);
	len = read(fd, file, sizeof(file));
	(void)close(fd);
	assert_true(len > 0);
	world_path(w, "spool.db-wal", path);
	assert_int_equal(remove(path), 0);
	world_path(w, "spool.db", path);
	fd = open(path, O_WRONLY | O_TRUNC);
	assert_int_equal(write(fd, file, (size_t)len), len);
	(void)close(fd);
	assert_int_equal(world_open(w), TL_OK);
	assert_false(spool_was_rescued(w->spool));
	spool_stats(w->spool, &stats);
	assert_int_equal(stats.records, 3);
	assert_int_equal(stats.urgent, 1);
	for (int i = 0; i < 3; i++) {
		memset(id, 0x10 + i, sizeof(id));
		assert_int_equal(spool_get_hash(w->spool, id, hash), TL_OK);
	}
	keep(w, 1, 7, WORLD_DAY + 9);
	world_reopen(w);
	assert_int_equal(look(w, 7).n, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SPOOL_TEST(mail_is_found_in_its_mailbox_and_in_no_other),
		SPOOL_TEST(mail_is_there_after_its_commit_and_not_before),
		SPOOL_TEST(mail_is_counted_until_its_last_day),
		SPOOL_TEST(the_same_mail_twice_is_one),
		SPOOL_TEST(the_last_day_is_shown_and_the_next_is_not),
		SPOOL_TEST(mail_that_is_over_or_too_far_ahead_is_refused),
		SPOOL_TEST(deleted_mail_is_gone_from_the_disk_and_stays_away),
		SPOOL_TEST(a_deletion_read_again_takes_nothing_that_came_later),
		SPOOL_TEST(expired_mail_is_gone_from_the_disk),
		SPOOL_TEST(
		    a_full_mailbox_keeps_what_lasts_longest_and_the_new_one),
		SPOOL_TEST(
		    a_status_takes_the_place_of_the_last_one_and_of_nothing_else),
		SPOOL_TEST(
		    a_status_of_before_takes_not_the_place_of_a_newer_one),
		SPOOL_TEST(words_push_out_words_and_never_the_status),
		SPOOL_TEST(mail_is_refused_before_tips_are),
		SPOOL_TEST(mail_is_rescued_from_a_damaged_file),
		SPOOL_TEST(a_file_of_the_version_before_is_taken_over),
	};

	return cmocka_run_group_tests_name(
	    "queue/spool_mail", tests, NULL, NULL);
}
