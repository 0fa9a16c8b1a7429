/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/intake/child.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/dial.h"
#include "base/program.h"
#include "base/sandbox.h"
#include "server/intake/deriver.h"
#include "server/intake/kdf.h"
#include "server/net/peer.h"

/*
 * The terminal's and the service manager's signals are for the parent, which
 * lets the children finish their answers first.
 */
static void forget_signals(void)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	const struct sigaction normal = { .sa_handler = SIG_DFL };

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++) {
		(void)sigaction(ignored[i], &ignore, NULL);
	}
	(void)sigaction(SIGCHLD, &normal, NULL);
}

static int live(const struct child_plan *plan, int fd)
{
	int keep[DOORS_MAX + 1];
	size_t n = 0;

	forget_signals();
	if (sandbox_die_with_parent() != TL_OK) {
		return EXIT_STATUS_FAILED;
	}
	keep[n++] = fd;
	for (size_t i = 0;
	     plan->kind == CHILD_WORKER && i < plan->start.n_doors; i++) {
		keep[n++] = plan->start.doors[i].fd;
	}
	sandbox_close_but(keep, n);
	switch (plan->kind) {
	case CHILD_KDF:
		return kdf_run(plan->start.config, fd);
	case CHILD_FILLER:
		return deriver_run(true, fd);
	case CHILD_OPENER:
		return deriver_run(false, fd);
	case CHILD_WORKER:
		break;
	}
	return worker_run(&plan->start, fd);
}

enum tl_err child_start(
    const struct child_plan *plan, pid_t *ret_pid, int *ret_fd)
{
	sigset_t all, before;
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
		return TL_EIO;
	}
	/* a signal between fork and forget_signals() would go through the
	 * parent's handler in the child */
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_BLOCK, &all, &before);
	pid = fork();
	if (pid == 0) {
		(void)close(ends[0]);
		forget_signals();
		(void)sigprocmask(SIG_SETMASK, &before, NULL);
		_exit(live(plan, ends[1]));
	}
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	(void)close(ends[1]);
	if (pid < 0) {
		(void)close(ends[0]);
		return TL_EIO;
	}
	*ret_pid = pid;
	*ret_fd = ends[0];
	return TL_OK;
}

static void put_list(
    struct buf *out, const uint8_t id[static 8], uint32_t number)
{
	frame_put_head(out, FRAME_LIST, 12);
	buf_put(out, id, 8);
	buf_put_u32(out, number);
}

enum tl_err child_set_lists(struct child *worker, const struct teams *teams)
{
	static const uint8_t nobody[8];
	uint8_t id[8];
	uint32_t number;
	struct buf out;
	enum tl_err err;

	buf_init(&out, sizeof(worker->lists));
	for (size_t i = 0; teams_list(teams, i, id, &number); i++) {
		put_list(&out, id, number);
	}
	put_list(&out, nobody, 0); /* no more than these */
	err = buf_err(&out);
	if (err == TL_OK) {
		memcpy(worker->lists, out.data, out.len);
		worker->lists_len = out.len;
	}
	buf_free(&out);
	return err;
}

static bool tell_lists(const struct child *worker)
{
	/* nothing was said there yet: there is room for all of it */
	return send(worker->spool_fd, worker->lists, worker->lists_len,
		   MSG_NOSIGNAL) == (ssize_t)worker->lists_len;
}

void child_give_spool(struct child *worker, const char *path)
{
	child_take_spool(worker);
	/* nobody there: the next tick tries again */
	if (dial_unix(path, 0, &worker->spool_fd) != TL_OK) {
		return;
	}
	if (!tell_lists(worker)) {
		child_take_spool(worker);
		return;
	}
	peer_send_fd(worker->peer, FRAME_SPOOL_FD, worker->spool_fd);
	worker->wants_spool = false;
}

void child_take_spool(struct child *worker)
{
	if (worker->spool_fd >= 0) {
		/* whoever else has a copy has nothing in it */
		(void)shutdown(worker->spool_fd, SHUT_RDWR);
		(void)close(worker->spool_fd);
		worker->spool_fd = -1;
	}
}

void child_introduce(struct child *other, struct child *kdf)
{
	static const enum frame_type to_kdf[] = {
		[CHILD_WORKER] = FRAME_KDF_FD,
		[CHILD_FILLER] = FRAME_FILLER_FD,
		[CHILD_OPENER] = FRAME_OPENER_FD,
	};
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
		return; /* /healthz says so; the next kdf or worker mends it */
	}
	peer_send_fd(other->peer, FRAME_KDF_FD, ends[0]);
	peer_send_fd(kdf->peer, to_kdf[other->kind], ends[1]);
	(void)close(ends[0]);
	(void)close(ends[1]);
}
