/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/relay/app.h - the relay's sockets and timers round queue/relay.h.
 *
 * Promise:   does what the state machine says and tells it what happened;
 *            decides nothing but when to connect to the spool again.
 * Knows not: what is inside a record.
 * Runs in:   tipline-relay.
 * Disk:      nothing.
 */
#ifndef TL_RELAY_APP_H
#define TL_RELAY_APP_H

#include "base/err.h"
#include "queue/relay.h"
#include "queue/sentinel.h"

struct event_base;
struct app;

struct app_opts {
	struct event_base *base;
	const char *spool_socket; /* kept */
	const char *redis_socket; /* "/path" or "ADDRESS:PORT" */
	struct sentinel_opts
	    sentinels;                 /* where there are any; lists are kept */
	const char *sentinel_password; /* "": none; copied like those below */
	const char *redis_user;
	const char *redis_password; /* "": none */
	/* random_below, arg and seed are filled in by app_new() */
	struct relay_opts relay;
};

/* Gives *ret_app: end it with app_free(). Connects when the loop runs. */
TL_MUST_CHECK enum tl_err app_new(
    const struct app_opts *opts, struct app **ret_app);

/* NULL is fine. */
void app_free(struct app *app);

#endif
