/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/children.h - the parent's list of children: who is there, who
 * is brought together, who is told to go. When, the parent says.
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

/* The number of a new one: of nobody who is there, and behind serving. One that
 * was given up may still be there, and is not to be taken for the new one. */
unsigned children_next_generation(
    const struct children *children, unsigned serving);

/* A generation can serve: its kdf and so many workers are ready, and stay. */
bool children_are_ready(
    const struct children *children, unsigned generation, size_t workers);

/* ready has just said so: bring it and its generation's kdf together. */
void children_introduce(struct children *children, struct child *ready);

/*
 * Connections to the spool for those who want one. A second one in a second
 * waits: who was taken over could have the spool say all the time that
 * somebody speaks garbage, and its journal take no other line.
 */
void children_give_spool(
    struct children *children, const char *path, uint64_t now_ms);

/* Tell workers to end when they have answered: all; those that are replaced
 * or of another generation. */
void children_drain_all(struct children *children);
void children_drain_old(struct children *children, unsigned generation);

/*
 * A kdf, and what helps it, ends when it loses its parent's socket, and not
 * before the last worker that may still ask it. Those of the generation that
 * serves, and of the newest, stay.
 */
void children_end_lonely(
    struct children *children, unsigned serving, unsigned newest);

/*
 * One round, each second. A worker that was taken over, or hangs, does not end
 * because it is asked to: who says nothing for a minute, or was told to end and
 * is there still when the longest upload would be over, is ended. Who has
 * served for a day is used up, whatever it says of itself.
 */
void children_end_stubborn(struct children *children, uint64_t now_ms);

/* End all workers at once, whatever they do. */
void children_end_workers(const struct children *children);

/* Who speaks when a child of this kind does. */
enum frame_from children_speak_as(enum child_kind kind);

#endif
