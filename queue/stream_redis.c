/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The relay's connections through hiredis and libevent.
 *
 * hiredis frees a connection by itself when it breaks, and may be in the
 * middle of a callback when we want to part. So a connection that is dropped
 * is only set aside (its link struct has no stream any more, its callbacks do
 * nothing) and freed when the loop has turned.
 */
#include "queue/stream.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>

#include <hiredis/adapters/libevent.h>

#include "base/wipe.h"
#include "queue/stream_password.h"
#include "queue/stream_reply.h"

#define PATH_BYTES 108u
#define USER_BYTES 64u

/* One connection. Freed by the reaper alone. */
struct link {
	struct stream *stream;  /* NULL: set aside */
	redisAsyncContext *ac;  /* NULL: hiredis has freed it */
	struct link *next_dead; /* waits for the reaper */
};

/* How far a stream was read. */
struct place {
	char last[STREAM_ENTRY_BYTES]; /* go on behind this one */
	bool rewound;                  /* while a read was under way */
};

struct stream {
	struct event_base *base;
	const struct stream_events *events;
	void *arg;
	char socket[PATH_BYTES];
	char user[USER_BYTES];
	char password[STREAM_PASSWORD_BYTES];
	char replicas[12];
	struct link *adds, *reads; /* NULL while there is none */
	unsigned logged_in;
	struct link *dead;
	struct event *reap;   /* frees the dead when the loop has turned */
	struct event *failed; /* says lost() when the loop has turned */
	enum stream_trouble why;
	struct place receipts, mail;
};

/* ---- the end of connections --------------------------------------------- */

static void set_aside(struct stream *stream, struct link **link)
{
	if (*link != NULL) {
		(*link)->stream = NULL;
		(*link)->next_dead = stream->dead;
		stream->dead = *link;
		*link = NULL;
		event_active(stream->reap, EV_TIMEOUT, 1);
	}
}

static void reap(struct stream *stream)
{
	while (stream->dead != NULL) {
		struct link *link = stream->dead;

		stream->dead = link->next_dead;
		if (link->ac != NULL) {
			redisAsyncFree(link->ac);
		}
		free(link);
	}
}

static void reap_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	reap(arg);
}

void stream_drop(struct stream *stream)
{
	set_aside(stream, &stream->adds);
	set_aside(stream, &stream->reads);
	stream->logged_in = 0;
	stream->receipts.rewound = false;
	stream->mail.rewound = false;
	event_del(stream->failed);
}

/* Part with both and say so, once. Called from callbacks only. */
static void lose(struct stream *stream, enum stream_trouble why)
{
	stream_drop(stream);
	stream->events->lost(stream->arg, why);
}

static void failed_cb(evutil_socket_t fd, short what, void *arg)
{
	struct stream *stream = arg;

	(void)fd;
	(void)what;
	lose(stream, stream->why);
}

/* For failures inside a stream_ function: lost() comes from the loop. */
static void fail_later(struct stream *stream, enum stream_trouble why)
{
	stream->why = why;
	event_active(stream->failed, EV_TIMEOUT, 1);
}

static void disconnect_cb(const redisAsyncContext *ac, int status)
{
	struct link *link = ac->data;

	(void)status;
	link->ac = NULL; /* hiredis frees it when we return */
	if (link->stream != NULL) {
		lose(link->stream, STREAM_GONE);
	}
}

static void connect_cb(const redisAsyncContext *ac, int status)
{
	/* on an error hiredis goes on without disconnect_cb() */
	if (status != REDIS_OK) {
		disconnect_cb(ac, status);
	}
}

/* ---- commands ----------------------------------------------------------- */

static void command(struct stream *stream, struct link *link,
    redisCallbackFn *fn, const struct bytes *args, size_t n)
{
	const char *argv[12];
	size_t lens[12];

	if (link == NULL || link->ac == NULL) {
		return; /* lost() has been said, or will be */
	}
	assert(n <= 12);
	for (size_t i = 0; i < n; i++) {
		argv[i] = (const char *)args[i].at;
		lens[i] = args[i].len;
	}
	if (redisAsyncCommandArgv(link->ac, fn, link, (int)n, argv, lens) !=
	    REDIS_OK) {
		fail_later(stream, STREAM_GONE);
	}
}

/*
 * What all answers begin with. NULL: there is nothing to do, because the
 * connection was set aside or has just been lost.
 */
static struct stream *answer_of(void *privdata, const void *reply,
    enum stream_want want, struct stream_answer *ret_answer)
{
	struct link *link = privdata;
	struct stream *stream = link->stream;
	enum stream_trouble trouble;

	if (stream == NULL || reply == NULL) {
		return NULL; /* disconnect_cb() comes, or came */
	}
	trouble = stream_check(reply, want, ret_answer);
	if (trouble != STREAM_FINE) {
		lose(stream, trouble);
		return NULL;
	}
	return stream;
}

static void hello_cb(redisAsyncContext *ac, void *reply, void *privdata)
{
	struct stream_answer answer = { 0 };
	struct stream *stream =
	    answer_of(privdata, reply, STREAM_WANT_HELLO, &answer);

	(void)ac;
	if (stream == NULL) {
		return;
	}
	if (answer.role != STREAM_MASTER) {
		lose(stream, STREAM_READONLY);
		return;
	}
	stream->logged_in++;
	if (stream->logged_in == 2) {
		stream->events->up(stream->arg);
	}
}

static void add_cb(redisAsyncContext *ac, void *reply, void *privdata)
{
	struct stream_answer answer = { 0 };
	struct stream *stream =
	    answer_of(privdata, reply, STREAM_WANT_ENTRY, &answer);

	(void)ac;
	if (stream != NULL) {
		stream->events->added(stream->arg);
	}
}

static void wait_cb(redisAsyncContext *ac, void *reply, void *privdata)
{
	struct stream_answer answer = { 0 };
	struct stream *stream =
	    answer_of(privdata, reply, STREAM_WANT_NUMBER, &answer);

	(void)ac;
	if (stream != NULL) {
		stream->events->waited(stream->arg,
		    answer.number < UINT32_MAX ? (unsigned)answer.number
					       : UINT32_MAX);
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

/* One entry of the stream of mail. */
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

typedef bool (*give_fn)(
    struct stream *stream, const struct stream_answer *answer, size_t i);

/* Give what came of one stream and remember where it ended. False: the
 * receiver has dropped the connection. */
static bool give_all(struct stream *stream, const struct link *link,
    const struct stream_answer *answer, struct place *place, give_fn give,
    size_t *bad)
{
	size_t n = stream_entries(answer);

	if (n > 0 && !place->rewound) {
		const char *name = stream_entry_name(answer, n - 1);

		memcpy(place->last, name, strlen(name) + 1);
	}
	place->rewound = false;
	for (size_t i = 0; i < n; i++) {
		*bad += give(stream, answer, i) ? 0 : 1;
		if (link->stream == NULL) {
			return false;
		}
	}
	return true;
}

static void read_cb(redisAsyncContext *ac, void *reply, void *privdata)
{
	const struct link *link = privdata;
	struct stream_answer answer = { 0 }, receipts, mail;
	struct stream *stream =
	    answer_of(privdata, reply, STREAM_WANT_STREAMS, &answer);
	size_t bad = 0;

	(void)ac;
	if (stream == NULL) {
		return;
	}
	receipts = stream_of(&answer, "receipts");
	mail = stream_of(&answer, "mail");
	if (give_all(stream, link, &receipts, &stream->receipts, give_receipt,
		&bad) &&
	    give_all(stream, link, &mail, &stream->mail, give_mail, &bad)) {
		stream->events->read(stream->arg, bad);
	}
}

/* ---- what the relay calls ------------------------------------------------ */

/* NULL: it failed at once. */
static struct link *link_new(struct stream *stream)
{
	const struct bytes hello[] = { bytes_str("HELLO"), bytes_str("2"),
		bytes_str("AUTH"), bytes_str(stream->user),
		bytes_str(stream->password) };
	struct link *link = calloc(1, sizeof(*link));

	if (link == NULL) {
		return NULL;
	}
	link->ac = redisAsyncConnectUnix(stream->socket);
	if (link->ac == NULL || link->ac->err != 0 ||
	    redisLibeventAttach(link->ac, stream->base) != REDIS_OK) {
		if (link->ac != NULL) {
			redisAsyncFree(link->ac);
		}
		free(link);
		return NULL;
	}
	stream_limit(link->ac->c.reader);
	link->stream = stream;
	link->ac->data = link;
	(void)redisAsyncSetConnectCallback(link->ac, connect_cb);
	(void)redisAsyncSetDisconnectCallback(link->ac, disconnect_cb);
	command(
	    stream, link, hello_cb, hello, stream->password[0] == '\0' ? 2 : 5);
	return link;
}

void stream_connect(struct stream *stream)
{
	stream_drop(stream);
	stream_rewind(stream);
	stream->adds = link_new(stream);
	stream->reads = stream->adds == NULL ? NULL : link_new(stream);
	if (stream->reads == NULL) {
		fail_later(stream, STREAM_GONE);
	}
}

void stream_add(struct stream *stream, const uint8_t id[static STREAM_ID_BYTES],
    struct bytes sealed)
{
	const struct bytes args[] = { bytes_str("XADD"), bytes_str("tips"),
		bytes_str("*"), bytes_str("id"), bytes_of(id, STREAM_ID_BYTES),
		bytes_str("r"), sealed };

	command(stream, stream->adds, add_cb, args, 7);
}

void stream_wait(struct stream *stream)
{
	const struct bytes args[] = { bytes_str("WAIT"),
		bytes_str(stream->replicas), bytes_str("1000") };

	command(stream, stream->adds, wait_cb, args, 3);
}

void stream_receive(struct stream *stream)
{
	const struct bytes args[] = { bytes_str("XREAD"), bytes_str("COUNT"),
		bytes_str("100"), bytes_str("BLOCK"), bytes_str("5000"),
		bytes_str("STREAMS"), bytes_str("receipts"), bytes_str("mail"),
		bytes_str(stream->receipts.last),
		bytes_str(stream->mail.last) };

	stream->receipts.rewound = false;
	stream->mail.rewound = false;
	command(stream, stream->reads, read_cb, args, 10);
}

static void go_back(struct place *place)
{
	memcpy(place->last, "0-0", sizeof("0-0"));
	place->rewound = true;
}

void stream_rewind(struct stream *stream)
{
	go_back(&stream->receipts);
	go_back(&stream->mail);
}

void stream_rewind_mail(struct stream *stream)
{
	go_back(&stream->mail);
}

enum tl_err stream_new(
    const struct stream_opts *opts, struct stream **ret_stream)
{
	struct stream *stream = NULL;
	enum tl_err err = TL_ETOOBIG;

	if (strlen(opts->socket) >= PATH_BYTES ||
	    strlen(opts->user) >= USER_BYTES ||
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
	memcpy(stream->socket, opts->socket, strlen(opts->socket));
	memcpy(stream->user, opts->user, strlen(opts->user));
	memcpy(stream->password, opts->password, strlen(opts->password));
	(void)snprintf(
	    stream->replicas, sizeof(stream->replicas), "%u", opts->replicas);
	stream->reap = event_new(opts->base, -1, 0, reap_cb, stream);
	stream->failed = event_new(opts->base, -1, 0, failed_cb, stream);
	if (stream->reap == NULL || stream->failed == NULL) {
		goto out;
	}
	stream_rewind(stream);
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
	if (stream->reap != NULL && stream->failed != NULL) {
		stream_drop(stream);
		reap(stream);
	}
	if (stream->reap != NULL) {
		event_free(stream->reap);
	}
	if (stream->failed != NULL) {
		event_free(stream->failed);
	}
	wipe(stream->password, sizeof(stream->password));
	free(stream);
}
