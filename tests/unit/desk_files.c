/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/store, desk/sender_job: where keys, passwords and the ledger are laid
 * out as tipline setup does it, who is taken while it parses what others say
 * can neither read a key nor destroy the ring.
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/landlock.h>

#include "base/sandbox.h"
#include "crypto/hash.h"
#include "crypto/start.h"
#include "desk/sender.h"
#include "desk/store_inside.h"
#include "queue/ledger.h"
#include "tests/lib/chain.h"
#include "tests/lib/tempdir.h"

static const char *const files[] = { "team.ring", "receipt.key", "desk.key",
	"intake.pub", "desk.pass", "admin.pass", "watch.pass", "phones-api",
	"wake-secret", "ledger/ledger-000001" };
#define FILES (sizeof(files) / sizeof(files[0]))

static char *folder;
static struct config *config;

static void complain(void *arg, const char *sentence)
{
	(void)arg;
	print_message("# %s\n", sentence);
}

static int set_up(void **state)
{
	static const char text[] =
	    "[redis]\nsocket = /s\ndesk_password_file = desk.pass\n"
	    "admin_password_file = admin.pass\n"
	    "sentinel_password_file = watch.pass\n"
	    "[desk]\nteam_ring = team.ring\nreceipt_key = receipt.key\n"
	    "signing_key = desk.key\nintake_keys = intake.pub\n"
	    "ledger = ledger\nalarm_url = https://example.org/\n"
	    "alarm_secret_file = wake-secret\n";

	(void)state;
	folder = tempdir_make();
	if (folder == NULL || crypto_start() != TL_OK ||
	    mkdir(tempdir_path(folder, "ledger"), 0700) != 0) {
		return -1;
	}
	for (size_t i = 0; i < FILES; i++) {
		int fd = open(tempdir_path(folder, files[i]),
		    O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

		if (fd < 0 || write(fd, "secret\n", 7) != 7 || close(fd) != 0) {
			return -1;
		}
	}
	return config_parse(bytes_of(text, sizeof(text) - 1), "test", folder,
		   complain, NULL, &config) == TL_OK
	    ? 0
	    : -1;
}

static int tear_down(void **state)
{
	(void)state;
	config_free(config);
	tempdir_remove(folder);
	return 0;
}

/* ---- who locks itself in ------------------------------------------------- */

static bool be_store(void)
{
	struct sandbox_folders folders = { .n = 0 };

	return store_may_use(config, &folders) == TL_OK &&
	    sandbox_enter(SANDBOX_STORE, &folders) == TL_OK;
}

static bool be_store_tcp(void)
{
	struct sandbox_folders folders = { .n = 0 };

	return store_may_use(config, &folders) == TL_OK &&
	    sandbox_enter(SANDBOX_STORE_TCP, &folders) == TL_OK;
}

static bool be_webhook(void)
{
	struct sandbox_folders folders = { .n = 0 };

	return sandbox_basics() == TL_OK &&
	    sender_may_read(config, config->desk.alarm_secret_file, &folders) ==
	    TL_OK &&
	    sandbox_read_only(&folders) == TL_OK;
}

static bool be_sender(void)
{
	return sandbox_basics() == TL_OK && sandbox_read_only(NULL) == TL_OK;
}

/* ---- what it tries --------------------------------------------------------
 */

#define READS  1
#define WRITES 2
#define CUTS   4
#define GOES   8
#define MAKES  16

static bool opens(const char *name, int flags)
{
	int fd = open(tempdir_path(folder, name), flags | O_CLOEXEC, 0600);

	if (fd >= 0) {
		(void)close(fd);
	}
	return fd >= 0;
}

static int all_of(const char *name)
{
	int done = 0;

	done |= opens(name, O_RDONLY) ? READS : 0;
	done |= opens(name, O_WRONLY) ? WRITES : 0;
	done |= opens(name, O_WRONLY | O_TRUNC) ? CUTS : 0;
	done |= unlink(tempdir_path(folder, name)) == 0 ? GOES : 0;
	return done;
}

static int make_beside(const char *name)
{
	char path[300];
	char *slash;

	(void)snprintf(path, sizeof(path), "%s", name);
	slash = strrchr(path, '/');
	(void)snprintf(slash == NULL ? path : slash + 1, 16, "new");
	return opens(path, O_WRONLY | O_CREAT | O_EXCL) ? MAKES : 0;
}

static int what_it_can(bool (*lock)(void), const char *name)
{
	int status = 0;
	pid_t child;

	(void)fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		_exit(lock() ? all_of(name) | make_beside(name) : 99);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool has_landlock(void)
{
	return !sandbox_is_relaxed() &&
	    syscall(__NR_landlock_create_ruleset, NULL, 0,
		LANDLOCK_CREATE_RULESET_VERSION) >= 1;
}

static void check(
    bool (*lock)(void), const char *const *readable, int otherwise)
{
	if (!has_landlock()) { /* sanitizers relax it: nothing to be seen */
		return;
	}
	for (size_t i = 0; i < FILES; i++) {
		int want = otherwise;

		for (size_t j = 0; readable[j] != NULL; j++) {
			want |= strcmp(readable[j], files[i]) == 0 ? READS : 0;
		}
		if (lock != be_webhook && lock != be_sender &&
		    strchr(files[i], '/') != NULL) {
			want = READS | WRITES | CUTS | GOES | MAKES;
		}
		print_message("# %s\n", files[i]);
		assert_int_equal(what_it_can(lock, files[i]), want);
	}
}

static void the_store_writes_the_ledger_and_reads_its_passwords(void **state)
{
	static const char *const readable[] = { "desk.pass", "admin.pass",
		"watch.pass", NULL };

	(void)state;
	check(be_store, readable, 0);
}

static void by_tcp_it_has_no_more(void **state)
{
	static const char *const readable[] = { "desk.pass", "admin.pass",
		"watch.pass", NULL };

	(void)state;
	check(be_store_tcp, readable, 0);
}

static void who_asks_for_names_reads_one_password(void **state)
{
	static const char *const readable[] = { "wake-secret", NULL };

	(void)state;
	check(be_webhook, readable, 0);
}

static void who_sends_writes_nothing(void **state)
{
	static const char *const readable[] = { NULL };

	(void)state;
	check(be_sender, readable, READS);
}

/* Eight records with two in a file, by a store that is locked in. */
static bool fills_files(bool (*lock)(void))
{
	const struct ledger_opts opts = { .folder = config->desk.ledger,
		.hash = hash_bytes,
		.file_max_bytes = 200 };
	struct ledger *ledger = NULL;
	struct ledger_fault fault;

	if (unlink(tempdir_path(folder, "ledger/ledger-000001")) != 0 ||
	    ledger_open(&opts, &ledger, &fault) != TL_OK || !lock()) {
		return false;
	}
	for (uint8_t i = 0; i < 8; i++) {
		struct ledger_record rec = chain_tip(i, "x");

		if (ledger_append(ledger, &rec) != TL_OK) {
			return false;
		}
	}
	return true;
}

static void a_full_file_of_the_ledger_is_followed_by_the_next(void **state)
{
	bool (*const locks[])(void) = { be_store, be_store_tcp };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		int status = 0;
		pid_t child;

		(void)fflush(NULL);
		child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			_exit(fills_files(locks[i]) ? 0 : 1);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
		assert_int_equal(
		    access(tempdir_path(folder, "ledger/ledger-000003"), F_OK),
		    0);
		(void)tear_down(state);
		assert_int_equal(set_up(state), 0);
	}
}

/* A host may know no name at all, not even its own. */
static void names_are_found_all_the_same(void **state)
{
	struct addrinfo *list = NULL;
	bool known = getaddrinfo("localhost", "443", NULL, &list) == 0;
	int status = 0;
	pid_t child;

	(void)state;
	if (known) {
		freeaddrinfo(list);
	}
	(void)fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		bool found = be_webhook() &&
		    (open("/etc/hosts", O_RDONLY | O_CLOEXEC) >= 0 ||
			errno == ENOENT) &&
		    (!known ||
			getaddrinfo("localhost", "443", NULL, &list) == 0);

		_exit(found ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(the_store_writes_the_ledger_and_reads_its_passwords),
		TEST(by_tcp_it_has_no_more),
		TEST(who_asks_for_names_reads_one_password),
		TEST(who_sends_writes_nothing),
		TEST(a_full_file_of_the_ledger_is_followed_by_the_next),
		TEST(names_are_found_all_the_same),
	};

	return cmocka_run_group_tests_name("desk/files", tests, NULL, NULL);
}
