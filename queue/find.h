/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/find.h - follows the Sentinels, without waiting.
 *
 * Promise:   says where the master is when more than half of all Sentinels
 *            name the same one, asked after find_ask(); and says when more
 *            than half name another one than that.
 * Knows not: the master itself, and what to do about it.
 * Runs in:   tipline-relay, on its event base.
 * Disk:      nothing. The password was read before.
 *
 * Two connections to each Sentinel: one is subscribed to +switch-master, which
 * says at once that something has changed; the other asks what is so now. An
 * answer counts as long as its connection stands; it is asked anew every five
 * seconds. Messages may be lost, answers may be old: it takes both.
 */
#ifndef TL_QUEUE_FIND_H
#define TL_QUEUE_FIND_H

#include "base/err.h"
#include "queue/sentinel.h"

struct event_base;
struct find;

/* Called from the event loop, never from within a find_ function. */
struct find_events {
	/* after find_ask(), once */
	void (*found)(void *arg, const struct place *place);
	/* what was found is no longer it; find_ask() tells more */
	void (*moved)(void *arg);
};

/* opts and its lists are kept, its password_file is not used; password is
 * copied, and wiped at the end. Gives *ret_find: end it with find_free().
 * TL_EINVAL (a place that is none, too many of them), TL_ETOOBIG (password),
 * TL_ENOMEM. */
TL_MUST_CHECK enum tl_err find_new(struct event_base *base,
    const struct sentinel_opts *opts, const char *password,
    const struct find_events *events, void *arg, struct find **ret_find);

/* Ask all of them anew; what they said before does not count. */
void find_ask(struct find *find);

/* NULL is fine. Not from within an event. */
void find_free(struct find *find);

#endif
