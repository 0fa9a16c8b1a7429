/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/spool_link.h"

#include <unistd.h>

#include "base/dial.h"

/* A group is under way, or a checkpoint: longer than for watching. */
#define LIMIT_S     30u
#define PIECE_BYTES 65536u

enum tl_err spool_link_open(const char *path, struct spool_link *ret_link)
{
	struct spool_link link = { .fd = -1 };
	enum tl_err err = dial_unix(path, LIMIT_S, &link.fd);

	if (err == TL_OK) {
		buf_init(&link.in,
		    FRAME_HEAD_BYTES + FRAME_BATCH_BYTES + PIECE_BYTES);
		*ret_link = link;
	}
	return err;
}

static enum tl_err say(int fd, enum frame_type type, struct bytes body)
{
	struct buf out;
	enum tl_err err;
	size_t done = 0;

	buf_init(&out, FRAME_HEAD_BYTES + FRAME_BATCH_BYTES);
	frame_put(&out, type, body.at, body.len);
	err = buf_err(&out);
	while (err == TL_OK && done < out.len) {
		ssize_t n = write(fd, out.data + done, out.len - done);

		err = n > 0 ? TL_OK : TL_EIO;
		done += n > 0 ? (size_t)n : 0;
	}
	buf_free(&out);
	return err;
}

static enum tl_err hear(struct spool_link *link, struct frame *ret_frame)
{
	struct buf *in = &link->in;
	enum tl_err err = TL_EAGAIN;

	while (err == TL_EAGAIN) {
		uint8_t *to = buf_room(in, PIECE_BYTES);
		ssize_t n;

		if (to == NULL) {
			return buf_err(in);
		}
		n = read(link->fd, to, PIECE_BYTES);
		if (n <= 0) {
			return TL_EIO;
		}
		in->len -= PIECE_BYTES - (size_t)n;
		err = frame_get(in->data, in->len, FRAME_FROM_SPOOL, ret_frame);
	}
	return err;
}

enum tl_err spool_link_ask(struct spool_link *link, enum frame_type type,
    struct bytes body, struct frame *ret_frame)
{
	enum tl_err err = say(link->fd, type, body);

	buf_reset(&link->in);
	return err == TL_OK ? hear(link, ret_frame) : err;
}

void spool_link_close(struct spool_link *link)
{
	if (link->fd >= 0) {
		(void)close(link->fd);
		buf_free(&link->in);
	}
	link->fd = -1;
}
