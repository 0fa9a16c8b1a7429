/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/spool: mail for reporters at the sockets of the real tipline-spool.
 * What comes from Redis may be anybody's; what a worker learns of a mailbox
 * without the code tells it nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "crypto/mail.h"
#include "tests/lib/spool_home.h"

enum { NOW, KNOWN, BAD };

static const uint8_t key[MAIL_KEY_BYTES] = "the reply key of the mailbox ab";
static const uint8_t box_a[MAIL_MAILBOX_BYTES] = "the mailbox of a";
static const uint8_t box_b[MAIL_MAILBOX_BYTES] = "the mailbox of b";

static uint32_t today(void)
{
	return (uint32_t)(time(NULL) / 86400);
}

static void sign(const struct spool_home *h, uint8_t *mail, size_t len)
{
	uint8_t hash[32];

	mail_hash(mail, len, hash);
	assert_int_equal(
	    mail_sign(h->sign, hash, mail_signature(mail, len)), TL_OK);
}

static void make_mail(const struct spool_home *h, uint8_t n,
    const uint8_t *mailbox, uint32_t last_day,
    uint8_t mail[static MAIL_REPLY_BYTES])
{
	uint8_t id[MAIL_ID_BYTES];
	const struct mail_head head = {
		.mailbox = mailbox, .id = id, .last_day = last_day
	};
	const struct mail_reply reply = { .status = 1u + n % 5u, .sent_s = n };

	memset(id, n, sizeof(id));
	assert_int_equal(mail_seal(&head, &reply, key, mail), TL_OK);
	sign(h, mail, MAIL_REPLY_BYTES);
}

static uint8_t give(int fd, const uint8_t *mail, size_t len)
{
	struct buf bytes;
	struct frame frame;
	uint8_t how;

	home_say_frame(fd, FRAME_MAIL, mail, len);
	buf_init(&bytes, HOME_MANY_BYTES);
	assert_true(home_hear(fd, &bytes, &frame));
	while (frame.type == FRAME_WAITING) {
		assert_true(home_hear(fd, &bytes, &frame));
	}
	assert_int_equal(frame.type, FRAME_MAIL_KEPT);
	assert_int_equal(frame.body_len, 1);
	how = frame.body[0];
	buf_free(&bytes);
	return how;
}

static uint8_t give_new(const struct spool_home *h, int fd, uint8_t n,
    const uint8_t *mailbox, uint32_t last_day)
{
	uint8_t mail[MAIL_REPLY_BYTES];

	make_mail(h, n, mailbox, last_day, mail);
	return give(fd, mail, sizeof(mail));
}

/* How many replies of the mailbox open; the answer has its one length. */
static unsigned look(int fd, const uint8_t *mailbox)
{
	static uint32_t req;
	uint8_t ask[20] = { 0 };
	uint8_t content[MAIL_CONTENT_BYTES];
	struct mail_reply reply;
	struct buf bytes;
	struct frame frame;
	unsigned n;

	req++;
	ask[3] = (uint8_t)req;
	memcpy(ask + 4, mailbox, 16);
	home_say_frame(fd, FRAME_MAIL_ASK, ask, sizeof(ask));
	buf_init(&bytes, HOME_MANY_BYTES);
	do {
		assert_true(home_hear(fd, &bytes, &frame));
	} while (frame.type == FRAME_ROOM);
	assert_int_equal(frame.type, FRAME_MAIL_BOX);
	assert_int_equal(frame.body_len, FRAME_MAIL_BOX_BYTES);
	assert_memory_equal(frame.body, ask, 4);
	n = frame.body[4];
	assert_true(n <= FRAME_MAIL_MOST);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(
		    mail_open(bytes_of(frame.body + 5 + i * FRAME_MAIL_BYTES,
				  FRAME_MAIL_BYTES),
			mailbox, key, content, &reply),
		    TL_OK);
	}
	for (size_t i = 5 + n * FRAME_MAIL_BYTES; i < frame.body_len; i++) {
		assert_int_equal(frame.body[i], 0);
	}
	buf_free(&bytes);
	return n;
}

static void drop(int fd, const uint8_t *mailbox)
{
	uint8_t ask[20] = { 0, 0, 0, 77 };
	struct buf bytes;
	struct frame frame;

	memcpy(ask + 4, mailbox, 16);
	home_say_frame(fd, FRAME_MAIL_DROP, ask, sizeof(ask));
	buf_init(&bytes, HOME_MANY_BYTES);
	assert_true(home_hear(fd, &bytes, &frame));
	assert_int_equal(frame.type, FRAME_MAIL_DROPPED);
	assert_int_equal(frame.body_len, 4);
	assert_memory_equal(frame.body, ask, 4);
	buf_free(&bytes);
}

/* ---- tests --------------------------------------------------------------- */

static void mail_from_the_relay_is_there_for_a_worker(void **state)
{
	struct spool_home *h = *state;
	int relay = home_door(h, "relay.sock");
	int worker = home_door(h, "intake.sock");

	assert_int_equal(look(worker, box_a), 0);
	assert_int_equal(give_new(h, relay, 1, box_a, today() + 90), NOW);
	assert_int_equal(give_new(h, relay, 2, box_a, today() + 90), NOW);
	assert_int_equal(give_new(h, relay, 3, box_b, today()), NOW);
	assert_int_equal(give_new(h, relay, 1, box_a, today() + 90), KNOWN);
	assert_int_equal(look(worker, box_a), 2);
	assert_int_equal(look(worker, box_b), 1);
	assert_int_equal(home_stats(h).records, 0);
	(void)close(relay);
	(void)close(worker);
}

static void mail_that_was_kept_is_there_after_kill_9(void **state)
{
	struct spool_home *h = *state;
	int relay = home_door(h, "relay.sock");
	int worker;

	for (uint8_t n = 0; n < 10; n++) {
		assert_int_equal(
		    give_new(h, relay, n, box_a, today() + 90), NOW);
	}
	assert_int_equal(home_stop(h, SIGKILL), 128 + SIGKILL);
	(void)close(relay);
	home_start(h);
	worker = home_door(h, "intake.sock");
	assert_int_equal(look(worker, box_a), 10);
	(void)close(worker);
}

static void what_no_desk_has_signed_is_refused_and_cuts_nobody_off(void **state)
{
	struct spool_home *h = *state;
	int relay = home_door(h, "relay.sock");
	int worker = home_door(h, "intake.sock");
	uint8_t mail[MAIL_REPLY_BYTES], garbage[MAIL_DELETION_BYTES] = { 1 };

	make_mail(h, 1, box_a, today() + 90, mail);
	for (size_t at = 0; at < sizeof(mail); at += 50) {
		uint8_t answer;

		mail[at] ^= 1;
		answer = give(relay, mail, sizeof(mail));
		/* a last day that is over is nobody's fault */
		assert_true(
		    answer == BAD || (at >= 44 && at < 48 && answer == KNOWN));
		mail[at] ^= 1;
	}
	assert_int_equal(give(relay, garbage, sizeof(garbage)), BAD);
	assert_int_equal(look(worker, box_a), 0);
	assert_int_equal(give(relay, mail, sizeof(mail)), NOW);
	assert_int_equal(look(worker, box_a), 1);
	(void)close(relay);
	(void)close(worker);
}

static void mail_that_is_over_is_not_kept(void **state)
{
	struct spool_home *h = *state;
	int relay = home_door(h, "relay.sock");
	int worker = home_door(h, "intake.sock");

	assert_int_equal(give_new(h, relay, 1, box_a, today() - 1), KNOWN);
	assert_int_equal(look(worker, box_a), 0);
	(void)close(relay);
	(void)close(worker);
}

/* Of a desk whose clock is a year ahead the reporter reads all the same; that
 * it does not stay for as long is for the spool_clock tests. */
static void mail_that_would_last_too_long_is_kept(void **state)
{
	struct spool_home *h = *state;
	int relay = home_door(h, "relay.sock");
	int worker = home_door(h, "intake.sock");

	assert_int_equal(give_new(h, relay, 1, box_a, today() + 455), NOW);
	assert_int_equal(give_new(h, relay, 2, box_a, UINT32_MAX), NOW);
	assert_int_equal(give_new(h, relay, 1, box_a, today() + 455), KNOWN);
	assert_int_equal(look(worker, box_a), 2);
	(void)close(relay);
	(void)close(worker);
}

static void what_a_reporter_deletes_does_not_come_back(void **state)
{
	struct spool_home *h = *state;
	int relay = home_door(h, "relay.sock");
	int worker = home_door(h, "intake.sock");

	assert_int_equal(give_new(h, relay, 1, box_a, today() + 90), NOW);
	assert_int_equal(give_new(h, relay, 2, box_b, today() + 90), NOW);
	drop(worker, box_a);
	drop(worker, box_a);
	assert_int_equal(look(worker, box_a), 0);
	assert_int_equal(look(worker, box_b), 1);
	assert_int_equal(home_stop(h, SIGKILL), 128 + SIGKILL);
	(void)close(relay);
	(void)close(worker);
	home_start(h);
	relay = home_door(h, "relay.sock");
	worker = home_door(h, "intake.sock");
	assert_int_equal(give_new(h, relay, 1, box_a, today() + 90), KNOWN);
	assert_int_equal(look(worker, box_a), 0);
	(void)close(relay);
	(void)close(worker);
}

static void the_desks_deletion_empties_the_mailbox(void **state)
{
	struct spool_home *h = *state;
	int relay = home_door(h, "relay.sock");
	int worker = home_door(h, "intake.sock");
	uint8_t deletion[MAIL_DELETION_BYTES];
	const struct mail_head head = { .mailbox = box_a,
		.id = (const uint8_t *)"the deletion's id",
		.last_day = today() + 90 };

	mail_delete(&head, deletion);
	sign(h, deletion, sizeof(deletion));
	assert_int_equal(give_new(h, relay, 1, box_a, today() + 90), NOW);
	assert_int_equal(give(relay, deletion, sizeof(deletion)), NOW);
	assert_int_equal(look(worker, box_a), 0);
	assert_int_equal(give_new(h, relay, 2, box_a, today() + 90), NOW);
	assert_int_equal(give(relay, deletion, sizeof(deletion)), KNOWN);
	assert_int_equal(look(worker, box_a), 1);
	(void)close(relay);
	(void)close(worker);
}

/* Whoever says these words has been taken over. */
static void mail_from_the_wrong_mouth_ends_the_connection(void **state)
{
	static const struct {
		const char *door;
		enum frame_type type;
		size_t len;
	} rows[] = {
		{ "intake.sock", FRAME_MAIL, MAIL_REPLY_BYTES },
		{ "admin.sock", FRAME_MAIL, MAIL_REPLY_BYTES },
		{ "relay.sock", FRAME_MAIL_ASK, 20 },
		{ "relay.sock", FRAME_MAIL_DROP, 20 },
		{ "intake.sock", FRAME_MAIL_ASK, 19 },
		{ "intake.sock", FRAME_MAIL_DROP, 4 },
		{ "relay.sock", FRAME_MAIL, MAIL_REPLY_BYTES - 1 },
		{ "relay.sock", FRAME_MAIL, 0 },
	};
	static const uint8_t body[MAIL_REPLY_BYTES];
	struct spool_home *h = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int fd = home_door(h, rows[i].door);
		struct buf bytes;
		struct frame frame;

		home_say_frame(fd, rows[i].type, body, rows[i].len);
		buf_init(&bytes, HOME_MANY_BYTES);
		assert_false(home_hear(fd, &bytes, &frame));
		buf_free(&bytes);
		(void)close(fd);
	}
}

/* What would tell a worker apart which mailboxes ever had mail, does not come:
 * look() wants one length, and zeros where no mail is. */
static void a_mailbox_that_was_emptied_is_answered_like_one_that_never_was(
    void **state)
{
	struct spool_home *h = *state;
	int relay = home_door(h, "relay.sock");
	int worker = home_door(h, "intake.sock");

	for (uint8_t n = 0; n < FRAME_MAIL_MOST; n++) {
		assert_int_equal(
		    give_new(h, relay, n, box_a, today() + 90), NOW);
	}
	assert_int_equal(look(worker, box_a), FRAME_MAIL_MOST);
	assert_int_equal(look(worker, box_b), 0);
	drop(worker, box_a);
	assert_int_equal(look(worker, box_a), 0);
	assert_int_equal(give_new(h, relay, 99, box_b, today() - 1), KNOWN);
	assert_int_equal(look(worker, box_b), 0);
	(void)close(relay);
	(void)close(worker);
}

#define HOME_TEST(name) \
	cmocka_unit_test_setup_teardown(name, home_set_up, home_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOME_TEST(mail_from_the_relay_is_there_for_a_worker),
		HOME_TEST(mail_that_was_kept_is_there_after_kill_9),
		HOME_TEST(
		    what_no_desk_has_signed_is_refused_and_cuts_nobody_off),
		HOME_TEST(mail_that_is_over_is_not_kept),
		HOME_TEST(mail_that_would_last_too_long_is_kept),
		HOME_TEST(what_a_reporter_deletes_does_not_come_back),
		HOME_TEST(the_desks_deletion_empties_the_mailbox),
		HOME_TEST(mail_from_the_wrong_mouth_ends_the_connection),
		HOME_TEST(
		    a_mailbox_that_was_emptied_is_answered_like_one_that_never_was),
	};

	return cmocka_run_group_tests_name(
	    "server/spool mail", tests, NULL, NULL);
}
