/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/reader with a real Redis and a real ledger: each record is stored
 * before it is receipted, once, and nothing that comes is dropped.
 */
#include "queue/reader.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>
#include <hiredis/hiredis.h>

#include "tests/lib/reading.h"
#include "tests/lib/weak_hash.h"

static void a_tip_is_stored_receipted_and_acknowledged(void **state)
{
	struct reading *rig = *state;
	struct reader_entry entry;
	enum reader_kept kept = READER_KEPT_AGAIN;

	reading_add(rig, 1, "sealed");
	assert_int_equal(reader_next(rig->reader, 0, &entry), TL_OK);
	assert_int_equal(entry.reason, LEDGER_FINE);
	assert_int_equal(entry.id[0], 1);
	assert_int_equal(entry.deliveries, 1);
	assert_true(bytes_equal(entry.sealed, bytes_str("sealed")));
	assert_int_equal(reading_pending(rig), 1);
	assert_int_equal(reading_keep(rig, &entry, &kept), TL_OK);
	assert_int_equal(kept, READER_KEPT_TIP);
	assert_int_equal(ledger_count(rig->ledger), 1);
	assert_int_equal(reading_receipts(rig), 1);
	assert_int_equal(reading_pending(rig), 0);
	reading_no_more(rig);
}

static void a_tip_that_comes_ten_times_is_stored_once_and_receipted_ten_times(
    void **state)
{
	struct reading *rig = *state;

	for (int i = 0; i < 10; i++) {
		reading_add(rig, 1, "sealed");
	}
	assert_int_equal(reading_keep_next(rig), READER_KEPT_TIP);
	for (int i = 0; i < 9; i++) {
		assert_int_equal(reading_keep_next(rig), READER_KEPT_AGAIN);
	}
	reading_no_more(rig);
	assert_int_equal(ledger_count(rig->ledger), 1);
	assert_int_equal(reading_receipts(rig), 10);
	assert_int_equal(reading_pending(rig), 0);
}

static void what_is_no_tip_goes_to_quarantine_with_its_reason(void **state)
{
	static const struct {
		const char *command;
		enum ledger_reason reason;
		unsigned receipts;
	} rows[] = {
		{ "XADD tips * a b", LEDGER_FIELDS, 0 },
		{ "XADD tips * id short r sealed", LEDGER_FIELDS, 0 },
		{ "XADD tips * r x id 0123456789abcdef", LEDGER_FIELDS, 0 },
		{ "XADD tips * id 0123456789abcdef r x y z", LEDGER_FIELDS, 0 },
		{ "XADD tips * id 0123456789abcdef r garbage",
		    LEDGER_NO_ENVELOPE, 1 },
		{ "XADD tips * id 0123456789abcdef r forged", LEDGER_NOT_OURS,
		    1 },
	};
	struct reading *rig = *state;
	unsigned want = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		reading_add_odd(rig, rows[i].command);
		assert_int_equal(
		    reading_keep_next(rig), READER_KEPT_QUARANTINE);
		assert_int_equal(reading_reason_of_last(rig), rows[i].reason);
		want += rows[i].receipts;
	}
	assert_int_equal(
	    ledger_count(rig->ledger), sizeof(rows) / sizeof(rows[0]));
	assert_int_equal(reading_receipts(rig), want);
	assert_int_equal(reading_pending(rig), 0);
	/* again: known by now */
	reading_add_odd(rig, rows[0].command);
	assert_int_equal(reading_keep_next(rig), READER_KEPT_AGAIN);
}

static void set_maxmemory(struct reading *rig, const char *bytes)
{
	char path[200];
	FILE *conf;

	(void)snprintf(path, sizeof(path), "%s/redis.conf", rig->home.dir);
	redis_home_kill(&rig->home);
	conf = fopen(path, "ae");
	assert_non_null(conf);
	(void)fprintf(conf, "\nmaxmemory %s\n", bytes);
	assert_int_equal(fclose(conf), 0);
	redis_home_again(&rig->home);
	reading_open_reader(rig);
}

/* A flood has filled it: what waits there can be read all the same. */
static void a_full_redis_keeps_nobody_from_reading(void **state)
{
	struct reading *rig = *state;

	reading_add(rig, 1, "sealed");
	reading_add(rig, 2, "sealed too");
	set_maxmemory(rig, "1");
	assert_int_equal(reading_keep_next(rig), READER_UNSAID);
	assert_int_equal(reading_keep_next(rig), READER_UNSAID);
	reading_no_more(rig);
	assert_int_equal(ledger_count(rig->ledger), 2);
	assert_int_equal(reading_pending(rig), 2);
	set_maxmemory(rig, "0");
	assert_int_equal(reading_keep_next(rig), READER_KEPT_AGAIN);
	assert_int_equal(reading_keep_next(rig), READER_KEPT_AGAIN);
	reading_no_more(rig);
	assert_int_equal(ledger_count(rig->ledger), 2);
	assert_int_equal(reading_receipts(rig), 2);
	assert_int_equal(reading_pending(rig), 0);
}

/* Who has the desk's password of Redis sees to it that it takes none. */
static void where_no_receipt_is_taken_all_tips_are_read(void **state)
{
	struct reading *rig = *state;

	reading_add_last_receipt(rig);
	for (unsigned i = 0; i < 3; i++) {
		reading_add(rig, i, "sealed");
	}
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(reading_keep_next(rig), READER_UNSAID);
	}
	reading_no_more(rig);
	assert_int_equal(ledger_count(rig->ledger), 3);
	assert_int_equal(reading_receipts(rig), 1); /* that one */
	assert_int_equal(reading_pending(rig), 3);
}

/* Not stored, not receipted, not acknowledged: whoever has it keeps it. */
static void what_quarantine_has_no_room_for_stays_in_redis(void **state)
{
	struct reading *rig = *state;

	rig->quarantine_max_bytes = 8;
	reading_open_ledger(rig);
	reading_add(rig, 1, "garbage");
	reading_add(rig, 2, "garbage");
	reading_add(rig, 3, "sealed");
	assert_int_equal(reading_keep_next(rig), READER_KEPT_QUARANTINE);
	assert_int_equal(reading_keep_next(rig), READER_LEFT);
	assert_int_equal(reading_keep_next(rig), READER_KEPT_TIP);
	reading_no_more(rig);
	assert_int_equal(ledger_count(rig->ledger), 2);
	assert_int_equal(reading_receipts(rig), 2);
	assert_int_equal(reading_pending(rig), 1);
	/* the operator gives it room: at the next start it comes again */
	rig->quarantine_max_bytes = 100;
	reading_open_ledger(rig);
	reading_open_reader(rig);
	assert_int_equal(reading_keep_next(rig), READER_KEPT_QUARANTINE);
	assert_int_equal(reading_pending(rig), 0);
}

/* Whoever has the relay's password may put anything under any id. */
static void a_forged_record_takes_no_tips_place(void **state)
{
	struct reading *rig = *state;

	reading_add(rig, 1, "forged");
	reading_add(rig, 1, "sealed");
	reading_add(rig, 1, "other words");
	assert_int_equal(reading_keep_next(rig), READER_KEPT_QUARANTINE);
	assert_int_equal(reading_keep_next(rig), READER_KEPT_TIP);
	assert_int_equal(reading_keep_next(rig), READER_KEPT_QUARANTINE);
	assert_int_equal(reading_reason_of_last(rig), LEDGER_OTHER_BYTES);
}

static void a_crash_between_any_two_steps_loses_and_doubles_nothing(
    void **state)
{
	struct reading *rig = *state;
	struct reader_entry entry;
	enum reader_kept kept = READER_KEPT_TIP;

	/* taken, and nothing done */
	reading_add(rig, 1, "sealed");
	assert_int_equal(reader_next(rig->reader, 0, &entry), TL_OK);
	reading_open_reader(rig);
	assert_int_equal(reader_next(rig->reader, 0, &entry), TL_OK);
	assert_int_equal(entry.deliveries, 2);
	/* stored, and not receipted */
	rig->sign_err = TL_EIO;
	assert_int_equal(reading_keep(rig, &entry, &kept), TL_EIO);
	assert_int_equal(reading_receipts(rig), 0);
	assert_int_equal(reading_pending(rig), 1);
	rig->sign_err = TL_OK;
	reading_open_ledger(rig);
	reading_open_reader(rig);
	assert_int_equal(reading_keep_next(rig), READER_KEPT_AGAIN);
	assert_int_equal(ledger_count(rig->ledger), 1);
	assert_int_equal(reading_receipts(rig), 1);
	reading_no_more(rig);
}

static void without_the_ledger_nothing_is_receipted(void **state)
{
	struct reading *rig = *state;
	const struct ledger_opts look = {
		.folder = rig->folder, .hash = weak_hash, .read_only = true
	};
	struct ledger_fault fault = { 0 };
	struct reader_entry entry;
	enum reader_kept kept = READER_KEPT_TIP;

	ledger_close(rig->ledger);
	assert_int_equal(ledger_open(&look, &rig->ledger, &fault), TL_OK);
	reading_add(rig, 1, "sealed");
	assert_int_equal(reader_next(rig->reader, 0, &entry), TL_OK);
	assert_int_equal(reading_keep(rig, &entry, &kept), TL_EPERM);
	assert_int_equal(rig->signed_n, 0);
	assert_int_equal(reading_receipts(rig), 0);
	assert_int_equal(reading_pending(rig), 1);
}

static void what_ended_the_desk_five_times_is_not_looked_into(void **state)
{
	struct reading *rig = *state;
	struct reader_entry entry;

	reading_add(rig, 1, "sealed");
	for (unsigned i = 1; i <= 5; i++) {
		assert_int_equal(reader_next(rig->reader, 0, &entry), TL_OK);
		assert_int_equal(entry.deliveries, i);
		reading_open_reader(rig);
	}
	assert_int_equal(reading_keep_next(rig), READER_KEPT_QUARANTINE);
	assert_int_equal(rig->checked, 0);
	assert_int_equal(reading_reason_of_last(rig), LEDGER_POISON);
	assert_int_equal(reading_receipts(rig), 1);
}

/* They were handed out with it, and nobody has looked at them. */
static void what_waits_behind_such_a_one_is_no_such_one(void **state)
{
	struct reading *rig = *state;
	struct reader_entry entry;

	for (unsigned i = 0; i < 70; i++) {
		reading_add(rig, i, "sealed");
	}
	for (unsigned i = 0; i < 8; i++) {
		assert_int_equal(reader_next(rig->reader, 0, &entry), TL_OK);
		reading_open_reader(rig);
	}
	assert_int_equal(reading_keep_next(rig), READER_KEPT_QUARANTINE);
	assert_int_equal(reading_reason_of_last(rig), LEDGER_POISON);
	for (unsigned i = 1; i < 70; i++) {
		assert_int_equal(reading_keep_next(rig), READER_KEPT_TIP);
	}
	reading_no_more(rig);
}

static void a_hundred_pending_ones_all_come_again(void **state)
{
	struct reading *rig = *state;
	struct reader_entry entry;

	for (unsigned i = 0; i < 100; i++) {
		reading_add(rig, i, "sealed");
	}
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(reader_next(rig->reader, 0, &entry), TL_OK);
	}
	reading_open_reader(rig);
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(reading_keep_next(rig), READER_KEPT_TIP);
	}
	reading_no_more(rig);
	assert_int_equal(ledger_count(rig->ledger), 100);
	assert_int_equal(reading_pending(rig), 0);
}

static void what_redis_lost_while_pending_is_counted(void **state)
{
	struct reading *rig = *state;
	struct reader_entry entry;
	struct reader_counts counts;

	reading_add(rig, 1, "sealed");
	assert_int_equal(reader_next(rig->reader, 0, &entry), TL_OK);
	/* the relay's password is enough for this */
	reading_add_odd(rig, "XADD tips MAXLEN 0 * a b");
	reading_open_reader(rig);
	reading_no_more(rig);
	reader_counts(rig->reader, &counts);
	assert_int_equal(counts.trimmed, 1);
	assert_int_equal(reading_pending(rig), 0);
	/* the spool sends it again, since it has no receipt */
	reading_add(rig, 1, "sealed");
	assert_int_equal(reading_keep_next(rig), READER_KEPT_TIP);
}

static void a_wiped_redis_says_what_to_do_and_goes_on(void **state)
{
	struct reading *rig = *state;
	struct redis_home fresh;
	const char *why = NULL;

	redis_home_start(&fresh);
	reader_close(rig->reader);
	rig->reader = NULL;
	redis_home_end(&rig->home);
	rig->home = fresh;
	(void)snprintf(
	    rig->folder, sizeof(rig->folder), "%s/ledger", fresh.dir);
	reading_open_ledger(rig);
	rig->opts = reading_opts_of(rig, "desk", rig->home.desk_pass);
	reading_add(
	    rig, 1, "sealed"); /* the relay is faster than the operator */
	assert_int_equal(
	    reader_open(&rig->opts, &rig->reader, &why), TL_ENOENT);
	assert_non_null(strstr(why, "XGROUP CREATE tips officers 0 MKSTREAM"));
	reading_make_group(rig);
	reading_make_group(rig); /* once more is no mistake */
	reading_open_reader(rig);
	assert_int_equal(reading_keep_next(rig), READER_KEPT_TIP);
}

static void a_redis_that_dies_is_an_error_and_no_end(void **state)
{
	struct reading *rig = *state;
	struct reader_entry entry;
	const char *why = NULL;

	reading_add(rig, 1, "sealed");
	assert_int_equal(reader_next(rig->reader, 0, &entry), TL_OK);
	redis_home_kill(&rig->home);
	assert_int_not_equal(reader_ack(rig->reader, entry.entry), TL_OK);
	assert_int_not_equal(reader_next(rig->reader, 0, &entry), TL_OK);
	reader_close(rig->reader);
	rig->reader = NULL;
	assert_int_equal(reader_open(&rig->opts, &rig->reader, &why), TL_EIO);
	assert_non_null(strstr(why, "not reachable"));
	redis_home_again(&rig->home);
	reading_open_reader(rig);
	assert_int_equal(reading_keep_next(rig), READER_KEPT_TIP);
}

static void each_wrong_login_says_what_is_wrong(void **state)
{
	struct reading *rig = *state;
	struct reader_opts opts = rig->opts;
	struct reader *reader = NULL;
	const char *why = NULL;

	opts.password_file = rig->home.relay_pass;
	assert_int_equal(reader_open(&opts, &reader, &why), TL_EPERM);
	assert_non_null(strstr(why, "users.acl"));
	opts.password_file = ""; /* none: Redis wants one */
	assert_int_equal(reader_open(&opts, &reader, &why), TL_EPERM);
	opts.password_file = "/nowhere";
	assert_int_equal(reader_open(&opts, &reader, &why), TL_ENOENT);
	assert_int_equal(chmod(rig->home.desk_pass, 0644), 0);
	assert_int_equal(reader_open(&rig->opts, &reader, &why), TL_EPERM);
	assert_non_null(strstr(why, "0600"));
	assert_int_equal(chmod(rig->home.desk_pass, 0600), 0);
	/* the relay's user may not look at the group */
	opts = reading_opts_of(rig, "relay", rig->home.relay_pass);
	assert_int_equal(reader_open(&opts, &reader, &why), TL_EPERM);
	assert_null(reader);
}

static void replicas_that_do_not_confirm_are_counted(void **state)
{
	struct reading *rig = *state;
	struct reader_counts counts;
	struct reader_entry entry;

	rig->opts.replicas = 1;
	reading_open_reader(rig);
	reading_add(rig, 1, "sealed");
	reading_add(rig, 2, "sealed");
	assert_int_equal(reading_keep_next(rig), READER_KEPT_TIP);
	assert_int_equal(reading_keep_next(rig), READER_KEPT_TIP);
	reader_counts(rig->reader, &counts);
	assert_int_equal(counts.unconfirmed, 0);
	/* once for both, and before it waits for more */
	assert_int_equal(reader_next(rig->reader, 0, &entry), TL_EAGAIN);
	reader_counts(rig->reader, &counts);
	assert_int_equal(counts.unconfirmed, 2);
	assert_int_equal(counts.entries, 2);
	assert_int_equal(
	    reading_receipts(rig), 2); /* a measurement, not a gate */
}

/* Somebody with the relay's password adds entries that no desk could hold:
 * one giant string each, and one of many small ones. */
static void giants_go_to_quarantine_and_stop_nothing(void **state)
{
	enum { GIANTS = 6, GIANT = 7 * 1024 * 1024, SMALL = 300000 };
	struct reading *rig = *state;
	redisContext *redis =
	    reading_log_in(rig, "relay", rig->home.relay_pass);
	char *giant = calloc(1, GIANT);
	const char **argv = calloc(2 * SMALL + 3, sizeof(*argv));
	unsigned kept[3] = { 0 };
	redisReply *reply;

	assert_non_null(giant);
	assert_non_null(argv);
	reading_add(rig, 1, "before");
	for (int i = 0; i < GIANTS; i++) {
		reply = redisCommand(
		    redis, "XADD tips * a %b", giant, (size_t)GIANT);
		assert_int_equal(reply->type, REDIS_REPLY_STRING);
		freeReplyObject(reply);
	}
	argv[0] = "XADD";
	argv[1] = "tips";
	argv[2] = "*";
	for (size_t i = 3; i < 2 * SMALL + 3; i++) {
		argv[i] = "x";
	}
	reply = redisCommandArgv(redis, 2 * SMALL + 3, argv, NULL);
	assert_int_equal(reply->type, REDIS_REPLY_STRING);
	freeReplyObject(reply);
	redisFree(redis);
	reading_add(rig, 2, "behind");
	reading_open_reader(rig);
	for (int i = 0; i < GIANTS + 3; i++) {
		kept[reading_keep_next(rig)]++;
	}
	assert_int_equal(kept[READER_KEPT_TIP], 2);
	/* the same bytes again are stored once */
	assert_int_equal(kept[READER_KEPT_QUARANTINE], 2);
	assert_int_equal(kept[READER_KEPT_AGAIN], GIANTS - 1);
	assert_int_equal(reading_pending(rig), 0);
	free(argv);
	free(giant);
}

/* Three strings that Redis takes each by itself, and that are together around
 * what the ledger takes: those that it does not take stop nothing. */
static void what_is_just_too_big_for_the_ledger_stops_nothing(void **state)
{
	/* with a name of one byte and two lengths of four for each */
	enum { THIRD = 5 * 1024 * 1024, MOST = 2 * THIRD + 3 * 9 };
	static const int beyond[] = { 0, 1, 30000 };
	struct reading *rig = *state;
	redisContext *redis =
	    reading_log_in(rig, "relay", rig->home.relay_pass);
	char *giant = calloc(1, LEDGER_RECORD_BYTES);

	assert_non_null(giant);
	for (size_t i = 0; i < sizeof(beyond) / sizeof(beyond[0]); i++) {
		size_t last = LEDGER_RECORD_BYTES - MOST + (size_t)beyond[i];
		redisReply *reply =
		    redisCommand(redis, "XADD tips * a %b b %b c %b", giant,
			(size_t)THIRD, giant, (size_t)THIRD, giant, last);

		assert_int_equal(reply->type, REDIS_REPLY_STRING);
		freeReplyObject(reply);
	}
	redisFree(redis);
	reading_add(rig, 1, "behind");
	reading_open_reader(rig);
	assert_int_equal(reading_keep_next(rig), READER_KEPT_QUARANTINE);
	assert_int_equal(reading_keep_next(rig), READER_KEPT_QUARANTINE);
	assert_int_equal(reading_keep_next(rig), READER_KEPT_AGAIN);
	assert_int_equal(reading_keep_next(rig), READER_KEPT_TIP);
	assert_int_equal(reading_pending(rig), 0);
	free(giant);
}

#define RIG(test) \
	cmocka_unit_test_setup_teardown(test, reading_set_up, reading_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG(a_tip_is_stored_receipted_and_acknowledged),
		RIG(a_tip_that_comes_ten_times_is_stored_once_and_receipted_ten_times),
		RIG(what_is_no_tip_goes_to_quarantine_with_its_reason),
		RIG(what_quarantine_has_no_room_for_stays_in_redis),
		RIG(a_forged_record_takes_no_tips_place),
		RIG(a_crash_between_any_two_steps_loses_and_doubles_nothing),
		RIG(without_the_ledger_nothing_is_receipted),
		RIG(what_ended_the_desk_five_times_is_not_looked_into),
		RIG(what_waits_behind_such_a_one_is_no_such_one),
		RIG(a_hundred_pending_ones_all_come_again),
		RIG(what_redis_lost_while_pending_is_counted),
		RIG(a_full_redis_keeps_nobody_from_reading),
		RIG(where_no_receipt_is_taken_all_tips_are_read),
		RIG(a_wiped_redis_says_what_to_do_and_goes_on),
		RIG(a_redis_that_dies_is_an_error_and_no_end),
		RIG(each_wrong_login_says_what_is_wrong),
		RIG(replicas_that_do_not_confirm_are_counted),
		RIG(giants_go_to_quarantine_and_stop_nothing),
		RIG(what_is_just_too_big_for_the_ledger_stops_nothing),
	};
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	(void)sigaction(SIGPIPE, &ignore, NULL);
	return cmocka_run_group_tests_name("queue/reader", tests, NULL, NULL);
}
