/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/intake/children.h"

#include <signal.h>

#include "server/net/peer.h"

/* A body may take an hour, then its answer; see net_deadlines_default. */
#define LEAVE_MOST_MS (UINT64_C(70) * 60 * 1000)
#define SERVE_MOST_MS (UINT64_C(24) * 3600 * 1000)
/* It says its counts each second. Rounds of the parent's, and no clock: after
 * a sleep of the host nobody has been silent. */
#define QUIET_MOST     60u
#define SPOOL_AGAIN_MS 1000u

size_t children_serving(
    const struct children *children, enum child_kind kind, unsigned generation)
{
	const struct child *child;
	size_t n = 0;

	TAILQ_FOREACH (child, children, link) {
		n += child->kind == kind && child->generation == generation &&
		    !child->draining && !child->retiring;
	}
	return n;
}

size_t children_leaving(const struct children *children)
{
	const struct child *child;
	size_t n = 0;

	TAILQ_FOREACH (child, children, link) {
		n += child->kind == CHILD_WORKER &&
		    (child->draining || child->retiring);
	}
	return n;
}

unsigned children_next_generation(
    const struct children *children, unsigned serving)
{
	const struct child *child;
	unsigned newest = serving;

	TAILQ_FOREACH (child, children, link) {
		if (child->generation > newest) {
			newest = child->generation;
		}
	}
	return newest + 1;
}

bool children_have_ready_worker(
    const struct children *children, unsigned generation)
{
	const struct child *child;

	TAILQ_FOREACH (child, children, link) {
		if (child->kind == CHILD_WORKER && child->ready &&
		    child->generation == generation) {
			return true;
		}
	}
	return false;
}

struct child *children_find(const struct children *children, pid_t pid)
{
	struct child *child;

	TAILQ_FOREACH (child, children, link) {
		if (child->pid == pid) {
			return child;
		}
	}
	return NULL;
}

bool children_are_ready(
    const struct children *children, unsigned generation, size_t workers)
{
	const struct child *child;
	size_t ready = 0;
	bool kdf = false;

	TAILQ_FOREACH (child, children, link) {
		if (child->generation == generation && child->ready &&
		    !child->draining && !child->retiring) {
			ready += child->kind == CHILD_WORKER;
			kdf = kdf || child->kind == CHILD_KDF;
		}
	}
	return kdf && ready >= workers;
}

void children_introduce(struct children *children, struct child *ready)
{
	struct child *other;

	TAILQ_FOREACH (other, children, link) {
		if (!other->ready || other->generation != ready->generation) {
			continue; /* another generation has another pepper */
		}
		if (ready->kind != CHILD_KDF && other->kind == CHILD_KDF) {
			child_introduce(ready, other);
		} else if (ready->kind == CHILD_KDF &&
		    other->kind != CHILD_KDF) {
			child_introduce(other, ready);
		}
	}
}

void children_give_spool(
    struct children *children, const char *path, uint64_t now_ms)
{
	struct child *child;

	TAILQ_FOREACH (child, children, link) {
		if (!child->wants_spool ||
		    (child->spool_fd >= 0 &&
			now_ms - child->spool_ms < SPOOL_AGAIN_MS)) {
			continue;
		}
		child_give_spool(child, path);
		if (!child->wants_spool) {
			child->spool_ms = now_ms;
		}
	}
}

static void drain(struct child *worker)
{
	if (worker->kind == CHILD_WORKER && !worker->draining &&
	    worker->peer != NULL) {
		worker->draining = true;
		peer_send(worker->peer, FRAME_DRAIN, bytes_of(NULL, 0));
	}
}

void children_drain_all(struct children *children)
{
	struct child *child;

	TAILQ_FOREACH (child, children, link) {
		drain(child);
	}
}

void children_drain_old(struct children *children, unsigned generation)
{
	struct child *child;

	TAILQ_FOREACH (child, children, link) {
		if (child->retiring || child->generation != generation) {
			drain(child);
		}
	}
}

void children_end_lonely(
    struct children *children, unsigned serving, unsigned newest)
{
	struct child *kdf, *other;

	TAILQ_FOREACH (kdf, children, link) {
		bool needed = kdf->kind == CHILD_WORKER ||
		    kdf->generation == serving || kdf->generation == newest;

		TAILQ_FOREACH (other, children, link) {
			needed = needed ||
			    (other->kind == CHILD_WORKER &&
				other->generation == kdf->generation);
		}
		if (!needed) {
			kdf->draining = true;
			peer_free(kdf->peer);
			kdf->peer = NULL;
		}
	}
}

void children_end_stubborn(struct children *children, uint64_t now_ms)
{
	struct child *child;

	TAILQ_FOREACH (child, children, link) {
		if (child->kind != CHILD_WORKER || !child->ready) {
			continue;
		}
		child->quiet++;
		if (child->draining && child->drained_ms == 0) {
			child->drained_ms = now_ms;
		}
		if (child->quiet > QUIET_MOST ||
		    (child->draining &&
			now_ms - child->drained_ms >= LEAVE_MOST_MS)) {
			(void)kill(child->pid, SIGKILL);
		}
		child->used_up = child->used_up ||
		    now_ms - child->started_ms >= SERVE_MOST_MS;
	}
}

void children_end_workers(const struct children *children)
{
	const struct child *child;

	TAILQ_FOREACH (child, children, link) {
		if (child->kind == CHILD_WORKER) {
			(void)kill(child->pid, SIGKILL);
		}
	}
}

enum frame_from children_speak_as(enum child_kind kind)
{
	static const enum frame_from speaks[] = {
		[CHILD_WORKER] = FRAME_FROM_WORKER,
		[CHILD_KDF] = FRAME_FROM_KDF,
		[CHILD_FILLER] = FRAME_FROM_DERIVER,
		[CHILD_OPENER] = FRAME_FROM_DERIVER,
	};

	return speaks[kind];
}
