/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/local.h - ask the programs of this host through their admin sockets.
 *
 * Runs in:   the tipline command. Blocks, two seconds at most.
 */
#ifndef TL_CLI_LOCAL_H
#define TL_CLI_LOCAL_H

#include "base/buf.h"
#include "base/err.h"

#define LOCAL_ANSWER_BYTES ((size_t)128u * 1024u)

/*
 * Connect to the unix socket at path, with time limits set. TL_ENOENT: nobody
 * listens there; TL_EPERM: this user may not; TL_EINVAL: too long; TL_EIO.
 */
TL_MUST_CHECK enum tl_err local_connect(const char *path, int *ret_fd);

/* GET target over HTTP; appends the body to body. TL_EFORMAT: no HTTP. */
TL_MUST_CHECK enum tl_err local_get(
    const char *path, const char *target, int *ret_status, struct buf *body);

#endif
