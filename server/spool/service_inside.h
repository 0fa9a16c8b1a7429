/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/spool/service_inside.h - the inside of struct service, for
 * server/spool/service*.c only: service.c has the groups, the timers and the
 * life; service_client.c who is connected; service_frame.c what they ask;
 * service_clock.c what day it is.
 */
#ifndef TL_SPOOL_SERVICE_INSIDE_H
#define TL_SPOOL_SERVICE_INSIDE_H

#include <sys/queue.h>

#include "queue/spool_clock.h"
#include "server/net/peer.h"
#include "server/spool/group.h"
#include "server/spool/service.h"

#define SERVICE_LISTENERS_MAX 3

struct client {
	TAILQ_ENTRY(client) link;
	struct service *service;
	struct peer *peer;
	struct group_share share;
	enum frame_from who;
	bool wants_day;
	bool all_lists; /* it has told of its last one */
	bool owner; /* root, or who runs us: may have copies, and bring them */
	int fd;     /* the peer's; for the log */
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
	struct listener listeners[SERVICE_LISTENERS_MAX];
	size_t n_listeners;
	struct clients clients;
	size_t n_clients;
	size_t n_admins, n_watchers; /* of them */
	struct client *relay;        /* the one that counts; may be NULL */
	bool relay_short;    /* its last TAKE left nothing; tell it of more */
	size_t take_most;    /* it waits for so many */
	enum rank take_last; /* of ranks up to this one */
	bool take_open;
	struct buf lent; /* body of the last LENT, empty; room for the next */
	struct event *when_taken; /* later in this turn: lend */
	struct event *when_quiet; /* low priority: a turn brought nothing new */
	struct event *when_full;
	struct event *when_pause;
	struct event *when_idle;
	struct event *tick;
	struct event *expire;
	unsigned frames; /* read since something waits */
	enum spool_room room;
	int64_t hour;      /* what the spool counts; queue/spool_clock.h */
	uint64_t hour_ms;  /* counted up to there, by the clock that runs on */
	bool hour_is_kept; /* the file has it */
	bool clock_told;   /* that it is odd */
	uint64_t damaged_said;
	uint64_t receipts_said;
	uint64_t refused_said[SPOOL_CHANNELS];
	uint64_t bad_mail_said, no_room_mail_said;
	enum service_end end;
};

/* What day the spool goes by: service_clock.c. Before there are clients: */
TL_MUST_CHECK enum tl_err service_begin_hours(struct service *service);
/* In the open group: hours that have run since the last time. */
TL_MUST_CHECK enum tl_err service_count_hours(struct service *service);
/* Say that the host's clock is odd, once, and that it is no more. */
void service_watch_clock(struct service *service);
struct spool_today service_today(const struct service *service);

/* The spool can do nothing more: nobody who waits was received. Ends the
 * loop. */
void service_fail(struct service *service, enum tl_err err);

/* A frame was read: see that what waits for its group gets one. */
void service_schedule(struct service *service);

/* Accept again where the descriptors had run out. */
void service_accept_again(struct service *service);

/* Tell a worker how much room there is. */
void service_tell_room(const struct client *client);
/* Tell whoever asked which day it is. */
void service_tell_day(const struct client *client);

/* What peers say. False for what the sender has no business to say. */
bool service_take_frame(struct client *client, const struct frame *frame);

/* An event: lend what the relay asked for. arg is the service. */
void service_taken_cb(int fd, short what, void *arg);

void service_end_clients(struct service *service);

#endif
