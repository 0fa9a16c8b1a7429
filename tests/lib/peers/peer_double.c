/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/peers/peer_double.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

#define PEERS_MAX 16u

struct peer {
	bool there;
	struct event_base *base;
	int fd;
	enum frame_from theirs;
	peer_frame_fn on_frame;
	peer_gone_fn on_gone;
	void *arg;
};

static struct peer peers[PEERS_MAX];
static peer_double_fn heard;

void peer_double_hear(peer_double_fn on_send)
{
	heard = on_send;
}

struct peer *peer_double_of(enum frame_from theirs, size_t n)
{
	for (size_t i = 0; i < PEERS_MAX; i++) {
		if (peers[i].there && peers[i].theirs == theirs && n-- == 0) {
			return &peers[i];
		}
	}
	return NULL;
}

struct event_base *peer_double_base(const struct peer *peer)
{
	return peer->base;
}

int peer_double_fd(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert(fd >= 0);
	return fd;
}

bool peer_double_say(
    struct peer *peer, enum frame_type type, struct bytes body, int fd)
{
	struct frame frame;
	struct buf buf;
	uint8_t *bytes;
	bool legal = body.len <= frame_max_bytes((uint16_t)type);

	if (legal) {
		buf_init(&buf, FRAME_HEAD_BYTES + body.len);
		frame_put(&buf, type, body.at, body.len);
		assert(buf_err(&buf) == TL_OK);
		bytes = malloc(buf.len);
		assert(bytes != NULL);
		memcpy(bytes, buf.data, buf.len);
		legal =
		    frame_get(bytes, buf.len, peer->theirs, &frame) == TL_OK;
		if (legal) {
			peer->on_frame(peer, &frame, fd, peer->arg);
		}
		free(bytes);
		buf_free(&buf);
	}
	return legal;
}

void peer_double_leave(struct peer *peer)
{
	peer->on_gone(peer, peer->arg);
}

/* ---- server/net/peer.h --------------------------------------------------- */

struct peer *peer_new(struct event_base *base, int fd, enum frame_from theirs,
    peer_frame_fn on_frame, peer_gone_fn on_gone, void *arg)
{
	for (size_t i = 0; i < PEERS_MAX; i++) {
		if (!peers[i].there) {
			peers[i] = (struct peer){ true, base, fd, theirs,
				on_frame, on_gone, arg };
			return &peers[i];
		}
	}
	(void)close(fd);
	return NULL;
}

void peer_send(struct peer *peer, enum frame_type type, struct bytes body)
{
	assert(peer->there);
	assert(body.len <= frame_max_bytes((uint16_t)type));
	if (heard != NULL) {
		heard(peer, type, body);
	}
}

void peer_send_fd(struct peer *peer, enum frame_type type, int fd)
{
	(void)fd;
	peer_send(peer, type, bytes_of(NULL, 0));
}

size_t peer_waiting_bytes(const struct peer *peer)
{
	(void)peer;
	return 0;
}

void peer_flush(struct peer *peer)
{
	(void)peer;
}

void peer_free(struct peer *peer)
{
	if (peer != NULL) {
		assert(peer->there);
		peer->there = false;
		(void)close(peer->fd);
	}
}
