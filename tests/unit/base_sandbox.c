/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * base/sandbox: from inside each profile, everything that an intruder would
 * try first is tried, in a child of its own that the kernel then ends.
 */
#include "base/sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
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
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/filter.h>
#include <linux/landlock.h>

#include "base/notify.h"
#include "base/sandbox_table.h"
#include "tests/lib/tempdir.h"

#define SURVIVED  40
#define NOT_READY 41
#define FAILED    42

/* Made before the sandbox is entered, for what is tried inside. */
struct given {
	int tcp;
	uint8_t *page;
};

/* Each gives whether it got through. */
static bool open_a_file(const struct given *given)
{
	(void)given;
	return open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0;
}

static bool make_a_file(const struct given *given)
{
	(void)given;
	return open("/tmp/tl-sandbox", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >=
	    0;
}

static bool make_a_socket(const struct given *given)
{
	(void)given;
	return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool make_a_raw_socket(const struct given *given)
{
	(void)given;
	return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) >= 0;
}

static bool connect_out(const struct given *given)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	/* refused by nobody there is got through */
	return connect(given->tcp, (const struct sockaddr *)&to, sizeof(to)) ==
	    0 ||
	    errno == ECONNREFUSED;
}

static bool listen_to_others(const struct given *given)
{
	return listen(given->tcp, 1) == 0;
}

static bool shut_a_door(const struct given *given)
{
	(void)shutdown(given->tcp, SHUT_RDWR);
	return true;
}

static bool shut_a_door_for_reading(const struct given *given)
{
	(void)shutdown(given->tcp, SHUT_RD);
	return true;
}

static bool filter_packets(const struct given *given)
{
	struct sock_filter none = BPF_STMT(BPF_RET | BPF_K, 0);
	const struct sock_fprog drop_all = { .len = 1, .filter = &none };

	return setsockopt(given->tcp, SOL_SOCKET, SO_ATTACH_FILTER, &drop_all,
		   sizeof(drop_all)) == 0;
}

static bool have_others_linger(const struct given *given)
{
	const struct linger long_time = { .l_onoff = 1, .l_linger = 30000 };

	return setsockopt(given->tcp, SOL_SOCKET, SO_LINGER, &long_time,
		   sizeof(long_time)) == 0;
}

static bool run_a_program(const struct given *given)
{
	char *const argv[] = { (char[]){ "true" }, NULL };

	(void)given;
	/* itself: a build that measures coverage writes before execv() */
	(void)syscall(__NR_execve, "/bin/true", argv, NULL);
	return false;
}

static bool have_a_child(const struct given *given)
{
	pid_t child = fork();

	(void)given;
	if (child == 0) {
		_exit(0);
	}
	return child > 0;
}

static bool be_alone_somewhere(const struct given *given)
{
	(void)given;
	return unshare(CLONE_NEWUSER) == 0;
}

static bool trace_another(const struct given *given)
{
	(void)given;
	return ptrace(PTRACE_ATTACH, 1, NULL, NULL) == 0;
}

static bool signal_another(const struct given *given)
{
	(void)given;
	return kill(1, 0) == 0;
}

static bool map_code(const struct given *given)
{
	(void)given;
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static bool make_memory_code(const struct given *given)
{
	return mprotect(given->page, 4096, PROT_READ | PROT_EXEC) == 0;
}

static bool be_dumpable_again(const struct given *given)
{
	(void)given;
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0;
}

#define OF(profile) (UINT32_C(1) << (profile))
#define ALL         (OF(SANDBOX_PROFILES) - 1)
#define CONNECTS \
	(OF(SANDBOX_PARENT) | OF(SANDBOX_SPOOL) | OF(SANDBOX_RELAY) | \
	    OF(SANDBOX_DESK) | OF(SANDBOX_STORE) | BY_TCP)
#define BY_TCP \
	(OF(SANDBOX_RELAY_TCP) | OF(SANDBOX_STORE_TCP) | OF(SANDBOX_SENDING))
#define SETS_OPTIONS CONNECTS
#define MAKES_FILES \
	(OF(SANDBOX_SPOOL) | OF(SANDBOX_STORE) | OF(SANDBOX_STORE_TCP))
#define HAS_FILES (OF(SANDBOX_KEYD_DESK) | OF(SANDBOX_PARENT) | MAKES_FILES)

static const struct {
	const char *call; /* as it is named */
	bool (*attempt)(const struct given *given);
	uint32_t ends;  /* profiles in which it is the end */
	uint32_t fails; /* profiles in which landlock refuses it, */
	long landlock;  /* from this version on */
} attempts[] = {
	{ "openat", open_a_file, ALL & ~HAS_FILES, HAS_FILES, 1 },
	{ "openat", make_a_file, ALL & ~MAKES_FILES, MAKES_FILES, 1 },
	{ "socket", make_a_socket, ALL & ~BY_TCP, 0, 0 },
	{ "socket", make_a_raw_socket, ALL, 0, 0 },
	{ "connect", connect_out, ALL & ~CONNECTS, CONNECTS & ~BY_TCP, 4 },
	{ "listen", listen_to_others, ALL & ~OF(SANDBOX_PARENT), 0, 0 },
	{ "shutdown", shut_a_door, ALL & ~OF(SANDBOX_PARENT), 0, 0 },
	{ "shutdown", shut_a_door_for_reading, ALL, 0, 0 },
	{ "setsockopt", filter_packets, ALL & ~SETS_OPTIONS, 0, 0 },
	{ "setsockopt", have_others_linger, ALL & ~SETS_OPTIONS, 0, 0 },
	{ "execve", run_a_program, ALL, 0, 0 },
	{ "clone", have_a_child, ALL & ~OF(SANDBOX_PARENT), 0, 0 },
	{ "unshare", be_alone_somewhere, ALL, 0, 0 },
	{ "ptrace", trace_another, ALL, 0, 0 },
	{ "kill", signal_another, ALL & ~OF(SANDBOX_PARENT), OF(SANDBOX_PARENT),
	    6 },
	{ "mmap", map_code, ALL, 0, 0 },
	{ "mprotect", make_memory_code, ALL, 0, 0 },
	{ "prctl", be_dumpable_again, ALL, 0, 0 },
};
#define ATTEMPTS (sizeof(attempts) / sizeof(attempts[0]))

/* Run in a child: what it said goes to said. Returns its wait status. */
static int in_child(enum sandbox_profile profile,
    bool (*attempt)(const struct given *given), char *said, size_t cap)
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
		    sandbox_enter(profile, NULL) != TL_OK) {
			_exit(NOT_READY);
		}
		_exit(attempt(&given) ? SURVIVED : FAILED);
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

			if ((attempts[i].ends & OF(p)) == 0) {
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

/* What of it this kernel has: its version, or less than 1. */
static long landlock(void)
{
	return syscall(__NR_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
}

static void what_a_call_may_not_reach_fails(void **state)
{
	/* Debian 12's kernel has version 2: files, and no addresses yet */
	long version = sandbox_is_relaxed() ? 0 : landlock();
	char said[512];

	(void)state;
	print_message("# landlock, version %ld\n", version);
	for (unsigned p = 0; p < SANDBOX_PROFILES; p++) {
		for (size_t i = 0; i < ATTEMPTS; i++) {
			int status;

			if ((attempts[i].fails & OF(p)) == 0 ||
			    version < attempts[i].landlock) {
				continue;
			}
			status = in_child(
			    p, attempts[i].attempt, said, sizeof(said));
			if (!WIFEXITED(status) ||
			    WEXITSTATUS(status) != FAILED) {
				fail_msg("%s: %s got through (status %x)",
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

static bool talk(const struct given *given)
{
	(void)mprotect(given->page, 4096, PROT_READ);
	free(malloc(300000));
	return write(STDERR_FILENO, "talks", 5) == 5;
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

static bool tell_the_manager(const struct given *given)
{
	(void)given;
	notify_watchdog();
	return true;
}

static void a_server_tells_its_service_manager(void **state)
{
	char said[512];

	(void)state;
	assert_int_equal(setenv("NOTIFY_SOCKET", "/no/such/socket", 1), 0);
	for (unsigned p = 0; p < SANDBOX_PROFILES; p++) {
		int status;

		if ((CONNECTS & OF(p)) == 0 || p == SANDBOX_SENDING) {
			continue;
		}
		status = in_child(p, tell_the_manager, said, sizeof(said));
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), SURVIVED);
	}
	assert_int_equal(unsetenv("NOTIFY_SOCKET"), 0);
}

static void folders_are_those_of_the_files(void **state)
{
	struct sandbox_folders folders = { .n = 0 };
	char *dir = tempdir_make();
	char inside[256], link[256], beside[256];
	int fd;

	(void)state;
	(void)snprintf(inside, sizeof(inside), "%s/in", dir);
	(void)snprintf(link, sizeof(link), "%s/link", dir);
	(void)snprintf(beside, sizeof(beside), "%s/in/file", dir);
	assert_int_equal(mkdir(inside, 0700), 0);
	fd = open(beside, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	(void)close(fd);
	assert_int_equal(symlink(beside, link), 0);
	assert_int_equal(sandbox_folders_add(&folders, link), TL_OK);
	assert_int_equal(sandbox_folders_add(&folders, inside), TL_OK);
	assert_int_equal(sandbox_folders_add(&folders, "/no/such"), TL_OK);
	assert_int_equal(folders.n, 1);
	assert_int_equal(sandbox_folders_add(&folders, "/"), TL_OK);
	assert_int_equal(folders.n, 2);
	sandbox_folders_close(&folders);
	assert_int_equal(folders.n, 0);
	tempdir_remove(dir);
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
		cmocka_unit_test(what_a_call_may_not_reach_fails),
		cmocka_unit_test(a_server_tells_its_service_manager),
		cmocka_unit_test(folders_are_those_of_the_files),
		cmocka_unit_test(what_was_refused_is_named_on_request),
		cmocka_unit_test(what_a_process_needs_is_allowed),
		cmocka_unit_test(relaxing_is_said_aloud),
		cmocka_unit_test(every_profile_has_a_row),
	};

	return cmocka_run_group_tests_name("base/sandbox", tests, NULL, NULL);
}
