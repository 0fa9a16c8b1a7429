/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/spool: the real tipline-spool on unix sockets. Whoever speaks to it
 * may have been taken over; whatever it said KEPT to is there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/hash.h"
#include "crypto/receipt.h"
#include "queue/spool_stats.h"
#include "tests/lib/spool_home.h"

/* ---- records in ---------------------------------------------------------- */

static void what_was_kept_is_there_after_kill_9(void **state)
{
	struct spool_home *h = *state;
	bool met[300] = { false };
	int fd = home_door(h, "intake.sock");

	home_keep(fd, 0, 300);
	assert_int_equal(home_stop(h, SIGKILL), 128 + SIGKILL);
	(void)close(fd);
	home_start(h);
	fd = home_door(h, "relay.sock");
	assert_int_equal(home_take_all(fd, met, 300), 300);
	for (size_t i = 0; i < 300; i++) {
		assert_true(met[i]);
	}
	(void)close(fd);
}

static void a_repeat_is_known_by_id_and_by_dedup_key(void **state)
{
	struct spool_home *h = *state;
	int fd = home_door(h, "intake.sock");
	struct buf out;

	buf_init(&out, HOME_MANY_BYTES);
	home_add_put(&out, 1, 7, 1, false, "0123456789abcdef");
	home_add_put(&out, 2, 7, 1, false, NULL);
	home_add_put(&out, 3, 8, 1, false, "0123456789abcdef");
	home_add_put(&out, 4, 9, 3, false, NULL);
	home_add_put(&out, 5, 9, 3, false, NULL);
	home_add_put(&out, 6, 9, 4, false, NULL);
	home_say(fd, &out);
	assert_int_equal(home_hear_answer(fd, FRAME_KEPT, 1), 0);
	assert_int_equal(home_hear_answer(fd, FRAME_KEPT, 2), 1);
	assert_int_equal(home_hear_answer(fd, FRAME_KEPT, 3), 1);
	assert_int_equal(home_hear_answer(fd, FRAME_KEPT, 4), 0);
	assert_int_equal(home_hear_answer(fd, FRAME_KEPT, 5), 1);
	assert_int_equal(home_hear_answer(fd, FRAME_KEPT, 6), 0);
	assert_int_equal(home_stats(h).records, 5);
	buf_free(&out);
	(void)close(fd);
}

static void two_workers_each_get_their_own_answers(void **state)
{
	struct spool_home *h = *state;
	int a = home_door(h, "intake.sock");
	int b = home_door(h, "intake.sock");

	for (uint32_t i = 0; i < 200; i++) {
		home_say_put(a, i, i);
		home_say_put(b, 1000 + i, 1000 + i);
	}
	for (uint32_t i = 0; i < 200; i++) {
		assert_int_equal(home_hear_answer(a, FRAME_KEPT, i), 0);
		assert_int_equal(home_hear_answer(b, FRAME_KEPT, 1000 + i), 0);
	}
	assert_int_equal(home_stats(h).records, 400);
	(void)close(a);
	(void)close(b);
}

static void a_worker_that_leaves_takes_nothing_with_it(void **state)
{
	struct spool_home *h = *state;
	int a = home_door(h, "intake.sock");
	int b = home_door(h, "intake.sock");

	for (uint32_t i = 0; i < 20; i++) {
		home_say_put(a, i, i);
		home_say_put(b, i, 100 + i);
	}
	(void)close(a);
	for (uint32_t i = 0; i < 20; i++) {
		assert_int_equal(home_hear_answer(b, FRAME_KEPT, i), 0);
	}
	for (int tries = 0; tries < 5000 && home_stats(h).records < 40;
	     tries++) {
		(void)poll(NULL, 0, 10);
	}
	assert_int_equal(home_stats(h).records, 40);
	(void)close(b);
}

static void too_many_at_once_are_told_that_it_is_busy(void **state)
{
	struct spool_home *h = *state;
	int fd = home_door(h, "intake.sock");
	struct buf out;
	struct buf in;
	struct frame frame;
	unsigned kept = 0;
	unsigned busy = 0;

	buf_init(&out, HOME_MANY_BYTES);
	buf_init(&in, HOME_MANY_BYTES);
	for (uint32_t i = 0; i < 1500; i++) {
		uint8_t body[29] = { 0 };

		memcpy(body, &i, sizeof(i));
		body[4] = 1;
		memcpy(body + 5, &i, sizeof(i));
		body[27] = 1; /* length */
		frame_put(&out, FRAME_PUT, body, sizeof(body));
	}
	assert_int_equal(kill(h->pid, SIGSTOP), 0);
	home_say(fd, &out);
	assert_int_equal(kill(h->pid, SIGCONT), 0);
	for (uint32_t i = 0; i < 1500; i++) {
		assert_true(home_hear(fd, &in, &frame));
		kept += frame.type == FRAME_KEPT ? 1 : 0;
		busy +=
		    frame.type == FRAME_REFUSED && frame.body[4] == 2 ? 1 : 0;
	}
	assert_int_equal(kept + busy, 1500);
	assert_in_range(kept, 512, 1499);
	assert_int_equal(home_stats(h).records, kept);
	buf_free(&out);
	buf_free(&in);
	(void)close(fd);
}

static void a_flood_of_receipts_keeps_no_tip_out(void **state)
{
	struct spool_home *h = *state;
	uint8_t body[112] = { 0 };
	struct buf flood;

	buf_init(&flood, HOME_MANY_BYTES);
	for (uint32_t i = 0; i < 1200; i++) {
		memcpy(body, &i, sizeof(i));
		frame_put(&flood, FRAME_RECEIPT, body, sizeof(body));
	}
	home_has_room_beside(h, "relay.sock", &flood);
	buf_free(&flood);
}

static void a_flood_of_one_worker_keeps_no_other_out(void **state)
{
	struct spool_home *h = *state;
	uint8_t body[29] = { [4] = 1, [27] = 1 };
	struct buf flood;

	buf_init(&flood, HOME_MANY_BYTES);
	for (uint32_t i = 0; i < 1500; i++) {
		memcpy(body + 5, &i, sizeof(i));
		frame_put(&flood, FRAME_PUT, body, sizeof(body));
	}
	home_has_room_beside(h, "intake.sock", &flood);
	buf_free(&flood);
}

static void without_room_records_are_refused(void **state)
{
	struct spool_home *h = *state;
	int fd;

	assert_int_equal(home_stop(h, SIGTERM), 0);
	home_write_conf(h, "spool", "min_free = 1024GiB\nlow_free = 1024GiB\n");
	home_start(h);
	fd = home_door(h, "intake.sock");
	home_say_put(fd, 5, 5);
	assert_int_equal(home_hear_answer(fd, FRAME_REFUSED, 5), 1);
	assert_int_equal(home_stats(h).room, SPOOL_ROOM_FULL);
	assert_int_equal(home_stats(h).records, 0);
	(void)close(fd);
}

static void a_worker_is_told_of_little_room_before_it_asks(void **state)
{
	struct spool_home *h = *state;
	struct frame frame;
	struct buf buf;
	int fd;

	assert_int_equal(home_stop(h, SIGTERM), 0);
	home_write_conf(h, "spool", "low_free = 1024GiB\n");
	home_start(h);
	assert_int_equal(home_stats(h).room, SPOOL_ROOM_LOW);
	fd = home_door(h, "intake.sock");
	buf_init(&buf, HOME_MANY_BYTES);
	assert_true(home_hear(fd, &buf, &frame));
	assert_int_equal(frame.type, FRAME_ROOM);
	assert_int_equal(frame.body_len, 1);
	assert_int_equal(frame.body[0], FRAME_ROOM_LOW);
	buf_free(&buf);
	home_say_put(fd, 5, 5);
	assert_int_equal(home_hear_answer(fd, FRAME_KEPT, 5), 0);
	(void)close(fd);
}

/* ---- records out --------------------------------------------------------- */

static void a_genuine_receipt_forgets_and_a_repeat_is_harmless(void **state)
{
	struct spool_home *h = *state;
	bool met[5] = { false };
	int fd = home_door(h, "intake.sock");

	home_keep(fd, 0, 5);
	(void)close(fd);
	fd = home_door(h, "relay.sock");
	assert_int_equal(home_take_all(fd, met, 5), 5);
	assert_int_equal(home_give_receipt(fd, 3, h->sign, -1), 0);
	assert_int_equal(home_give_receipt(fd, 3, h->sign, -1), 1);
	assert_int_equal(home_give_receipt(fd, 77, h->sign, -1), 1);
	assert_int_equal(home_stop(h, SIGKILL), 128 + SIGKILL);
	(void)close(fd);
	home_start(h);
	memset(met, 0, sizeof(met));
	fd = home_door(h, "relay.sock");
	assert_int_equal(home_take_all(fd, met, 5), 4);
	assert_false(met[3]);
	(void)close(fd);
}

static void a_forged_receipt_deletes_nothing(void **state)
{
	struct spool_home *h = *state;
	uint8_t sign[KEY_SIGN_BYTES];
	uint8_t verify[KEY_BYTES];
	uint64_t bad = 1;
	int fd = home_door(h, "intake.sock");

	home_keep(fd, 0, 5);
	(void)close(fd);
	fd = home_door(h, "relay.sock");
	keyfile_new_pair(sign, verify); /* nobody's desk */
	assert_int_equal(home_give_receipt(fd, 3, sign, -1), 2);
	for (int flip = 16; flip < 112; flip++, bad++) {
		assert_int_equal(home_give_receipt(fd, 3, h->sign, flip), 2);
	}
	for (int flip = 0; flip < 16; flip++) {
		/* the id of no record */
		assert_int_equal(home_give_receipt(fd, 3, h->sign, flip), 1);
	}
	assert_int_equal(home_stats(h).records, 5);
	assert_int_equal(home_stats(h).bad_receipts, bad);
	(void)close(fd);
}

/* A receipt of one record under the id of another. */
static void a_receipt_for_another_record_deletes_nothing(void **state)
{
	struct spool_home *h = *state;
	uint8_t body[112];
	uint8_t id[HOME_ID_BYTES];
	struct buf buf;
	struct frame frame;
	int fd = home_door(h, "intake.sock");

	home_keep(fd, 0, 5);
	(void)close(fd);
	fd = home_door(h, "relay.sock");
	buf_init(&buf, HOME_MANY_BYTES);
	home_record(1, id, &buf);
	hash_bytes(body + 16, buf.data, buf.len);
	home_record(2, id, &buf);
	memcpy(body, id, HOME_ID_BYTES);
	assert_int_equal(
	    receipt_sign(h->sign, body, body + 16, body + 48), TL_OK);
	home_say_frame(fd, FRAME_RECEIPT, body, sizeof(body));
	assert_true(home_hear(fd, &buf, &frame));
	assert_int_equal(frame.body[16], 2);
	assert_int_equal(home_stats(h).records, 5);
	buf_free(&buf);
	(void)close(fd);
}

static void a_relay_that_comes_again_is_lent_everything_again(void **state)
{
	struct spool_home *h = *state;
	bool met[30] = { false };
	struct buf buf;
	struct frame frame;
	int worker = home_door(h, "intake.sock");
	int first;
	int second;

	home_keep(worker, 0, 30);
	first = home_door(h, "relay.sock");
	assert_int_equal(home_take_all(first, met, 30), 30);
	(void)close(first);
	first = home_door(h, "relay.sock");
	assert_int_equal(home_take_all(first, met, 30), 30);
	/* a newer one takes the place of one that hangs */
	second = home_door(h, "relay.sock");
	assert_int_equal(home_take_all(second, met, 30), 30);
	buf_init(&buf, HOME_MANY_BYTES);
	assert_false(home_hear(first, &buf, &frame));
	home_say_frame(second, FRAME_UNLEND, NULL, 0);
	assert_int_equal(home_take_all(second, met, 30), 30);
	(void)close(first);
	(void)close(second);
	(void)close(worker);
	buf_free(&buf);
}

static void the_relay_hears_of_new_records_and_may_have_one_again(void **state)
{
	struct spool_home *h = *state;
	bool met[3] = { false };
	uint8_t id[HOME_ID_BYTES];
	struct buf buf;
	struct frame frame;
	int worker = home_door(h, "intake.sock");
	int relay = home_door(h, "relay.sock");

	buf_init(&buf, HOME_MANY_BYTES);
	assert_int_equal(home_take(relay, 64, met, 3), 0);
	home_keep(worker, 1, 1);
	assert_true(home_hear(relay, &buf, &frame));
	assert_int_equal(frame.type, FRAME_WAITING);
	assert_int_equal(frame.body_len, 8);
	assert_int_equal(frame.body[7], 1);
	home_keep(worker, 2, 1); /* said once until it takes again */
	assert_int_equal(home_take(relay, 64, met, 3), 2);
	home_record(1, id, &buf);
	home_say_frame(relay, FRAME_AGAIN, id, sizeof(id));
	met[1] = false;
	met[2] = false;
	assert_int_equal(home_take(relay, 64, met, 3), 1);
	assert_true(met[1]);
	home_record(99, id, &buf);
	home_say_frame(relay, FRAME_AGAIN, id, sizeof(id));
	assert_int_equal(home_take(relay, 64, met, 3), 0);
	buf_free(&buf);
	(void)close(worker);
	(void)close(relay);
}

/* ---- garbage ------------------------------------------------------------- */

static void expect_cut(
    struct spool_home *h, const char *name, const void *bytes, size_t len)
{
	int fd = home_door(h, name);
	struct buf out;
	struct frame frame;

	buf_init(&out, HOME_MANY_BYTES);
	buf_put(&out, bytes, len);
	home_say(fd, &out);
	assert_false(home_hear(fd, &out, &frame));
	buf_free(&out);
	(void)close(fd);
}

static void expect_frame_cut(struct spool_home *h, const char *name,
    enum frame_type type, const void *body, size_t len)
{
	struct buf out;

	buf_init(&out, HOME_MANY_BYTES);
	frame_put(&out, type, body, len);
	expect_cut(h, name, out.data, out.len);
	buf_free(&out);
}

static void garbage_ends_its_sender_and_nobody_else(void **state)
{
	struct spool_home *h = *state;
	/* req, n, id, channel, urgent, dedup, length, one byte */
	uint8_t put[29] = { [4] = 1, [27] = 1, [28] = 'x' };
	static const struct {
		size_t at;
		uint8_t value;
	} wrong[] = { { 4, 0 }, { 4, 2 }, { 4, 17 }, { 21, 5 }, { 22, 2 },
		{ 23, 1 }, { 23, 2 }, { 24, 1 }, { 27, 0 }, { 27, 2 } };
	int fd = home_door(h, "intake.sock");

	expect_cut(h, "intake.sock", "GET / HTTP/1.1\r\n\r\n", 18);
	expect_cut(h, "admin.sock", "\0\0\0\1\0\50\0\0x", 9);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		uint8_t bad[sizeof(put)];

		memcpy(bad, put, sizeof(put));
		bad[wrong[i].at] = wrong[i].value;
		expect_frame_cut(h, "intake.sock", FRAME_PUT, bad, sizeof(bad));
	}
	for (size_t len = 0; len < sizeof(put); len++) {
		expect_frame_cut(h, "intake.sock", FRAME_PUT, put, len);
	}
	expect_frame_cut(h, "relay.sock", FRAME_TAKE, "\0\1", 2);
	expect_frame_cut(h, "relay.sock", FRAME_TAKE, "\0\1\3", 3);
	/* the second before the first was answered */
	expect_cut(h, "relay.sock",
	    "\0\0\0\3\0\36\0\0\0\1\2\0\0\0\3\0\36\0\0\0\1\2", 22);
	expect_frame_cut(h, "relay.sock", FRAME_AGAIN, put, 15);
	expect_frame_cut(h, "relay.sock", FRAME_RECEIPT, put, 20);
	/* each door has its own words */
	expect_frame_cut(h, "relay.sock", FRAME_PUT, put, sizeof(put));
	expect_frame_cut(h, "admin.sock", FRAME_COPY_WANT, put, 7);
	expect_frame_cut(h, "intake.sock", FRAME_COPY_WANT, put, 8);
	expect_frame_cut(h, "intake.sock", FRAME_DAMAGE_SEEN, "", 0);
	expect_frame_cut(h, "relay.sock", FRAME_DAMAGE_SEEN, "", 0);
	expect_frame_cut(h, "intake.sock", FRAME_TAKE, "\0\1\2", 3);
	expect_frame_cut(h, "intake.sock", FRAME_STATS_WANT, "", 0);
	expect_frame_cut(h, "intake.sock", FRAME_READY, "", 0);
	home_keep(fd, 0, 1);
	assert_int_equal(home_stats(h).records, 1);
	(void)close(fd);
}

/* ---- life ---------------------------------------------------------------- */

static void sigterm_commits_what_was_read_and_ends_well(void **state)
{
	struct spool_home *h = *state;
	int fd = home_door(h, "intake.sock");
	char path[128];
	struct stat st;

	home_keep(fd, 0, 40);
	assert_int_equal(home_stop(h, SIGTERM), 0);
	home_path(h, "spool/spool.db-wal", path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 0);
	(void)close(fd);
	home_start(h);
	assert_int_equal(home_stats(h).records, 40);
	assert_int_equal(home_stats(h).starts, 2);
}

static void a_second_one_ends_with_1_and_disturbs_nothing(void **state)
{
	struct spool_home *h = *state;
	struct spool_home other = *h;

	/* the same folder */
	assert_int_equal(home_wait_end(home_launch(h)), 1);
	/* another folder, the same sockets, which are alive */
	home_path(h, "other.conf", other.conf);
	home_write_conf(&other, "elsewhere", "");
	assert_int_equal(home_wait_end(home_launch(&other)), 1);
	assert_int_equal(home_stats(h).records, 0);
	/* no configuration at all */
	(void)unlink(other.conf);
	assert_int_equal(home_wait_end(home_launch(&other)), 1);
}

static void the_sockets_are_for_owner_and_group(void **state)
{
	static const char *const names[] = { "intake.sock", "relay.sock",
		"admin.sock" };
	struct spool_home *h = *state;

	for (size_t i = 0; i < 3; i++) {
		char path[128];
		struct stat st;

		home_path(h, names[i], path);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0660);
	}
}

#define SPOOLD_TEST(name) \
	cmocka_unit_test_setup_teardown(name, home_set_up, home_tear_down)

/* A PUT of record n, from the web. */
static void say_web_put(int fd, uint32_t n)
{
	struct buf out;

	buf_init(&out, HOME_MANY_BYTES);
	home_add_put(&out, n, n, 1, false, NULL);
	/* behind the head: req, n, id, channel */
	out.data[FRAME_HEAD_BYTES + 4 + 1 + HOME_ID_BYTES] = SPOOL_WEB;
	home_say(fd, &out);
	buf_free(&out);
}

static void a_flood_from_the_web_does_not_starve_text_messages(void **state)
{
	struct spool_home *h = *state;
	struct spool_stats stats;
	unsigned kept = 0;
	int fd;

	assert_int_equal(home_stop(h, SIGTERM), 0);
	home_write_conf(h, "spool", "max_records = 1000\nweb_share = 5\n");
	home_start(h);
	fd = home_door(h, "intake.sock");
	for (uint32_t n = 0; n < 300; n++) {
		struct buf buf;
		struct frame frame;

		say_web_put(fd, n);
		buf_init(&buf, HOME_MANY_BYTES);
		assert_true(home_hear(fd, &buf, &frame));
		assert_true(
		    frame.type == FRAME_KEPT || frame.type == FRAME_REFUSED);
		kept += frame.type == FRAME_KEPT ? 1 : 0;
		buf_free(&buf);
	}
	assert_int_equal(kept, 50);
	home_keep(fd, 1000, 100);
	stats = home_stats(h);
	assert_int_equal(stats.channels[SPOOL_WEB].records, 50);
	assert_int_equal(stats.refused[SPOOL_WEB], 250);
	assert_int_equal(stats.channels[SPOOL_SMS].records, 100);
	assert_int_equal(stats.refused[SPOOL_SMS], 0);
	(void)close(fd);
}

static void shares_that_leave_nothing_to_text_messages_are_no_start(
    void **state)
{
	struct spool_home *h = *state;

	assert_int_equal(home_stop(h, SIGTERM), 0);
	home_write_conf(h, "spool", "web_share = 90\n");
	assert_int_equal(home_wait_end(home_launch(h)), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SPOOLD_TEST(what_was_kept_is_there_after_kill_9),
		SPOOLD_TEST(a_repeat_is_known_by_id_and_by_dedup_key),
		SPOOLD_TEST(two_workers_each_get_their_own_answers),
		SPOOLD_TEST(a_worker_that_leaves_takes_nothing_with_it),
		SPOOLD_TEST(too_many_at_once_are_told_that_it_is_busy),
		SPOOLD_TEST(a_flood_of_receipts_keeps_no_tip_out),
		SPOOLD_TEST(a_flood_of_one_worker_keeps_no_other_out),
		SPOOLD_TEST(without_room_records_are_refused),
		SPOOLD_TEST(a_worker_is_told_of_little_room_before_it_asks),
		SPOOLD_TEST(a_genuine_receipt_forgets_and_a_repeat_is_harmless),
		SPOOLD_TEST(a_forged_receipt_deletes_nothing),
		SPOOLD_TEST(a_receipt_for_another_record_deletes_nothing),
		SPOOLD_TEST(a_relay_that_comes_again_is_lent_everything_again),
		SPOOLD_TEST(
		    the_relay_hears_of_new_records_and_may_have_one_again),
		SPOOLD_TEST(garbage_ends_its_sender_and_nobody_else),
		SPOOLD_TEST(sigterm_commits_what_was_read_and_ends_well),
		SPOOLD_TEST(a_second_one_ends_with_1_and_disturbs_nothing),
		SPOOLD_TEST(the_sockets_are_for_owner_and_group),
		SPOOLD_TEST(a_flood_from_the_web_does_not_starve_text_messages),
		SPOOLD_TEST(
		    shares_that_leave_nothing_to_text_messages_are_no_start),
	};

	return cmocka_run_group_tests_name("server/spool", tests, NULL, NULL);
}
