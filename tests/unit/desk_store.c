/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/store_do, desk/store_cases: what the desk's store answers its web
 * process while Redis is away: records and cases as the ledger has them, and
 * that nothing can be changed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/case_sig.h"
#include "crypto/hash.h"
#include "crypto/start.h"
#include "desk/due.h"
#include "desk/store_inside.h"
#include "tests/lib/tempdir.h"

#define SAID_BYTES ((size_t)64u * 1024u)

static char *folder;
static struct config config;
static struct store store;
static int web_fd; /* the web process's end */
static struct buf said;
static size_t said_at;

static int set_up(void **state)
{
	struct ledger_opts opts = { .hash = hash_bytes };
	struct ledger_fault fault = { 0 };
	int fds[2];

	(void)state;
	folder = tempdir_make();
	opts.folder = tempdir_path(folder, "ledger");
	config = (struct config){ 0 };
	store = (struct store){ .config = &config, .fd = -1 };
	buf_init(&store.out, FRAME_BATCH_BYTES);
	buf_init(&said, SAID_BYTES);
	said_at = 0;
	assert_int_equal(crypto_start(), TL_OK);
	assert_int_equal(ledger_open(&opts, &store.ledger, &fault), TL_OK);
	store.book = case_book_new(hash_bytes);
	assert_non_null(store.book);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	store.fd = fds[0];
	web_fd = fds[1];
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	ledger_close(store.ledger);
	case_book_free(store.book);
	free(store.events);
	free(store.again);
	buf_free(&store.out);
	buf_free(&said);
	(void)close(store.fd);
	(void)close(web_fd);
	tempdir_remove(folder);
	return 0;
}

/* ---- the other end --------------------------------------------------------
 */

static enum tl_err ask(enum frame_type type, const struct buf *body)
{
	const struct frame frame = { .type = (uint16_t)type,
		.body = body->data,
		.body_len = body->len };

	return store_answer(&store, &frame);
}

/* The next frame that the store has sent. False: there is none. */
static bool hear(struct frame *ret_frame)
{
	ssize_t len;
	uint8_t *to = buf_room(&said, 16384);

	assert_non_null(to);
	len = recv(web_fd, to, 16384, MSG_DONTWAIT);
	said.len -= 16384 - (len > 0 ? (size_t)len : 0);
	if (frame_get(said.data + said_at, said.len - said_at, FRAME_FROM_STORE,
		ret_frame) != TL_OK) {
		return false;
	}
	said_at += FRAME_HEAD_BYTES + ret_frame->body_len;
	return true;
}

static struct store_done hear_done(void)
{
	struct store_done done = { 0 };
	struct frame frame;

	assert_true(hear(&frame));
	assert_int_equal(frame.type, FRAME_STORE_DONE);
	assert_int_equal(store_read_done(&frame, &done), TL_OK);
	return done;
}

/* ---- what is in the ledger ------------------------------------------------
 */

static void keep(enum ledger_kind kind, uint8_t id, struct bytes bytes)
{
	const struct ledger_record record = {
		.kind = kind, .id = { id }, .sealed = bytes
	};

	assert_int_equal(ledger_append(store.ledger, &record), TL_OK);
}

static void keep_event(
    uint8_t id, uint64_t version, enum case_event event, uint64_t at_ms)
{
	struct case_record record = { .event_id = { id, (uint8_t)version },
		.id = { id },
		.event = event,
		.at_ms = at_ms,
		.now = { .version = version,
		    .state = event == CASE_DO_SUSPECT || event == CASE_DO_LOOK
			? CASE_QUARANTINE
			: CASE_TRIAGE,
		    .priority = 1,
		    .made_ms = 60000,
		    .since_ms = at_ms } };
	struct buf bytes;

	buf_init(&bytes, CASE_EVENT_BYTES);
	case_event_put(&bytes, &record);
	assert_int_equal(buf_err(&bytes), TL_OK);
	keep(LEDGER_EVENT, (uint8_t)(16u * id + (uint8_t)version),
	    bytes_of(bytes.data, bytes.len));
	buf_free(&bytes);
}

static enum tl_err want(uint32_t req, uint64_t number)
{
	const struct store_want asked = { .req = req, .number = number };
	struct buf body;
	enum tl_err err;

	buf_init(&body, 64);
	store_put_want(&body, &asked);
	err = ask(FRAME_STORE_WANT, &body);
	buf_free(&body);
	return err;
}

static void a_record_is_given_as_it_was_kept(void **state)
{
	struct store_record record;
	struct frame frame;

	(void)state;
	keep(LEDGER_TIP, 1, bytes_str("one"));
	keep(LEDGER_TIP, 2, bytes_str("two"));
	assert_int_equal(want(7, 1), TL_OK);
	assert_true(hear(&frame));
	assert_int_equal(frame.type, FRAME_STORE_RECORD);
	assert_int_equal(store_read_record(&frame, &record), TL_OK);
	assert_int_equal(record.req, 7);
	assert_int_equal(record.number, 1);
	assert_int_equal(record.id[0], 2);
	assert_true(bytes_equal(record.sealed, bytes_str("two")));
	assert_false(hear(&frame));               /* and no other */
	assert_int_equal(want(8, 2), TL_EFORMAT); /* there is none */
}

static void records_are_told_once_and_mail_is_nobodys_to_look_at(void **state)
{
	struct store_item item;
	struct frame frame;

	(void)state;
	keep(LEDGER_TIP, 1, bytes_str("one"));
	keep(LEDGER_MAIL, 2, bytes_str("mail"));
	keep(LEDGER_AUDIT, 3, bytes_str("audit"));
	assert_int_equal(store_tell_records(&store), TL_OK);
	assert_true(hear(&frame));
	assert_int_equal(frame.type, FRAME_STORE_INDEX);
	assert_int_equal(store_read_item(&frame, 0, &item), TL_OK);
	assert_int_equal(item.id[0], 1);
	assert_int_equal(item.len, 3);
	assert_int_equal(store_read_item(&frame, 1, &item), TL_OK);
	assert_int_equal(item.kind, LEDGER_AUDIT);
	assert_int_equal(store_read_item(&frame, 2, &item), TL_ENOENT);
	assert_int_equal(store_tell_records(&store), TL_OK);
	assert_false(hear(&frame));
}

static void a_case_is_told_as_its_newest_event_left_it(void **state)
{
	struct store_case told;
	struct frame frame;

	(void)state;
	keep_event(1, 1, CASE_DO_RECEIVE, 60000);
	keep_event(2, 1, CASE_DO_RECEIVE, 60000);
	keep_event(3, 4, CASE_DO_HEARD, 240000);
	keep_event(1, 5, CASE_DO_CLAIM, 300000);
	keep_event(1, 3, CASE_DO_CLAIM, 180000);
	keep_event(1, 2, CASE_DO_SCORE, 120000);
	assert_int_equal(store_tell_records(&store), TL_OK);
	assert_int_equal(store_cases_tell(&store), TL_OK);
	assert_true(hear(&frame));
	assert_int_equal(store_read_case(&frame, &told), TL_OK);
	assert_false(told.is_event);
	assert_int_equal(told.record.id[0], 1);
	assert_int_equal(told.record.now.version, 5);
	assert_int_equal(told.touched_ms, 180000);
	assert_true(hear(&frame));
	assert_int_equal(store_read_case(&frame, &told), TL_OK);
	assert_int_equal(told.record.id[0], 2);
	assert_int_equal(told.touched_ms, 0); /* nobody has claimed it */
	assert_int_equal(told.called_ms, 0);
	assert_true(hear(&frame));
	assert_int_equal(store_read_case(&frame, &told), TL_OK);
	assert_int_equal(told.record.id[0], 3);
	assert_int_equal(told.called_ms, 240000);
	assert_false(hear(&frame));
}

static void a_look_is_told_with_the_case_after_a_start(void **state)
{
	struct store_case told;
	struct frame frame;

	(void)state;
	keep_event(1, 3, CASE_DO_SUSPECT, 180000);
	keep_event(2, 4, CASE_DO_LOOK, 240000);
	keep_event(2, 3, CASE_DO_SUSPECT, 180000);
	keep_event(3, 3, CASE_DO_SUSPECT, 180000);
	keep_event(3, 4, CASE_DO_UNSUSPECT, 240000);
	assert_int_equal(store_tell_records(&store), TL_OK);
	assert_int_equal(store_cases_tell(&store), TL_OK);
	for (uint8_t id = 1; id <= 3; id++) {
		static const uint64_t unseen_ms[] = { 0, 180000, DUE_SEEN, 0 };

		assert_true(hear(&frame));
		assert_int_equal(store_read_case(&frame, &told), TL_OK);
		assert_int_equal(told.record.id[0], id);
		assert_true(told.unseen_ms == unseen_ms[id]);
	}
}

static void entries_are_those_of_one_case_in_their_order(void **state)
{
	const uint8_t id[CASE_ID_BYTES] = { 1 };
	struct store_entry entry;
	struct frame frame;
	struct buf body;

	(void)state;
	keep_event(1, 1, CASE_DO_RECEIVE, 60000);
	keep_event(2, 1, CASE_DO_RECEIVE, 60000);
	keep_event(1, 2, CASE_DO_NOTE, 120000); /* not told yet: it is learnt */
	buf_init(&body, 64);
	store_put_entries(&body, 9, id);
	assert_int_equal(ask(FRAME_STORE_ENTRIES, &body), TL_OK);
	buf_free(&body);
	for (uint64_t version = 1; version <= 2; version++) {
		assert_true(hear(&frame));
		assert_int_equal(frame.type, FRAME_STORE_ENTRY);
		assert_int_equal(store_read_entry(&frame, &entry), TL_OK);
		assert_int_equal(entry.req, 9);
		assert_int_equal(entry.record.id[0], 1);
		assert_int_equal(entry.record.now.version, version);
	}
	assert_int_equal(hear_done().result, STORE_ANSWERED);
}

/* An event with words, signed by the desk that has this key, or by nobody. */
static void keep_words(uint8_t version, const char *words, const uint8_t *key)
{
	struct case_record record = { .event_id = { 77, version },
		.id = { 1 },
		.event = CASE_DO_NOTE,
		.now = { .version = version, .state = CASE_TRIAGE },
		.sealed = bytes_str(words) };
	struct buf bytes;

	hash_bytes(record.sealed_hash, words, strlen(words));
	buf_init(&bytes, CASE_EVENT_BYTES);
	case_event_put_said(&bytes, &record);
	if (key != NULL) {
		assert_int_equal(
		    case_sig_make(
			key, bytes_of(bytes.data, bytes.len), record.sig),
		    TL_OK);
	}
	buf_reset(&bytes);
	case_event_put(&bytes, &record);
	keep(LEDGER_EVENT, version, bytes_of(bytes.data, bytes.len));
	buf_free(&bytes);
}

static void words_that_were_sealed_again_stand_for_a_desks_alone(void **state)
{
	static const struct {
		const char *words;
		bool is_again;
	} expected[] = { { "seal of a desk, at last", true },
		{ "of nobody", false }, { "of a desk, once", false } };
	const uint8_t id[CASE_ID_BYTES] = { 1 };
	uint8_t key[64];
	struct store_entry entry;
	struct frame frame;
	struct buf body;

	(void)state;
	assert_int_equal(
	    crypto_sign_keypair(store.case_keys.verify[0], key), 0);
	store.case_keys.n_verify = 1;
	keep_words(1, "of a desk", key);
	keep_words(2, "of nobody", NULL);
	keep_words(3, "of a desk, once", key);
	keep(LEDGER_RESEALED, 1, bytes_str("seal of a desk"));
	keep(LEDGER_RESEALED, 2, bytes_str("seal of nobody"));
	keep(LEDGER_RESEALED, 1, bytes_str("seal of a desk, at last"));
	keep(LEDGER_RESEALED, 9, bytes_str("seal of a tip"));
	assert_int_equal(store_tell_records(&store), TL_OK);
	while (hear(&frame)) {
		; /* for the tips of these ids */
	}
	buf_init(&body, 64);
	store_put_entries(&body, 9, id);
	assert_int_equal(ask(FRAME_STORE_ENTRIES, &body), TL_OK);
	buf_free(&body);
	for (size_t i = 0; i < 3; i++) {
		assert_true(hear(&frame));
		assert_int_equal(frame.type, FRAME_STORE_ENTRY);
		assert_int_equal(store_read_entry(&frame, &entry), TL_OK);
		assert_int_equal(entry.is_again, expected[i].is_again);
		assert_int_equal(
		    entry.record.sealed.len, strlen(expected[i].words));
		assert_memory_equal(entry.record.sealed.at, expected[i].words,
		    strlen(expected[i].words));
	}
	assert_int_equal(hear_done().result, STORE_ANSWERED);
}

/* ---- what the web process may not -----------------------------------------
 */

static enum tl_err ask_keep(enum ledger_kind kind)
{
	const struct store_keep asked = {
		.req = 3, .kind = kind, .id = { 9 }, .bytes = bytes_str("bytes")
	};
	struct buf body;
	enum tl_err err;

	buf_init(&body, 256);
	store_put_keep(&body, &asked);
	err = ask(FRAME_STORE_KEEP, &body);
	buf_free(&body);
	return err;
}

static void the_audit_is_kept_and_nothing_that_must_come_from_redis(
    void **state)
{
	(void)state;
	assert_int_equal(ask_keep(LEDGER_AUDIT), TL_OK);
	assert_int_equal(hear_done().result, STORE_ANSWERED);
	assert_int_equal(ledger_count(store.ledger), 1);
	for (int kind = LEDGER_QUARANTINE; kind <= LEDGER_MAIL; kind++) {
		assert_int_equal(ask_keep((enum ledger_kind)kind), TL_EFORMAT);
	}
	/* a call that an officer logs is one of ours, or none */
	assert_int_equal(ask_keep(LEDGER_TIP), TL_OK);
	assert_int_not_equal(hear_done().result, STORE_ANSWERED);
	assert_int_equal(ledger_count(store.ledger), 1);
}

static void without_redis_nothing_is_changed_or_sent_and_that_is_said(
    void **state)
{
	const struct store_do change = {
		.req = 4, .id = { 1 }, .event = CASE_DO_CLAIM, .who = "sok"
	};
	const struct store_mail mail = { .req = 5,
		.id = { 2 },
		.mailbox = { 3 },
		.bytes = bytes_str("mail") };
	static const enum frame_type types[] = { FRAME_STORE_DO,
		FRAME_STORE_RENEW, FRAME_STORE_MAIL, FRAME_STORE_LOGOUT,
		FRAME_STORE_STATUS, FRAME_STORE_CATCH_UP };
	const struct store_status status = { .mail = mail, .version = 3 };

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		struct buf body;

		buf_init(&body, 1024);
		if (types[i] == FRAME_STORE_CATCH_UP) {
			store_put_catch_up(&body, 7);
		} else if (types[i] == FRAME_STORE_MAIL) {
			store_put_mail(&body, &mail);
		} else if (types[i] == FRAME_STORE_STATUS) {
			store_put_status(&body, &status);
		} else if (types[i] == FRAME_STORE_LOGOUT) {
			store_put_logout(&body, 6, "sok");
		} else {
			store_put_do(&body, &change);
		}
		assert_int_equal(ask(types[i], &body), TL_OK);
		assert_int_equal(hear_done().result, STORE_NO_REDIS);
		buf_free(&body);
	}
	assert_int_equal(ledger_count(store.ledger), 0);
}

static void a_disk_that_runs_full_stops_tips_first_and_then_all_that_is_written(
    void **state)
{
	(void)state;
	assert_int_equal(store_room(&store), STORE_ROOM);
	config.desk.min_free_bytes = UINT64_MAX / 2;
	assert_int_equal(store_room(&store), STORE_ROOM_LOW);
	assert_true(store.state_changed);
	store.state_changed = false;
	assert_int_equal(ask_keep(LEDGER_AUDIT), TL_OK);
	assert_int_equal(hear_done().result, STORE_ANSWERED);
	assert_false(store.state_changed); /* it is told once */
	store_no_room(&store);
	assert_int_equal(store.state.room, STORE_ROOM_NONE);
	assert_int_equal(ask_keep(LEDGER_AUDIT), TL_OK);
	assert_int_equal(hear_done().result, STORE_FULL);
	assert_int_equal(ledger_count(store.ledger), 1);
	/* it is tried again after a while, and goes on by itself */
	store.full_until_ms = 0;
	config.desk.min_free_bytes = 0;
	assert_int_equal(ask_keep(LEDGER_AUDIT), TL_OK);
	assert_int_equal(hear_done().result, STORE_ANSWERED);
	assert_int_equal(store_room(&store), STORE_ROOM);
}

/* A file that grows and shrinks beside it is not told of all the time. */
static void a_low_disk_has_room_again_with_a_quarter_more(void **state)
{
	uint64_t free_bytes = ledger_free_bytes(store.ledger);

	(void)state;
	config.desk.min_free_bytes = free_bytes * 2;
	assert_int_equal(store_room(&store), STORE_ROOM_LOW);
	config.desk.min_free_bytes = free_bytes / 10 * 9;
	assert_int_equal(store_room(&store), STORE_ROOM_LOW);
	config.desk.min_free_bytes = free_bytes / 2;
	assert_int_equal(store_room(&store), STORE_ROOM);
}

static void what_is_no_question_ends_who_asked(void **state)
{
	const struct store_want asked = { .req = 1 };
	struct buf body;

	(void)state;
	keep(LEDGER_TIP, 1, bytes_str("one"));
	buf_init(&body, 64);
	store_put_want(&body, &asked);
	for (size_t len = 0; len < body.len; len++) {
		struct buf cut = body;

		cut.len = len;
		assert_int_equal(ask(FRAME_STORE_WANT, &cut), TL_EFORMAT);
	}
	assert_int_equal(ask(FRAME_STORE_RECORD, &body), TL_EFORMAT);
	assert_int_equal(ask(FRAME_PUT, &body), TL_EFORMAT);
	buf_free(&body);
	assert_int_equal(said.len, 0);
}

static void a_web_process_that_is_gone_is_the_end(void **state)
{
	(void)state;
	keep(LEDGER_TIP, 1, bytes_str("one"));
	(void)close(web_fd);
	web_fd = -1;
	assert_int_equal(want(1, 0), TL_ECLOSED);
	assert_int_equal(store.err, TL_ECLOSED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_record_is_given_as_it_was_kept),
		TEST(records_are_told_once_and_mail_is_nobodys_to_look_at),
		TEST(a_case_is_told_as_its_newest_event_left_it),
		TEST(a_look_is_told_with_the_case_after_a_start),
		TEST(entries_are_those_of_one_case_in_their_order),
		TEST(words_that_were_sealed_again_stand_for_a_desks_alone),
		TEST(the_audit_is_kept_and_nothing_that_must_come_from_redis),
		TEST(without_redis_nothing_is_changed_or_sent_and_that_is_said),
		TEST(
		    a_disk_that_runs_full_stops_tips_first_and_then_all_that_is_written),
		TEST(a_low_disk_has_room_again_with_a_quarter_more),
		TEST(what_is_no_question_ends_who_asked),
		TEST(a_web_process_that_is_gone_is_the_end),
	};

	return cmocka_run_group_tests_name("desk/store", tests, NULL, NULL);
}
