/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/deriver.h - the child that does the slow step of receipt
 * codes for the kdf: 64 MiB and a tenth of a second each.
 *
 * Promise:   one at a time. The filler takes only time that nobody else
 *            wants.
 * Knows not: the pepper, codes, mailboxes, forms: it gets a hash and gives a
 *            hash.
 * Runs in:   children of tipline-intake: one fills the kdf's pool, one opens
 *            what is entered.
 * Disk:      none.
 */
#ifndef TL_INTAKE_DERIVER_H
#define TL_INTAKE_DERIVER_H

#include <stdbool.h>

/*
 * The whole life of the child: lock, say ready over parent_fd, answer the kdf
 * whose socket the parent hands over. Returns the exit status.
 */
int deriver_run(bool fills, int parent_fd);

#endif
