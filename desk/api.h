/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/api.h - the JSON API of the console: which path leads to which room,
 * and what every call has in common. docs/desk-openapi.yaml.
 *
 * Promise:   a handler is called for an officer's own request only, with a
 *            body that has no member that its row does not name.
 * Knows not: what the rooms do.
 * Runs in:   the desk's web process.
 * Disk:      none.
 *
 * To add a room: a file api_NAME.c with a table of rows, and its name in
 * API_ROOMS.
 */
#ifndef TL_DESK_API_H
#define TL_DESK_API_H

#include <jansson.h>

#include "desk/entry.h"
#include "desk/web.h"

#define API_ARGS 2u

enum api_who {
	API_ANYBODY,     /* no session is asked for */
	API_ANY_SESSION, /* administrators too */
	API_OFFICER,     /* who may see content */
	API_SUPERVISOR,
	API_ADMINISTRATOR,
};

/* One request, until it is answered. */
struct api_call {
	struct web *web;
	net_token conn;
	const struct net_request *req; /* for the call only */
	struct session *session; /* NULL for API_ANYBODY; for the call only */
	struct bytes args[API_ARGS]; /* what the stars of the path are */
	json_t *body;                /* an object, or NULL: for the call only */
};

struct api_route {
	enum http_method method;
	const char *path; /* "/api/tips/" "*" "/do" */
	enum api_who who;
	/* of the body, ended by NULL; NULL: it has none */
	const char *const *members;
	void (*handle)(struct api_call *call);
	bool quiet; /* what the page asks by itself: nobody is active */
	size_t body_max_bytes; /* 0: 64 KiB */
};

/* clang-format off */
#define API_ROOMS(X) \
	X(audit) \
	X(session) X(queue) X(tip) X(files) X(do) X(events) X(entries) X(reply) \
	X(referral) X(sent) X(enclosures) X(partners) X(stats) X(handover) X(reveal) \
	X(agree) X(links) X(calls) X(draft) X(sms) X(alarm)
/* clang-format on */

#define API_ROOM(name) extern const struct api_route api_##name##_routes[];
API_ROOMS(API_ROOM)
#undef API_ROOM

/* All calls that there are, from 0 on. NULL: that was all. */
const struct api_route *api_route_at(size_t i);

struct api_refusal {
	int status;
	const char *word, *text; /* static */
};

/* The body of a call of this row: *ret_body is the caller's, json_decref(), and
 * left alone if it has none. NULL: it is fine. */
const struct api_refusal *api_body_read(const struct api_route *route,
    struct bytes type, struct bytes body, json_t **ret_body);

/* For the engine: all requests come here. arg is the web. */
void api_handle(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg);

/* Answer with json, which is taken over (NULL: memory is out). */
void api_answer(struct web *web, net_token conn, int status, json_t *json);

/* The same with a header more. */
void api_answer_with(struct web *web, net_token conn, int status, json_t *json,
    const char *name, const char *value);

/* The same with several. */
void api_answer_headers(struct web *web, net_token conn, int status,
    json_t *json, const struct net_header *headers, size_t n_headers);

/* {"error": word, "text": sentence}: a sentence for the officer. */
void api_refuse(struct web *web, net_token conn, int status, const char *word,
    const char *sentence);

/* The store has answered what an officer asked: the tip is as it says, and what
 * was done is in the trail. note: the event, "" for what is no change. */
void api_take_done(struct web *web, struct tip *tip, const char *who,
    const char *note, const struct store_done *done);

/* What the store did with a change: what the case is now, who was faster, or
 * why nothing was done. */
void api_answer_done(
    struct web *web, net_token conn, const struct store_done *done);

/* For functions that are called later: a copy of the token, which
 * api_entry_done() frees. NULL: it has been answered. */
net_token *api_conn(struct api_call *call);

/* An entry_done_fn: answers. arg is of api_conn(). */
void api_entry_done(struct web *web, const struct store_done *done, void *arg);

/* A string of the body, or empty. */
struct bytes api_string(const struct api_call *call, const char *name);

/* A value of the query, decoded: append it to out. False: it is not there, or
 * no good. */
bool api_query(const struct api_call *call, const char *name, struct buf *out);

/* Its reporter has taken it back, and has written nothing since: nobody reads
 * or writes there. */
bool api_is_sealed(const struct tip *tip);
#define API_WITHDRAWN "withdrawn"
#define API_WITHDRAWN_TEXT \
	"Its reporter has taken this tip back: what was written there is " \
	"sealed. If they write again, that can be read."

/* The tip of the first star; NULL: it has been answered with 404, or with 410
 * if it is sealed. */
struct tip *api_tip(struct api_call *call);

/* May this officer see the content now? Else it has been answered with 403. */
bool api_may_read(struct api_call *call, const struct tip *tip);

/* The same, and what lies in quarantine, which nobody can claim, may be read by
 * each of them: somebody has to look through it. */
bool api_may_look(struct api_call *call, const struct tip *tip);

/* ---- what several rooms say --------------------------------------------- */

/* How a tip is named in paths: its id, or of what has no id of its own the
 * number of its record. */
json_t *api_tip_id(const struct tip *tip);
/* NULL: none is named so. */
struct tip *api_tip_of(const struct web *web, struct bytes name);

/* The report of an open tip, with the answers that came later in the place of
 * earlier ones. The caller's: json_decref(). NULL: it is not open. */
json_t *api_report(const struct tip *tip);

/* The files that came with it and later, as its reports list them; and what the
 * console is told of them: [{n, name, type, bytes, state, sha256, cleaned}].
 * The caller's. */
json_t *api_attachments(const struct tip *tip);
json_t *api_files(const struct tip *tip);

/* Answer with a file, an item of these lists, once it is put together; range as
 * it was asked for, or empty. */
void api_give_file(
    struct web *web, net_token conn, json_t *file, struct bytes range);

/* A number of a path from 1 on; 0: it is none. */
size_t api_number(struct bytes digits);

/* Of a message in parts {state, total, seen, missing}; else null. */
json_t *api_parts(const struct tip *tip, const json_t *report);

/* What came later: [{kind, at_ms, text, ...}]. */
json_t *api_timeline(const struct tip *tip);
/* What of a report came beside its words: as_came, the text itself where that
 * is not what it says; a button that was pressed; media at the provider. */
json_t *api_came(const json_t *report);

/* Words on the tip as it is, and on what came later. */
json_t *api_flags(
    const struct web *web, const struct tip *tip, const json_t *report);

/* Which rules gave it its priority, those of later words too. */
json_t *api_reasons(
    const struct web *web, const struct tip *tip, const json_t *report);

/* Other tips that may be about the same: [{id, percent, same_number, ...}]. */
json_t *api_alike(const struct web *web, const struct tip *tip);
size_t api_n_alike(const struct web *web, const struct tip *tip);

/* The state's name as consoles know it. */
const char *api_state(const struct tip *tip);

/* One row of the queue. */
json_t *api_row(const struct web *web, const struct tip *tip);

/* How the channels are: [{name, last_ms, silent, silence_ms}]. */
json_t *api_channels(const struct web *web);

/* The header of the console. */
json_t *api_header(struct web *web);

/* What this officer may do with it now: [{event, needs}]. */
json_t *api_allowed(const struct web *web, const struct session *session,
    const struct tip *tip);

/* Do what asked, an entry of the kind ask-second, asks for: in the name of who
 * asked, with second's word. */
void api_do_asked(struct web *web, struct tip *tip, const json_t *asked,
    const char *second, store_answer_fn fn, void *arg);

/* ---- api_withdraw.c ----------------------------------------------------- */

/* May this tip be taken back now? entries are those of its case, or NULL: they
 * cannot be read. NULL: it may; static. */
const struct api_refusal *api_withdraw_judge(const struct web *web,
    const struct tip *tip, const json_t *entries, bool has_reason);

/* Not without an officer's word on how old they are. */
bool api_withdraw_wants_reason(const struct tip *tip);

/* Answer who would read what is sealed: 410, with what has left of it. */
void api_withdraw_tell(struct web *web, net_token conn, const struct tip *tip,
    const json_t *entries);

/* What a case is. */
json_t *api_now(const struct case_now *now);

/* The number or name that wrote, as it came or as a number where that is sure;
 * NULL: none came. Borrowed. */
const char *api_sender(const json_t *report);
/* As it is shown until somebody says why they need it; null for none. */
json_t *api_masked(const char *number);
/* The answers of a report, the number to reach masked; NULL: none. */
json_t *api_answers(const json_t *report);

/* ---- api_events.c ------------------------------------------------------- */

TL_MUST_CHECK enum tl_err listeners_new(struct listeners **ret);
void listeners_free(struct listeners *listeners);

/* Tell all consoles; no content in it. json is taken over. */
void api_tell(struct web *web, const char *event, json_t *json);

/* The same for supervisors' consoles, or for all others. */
void api_tell_to(
    struct web *web, bool supervisors, const char *event, json_t *json);

/* A supervisor's console listens: it rings there. */
bool api_supervisor_hears(const struct web *web);

/* Every second: heartbeats; and who has logged out hears it. */
void listeners_tick(struct web *web);
void listeners_end(struct web *web, const struct session *session);

#endif
