/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Accepting. At each limit the door is shut until there is room, so that a
 * full table costs no CPU and no log line.
 */
#include "server/net/conn.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/wipe.h"

#define RESUME_MS 100u

static void pause_door(struct door *door)
{
	if (!door->paused) {
		door->paused = true;
		(void)event_del(&door->event);
	}
}

static void pause_all(struct net_server *server)
{
	for (size_t i = 0; i < server->n_doors; i++) {
		pause_door(&server->doors[i]);
	}
}

static bool has_room(const struct net_server *server, enum net_door kind)
{
	size_t spare = kind == NET_DOOR_ADMIN ? ADMIN_SPARE : 0;

	return server->open < server->limits.connections + spare;
}

/* There is room, or somebody who wastes it. */
static bool may_accept(const struct net_server *server, enum net_door kind)
{
	return has_room(server, kind) ||
	    conn_oldest_waste(&server->table) != NULL;
}

/* Nobody of the connection's own functions is on the stack here, so it can
 * go at once. */
static void make_room(struct net_server *server)
{
	struct conn_place *place = conn_oldest_waste(&server->table);

	if (place != NULL) {
		server->counts.made_room++;
		conn_go((struct conn *)place, CONN_DYING);
		conn_reap(server);
	}
}

/*
 * No peer address is asked for where nobody makes a number of it: what is not
 * known cannot leak. Else it is known in this function, and to nobody later.
 */
static int accept_from(const struct door *door, uint16_t *ret_bucket)
{
	const struct net_opts *opts = &door->server->opts;
	struct sockaddr_storage peer = { 0 };
	socklen_t len = sizeof(peer);
	int fd;

	*ret_bucket = 0;
	if (opts->bucket == NULL || door->kind != NET_DOOR_HTTPS) {
		return accept4(
		    door->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	}
	fd = accept4(door->fd, (struct sockaddr *)&peer, &len,
	    SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0) {
		*ret_bucket =
		    opts->bucket((const struct sockaddr *)&peer, opts->arg);
	}
	wipe(&peer, sizeof(peer));
	return fd;
}

static void take_in(struct door *door, int fd, uint16_t bucket)
{
	door->server->counts.accepted[door->kind]++;
	conn_open(door->server, door, fd, bucket);
}

/*
 * Descriptors are out, whoever is at the door: with the spare one it shows
 * whether anybody is. It goes to who comes, if somebody wastes another; else
 * the client hears at once that nobody is here. Without this the listener
 * would stay readable and the loop would spin.
 */
static bool accept_last(struct door *door)
{
	struct net_server *server = door->server;
	bool may_take = conn_oldest_waste(&server->table) != NULL;
	uint16_t bucket = 0;
	int fd = -1;

	if (server->spare_fd >= 0) {
		(void)close(server->spare_fd);
		fd = accept_from(door, &bucket);
		if (fd >= 0 && may_take) {
			make_room(server);
		} else if (fd >= 0) {
			(void)close(fd);
			server->counts.turned_away++;
		}
		/* a duplicate: the sandbox opens nothing */
		server->spare_fd = fcntl(door->fd, F_DUPFD_CLOEXEC, 3);
	}
	if (fd >= 0 && may_take) {
		take_in(door, fd, bucket);
		return true;
	}
	if (fd >= 0 || server->spare_fd < 0) {
		server->resume_ms = net_now_ms(server) + RESUME_MS;
		pause_all(server);
	}
	return false;
}

static bool accept_one(struct door *door)
{
	struct net_server *server = door->server;
	uint16_t bucket;
	int fd = accept_from(door, &bucket);

	if (fd >= 0) {
		if (!has_room(server, door->kind)) {
			make_room(server);
		}
		take_in(door, fd, bucket);
		return true;
	}
	if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
	    errno == ENOMEM) {
		return accept_last(door);
	}
	if (errno == EINVAL) {
		/* shut for all of us, and readable for ever: see
		 * server/intake/door_watch.h */
		door->server->resume_ms = net_now_ms(door->server) + RESUME_MS;
		pause_door(door);
		return false;
	}
	/* ECONNABORTED and the like belong to that client alone. */
	return errno != EAGAIN;
}

/* So many shake hands that these come first. The door stays open all the
 * same: to wait for one of them would be to wait for whoever says nothing. */
static bool is_crowded(const struct door *door)
{
	const struct net_server *server = door->server;

	return door->kind == NET_DOOR_HTTPS &&
	    server->table.counts[CONN_HANDSHAKE] >= server->limits.handshakes;
}

static void door_cb(int fd, short what, void *arg)
{
	struct door *door = arg;
	struct net_server *server = door->server;

	(void)fd;
	(void)what;
	for (unsigned i = 0; i < ACCEPTS_PER_TURN; i++) {
		if (!may_accept(server, door->kind)) {
			pause_door(door);
			return;
		}
		if (!accept_one(door) || is_crowded(door)) {
			return;
		}
	}
}

void doors_resume(struct net_server *server)
{
	if (server->draining || net_now_ms(server) < server->resume_ms) {
		return;
	}
	for (size_t i = 0; i < server->n_doors; i++) {
		struct door *door = &server->doors[i];

		if (door->paused && may_accept(server, door->kind)) {
			door->paused = false;
			(void)event_add(&door->event, NULL);
		}
	}
}

uint64_t doors_next_ms(const struct net_server *server)
{
	uint64_t next = UINT64_MAX;

	for (size_t i = 0; i < server->n_doors; i++) {
		if (server->doors[i].paused &&
		    server->resume_ms > server->now_ms) {
			next = server->resume_ms;
		}
	}
	return next;
}

void doors_close(struct net_server *server)
{
	for (size_t i = 0; i < server->n_doors; i++) {
		pause_door(&server->doors[i]);
		(void)close(server->doors[i].fd);
	}
	server->n_doors = 0;
}

enum tl_err net_listen(struct net_server *server, int fd, enum net_door kind,
    const char *const *hosts)
{
	struct door *door = &server->doors[server->n_doors];
	int own;

	if (server->n_doors == DOORS_MAX ||
	    (kind == NET_DOOR_HTTPS && server->tls == NULL)) {
		return TL_EINVAL;
	}
	own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (own < 0) {
		return TL_EIO;
	}
	*door = (struct door){
		.server = server,
		.fd = own,
		.kind = kind,
		.hosts = hosts,
	};
	(void)event_assign(&door->event, server->base, own,
	    EV_READ | EV_PERSIST, door_cb, door);
	if (evutil_make_socket_nonblocking(own) != 0 ||
	    event_add(&door->event, NULL) != 0) {
		(void)close(own);
		return TL_EIO;
	}
	server->n_doors++;
	return TL_OK;
}
