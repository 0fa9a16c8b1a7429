/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/link.h - one connection to a Redis or a Sentinel, without waiting.
 *
 * Promise:   logs in, and says once when it is up and once when it is gone;
 *            after that nothing more comes of it. No answer takes more memory
 *            than was allowed, whoever speaks at the other end.
 * Knows not: which commands there are, when to try again.
 * Runs in:   tipline-relay, on its event base.
 * Disk:      nothing.
 *
 * hiredis frees a connection by itself when it breaks, and may be in the
 * middle of a callback when we want to part. So a link that is dropped is only
 * set aside (it has no owner any more, its callbacks do nothing) and freed
 * when the loop has turned.
 */
#ifndef TL_QUEUE_LINK_H
#define TL_QUEUE_LINK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/err.h"
#include "queue/place.h"
#include "queue/stream_reply.h"

struct event_base;
struct link;
struct links;
struct redisAsyncContext;

/* Called from the event loop, never from within a link_ function. */
struct link_events {
	/* client: its number at the server, higher with each connection */
	void (*up)(void *owner, struct link *link, enum stream_role role,
	    uint64_t client);
	/* it is gone, and with it the commands that have no answer */
	void (*gone)(void *owner, struct link *link, enum stream_trouble why);
};

/* What links of one owner share. Gives *ret_links: end it with links_free()
 * when none of them is open any more. Keeps base, events, owner. TL_ENOMEM. */
TL_MUST_CHECK enum tl_err links_new(struct event_base *base,
    const struct link_events *events, void *owner, struct links **ret_links);
/* Frees what was set aside. NULL is fine. Not from within an event. */
void links_free(struct links *links);

struct link_opts {
	const struct place *place; /* all borrowed for the call */
	const char *user;
	const char *password;     /* "": none is given */
	size_t answer_most_bytes; /* memory that one answer may take */
};

/* NULL: it failed at once, and no gone() comes. Until link_drop() or gone(). */
struct link *link_open(struct links *links, const struct link_opts *opts);

/*
 * Send a command. fn is a redisCallbackFn; its privdata is the link, to be
 * given to link_answer() first of all.
 */
void link_ask(struct link *link,
    void (*fn)(struct redisAsyncContext *, void *, void *),
    const struct bytes *args, size_t n);

/*
 * What all answers begin with: the owner, or NULL if there is nothing to do,
 * because the link was dropped or has just gone.
 */
void *link_answer(void *privdata, const void *reply, enum stream_want want,
    struct stream_answer *ret_answer);

/* Was it dropped meanwhile? For the middle of a callback. */
bool link_is_dropped(const struct link *link);

/* The last entry of XREAD that came in an answer that was STREAM_BIG. */
const char *link_last_entry(const struct link *link);

/* Part with it without gone(). *link is NULL afterwards, and may be before. */
void link_drop(struct link **link);

#endif
