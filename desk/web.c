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
#include "crypto/secret.h"
#include "desk/api.h"
#include "desk/auto_look.h"
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

/* ---- what is told -------------------------------------------------------- */

void web_say_ready(struct web *web)
{
	if (!web->said_ready && web->keyd_ready && web->index_ready) {
		web->said_ready = true;
		log_event(LOG_READY, 0, 0);
		notify_ready();
	}
}

void web_fail(struct web *web)
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
		web_fail(web);
		return;
	}
	web->keyd_ready = true;
	web_say_ready(web);
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

static void sender_gone(void *arg)
{
	web_fail(arg);
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
		tips_forget(web->tips, web->n_old);
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
	web_watch_clock(web);
	if (web->has_sealed) {
		web->has_sealed = false;
		tips_try_again(web->tips);
	}
	if (sessions_any(web->sessions) != NULL) {
		tips_try_faults(web->tips, clock_mono_ms());
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
		web_fail(web);
	}
	if (web->ticks++ % WATCHDOG_TICKS == 0) {
		notify_watchdog();
		web_ask_team_key(web);
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
		web_ask_team_key(web);
		err = store_peer_new(
		    base, opts->store_fd, web_store_told, web, &web->store);
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
