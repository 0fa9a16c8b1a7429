/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/spool/service.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/notify.h"
#include "server/net/peer.h"
#include "server/spool/group.h"

/* Quiet for so long is an idle moment: the log is moved into the file. */
#define IDLE_MS 100
/* Free space, counters for the log, watchdog. */
#define TICK_S 10
/* Old dedup keys: how often to look, and how soon to go on. */
#define EXPIRE_S      3600
#define EXPIRE_MORE_S 1
/* Accepted at once, so that one socket cannot keep the others. */
#define ACCEPT_TURN 16
/* Frames read while something waits for its group, before it is forced. */
#define FRAMES_A_GROUP 256u
#define PRIORITY_LOW   (SERVICE_PRIORITIES - 1)
#define DAY_S          86400

enum { LISTENERS_MAX = 3 };

struct client {
	TAILQ_ENTRY(client) link;
	struct service *service;
	struct peer *peer;
	struct group_share share;
	enum frame_from who;
	int fd; /* the peer's; for the log */
};
TAILQ_HEAD(clients, client);

struct listener {
	struct service *service;
	struct event *event;
	int fd;
	enum frame_from who;
};

struct service {
	struct service_opts opts;
	struct group *group;
	struct listener listeners[LISTENERS_MAX];
	size_t n_listeners;
	struct clients clients;
	size_t n_clients;
	struct client *relay; /* the one that counts; may be NULL */
	bool relay_short;     /* its last TAKE left nothing; tell it of more */
	size_t take_most;     /* it waits for so many */
	bool take_open;
	struct event *when_taken; /* later in this turn: lend */
	struct event *when_quiet; /* low priority: a turn brought nothing new */
	struct event *when_full;
	struct event *when_idle;
	struct event *tick;
	struct event *expire;
	unsigned frames; /* read since something waits */
	enum spool_room room;
	uint64_t damaged_said;
	uint64_t receipts_said;
	enum service_end end;
};

static int64_t today(void)
{
	int64_t day = clock_wall_s() / DAY_S;

	return day < 0 ? 0 : day;
}

/* ---- ends ---------------------------------------------------------------- */

static void end_client(struct client *client)
{
	struct service *service = client->service;

	if (service->relay == client) {
		service->relay = NULL;
		service->take_open = false;
		spool_unlend_all(service->opts.spool);
	}
	group_drop_client(service->group, &client->share);
	TAILQ_REMOVE(&service->clients, client, link);
	service->n_clients--;
	peer_free(client->peer);
	free(client);
}

static void end_for_garbage(struct client *client)
{
	log_event(LOG_PEER_GARBAGE, client->fd, 0);
	end_client(client);
}

static void leave_loop(struct service *service, enum service_end why)
{
	struct client *client;

	service->end = why;
	TAILQ_FOREACH (client, &service->clients, link) {
		peer_flush(client->peer);
	}
	(void)event_base_loopbreak(service->opts.base);
}

/* The spool can do nothing more: nobody who waits was received. */
static void fail(struct service *service, enum tl_err err)
{
	if (err == TL_ENOMEM) {
		log_event(LOG_NO_MEMORY, 0, 0);
	} else {
		log_event(
		    LOG_SPOOL_IO, spool_sqlite_code(service->opts.spool), 0);
	}
	group_refuse_all(service->group);
	leave_loop(service, SERVICE_FAILED);
}

/* ---- groups -------------------------------------------------------------- */

/* So that the intake can warn its operator before it must refuse. */
static void tell_room(const struct client *client)
{
	static const uint8_t rooms[] = {
		[SPOOL_ROOM_OK] = FRAME_ROOM_OK,
		[SPOOL_ROOM_LOW] = FRAME_ROOM_LOW,
		[SPOOL_ROOM_FULL] = FRAME_ROOM_FULL,
	};

	if (client->who == FRAME_FROM_WORKER) {
		peer_send(client->peer, FRAME_ROOM,
		    bytes_of(&rooms[client->service->room], 1));
	}
}

/* Say what changed, once for each change. */
static void look_at_room(struct service *service)
{
	const struct client *client;
	struct spool_stats stats;

	spool_stats(service->opts.spool, &stats);
	if (stats.room != service->room) {
		static const enum log_event events[] = {
			[SPOOL_ROOM_OK] = LOG_SPOOL_ROOM,
			[SPOOL_ROOM_LOW] = LOG_SPOOL_LOW,
			[SPOOL_ROOM_FULL] = LOG_SPOOL_FULL,
		};

		log_event(
		    events[stats.room], (long long)(stats.free_bytes >> 20), 0);
		service->room = stats.room;
		TAILQ_FOREACH (client, &service->clients, link) {
			tell_room(client);
		}
	}
	if (stats.damaged > service->damaged_said) {
		log_event(LOG_SPOOL_RECORD_BAD, (long long)stats.damaged, 0);
		service->damaged_said = stats.damaged;
	}
}

static void tell_relay(struct service *service)
{
	uint64_t waiting = spool_waiting(service->opts.spool);
	struct buf body;

	if (service->relay == NULL || !service->relay_short || waiting == 0) {
		return;
	}
	buf_init(&body, sizeof(waiting));
	buf_put_u64(&body, waiting);
	if (buf_err(&body) == TL_OK) {
		service->relay_short = false;
		peer_send(service->relay->peer, FRAME_WAITING,
		    bytes_of(body.data, body.len));
	}
	buf_free(&body);
}

static void run_group(struct service *service)
{
	const struct timeval idle = { 0, IDLE_MS * 1000 };
	enum tl_err err = group_run(service->group, today());

	service->frames = 0;
	if (err == TL_EFULL) {
		look_at_room(service);
		err = TL_OK;
	}
	if (err != TL_OK) {
		fail(service, err);
		return;
	}
	tell_relay(service);
	if (group_waiting(service->group) > 0) {
		event_active(service->when_quiet, EV_TIMEOUT, 0);
	}
	(void)event_add(service->when_idle, &idle);
}

static void group_cb(int fd, short what, void *arg)
{
	struct service *service = arg;

	(void)fd;
	(void)what;
	if (group_waiting(service->group) > 0) {
		run_group(service);
	}
}

static void idle_cb(int fd, short what, void *arg)
{
	struct service *service = arg;
	enum tl_err err;

	(void)fd;
	(void)what;
	if (group_waiting(service->group) > 0) {
		return; /* not idle; its group comes back here */
	}
	err = spool_idle(service->opts.spool);
	if (err != TL_OK) {
		fail(service, err);
	}
}

static void expire_cb(int fd, short what, void *arg)
{
	struct service *service = arg;
	struct timeval next = { EXPIRE_S, 0 };
	size_t n = 0;
	enum tl_err err = spool_expire(service->opts.spool, today(), &n);

	(void)fd;
	(void)what;
	/* a group that ran out of room is open, too, and ends here */
	if (err == TL_OK || err == TL_EFULL) {
		err = spool_commit(service->opts.spool);
	}
	if (err != TL_OK && err != TL_EFULL) {
		fail(service, err);
		return;
	}
	if (n == SPOOL_GROUP_MAX) {
		next.tv_sec = EXPIRE_MORE_S;
	}
	(void)event_add(service->expire, &next);
}

static void tick_cb(int fd, short what, void *arg)
{
	struct service *service = arg;
	const struct timeval next = { TICK_S, 0 };
	uint64_t bad = group_bad_receipts(service->group);

	(void)fd;
	(void)what;
	notify_watchdog();
	look_at_room(service);
	if (bad > service->receipts_said) {
		log_event(LOG_RECEIPT_BAD, (long long)bad, 0);
		service->receipts_said = bad;
	}
	for (size_t i = 0; i < service->n_listeners; i++) {
		(void)event_add(service->listeners[i].event, NULL);
	}
	(void)event_add(service->tick, &next);
}

/* ---- frames -------------------------------------------------------------- */

/* After a frame that waits for its group, and after any while one waits. */
static void schedule(struct service *service)
{
	if (group_waiting(service->group) == 0) {
		return;
	}
	service->frames++;
	if (group_is_full(service->group) ||
	    service->frames >= FRAMES_A_GROUP) {
		event_active(service->when_full, EV_TIMEOUT, 0);
	} else {
		event_active(service->when_quiet, EV_TIMEOUT, 0);
	}
}

static void add_lent(const struct spool_lent *lent, void *arg)
{
	struct buf *body = arg;

	buf_put(body, lent->id, SPOOL_ID_BYTES);
	buf_put_u8(body, lent->urgent ? 1 : 0);
	buf_put_u32(body, (uint32_t)lent->sealed.len);
	buf_put(body, lent->sealed.at, lent->sealed.len);
}

/* One byte says how many, so that is the most; each has a head of its own. */
#define LENT_MOST       255u
#define LENT_HEAD_BYTES (SPOOL_ID_BYTES + 1u + 4u)
#define LENT_BODIES     (FRAME_BATCH_BYTES - 1u - LENT_MOST * LENT_HEAD_BYTES)

static void lend(struct service *service, struct peer *relay, size_t most)
{
	struct spool *spool = service->opts.spool;
	struct buf body;
	size_t n = 0;
	enum tl_err err;

	buf_init(&body, FRAME_BATCH_BYTES);
	buf_put_u8(&body, 0);
	most = most < LENT_MOST ? most : LENT_MOST;
	err = spool_take(spool, most, LENT_BODIES, add_lent, &body, &n);
	if (err == TL_OK && buf_err(&body) != TL_OK) {
		err = TL_ENOMEM;
	}
	if (err != TL_OK) {
		buf_free(&body);
		fail(service, err);
		return;
	}
	body.data[0] = (uint8_t)n;
	service->relay_short = spool_waiting(spool) == 0;
	peer_send(relay, FRAME_LENT, bytes_of(body.data, body.len));
	buf_free(&body);
}

static void taken_cb(int fd, short what, void *arg)
{
	struct service *service = arg;

	(void)fd;
	(void)what;
	if (service->take_open && service->end != SERVICE_FAILED) {
		service->take_open = false;
		lend(service, service->relay->peer, service->take_most);
	}
}

/* A search may go over all that is lent: one a turn, so that a relay that
 * was taken over cannot keep the workers waiting. */
static bool take(struct service *service, struct bytes body)
{
	if (body.len != 2 || service->take_open) {
		return false;
	}
	service->take_open = true;
	service->take_most = (size_t)(body.at[0] << 8 | body.at[1]);
	event_active(service->when_taken, EV_TIMEOUT, 0);
	return true;
}

static void send_stats(struct client *client)
{
	struct service *service = client->service;
	struct spool_stats stats;
	struct buf body;

	spool_stats(service->opts.spool, &stats);
	stats.bad_receipts = group_bad_receipts(service->group);
	buf_init(&body, frame_max_bytes(FRAME_STATS));
	spool_stats_put(&body, &stats);
	if (buf_err(&body) == TL_OK) {
		peer_send(
		    client->peer, FRAME_STATS, bytes_of(body.data, body.len));
	}
	buf_free(&body);
}

/* A record that is not there any more is no error of the relay's. */
static void lend_again(struct client *client, const uint8_t *id)
{
	enum tl_err err = spool_lend_again(client->service->opts.spool, id);

	if (err != TL_OK && err != TL_ENOENT) {
		fail(client->service, err);
	}
}

/* False for what the sender has no business to say. */
static bool take_frame(struct client *client, const struct frame *frame)
{
	struct service *service = client->service;
	struct bytes body = bytes_of(frame->body, frame->body_len);

	switch (frame->type) {
	case FRAME_PUT:
	case FRAME_RECEIPT:
		return group_add(service->group, &client->share, client->peer,
			   frame->type, body) == TL_OK;
	case FRAME_TAKE:
		return take(service, body);
	case FRAME_AGAIN:
		if (body.len != SPOOL_ID_BYTES) {
			return false;
		}
		lend_again(client, body.at);
		return true;
	case FRAME_UNLEND:
		spool_unlend_all(service->opts.spool);
		return true;
	case FRAME_STATS_WANT:
		send_stats(client);
		return true;
	default:
		return false;
	}
}

static void frame_cb(
    struct peer *peer, const struct frame *frame, int fd, void *arg)
{
	struct client *client = arg;
	struct service *service = client->service;

	(void)peer;
	(void)fd;
	if (service->end == SERVICE_FAILED) {
		return; /* and the loop ends */
	}
	if (!take_frame(client, frame)) {
		end_for_garbage(client);
	}
	schedule(service);
}

static void gone_cb(struct peer *peer, void *arg)
{
	(void)peer;
	end_client(arg);
}

/* ---- clients ------------------------------------------------------------- */

static void add_client(struct service *service, int fd, enum frame_from who)
{
	struct client *client = NULL;

	if (service->n_clients < SERVICE_CLIENTS_MAX) {
		client = calloc(1, sizeof(*client));
	}
	if (client == NULL) {
		(void)close(fd);
		return;
	}
	client->service = service;
	client->who = who;
	client->fd = fd;
	client->peer =
	    peer_new(service->opts.base, fd, who, frame_cb, gone_cb, client);
	if (client->peer == NULL) {
		free(client);
		return;
	}
	if (who == FRAME_FROM_RELAY) {
		/* The newer one is right: the older one may hang. */
		if (service->relay != NULL) {
			end_client(service->relay);
		}
		service->relay = client;
		service->relay_short = false;
	}
	TAILQ_INSERT_TAIL(&service->clients, client, link);
	service->n_clients++;
	if (service->room != SPOOL_ROOM_OK) {
		tell_room(client);
	}
}

static void accept_cb(int fd, short what, void *arg)
{
	struct listener *listener = arg;

	(void)what;
	for (int i = 0; i < ACCEPT_TURN; i++) {
		int got = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (got >= 0) {
			add_client(listener->service, got, listener->who);
		} else if (errno == EAGAIN) {
			return;
		} else if (errno != ECONNABORTED && errno != EINTR) {
			/* No descriptors: do not spin, the tick tries again. */
			log_event(LOG_FD_LIMIT, 1, 0);
			(void)event_del(listener->event);
			return;
		}
	}
}

enum tl_err service_listen(struct service *service, int fd, enum frame_from who)
{
	struct listener *listener = &service->listeners[service->n_listeners];

	if (service->n_listeners == LISTENERS_MAX) {
		(void)close(fd);
		return TL_EINVAL;
	}
	listener->service = service;
	listener->fd = fd;
	listener->who = who;
	listener->event = event_new(
	    service->opts.base, fd, EV_READ | EV_PERSIST, accept_cb, listener);
	service->n_listeners++;
	if (listener->event == NULL || event_add(listener->event, NULL) != 0) {
		return TL_ENOMEM;
	}
	return TL_OK;
}

/* ---- life ---------------------------------------------------------------- */

static enum tl_err make_events(struct service *service)
{
	struct event_base *base = service->opts.base;
	const struct timeval soon = { 0, 0 };
	const struct timeval later = { EXPIRE_MORE_S, 0 };

	service->when_taken = event_new(base, -1, 0, taken_cb, service);
	service->when_quiet = event_new(base, -1, 0, group_cb, service);
	service->when_full = event_new(base, -1, 0, group_cb, service);
	service->when_idle = event_new(base, -1, 0, idle_cb, service);
	service->tick = event_new(base, -1, 0, tick_cb, service);
	service->expire = event_new(base, -1, 0, expire_cb, service);
	if (service->when_taken == NULL || service->when_quiet == NULL ||
	    service->when_full == NULL || service->when_idle == NULL ||
	    service->tick == NULL || service->expire == NULL ||
	    event_priority_set(service->when_quiet, PRIORITY_LOW) != 0 ||
	    event_add(service->tick, &soon) != 0 ||
	    event_add(service->expire, &later) != 0) {
		return TL_ENOMEM;
	}
	return TL_OK;
}

enum tl_err service_new(
    const struct service_opts *opts, struct service **ret_service)
{
	const struct group_opts group_opts = {
		.spool = opts->spool,
		.receipt_keys = opts->receipt_keys,
		.n_receipt_keys = opts->n_receipt_keys,
		.records = opts->group_records,
		.bytes = SERVICE_GROUP_BYTES,
		.waiting_frames = SERVICE_WAITING_FRAMES,
		.waiting_bytes = SERVICE_WAITING_BYTES,
	};
	struct service *service = calloc(1, sizeof(*service));
	enum tl_err err;

	if (service == NULL) {
		return TL_ENOMEM;
	}
	service->opts = *opts;
	TAILQ_INIT(&service->clients);
	err = group_new(&group_opts, &service->group);
	if (err == TL_OK) {
		err = make_events(service);
	}
	if (err != TL_OK) {
		service_free(service);
		return err;
	}
	*ret_service = service;
	return TL_OK;
}

void service_stop(struct service *service)
{
	while (group_waiting(service->group) > 0 &&
	    service->end != SERVICE_FAILED) {
		run_group(service);
	}
	if (service->end != SERVICE_FAILED) {
		leave_loop(service, SERVICE_STOPPED);
	}
}

enum service_end service_end(const struct service *service)
{
	return service->end;
}

void service_free(struct service *service)
{
	struct event *events[6];

	if (service == NULL) {
		return;
	}
	while (!TAILQ_EMPTY(&service->clients)) {
		end_client(TAILQ_FIRST(&service->clients));
	}
	for (size_t i = 0; i < service->n_listeners; i++) {
		if (service->listeners[i].event != NULL) {
			event_free(service->listeners[i].event);
		}
		(void)close(service->listeners[i].fd);
	}
	events[0] = service->when_quiet;
	events[1] = service->when_full;
	events[2] = service->when_idle;
	events[3] = service->tick;
	events[4] = service->expire;
	events[5] = service->when_taken;
	for (size_t i = 0; i < 6; i++) {
		if (events[i] != NULL) {
			event_free(events[i]);
		}
	}
	group_free(service->group);
	free(service);
}
