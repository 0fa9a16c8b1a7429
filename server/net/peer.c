/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/net/peer.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/wipe.h"

/* For one turn of the loop, so that one peer cannot keep the others. */
#define READ_TURN_BYTES  ((size_t)256u * 1024u)
#define WRITE_TURN_BYTES ((size_t)1024u * 1024u)
#define WRITE_FRAMES     64
#define FDS_WAITING      4
/* An input buffer that grew beyond this is given back when it is empty. */
#define INPUT_KEEP_BYTES ((size_t)64u * 1024u)

/* One frame on its way out. */
struct out_frame {
	TAILQ_ENTRY(out_frame) link;
	int fd; /* goes with the first byte; -1: none */
	size_t len;
	size_t sent;
	uint8_t bytes[];
};

TAILQ_HEAD(out_frames, out_frame);

struct peer {
	int fd;
	enum frame_from theirs;
	peer_frame_fn on_frame;
	peer_gone_fn on_gone;
	void *arg;
	struct event *readable;
	struct event *writable;
	struct buf in;
	int fds[FDS_WAITING]; /* came, and their frame is not whole yet */
	size_t n_fds;
	struct out_frames out;
	size_t out_bytes;
	bool mute;     /* nothing can be written any more */
	bool gone;     /* no more input or output */
	bool told;     /* on_gone was called */
	bool in_use;   /* one of our callbacks is on the stack */
	bool released; /* peer_free() was called while in use */
};

static void drop_frame(struct peer *peer, struct out_frame *frame)
{
	TAILQ_REMOVE(&peer->out, frame, link);
	peer->out_bytes -= frame->len - frame->sent;
	if (frame->fd >= 0) {
		(void)close(frame->fd);
	}
	wipe(frame->bytes, frame->len);
	free(frame);
}

static void destroy(struct peer *peer)
{
	while (!TAILQ_EMPTY(&peer->out)) {
		drop_frame(peer, TAILQ_FIRST(&peer->out));
	}
	for (size_t i = 0; i < peer->n_fds; i++) {
		(void)close(peer->fds[i]);
	}
	if (peer->readable != NULL) {
		event_free(peer->readable);
	}
	if (peer->writable != NULL) {
		event_free(peer->writable);
	}
	(void)close(peer->fd);
	buf_free(&peer->in);
	free(peer);
}

/* The owner hears of it from the loop, not from inside its own call. */
static void end_peer(struct peer *peer)
{
	if (!peer->gone) {
		peer->gone = true;
		(void)event_del(peer->readable);
		event_active(peer->writable, EV_WRITE, 0);
	}
}

static void end_for_garbage(struct peer *peer)
{
	log_event(LOG_PEER_GARBAGE, peer->fd, 0);
	end_peer(peer);
}

/* Callbacks of the owner run between enter() and leave() only. */
static void enter(struct peer *peer)
{
	peer->in_use = true;
}

static void leave(struct peer *peer)
{
	peer->in_use = false;
	if (peer->gone && !peer->told && !peer->released) {
		peer->told = true;
		(void)event_del(peer->writable);
		peer->in_use = true;
		peer->on_gone(peer, peer->arg);
		peer->in_use = false;
	}
	if (peer->released) {
		destroy(peer);
	}
}

/* ---- in ------------------------------------------------------------------ */

/* The kernel closes descriptors for which there is no room, and says so. */
static bool take_fds(struct peer *peer, struct msghdr *msg)
{
	bool ok = (msg->msg_flags & MSG_CTRUNC) == 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL;
	     c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) {
			continue;
		}
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (peer->n_fds < FDS_WAITING) {
				peer->fds[peer->n_fds++] = fd;
			} else {
				(void)close(fd);
				ok = false;
			}
		}
	}
	return ok;
}

static ssize_t receive(struct peer *peer, void *to, size_t len, bool *ret_ok)
{
	union {
		struct cmsghdr align;
		uint8_t room[CMSG_SPACE(sizeof(int) * FDS_WAITING)];
	} control = { 0 };
	struct iovec iov = { .iov_base = to, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t got;

	/* Without room here a stranger's descriptors never become ours. */
	if (peer->theirs == FRAME_FROM_PARENT) {
		msg.msg_control = control.room;
		msg.msg_controllen = sizeof(control.room);
	}
	got = recvmsg(peer->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	*ret_ok = got < 0 || take_fds(peer, &msg);
	return got;
}

static int next_fd(struct peer *peer)
{
	int fd = -1;

	if (peer->n_fds > 0) {
		fd = peer->fds[0];
		peer->n_fds--;
		memmove(peer->fds, peer->fds + 1, peer->n_fds * sizeof(int));
	}
	return fd;
}

static bool carries_fd(uint16_t type)
{
	return type == FRAME_SPOOL_FD || type == FRAME_KDF_FD ||
	    type == FRAME_FILLER_FD || type == FRAME_OPENER_FD;
}

static bool hand_over(struct peer *peer, const struct frame *frame)
{
	int fd = -1;

	if (carries_fd(frame->type)) {
		fd = next_fd(peer);
		if (fd < 0) {
			return false; /* the frame is nothing without it */
		}
	}
	peer->on_frame(peer, frame, fd, peer->arg);
	return true;
}

static void read_frames(struct peer *peer)
{
	size_t used = 0;

	while (!peer->gone && !peer->released) {
		struct frame frame;
		enum tl_err err = frame_get(peer->in.data + used,
		    peer->in.len - used, peer->theirs, &frame);

		if (err == TL_EAGAIN) {
			break;
		}
		if (err != TL_OK || !hand_over(peer, &frame)) {
			end_for_garbage(peer);
			break;
		}
		used += FRAME_HEAD_BYTES + frame.body_len;
	}
	buf_drop(&peer->in, used);
	if (peer->in.len == 0 && peer->in.cap > INPUT_KEEP_BYTES) {
		buf_free(&peer->in);
	}
}

/* Nothing more is there. Of who has closed it is the end: what they said
 * before was in the socket by then. */
static void had_all(struct peer *peer)
{
	if (peer->mute) {
		end_peer(peer);
	}
}

/* One read; false when there is nothing more to be had in this turn. */
static bool read_once(struct peer *peer, uint8_t *scratch, size_t len)
{
	bool ok;
	ssize_t got = receive(peer, scratch, len, &ok);

	if (got < 0) {
		if (errno == EAGAIN) {
			had_all(peer);
		} else if (errno != EINTR) {
			end_peer(peer);
		}
		return false;
	}
	if (got == 0) {
		end_peer(peer);
		return false;
	}
	buf_put(&peer->in, scratch, (size_t)got);
	wipe(scratch, (size_t)got);
	if (!ok) {
		end_for_garbage(peer);
	} else if (buf_err(&peer->in) != TL_OK) {
		end_peer(peer);
	} else {
		read_frames(peer);
	}
	return ((size_t)got == len || peer->mute) && !peer->gone &&
	    !peer->released;
}

static void read_cb(int fd, short what, void *arg)
{
	struct peer *peer = arg;
	uint8_t scratch[16u * 1024u];
	size_t total = 0;

	(void)fd;
	(void)what;
	enter(peer);
	while (total < READ_TURN_BYTES &&
	    read_once(peer, scratch, sizeof(scratch))) {
		total += sizeof(scratch);
	}
	if (peer->mute && !peer->gone && !peer->released) {
		event_active(peer->readable, EV_READ, 0);
	}
	leave(peer);
}

/* ---- out ----------------------------------------------------------------- */

/* A descriptor goes with the first byte of its frame, so that frame begins a
 * message of its own. */
static size_t gather(struct peer *peer, struct iovec *iov, int *ret_fd)
{
	struct out_frame *frame;
	size_t n = 0;

	*ret_fd = -1;
	TAILQ_FOREACH (frame, &peer->out, link) {
		if (n == WRITE_FRAMES || (n > 0 && frame->fd >= 0)) {
			break;
		}
		if (n == 0) {
			*ret_fd = frame->fd;
		}
		iov[n].iov_base = frame->bytes + frame->sent;
		iov[n].iov_len = frame->len - frame->sent;
		n++;
	}
	return n;
}

static ssize_t transmit(int to, struct iovec *iov, size_t n, int fd)
{
	union {
		struct cmsghdr align;
		uint8_t room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = n };

	if (fd >= 0) {
		msg.msg_control = control.room;
		msg.msg_controllen = sizeof(control.room);
		struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	}
	return sendmsg(to, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void forget_sent(struct peer *peer, size_t sent)
{
	while (sent > 0) {
		struct out_frame *frame = TAILQ_FIRST(&peer->out);
		size_t part = frame->len - frame->sent;

		part = part < sent ? part : sent;
		frame->sent += part;
		peer->out_bytes -= part;
		sent -= part;
		if (frame->fd >= 0) {
			(void)close(frame->fd);
			frame->fd = -1;
		}
		if (frame->sent == frame->len) {
			drop_frame(peer, frame);
		}
	}
}

/* What they said before they closed is still to be read, and then it is the
 * end. shutdown() would see to that as well; who may call it may shut the doors
 * of all processes that share them. */
static void stop_writing(struct peer *peer)
{
	peer->mute = true;
	while (!TAILQ_EMPTY(&peer->out)) {
		drop_frame(peer, TAILQ_FIRST(&peer->out));
	}
	event_active(peer->readable, EV_READ, 0);
}

static void write_frames(struct peer *peer)
{
	size_t total = 0;

	while (!TAILQ_EMPTY(&peer->out) && total < WRITE_TURN_BYTES) {
		struct iovec iov[WRITE_FRAMES];
		int fd;
		size_t n = gather(peer, iov, &fd);
		ssize_t sent = transmit(peer->fd, iov, n, fd);

		if (sent < 0 && errno == EINTR) {
			continue;
		}
		if (sent < 0 && errno == EAGAIN) {
			break;
		}
		if (sent < 0) {
			stop_writing(peer);
			return;
		}
		forget_sent(peer, (size_t)sent);
		total += (size_t)sent;
	}
	if (!TAILQ_EMPTY(&peer->out)) {
		(void)event_add(peer->writable, NULL);
	}
}

static void write_cb(int fd, short what, void *arg)
{
	struct peer *peer = arg;

	(void)fd;
	(void)what;
	enter(peer);
	if (!peer->gone) {
		write_frames(peer);
	}
	leave(peer);
}

static void queue_frame(
    struct peer *peer, enum frame_type type, struct bytes body, int fd)
{
	struct out_frame *frame;
	size_t len = FRAME_HEAD_BYTES + body.len;
	struct buf head;

	assert(body.len <= frame_max_bytes((uint16_t)type));
	frame = malloc(sizeof(*frame) + len);
	buf_init(&head, FRAME_HEAD_BYTES);
	buf_put_u32(&head, (uint32_t)body.len);
	buf_put_u16(&head, (uint16_t)type);
	buf_put_u16(&head, 0);
	if (frame == NULL || buf_err(&head) != TL_OK ||
	    peer->out_bytes + len > PEER_WAITING_MAX_BYTES) {
		free(frame);
		buf_free(&head);
		if (fd >= 0) {
			(void)close(fd);
		}
		end_peer(peer);
		return;
	}
	frame->fd = fd;
	frame->len = len;
	frame->sent = 0;
	memcpy(frame->bytes, head.data, FRAME_HEAD_BYTES);
	if (body.len > 0) {
		memcpy(frame->bytes + FRAME_HEAD_BYTES, body.at, body.len);
	}
	buf_free(&head);
	/* Activated, not added: it runs later in this turn, when others may
	 * have queued more, and epoll need not be told. */
	if (TAILQ_EMPTY(&peer->out)) {
		event_active(peer->writable, EV_WRITE, 0);
	}
	TAILQ_INSERT_TAIL(&peer->out, frame, link);
	peer->out_bytes += len;
}

/* ---- what the owner calls ------------------------------------------------ */

struct peer *peer_new(struct event_base *base, int fd, enum frame_from theirs,
    peer_frame_fn on_frame, peer_gone_fn on_gone, void *arg)
{
	struct peer *peer = calloc(1, sizeof(*peer));

	if (peer == NULL) {
		(void)close(fd);
		return NULL;
	}
	TAILQ_INIT(&peer->out);
	peer->fd = fd;
	peer->theirs = theirs;
	peer->on_frame = on_frame;
	peer->on_gone = on_gone;
	peer->arg = arg;
	/* A whole frame and what one read may bring of the next ones. */
	buf_init(&peer->in, FRAME_HEAD_BYTES + FRAME_BATCH_BYTES + 64u * 1024u);
	peer->readable =
	    event_new(base, fd, EV_READ | EV_PERSIST, read_cb, peer);
	peer->writable = event_new(base, fd, EV_WRITE, write_cb, peer);
	if (peer->readable == NULL || peer->writable == NULL ||
	    evutil_make_socket_nonblocking(fd) != 0 ||
	    event_add(peer->readable, NULL) != 0) {
		destroy(peer);
		return NULL;
	}
	return peer;
}

static bool may_send(const struct peer *peer)
{
	return !peer->mute && !peer->gone && !peer->released;
}

void peer_send(struct peer *peer, enum frame_type type, struct bytes body)
{
	if (may_send(peer)) {
		queue_frame(peer, type, body, -1);
	}
}

void peer_send_fd(struct peer *peer, enum frame_type type, int fd)
{
	int copy;

	if (!may_send(peer)) {
		return;
	}
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (copy < 0) {
		end_peer(peer);
		return;
	}
	queue_frame(peer, type, bytes_of(NULL, 0), copy);
}

size_t peer_waiting_bytes(const struct peer *peer)
{
	return peer->out_bytes;
}

void peer_flush(struct peer *peer)
{
	if (may_send(peer)) {
		write_frames(peer);
	}
}

void peer_free(struct peer *peer)
{
	if (peer == NULL || peer->released) {
		return;
	}
	peer->released = true;
	if (!peer->in_use) {
		destroy(peer);
	}
}
