/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * base/sandbox: from inside each profile, everything that an intruder would
 * try first is tried, in a child of its own that the kernel then ends.
 */
#include "base/sandbox.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/sandbox_table.h"

#define SURVIVED  40
#define NOT_READY 41

/* Made before the sandbox is entered, for what is tried inside. */
struct given {
	int tcp;
	uint8_t *page;
};

static void open_a_file(const struct given *given)
{
	(void)given;
	(void)!open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static void make_a_file(const struct given *given)
{
	(void)given;
	(void)!open("/tmp/tl-sandbox", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
}

static void make_a_socket(const struct given *given)
{
	(void)given;
	(void)!socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static void connect_out(const struct given *given)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	(void)!connect(given->tcp, (const struct sockaddr *)&to, sizeof(to));
}

static void run_a_program(const struct given *given)
{
	char *const argv[] = { (char[]){ "true" }, NULL };

	(void)given;
	(void)execv("/bin/true", argv);
}

static void have_a_child(const struct given *given)
{
	(void)given;
	if (fork() == 0) {
		_exit(0);
	}
}

static void trace_another(const struct given *given)
{
	(void)given;
	(void)ptrace(PTRACE_ATTACH, 1, NULL, NULL);
}

static void signal_another(const struct given *given)
{
	(void)given;
	(void)kill(1, 0);
}

static void map_code(const struct given *given)
{
	(void)given;
	(void)mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void make_memory_code(const struct given *given)
{
	(void)mprotect(given->page, 4096, PROT_READ | PROT_EXEC);
}

static void be_dumpable_again(const struct given *given)
{
	(void)given;
	(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

#define ALL         UINT32_MAX
#define OF(profile) (UINT32_C(1) << (profile))

static const struct {
	const char *call; /* as it is named */
	void (*attempt)(const struct given *given);
	uint32_t refused_in; /* profiles */
} attempts[] = {
	{ "openat", open_a_file, ALL },
	{ "openat", make_a_file, ALL },
	{ "socket", make_a_socket, ALL },
	{ "connect", connect_out, ALL },
	{ "execve", run_a_program, ALL },
	{ "clone", have_a_child, OF(SANDBOX_KEYD) },
	{ "ptrace", trace_another, ALL },
	{ "kill", signal_another, OF(SANDBOX_KEYD) },
	{ "mmap", map_code, ALL },
	{ "mprotect", make_memory_code, ALL },
	{ "prctl", be_dumpable_again, ALL },
};
#define ATTEMPTS (sizeof(attempts) / sizeof(attempts[0]))

/* Run in a child: what it said goes to said. Returns its wait status. */
static int in_child(enum sandbox_profile profile,
    void (*attempt)(const struct given *given), char *said, size_t cap)
{
	struct given given = { .tcp = -1 };
	size_t len = 0;
	int ends[2], status = 0;
	ssize_t got;
	pid_t child;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	(void)fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		given.tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		given.page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		(void)dup2(ends[1], STDERR_FILENO);
		if (given.page == MAP_FAILED ||
		    sandbox_enter(profile, -1) != TL_OK) {
			_exit(NOT_READY);
		}
		attempt(&given);
		_exit(SURVIVED);
	}
	(void)close(ends[1]);
	while ((got = read(ends[0], said + len, cap - 1 - len)) > 0) {
		len += (size_t)got;
	}
	said[len] = '\0';
	(void)close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void each_attempt_ends_the_process(void **state)
{
	char said[512];

	(void)state;
	/* as in production, whatever the tests around this one want */
	assert_int_equal(unsetenv("TIPLINE_SANDBOX"), 0);
	for (unsigned p = 0; p < SANDBOX_PROFILES; p++) {
		for (size_t i = 0; i < ATTEMPTS; i++) {
			int status;

			if ((attempts[i].refused_in & OF(p)) == 0) {
				continue;
			}
			status = in_child(
			    p, attempts[i].attempt, said, sizeof(said));
			if (sandbox_is_relaxed()) {
				assert_non_null(strstr(said, "E121"));
				continue;
			}
			if (!sandbox_was_refused(status)) {
				fail_msg("%s: %s is not refused (status %x)",
				    sandbox_row(p)->name, attempts[i].call,
				    (unsigned)status);
			}
		}
	}
}

static void what_was_refused_is_named_on_request(void **state)
{
	char said[512];

	(void)state;
	assert_int_equal(setenv("TIPLINE_SANDBOX", "name", 1), 0);
	for (size_t i = 0; i < ATTEMPTS; i++) {
		int status = in_child(
		    SANDBOX_KEYD, attempts[i].attempt, said, sizeof(said));
		char want[64];

		if (sandbox_is_relaxed()) {
			continue;
		}
		(void)snprintf(want, sizeof(want), "sandbox: refused: %s\n",
		    attempts[i].call);
		assert_string_equal(said, want);
		assert_true(sandbox_was_refused(status));
	}
	assert_int_equal(unsetenv("TIPLINE_SANDBOX"), 0);
}

static void talk(const struct given *given)
{
	(void)mprotect(given->page, 4096, PROT_READ);
	free(malloc(300000));
	(void)!write(STDERR_FILENO, "talks", 5);
}

static void what_a_process_needs_is_allowed(void **state)
{
	char said[512];

	(void)state;
	for (unsigned p = 0; p < SANDBOX_PROFILES; p++) {
		int status = in_child(p, talk, said, sizeof(said));

		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), SURVIVED);
		assert_non_null(strstr(said, "talks"));
	}
}

static void relaxing_is_said_aloud(void **state)
{
	char said[512];
	int status;

	(void)state;
	assert_int_equal(setenv("TIPLINE_SANDBOX", "relaxed", 1), 0);
	status = in_child(SANDBOX_KEYD, talk, said, sizeof(said));
	assert_true(WIFEXITED(status));
	assert_non_null(strstr(said, "E121"));
	assert_int_equal(unsetenv("TIPLINE_SANDBOX"), 0);
}

static void every_profile_has_a_row(void **state)
{
	(void)state;
	for (unsigned p = 0; p < SANDBOX_PROFILES; p++) {
		const struct sandbox_row *row = sandbox_row(p);
		size_t n = 0;

		assert_non_null(row->name);
		while (n < SANDBOX_GROUPS_MAX && row->groups[n] != NULL) {
			assert_true(row->groups[n]->n > 0);
			n++;
		}
		assert_in_range(n, 1, SANDBOX_GROUPS_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_attempt_ends_the_process),
		cmocka_unit_test(what_was_refused_is_named_on_request),
		cmocka_unit_test(what_a_process_needs_is_allowed),
		cmocka_unit_test(relaxing_is_said_aloud),
		cmocka_unit_test(every_profile_has_a_row),
	};

	return cmocka_run_group_tests_name("base/sandbox", tests, NULL, NULL);
}
