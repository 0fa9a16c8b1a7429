/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The relay's links to Redis, which come and go together. */
#include "queue/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/wipe.h"
#include "queue/link.h"
#include "queue/stream_password.h"
#include "queue/stream_reply.h"

#define USER_BYTES  64u
#define ANSWER_MOST (1024u * 1024u) /* a hundred receipts are 100 KiB */
#define COUNT_MOST  100u
/*
 * Redis takes some 30 KiB from each connection that has something, then syncs
 * once for all of it, then answers: by one connection alone each sync is for
 * seven records, and by four for four times as many.
 */
#define LANES 4u

/* A link by which records are sent. */
struct lane {
	struct link *link;  /* NULL while there is none */
	uint64_t added;     /* answers to XADD, */
	uint64_t waited;    /* to WAIT, */
	uint64_t confirmed; /* and what the last WAIT said */
};

/* One stream that is read: on a link of its own, since reading waits. */
struct reading {
	struct link *link;             /* NULL while there is none */
	char last[STREAM_ENTRY_BYTES]; /* go on behind this one */
	bool rewound;                  /* while a read was under way */
	unsigned count;                /* of entries that are asked for */
	bool resume; /* the next connection reads on behind last */
};

struct stream {
	struct event_base *base;
	const struct stream_events *events;
	void *arg;
	char user[USER_BYTES];
	char password[STREAM_PASSWORD_BYTES];
	char replicas[12];
	struct links *links;
	struct lane lanes[LANES];
	uint64_t adds;   /* asked for: number n went by lane n % LANES */
	uint64_t added;  /* so many of them were told, in that order */
	uint64_t waited; /* so many stream_wait() were told */
	struct reading readings[STREAM_OFS];
	unsigned logged_in;
	uint64_t client;      /* number of the first lane at the server */
	struct event *failed; /* says lost() when the loop has turned */
};

/* ---- the end of connections --------------------------------------------- */

void stream_drop(struct stream *stream)
{
	for (size_t i = 0; i < LANES; i++) {
		link_drop(&stream->lanes[i].link);
		stream->lanes[i] = (struct lane){ .link = NULL };
	}
	stream->adds = stream->added = stream->waited = 0;
	for (size_t i = 0; i < STREAM_OFS; i++) {
		link_drop(&stream->readings[i].link);
		stream->readings[i].rewound = false;
	}
	stream->logged_in = 0;
	event_del(stream->failed);
}

/* Part with all and say so, once. Called from callbacks only. */
static void lose(struct stream *stream, enum stream_trouble why)
{
	stream_drop(stream);
	stream->events->lost(stream->arg, why);
}

static void failed_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	lose(arg, STREAM_GONE);
}

/*
 * More came than receipts or mail can be. They are asked for one by one then,
 * on another connection; one that is too big by itself is passed over.
 */
static void note_big(struct reading *reading)
{
	if (reading->count == 1) {
		const char *name = link_last_entry(reading->link);

		memcpy(reading->last, name, strlen(name) + 1);
	}
	reading->count = 1;
	reading->resume = reading->last[0] != '\0';
}

static void gone_cb(void *owner, struct link *link, enum stream_trouble why)
{
	struct stream *stream = owner;

	for (size_t i = 0; i < STREAM_OFS; i++) {
		if (why == STREAM_BIG && link == stream->readings[i].link) {
			note_big(&stream->readings[i]);
		}
	}
	lose(stream, why);
}

static void up_cb(
    void *owner, struct link *link, enum stream_role role, uint64_t client)
{
	struct stream *stream = owner;

	if (link == stream->lanes[0].link) {
		stream->client = client;
	}
	if (role != STREAM_MASTER) {
		lose(stream, STREAM_READONLY);
		return;
	}
	stream->logged_in++;
	if (stream->logged_in == LANES + STREAM_OFS) {
		stream->events->up(stream->arg, stream->client);
	}
}

static const struct link_events link_events = {
	.up = up_cb,
	.gone = gone_cb,
};

/* ---- commands ----------------------------------------------------------- */

static struct lane *lane_of(struct stream *stream, const struct link *link)
{
	struct lane *lane = stream->lanes;

	while (lane->link != link) {
		lane++;
	}
	return lane;
}

/* Answers of one lane are in order, those of all of them are not. */
static void add_cb(struct redisAsyncContext *ac, void *reply, void *privdata)
{
	struct stream_answer answer = { 0 };
	struct stream *stream =
	    link_answer(privdata, reply, STREAM_WANT_ENTRY, &answer);

	(void)ac;
	if (stream == NULL) {
		return;
	}
	lane_of(stream, privdata)->added++;
	/* the receiver may part with all of it */
	while (stream->added < stream->adds &&
	    stream->lanes[stream->added % LANES].added >
		stream->added / LANES) {
		stream->added++;
		stream->events->added(stream->arg);
	}
}

/* What all lanes have brought is with as many replicas as have the least. */
static void wait_cb(struct redisAsyncContext *ac, void *reply, void *privdata)
{
	struct stream_answer answer = { 0 };
	struct stream *stream =
	    link_answer(privdata, reply, STREAM_WANT_NUMBER, &answer);
	uint64_t least = UINT32_MAX;
	bool all = true;
	struct lane *lane;

	(void)ac;
	if (stream == NULL) {
		return;
	}
	lane = lane_of(stream, privdata);
	lane->waited++;
	lane->confirmed = answer.number;
	for (size_t i = 0; i < LANES; i++) {
		lane = &stream->lanes[i];
		all = all && lane->waited > stream->waited;
		least = lane->confirmed < least ? lane->confirmed : least;
	}
	if (all) {
		stream->waited++;
		stream->events->waited(stream->arg, (unsigned)least);
	}
}

static void measure_cb(
    struct redisAsyncContext *ac, void *reply, void *privdata)
{
	struct stream_answer answer = { 0 };
	struct stream *stream =
	    link_answer(privdata, reply, STREAM_WANT_MEMORY, &answer);

	(void)ac;
	if (stream != NULL) {
		stream->events->measured(stream->arg, answer.number);
	}
}

/* One entry of the receipts' stream. False: it is no receipt. */
static bool give_receipt(
    struct stream *stream, const struct stream_answer *answer, size_t i)
{
	static const char *const names[] = { "id", "h", "s" };
	struct bytes v[3];
	struct stream_receipt receipt;

	if (stream_entry_gone(answer, i) ||
	    !stream_entry_fields(answer, i, names, 3, v) ||
	    v[0].len != STREAM_ID_BYTES || v[1].len != STREAM_HASH_BYTES ||
	    v[2].len != STREAM_SIG_BYTES) {
		return false;
	}
	receipt = (struct stream_receipt){ v[0].at, v[1].at, v[2].at };
	stream->events->receipt(stream->arg, &receipt);
	return true;
}

static bool give_mail(
    struct stream *stream, const struct stream_answer *answer, size_t i)
{
	static const char *const names[] = { "m" };
	struct bytes mail;

	if (stream_entry_gone(answer, i) ||
	    !stream_entry_fields(answer, i, names, 1, &mail) ||
	    (mail.len != STREAM_REPLY_BYTES &&
		mail.len != STREAM_DELETION_BYTES)) {
		return false;
	}
	stream->events->mail(stream->arg, mail);
	return true;
}

static const struct {
	const char *name;
	/* one entry; false: it is none of these */
	bool (*give)(struct stream *stream, const struct stream_answer *answer,
	    size_t i);
} kinds[STREAM_OFS] = {
	[STREAM_OF_RECEIPTS] = { "receipts", give_receipt },
	[STREAM_OF_MAIL] = { "mail", give_mail },
};

/* Where the next reading goes on. */
static void move_on(struct reading *reading, const struct stream_answer *answer)
{
	size_t n = stream_entries(answer);

	if (n > 0 && !reading->rewound) {
		const char *name = stream_entry_name(answer, n - 1);

		memcpy(reading->last, name, strlen(name) + 1);
	}
	reading->rewound = false;
	if (n > 0 && reading->count < COUNT_MOST) {
		reading->count = 2 * reading->count < COUNT_MOST
		    ? 2 * reading->count
		    : COUNT_MOST;
	}
}

static void read_cb(struct redisAsyncContext *ac, void *reply, void *privdata)
{
	struct link *link = privdata;
	struct stream_answer answer = { 0 };
	struct stream *stream =
	    link_answer(privdata, reply, STREAM_WANT_ENTRIES, &answer);
	size_t n = stream_entries(&answer);
	size_t of = 0, bad = 0;

	(void)ac;
	if (stream == NULL) {
		return;
	}
	while (of + 1 < STREAM_OFS && stream->readings[of].link != link) {
		of++;
	}
	move_on(&stream->readings[of], &answer);
	for (size_t i = 0; i < n; i++) {
		bad += kinds[of].give(stream, &answer, i) ? 0 : 1;
		if (link_is_dropped(link)) {
			return; /* by the receiver */
		}
	}
	stream->events->read(stream->arg, (enum stream_of)of, bad);
}

/* ---- what the relay calls ------------------------------------------------ */

void stream_connect(struct stream *stream, const struct place *place)
{
	const struct link_opts opts = { .place = place,
		.user = stream->user,
		.password = stream->password,
		.answer_most_bytes = ANSWER_MOST };
	bool open = true;

	stream_drop(stream);
	for (size_t i = 0; i < LANES && open; i++) {
		stream->lanes[i].link = link_open(stream->links, &opts);
		open = stream->lanes[i].link != NULL;
	}
	for (size_t i = 0; i < STREAM_OFS; i++) {
		struct reading *reading = &stream->readings[i];

		if (!reading->resume) {
			stream_rewind(stream, (enum stream_of)i);
		}
		reading->resume = false;
		reading->link = open ? link_open(stream->links, &opts) : NULL;
		open = reading->link != NULL;
	}
	if (!open) {
		event_active(stream->failed, EV_TIMEOUT, 1);
	}
}

void stream_add(struct stream *stream, const uint8_t id[static STREAM_ID_BYTES],
    struct bytes sealed)
{
	const struct bytes args[] = { bytes_str("XADD"), bytes_str("tips"),
		bytes_str("*"), bytes_str("id"), bytes_of(id, STREAM_ID_BYTES),
		bytes_str("r"), sealed };

	link_ask(stream->lanes[stream->adds % LANES].link, add_cb, args, 7);
	stream->adds++;
}

void stream_wait(struct stream *stream, unsigned limit_ms)
{
	char ms[12];
	const struct bytes args[] = {
		bytes_str("WAIT"), bytes_str(stream->replicas),
		bytes_of(ms, (size_t)snprintf(ms, sizeof(ms), "%u", limit_ms))
	};

	for (size_t i = 0; i < LANES; i++) {
		link_ask(stream->lanes[i].link, wait_cb, args, 3);
	}
}

void stream_measure(struct stream *stream)
{
	const struct bytes args[] = { bytes_str("MEMORY"), bytes_str("STATS") };

	link_ask(stream->lanes[0].link, measure_cb, args, 2);
}

void stream_await(struct stream *stream, enum stream_of of)
{
	struct reading *reading = &stream->readings[of];
	char count[12];
	const struct bytes args[] = { bytes_str("XREAD"), bytes_str("COUNT"),
		bytes_of(count,
		    (size_t)snprintf(
			count, sizeof(count), "%u", reading->count)),
		bytes_str("BLOCK"), bytes_str("5000"), bytes_str("STREAMS"),
		bytes_str(kinds[of].name), bytes_str(reading->last) };

	reading->rewound = false;
	link_ask(reading->link, read_cb, args, 8);
}

void stream_rewind(struct stream *stream, enum stream_of of)
{
	memcpy(stream->readings[of].last, "0-0", sizeof("0-0"));
	stream->readings[of].rewound = true;
}

enum tl_err stream_new(
    const struct stream_opts *opts, struct stream **ret_stream)
{
	struct stream *stream = NULL;
	enum tl_err err = TL_ETOOBIG;

	if (strlen(opts->user) >= USER_BYTES ||
	    strlen(opts->password) >= STREAM_PASSWORD_BYTES) {
		goto out;
	}
	err = TL_ENOMEM;
	stream = calloc(1, sizeof(*stream));
	if (stream == NULL) {
		goto out;
	}
	stream->base = opts->base;
	stream->events = opts->events;
	stream->arg = opts->arg;
	memcpy(stream->user, opts->user, strlen(opts->user));
	memcpy(stream->password, opts->password, strlen(opts->password));
	(void)snprintf(
	    stream->replicas, sizeof(stream->replicas), "%u", opts->replicas);
	stream->failed = event_new(opts->base, -1, 0, failed_cb, stream);
	if (stream->failed == NULL) {
		goto out;
	}
	err = links_new(opts->base, &link_events, stream, &stream->links);
	if (err != TL_OK) {
		goto out;
	}
	for (size_t i = 0; i < STREAM_OFS; i++) {
		stream->readings[i].count = COUNT_MOST;
		stream_rewind(stream, (enum stream_of)i);
	}
	*ret_stream = stream;
	stream = NULL;
	err = TL_OK;
out:
	stream_free(stream);
	return err;
}

void stream_free(struct stream *stream)
{
	if (stream == NULL) {
		return;
	}
	if (stream->failed != NULL) {
		stream_drop(stream);
		event_free(stream->failed);
	}
	links_free(stream->links);
	wipe(stream->password, sizeof(stream->password));
	free(stream);
}
