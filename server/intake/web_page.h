/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/web_page.h - what web.c and web_form.c have in common.
 *
 * Runs in:   workers.
 */
#ifndef TL_INTAKE_WEB_PAGE_H
#define TL_INTAKE_WEB_PAGE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "server/intake/worker.h"

/*
 * Answer with a page that was made (err says how that went), and wipe it. It
 * goes with the policy that allows its own style and nothing else.
 */
void web_send_page(struct worker *worker, net_token conn, int status,
    enum tl_err err, struct buf *page);

/* The browser sends pages through another company. */
bool web_is_proxy_browser(const struct net_request *req);

/* A fresh hidden key for a form. */
void web_new_idem(char digits[static PAGE_IDEM_DIGITS + 1]);

/* The handler of /<lang>/a; arg is a struct page_route. */
void web_take_form(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg);

#endif
