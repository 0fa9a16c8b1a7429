/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "queue/janitor.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "queue/ask.h"
#include "queue/reader_inside.h"

#define WORD(text) bytes_str(text)
#define HOUR_S     3600
#define DAY_MS     UINT64_C(86400000)

const struct janitor_stream janitor_streams[] = {
	{ "tips", 0, true },
	{ "receipts", 7 * 24, false },
	{ "mail", 30 * 24, false },
	{ "events", 30 * 24, false },
};
const size_t janitor_n_streams =
    sizeof(janitor_streams) / sizeof(janitor_streams[0]);

/* The name of an entry, as a number of two parts. */
struct place_in {
	uint64_t ms;
	uint64_t n;
};

static struct place_in read_name(const char *name)
{
	char *end;
	struct place_in at = { .ms = strtoull(name, &end, 10) };

	at.n = *end == '-' ? strtoull(end + 1, NULL, 10) : 0;
	return at;
}

static bool is_before(struct place_in a, struct place_in b)
{
	return a.ms < b.ms || (a.ms == b.ms && a.n < b.n);
}

/* No further than the oldest entry that a desk was given and has not
 * acknowledged. */
static enum tl_err mind_pending(struct ask *ask, const char *stream,
    struct bytes group, struct place_in *end, bool *held)
{
	const struct bytes args[] = { WORD("XPENDING"), WORD(stream), group,
		WORD("-"), WORD("+"), WORD("1") };
	struct stream_answer answer = { 0 };
	struct redisReply *reply = NULL;
	enum tl_err err = reader_err(
	    ask_for(ask, STREAM_WANT_PENDING, args, 6, &reply, &answer));

	if (err == TL_OK && answer.entry != NULL) {
		struct place_in first = read_name(answer.entry);

		*held = *held || is_before(first, *end);
		*end = is_before(first, *end) ? first : *end;
	}
	ask_done(reply);
	return err;
}

/* No further than what every group was given and has acknowledged. Without a
 * group nobody has read anything. */
static enum tl_err mind_groups(struct ask *ask, const char *stream,
    uint64_t now_ms, struct place_in *end, struct janitor_done *done)
{
	const struct bytes args[] = { WORD("XINFO"), WORD("GROUPS"),
		WORD(stream) };
	struct stream_answer answer = { 0 };
	struct redisReply *reply = NULL;
	enum stream_trouble trouble =
	    ask_for(ask, STREAM_WANT_GROUPS, args, 3, &reply, &answer);
	enum tl_err err = reader_err(trouble);

	if (trouble == STREAM_ERROR &&
	    stream_error_is(reply, "ERR no such key")) {
		err = TL_OK; /* nothing to trim */
	}
	if (err == TL_OK && stream_groups(&answer) == 0) {
		*end = (struct place_in){ 0 };
		done->held = trouble == STREAM_FINE;
	}
	for (size_t i = 0; err == TL_OK && i < stream_groups(&answer); i++) {
		struct place_in given =
		    read_name(stream_group_given(&answer, i));

		/* a Redis whose clock was ahead goes on from there */
		if (given.ms > now_ms + DAY_MS &&
		    given.ms - now_ms > done->ahead_days * DAY_MS) {
			done->ahead_days = (given.ms - now_ms) / DAY_MS;
		}
		given.n++; /* it may go itself */
		done->held = done->held ||
		    (is_before(given, *end) &&
			!stream_group_has_all(&answer, i));
		*end = is_before(given, *end) ? given : *end;
		err = mind_pending(ask, stream, stream_group_name(&answer, i),
		    end, &done->held);
	}
	ask_done(reply);
	return err;
}

static enum tl_err trim(struct ask *ask, const struct janitor_stream *stream,
    int64_t now_s, struct janitor_done *done)
{
	int64_t old_s = now_s - (int64_t)done->hours * HOUR_S;
	struct place_in old = { .ms = old_s > 0 ? (uint64_t)old_s * 1000 : 0 };
	struct place_in end = old;
	char name[STREAM_ENTRY_BYTES];
	struct bytes args[] = { WORD("XTRIM"), WORD(stream->name),
		WORD("MINID"), WORD("") };
	enum tl_err err = TL_OK;

	if (stream->acknowledged) {
		err = mind_groups(ask, stream->name,
		    now_s > 0 ? (uint64_t)now_s * 1000 : 0, &end, done);
	}
	if (err != TL_OK) {
		return err;
	}
	(void)snprintf(
	    name, sizeof(name), "%" PRIu64 "-%" PRIu64, end.ms, end.n);
	args[3] = WORD(name);
	return reader_err(
	    ask_tell(ask, STREAM_WANT_NUMBER, args, 4, &done->gone));
}

enum tl_err janitor_run(const struct reader_opts *opts, unsigned tips_hours,
    int64_t now_s, struct janitor_done *ret_done, const char **ret_why)
{
	struct place place;
	struct ask *ask = NULL;
	enum tl_err err = reader_connect(opts, &place, &ask, ret_why);

	for (size_t i = 0; i < janitor_n_streams && err == TL_OK; i++) {
		const struct janitor_stream *stream = &janitor_streams[i];
		struct janitor_done done = {
			.hours = stream->hours > 0 ? stream->hours : tips_hours,
		};

		err = trim(ask, stream, now_s, &done);
		*ret_why = "Redis refused to trim; has users.acl the line of"
			   " the user janitor?";
		if (err == TL_OK) {
			ret_done[i] = done;
		}
	}
	ask_close(ask);
	return err;
}
