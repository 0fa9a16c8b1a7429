/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/web_page.h - what the files of the reporter's pages have in
 * common: web.c (routes and pages without a form), web_form.c (step A),
 * web_more.c (what comes after it), web_files.c (photos and documents),
 * web_return.c (coming back), web_wait.c (whose turn it is), web_listen.c
 * (questions read aloud).
 *
 * Runs in:   workers.
 */
#ifndef TL_INTAKE_WEB_PAGE_H
#define TL_INTAKE_WEB_PAGE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "server/intake/form_state.h"
#include "server/intake/tip_form.h"
#include "server/intake/worker.h"
#include "web/wire.h"

/* Somebody who waits for a page. */
struct web_client {
	struct worker *worker;
	net_token conn;
	const struct web_language *language;
	const char *path; /* behind the language: "a", until the route ends */
	enum net_door door;
	uint16_t bucket;    /* of its network, see fair.h */
	bool gzip;          /* can read it */
	bool proxy_browser; /* sends pages through another company */
	const char *onion;  /* to be named as Onion-Location, or NULL */
};

struct web_client web_client_of(const struct page_route *route, net_token conn,
    const struct net_request *req);

/*
 * Answer with a page that was made (err says how that went), and wipe it. It
 * goes with the policy that allows its own style and script and nothing else.
 */
void web_send_page(const struct web_client *client, int status, enum tl_err err,
    enum wire_kind kind, struct buf *page);

/* Short answers: see page_done(), page_error(), page_neutral(). */
void web_send_done(
    const struct web_client *client, enum page_done what, const char *state);
void web_send_error(const struct web_client *client, int status);
void web_send_neutral(const struct web_client *client);

/* Read the body of a POST and wipe it; false: the client has an answer that
 * says why not. Then *ret_form is the caller's, to be freed. */
bool web_read_form(const struct web_client *client,
    const struct net_request *req, struct tip_form *ret_form);

/* enum page_error_flag of the values that are too long. */
unsigned web_long_fields(const struct tip_form *form);

struct upload_files;
/* 0, or the error of a form without a word, by what became of its files. */
unsigned web_wordless(
    const struct tip_form *form, const struct upload_files *files);

/* The answers of a form, as a report has them. */
size_t web_answers(const struct tip_form *form,
    struct report_answer answers[static FORM_VALUES_MAX]);

enum web_turn {
	WEB_TURN_NOW,
	WEB_TURN_MARKED, /* the same; a record says that there are many */
	WEB_TURN_LATER,  /* the client has got a page to wait in */
};
/*
 * May this client's form go on? kind: FAIR_FORMS for what makes a record,
 * FAIR_CODES for a code. Files cannot wait in a page: then may_wait is false.
 */
enum web_turn web_turn(const struct web_client *client, enum fair_kind kind,
    const struct tip_form *form, bool may_wait);

/* A code of this client's is with the kdf; it is answered. Of each network a
 * few are at a time: web_turn() lets the others wait. */
void web_code_begins(const struct web_client *client);
void web_code_ends(const struct web_client *client);

/* A fresh hidden key for a form. */
void web_new_idem(char digits[static PAGE_IDEM_DIGITS + 1]);

/* Handlers of the routes below; arg is a struct page_route. */
void web_take_form(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg); /* /<lang>/a */
void web_take_more(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg); /* /<lang>/b */
void web_take_code(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg); /* /<lang>/c */
void web_take_files(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg); /* /<lang>/f */
void web_listen(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg); /* /<lang>/v/<number> */

/* Tell the site which questions can be listened to. */
void web_listen_prepare(struct worker *worker);

/* What is added to a tip: part of its record, all of it. */
struct web_addition {
	const struct form_state *state; /* which tip */
	const struct tip_form *form;
	uint8_t step;                     /* of the page */
	const char *wish;                 /* a literal, or NULL */
	const struct upload_files *files; /* or NULL */
	bool is_marked;                   /* see WEB_TURN_MARKED */
};

/*
 * Keep addition as a record of its own, and then call done, once, later, with
 * whether it is durable. Borrows all but arg. On an error done is not called.
 */
typedef void (*web_kept_fn)(bool kept, void *arg);
TL_MUST_CHECK enum tl_err web_keep_more(const struct web_client *client,
    const struct web_addition *addition, web_kept_fn done, void *arg);

#endif
