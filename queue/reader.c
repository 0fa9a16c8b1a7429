/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "queue/reader.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/wipe.h"
#include "queue/ask.h"
#include "queue/reader_inside.h"
#include "queue/sentinel.h"
#include "queue/stream_password.h"
#include "queue/stream_reply.h"

#define CONNECT_S      3u
#define ANSWER_S       5u
#define BLOCK_MOST_MS  5000 /* and two seconds for the answer */
#define COUNT          "64"
#define CLAIM_IDLE_MS  "600000"
#define CLAIM_EVERY_MS 60000u
#define LOOK_EVERY_MS  10000u
#define WAIT_MS        "1000"
#define WAIT_LOW_MS    "20" /* while a replica is known to be away */
/* Memory that one answer may take: a record, and some. */
#define ANSWER_MOST (LEDGER_RECORD_BYTES + 65536u)

/* What goes to quarantine in place of an entry that is too big for that. */
static const char too_big[] = "\0\0\0\x21"
			      "this entry was too big to be kept";

struct reader {
	struct ask *ask;
	struct reader_opts opts;  /* strings are the caller's */
	struct place place;       /* where ask leads */
	char replicas[12];        /* as text; "0": none are waited for */
	struct redisReply *reply; /* what the entries in answer borrow from */
	struct stream_answer answer;
	size_t at; /* next entry of answer */
	/* where to go on: among our pending ones, among others' */
	char pending_from[STREAM_ENTRY_BYTES];
	bool pending_done;
	bool pending_now; /* answer holds entries that were handed out before */
	uint64_t claim_due_ms;
	unsigned unmeasured;  /* receipts since the last WAIT */
	bool low;             /* not all replicas confirmed the last time */
	uint64_t look_due_ms; /* whether the Sentinels name another master */
	struct buf raw; /* fields of an entry that is not as it should be */
	struct reader_counts counts;
};

enum tl_err reader_err(enum stream_trouble trouble)
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
		[STREAM_BIG] = TL_ETOOBIG,
		[STREAM_NOWHERE] = TL_EIO,
		[STREAM_MOVED] = TL_ESTALE,
	};

	return errs[trouble];
}

const char *reader_why(enum stream_trouble trouble)
{
	static const char *const whys[STREAM_TROUBLES] = {
		[STREAM_FINE] = "",
		[STREAM_GONE] = "Redis is not reachable where it should be; is"
				" it running, and may we open its socket?",
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
		[STREAM_BIG] = "Redis answered more than it was asked for",
		[STREAM_NOWHERE] = "no majority of the Sentinels names the same"
				   " master; are they running, and reachable"
				   " from here?",
		[STREAM_MOVED] = "the Sentinels name another master now",
	};

	return whys[trouble];
}

#define WORD(text) bytes_str(text)

const char *reader_group(const struct reader_opts *opts)
{
	return opts->group != NULL ? opts->group : "officers";
}

static enum tl_err load_password(const char *file,
    char password[static STREAM_PASSWORD_BYTES], const char **ret_why)
{
	enum tl_err err = TL_OK;

	if (file != NULL && file[0] != '\0') {
		err = stream_password_load(file, password);
	}
	if (err != TL_OK) {
		*ret_why = err == TL_EPERM
		    ? "the password file must be ours with mode 0600"
		    : "the password file cannot be read, or does not hold one"
		      " line";
	}
	return err;
}

static enum stream_trouble find_place(
    const struct reader_opts *opts, struct place *ret_place)
{
	if (opts->sentinels.n_places > 0) {
		return sentinel_find(&opts->sentinels, ret_place);
	}
	return place_parse(bytes_str(opts->socket), ret_place) == TL_OK
	    ? STREAM_FINE
	    : STREAM_GONE;
}

enum tl_err reader_connect(const struct reader_opts *opts,
    struct place *ret_place, struct ask **ret_ask, const char **ret_why)
{
	char password[STREAM_PASSWORD_BYTES] = "";
	struct place place = { 0 };
	const struct ask_opts ask_opts = { .place = &place,
		.user = opts->user,
		.password = password,
		.connect_s = CONNECT_S,
		.answer_s = ANSWER_S + BLOCK_MOST_MS / 1000,
		.answer_most_bytes = ANSWER_MOST };
	struct ask *ask = NULL;
	enum stream_role role = STREAM_REPLICA;
	enum stream_trouble trouble;
	enum tl_err err = load_password(opts->password_file, password, ret_why);

	if (err != TL_OK) {
		return err;
	}
	trouble = find_place(opts, &place);
	if (trouble == STREAM_FINE) {
		trouble = ask_open(&ask_opts, &ask, &role);
	}
	wipe(password, sizeof(password));
	if (trouble == STREAM_FINE && role != STREAM_MASTER) {
		trouble = STREAM_READONLY;
		ask_close(ask);
	}
	*ret_why = reader_why(trouble);
	if (trouble == STREAM_FINE) {
		*ret_ask = ask;
		*ret_place = place;
	}
	return trouble == STREAM_GONE ? TL_EIO : reader_err(trouble);
}

/* NOGROUP now is better than after a minute of waiting. */
static enum stream_trouble find_group(struct reader *reader)
{
	const struct bytes args[] = { WORD("XPENDING"), WORD("tips"),
		WORD(reader_group(&reader->opts)), WORD("-"), WORD("+"),
		WORD("1") };

	return ask_tell(reader->ask, STREAM_WANT_PENDING, args, 6, NULL);
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
	reader->opts = *opts;
	reader->look_due_ms = clock_mono_ms() + LOOK_EVERY_MS;
	(void)snprintf(
	    reader->replicas, sizeof(reader->replicas), "%u", opts->replicas);
	memcpy(reader->pending_from, "0-0", sizeof("0-0"));
	err = reader_connect(opts, &reader->place, &reader->ask, ret_why);
	if (err != TL_OK) {
		goto out;
	}
	trouble = find_group(reader);
	err = reader_err(trouble);
	*ret_why = reader_why(trouble);
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
	ask_done(reader->reply);
	reader->reply = NULL;
	reader->answer = (struct stream_answer){ 0 };
	reader->at = 0;
}

/* XREADGROUP from an entry on: our pending ones; or ">": new ones. Those that
 * are pending one by one: each fetch counts as a delivery, and what stands
 * behind one that ends the desk each time has no part in that. */
static enum stream_trouble read_group(
    struct reader *reader, const char *from, int wait_ms)
{
	char block[12];
	const struct bytes now[] = { WORD("XREADGROUP"), WORD("GROUP"),
		WORD(reader_group(&reader->opts)), WORD(reader->opts.consumer),
		WORD("COUNT"), WORD(reader->pending_done ? COUNT : "1"),
		WORD("STREAMS"), WORD("tips"), WORD(from) };
	struct bytes wait[11];

	drop_answer(reader);
	if (wait_ms <= 0) {
		return ask_for(reader->ask, STREAM_WANT_ENTRIES, now, 9,
		    &reader->reply, &reader->answer);
	}
	(void)snprintf(block, sizeof(block), "%d",
	    wait_ms < BLOCK_MOST_MS ? wait_ms : BLOCK_MOST_MS);
	memcpy(wait, now, 6 * sizeof(now[0]));
	wait[6] = WORD("BLOCK");
	wait[7] = WORD(block);
	memcpy(wait + 8, now + 6, 3 * sizeof(now[0]));
	return ask_for(reader->ask, STREAM_WANT_ENTRIES, wait, 11,
	    &reader->reply, &reader->answer);
}

/* What a desk was given ten minutes ago and did not acknowledge. */
static enum stream_trouble claim(struct reader *reader)
{
	const struct bytes args[] = { WORD("XAUTOCLAIM"), WORD("tips"),
		WORD(reader_group(&reader->opts)), WORD(reader->opts.consumer),
		WORD(CLAIM_IDLE_MS), WORD("0-0"), WORD("COUNT"), WORD(COUNT) };
	enum stream_trouble trouble;

	drop_answer(reader);
	trouble = ask_for(reader->ask, STREAM_WANT_CLAIMED, args, 8,
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

/*
 * Once for all receipts of an answer: with a replica away it takes a second,
 * and nothing hangs on it.
 */
static enum stream_trouble measure(struct reader *reader)
{
	const struct bytes wait[] = { WORD("WAIT"), WORD(reader->replicas),
		WORD(reader->low ? WAIT_LOW_MS : WAIT_MS) };
	unsigned n = reader->unmeasured;
	uint64_t confirmed = 0;
	enum stream_trouble trouble;

	reader->unmeasured = 0;
	if (n == 0 || reader->opts.replicas == 0) {
		return STREAM_FINE;
	}
	trouble =
	    ask_tell(reader->ask, STREAM_WANT_NUMBER, wait, 3, &confirmed);
	if (trouble == STREAM_FINE) {
		reader->low = confirmed < reader->opts.replicas;
		reader->counts.unconfirmed += reader->low ? n : 0;
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
		WORD(reader_group(&reader->opts)), WORD(entry), WORD(entry),
		WORD("1") };
	uint64_t n = 0;

	if (!reader->pending_now ||
	    ask_tell(reader->ask, STREAM_WANT_PENDING, args, 6, &n) !=
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
	    values[0].len == LEDGER_ID_BYTES &&
	    values[1].len <= LEDGER_RECORD_BYTES) {
		memcpy(entry.id, values[0].at, LEDGER_ID_BYTES);
		entry.sealed = values[1];
	} else {
		enum tl_err err = keep_raw(reader, i);

		/* within the bounds of an answer, and no ledger would have it:
		 * nothing behind it shall wait for that */
		if (err != TL_OK && err != TL_ETOOBIG) {
			return err;
		}
		entry.reason = LEDGER_FIELDS;
		entry.sealed = err == TL_OK
		    ? bytes_of(reader->raw.data, reader->raw.len)
		    : bytes_of(too_big, sizeof(too_big) - 1);
	}
	reader->counts.entries++;
	*ret_entry = entry;
	return TL_OK;
}

/*
 * An answer went beyond the bounds: on another connection, what is pending, one
 * by one. True: that it was already, and what comes behind pending_from is an
 * entry that is too big by itself; it is handed out without its bytes.
 */
static enum tl_err too_much(
    struct reader *reader, struct reader_entry *ret_entry, bool *ret_out)
{
	const char *name = ask_last_entry(reader->ask);
	struct reader_entry entry = { .reason = LEDGER_FIELDS,
		.sealed = bytes_of(too_big, sizeof(too_big) - 1),
		.deliveries = 1 };
	bool out = !reader->pending_done && name[0] != '\0';
	const char *why;
	enum tl_err err;

	memcpy(entry.entry, name, strlen(name) + 1);
	drop_answer(reader);
	ask_close(reader->ask);
	reader->ask = NULL;
	err = reader_connect(&reader->opts, &reader->place, &reader->ask, &why);
	if (err != TL_OK) {
		return err;
	}
	reader->pending_done = false;
	memcpy(reader->pending_from, out ? entry.entry : "0-0",
	    out ? sizeof(entry.entry) : sizeof("0-0"));
	if (out) {
		reader->counts.entries++;
		*ret_entry = entry;
	}
	*ret_out = out;
	return TL_OK;
}

/* A master that was cut off goes on as if nothing had happened. */
static enum stream_trouble look_for_move(struct reader *reader)
{
	struct place place;

	if (reader->opts.sentinels.n_places == 0 ||
	    clock_mono_ms() < reader->look_due_ms) {
		return STREAM_FINE;
	}
	reader->look_due_ms = clock_mono_ms() + LOOK_EVERY_MS;
	return sentinel_find(&reader->opts.sentinels, &place) == STREAM_FINE &&
		!place_equal(&place, &reader->place)
	    ? STREAM_MOVED
	    : STREAM_FINE;
}

/* The entry at reader->at. TL_EAGAIN: it was deleted, go on. */
static enum tl_err take_one(
    struct reader *reader, struct reader_entry *ret_entry)
{
	size_t i = reader->at++;
	const char *name = stream_entry_name(&reader->answer, i);
	enum tl_err err;

	if (!reader->pending_done) {
		memcpy(reader->pending_from, name, strlen(name) + 1);
	}
	if (!stream_entry_gone(&reader->answer, i)) {
		return hand_out(reader, i, ret_entry);
	}
	err = reader_ack(reader, name);
	reader->counts.trimmed++;
	return err == TL_OK ? TL_EAGAIN : err;
}

enum tl_err reader_next(
    struct reader *reader, int wait_ms, struct reader_entry *ret_entry)
{
	enum tl_err err = TL_EAGAIN;

	while (err == TL_EAGAIN) {
		enum stream_trouble trouble = STREAM_FINE;
		bool out = false;

		if (reader->at < stream_entries(&reader->answer)) {
			err = take_one(reader, ret_entry);
			continue;
		}
		if (reader->ask == NULL) {
			return TL_ECLOSED;
		}
		trouble = measure(reader);
		if (trouble == STREAM_FINE) {
			trouble = look_for_move(reader);
		}
		if (trouble == STREAM_FINE) {
			trouble = fetch(reader, wait_ms);
		}
		if (trouble == STREAM_BIG) {
			err = too_much(reader, ret_entry, &out);
			if (err != TL_OK || out) {
				return err;
			}
			err = TL_EAGAIN;
		} else if (trouble != STREAM_FINE) {
			drop_answer(reader);
			return reader_err(trouble);
		} else if (stream_entries(&reader->answer) == 0) {
			return TL_EAGAIN;
		}
	}
	return err;
}

/* One that was too big has no bytes here: it is pending, and comes by itself.
 */
void reader_again(struct reader *reader)
{
	if (reader->at > 0) {
		reader->at--;
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
	enum stream_trouble trouble =
	    ask_tell(reader->ask, STREAM_WANT_ENTRY, args, 9, NULL);

	if (trouble == STREAM_FINE) {
		reader->unmeasured++;
	}
	/* whoever may add receipts can see to it that none can be added: tips
	 * are read all the same */
	if (trouble == STREAM_ERROR || trouble == STREAM_REFUSED) {
		return TL_EFULL;
	}
	return reader_err(trouble);
}

enum tl_err reader_ack(struct reader *reader, const char *entry)
{
	const struct bytes args[] = { WORD("XACK"), WORD("tips"),
		WORD(reader_group(&reader->opts)), WORD(entry) };

	/* 0: another desk has it now, or it was acknowledged before */
	return reader_err(
	    ask_tell(reader->ask, STREAM_WANT_NUMBER, args, 4, NULL));
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
	ask_close(reader->ask);
	buf_free(&reader->raw);
	free(reader);
}
