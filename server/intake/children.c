/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/intake/children.h"

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
