/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/intake/parent.h"

#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/notify.h"
#include "base/program.h"
#include "base/sandbox.h"
#include "server/intake/certs.h"
#include "server/intake/child.h"
#include "server/intake/children.h"
#include "server/intake/door_watch.h"
#include "server/intake/teams.h"
#include "server/net/peer.h"

#define TICK_MS          100u
#define TICKS_PER_SECOND 10u
#define TICKS_PER_MINUTE 600u
#define YOUNG_MS         2000u /* a child that dies younger slows starts */
#define BACKOFF_FIRST_MS 100u
#define BACKOFF_MAX_MS   10000u
#define DRAIN_MAX_MS     30000u
#define EVENTS           5u /* four signals and the tick */

struct parent {
	struct setting now; /* in force */
	const struct door *doors;
	size_t n_doors;
	struct event_base *base;
	struct children children;
	struct fair_shared *fair; /* of all generations */
	unsigned generation;      /* the one that serves */
	unsigned starting;        /* the newest; differs while a reload runs */
	struct setting next;      /* its children are starting, or none */
	struct counts past;       /* of workers that have ended */
	struct counts logged;     /* what was said a minute ago */
	struct silence silence;
	struct certs certs;
	struct door_watch door_watch;
	uint64_t backoff_ms;
	uint64_t next_start_ms;
	uint64_t stop_by_ms; /* 0 while it is not ending */
	unsigned ticks;
	bool told_ready;
	int status;
};

/* What the newest generation lives by. */
static const struct setting *newest(const struct parent *parent)
{
	return parent->next.config != NULL ? &parent->next : &parent->now;
}

/* ---- a generation takes over -------------------------------------------- */

static void take_over(struct parent *parent)
{
	if (parent->stop_by_ms > 0 ||
	    !children_are_ready(&parent->children, parent->starting,
		newest(parent)->config->intake.workers)) {
		return;
	}
	if (parent->next.config != NULL) {
		setting_free(&parent->now);
		parent->now = parent->next;
		parent->next = (struct setting){ .config = NULL };
		parent->generation = parent->starting;
		/* perhaps other gateways: their counts begin anew */
		memset(parent->past.gates, 0, sizeof(parent->past.gates));
		parent->past.n_gates = parent->now.config->n_gateways;
		parent->logged = parent->past;
		log_event(LOG_RELOADED, 0, 0);
	}
	children_drain_old(&parent->children, parent->generation);
	if (!parent->told_ready) {
		parent->told_ready = true;
		log_event(LOG_READY, 0, 0);
		notify_ready();
	}
}

static void start_missing(struct parent *parent);

/* ---- frames from children ----------------------------------------------- */

static void on_child_ready(struct parent *parent, struct child *child)
{
	if (child->ready) {
		return; /* each time would cost the kdf a descriptor */
	}
	child->ready = true;
	children_introduce(&parent->children, child);
	start_missing(parent);
	take_over(parent);
}

/* Who leaves waits for the slowest of its clients. As many at a time as there
 * are workers, so that nobody can make processes pile up by many quick
 * requests and a few slow ones; the others serve on. */
static void retire_used_up(struct parent *parent)
{
	struct child *child;

	TAILQ_FOREACH (child, &parent->children, link) {
		if (child->used_up && !child->draining && !child->retiring &&
		    children_leaving(&parent->children) <
			newest(parent)->config->intake.workers) {
			child->retiring = true;
			start_missing(parent);
		}
	}
}

static void on_frame(
    struct peer *peer, const struct frame *frame, int fd, void *arg)
{
	struct child *child = arg;
	struct parent *parent = child->parent;

	(void)peer;
	(void)fd;
	switch (frame->type) {
	case FRAME_READY:
		on_child_ready(parent, child);
		break;
	case FRAME_SPOOL_WANT:
		/* given by the tick, so that nobody can make us connect all
		 * the time */
		child->wants_spool = true;
		break;
	case FRAME_COUNTS:
		child->quiet = 0;
		/* cut or strange: the last good one stands */
		if (counts_get(bytes_of(frame->body, frame->body_len),
			&child->counts) != TL_OK) {
			return;
		}
		break;
	case FRAME_RETIRE:
		child->used_up = true;
		retire_used_up(parent);
		break;
	default:
		break;
	}
}

/* The end of the process itself is what counts: SIGCHLD tells. */
static void on_gone(struct peer *peer, void *arg)
{
	(void)peer;
	(void)arg;
}

/* ---- starting and ending ------------------------------------------------ */

static enum tl_err start_child(struct parent *parent, enum child_kind kind)
{
	const struct setting *setting = newest(parent);
	const struct child_plan plan = {
		.kind = kind,
		.start = { .config = setting->config,
		    .teams = setting->teams,
		    .recordings = setting->recordings,
		    .fair = parent->fair,
		    .doors = parent->doors,
		    .n_doors = parent->n_doors },
	};
	struct child *child = calloc(1, sizeof(*child));
	enum tl_err err;
	int fd;

	if (child == NULL) {
		return TL_ENOMEM;
	}
	child->kind = kind;
	child->generation = parent->starting;
	child->parent = parent;
	child->spool_fd = -1;
	child->started_ms = clock_mono_ms();
	child->counts.n_gates = plan.start.config->n_gateways;
	err = child_set_lists(child, setting->teams);
	if (err == TL_OK) {
		err = child_start(&plan, &child->pid, &fd);
	}
	if (err != TL_OK) {
		free(child);
		return err;
	}
	child->peer = peer_new(parent->base, fd, children_speak_as(kind),
	    on_frame, on_gone, child);
	if (child->peer == NULL) {
		(void)kill(child->pid, SIGKILL);
	}
	TAILQ_INSERT_TAIL(&parent->children, child, link);
	return TL_OK;
}

/*
 * Start what the newest generation lacks. The first worker goes alone: if the
 * keys or certificates are wrong, one process says so and not all of them.
 */
static void start_missing(struct parent *parent)
{
	static const enum child_kind once[] = { CHILD_KDF, CHILD_FILLER,
		CHILD_OPENER };
	unsigned generation = parent->starting;
	size_t wanted = newest(parent)->config->intake.workers;
	enum tl_err err = TL_OK;

	if (clock_mono_ms() < parent->next_start_ms || parent->stop_by_ms > 0) {
		return;
	}
	if (!children_have_ready_worker(&parent->children, generation)) {
		wanted = 1;
	}
	for (size_t i = 0; err == TL_OK && i < sizeof(once) / sizeof(once[0]);
	     i++) {
		if (children_serving(&parent->children, once[i], generation) ==
		    0) {
			err = start_child(parent, once[i]);
		}
	}
	while (err == TL_OK &&
	    children_serving(&parent->children, CHILD_WORKER, generation) <
		wanted) {
		err = start_child(parent, CHILD_WORKER);
	}
	if (err != TL_OK) {
		parent->next_start_ms = clock_mono_ms() + BACKOFF_MAX_MS;
	}
}

static void slow_down(struct parent *parent, const struct child *dead)
{
	uint64_t now_ms = clock_mono_ms();

	if (now_ms - dead->started_ms >= YOUNG_MS) {
		parent->backoff_ms = 0;
		return;
	}
	parent->backoff_ms =
	    parent->backoff_ms == 0 ? BACKOFF_FIRST_MS : 2 * parent->backoff_ms;
	if (parent->backoff_ms > BACKOFF_MAX_MS) {
		parent->backoff_ms = BACKOFF_MAX_MS;
	}
	parent->next_start_ms = now_ms + parent->backoff_ms;
	log_event(LOG_CHILD_BACKOFF, (long long)parent->backoff_ms, 0);
}

static void stop(struct parent *parent)
{
	notify_stopping();
	if (parent->stop_by_ms == 0) {
		log_event(LOG_STOP, 0, 0);
		parent->stop_by_ms = clock_mono_ms() + DRAIN_MAX_MS;
	}
	children_drain_all(&parent->children);
}

/* The new configuration does not work: its children go, the old ones stay. */
static void give_up_reload(struct parent *parent)
{
	struct child *child;

	setting_free(&parent->next);
	TAILQ_FOREACH (child, &parent->children, link) {
		if (child->generation == parent->starting) {
			child->draining = true;
			(void)kill(child->pid, SIGKILL);
		}
	}
	parent->starting = parent->generation;
	log_event(LOG_RELOAD_REFUSED, 0, 0);
}

static void remember_counts(struct parent *parent, struct child *dead)
{
	dead->counts.values[COUNT_OPEN] = 0;
	if (dead->generation < parent->generation) {
		dead->counts.n_gates = 0; /* perhaps other gateways */
	}
	counts_add(&parent->past, &dead->counts);
}

static void bury(struct parent *parent, struct child *dead, int status)
{
	bool was_ready = dead->ready, was_draining = dead->draining;
	bool is_new = dead->generation == parent->starting;

	TAILQ_REMOVE(&parent->children, dead, link);
	remember_counts(parent, dead);
	if (sandbox_was_refused(status)) {
		log_event(LOG_CHILD_REFUSED, dead->pid,
		    (long long)++parent->past.values[COUNT_REFUSED_CALLS]);
	}
	if (!was_draining) {
		log_event(LOG_CHILD_DIED, dead->pid,
		    WIFEXITED(status) ? WEXITSTATUS(status)
				      : 128 + WTERMSIG(status));
		slow_down(parent, dead);
	}
	peer_free(dead->peer);
	child_take_spool(dead);
	free(dead);
	if (was_ready || was_draining || !is_new || !WIFEXITED(status) ||
	    WEXITSTATUS(status) != EXIT_STATUS_NO_START) {
		return;
	}
	if (parent->next.config != NULL) {
		give_up_reload(parent);
	} else if (!parent->told_ready) {
		parent->status = EXIT_STATUS_NO_START;
		stop(parent);
	}
}

static void on_sigchld(evutil_socket_t sig, short what, void *arg)
{
	struct parent *parent = arg;
	int status;
	pid_t pid;

	(void)sig;
	(void)what;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct child *child = children_find(&parent->children, pid);

		if (child != NULL) {
			bury(parent, child, status);
		}
	}
	start_missing(parent);
}

/* "One per core" becomes a number. */
static void settle_workers(struct config *config)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (config->intake.workers == 0) {
		config->intake.workers = cores > 0 ? (unsigned)cores : 1;
	}
}

static void on_sighup(evutil_socket_t sig, short what, void *arg)
{
	struct parent *parent = arg;

	(void)sig;
	(void)what;
	if (parent->next.config != NULL || parent->stop_by_ms > 0 ||
	    !parent->told_ready) {
		return; /* one at a time */
	}
	if (setting_load(parent->now.config->path, &parent->now,
		&parent->next) != TL_OK) {
		log_event(LOG_RELOAD_REFUSED, 0, 0);
		return;
	}
	settle_workers(parent->next.config);
	parent->starting =
	    children_next_generation(&parent->children, parent->generation);
	parent->next_start_ms = 0;
	start_missing(parent);
}

static void on_sigterm(evutil_socket_t sig, short what, void *arg)
{
	struct parent *parent = arg;

	(void)sig;
	(void)what;
	if (parent->stop_by_ms > 0) {
		parent->stop_by_ms = 1; /* the second time: at once */
	}
	stop(parent);
}

/* ---- ticks --------------------------------------------------------------- */

static void share_totals(struct parent *parent)
{
	struct counts sum = parent->past;
	struct child *child;
	struct buf body;

	TAILQ_FOREACH (child, &parent->children, link) {
		counts_add(&sum, &child->counts);
	}
	buf_init(&body, COUNTS_BYTES_MAX);
	if (parent->ticks % TICKS_PER_MINUTE == 0) {
		counts_log(&parent->logged, &sum);
		parent->logged = sum;
	}
	counts_silence(&parent->silence, &sum, clock_mono_ms());
	counts_put(&sum, &body);
	TAILQ_FOREACH (child, &parent->children, link) {
		if (child->kind == CHILD_WORKER && child->ready &&
		    buf_err(&body) == TL_OK) {
			peer_send(child->peer, FRAME_TOTALS,
			    bytes_of(body.data, body.len));
		}
	}
	buf_free(&body);
}

static void end_when_empty(struct parent *parent)
{
	struct child *child;
	size_t workers = 0;

	TAILQ_FOREACH (child, &parent->children, link) {
		if (parent->stop_by_ms <= clock_mono_ms()) {
			(void)kill(child->pid, SIGKILL);
		}
		workers += child->kind == CHILD_WORKER;
	}
	if (workers == 0) {
		(void)event_base_loopbreak(parent->base);
	}
}

/* Nobody of ours shuts a door: one of the workers is not ours any more. */
static void look_after_workers(struct parent *parent)
{
	if (door_watch(&parent->door_watch, parent->doors, parent->n_doors)) {
		children_end_workers(&parent->children);
	}
	children_end_stubborn(&parent->children, clock_mono_ms());
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct parent *parent = arg;

	(void)fd;
	(void)what;
	children_give_spool(&parent->children,
	    parent->now.config->spool.intake_socket, clock_mono_ms());
	retire_used_up(parent);
	start_missing(parent);
	children_end_lonely(
	    &parent->children, parent->generation, parent->starting);
	if (parent->stop_by_ms > 0) {
		end_when_empty(parent);
	}
	if (++parent->ticks % TICKS_PER_SECOND == 0) {
		share_totals(parent);
		look_after_workers(parent);
		teams_watch(parent->now.teams, clock_wall_s());
		certs_watch(&parent->certs, parent->now.config, clock_wall_s());
		notify_watchdog();
	}
}

/* ---- life ---------------------------------------------------------------- */

static enum tl_err watch(struct parent *parent, struct event **ret_events)
{
	static const struct timeval tick = { .tv_usec = TICK_MS * 1000 };
	static const struct {
		int sig;
		event_callback_fn fn;
	} signals[] = {
		{ SIGCHLD, on_sigchld },
		{ SIGHUP, on_sighup },
		{ SIGTERM, on_sigterm },
		{ SIGINT, on_sigterm },
	};

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		ret_events[i] = evsignal_new(
		    parent->base, signals[i].sig, signals[i].fn, parent);
		if (ret_events[i] == NULL ||
		    event_add(ret_events[i], NULL) != 0) {
			return TL_ENOMEM;
		}
	}
	ret_events[EVENTS - 1] =
	    event_new(parent->base, -1, EV_PERSIST, on_tick, parent);
	if (ret_events[EVENTS - 1] == NULL ||
	    event_add(ret_events[EVENTS - 1], &tick) != 0) {
		return TL_ENOMEM;
	}
	return TL_OK;
}

int parent_run(
    const struct setting *setting, const struct door *doors, size_t n_doors)
{
	struct event *events[EVENTS] = { NULL };
	struct parent parent = {
		.now = *setting,
		.doors = doors,
		.n_doors = n_doors,
		.fair = fair_shared_new(),
		.generation = 1,
		.starting = 1,
		.past = { .n_gates = setting->config->n_gateways },
		.status = EXIT_STATUS_FAILED,
	};
	struct child *child;

	settle_workers(parent.now.config);
	TAILQ_INIT(&parent.children);
	parent.base = event_base_new();
	if (parent.base != NULL && parent.fair != NULL &&
	    watch(&parent, events) == TL_OK) {
		parent.status = EXIT_STATUS_OK;
		start_missing(&parent);
		(void)event_base_dispatch(parent.base);
	}
	while ((child = TAILQ_FIRST(&parent.children)) != NULL) {
		TAILQ_REMOVE(&parent.children, child, link);
		(void)kill(child->pid, SIGKILL);
		peer_free(child->peer);
		free(child);
	}
	for (size_t i = 0; i < EVENTS; i++) {
		if (events[i] != NULL) {
			event_free(events[i]);
		}
	}
	if (parent.base != NULL) {
		event_base_free(parent.base);
	}
	fair_shared_free(parent.fair);
	setting_free(&parent.next);
	setting_free(&parent.now);
	return parent.status;
}
