/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/spool_link.h - speak with tipline-spool through its admin socket: a
 * frame, its answer.
 *
 * Runs in:   the tipline command. Blocks, for a few seconds at most.
 */
#ifndef TL_CLI_SPOOL_LINK_H
#define TL_CLI_SPOOL_LINK_H

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/frame.h"

struct spool_link {
	int fd;
	struct buf in;
};

/* Errors as dial_unix(). End it with spool_link_close(). */
TL_MUST_CHECK enum tl_err spool_link_open(
    const char *path, struct spool_link *ret_link);

/*
 * Say one frame and hear the next, which borrows from link until the next
 * call. TL_EIO: the spool is gone, or this user may not ask that; TL_EFORMAT:
 * no frame; TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err spool_link_ask(struct spool_link *link,
    enum frame_type type, struct bytes body, struct frame *ret_frame);

/* One that was not opened (fd -1) is fine. */
void spool_link_close(struct spool_link *link);

#endif
