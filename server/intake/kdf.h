/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/kdf.h - the child that knows the pepper of the receipt codes.
 *
 * Promise:   the pepper is in this process alone. Workers ask for the code
 *            that belongs to a form and get it; a worker that was taken over
 *            can ask, and cannot try codes faster than it is answered.
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

#endif
