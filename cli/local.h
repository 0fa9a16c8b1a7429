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
#define LOCAL_LIMIT_S      2u

/* GET target over HTTP from the unix socket at path; appends the body to body.
 * Errors as dial_unix(); TL_EFORMAT: no HTTP. */
TL_MUST_CHECK enum tl_err local_get(
    const char *path, const char *target, int *ret_status, struct buf *body);

#endif
