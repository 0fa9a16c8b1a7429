/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/written.h - what officers have written on a case that decides whether it
 * may be told to others.
 *
 * Promise:   what cannot be read here is taken for the worst that it may say: a
 *            refusal, that officials are involved.
 * Runs in:   the desk. Pure.
 * Disk:      none.
 */
#ifndef TL_DESK_WRITTEN_H
#define TL_DESK_WRITTEN_H

#include <jansson.h>

#include "desk/gate.h"

/* Is this one of entry_list()'s sealed to a key that is not here, or none of
 * this event of this tip? */
bool written_is_unread(const json_t *entry);

/*
 * Set asked, unread and officials_involved. Of consent the newest counts, which
 * need not be the last one of a ledger, if another desk wrote it; what cannot
 * be read and is older than that is no matter for it.
 */
void written_take(const json_t *entries, struct gate_case *gate);

#endif
