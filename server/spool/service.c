/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/spool/service.h"

#include <stdlib.h>

#include <event2/event.h>

#include "base/log.h"
#include "base/notify.h"
#include "queue/spool_mail.h"
#include "server/spool/service_inside.h"

/* Quiet for so long is a pause, and for so long an idle moment: the log is
 * moved into the file. */
#define PAUSE_MS 5
#define IDLE_MS  100
/* Free space, counters for the log, watchdog. */
#define TICK_S 10
/* Hours, and what is old: how often to look, and how soon to go on. */
#define EXPIRE_S      3600
#define EXPIRE_MORE_S 1
/* Frames read while something waits for its group, before it is forced. */
#define FRAMES_A_GROUP 256u
#define PRIORITY_LOW   (SERVICE_PRIORITIES - 1)

static void leave_loop(struct service *service, enum service_end why)
{
	struct client *client;

	service->end = why;
	TAILQ_FOREACH (client, &service->clients, link) {
		peer_flush(client->peer);
	}
	(void)event_base_loopbreak(service->opts.base);
}

void service_fail(struct service *service, enum tl_err err)
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
			service_tell_room(client);
		}
	}
	for (size_t i = 0; i < SPOOL_CHANNELS; i++) {
		if (stats.refused[i] > service->refused_said[i]) {
			log_event(LOG_SPOOL_SHARE, (long long)i,
			    (long long)stats.refused[i]);
			service->refused_said[i] = stats.refused[i];
		}
	}
	if (stats.damaged > service->damaged_said) {
		log_event(LOG_SPOOL_RECORD_BAD, (long long)stats.damaged, 0);
		service->damaged_said = stats.damaged;
	}
}

static void tell_relay(struct service *service)
{
	uint64_t waiting =
	    spool_waiting(service->opts.spool, service->take_last);
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
	const struct timeval pause = { 0, PAUSE_MS * 1000 };
	const struct timeval idle = { 0, IDLE_MS * 1000 };
	const struct spool_today today = service_today(service);
	enum tl_err err = group_run(service->group, &today);

	service->frames = 0;
	if (err == TL_EFULL) {
		look_at_room(service);
		err = TL_OK;
	}
	if (err != TL_OK) {
		service_fail(service, err);
		return;
	}
	tell_relay(service);
	if (group_waiting(service->group) > 0) {
		event_active(service->when_quiet, EV_TIMEOUT, 0);
	}
	(void)event_add(service->when_pause, &pause);
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

/* In both something may wait by now: then its group comes back here. */
static void pause_cb(int fd, short what, void *arg)
{
	struct service *service = arg;
	enum tl_err err = TL_OK;

	(void)fd;
	(void)what;
	if (group_waiting(service->group) == 0) {
		err = spool_pause(service->opts.spool);
	}
	if (err != TL_OK) {
		service_fail(service, err);
	}
}

static void idle_cb(int fd, short what, void *arg)
{
	struct service *service = arg;
	enum tl_err err;

	(void)fd;
	(void)what;
	if (group_waiting(service->group) > 0) {
		return;
	}
	err = spool_idle(service->opts.spool);
	if (err != TL_OK) {
		service_fail(service, err);
		return;
	}
	look_at_room(service);
}

static void expire_cb(int fd, short what, void *arg)
{
	struct service *service = arg;
	struct timeval next = { EXPIRE_S, 0 };
	size_t keys = 0, mails = 0;
	int64_t day;
	enum tl_err err = service_count_hours(service);

	(void)fd;
	(void)what;
	day = service_today(service).ends;
	if (err == TL_OK) {
		err = spool_expire(service->opts.spool, day, &keys);
	}
	if (err == TL_OK) {
		err = spool_mail_expire(service->opts.spool, day, &mails);
	}
	/* a group that ran out of room is open, too, and ends here */
	if (err == TL_OK || err == TL_EFULL) {
		err = spool_commit(service->opts.spool);
	}
	if (err != TL_OK && err != TL_EFULL) {
		service_fail(service, err);
		return;
	}
	if (keys == SPOOL_GROUP_MAX || mails == SPOOL_GROUP_MAX) {
		next.tv_sec = EXPIRE_MORE_S;
	}
	(void)event_add(service->expire, &next);
}

static void say_mail(struct service *service)
{
	uint64_t bad = group_bad_mail(service->group);
	uint64_t no_room = group_no_room_mail(service->group);

	if (bad > service->bad_mail_said) {
		log_event(LOG_MAIL_BAD, (long long)bad, 0);
		service->bad_mail_said = bad;
	}
	if (no_room > service->no_room_mail_said) {
		log_event(LOG_MAIL_FULL, (long long)no_room, 0);
		service->no_room_mail_said = no_room;
	}
}

static void tick_cb(int fd, short what, void *arg)
{
	struct service *service = arg;
	const struct timeval next = { TICK_S, 0 };
	uint64_t bad = group_bad_receipts(service->group);
	enum tl_err err;

	(void)fd;
	(void)what;
	notify_watchdog();
	err = spool_try_again(service->opts.spool);
	if (err != TL_OK) {
		service_fail(service, err);
		return;
	}
	look_at_room(service);
	if (bad > service->receipts_said) {
		log_event(LOG_RECEIPT_BAD, (long long)bad, 0);
		service->receipts_said = bad;
	}
	say_mail(service);
	service_watch_clock(service);
	service_accept_again(service);
	(void)event_add(service->tick, &next);
}

/* After a frame that waits for its group, and after any while one waits. */
void service_schedule(struct service *service)
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

/* ---- life ---------------------------------------------------------------- */

static enum tl_err make_events(struct service *service)
{
	struct event_base *base = service->opts.base;
	const struct timeval soon = { 0, 0 };
	const struct timeval later = { EXPIRE_MORE_S, 0 };

	service->when_taken = event_new(base, -1, 0, service_taken_cb, service);
	service->when_quiet = event_new(base, -1, 0, group_cb, service);
	service->when_full = event_new(base, -1, 0, group_cb, service);
	service->when_pause = event_new(base, -1, 0, pause_cb, service);
	service->when_idle = event_new(base, -1, 0, idle_cb, service);
	service->tick = event_new(base, -1, 0, tick_cb, service);
	service->expire = event_new(base, -1, 0, expire_cb, service);
	if (service->when_taken == NULL || service->when_quiet == NULL ||
	    service->when_full == NULL || service->when_pause == NULL ||
	    service->when_idle == NULL || service->tick == NULL ||
	    service->expire == NULL ||
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
	buf_init(&service->lent, FRAME_BATCH_BYTES);
	TAILQ_INIT(&service->clients);
	err = service_begin_hours(service);
	if (err == TL_OK) {
		err = group_new(&group_opts, &service->group);
	}
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
	struct event *events[7];

	if (service == NULL) {
		return;
	}
	service_end_clients(service);
	buf_free(&service->lent);
	events[0] = service->when_quiet;
	events[1] = service->when_full;
	events[2] = service->when_idle;
	events[3] = service->tick;
	events[4] = service->expire;
	events[5] = service->when_taken;
	events[6] = service->when_pause;
	for (size_t i = 0; i < 7; i++) {
		if (events[i] != NULL) {
			event_free(events[i]);
		}
	}
	group_free(service->group);
	free(service);
}
