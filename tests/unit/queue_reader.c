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
#include <time.h>

#include <cmocka.h>
#include <hiredis/hiredis.h>

#include "queue/stream_password.h"
#include "tests/lib/redis_home.h"
#include "tests/lib/tempdir.h"
#include "tests/lib/weak_hash.h"

struct rig {
	struct redis_home home;
	struct reader_opts opts;
	struct reader *reader;
	struct ledger *ledger;
	char folder[160];
	uint64_t quarantine_max_bytes;
	enum tl_err sign_err;
	unsigned checked;
	unsigned signed_n;
};

static redisContext *log_in(
    const struct rig *rig, const char *user, const char *pass_file)
{
	char password[STREAM_PASSWORD_BYTES];
	redisContext *redis = redisConnectUnix(rig->home.socket);
	redisReply *reply;

	assert_non_null(redis);
	assert_int_equal(redis->err, 0);
	assert_int_equal(stream_password_load(pass_file, password), TL_OK);
	reply = redisCommand(redis, "AUTH %s %s", user, password);
	assert_non_null(reply);
	assert_int_equal(reply->type, REDIS_REPLY_STATUS);
	freeReplyObject(reply);
	return redis;
}

static void add(const struct rig *rig, unsigned name, const char *sealed)
{
	redisContext *redis = log_in(rig, "relay", rig->home.relay_pass);
	uint8_t id[16] = { (uint8_t)name, (uint8_t)(name >> 8) };
	redisReply *reply = redisCommand(redis, "XADD tips * id %b r %b", id,
	    sizeof(id), sealed, strlen(sealed));

	assert_non_null(reply);
	assert_int_equal(reply->type, REDIS_REPLY_STRING);
	freeReplyObject(reply);
	redisFree(redis);
}

static void add_odd(const struct rig *rig, const char *command)
{
	redisContext *redis = log_in(rig, "relay", rig->home.relay_pass);
	redisReply *reply = redisCommand(redis, command);

	assert_non_null(reply);
	assert_int_equal(reply->type, REDIS_REPLY_STRING);
	freeReplyObject(reply);
	redisFree(redis);
}

static long long admin_number(const struct rig *rig, const char *command)
{
	redisContext *redis = log_in(rig, "admin", rig->home.admin_pass);
	redisReply *reply = redisCommand(redis, command);
	long long n;

	assert_non_null(reply);
	if (reply->type == REDIS_REPLY_ARRAY) { /* XPENDING */
		n = reply->element[0]->integer;
	} else {
		assert_int_equal(reply->type, REDIS_REPLY_INTEGER);
		n = reply->integer;
	}
	freeReplyObject(reply);
	redisFree(redis);
	return n;
}

static long long receipts(const struct rig *rig)
{
	return admin_number(rig, "XLEN receipts");
}

static long long pending(const struct rig *rig)
{
	return admin_number(rig, "XPENDING tips officers");
}

static void open_reader(struct rig *rig)
{
	const struct timespec moment = { .tv_nsec = 20000000 };
	const char *why = NULL;
	enum tl_err err;

	reader_close(rig->reader);
	rig->reader = NULL;
	err = reader_open(&rig->opts, &rig->reader, &why);
	/* a Redis that was started again still reads its file */
	for (int i = 0; i < 3000 && err == TL_EAGAIN; i++) {
		(void)nanosleep(&moment, NULL);
		err = reader_open(&rig->opts, &rig->reader, &why);
	}
	assert_int_equal(err, TL_OK);
}

static void open_ledger(struct rig *rig)
{
	const struct ledger_opts opts = { .folder = rig->folder,
		.hash = weak_hash,
		.quarantine_max_bytes = rig->quarantine_max_bytes };
	struct ledger_fault fault = { 0 };

	ledger_close(rig->ledger);
	rig->ledger = NULL;
	assert_int_equal(ledger_open(&opts, &rig->ledger, &fault), TL_OK);
}

static struct reader_opts opts_of(
    const struct rig *rig, const char *user, const char *pass_file)
{
	return (struct reader_opts){ .socket = rig->home.socket,
		.user = user,
		.password_file = pass_file,
		.consumer = "desk1" };
}

static void make_group(const struct rig *rig)
{
	struct reader_opts opts = opts_of(rig, "admin", rig->home.admin_pass);
	const char *why = NULL;

	assert_int_equal(reader_create_group(&opts, &why), TL_OK);
}

static int set_up(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	assert_non_null(rig);
	redis_home_start(&rig->home);
	(void)snprintf(
	    rig->folder, sizeof(rig->folder), "%s/ledger", rig->home.dir);
	rig->opts = opts_of(rig, "desk", rig->home.desk_pass);
	make_group(rig);
	open_reader(rig);
	open_ledger(rig);
	*state = rig;
	return 0;
}

static int tear_down(void **state)
{
	struct rig *rig = *state;

	reader_close(rig->reader);
	ledger_close(rig->ledger);
	redis_home_end(&rig->home);
	free(rig);
	return 0;
}

static enum ledger_reason check(
    const uint8_t id[static LEDGER_ID_BYTES], struct bytes sealed, void *arg)
{
	struct rig *rig = arg;

	(void)id;
	rig->checked++;
	if (bytes_equal(sealed, bytes_str("garbage"))) {
		return LEDGER_NO_ENVELOPE;
	}
	return bytes_equal(sealed, bytes_str("forged")) ? LEDGER_NOT_OURS
							: LEDGER_FINE;
}

static enum tl_err sign(const uint8_t id[static LEDGER_ID_BYTES],
    const uint8_t hash[static LEDGER_HASH_BYTES],
    uint8_t ret_sig[static READER_SIG_BYTES], void *arg)
{
	struct rig *rig = arg;

	(void)id;
	(void)hash;
	memset(ret_sig, 7, READER_SIG_BYTES);
	rig->signed_n++;
	return rig->sign_err;
}

static enum tl_err keep(
    struct rig *rig, const struct reader_entry *entry, enum reader_kept *kept)
{
	const struct reader_keep how = { .reader = rig->reader,
		.ledger = rig->ledger,
		.hash = weak_hash,
		.check = check,
		.sign = sign,
		.arg = rig };

	return reader_keep(&how, entry, kept);
}

/* Take one entry and keep it. */
static enum reader_kept keep_next(struct rig *rig)
{
	struct reader_entry entry;
	enum reader_kept kept = READER_KEPT_AGAIN;

	assert_int_equal(reader_next(rig->reader, 0, &entry), TL_OK);
	assert_int_equal(keep(rig, &entry, &kept), TL_OK);
	return kept;
}

static void no_more(struct rig *rig)
{
	struct reader_entry entry;

	assert_int_equal(reader_next(rig->reader, 0, &entry), TL_EAGAIN);
}

static enum tl_err last_reason(
    uint64_t number, const struct ledger_record *rec, void *arg)
{
	enum ledger_reason *reason = arg;

	(void)number;
	*reason = rec->reason;
	return TL_OK;
}

static enum ledger_reason reason_of_last(const struct rig *rig)
{
	enum ledger_reason reason = LEDGER_FINE;

	assert_int_equal(
	    ledger_each(rig->ledger, 0, last_reason, &reason), TL_OK);
	return reason;
}

static void a_tip_is_stored_receipted_and_acknowledged(void **state)
{
	struct rig *rig = *state;
	struct reader_entry entry;
	enum reader_kept kept = READER_KEPT_AGAIN;

	add(rig, 1, "sealed");
	assert_int_equal(reader_next(rig->reader, 0, &entry), TL_OK);
	assert_int_equal(entry.reason, LEDGER_FINE);
	assert_int_equal(entry.id[0], 1);
	assert_int_equal(entry.deliveries, 1);
	assert_true(bytes_equal(entry.sealed, bytes_str("sealed")));
	assert_int_equal(pending(rig), 1);
	assert_int_equal(keep(rig, &entry, &kept), TL_OK);
	assert_int_equal(kept, READER_KEPT_TIP);
	assert_int_equal(ledger_count(rig->ledger), 1);
	assert_int_equal(receipts(rig), 1);
	assert_int_equal(pending(rig), 0);
	no_more(rig);
}

static void a_tip_that_comes_ten_times_is_stored_once_and_receipted_ten_times(
    void **state)
{
	struct rig *rig = *state;

	for (int i = 0; i < 10; i++) {
		add(rig, 1, "sealed");
	}
	assert_int_equal(keep_next(rig), READER_KEPT_TIP);
	for (int i = 0; i < 9; i++) {
		assert_int_equal(keep_next(rig), READER_KEPT_AGAIN);
	}
	no_more(rig);
	assert_int_equal(ledger_count(rig->ledger), 1);
	assert_int_equal(receipts(rig), 10);
	assert_int_equal(pending(rig), 0);
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
	struct rig *rig = *state;
	unsigned want = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		add_odd(rig, rows[i].command);
		assert_int_equal(keep_next(rig), READER_KEPT_QUARANTINE);
		assert_int_equal(reason_of_last(rig), rows[i].reason);
		want += rows[i].receipts;
	}
	assert_int_equal(
	    ledger_count(rig->ledger), sizeof(rows) / sizeof(rows[0]));
	assert_int_equal(receipts(rig), want);
	assert_int_equal(pending(rig), 0);
	/* again: known by now */
	add_odd(rig, rows[0].command);
	assert_int_equal(keep_next(rig), READER_KEPT_AGAIN);
}

static void set_maxmemory(struct rig *rig, const char *bytes)
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
	open_reader(rig);
}

/* A flood has filled it: what waits there can be read all the same. */
static void a_full_redis_keeps_nobody_from_reading(void **state)
{
	struct rig *rig = *state;

	add(rig, 1, "sealed");
	add(rig, 2, "sealed too");
	set_maxmemory(rig, "1");
	assert_int_equal(keep_next(rig), READER_UNSAID);
	assert_int_equal(keep_next(rig), READER_UNSAID);
	no_more(rig);
	assert_int_equal(ledger_count(rig->ledger), 2);
	assert_int_equal(pending(rig), 2);
	set_maxmemory(rig, "0");
	assert_int_equal(keep_next(rig), READER_KEPT_AGAIN);
	assert_int_equal(keep_next(rig), READER_KEPT_AGAIN);
	no_more(rig);
	assert_int_equal(ledger_count(rig->ledger), 2);
	assert_int_equal(receipts(rig), 2);
	assert_int_equal(pending(rig), 0);
}

/* Not stored, not receipted, not acknowledged: whoever has it keeps it. */
static void what_quarantine_has_no_room_for_stays_in_redis(void **state)
{
	struct rig *rig = *state;

	rig->quarantine_max_bytes = 8;
	open_ledger(rig);
	add(rig, 1, "garbage");
	add(rig, 2, "garbage");
	add(rig, 3, "sealed");
	assert_int_equal(keep_next(rig), READER_KEPT_QUARANTINE);
	assert_int_equal(keep_next(rig), READER_LEFT);
	assert_int_equal(keep_next(rig), READER_KEPT_TIP);
	no_more(rig);
	assert_int_equal(ledger_count(rig->ledger), 2);
	assert_int_equal(receipts(rig), 2);
	assert_int_equal(pending(rig), 1);
	/* the operator gives it room: at the next start it comes again */
	rig->quarantine_max_bytes = 100;
	open_ledger(rig);
	open_reader(rig);
	assert_int_equal(keep_next(rig), READER_KEPT_QUARANTINE);
	assert_int_equal(pending(rig), 0);
}

/* Whoever has the relay's password may put anything under any id. */
static void a_forged_record_takes_no_tips_place(void **state)
{
	struct rig *rig = *state;

	add(rig, 1, "forged");
	add(rig, 1, "sealed");
	add(rig, 1, "other words");
	assert_int_equal(keep_next(rig), READER_KEPT_QUARANTINE);
	assert_int_equal(keep_next(rig), READER_KEPT_TIP);
	assert_int_equal(keep_next(rig), READER_KEPT_QUARANTINE);
	assert_int_equal(reason_of_last(rig), LEDGER_OTHER_BYTES);
}

static void a_crash_between_any_two_steps_loses_and_doubles_nothing(
    void **state)
{
	struct rig *rig = *state;
	struct reader_entry entry;
	enum reader_kept kept = READER_KEPT_TIP;

	/* taken, and nothing done */
	add(rig, 1, "sealed");
	assert_int_equal(reader_next(rig->reader, 0, &entry), TL_OK);
	open_reader(rig);
	assert_int_equal(reader_next(rig->reader, 0, &entry), TL_OK);
	assert_int_equal(entry.deliveries, 2);
	/* stored, and not receipted */
	rig->sign_err = TL_EIO;
	assert_int_equal(keep(rig, &entry, &kept), TL_EIO);
	assert_int_equal(receipts(rig), 0);
	assert_int_equal(pending(rig), 1);
	rig->sign_err = TL_OK;
	open_ledger(rig);
	open_reader(rig);
	assert_int_equal(keep_next(rig), READER_KEPT_AGAIN);
	assert_int_equal(ledger_count(rig->ledger), 1);
	assert_int_equal(receipts(rig), 1);
	no_more(rig);
}

static void without_the_ledger_nothing_is_receipted(void **state)
{
	struct rig *rig = *state;
	const struct ledger_opts look = {
		.folder = rig->folder, .hash = weak_hash, .read_only = true
	};
	struct ledger_fault fault = { 0 };
	struct reader_entry entry;
	enum reader_kept kept = READER_KEPT_TIP;

	ledger_close(rig->ledger);
	assert_int_equal(ledger_open(&look, &rig->ledger, &fault), TL_OK);
	add(rig, 1, "sealed");
	assert_int_equal(reader_next(rig->reader, 0, &entry), TL_OK);
	assert_int_equal(keep(rig, &entry, &kept), TL_EPERM);
	assert_int_equal(rig->signed_n, 0);
	assert_int_equal(receipts(rig), 0);
	assert_int_equal(pending(rig), 1);
}

static void what_ended_the_desk_five_times_is_not_looked_into(void **state)
{
	struct rig *rig = *state;
	struct reader_entry entry;

	add(rig, 1, "sealed");
	for (unsigned i = 1; i <= 5; i++) {
		assert_int_equal(reader_next(rig->reader, 0, &entry), TL_OK);
		assert_int_equal(entry.deliveries, i);
		open_reader(rig);
	}
	assert_int_equal(keep_next(rig), READER_KEPT_QUARANTINE);
	assert_int_equal(rig->checked, 0);
	assert_int_equal(reason_of_last(rig), LEDGER_POISON);
	assert_int_equal(receipts(rig), 1);
}

static void a_hundred_pending_ones_all_come_again(void **state)
{
	struct rig *rig = *state;
	struct reader_entry entry;

	for (unsigned i = 0; i < 100; i++) {
		add(rig, i, "sealed");
	}
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(reader_next(rig->reader, 0, &entry), TL_OK);
	}
	open_reader(rig);
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(keep_next(rig), READER_KEPT_TIP);
	}
	no_more(rig);
	assert_int_equal(ledger_count(rig->ledger), 100);
	assert_int_equal(pending(rig), 0);
}

static void what_redis_lost_while_pending_is_counted(void **state)
{
	struct rig *rig = *state;
	struct reader_entry entry;
	struct reader_counts counts;

	add(rig, 1, "sealed");
	assert_int_equal(reader_next(rig->reader, 0, &entry), TL_OK);
	/* the relay's password is enough for this */
	add_odd(rig, "XADD tips MAXLEN 0 * a b");
	open_reader(rig);
	no_more(rig);
	reader_counts(rig->reader, &counts);
	assert_int_equal(counts.trimmed, 1);
	assert_int_equal(pending(rig), 0);
	/* the spool sends it again, since it has no receipt */
	add(rig, 1, "sealed");
	assert_int_equal(keep_next(rig), READER_KEPT_TIP);
}

static void a_wiped_redis_says_what_to_do_and_goes_on(void **state)
{
	struct rig *rig = *state;
	struct redis_home fresh;
	const char *why = NULL;

	redis_home_start(&fresh);
	reader_close(rig->reader);
	rig->reader = NULL;
	redis_home_end(&rig->home);
	rig->home = fresh;
	(void)snprintf(
	    rig->folder, sizeof(rig->folder), "%s/ledger", fresh.dir);
	open_ledger(rig);
	rig->opts = opts_of(rig, "desk", rig->home.desk_pass);
	add(rig, 1, "sealed"); /* the relay is faster than the operator */
	assert_int_equal(
	    reader_open(&rig->opts, &rig->reader, &why), TL_ENOENT);
	assert_non_null(strstr(why, "XGROUP CREATE tips officers 0 MKSTREAM"));
	make_group(rig);
	make_group(rig); /* once more is no mistake */
	open_reader(rig);
	assert_int_equal(keep_next(rig), READER_KEPT_TIP);
}

static void a_redis_that_dies_is_an_error_and_no_end(void **state)
{
	struct rig *rig = *state;
	struct reader_entry entry;
	const char *why = NULL;

	add(rig, 1, "sealed");
	assert_int_equal(reader_next(rig->reader, 0, &entry), TL_OK);
	redis_home_kill(&rig->home);
	assert_int_not_equal(reader_ack(rig->reader, entry.entry), TL_OK);
	assert_int_not_equal(reader_next(rig->reader, 0, &entry), TL_OK);
	reader_close(rig->reader);
	rig->reader = NULL;
	assert_int_equal(reader_open(&rig->opts, &rig->reader, &why), TL_EIO);
	assert_non_null(strstr(why, "not reachable"));
	redis_home_again(&rig->home);
	open_reader(rig);
	assert_int_equal(keep_next(rig), READER_KEPT_TIP);
}

static void each_wrong_login_says_what_is_wrong(void **state)
{
	struct rig *rig = *state;
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
	opts = opts_of(rig, "relay", rig->home.relay_pass);
	assert_int_equal(reader_open(&opts, &reader, &why), TL_EPERM);
	assert_null(reader);
}

static void replicas_that_do_not_confirm_are_counted(void **state)
{
	struct rig *rig = *state;
	struct reader_counts counts;
	struct reader_entry entry;

	rig->opts.replicas = 1;
	open_reader(rig);
	add(rig, 1, "sealed");
	add(rig, 2, "sealed");
	assert_int_equal(keep_next(rig), READER_KEPT_TIP);
	assert_int_equal(keep_next(rig), READER_KEPT_TIP);
	reader_counts(rig->reader, &counts);
	assert_int_equal(counts.unconfirmed, 0);
	/* once for both, and before it waits for more */
	assert_int_equal(reader_next(rig->reader, 0, &entry), TL_EAGAIN);
	reader_counts(rig->reader, &counts);
	assert_int_equal(counts.unconfirmed, 2);
	assert_int_equal(counts.entries, 2);
	assert_int_equal(receipts(rig), 2); /* a measurement, not a gate */
}

/* Somebody with the relay's password adds entries that no desk could hold:
 * one giant string each, and one of many small ones. */
static void giants_go_to_quarantine_and_stop_nothing(void **state)
{
	enum { GIANTS = 6, GIANT = 7 * 1024 * 1024, SMALL = 300000 };
	struct rig *rig = *state;
	redisContext *redis = log_in(rig, "relay", rig->home.relay_pass);
	char *giant = calloc(1, GIANT);
	const char **argv = calloc(2 * SMALL + 3, sizeof(*argv));
	unsigned kept[3] = { 0 };
	redisReply *reply;

	assert_non_null(giant);
	assert_non_null(argv);
	add(rig, 1, "before");
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
	add(rig, 2, "behind");
	open_reader(rig);
	for (int i = 0; i < GIANTS + 3; i++) {
		kept[keep_next(rig)]++;
	}
	assert_int_equal(kept[READER_KEPT_TIP], 2);
	/* the same bytes again are stored once */
	assert_int_equal(kept[READER_KEPT_QUARANTINE], 2);
	assert_int_equal(kept[READER_KEPT_AGAIN], GIANTS - 1);
	assert_int_equal(pending(rig), 0);
	free(argv);
	free(giant);
}

#define RIG(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

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
		RIG(a_hundred_pending_ones_all_come_again),
		RIG(what_redis_lost_while_pending_is_counted),
		RIG(a_full_redis_keeps_nobody_from_reading),
		RIG(a_wiped_redis_says_what_to_do_and_goes_on),
		RIG(a_redis_that_dies_is_an_error_and_no_end),
		RIG(each_wrong_login_says_what_is_wrong),
		RIG(replicas_that_do_not_confirm_are_counted),
		RIG(giants_go_to_quarantine_and_stop_nothing),
	};
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	(void)sigaction(SIGPIPE, &ignore, NULL);
	return cmocka_run_group_tests_name("queue/reader", tests, NULL, NULL);
}
