/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The admin socket: is the intake well, and what has it counted.
 */
#include "base/clock.h"
#include "server/intake/link.h"
#include "server/intake/routes.h"
#include "server/intake/teams.h"

#define METRICS_MAX_BYTES ((size_t)128u * 1024u)
#define HOUR_MS           3600000u
#define TEXT              "text/plain; charset=utf-8"

/* 200 while a tip that came now could be stored and there is room for many
 * more, 503 while not: before it is too late. */
static void show_health(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg)
{
	const struct worker *worker = arg;
	bool up = link_is_up(worker->spool) && link_is_up(worker->kdf);
	bool well = up && worker->room == FRAME_ROOM_OK;
	const char *text = "ok\n";
	struct net_reply reply = { .status = well ? 200 : 503, .type = TEXT };

	(void)req;
	if (!link_is_up(worker->kdf)) {
		text = "the kdf process is away\n";
	} else if (!up) {
		text = "the spool is away: tips are refused\n";
	} else if (worker->room == FRAME_ROOM_FULL) {
		text = "the spool's disk is full: tips are refused\n";
	} else if (!well) {
		text = "the spool's disk is nearly full: make room\n";
	}
	reply.body = bytes_str(text);
	net_answer(server, conn, &reply);
}

/* Signed: below zero when it has ended. */
static void put_days_left(
    const char *metric, const char *help, int64_t days, struct buf *out)
{
	buf_put_str(out, "# HELP tipline_");
	buf_put_str(out, metric);
	buf_put_str(out, help);
	buf_put_str(out, "\n# TYPE tipline_");
	buf_put_str(out, metric);
	buf_put_str(out, " gauge\ntipline_");
	buf_put_str(out, metric);
	buf_put_str(out, days < 0 ? " -" : " ");
	buf_put_dec(out, (uint64_t)(days < 0 ? -days : days));
	buf_put_u8(out, '\n');
}

/* Lists end and their last key is used on; a certificate shuts the door. */
static void put_ends(const struct worker *worker, struct buf *out)
{
	int64_t now_s = clock_wall_s();
	int64_t cert_days = certs_days_left(&worker->certs, now_s);

	put_days_left("team_list_days_left",
	    " Days until a team's key list ends",
	    teams_days_left(worker->teams, now_s), out);
	if (cert_days != INT64_MAX) { /* there is none behind a TLS proxy */
		put_days_left("certificate_days_left",
		    " Days until a certificate ends", cert_days, out);
	}
}

/* What gateway_silent_hours is held against. */
static void put_silence(const struct config *config, struct buf *out)
{
	buf_put_str(out,
	    "# HELP tipline_gateway_silence_hours Hours after which the"
	    " operator calls the gateway silent; 0: never\n"
	    "# TYPE tipline_gateway_silence_hours gauge\n");
	for (size_t i = 0; i < config->n_gateways; i++) {
		buf_put_str(out, "tipline_gateway_silence_hours{gateway=\"");
		buf_put_str(out, config->gateways[i].name);
		buf_put_str(out, "\"} ");
		buf_put_dec(out, config->gateways[i].silence_ms / HOUR_MS);
		buf_put_u8(out, '\n');
	}
}

static void show_metrics(struct net_server *server, net_token conn,
    const struct net_request *req, void *arg)
{
	const struct worker *worker = arg;
	struct net_reply reply = { .status = 200,
		.type = "text/plain; version=0.0.4; charset=utf-8" };
	struct buf text;

	(void)req;
	buf_init(&text, METRICS_MAX_BYTES);
	counts_print(&worker->totals, worker->config->gateways, &text);
	put_silence(worker->config, &text);
	put_ends(worker, &text);
	if (buf_err(&text) != TL_OK) {
		reply.status = 500;
	}
	reply.body = bytes_of(text.data, text.len);
	net_answer(server, conn, &reply);
	buf_free(&text);
}

size_t admin_routes(struct worker *worker, struct net_route *ret_routes)
{
	ret_routes[0] = (struct net_route){ .path = "/healthz",
		.methods = HTTP_GET,
		.class = NET_ADMIN,
		.handle = show_health,
		.arg = worker };
	ret_routes[1] = (struct net_route){ .path = "/metrics",
		.methods = HTTP_GET,
		.class = NET_ADMIN,
		.handle = show_metrics,
		.arg = worker };
	return ADMIN_ROUTES_MAX;
}
