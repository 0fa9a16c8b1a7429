/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/intake/worker.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/program.h"
#include "base/rd.h"
#include "base/read_file.h"
#include "base/sandbox.h"
#include "crypto/keyfile.h"
#include "crypto/seal.h"
#include "crypto/secret.h"
#include "server/intake/epochs.h"
#include "server/intake/limits.h"
#include "server/intake/link.h"
#include "server/intake/routes.h"
#include "server/intake/teams.h"
#include "server/intake/upload.h"
#include "server/net/peer.h"
#include "server/net/tls.h"
#include "text/triage.h"
#include "web/words.h"

#define TICK_MS           100
#define TICKS_PER_REPORT  10u
#define SPOOL_WAITS_BYTES ((size_t)16u * 1024u * 1024u)
#define LIST_MAX_BYTES    ((size_t)1024u * 1024u)
#define KDF_WAITS_BYTES   ((size_t)256u * 1024u)

/* ---- keys and certificates --------------------------------------------- */

static enum tl_err load_key(const char *path, enum key_kind kind, uint8_t *key)
{
	enum tl_err err = keyfile_load(path, kind, key);

	if (err != TL_OK) {
		say_error("cannot use the key file %s: %s. `tipline keygen` "
			  "makes these files; secret ones have mode 0600 and "
			  "belong to the user of this program",
		    path, err_text(err));
	}
	return err;
}

static enum tl_err load_sealer(struct worker *worker)
{
	uint8_t *sign_key = secret_alloc(KEY_SIGN_BYTES);
	enum tl_err err = TL_ENOMEM;

	if (sign_key != NULL) {
		err = load_key(worker->config->intake.signing_key,
		    KEY_INTAKE_SIGN, sign_key);
	}
	if (err == TL_OK) {
		size_t n = teams_keys(
		    worker->teams, epochs_now_s(worker), worker->team_keys);

		err = sealer_new((const uint8_t(*)[32])worker->team_keys, n,
		    sign_key, &worker->sealer);
	}
	secret_free(sign_key);
	return err;
}

static enum tl_err load_dedup_key(struct worker *worker)
{
	worker->dedup_key = secret_alloc(KEY_BYTES);
	if (worker->dedup_key == NULL) {
		return TL_ENOMEM;
	}
	return load_key(
	    worker->config->intake.dedup_key, KEY_DEDUP, worker->dedup_key);
}

static enum tl_err read_list(const char *path, struct buf *out)
{
	enum tl_err err = path[0] != '\0' ? read_file(path, out) : TL_OK;

	if (err != TL_OK) {
		say_error("cannot read %s: %s", path, err_text(err));
	}
	return err;
}

static enum tl_err load_triage(struct worker *worker)
{
	const struct config_intake *intake = &worker->config->intake;
	struct triage_files files = { 0 };
	struct triage_fault fault = { 0 };
	struct buf rules, keywords;
	enum tl_err err;

	buf_init(&rules, LIST_MAX_BYTES);
	buf_init(&keywords, LIST_MAX_BYTES);
	worker->marks_urgent = strcmp(intake->urgent_mark, "no") != 0;
	err = read_list(intake->rules, &rules);
	if (err == TL_OK) {
		err = read_list(intake->keywords, &keywords);
	}
	if (err == TL_OK) {
		files.rules = bytes_of(rules.data, rules.len);
		files.keywords = bytes_of(keywords.data, keywords.len);
		err = triage_new(&files, &worker->triage, &fault);
		if (err != TL_OK) {
			say_error("cannot use the %s: line %zu: %s", fault.file,
			    fault.at.line,
			    fault.at.what != NULL ? fault.at.what
						  : err_text(err));
		}
	}
	buf_free(&rules);
	buf_free(&keywords);
	return err;
}

static const char *file_or_null(const char *path)
{
	return path[0] != '\0' ? path : NULL;
}

static struct net_tls_files tls_files(const struct config_intake *intake)
{
	return (struct net_tls_files){
		.ecdsa_cert = file_or_null(intake->tls_cert_ecdsa),
		.ecdsa_key = file_or_null(intake->tls_key_ecdsa),
		.rsa_cert = file_or_null(intake->tls_cert_rsa),
		.rsa_key = file_or_null(intake->tls_key_rsa),
	};
}

static enum tl_err load_tls(struct worker *worker)
{
	const struct net_tls_files files = tls_files(&worker->config->intake);
	struct net_tls *tls = NULL;
	enum tl_err err = net_tls_new(&files, &tls);

	if (err == TL_OK) {
		net_set_tls(worker->server, tls);
		certs_load(&worker->certs, worker->config);
	}
	return err;
}

/* ---- the parent -------------------------------------------------------- */

static void want_spool(struct worker *worker)
{
	peer_send(worker->parent, FRAME_SPOOL_WANT, bytes_of(NULL, 0));
}

static void on_spool_lost(size_t waiting, void *arg)
{
	struct worker *worker = arg;

	worker->room = FRAME_ROOM_OK; /* the next one says its own */
	worker->counts.values[COUNT_SPOOL_LOST]++;
	log_event(LOG_SPOOL_LOST, (long long)waiting, 0);
	want_spool(worker);
}

static bool on_spool_note(uint16_t type, struct bytes body, void *arg)
{
	struct worker *worker = arg;

	if (type == FRAME_LIST_SEEN) {
		epochs_compare(worker, body);
		return true;
	}
	if (type == FRAME_DAY) {
		epochs_learn_day(worker, body);
		return true;
	}
	if (type != FRAME_ROOM) {
		return false;
	}
	if (body.len == 1 && body.at[0] <= FRAME_ROOM_FULL) {
		worker->room = (enum frame_room)body.at[0];
	}
	return true;
}

static void on_parent_frame(
    struct peer *peer, const struct frame *frame, int fd, void *arg)
{
	struct worker *worker = arg;
	size_t asked_again;

	(void)peer;
	switch (frame->type) {
	case FRAME_SPOOL_FD:
		asked_again = link_attach(worker->spool, fd);
		if (asked_again > 0) {
			log_event(LOG_SPOOL_BACK, (long long)asked_again, 0);
		}
		if (!link_is_up(worker->spool)) {
			want_spool(worker);
		}
		break;
	case FRAME_KDF_FD:
		(void)link_attach(worker->kdf, fd);
		break;
	case FRAME_DRAIN:
		net_drain(worker->server);
		break;
	case FRAME_TOTALS:
		/* another number of gateways: just before a reload is over */
		if (counts_get(bytes_of(frame->body, frame->body_len),
			&worker->totals) != TL_OK) {
			return;
		}
		break;
	default:
		break;
	}
}

static void on_parent_gone(struct peer *peer, void *arg)
{
	struct worker *worker = arg;

	(void)peer;
	net_stop(worker->server);
}

/* ---- ticks --------------------------------------------------------------- */

static void copy_net_counts(struct worker *worker)
{
	const struct net_counts *net = net_counts(worker->server);
	uint64_t *values = worker->counts.values;

	values[COUNT_ACCEPTED] =
	    net->accepted[NET_DOOR_HTTPS] + net->accepted[NET_DOOR_ONION];
	values[COUNT_REFUSED] = net->refused[4] + net->refused[5];
	values[COUNT_TIMEOUTS] = net->overdue_head + net->overdue_body +
	    net->overdue_waiting + net->overdue_write + net->overdue_handshake;
	values[COUNT_TLS_FAILED] = net->tls_no_cipher + net->tls_no_alpn +
	    net->tls_not_tls + net->tls_alert + net->tls_left + net->tls_other;
	values[COUNT_TURNED_AWAY] = net->turned_away + net->made_room;
	values[COUNT_OPEN] = net_open(worker->server);
}

/* What an intruder has got into a worker does not last for ever. */
static void retire_when_used(struct worker *worker)
{
	const struct net_counts *net = net_counts(worker->server);
	unsigned most = worker->config->intake.worker_requests;

	if (!worker->retiring && most > 0 &&
	    net->delivered[NET_REPORTER] + net->delivered[NET_GATEWAY] >=
		most) {
		worker->retiring = true;
		peer_send(worker->parent, FRAME_RETIRE, bytes_of(NULL, 0));
	}
}

static void report_counts(struct worker *worker)
{
	struct buf body;

	copy_net_counts(worker);
	buf_init(&body, COUNTS_BYTES_MAX);
	counts_put(&worker->counts, &body);
	if (buf_err(&body) == TL_OK) {
		peer_send(worker->parent, FRAME_COUNTS,
		    bytes_of(body.data, body.len));
	}
	buf_free(&body);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	static unsigned ticks;
	struct worker *worker = arg;
	uint64_t now_ms = clock_mono_ms();

	(void)fd;
	(void)what;
	link_tick(worker->spool, now_ms);
	link_tick(worker->kdf, now_ms);
	if (++ticks % TICKS_PER_REPORT == 0) {
		fair_turn(&worker->fair, now_ms);
		epochs_follow(worker);
		report_counts(worker);
		retire_when_used(worker);
	}
}

/* ---- life --------------------------------------------------------------- */

static struct fair fair_of(const struct worker_start *start)
{
	const struct config_intake *intake = &start->config->intake;

	return (struct fair){
		.shared = start->fair,
		.code_tries = intake->code_tries,
		.forms_minute = intake->forms_minute,
		.counts_near = strcmp(intake->count_near, "yes") == 0,
	};
}

/* The only place that sees an address; it is gone when this returns. */
static uint16_t bucket_of(const struct sockaddr *peer, void *arg)
{
	const struct worker *worker = arg;

	return fair_bucket(&worker->fair, peer);
}

/* A tip whose sender has gone in the middle of a file is on its way. */
static bool is_busy(void *arg)
{
	const struct worker *worker = arg;

	return link_waiting(worker->spool) + link_waiting(worker->kdf) > 0;
}

static enum tl_err open_server(
    struct worker *worker, const struct door *doors, size_t n_doors)
{
	const struct net_limits limits =
	    limits_of_worker(&worker->config->intake);
	size_t max = WEB_ROUTES_MAX + GATES_ROUTES_MAX + ADMIN_ROUTES_MAX;
	struct net_route *routes = calloc(max, sizeof(*routes));
	struct net_opts opts = {
		.routes = routes,
		.limits = &limits,
		.error_page = web_error_page,
		.bucket = bucket_of,
		.is_busy = is_busy,
		.arg = worker,
	};
	enum tl_err err;

	if (routes == NULL) {
		return TL_ENOMEM;
	}
	worker->upload = upload_functions(worker);
	opts.n_routes = web_routes(worker, routes);
	opts.n_routes += gates_routes(worker, routes + opts.n_routes);
	opts.n_routes += admin_routes(worker, routes + opts.n_routes);
	err = net_server_new(&opts, &worker->server);
	if (err != TL_OK) {
		free(routes);
		return err;
	}
	worker->routes = routes;
	err = load_tls(worker);
	for (size_t i = 0; err == TL_OK && i < n_doors; i++) {
		err = net_listen(
		    worker->server, doors[i].fd, doors[i].kind, NULL);
	}
	return err;
}

static enum tl_err open_links(struct worker *worker, int parent_fd)
{
	struct event_base *base = net_base(worker->server);
	const struct link_opts spool = { base, FRAME_FROM_SPOOL,
		SPOOL_WAITS_BYTES, on_spool_lost, on_spool_note, worker };
	const struct link_opts kdf = { base, FRAME_FROM_KDF, KDF_WAITS_BYTES,
		NULL, NULL, NULL };

	worker->spool = link_new(&spool);
	worker->kdf = link_new(&kdf);
	worker->parent = peer_new(base, parent_fd, FRAME_FROM_PARENT,
	    on_parent_frame, on_parent_gone, worker);
	if (worker->spool == NULL || worker->kdf == NULL ||
	    worker->parent == NULL) {
		return TL_ENOMEM;
	}
	return TL_OK;
}

static void worker_close(struct worker *worker)
{
	link_free(worker->spool);
	link_free(worker->kdf);
	worker->spool = NULL; /* uploads that end with the server see it */
	worker->kdf = NULL;
	peer_free(worker->parent);
	net_server_free(worker->server);
	free(worker->routes);
	gates_free(worker);
	sealer_free(worker->sealer);
	secret_free(worker->dedup_key);
	triage_free(worker->triage);
	web_words_free(worker->words);
	buf_free(&worker->error_body);
}

static enum tl_err check_keys(struct worker *worker)
{
	const struct config_intake *intake = &worker->config->intake;
	enum tl_err err = TL_OK;

	if (program_has(intake->signing_key)) {
		err = load_sealer(worker);
	}
	if (program_has(intake->dedup_key)) {
		enum tl_err other = load_dedup_key(worker);

		err = err == TL_OK ? other : err;
	}
	return err;
}

/* A pair that is not there whole is left out, as other credentials are; one
 * of which the configuration names but one half was refused before. */
static bool drop_absent_pair(const char **cert, const char **key)
{
	if (*cert == NULL || *key == NULL ||
	    (program_has(*cert) && program_has(*key))) {
		return false;
	}
	*cert = NULL;
	*key = NULL;
	return true;
}

static enum tl_err check_tls(const struct config_intake *intake)
{
	struct net_tls_files files = tls_files(intake);
	struct net_tls *tls = NULL;
	bool ecdsa = drop_absent_pair(&files.ecdsa_cert, &files.ecdsa_key);
	bool rsa = drop_absent_pair(&files.rsa_cert, &files.rsa_key);
	bool none_left = (ecdsa || rsa) && files.ecdsa_cert == NULL &&
	    files.rsa_cert == NULL;
	enum tl_err err = none_left ? TL_OK : net_tls_new(&files, &tls);

	net_tls_free(tls);
	return err;
}

enum tl_err worker_check(const struct worker_start *start)
{
	struct worker worker = { .config = start->config,
		.teams = start->teams,
		.recordings = start->recordings };
	const enum tl_err found[] = {
		check_keys(&worker),
		load_triage(&worker),
		check_tls(&start->config->intake),
		web_prepare(&worker),
		gates_check(&worker),
	};
	enum tl_err err = TL_OK;

	for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++) {
		err = err == TL_OK ? found[i] : err;
	}
	worker_close(&worker);
	return err;
}

int worker_run(const struct worker_start *start, int parent_fd)
{
	static const struct timeval tick_every = { .tv_usec = TICK_MS * 1000 };
	struct worker worker = { .config = start->config,
		.teams = start->teams,
		.recordings = start->recordings,
		.fair = fair_of(start),
		.not_before_s = EPOCHS_NOT_TOLD_S };
	struct event *tick = NULL;
	int status = EXIT_STATUS_NO_START;

	if (load_sealer(&worker) != TL_OK || load_dedup_key(&worker) != TL_OK ||
	    load_triage(&worker) != TL_OK || web_prepare(&worker) != TL_OK ||
	    gates_prepare(&worker) != TL_OK ||
	    open_server(&worker, start->doors, start->n_doors) != TL_OK) {
		goto out;
	}
	status = EXIT_STATUS_FAILED;
	if (open_links(&worker, parent_fd) != TL_OK) {
		goto out;
	}
	tick = event_new(
	    net_base(worker.server), -1, EV_PERSIST, on_tick, &worker);
	if (tick == NULL || event_add(tick, &tick_every) != 0 ||
	    sandbox_enter(SANDBOX_WORKER, NULL) != TL_OK) {
		goto out;
	}
	peer_send(worker.parent, FRAME_READY, bytes_of(NULL, 0));
	want_spool(&worker);
	if (net_run(worker.server) == TL_OK) {
		status = EXIT_STATUS_OK;
	}
	report_counts(&worker);
	peer_flush(worker.parent);
out:
	if (tick != NULL) {
		event_free(tick);
	}
	worker_close(&worker);
	return status;
}
