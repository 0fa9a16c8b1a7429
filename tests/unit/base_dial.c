/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * base/dial: another program's socket is reached, or one word says why not.
 */
#include "base/dial.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/tempdir.h"

static char *dir;

static int set_up(void **state)
{
	(void)state;
	dir = tempdir_make();
	return dir == NULL;
}

static int tear_down(void **state)
{
	(void)state;
	tempdir_remove(dir);
	return 0;
}

static int listen_at(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(strlen(path) < sizeof(at.sun_path));
	memcpy(at.sun_path, path, strlen(path));
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static void a_loop_gets_a_socket_that_never_blocks(void **state)
{
	int server = listen_at(tempdir_path(dir, "sock"));
	int fd = -1;

	(void)state;
	assert_int_equal(dial_unix(tempdir_path(dir, "sock"), 0, &fd), TL_OK);
	assert_true((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
	assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	(void)close(fd);
	(void)close(server);
}

static void a_command_waits_for_so_long_and_no_longer(void **state)
{
	int server = listen_at(tempdir_path(dir, "sock"));
	char byte;
	int fd = -1;

	(void)state;
	assert_int_equal(dial_unix(tempdir_path(dir, "sock"), 1, &fd), TL_OK);
	assert_true((fcntl(fd, F_GETFL) & O_NONBLOCK) == 0);
	assert_int_equal(read(fd, &byte, 1), -1); /* nobody answers */
	(void)close(fd);
	(void)close(server);
}

static void nobody_there_is_told_from_a_path_that_cannot_be(void **state)
{
	char too_long[200];
	int fd = 99;

	(void)state;
	(void)close(listen_at(tempdir_path(dir, "left")));
	memset(too_long, 'x', sizeof(too_long) - 1);
	too_long[sizeof(too_long) - 1] = '\0';
	assert_int_equal(
	    dial_unix(tempdir_path(dir, "none"), 0, &fd), TL_ENOENT);
	assert_int_equal(
	    dial_unix(tempdir_path(dir, "left"), 0, &fd), TL_ENOENT);
	assert_int_equal(dial_unix("", 0, &fd), TL_EINVAL);
	assert_int_equal(dial_unix(too_long, 0, &fd), TL_EINVAL);
	assert_int_equal(fd, 99);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_loop_gets_a_socket_that_never_blocks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_command_waits_for_so_long_and_no_longer, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    nobody_there_is_told_from_a_path_that_cannot_be, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests_name("base/dial", tests, NULL, NULL);
}
