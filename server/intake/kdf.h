/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/kdf.h - the child that knows the pepper of the receipt codes.
 *
 * Promise:   the pepper is in this process alone. A worker that asks for the
 *            code of a form is answered at once: with the code that this form
 *            was given before, or a ready one of 20 digits, or, while there is
 *            none, one of 25. What is slow, a deriver does meanwhile.
 * Knows not: sockets to the outside, tips, the spool.
 * Runs in:   a child of tipline-intake.
 * Disk:      reads the pepper before it is locked.
 */
#ifndef TL_INTAKE_KDF_H
#define TL_INTAKE_KDF_H

#include "config/config.h"

/*
 * The whole life of the child: read the pepper, lock, say ready over
 * parent_fd, answer the workers whose sockets the parent hands over. Returns
 * the exit status.
 */
int kdf_run(const struct config *config, int parent_fd);

/* Is the pepper one? Says what is wrong. One that is not there is right:
 * systemd hands it over at the start. */
TL_MUST_CHECK enum tl_err kdf_check(const struct config *config);

#endif
