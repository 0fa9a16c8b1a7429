/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/children.h - what the parent asks of its list of children.
 *
 * Runs in:   the parent.
 * Disk:      none.
 */
#ifndef TL_INTAKE_CHILDREN_H
#define TL_INTAKE_CHILDREN_H

#include "base/frame.h"
#include "server/intake/child.h"

TAILQ_HEAD(children, child);

/* Those of a generation that are not on their way out. */
size_t children_serving(
    const struct children *children, enum child_kind kind, unsigned generation);

/* Workers that are on their way out. */
size_t children_leaving(const struct children *children);

bool children_have_ready_worker(
    const struct children *children, unsigned generation);

/* NULL: nobody of ours. */
struct child *children_find(const struct children *children, pid_t pid);

/* Who speaks when a child of this kind does. */
enum frame_from children_speak_as(enum child_kind kind);

#endif
