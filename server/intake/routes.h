/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/routes.h - what the worker answers, path by path. One file
 * for each kind of caller: web.c, gates.c, admin.c.
 */
#ifndef TL_INTAKE_ROUTES_H
#define TL_INTAKE_ROUTES_H

#include "server/intake/worker.h"

/* At most this many routes come from each of the functions below. */
#define WEB_ROUTES_MAX   (3u + PAGE_PATHS * PAGE_LANGUAGES_MAX)
#define GATES_ROUTES_MAX (CONFIG_GATEWAYS_MAX + 1u)
#define ADMIN_ROUTES_MAX 2u

/* Prepare languages and title from the configuration. TL_EINVAL after a
 * sentence was said. */
TL_MUST_CHECK enum tl_err web_prepare(struct worker *worker);

/* Read what the operator says otherwise, for the n languages of the site. Gives
 * worker->words where there are any. TL_EINVAL after a sentence was said. */
TL_MUST_CHECK enum tl_err web_words_load(struct worker *worker);

/* Append the routes of the pages; ret_routes has room. Returns how many. */
size_t web_routes(struct worker *worker, struct net_route *ret_routes);

/* net_opts.error_page of the worker. */
void web_error_page(int status, struct bytes path, struct bytes lang,
    struct net_reply *ret_reply, void *arg);

/* Read the secrets of all gateways. TL_EINVAL or TL_EPERM after a sentence
 * was said. */
TL_MUST_CHECK enum tl_err gates_prepare(struct worker *worker);
/* The same for --check, but for secrets that are not there (program_has()). */
TL_MUST_CHECK enum tl_err gates_check(struct worker *worker);
size_t gates_routes(struct worker *worker, struct net_route *ret_routes);
void gates_free(struct worker *worker);

size_t admin_routes(struct worker *worker, struct net_route *ret_routes);

#endif
