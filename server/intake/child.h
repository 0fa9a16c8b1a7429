/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/child.h - one child process of the intake, seen from the
 * parent.
 *
 * Runs in:   the parent.
 */
#ifndef TL_INTAKE_CHILD_H
#define TL_INTAKE_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include "base/frame.h"
#include "server/intake/counts.h"
#include "server/intake/teams.h"
#include "server/intake/worker.h"

enum child_kind {
	CHILD_WORKER,
	CHILD_KDF,
	CHILD_FILLER, /* a deriver for the pool of codes */
	CHILD_OPENER, /* a deriver for codes that are entered */
};

/* A frame for each team, and the one that ends them. */
#define CHILD_LISTS_BYTES ((TEAMS_MAX + 1u) * (FRAME_HEAD_BYTES + 12u))

struct child {
	TAILQ_ENTRY(child) link;
	enum child_kind kind;
	pid_t pid;
	unsigned generation; /* which configuration it was started with */
	bool ready;
	bool draining; /* was told to end */
	bool used_up;  /* asked to be replaced */
	bool retiring; /* is replaced as soon as another is ready */
	bool wants_spool;
	int spool_fd; /* our copy of its connection to the spool; -1: none */
	uint64_t spool_ms; /* when it got that */
	/* a worker: what the spool hears of its lists before it hears of it */
	uint8_t lists[CHILD_LISTS_BYTES];
	size_t lists_len;
	struct peer *peer; /* NULL: it could not be made, or was ended */
	uint64_t started_ms;
	uint64_t drained_ms; /* seen draining since; 0: it is not */
	unsigned quiet;      /* a worker: rounds in which it said nothing */
	struct counts counts;
	void *parent; /* for the callbacks of peer */
};

struct child_plan {
	enum child_kind kind;
	struct worker_start start; /* config: of all kinds */
};

/*
 * Fork a child that lives by plan and never returns here. *ret_fd is the
 * parent's end of the socketpair to it. TL_EIO: no process or descriptor to
 * be had.
 */
TL_MUST_CHECK enum tl_err child_start(
    const struct child_plan *plan, pid_t *ret_pid, int *ret_fd);

/* The lists by which it seals, for the spool. TL_ENOMEM. */
TL_MUST_CHECK enum tl_err child_set_lists(
    struct child *worker, const struct teams *teams);

/*
 * Connect to the spool at path, tell it of the worker's lists and that these
 * are all, and hand the socket over: of lists the spool hears from us alone,
 * and not from one that was taken over. The connection that
 * it had before ends: one that was taken over cannot collect them until the
 * spool takes no more. If nobody listens, worker->wants_spool stays set.
 */
void child_give_spool(struct child *worker, const char *path);

/* End its connection to the spool, if it has one. */
void child_take_spool(struct child *worker);

/* Give kdf and another child each an end of a new socketpair. */
void child_introduce(struct child *other, struct child *kdf);

#endif
