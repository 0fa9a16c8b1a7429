/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "queue/reader.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include <hiredis/hiredis.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/wipe.h"
#include "queue/stream_password.h"
#include "queue/stream_reply.h"

#define CONNECT_S      3
#define ANSWER_S       5
#define BLOCK_MOST_MS  5000 /* and two seconds for the answer */
#define COUNT          "64"
#define CLAIM_IDLE_MS  "600000"
#define CLAIM_EVERY_MS 60000u
#define WAIT_MS        "1000"

struct reader {
	redisContext *redis;
	char *consumer;
	char replicas[12]; /* as text; "0": none are waited for */
	redisReply *reply; /* what the entries in answer borrow from */
	struct stream_answer answer;
	size_t at; /* next entry of answer */
	/* where to go on: among our pending ones, among others' */
	char pending_from[STREAM_ENTRY_BYTES];
	bool pending_done;
	bool pending_now; /* answer holds entries that were handed out before */
	uint64_t claim_due_ms;
	struct buf raw; /* fields of an entry that is not as it should be */
	struct reader_counts counts;
};

static enum tl_err err_of(enum stream_trouble trouble)
{
	static const enum tl_err errs[STREAM_TROUBLES] = {
		[STREAM_FINE] = TL_OK,
		[STREAM_GONE] = TL_ECLOSED,
		[STREAM_LOADING] = TL_EAGAIN,
		[STREAM_READONLY] = TL_ESTALE,
		[STREAM_REFUSED] = TL_EPERM,
		[STREAM_DISK] = TL_EIO,
		[STREAM_FULL] = TL_EFULL,
		[STREAM_REPLICAS] = TL_EFULL,
		[STREAM_NOGROUP] = TL_ENOENT,
		[STREAM_ERROR] = TL_EFORMAT,
		[STREAM_GARBAGE] = TL_EFORMAT,
		[STREAM_LATE] = TL_EIO,
	};

	return errs[trouble];
}

static const char *why_of(enum stream_trouble trouble)
{
	static const char *const whys[STREAM_TROUBLES] = {
		[STREAM_FINE] = "",
		[STREAM_GONE] = "Redis closed the connection",
		[STREAM_LOADING] = "Redis is still reading its data; try again"
				   " in a moment",
		[STREAM_READONLY] = "this Redis is a replica; name the socket"
				    " of the master",
		[STREAM_REFUSED] = "Redis refuses the user, its password or its"
				   " rights; compare the password file with"
				   " users.acl",
		[STREAM_DISK] = "Redis cannot write to its disk",
		[STREAM_FULL] = "Redis has no memory left; trim its streams or"
				" raise maxmemory",
		[STREAM_REPLICAS] = "Redis has too few replicas",
		[STREAM_NOGROUP] = "Redis has no group \"officers\" on the"
				   " stream \"tips\": it is new or was wiped."
				   " Make it with the admin user: XGROUP CREATE"
				   " tips officers 0 MKSTREAM. Nothing is lost:"
				   " the relay sends again what has no receipt",
		[STREAM_ERROR] = "Redis answered with an error",
		[STREAM_GARBAGE] = "this does not answer like Redis",
		[STREAM_LATE] = "Redis did not answer in time",
	};

	return whys[trouble];
}

/*
 * One command, one answer. The reply is the caller's to free, also after
 * trouble; NULL when the connection is gone.
 */
static enum stream_trouble ask(redisContext *redis, enum stream_want want,
    const struct bytes *args, size_t n, redisReply **ret_reply,
    struct stream_answer *ret_answer)
{
	const char *argv[16];
	size_t lens[16];
	void *reply = NULL;

	if (n > sizeof(argv) / sizeof(argv[0])) {
		return STREAM_ERROR;
	}
	for (size_t i = 0; i < n; i++) {
		argv[i] = (const char *)args[i].at;
		lens[i] = args[i].len;
	}
	reply = redisCommandArgv(redis, (int)n, argv, lens);
	*ret_reply = reply;
	if (reply == NULL && redis->err == REDIS_ERR_IO && errno == EAGAIN) {
		return STREAM_LATE;
	}
	return stream_check(reply, want, ret_answer);
}

/* ask() for commands whose answer is only a word or a number */
static enum stream_trouble tell(redisContext *redis, enum stream_want want,
    const struct bytes *args, size_t n, uint64_t *ret_number)
{
	struct stream_answer answer = { 0 };
	redisReply *reply = NULL;
	enum stream_trouble trouble =
	    ask(redis, want, args, n, &reply, &answer);

	if (reply != NULL) {
		freeReplyObject(reply);
	}
	if (trouble == STREAM_FINE && ret_number != NULL) {
		*ret_number = answer.number;
	}
	return trouble;
}

#define WORD(text) bytes_str(text)

static enum tl_err log_in(
    redisContext *redis, const struct reader_opts *opts, const char **ret_why)
{
	char password[STREAM_PASSWORD_BYTES] = "";
	struct stream_answer answer = { 0 };
	redisReply *reply = NULL;
	enum stream_trouble trouble;
	size_t n = 2;

	if (opts->password_file != NULL && opts->password_file[0] != '\0') {
		enum tl_err err =
		    stream_password_load(opts->password_file, password);

		if (err != TL_OK) {
			*ret_why = err == TL_EPERM
			    ? "the password file must be ours with mode 0600"
			    : "the password file cannot be read, or does not"
			      " hold one line";
			return err;
		}
		n = 5;
	}
	{
		const struct bytes hello[] = { WORD("HELLO"), WORD("2"),
			WORD("AUTH"), WORD(opts->user), WORD(password) };

		trouble =
		    ask(redis, STREAM_WANT_HELLO, hello, n, &reply, &answer);
	}
	wipe(password, sizeof(password));
	if (trouble == STREAM_FINE && answer.role != STREAM_MASTER) {
		trouble = STREAM_READONLY;
	}
	if (reply != NULL) {
		freeReplyObject(reply);
	}
	*ret_why = why_of(trouble);
	return err_of(trouble);
}

static enum tl_err connect_as(const struct reader_opts *opts,
    redisContext **ret_redis, const char **ret_why)
{
	const struct timeval connect = { .tv_sec = CONNECT_S };
	const struct timeval answer = { .tv_sec =
					    ANSWER_S + BLOCK_MOST_MS / 1000 };
	redisContext *redis =
	    redisConnectUnixWithTimeout(opts->socket, connect);
	enum tl_err err;

	if (redis == NULL) {
		*ret_why = "out of memory";
		return TL_ENOMEM;
	}
	if (redis->err != 0 || redisSetTimeout(redis, answer) != REDIS_OK) {
		*ret_why = "Redis is not reachable at its socket; is it"
			   " running, and may we open the socket?";
		redisFree(redis);
		return TL_EIO;
	}
	stream_limit(redis->reader);
	err = log_in(redis, opts, ret_why);
	if (err != TL_OK) {
		redisFree(redis);
		return err;
	}
	*ret_redis = redis;
	return TL_OK;
}

/* NOGROUP now is better than after a minute of waiting. */
static enum stream_trouble find_group(struct reader *reader)
{
	const struct bytes args[] = { WORD("XPENDING"), WORD("tips"),
		WORD("officers"), WORD("-"), WORD("+"), WORD("1") };

	return tell(reader->redis, STREAM_WANT_PENDING, args, 6, NULL);
}

enum tl_err reader_open(const struct reader_opts *opts,
    struct reader **ret_reader, const char **ret_why)
{
	struct reader *reader = calloc(1, sizeof(*reader));
	enum stream_trouble trouble;
	enum tl_err err = TL_ENOMEM;

	*ret_why = "out of memory";
	if (reader == NULL) {
		goto out;
	}
	buf_init(&reader->raw, LEDGER_RECORD_BYTES);
	reader->consumer = strdup(opts->consumer);
	if (reader->consumer == NULL) {
		goto out;
	}
	(void)snprintf(
	    reader->replicas, sizeof(reader->replicas), "%u", opts->replicas);
	memcpy(reader->pending_from, "0-0", sizeof("0-0"));
	err = connect_as(opts, &reader->redis, ret_why);
	if (err != TL_OK) {
		goto out;
	}
	trouble = find_group(reader);
	err = err_of(trouble);
	*ret_why = why_of(trouble);
	if (err != TL_OK) {
		goto out;
	}
	*ret_reader = reader;
	reader = NULL;
out:
	reader_close(reader);
	return err;
}

/* ---- reading ------------------------------------------------------------ */

static void drop_answer(struct reader *reader)
{
	if (reader->reply != NULL) {
		freeReplyObject(reader->reply);
	}
	reader->reply = NULL;
	reader->answer = (struct stream_answer){ 0 };
	reader->at = 0;
}

/* XREADGROUP from an entry on: our pending ones; or ">": new ones. */
static enum stream_trouble read_group(
    struct reader *reader, const char *from, int wait_ms)
{
	char block[12];
	const struct bytes now[] = { WORD("XREADGROUP"), WORD("GROUP"),
		WORD("officers"), WORD(reader->consumer), WORD("COUNT"),
		WORD(COUNT), WORD("STREAMS"), WORD("tips"), WORD(from) };
	struct bytes wait[11];

	drop_answer(reader);
	if (wait_ms <= 0) {
		return ask(reader->redis, STREAM_WANT_ENTRIES, now, 9,
		    &reader->reply, &reader->answer);
	}
	(void)snprintf(block, sizeof(block), "%d",
	    wait_ms < BLOCK_MOST_MS ? wait_ms : BLOCK_MOST_MS);
	memcpy(wait, now, 6 * sizeof(now[0]));
	wait[6] = WORD("BLOCK");
	wait[7] = WORD(block);
	memcpy(wait + 8, now + 6, 3 * sizeof(now[0]));
	return ask(reader->redis, STREAM_WANT_ENTRIES, wait, 11, &reader->reply,
	    &reader->answer);
}

/* What a desk was given ten minutes ago and did not acknowledge. */
static enum stream_trouble claim(struct reader *reader)
{
	const struct bytes args[] = { WORD("XAUTOCLAIM"), WORD("tips"),
		WORD("officers"), WORD(reader->consumer), WORD(CLAIM_IDLE_MS),
		WORD("0-0"), WORD("COUNT"), WORD(COUNT) };
	enum stream_trouble trouble;

	drop_answer(reader);
	trouble = ask(reader->redis, STREAM_WANT_CLAIMED, args, 8,
	    &reader->reply, &reader->answer);
	if (trouble == STREAM_FINE) {
		/* at once again as long as there is something */
		if (stream_entries(&reader->answer) == 0) {
			reader->claim_due_ms = clock_mono_ms() + CLAIM_EVERY_MS;
		}
		reader->counts.claimed += stream_entries(&reader->answer);
		reader->counts.trimmed += reader->answer.number;
		reader->pending_now = true;
	}
	return trouble;
}

/* Get entries to hand out: our pending ones, others' after ten minutes, new
 * ones. None: nothing came. */
static enum stream_trouble fetch(struct reader *reader, int wait_ms)
{
	enum stream_trouble trouble;

	if (!reader->pending_done) {
		trouble = read_group(reader, reader->pending_from, 0);
		reader->pending_now = true;
		if (trouble != STREAM_FINE ||
		    stream_entries(&reader->answer) > 0) {
			return trouble;
		}
		reader->pending_done = true;
	}
	if (clock_mono_ms() >= reader->claim_due_ms) {
		trouble = claim(reader);
		if (trouble != STREAM_FINE ||
		    stream_entries(&reader->answer) > 0) {
			return trouble;
		}
	}
	reader->pending_now = false;
	return read_group(reader, ">", wait_ms);
}

static unsigned deliveries_of(struct reader *reader, const char *entry)
{
	const struct bytes args[] = { WORD("XPENDING"), WORD("tips"),
		WORD("officers"), WORD(entry), WORD(entry), WORD("1") };
	uint64_t n = 0;

	if (!reader->pending_now ||
	    tell(reader->redis, STREAM_WANT_PENDING, args, 6, &n) !=
		STREAM_FINE ||
	    n == 0) {
		return 1;
	}
	return n < UINT_MAX ? (unsigned)n : UINT_MAX;
}

/* All fields and values of an odd entry, each behind its length. */
static enum tl_err keep_raw(struct reader *reader, size_t i)
{
	size_t n = stream_entry_strings(&reader->answer, i);

	buf_reset(&reader->raw);
	for (size_t k = 0; k < n; k++) {
		struct bytes string =
		    stream_entry_string(&reader->answer, i, k);

		buf_put_u32(&reader->raw, (uint32_t)string.len);
		buf_put(&reader->raw, string.at, string.len);
	}
	return buf_err(&reader->raw);
}

static enum tl_err hand_out(
    struct reader *reader, size_t i, struct reader_entry *ret_entry)
{
	static const char *const names[] = { "id", "r" };
	struct reader_entry entry = { 0 };
	struct bytes values[2];
	const char *name = stream_entry_name(&reader->answer, i);

	memcpy(entry.entry, name, strlen(name) + 1);
	entry.deliveries = deliveries_of(reader, name);
	if (stream_entry_fields(&reader->answer, i, names, 2, values) &&
	    values[0].len == LEDGER_ID_BYTES) {
		memcpy(entry.id, values[0].at, LEDGER_ID_BYTES);
		entry.sealed = values[1];
	} else {
		enum tl_err err = keep_raw(reader, i);

		if (err != TL_OK) {
			return err;
		}
		entry.reason = LEDGER_FIELDS;
		entry.sealed = bytes_of(reader->raw.data, reader->raw.len);
	}
	reader->counts.entries++;
	*ret_entry = entry;
	return TL_OK;
}

enum tl_err reader_next(
    struct reader *reader, int wait_ms, struct reader_entry *ret_entry)
{
	for (;;) {
		enum stream_trouble trouble;
		const char *name;
		size_t i = reader->at;

		if (i >= stream_entries(&reader->answer)) {
			trouble = fetch(reader, wait_ms);
			if (trouble != STREAM_FINE) {
				drop_answer(reader);
				return err_of(trouble);
			}
			if (stream_entries(&reader->answer) == 0) {
				return TL_EAGAIN;
			}
			continue;
		}
		reader->at++;
		name = stream_entry_name(&reader->answer, i);
		if (!reader->pending_done) {
			memcpy(reader->pending_from, name, strlen(name) + 1);
		}
		if (stream_entry_gone(&reader->answer, i)) {
			enum tl_err err = reader_ack(reader, name);

			reader->counts.trimmed++;
			if (err != TL_OK) {
				return err;
			}
			continue;
		}
		return hand_out(reader, i, ret_entry);
	}
}

/* ---- answering ---------------------------------------------------------- */

enum tl_err reader_receipt(struct reader *reader,
    const uint8_t id[static LEDGER_ID_BYTES],
    const uint8_t hash[static LEDGER_HASH_BYTES],
    const uint8_t sig[static READER_SIG_BYTES])
{
	const struct bytes args[] = { WORD("XADD"), WORD("receipts"), WORD("*"),
		WORD("id"), bytes_of(id, LEDGER_ID_BYTES), WORD("h"),
		bytes_of(hash, LEDGER_HASH_BYTES), WORD("s"),
		bytes_of(sig, READER_SIG_BYTES) };
	const struct bytes wait[] = { WORD("WAIT"), WORD(reader->replicas),
		WORD(WAIT_MS) };
	uint64_t confirmed = 0;
	enum stream_trouble trouble =
	    tell(reader->redis, STREAM_WANT_ENTRY, args, 9, NULL);

	if (trouble == STREAM_FINE && strcmp(reader->replicas, "0") != 0) {
		trouble = tell(
		    reader->redis, STREAM_WANT_NUMBER, wait, 3, &confirmed);
		reader->counts.unconfirmed +=
		    confirmed < strtoull(reader->replicas, NULL, 10) ? 1 : 0;
	}
	return err_of(trouble);
}

enum tl_err reader_ack(struct reader *reader, const char *entry)
{
	const struct bytes args[] = { WORD("XACK"), WORD("tips"),
		WORD("officers"), WORD(entry) };

	/* 0: another desk has it now, or it was acknowledged before */
	return err_of(tell(reader->redis, STREAM_WANT_NUMBER, args, 4, NULL));
}

void reader_counts(
    const struct reader *reader, struct reader_counts *ret_counts)
{
	*ret_counts = reader->counts;
}

void reader_close(struct reader *reader)
{
	if (reader == NULL) {
		return;
	}
	drop_answer(reader);
	if (reader->redis != NULL) {
		redisFree(reader->redis);
	}
	buf_free(&reader->raw);
	free(reader->consumer);
	free(reader);
}

enum tl_err reader_create_group(
    const struct reader_opts *opts, const char **ret_why)
{
	const struct bytes args[] = { WORD("XGROUP"), WORD("CREATE"),
		WORD("tips"), WORD("officers"), WORD("0"), WORD("MKSTREAM") };
	struct stream_answer answer = { 0 };
	redisContext *redis = NULL;
	redisReply *reply = NULL;
	enum stream_trouble trouble;
	enum tl_err err = connect_as(opts, &redis, ret_why);

	if (err != TL_OK) {
		return err;
	}
	trouble = ask(redis, STREAM_WANT_OK, args, 6, &reply, &answer);
	if (trouble == STREAM_ERROR && reply != NULL &&
	    strncmp(reply->str, "BUSYGROUP ", 10) == 0) {
		trouble = STREAM_FINE;
	}
	if (reply != NULL) {
		freeReplyObject(reply);
	}
	redisFree(redis);
	*ret_why = why_of(trouble);
	return err_of(trouble);
}
