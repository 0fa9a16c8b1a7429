/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/relay/app.h"

#include <stdlib.h>
#include <sys/random.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/dial.h"
#include "base/log.h"
#include "base/notify.h"
#include "queue/find.h"
#include "queue/stream.h"
#include "server/net/peer.h"

#define BEAT_S     5
#define HOUR_BEATS (3600u / BEAT_S)
/* Each record takes a few: not a system call for each of them. */
#define RANDOM_AHEAD 64u

struct app {
	struct event_base *base;
	const char *spool_socket;
	struct relay *relay;
	struct stream *stream;
	struct place redis;             /* where it was found */
	struct sentinel_opts sentinels; /* n_places 0: it is always there */
	struct find *find;              /* NULL without them */
	struct peer *spool;             /* NULL: away */
	unsigned spool_tries;
	struct event *due;   /* relay_due_ms() */
	struct event *again; /* connect to the spool */
	struct event *beat;  /* tells the service manager that we live */
	unsigned beats;
	struct relay_counts hour; /* counts when the hour began */
	uint64_t random[RANDOM_AHEAD];
	size_t n_random;
};

/* The kernel's; there is no sealing here that would need more. */
static uint32_t random_below(uint32_t n, void *arg)
{
	struct app *app = arg;

	if (app->n_random == 0) {
		if (getrandom(app->random, sizeof(app->random), 0) !=
		    (ssize_t)sizeof(app->random)) {
			/* only delays and order hang on it */
			return (uint32_t)(clock_mono_ms() % n);
		}
		app->n_random = RANDOM_AHEAD;
	}
	app->n_random--;
	return (uint32_t)(app->random[app->n_random] % n);
}

static void arm(struct event *event, uint64_t ms)
{
	const struct timeval wait = { .tv_sec = (time_t)(ms / 1000),
		.tv_usec = (suseconds_t)(ms % 1000 * 1000) };

	(void)event_add(event, &wait);
}

/* ---- doing what the relay says ------------------------------------------- */

static void retry_spool(struct app *app)
{
	uint64_t wait = relay_backoff_ms(app->spool_tries, random_below, app);

	if (app->spool_tries < 8 || app->spool_tries % 20 == 0) {
		log_event(LOG_RELAY_SPOOL_LOST, (long long)wait, 0);
	}
	app->spool_tries++;
	arm(app->again, wait);
}

static void part_with_spool(struct app *app)
{
	if (app->spool != NULL) {
		peer_free(app->spool);
		app->spool = NULL;
		retry_spool(app);
	}
}

static void do_one(struct app *app, const struct relay_action *action)
{
	switch (action->what) {
	case RELAY_DO_FIND:
		if (app->find != NULL) {
			find_ask(app->find);
		} else {
			relay_found(app->relay, clock_mono_ms(), true);
		}
		break;
	case RELAY_DO_CONNECT:
		stream_connect(app->stream, &app->redis);
		break;
	case RELAY_DO_DROP:
		stream_drop(app->stream);
		break;
	case RELAY_DO_ADD:
		stream_add(app->stream, action->id, action->sealed);
		break;
	case RELAY_DO_WAIT:
		stream_wait(app->stream, (unsigned)action->a);
		break;
	case RELAY_DO_MEASURE:
		stream_measure(app->stream);
		break;
	case RELAY_DO_READ:
		stream_await(app->stream, action->of);
		break;
	case RELAY_DO_REWIND:
		stream_rewind(app->stream, action->of);
		break;
	case RELAY_DO_TELL:
		if (app->spool != NULL) {
			peer_send(app->spool, action->frame,
			    action->frame == FRAME_MAIL
				? action->mail
				: bytes_of(action->body, action->body_len));
		}
		break;
	case RELAY_DO_CUT:
		part_with_spool(app);
		break;
	case RELAY_DO_SAY:
		log_event(action->event, action->a, action->b);
		break;
	default:
		break;
	}
}

/* After each event. */
static void turn(struct app *app)
{
	struct relay_action action;
	uint64_t now_ms;
	uint64_t due_ms;

	while (relay_next(app->relay, &action)) {
		do_one(app, &action);
	}
	now_ms = clock_mono_ms();
	due_ms = relay_due_ms(app->relay);
	arm(app->due, due_ms > now_ms ? due_ms - now_ms : 1);
}

static void due_cb(evutil_socket_t fd, short what, void *arg)
{
	struct app *app = arg;

	(void)fd;
	(void)what;
	relay_tick(app->relay, clock_mono_ms());
	turn(app);
}

/* ---- Redis --------------------------------------------------------------- */

static void found_cb(void *arg, const struct place *place)
{
	struct app *app = arg;
	bool same = place_equal(&app->redis, place);

	app->redis = *place;
	relay_found(app->relay, clock_mono_ms(), same);
	turn(app);
}

static void moved_cb(void *arg)
{
	struct app *app = arg;

	relay_moved(app->relay, clock_mono_ms());
	turn(app);
}

static const struct find_events find_events = {
	.found = found_cb,
	.moved = moved_cb,
};

static void up_cb(void *arg, uint64_t client)
{
	struct app *app = arg;

	relay_redis_up(app->relay, clock_mono_ms(), client);
	turn(app);
}

static void lost_cb(void *arg, enum stream_trouble why)
{
	struct app *app = arg;

	relay_redis_lost(app->relay, clock_mono_ms(), why);
	turn(app);
}

static void added_cb(void *arg)
{
	struct app *app = arg;

	relay_redis_added(app->relay, clock_mono_ms());
	turn(app);
}

static void waited_cb(void *arg, unsigned replicas)
{
	struct app *app = arg;

	relay_redis_waited(app->relay, clock_mono_ms(), replicas);
	turn(app);
}

static void measured_cb(void *arg, uint64_t used_bytes)
{
	struct app *app = arg;

	relay_redis_measured(app->relay, clock_mono_ms(), used_bytes);
	turn(app);
}

static void receipt_cb(void *arg, const struct stream_receipt *receipt)
{
	struct app *app = arg;

	relay_redis_receipt(app->relay, clock_mono_ms(), receipt);
	turn(app);
}

static void mail_cb(void *arg, struct bytes mail)
{
	struct app *app = arg;

	relay_redis_mail(app->relay, clock_mono_ms(), mail);
	turn(app);
}

static void read_cb(void *arg, enum stream_of of, size_t bad)
{
	struct app *app = arg;

	relay_redis_read(app->relay, clock_mono_ms(), of, bad);
	turn(app);
}

static const struct stream_events stream_events = {
	.up = up_cb,
	.lost = lost_cb,
	.added = added_cb,
	.waited = waited_cb,
	.measured = measured_cb,
	.receipt = receipt_cb,
	.mail = mail_cb,
	.read = read_cb,
};

/* ---- the spool ----------------------------------------------------------- */

static void frame_cb(
    struct peer *peer, const struct frame *frame, int fd, void *arg)
{
	struct app *app = arg;

	(void)peer;
	(void)fd;
	app->spool_tries = 0; /* it is really there */
	relay_spool_frame(app->relay, clock_mono_ms(), frame);
	turn(app);
}

static void gone_cb(struct peer *peer, void *arg)
{
	struct app *app = arg;

	(void)peer;
	part_with_spool(app);
	relay_spool_lost(app->relay, clock_mono_ms());
	turn(app);
}

static void again_cb(evutil_socket_t unused, short what, void *arg)
{
	struct app *app = arg;
	int fd = -1;

	(void)unused;
	(void)what;
	if (dial_unix(app->spool_socket, 0, &fd) == TL_OK) {
		app->spool = peer_new(
		    app->base, fd, FRAME_FROM_SPOOL, frame_cb, gone_cb, app);
	}
	if (app->spool == NULL) {
		retry_spool(app);
		return;
	}
	log_event(LOG_RELAY_SPOOL_BACK, 0, 0);
	relay_spool_up(app->relay, clock_mono_ms());
	turn(app);
}

/* ---- life ---------------------------------------------------------------- */

static void beat_cb(evutil_socket_t fd, short what, void *arg)
{
	struct app *app = arg;
	struct relay_counts now;

	(void)fd;
	(void)what;
	notify_watchdog();
	app->beats++;
	if (app->beats % HOUR_BEATS == 0) {
		relay_counts(app->relay, &now);
		log_event(LOG_RELAY_HOUR,
		    (long long)(now.sent - app->hour.sent),
		    (long long)(now.forgotten - app->hour.forgotten));
		app->hour = now;
	}
}

/* Either the Sentinels say where Redis is, or the configuration. */
static enum tl_err make_find(struct app *app, const struct app_opts *opts)
{
	if (opts->sentinels.n_places == 0) {
		return place_parse(bytes_str(opts->redis_socket), &app->redis);
	}
	app->sentinels = opts->sentinels;
	return find_new(opts->base, &app->sentinels, opts->sentinel_password,
	    &find_events, app, &app->find);
}

static enum tl_err make_parts(struct app *app, const struct app_opts *opts)
{
	const struct timeval beat = { .tv_sec = BEAT_S };
	struct stream_opts stream = {
		.base = opts->base,
		.user = opts->redis_user,
		.password = opts->redis_password,
		.replicas = opts->relay.replicas,
		.events = &stream_events,
		.arg = app,
	};
	struct relay_opts relay = opts->relay;
	enum tl_err err;

	relay.random_below = random_below;
	relay.arg = app;
	relay.seed = (uint64_t)random_below(UINT32_MAX, app) << 32 |
	    random_below(UINT32_MAX, app);
	app->due = event_new(opts->base, -1, 0, due_cb, app);
	app->again = event_new(opts->base, -1, 0, again_cb, app);
	app->beat = event_new(opts->base, -1, EV_PERSIST, beat_cb, app);
	if (app->due == NULL || app->again == NULL || app->beat == NULL ||
	    event_add(app->beat, &beat) != 0) {
		return TL_ENOMEM;
	}
	err = make_find(app, opts);
	if (err == TL_OK) {
		err = stream_new(&stream, &app->stream);
	}
	if (err != TL_OK) {
		return err;
	}
	return relay_new(&relay, clock_mono_ms(), &app->relay);
}

enum tl_err app_new(const struct app_opts *opts, struct app **ret_app)
{
	struct app *app = calloc(1, sizeof(*app));
	enum tl_err err = TL_ENOMEM;

	if (app == NULL) {
		goto out;
	}
	app->base = opts->base;
	app->spool_socket = opts->spool_socket;
	err = make_parts(app, opts);
	if (err != TL_OK) {
		goto out;
	}
	arm(app->again, 0);
	turn(app);
	*ret_app = app;
	app = NULL;
out:
	app_free(app);
	return err;
}

static void free_event(struct event *event)
{
	if (event != NULL) {
		event_free(event);
	}
}

void app_free(struct app *app)
{
	if (app == NULL) {
		return;
	}
	peer_free(app->spool);
	find_free(app->find);
	stream_free(app->stream);
	relay_free(app->relay);
	free_event(app->due);
	free_event(app->again);
	free_event(app->beat);
	free(app);
}
