/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "queue/link.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>

#define ARGS_MOST 12u

/* Freed by the reaper alone. */
struct link {
	struct links *links;    /* whose owner's it is; NULL: set aside */
	redisAsyncContext *ac;  /* NULL: hiredis has freed it */
	struct event *readable; /* the loop's half of ac */
	struct event *writable;
	bool refused; /* a command could not even be queued */
	struct stream_budget budget;
	struct link *next_dead; /* waits for the reaper */
};

struct links {
	struct event_base *base;
	const struct link_events *events;
	void *owner;
	struct link *dead;
	struct event *reap; /* frees the dead when the loop has turned */
};

/* ---- the end of links ---------------------------------------------------- */

void link_drop(struct link **link)
{
	struct links *links;

	if (*link == NULL) {
		return;
	}
	links = (*link)->links;
	if (links != NULL) {
		(*link)->links = NULL;
		(*link)->next_dead = links->dead;
		links->dead = *link;
		event_active(links->reap, EV_TIMEOUT, 1);
	}
	*link = NULL;
}

static void reap(struct links *links)
{
	while (links->dead != NULL) {
		struct link *link = links->dead;

		links->dead = link->next_dead;
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

/* Part with it and say so. Called from callbacks only. */
static void lose(struct link *link, enum stream_trouble why)
{
	struct links *links = link->links;
	struct link *gone = link;

	if (links != NULL) {
		link_drop(&gone);
		links->events->gone(links->owner, link, why);
	}
}

static void disconnect_cb(const redisAsyncContext *ac, int status)
{
	struct link *link = ac->data;

	(void)status;
	link->ac = NULL; /* hiredis frees it when we return */
	lose(link, link->budget.over ? STREAM_BIG : STREAM_GONE);
}

static void connect_cb(const redisAsyncContext *ac, int status)
{
	/* on an error hiredis goes on without disconnect_cb() */
	if (status != REDIS_OK) {
		disconnect_cb(ac, status);
	}
}

/* ---- hiredis on the loop ------------------------------------------------- */

/* Not hiredis' own adapter: after each read is the time to look how much has
 * come without making an answer. */
static void readable_cb(evutil_socket_t fd, short what, void *arg)
{
	struct link *link = arg;

	(void)fd;
	(void)what;
	redisAsyncHandleRead(link->ac);
	if (link->ac != NULL &&
	    !stream_within(link->ac->c.reader, &link->budget)) {
		lose(link, STREAM_BIG);
	}
}

static void writable_cb(evutil_socket_t fd, short what, void *arg)
{
	struct link *link = arg;

	(void)fd;
	(void)what;
	if (link->refused) {
		lose(link, STREAM_GONE);
	} else {
		redisAsyncHandleWrite(link->ac);
	}
}

static void add_read(void *arg)
{
	(void)event_add(((struct link *)arg)->readable, NULL);
}

static void del_read(void *arg)
{
	(void)event_del(((struct link *)arg)->readable);
}

static void add_write(void *arg)
{
	(void)event_add(((struct link *)arg)->writable, NULL);
}

static void del_write(void *arg)
{
	(void)event_del(((struct link *)arg)->writable);
}

static void clean_up(void *arg)
{
	struct link *link = arg;

	if (link->readable != NULL) {
		event_free(link->readable);
	}
	if (link->writable != NULL) {
		event_free(link->writable);
	}
	link->readable = link->writable = NULL;
}

static bool attach(struct link *link, struct event_base *base)
{
	redisAsyncContext *ac = link->ac;

	link->readable = event_new(base, ac->c.fd, EV_READ, readable_cb, link);
	link->writable = event_new(base, ac->c.fd, EV_WRITE, writable_cb, link);
	ac->ev.data = link;
	ac->ev.addRead = add_read;
	ac->ev.delRead = del_read;
	ac->ev.addWrite = add_write;
	ac->ev.delWrite = del_write;
	ac->ev.cleanup = clean_up;
	return link->readable != NULL && link->writable != NULL;
}

/* ---- commands ------------------------------------------------------------ */

void link_ask(
    struct link *link, redisCallbackFn *fn, const struct bytes *args, size_t n)
{
	const char *argv[ARGS_MOST];
	size_t lens[ARGS_MOST];

	if (link == NULL || link->ac == NULL || link->refused) {
		return; /* gone() has been said, or will be */
	}
	assert(n <= ARGS_MOST);
	for (size_t i = 0; i < n; i++) {
		argv[i] = (const char *)args[i].at;
		lens[i] = args[i].len;
	}
	if (redisAsyncCommandArgv(link->ac, fn, link, (int)n, argv, lens) !=
	    REDIS_OK) {
		link->refused = true; /* gone() comes from the loop */
		event_active(link->writable, EV_TIMEOUT, 1);
	}
}

void *link_answer(void *privdata, const void *reply, enum stream_want want,
    struct stream_answer *ret_answer)
{
	struct link *link = privdata;
	enum stream_trouble trouble;

	if (link->links == NULL || reply == NULL) {
		return NULL; /* disconnect_cb() comes, or came */
	}
	trouble = stream_check(reply, want, ret_answer);
	if (trouble != STREAM_FINE) {
		lose(link, trouble);
		return NULL;
	}
	return link->links->owner;
}

const char *link_last_entry(const struct link *link)
{
	return link->budget.last_entry;
}

bool link_is_dropped(const struct link *link)
{
	return link->links == NULL;
}

static void hello_cb(redisAsyncContext *ac, void *reply, void *privdata)
{
	struct stream_answer answer = { 0 };
	struct link *link = privdata;
	void *owner = link_answer(privdata, reply, STREAM_WANT_HELLO, &answer);

	(void)ac;
	if (owner != NULL) {
		link->links->events->up(
		    owner, link, answer.role, answer.number);
	}
}

/* ---- life ---------------------------------------------------------------- */

static void log_in(struct link *link, const struct link_opts *opts)
{
	const struct bytes hello[] = { bytes_str("HELLO"), bytes_str("2"),
		bytes_str("AUTH"), bytes_str(opts->user),
		bytes_str(opts->password) };

	link_ask(link, hello_cb, hello, opts->password[0] == '\0' ? 2 : 5);
}

struct link *link_open(struct links *links, const struct link_opts *opts)
{
	const struct place *place = opts->place;
	struct link *link = calloc(1, sizeof(*link));

	if (link == NULL) {
		return NULL;
	}
	link->ac = place->port == 0
	    ? redisAsyncConnectUnix(place->host)
	    : redisAsyncConnect(place->host, place->port);
	if (link->ac == NULL || link->ac->err != 0 ||
	    !attach(link, links->base)) {
		if (link->ac != NULL) {
			redisAsyncFree(link->ac);
		}
		free(link);
		return NULL;
	}
	link->budget.most_bytes = opts->answer_most_bytes;
	stream_limit(link->ac->c.reader, &link->budget);
	link->links = links;
	link->ac->data = link;
	(void)redisAsyncSetConnectCallback(link->ac, connect_cb);
	(void)redisAsyncSetDisconnectCallback(link->ac, disconnect_cb);
	log_in(link, opts);
	return link;
}

enum tl_err links_new(struct event_base *base, const struct link_events *events,
    void *owner, struct links **ret_links)
{
	struct links *links = calloc(1, sizeof(*links));

	if (links == NULL) {
		return TL_ENOMEM;
	}
	links->base = base;
	links->events = events;
	links->owner = owner;
	links->reap = event_new(base, -1, 0, reap_cb, links);
	if (links->reap == NULL) {
		free(links);
		return TL_ENOMEM;
	}
	*ret_links = links;
	return TL_OK;
}

void links_free(struct links *links)
{
	if (links != NULL) {
		reap(links);
		event_free(links->reap);
		free(links);
	}
}
