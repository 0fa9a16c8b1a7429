/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/spool/service_client.c - who is connected.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/log.h"
#include "server/spool/service_inside.h"

/* Accepted at once, so that one socket cannot keep the others. */
#define ACCEPT_TURN 16

static bool watches(enum frame_from who, bool owner)
{
	return who == FRAME_FROM_ADMIN && !owner;
}

static void count_one(const struct client *client)
{
	struct service *service = client->service;

	service->n_clients++;
	service->n_admins += client->who == FRAME_FROM_ADMIN;
	service->n_watchers += watches(client->who, client->owner);
}

static void count_one_less(const struct client *client)
{
	struct service *service = client->service;

	service->n_clients--;
	service->n_admins -= client->who == FRAME_FROM_ADMIN;
	service->n_watchers -= watches(client->who, client->owner);
}

static bool has_room(
    const struct service *service, enum frame_from who, bool owner)
{
	return service->n_clients < SERVICE_CLIENTS_MAX &&
	    (who != FRAME_FROM_ADMIN ||
		service->n_admins < SERVICE_ADMINS_MAX) &&
	    (!watches(who, owner) ||
		service->n_watchers < SERVICE_WATCHERS_MAX);
}

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
	count_one_less(client);
	peer_free(client->peer);
	free(client);
}

static void end_for_garbage(struct client *client)
{
	log_event(LOG_PEER_GARBAGE, client->fd, 0);
	end_client(client);
}

/* So that the intake can warn its operator before it must refuse. */
void service_tell_room(const struct client *client)
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
	if (!service_take_frame(client, frame)) {
		end_for_garbage(client);
	}
	service_schedule(service);
}

static void gone_cb(struct peer *peer, void *arg)
{
	(void)peer;
	end_client(arg);
}

/* The admin socket is open to those who watch, too. */
static bool is_owner(int fd)
{
	struct ucred peer = { .uid = (uid_t)-1 };
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	    (peer.uid == 0 || peer.uid == geteuid());
}

static void add_client(struct service *service, int fd, enum frame_from who)
{
	struct client *client = NULL;
	bool owner = is_owner(fd);

	if (has_room(service, who, owner)) {
		client = calloc(1, sizeof(*client));
	}
	if (client == NULL) {
		(void)close(fd);
		return;
	}
	client->service = service;
	client->who = who;
	client->owner = owner;
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
	count_one(client);
	if (service->room != SPOOL_ROOM_OK) {
		service_tell_room(client);
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

	if (service->n_listeners == SERVICE_LISTENERS_MAX) {
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

void service_accept_again(struct service *service)
{
	for (size_t i = 0; i < service->n_listeners; i++) {
		(void)event_add(service->listeners[i].event, NULL);
	}
}

void service_end_clients(struct service *service)
{
	while (!TAILQ_EMPTY(&service->clients)) {
		end_client(TAILQ_FIRST(&service->clients));
	}
	for (size_t i = 0; i < service->n_listeners; i++) {
		if (service->listeners[i].event != NULL) {
			event_free(service->listeners[i].event);
		}
		(void)close(service->listeners[i].fd);
	}
}
