/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/spool: the real tipline-spool on a host whose clock has leaped. Not
 * the clock is moved but what the spool has counted, which is the same to it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/hash.h"
#include "crypto/mail.h"
#include "queue/spool_clock.h"
#include "queue/spool_mail.h"
#include "tests/lib/spool_home.h"

#define YEAR   365
#define TRIES  600
#define TRY_MS 50
#define MAIL(n) \
	{ \
		n, 'm', 'a', 'i', 'l' \
	}

enum { NOW, KNOWN };

static const uint8_t key[MAIL_KEY_BYTES] = "the reply key of the mailbox ab";
static const uint8_t box[MAIL_MAILBOX_BYTES] = "the mailbox of a";
static const char dedup[] = "the gateway's id";

/* One answer for a whole test, which may last past midnight. */
static int64_t today;

static struct spool *open_file(const struct spool_home *h)
{
	struct spool *spool = NULL;
	char dir[128];
	const struct spool_opts opts = { .dir = dir, .hash = hash_bytes };

	home_path(h, "spool", dir);
	assert_int_equal(spool_open(&opts, &spool), TL_OK);
	return spool;
}

static void close_file(struct spool *spool)
{
	assert_int_equal(spool_finish(spool), TL_OK);
	spool_close(spool);
}

static void put_mail(struct spool *spool, uint8_t n, int64_t last_day)
{
	static const uint8_t body[SPOOL_MAIL_BYTES_MAX];
	const uint8_t id[16] = MAIL(n);
	const struct spool_mail mail = { .id = id,
		.mailbox = box,
		.last_day = last_day,
		.body = bytes_of(body, sizeof(body)) };

	assert_int_equal(spool_mail_put(spool, &mail, last_day), TL_OK);
	assert_int_equal(spool_commit(spool), TL_OK);
}

/* Stop it, have it believe that it was this many days ago when it last looked,
 * and start it. One reply that is over by any clock goes: then it has looked
 * for what ends. */
static void leap(struct spool_home *h, int64_t days)
{
	uint64_t mail = home_stats(h).mail;
	struct spool *spool;

	assert_int_equal(home_stop(h, SIGTERM), 0);
	spool = open_file(h);
	/* below what its start adds */
	assert_int_equal(
	    spool_clock_save(spool, 24 * (today - days) + 12), TL_OK);
	put_mail(spool, 255, today - 3 * YEAR);
	close_file(spool);
	home_start(h);
	for (int tries = 0; home_stats(h).mail > mail; tries++) {
		assert_true(tries < TRIES);
		(void)poll(NULL, 0, TRY_MS);
	}
}

static uint8_t give(const struct spool_home *h, uint8_t n, int64_t last_day)
{
	const uint8_t id[MAIL_ID_BYTES] = MAIL(n);
	const struct mail_head head = {
		.mailbox = box, .id = id, .last_day = (uint32_t)last_day
	};
	const struct mail_reply reply = { .status = 1, .sent_s = n };
	uint8_t mail[MAIL_REPLY_BYTES], hash[32], how;
	int relay = home_door(h, "relay.sock");
	struct buf bytes;
	struct frame frame;

	assert_int_equal(mail_seal(&head, &reply, key, mail), TL_OK);
	mail_hash(mail, sizeof(mail), hash);
	assert_int_equal(
	    mail_sign(h->sign, hash, mail_signature(mail, sizeof(mail))),
	    TL_OK);
	home_say_frame(relay, FRAME_MAIL, mail, sizeof(mail));
	buf_init(&bytes, HOME_MANY_BYTES);
	assert_true(home_hear(relay, &bytes, &frame));
	assert_int_equal(frame.type, FRAME_MAIL_KEPT);
	how = frame.body[0];
	buf_free(&bytes);
	(void)close(relay);
	return how;
}

/* How many replies a worker is shown. */
static unsigned look(const struct spool_home *h)
{
	uint8_t ask[20] = { 0 };
	int fd = home_door(h, "intake.sock");
	struct buf bytes;
	struct frame frame;
	unsigned n;

	memcpy(ask + 4, box, 16);
	home_say_frame(fd, FRAME_MAIL_ASK, ask, sizeof(ask));
	buf_init(&bytes, HOME_MANY_BYTES);
	assert_true(home_hear(fd, &bytes, &frame));
	assert_int_equal(frame.type, FRAME_MAIL_BOX);
	n = frame.body[4];
	buf_free(&bytes);
	(void)close(fd);
	return n;
}

static uint8_t put_once(const struct spool_home *h, uint32_t n)
{
	int fd = home_door(h, "intake.sock");
	struct buf bytes;
	uint8_t known;

	buf_init(&bytes, HOME_MANY_BYTES);
	home_add_put(&bytes, n, n, 1, false, dedup);
	home_say(fd, &bytes);
	known = home_hear_answer(fd, FRAME_KEPT, n);
	buf_free(&bytes);
	(void)close(fd);
	return known;
}

static uint32_t ask_day(const struct spool_home *h)
{
	static const uint8_t end_of_lists[SPOOL_LIST_ID_BYTES + 4];
	int fd = home_door(h, "intake.sock");
	struct buf bytes;
	struct frame frame;
	uint32_t day;

	home_say_frame(fd, FRAME_LIST, end_of_lists, sizeof(end_of_lists));
	buf_init(&bytes, HOME_MANY_BYTES);
	assert_true(home_hear(fd, &bytes, &frame));
	assert_int_equal(frame.type, FRAME_DAY);
	assert_int_equal(frame.body_len, 4);
	day = (uint32_t)frame.body[0] << 24 | (uint32_t)frame.body[1] << 16 |
	    (uint32_t)frame.body[2] << 8 | frame.body[3];
	buf_free(&bytes);
	(void)close(fd);
	return day;
}

/* ---- tests ----------------------------------------------------------------
 */

static void with_a_right_clock_nothing_is_said_of_it(void **state)
{
	struct spool_home *h = *state;
	struct spool_stats stats = home_stats(h);

	assert_int_equal(stats.clock_days, 0);
	assert_in_range(stats.day, today, today + 1);
	assert_int_equal(ask_day(h), stats.day);
}

/* The replies that a reporter has not fetched yet, and what was told twice. */
static void a_leap_of_a_year_ahead_ends_nothing(void **state)
{
	struct spool_home *h = *state;

	leap(h, YEAR);
	assert_int_equal(give(h, 1, today - YEAR + 30), NOW);
	assert_int_equal(put_once(h, 1), 0);
	leap(h, YEAR);
	assert_int_equal(look(h), 1);
	assert_int_equal(put_once(h, 2), 1);
	assert_in_range(home_stats(h).clock_days, YEAR - 3, YEAR);
	/* nor is it told to workers */
	assert_in_range(ask_day(h), today - YEAR, today - YEAR + 2);
	/* what comes now, from a desk that is right, is not over */
	assert_int_equal(give(h, 2, today - YEAR + 90), NOW);
	assert_int_equal(look(h), 2);
}

static void the_right_time_after_a_leap_finds_all_that_was_there(void **state)
{
	struct spool_home *h = *state;

	assert_int_equal(give(h, 1, today + 30), NOW);
	assert_int_equal(put_once(h, 1), 0);
	leap(h, 0);
	assert_int_equal(look(h), 1);
	assert_int_equal(put_once(h, 2), 1);
	assert_int_equal(home_stats(h).clock_days, 0);
	assert_in_range(home_stats(h).oldest_day, today, today + 1);
}

/* A host that begins half a year ago: a worker hears the greater day, replies
 * are not too far ahead, and a repeat is known when the clock is right. */
static void a_clock_behind_is_not_believed(void **state)
{
	struct spool_home *h = *state;

	leap(h, -180);
	assert_in_range(home_stats(h).clock_days, -181, -179);
	assert_in_range(ask_day(h), today + 180, today + 181);
	assert_int_equal(give(h, 1, today + 180 + 365), NOW);
	/* over by the count and not by the clock: who knows which is right */
	assert_int_equal(give(h, 2, today + 90), NOW);
	assert_int_equal(give(h, 3, today - 2), KNOWN);
	assert_int_equal(put_once(h, 1), 0);
	leap(h, -180);
	assert_int_equal(look(h), 2);
	assert_int_equal(put_once(h, 2), 1);
	assert_in_range(home_stats(h).oldest_day, today + 180, today + 181);
}

static void what_would_last_for_ever_ends_with_what_may_last_longest(
    void **state)
{
	struct spool_home *h = *state;
	struct spool *spool;
	size_t n = 0;

	assert_int_equal(give(h, 1, UINT32_MAX), NOW);
	assert_int_equal(home_stop(h, SIGTERM), 0);
	spool = open_file(h);
	assert_int_equal(
	    spool_mail_expire(spool, today + SPOOL_MAIL_DAYS_MAX + 2, &n),
	    TL_OK);
	assert_int_equal(n, 1);
	close_file(spool);
	home_start(h);
	assert_int_equal(look(h), 0);
}

static int set_up(void **state)
{
	today = (int64_t)(time(NULL) / 86400);
	return home_set_up(state);
}

#define HOME_TEST(name) \
	cmocka_unit_test_setup_teardown(name, set_up, home_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOME_TEST(with_a_right_clock_nothing_is_said_of_it),
		HOME_TEST(a_leap_of_a_year_ahead_ends_nothing),
		HOME_TEST(the_right_time_after_a_leap_finds_all_that_was_there),
		HOME_TEST(a_clock_behind_is_not_believed),
		HOME_TEST(
		    what_would_last_for_ever_ends_with_what_may_last_longest),
	};

	return cmocka_run_group_tests_name(
	    "server/spool clock", tests, NULL, NULL);
}
