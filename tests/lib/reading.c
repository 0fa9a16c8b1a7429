/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/reading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <hiredis/hiredis.h>

#include "queue/stream_password.h"
#include "tests/lib/weak_hash.h"

redisContext *reading_log_in(
    const struct reading *rig, const char *user, const char *pass_file)
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

void reading_add(const struct reading *rig, unsigned name, const char *sealed)
{
	redisContext *redis =
	    reading_log_in(rig, "relay", rig->home.relay_pass);
	uint8_t id[16] = { (uint8_t)name, (uint8_t)(name >> 8) };
	redisReply *reply = redisCommand(redis, "XADD tips * id %b r %b", id,
	    sizeof(id), sealed, strlen(sealed));

	assert_non_null(reply);
	assert_int_equal(reply->type, REDIS_REPLY_STRING);
	freeReplyObject(reply);
	redisFree(redis);
}

void reading_add_odd(const struct reading *rig, const char *command)
{
	redisContext *redis =
	    reading_log_in(rig, "relay", rig->home.relay_pass);
	redisReply *reply = redisCommand(redis, command);

	assert_non_null(reply);
	assert_int_equal(reply->type, REDIS_REPLY_STRING);
	freeReplyObject(reply);
	redisFree(redis);
}

void reading_add_last_receipt(const struct reading *rig)
{
	redisContext *redis = reading_log_in(rig, "desk", rig->home.desk_pass);
	redisReply *reply = redisCommand(redis,
	    "XADD receipts 18446744073709551615-18446744073709551615 a b");

	assert_non_null(reply);
	assert_int_equal(reply->type, REDIS_REPLY_STRING);
	freeReplyObject(reply);
	redisFree(redis);
}

static long long admin_number(const struct reading *rig, const char *command)
{
	redisContext *redis =
	    reading_log_in(rig, "admin", rig->home.admin_pass);
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

long long reading_receipts(const struct reading *rig)
{
	return admin_number(rig, "XLEN receipts");
}

long long reading_pending(const struct reading *rig)
{
	return admin_number(rig, "XPENDING tips officers");
}

void reading_open_reader(struct reading *rig)
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

void reading_open_ledger(struct reading *rig)
{
	const struct ledger_opts opts = { .folder = rig->folder,
		.hash = weak_hash,
		.quarantine_max_bytes = rig->quarantine_max_bytes };
	struct ledger_fault fault = { 0 };

	ledger_close(rig->ledger);
	rig->ledger = NULL;
	assert_int_equal(ledger_open(&opts, &rig->ledger, &fault), TL_OK);
}

struct reader_opts reading_opts_of(
    const struct reading *rig, const char *user, const char *pass_file)
{
	return (struct reader_opts){ .socket = rig->home.socket,
		.user = user,
		.password_file = pass_file,
		.consumer = "desk1" };
}

void reading_make_group(const struct reading *rig)
{
	struct reader_opts opts =
	    reading_opts_of(rig, "admin", rig->home.admin_pass);
	const char *why = NULL;

	assert_int_equal(reader_create_group(&opts, &why), TL_OK);
}

int reading_set_up(void **state)
{
	struct reading *rig = calloc(1, sizeof(*rig));

	assert_non_null(rig);
	redis_home_start(&rig->home);
	(void)snprintf(
	    rig->folder, sizeof(rig->folder), "%s/ledger", rig->home.dir);
	rig->opts = reading_opts_of(rig, "desk", rig->home.desk_pass);
	reading_make_group(rig);
	reading_open_reader(rig);
	reading_open_ledger(rig);
	*state = rig;
	return 0;
}

int reading_tear_down(void **state)
{
	struct reading *rig = *state;

	reader_close(rig->reader);
	ledger_close(rig->ledger);
	redis_home_end(&rig->home);
	free(rig);
	return 0;
}

static enum ledger_reason check(
    const uint8_t id[static LEDGER_ID_BYTES], struct bytes sealed, void *arg)
{
	struct reading *rig = arg;

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
	struct reading *rig = arg;

	(void)id;
	(void)hash;
	memset(ret_sig, 7, READER_SIG_BYTES);
	rig->signed_n++;
	return rig->sign_err;
}

enum tl_err reading_keep(struct reading *rig, const struct reader_entry *entry,
    enum reader_kept *kept)
{
	const struct reader_keep how = { .reader = rig->reader,
		.ledger = rig->ledger,
		.hash = weak_hash,
		.check = check,
		.sign = sign,
		.arg = rig };

	return reader_keep(&how, entry, kept);
}

enum reader_kept reading_keep_next(struct reading *rig)
{
	struct reader_entry entry;
	enum reader_kept kept = READER_KEPT_AGAIN;

	assert_int_equal(reader_next(rig->reader, 0, &entry), TL_OK);
	assert_int_equal(reading_keep(rig, &entry, &kept), TL_OK);
	return kept;
}

void reading_no_more(struct reading *rig)
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

enum ledger_reason reading_reason_of_last(const struct reading *rig)
{
	enum ledger_reason reason = LEDGER_FINE;

	assert_int_equal(
	    ledger_each(rig->ledger, 0, last_reason, &reason), TL_OK);
	return reason;
}
