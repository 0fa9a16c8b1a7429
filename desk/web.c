/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/web.h"

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/notify.h"
#include "base/wipe.h"
#include "crypto/keyfile.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "desk/api.h"
#include "desk/auto_look.h"
#include "desk/due.h"
#include "desk/planted.h"
#include "desk/texts.h"
#include "desk/zone.h"

/* Officers, their tabs, and what a proxy opens beside. */
#define CONNECTIONS_MAX 256u
/* An attachment, whole. */
#define ANSWER_BYTES   ((size_t)24u * 1024u * 1024u)
#define BODY_BYTES     ((size_t)256u * 1024u)
#define TICK_S         1
#define WATCHDOG_TICKS 5u

uint64_t web_now_ms(const struct web *web)
{
	return web->state.redis_ms != 0
	    ? web->state.redis_ms + (clock_mono_ms() - web->state_ms)
	    : (uint64_t)clock_wall_s() * 1000u;
}

/* ---- sealing ------------------------------------------------------------ */

static void key_came(const struct frame *frame, void *arg)
{
	struct web *web = arg;
	uint8_t keys[1][32];
	enum tl_err err;

	if (frame == NULL || frame->body_len != 33 || frame->body[0] != 0) {
		return;
	}
	memcpy(keys[0], frame->body + 1, sizeof(keys[0]));
	if (memcmp(web->team_key, keys[0], 32) == 0) {
		return;
	}
	err = web->sealer == NULL
	    ? sealer_new(
		  (const uint8_t(*)[32])keys, 1, web->sign_key, &web->sealer)
	    : sealer_change(web->sealer, (const uint8_t(*)[32])keys, 1);
	if (err == TL_OK) {
		memcpy(web->team_key, keys[0], 32);
	}
}

static void ask_team_key(struct web *web)
{
	uint8_t now[8];
	struct buf frame, body;

	buf_init(&body, sizeof(now));
	buf_init(&frame, FRAME_HEAD_BYTES + sizeof(now));
	buf_put_u64(&body, (uint64_t)clock_wall_s());
	frame_put(&frame, FRAME_KEYD_SEAL_ASK, body.data, body.len);
	keyd_peer_ask(web->keyd, &frame, key_came, web);
	buf_free(&frame);
	buf_free(&body);
}

enum tl_err web_seal_as(struct web *web, const uint8_t id[static TIP_ID_BYTES],
    struct bytes doc, struct buf *out)
{
	const struct seal_content content = { .report = doc };

	return web->sealer == NULL
	    ? TL_EAGAIN
	    : sealer_seal(web->sealer, id, &content, out);
}

enum tl_err web_seal(struct web *web, struct bytes doc, struct buf *out)
{
	uint8_t id[SEAL_ID_BYTES];

	random_bytes(id, sizeof(id));
	return web_seal_as(web, id, doc, out);
}

/* ---- what is told -------------------------------------------------------- */

static void say_ready(struct web *web)
{
	if (!web->said_ready && web->keyd_ready && web->index_ready) {
		web->said_ready = true;
		log_event(LOG_READY, 0, 0);
		notify_ready();
	}
}

/* It ends; who waits for an answer of the others hears so first. */
static void fail(struct web *web)
{
	if (web->failed) {
		return;
	}
	web->failed = true;
	keyd_peer_part(web->keyd);
	store_peer_part(web->store);
	if (web->sender != NULL) {
		sender_peer_part(web->sender);
	}
	net_stop(web->server);
}

static void keyd_state(bool is_there, void *arg)
{
	struct web *web = arg;

	if (!is_there) {
		fail(web);
		return;
	}
	web->keyd_ready = true;
	say_ready(web);
}

static void officer_left(struct bytes name, void *arg)
{
	struct web *web = arg;

	session_revoke(web->sessions, name);
}

static void told_of_ring(enum keyd_ring ring, void *arg)
{
	struct web *web = arg;

	web->ring = ring;
	tips_ring_is_other(web->tips);
	api_tell(web, "header", api_header(web));
}

static enum tl_err take_items(struct web *web, const struct frame *frame)
{
	enum tl_err err = TL_OK;

	for (size_t i = 0; err == TL_OK; i++) {
		struct store_item item;

		err = store_read_item(frame, i, &item);
		if (err == TL_OK && item.kind == LEDGER_AUDIT) {
			err = web_audit_index(web, item.number);
		} else if (err == TL_OK) {
			if (item.kind == LEDGER_TIP) {
				web->heard_ms = clock_mono_ms();
			}
			err = tips_add(web->tips, &item);
		}
	}
	if (frame->body_len == 0) {
		web->index_ready = true;
		web_has_begun(web);
		say_ready(web);
	}
	web_open_more(web);
	return err == TL_ENOENT ? TL_OK : err;
}

/* Since when it calls. An event that comes late, behind later ones (was: the
 * version that is known, perhaps by what Redis has), may call, and ends
 * nothing. */
static void note_call(
    struct tip *tip, const struct case_record *record, uint64_t was)
{
	uint64_t called_ms = due_called(
	    tip->called_ms, record->event, &record->now, record->at_ms);

	if (called_ms != 0 || record->now.version >= was) {
		tip->called_ms = called_ms;
	}
}

/* The same of since when nobody has looked through it. */
static void note_unseen(
    struct tip *tip, const struct case_record *record, uint64_t was)
{
	uint64_t unseen_ms = due_unseen(
	    tip->unseen_ms, record->event, &record->now, record->at_ms);

	if ((unseen_ms != 0 && unseen_ms != DUE_SEEN) ||
	    record->now.version >= was) {
		tip->unseen_ms = unseen_ms;
	}
}

/* The same of since when a supervisor is asked. */
static void note_asked(
    struct tip *tip, const struct case_record *record, uint64_t was)
{
	if (record->now.version >= was) {
		tip->decide_ms = due_asked(
		    tip->decide_ms, record->event, &record->now, record->at_ms);
	}
}

/* What is known of it beside what it is now. */
static void note_case(struct web *web, struct tip *tip,
    const struct store_case *told, uint64_t was)
{
	const struct case_record *record = &told->record;

	if (tip->touched_ms == 0) {
		tip->touched_ms = record->event == CASE_DO_CLAIM
		    ? record->now.since_ms
		    : told->touched_ms;
	}
	if (told->is_event) {
		note_call(tip, record, was);
		note_unseen(tip, record, was);
		note_asked(tip, record, was);
	} else {
		tip->called_ms =
		    told->called_ms != 0 ? told->called_ms : tip->called_ms;
		tip->unseen_ms =
		    told->unseen_ms != 0 ? told->unseen_ms : tip->unseen_ms;
		tip->decide_ms =
		    told->decide_ms != 0 ? told->decide_ms : tip->decide_ms;
	}
	if (record->event == CASE_DO_ASK || record->event == CASE_DO_APPROVE ||
	    (!told->is_event && record->at_ms > 0)) {
		tip->asked_ms = record->at_ms;
	}
	if (told->is_event &&
	    (record->event == CASE_DO_NOTE || record->event == CASE_DO_SUBMIT ||
		tip->asked.n > 0 || standing_may_move(record->event))) {
		web_links_want(web, tip);
	}
}

/* Also of what is no event: of what was set right in Redis, or was missed. */
static enum tl_err take_case(struct web *web, const struct frame *frame)
{
	struct store_case told;
	struct case_now before = { 0 };
	struct tip *tip;
	uint64_t was;
	enum tl_err err = store_read_case(frame, &told);

	if (err != TL_OK) {
		return err;
	}
	tip = tips_find(web->tips, told.record.id);
	if (tip != NULL) {
		before = tip->now;
	}
	was = before.version;
	tip = told.is_event
	    ? tips_hear_case(web->tips, told.record.id, &told.record.now)
	    : tips_set_case(web->tips, told.record.id, &told.record.now);
	if (tip == NULL) {
		return TL_OK;
	}
	web_withdraw_note(web, tip);
	if (told.is_altered) {
		tip->altered = told.record.now.version;
	} else {
		note_case(web, tip, &told, was);
	}
	if (before.state == CASE_QUARANTINE && tip->now.state == CASE_NEW) {
		api_tell(web, "new",
		    json_pack("{s:o,s:i}", "id", api_tip_id(tip), "priority",
			(int)tip_priority(tip)));
	}
	if (told.is_event || told.is_altered || tip->now.version != was) {
		api_tell(web, "case",
		    json_pack("{s:o,s:I,s:b}", "id", api_tip_id(tip), "version",
			(json_int_t)tip->now.version, "altered",
			told.is_altered ? 1 : 0));
	}
	return TL_OK;
}

static enum tl_err take_state(struct web *web, const struct frame *frame)
{
	bool had_redis = web->state.redis;
	struct store_state state;
	enum tl_err err = store_read_state(frame, &state);

	if (err != TL_OK) {
		return err;
	}
	if (state.redis_ms == 0) { /* the clock goes on without it */
		state.redis_ms = web->state.redis_ms == 0 ? 0 : web_now_ms(web);
	}
	web->state = state;
	web->state_ms = clock_mono_ms();
	if (state.redis && !had_redis) {
		web->is_caught_up = false;
		web_score_all(web);
	}
	web_catch_up(web);
	if (state.redis != had_redis) {
		api_tell(web, "header", api_header(web));
	}
	return TL_OK;
}

static void store_news(const struct frame *frame, void *arg)
{
	static const struct {
		enum frame_type type;
		enum tl_err (*take)(struct web *web, const struct frame *frame);
	} takes[] = {
		{ FRAME_STORE_INDEX, take_items },
		{ FRAME_STORE_CASE, take_case },
		{ FRAME_STORE_STATE, take_state },
	};
	struct web *web = arg;
	enum tl_err err = TL_EFORMAT;

	for (size_t i = 0; frame != NULL && i < 3; i++) {
		if (takes[i].type == frame->type) {
			err = takes[i].take(web, frame);
		}
	}
	if (err != TL_OK) {
		fail(web);
	}
}

static void sender_gone(void *arg)
{
	fail(arg);
}

/* ---- officers ------------------------------------------------------------ */

static void logged_out(const struct frame *frame, void *arg)
{
	(void)frame;
	(void)arg;
}

static void session_changed(const struct session *session, size_t n, void *arg)
{
	struct web *web = arg;

	(void)n;
	if (!session->ended) {
		web_open_more(web);
		return;
	}
	listeners_end(web, session);
	store_ask_logout(web->store, session->name, logged_out, web);
	if (sessions_any(web->sessions) == NULL) {
		tips_forget(web->tips);
		web->has_uncounted = true;
		net_touched(web->server);
	}
}

static void session_audit(enum audit_what what, const char *name, void *arg)
{
	web_audit(arg, what, name, NULL, bytes_of(NULL, 0));
}

static void tick_cb(evutil_socket_t fd, short what, void *arg)
{
	struct web *web = arg;

	(void)fd;
	(void)what;
	sessions_tick(web->sessions, clock_mono_ms());
	listeners_tick(web);
	if (web->has_sealed) {
		web->has_sealed = false;
		tips_try_again(web->tips);
	}
	web_open_more(web);
	web_score_again(web);
	web_catch_up(web);
	web_withdraw_more(web);
	web_tell_more(web);
	web_links_more(web);
	web_status_more(web);
	web_delete_more(web);
	web_raise_old(web);
	web_end_waits(web);
	web_reply(web);
	web_look_for_seconds(web);
	web_ring(web);
	web_alarms_tick(web);
	if (!web_practice(web)) {
		fail(web);
	}
	if (web->ticks++ % WATCHDOG_TICKS == 0) {
		notify_watchdog();
		ask_team_key(web);
	}
}

/* ---- life ---------------------------------------------------------------- */

static enum tl_err load_intakes(struct web *web)
{
	const struct config_desk *desk = &web->config->desk;
	enum tl_err err =
	    desk->intake_keys.n > WEB_INTAKES_MAX ? TL_ETOOBIG : TL_OK;

	for (size_t i = 0; err == TL_OK && i < desk->intake_keys.n; i++) {
		err = keyfile_load(desk->intake_keys.items[i],
		    KEY_INTAKE_VERIFY, web->intakes[i]);
		web->n_intakes++;
	}
	return err;
}

enum tl_err web_load_partners(const struct config *config, struct partners *ret)
{
	const char *path = config->desk.partners;
	struct partners_fault fault = { "" };
	enum tl_err err;

	if (path[0] == '\0') {
		return TL_OK;
	}
	err = partners_load(path, ret, &fault);
	if (err != TL_OK) {
		say_error("%s: %s", path, fault.text);
	}
	return err;
}

/* Those that are compiled in. */
static enum tl_err load_hours(struct web *web)
{
	const char *hours = web->config->desk.sms_hours;

	if (!zone_hours_read(hours, &web->sms.from_min, &web->sms.to_min)) {
		say_error("desk.sms_hours: %s is not HH:MM-HH:MM", hours);
		return TL_EINVAL;
	}
	return TL_OK;
}

static enum tl_err load_rules(struct web *web)
{
	const struct triage_files files = { 0 };
	struct triage_fault fault;

	return triage_new(&files, &web->triage, &fault);
}

static enum tl_err make_server(struct web *web)
{
	static const unsigned all_methods =
	    HTTP_GET | HTTP_POST | HTTP_PUT | HTTP_DELETE;
	const struct net_limits limits = {
		.connections = CONNECTIONS_MAX,
		.handshakes = CONNECTIONS_MAX,
		.uploads = 16,
		.bodies_max_bytes = 32u * BODY_BYTES,
		.requests_per_connection = 10000,
		.answer_max_bytes = ANSWER_BYTES,
	};
	static struct net_route route = { .path = "/*",
		.methods = all_methods,
		.class = NET_OFFICER,
		.body_max_bytes = BODY_BYTES,
		.handle = api_handle };
	struct net_opts opts = { .routes = &route,
		.n_routes = 1,
		.limits = &limits,
		.of_officers = true };

	route.arg = web;
	return net_server_new(&opts, &web->server);
}

static enum tl_err make_peers(struct web *web, const struct web_opts *opts)
{
	struct event_base *base = net_base(web->server);
	struct sessions_opts sessions = {
		.idle_ms = opts->config->desk.idle_lock_ms,
		.changed = session_changed,
		.audit = session_audit,
		.arg = web,
	};
	enum tl_err err = keyd_peer_new(base, opts->keyd_fd, keyd_state,
	    officer_left, told_of_ring, web, &web->keyd);

	if (err == TL_OK) {
		/* keyd answers in turn: nobody is logged in, or refused, who
		 * could not be written down */
		ask_team_key(web);
		err = store_peer_new(
		    base, opts->store_fd, store_news, web, &web->store);
	}
	if (err == TL_OK) {
		sessions.keyd = web->keyd;
		err = sessions_new(&sessions, &web->sessions);
	}
	if (err == TL_OK && opts->sender_fd >= 0) {
		err = sender_peer_new(
		    base, opts->sender_fd, sender_gone, web, &web->sender);
	}
	if (err == TL_OK) {
		err = web_alarms_new(web);
	}
	return err == TL_OK ? listeners_new(&web->listeners) : err;
}

enum tl_err web_new(const struct web_opts *opts, struct web **ret)
{
	const struct timeval second = { .tv_sec = TICK_S };
	struct web *web = calloc(1, sizeof(*web));
	enum tl_err err = TL_ENOMEM;

	if (web == NULL) {
		goto out;
	}
	web->config = opts->config;
	web->ui = opts->ui;
	web->sign_key = opts->sign_key;
	web->practice = opts->practice;
	web->replies = auto_is_wanted(opts->config);
	web->tips = tips_new(WEB_OPENED_BYTES);
	if (web->tips == NULL) {
		goto out;
	}
	err = load_intakes(web);
	if (err == TL_OK) {
		err = web_load_partners(web->config, &web->partners);
	}
	if (err == TL_OK) {
		err = load_rules(web);
	}
	if (err == TL_OK) {
		err = planted_load(&web->config->desk, &web->canary);
	}
	if (err == TL_OK) {
		tips_set_canary(web->tips, web->canary);
	}
	if (err == TL_OK) {
		err = load_hours(web);
	}
	if (err == TL_OK) {
		err = make_server(web);
	}
	if (err == TL_OK) {
		err = make_peers(web, opts);
	}
	if (err != TL_OK) {
		goto out;
	}
	err = TL_ENOMEM;
	web->tick =
	    event_new(net_base(web->server), -1, EV_PERSIST, tick_cb, web);
	if (web->tick == NULL || event_add(web->tick, &second) != 0) {
		goto out;
	}
	*ret = web;
	web = NULL;
	err = TL_OK;
out:
	web_free(web);
	return err;
}

void web_free(struct web *web)
{
	if (web == NULL) {
		return;
	}
	if (web->tick != NULL) {
		event_free(web->tick);
	}
	listeners_free(web->listeners);
	sessions_free(web->sessions);
	keyd_peer_free(web->keyd);
	store_peer_free(web->store);
	sender_peer_free(web->sender);
	web_alarms_free(web->alarms);
	texts_free(web);
	net_server_free(web->server);
	tips_free(web->tips);
	secret_free(web->canary);
	partners_free(&web->partners);
	triage_free(web->triage);
	wipe(&web->handover, sizeof(web->handover));
	sealer_free(web->sealer);
	secret_free(web->sign_key);
	free(web->audit);
	free(web);
}
