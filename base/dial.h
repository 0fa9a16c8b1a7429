/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * base/dial.h - connect to another of our programs on this host.
 */
#ifndef TL_BASE_DIAL_H
#define TL_BASE_DIAL_H

#include "base/err.h"

/*
 * Connect to the unix socket at path. limit_s 0: a socket that never blocks,
 * for a loop; else one that blocks for so many seconds at most in each call.
 * Gives *ret_fd. TL_ENOENT: nobody listens there; TL_EPERM: this user may
 * not; TL_EINVAL: no path, or too long a one; TL_EIO: no socket to be had.
 */
TL_MUST_CHECK enum tl_err dial_unix(
    const char *path, unsigned limit_s, int *ret_fd);

#endif
