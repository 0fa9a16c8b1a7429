/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/passphrase.h - get the passphrase from the person at the keyboard, or
 * from the file that TIPLINE_PASSPHRASE_FILE names.
 *
 * Runs in:   tipline.
 * Disk:      reads that file; it must be 0600 or stricter.
 */
#ifndef TL_CLI_PASSPHRASE_H
#define TL_CLI_PASSPHRASE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define PASSPHRASE_MAX_BYTES 1024u
/* What keygen asks of a new one. */
#define PASSPHRASE_MIN_CHARS 12u

/*
 * Append the passphrase, without its line end, to out, which is wiped when
 * it is freed. From the file if the environment names one; else from the
 * terminal without echo, asked a second time if twice is set; else one line
 * of standard input. Says itself what went wrong. TL_EPERM: mode of the
 * file. TL_EPROOF: the two differ. TL_EINVAL: empty. TL_ETOOBIG, TL_ENOENT,
 * TL_EIO, TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err passphrase_read(
    const char *prompt, bool twice, struct buf *out);

/*
 * The same for a new one, asked twice, from the file that the environment's
 * variable names, if it does. TL_EINVAL, said, if it is too short.
 */
TL_MUST_CHECK enum tl_err passphrase_new(
    const char *variable, const char *prompt, struct buf *out);

/*
 * Append the name of the officer whose passphrase is to be read: what the
 * environment's TIPLINE_OFFICER says; else nothing if there is one officer
 * only; else asked for at the terminal. TL_EINVAL, said, if nobody is there to
 * ask. Other errors as passphrase_read().
 */
TL_MUST_CHECK enum tl_err passphrase_officer(
    size_t n_officers, struct buf *out);

#define PASSPHRASE_OFFICER      "TIPLINE_OFFICER"
#define PASSPHRASE_VARIABLE     "TIPLINE_PASSPHRASE_FILE"
#define PASSPHRASE_NEW_VARIABLE "TIPLINE_NEW_PASSPHRASE_FILE"

#endif
