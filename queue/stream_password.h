/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/stream_password.h - a Redis password from its file, at the start.
 *
 * The file holds one line. It must be readable by nobody but us: mode 0600,
 * 0400 or, as credentials of systemd have it, 0440.
 */
#ifndef TL_QUEUE_STREAM_PASSWORD_H
#define TL_QUEUE_STREAM_PASSWORD_H

#include "base/err.h"

#define STREAM_PASSWORD_BYTES 256u /* with the end */

/*
 * Read it; the caller wipes ret_password. Returns TL_ENOENT, TL_EPERM (mode,
 * no plain file, or not ours to read), TL_EFORMAT (empty, more than one
 * line, blanks or control characters), TL_ETOOBIG, TL_EIO.
 */
TL_MUST_CHECK enum tl_err stream_password_load(
    const char *path, char ret_password[static STREAM_PASSWORD_BYTES]);

#endif
