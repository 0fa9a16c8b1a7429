/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/children: children of a generation that was given up are no
 * part of the next one, however long they take to end. Workers that never end
 * by themselves are ended.
 */
#include "server/intake/children.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "base/sandbox.h"
#include "server/net/listener.h"
#include "server/net/peer.h"
#include "tests/lib/tempdir.h"

static void one_that_was_given_up_is_not_taken_for_the_next(void **state)
{
	struct children children;
	struct child worker = { .kind = CHILD_WORKER, .generation = 1 };
	/* its peer is NULL, as children_end_lonely() leaves it */
	struct child given_up = { .kind = CHILD_KDF,
		.generation = 2,
		.ready = true,
		.draining = true };
	struct child next = { .kind = CHILD_WORKER, .ready = true };

	(void)state;
	TAILQ_INIT(&children);
	assert_int_equal(children_next_generation(&children, 0), 1);
	TAILQ_INSERT_TAIL(&children, &worker, link);
	assert_int_equal(children_next_generation(&children, 1), 2);
	TAILQ_INSERT_TAIL(&children, &given_up, link);
	next.generation = children_next_generation(&children, 1);
	assert_int_equal(next.generation, 3);
	TAILQ_INSERT_TAIL(&children, &next, link);
	children_introduce(&children, &next); /* to nobody */
	assert_false(children_are_ready(&children, next.generation, 1));
}

#define DAY_MS (UINT64_C(24) * 3600 * 1000)

/* A process that ends for nobody who asks, as a worker. */
static struct child *add_worker(struct children *children)
{
	struct child *worker = calloc(1, sizeof(*worker));

	assert_non_null(worker);
	worker->kind = CHILD_WORKER;
	worker->ready = true;
	worker->pid = fork();
	assert_true(worker->pid >= 0);
	if (worker->pid == 0) {
		if (sandbox_die_with_parent() != TL_OK) {
			_exit(1);
		}
		for (;;) {
			(void)pause();
		}
	}
	TAILQ_INSERT_TAIL(children, worker, link);
	return worker;
}

/* It lives, or it is ended now, by the call before this. */
static void expect_end(struct child *worker, bool ended)
{
	int status = 0;

	if (!ended) {
		assert_int_equal(waitpid(worker->pid, NULL, WNOHANG), 0);
		assert_int_equal(kill(worker->pid, SIGKILL), 0);
	}
	assert_int_equal(waitpid(worker->pid, &status, 0), worker->pid);
	assert_true(WIFSIGNALED(status));
	free(worker);
}

static void a_worker_that_does_not_leave_is_ended(void **state)
{
	const uint64_t begin_ms = 1000;
	const uint64_t upload_ms = UINT64_C(61) * 60 * 1000;
	struct children children;
	struct child *leaves, *serves;

	(void)state;
	TAILQ_INIT(&children);
	leaves = add_worker(&children);
	serves = add_worker(&children);
	leaves->draining = true;
	children_end_stubborn(&children, begin_ms);
	/* the longest upload, and its answer */
	children_end_stubborn(&children, begin_ms + upload_ms);
	assert_int_equal(waitpid(leaves->pid, NULL, WNOHANG), 0);
	children_end_stubborn(&children, begin_ms + 2 * upload_ms);
	expect_end(leaves, true);
	expect_end(serves, false);
}

static void a_worker_that_is_silent_is_ended(void **state)
{
	struct children children;
	struct child *silent, *talks, starting = { .kind = CHILD_WORKER };
	struct child kdf = { .kind = CHILD_KDF, .ready = true };

	(void)state;
	TAILQ_INIT(&children);
	silent = add_worker(&children);
	talks = add_worker(&children);
	starting.pid = kdf.pid = talks->pid;
	TAILQ_INSERT_TAIL(&children, &starting, link);
	TAILQ_INSERT_TAIL(&children, &kdf, link);
	for (unsigned i = 0; i < 60; i++) {
		children_end_stubborn(&children, 1000); /* no time goes by */
		talks->quiet = 0;
	}
	assert_int_equal(waitpid(silent->pid, NULL, WNOHANG), 0);
	children_end_stubborn(&children, 1000);
	expect_end(silent, true);
	expect_end(talks, false);
}

static void a_worker_is_used_up_after_a_day_whatever_it_says(void **state)
{
	struct children children;
	struct child *worker;

	(void)state;
	TAILQ_INIT(&children);
	worker = add_worker(&children);
	worker->started_ms = 500;
	children_end_stubborn(&children, DAY_MS);
	assert_false(worker->used_up);
	children_end_stubborn(&children, 500 + DAY_MS);
	assert_true(worker->used_up);
	expect_end(worker, false);
}

static void on_frame(
    struct peer *peer, const struct frame *frame, int fd, void *arg)
{
	(void)peer;
	(void)frame;
	(void)fd;
	(void)arg;
}

static void on_gone(struct peer *peer, void *arg)
{
	(void)peer;
	(void)arg;
}

static void who_wants_the_spool_again_and_again_waits(void **state)
{
	struct event_base *base = event_base_new();
	char *dir = tempdir_make();
	const char *path = tempdir_path(dir, "spool");
	struct children children;
	struct child worker = { .kind = CHILD_WORKER, .spool_fd = -1 };
	int ends[2], door;

	(void)state;
	TAILQ_INIT(&children);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	worker.peer =
	    peer_new(base, ends[0], FRAME_FROM_WORKER, on_frame, on_gone, NULL);
	assert_non_null(worker.peer);
	TAILQ_INSERT_TAIL(&children, &worker, link);
	/* nobody there: tried at each tick */
	worker.wants_spool = true;
	children_give_spool(&children, path, 5000);
	assert_true(worker.wants_spool);
	assert_int_equal(listener_unix(path, &door), TL_OK);
	children_give_spool(&children, path, 5100);
	assert_false(worker.wants_spool);
	worker.wants_spool = true;
	children_give_spool(&children, path, 6099);
	assert_true(worker.wants_spool);
	children_give_spool(&children, path, 6100);
	assert_false(worker.wants_spool);
	child_take_spool(&worker);
	peer_free(worker.peer);
	event_base_free(base);
	(void)close(ends[1]);
	(void)close(door);
	tempdir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    one_that_was_given_up_is_not_taken_for_the_next),
		cmocka_unit_test(who_wants_the_spool_again_and_again_waits),
		cmocka_unit_test(a_worker_that_does_not_leave_is_ended),
		cmocka_unit_test(a_worker_that_is_silent_is_ended),
		cmocka_unit_test(
		    a_worker_is_used_up_after_a_day_whatever_it_says),
	};

	return cmocka_run_group_tests_name(
	    "server/intake/children", tests, NULL, NULL);
}
