/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/parent with children that were taken over: they say what they
 * may say too often, and never end. The functions of child.h here stand in
 * for the real ones.
 */
#include "server/intake/parent.h"
#include "server/intake/teams.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/frame.h"
#include "base/sandbox.h"
#include "server/intake/child.h"
#include "tests/lib/net_client.h"

#define WORKERS  2u
#define DERIVERS 2u
#define TIMES    200u

#define WAIT_MAX_MS   30000u
#define TICKS_MORE_MS 1500u /* beyond the first of the rounds of a second */

/* What the parent did, and what its workers say; between processes. */
struct seen {
	unsigned started;
	unsigned introduced;
	enum frame_type said;
};
static struct seen *seen;

static void say(int fd, enum frame_type type)
{
	struct buf out;

	buf_init(&out, FRAME_HEAD_BYTES);
	frame_put(&out, type, NULL, 0);
	(void)send(fd, out.data, out.len, MSG_NOSIGNAL);
	buf_free(&out);
}

enum tl_err child_start(
    const struct child_plan *plan, pid_t *ret_pid, int *ret_fd)
{
	int ends[2];
	pid_t pid;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (sandbox_die_with_parent() != TL_OK) {
			_exit(1);
		}
		say(ends[1], FRAME_READY);
		for (unsigned i = 0; i < TIMES && plan->kind == CHILD_WORKER;
		     i++) {
			say(ends[1], seen->said);
		}
		for (;;) {
			(void)pause();
		}
	}
	(void)close(ends[1]);
	seen->started++;
	*ret_pid = pid;
	*ret_fd = ends[0];
	return TL_OK;
}

enum tl_err child_set_lists(struct child *worker, const struct teams *teams)
{
	(void)worker;
	(void)teams;
	return TL_OK;
}

void child_give_spool(struct child *worker, const char *path)
{
	(void)worker;
	(void)path;
}

void child_take_spool(struct child *worker)
{
	(void)worker;
}

void child_introduce(struct child *worker, struct child *kdf)
{
	(void)worker;
	(void)kdf;
	seen->introduced++;
}

/* What the parent is when a test forks it: never the test itself again. */
static void run_parent(void)
{
	/* cmocka's handler would go on with the next test in here */
	const struct sigaction deadly = { .sa_handler = SIG_DFL };
	struct setting setting = { .config = NULL };

	(void)sigaction(SIGSEGV, &deadly, NULL);
	if (config_parse(bytes_of(NULL, 0), "none", "/", NULL, NULL,
		&setting.config) == TL_OK &&
	    teams_load(&setting.config->intake, NULL, &setting.teams) ==
		TL_OK) {
		setting.config->intake.workers = WORKERS;
		(void)parent_run(&setting, NULL, 0);
	}
	_exit(0);
}

/* A parent whose workers say one thing again and again: it starts as many
 * children as wanted, brings as many together, and then no more of them. */
static void watch(
    enum frame_type said, unsigned wanted_started, unsigned wanted_introduced)
{
	uint64_t until_ms = client_now_ms() + WAIT_MAX_MS;
	int status;
	pid_t pid;

	*seen = (struct seen){ .said = said };
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		run_parent();
	}
	while ((seen->started < wanted_started ||
		   seen->introduced < wanted_introduced) &&
	    client_now_ms() < until_ms) {
		client_sleep_ms(10);
	}
	client_sleep_ms(TICKS_MORE_MS);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
	assert_int_equal(seen->started, wanted_started);
	assert_int_equal(seen->introduced, wanted_introduced);
}

static void each_child_is_brought_together_with_the_kdf_once(void **state)
{
	(void)state;
	watch(FRAME_READY, 1 + DERIVERS + WORKERS, DERIVERS + WORKERS);
}

/* Each replacement asks to be replaced, and none of them ends. */
static void workers_that_want_to_be_replaced_do_not_pile_up(void **state)
{
	(void)state;
	watch(FRAME_RETIRE, 1 + DERIVERS + 2 * WORKERS, DERIVERS + 2 * WORKERS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    each_child_is_brought_together_with_the_kdf_once),
		cmocka_unit_test(
		    workers_that_want_to_be_replaced_do_not_pile_up),
	};
	int status;

	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (seen == MAP_FAILED) {
		return 1;
	}
	status =
	    cmocka_run_group_tests_name("intake/parent", tests, NULL, NULL);
	(void)munmap(seen, sizeof(*seen));
	return status;
}
