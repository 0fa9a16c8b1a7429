/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/sender: what is wrong with what leaves is said at the start; each thing
 * is a process of its own, and garbage is the end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "crypto/start.h"
#include "desk/sender.h"
#include "tests/lib/tempdir.h"

static char *folder;

static int set_up(void **state)
{
	(void)state;
	folder = tempdir_make();
	return folder != NULL && crypto_start() == TL_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	tempdir_remove(folder);
	return 0;
}

static void put_file(const char *name, const char *text, mode_t mode)
{
	const char *path = tempdir_path(folder, name);
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void complain(void *arg, const char *sentence)
{
	(void)arg;
	print_message("# %s\n", sentence);
}

static struct config *config_of(const char *desk, const char *gateway)
{
	struct config *config = NULL;
	struct buf text;

	buf_init(&text, 4096);
	buf_put_str(&text,
	    "[redis]\nsocket = /s\n[desk]\nteam_ring = a\nreceipt_key = b\n"
	    "intake_keys = c\nledger = d\n");
	buf_put_str(&text, desk);
	if (gateway[0] != '\0') {
		buf_put_str(&text, "[gateway phones]\n");
		buf_put_str(&text, gateway);
	}
	assert_int_equal(config_parse(bytes_of(text.data, text.len), "test",
			     folder, complain, NULL, &config),
	    TL_OK);
	buf_free(&text);
	return config;
}

/* Each line alone is what is wrong. */
static void what_is_wrong_is_said_at_the_start(void **state)
{
#define GOOD "type = twilio\naccount = AC1\nnumber = +855\nsend = yes\n"
	static const struct {
		const char *desk, *gateway;
		bool wanted;
		enum tl_err err;
	} rows[] = {
		{ "", "", false, TL_OK },
		{ "", "type = twilio\n", false, TL_OK },
		{ "", GOOD "api_secret_file = secret\n", true, TL_OK },
		{ "", GOOD, true, TL_EINVAL },
		{ "", GOOD "api_secret_file = open\n", true, TL_EPERM },
		{ "", GOOD "api_secret_file = none\n", true, TL_EPERM },
		{ "", "type = telegram\nsend = yes\n", true, TL_EINVAL },
		{ "",
		    GOOD "api_secret_file = secret\napi_url = "
			 "http://example.org\n",
		    true, TL_EINVAL },
		{ "alarm_command = wake\n", "", true, TL_OK },
		{ "alarm_command = open\n", "", true, TL_EPERM },
		{ "alarm_command = none\n", "", true, TL_EPERM },
		{ "alarm_command = anybody\n", "", true, TL_EPERM },
		{ "alarm_url = https://example.org/a\n", "", true, TL_OK },
		{ "alarm_url = https://example.org/a\n"
		  "alarm_secret_file = secret\n",
		    "", true, TL_OK },
		{ "alarm_url = https://example.org/a\n"
		  "alarm_secret_file = open\n",
		    "", true, TL_EPERM },
		{ "alarm_secret_file = secret\n", "", false, TL_EINVAL },
		{ "alarm_url = https://example.org/a\nca_file = none\n", "",
		    true, TL_EPERM },
	};

	(void)state;
	put_file("secret", "password\n", 0600);
	put_file("open", "password\n", 0644);
	put_file("wake", "#!/bin/sh\n", 0755);
	put_file("anybody", "#!/bin/sh\n", 0777);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct config *config =
		    config_of(rows[i].desk, rows[i].gateway);

		if (sender_check(config) != rows[i].err ||
		    sender_is_wanted(config) != rows[i].wanted) {
			fail_msg(
			    "row %zu: %s%s", i, rows[i].desk, rows[i].gateway);
		}
		config_free(config);
	}
}

/* ---- the process --------------------------------------------------------- */

static int start(const struct config *config, pid_t *ret_pid)
{
	int ends[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	*ret_pid = fork();
	assert_true(*ret_pid >= 0);
	if (*ret_pid == 0) {
		(void)close(ends[0]);
		_exit(sender_run(config, ends[1]) == TL_ECLOSED ? 0 : 7);
	}
	(void)close(ends[1]);
	return ends[0];
}

static void ask(int fd, uint32_t req, enum alarm_what what)
{
	const struct sender_alarm alarm = { .req = req,
		.way = SENDER_COMMAND,
		.alarm = { .what = what,
		    .priority = 1,
		    .level = ALARM_SHIFT,
		    .count = 3,
		    .late_s = 121 } };
	struct buf body, frame;

	buf_init(&body, 64);
	buf_init(&frame, 64);
	sender_put_alarm(&body, &alarm);
	frame_put(&frame, FRAME_SENDER_ALARM, body.data, body.len);
	assert_int_equal(write(fd, frame.data, frame.len), frame.len);
	buf_free(&frame);
	buf_free(&body);
}

static struct sender_said hear(int fd)
{
	uint8_t bytes[FRAME_HEAD_BYTES + 7];
	struct sender_said said = { 0 };
	struct frame frame;

	assert_int_equal(
	    recv(fd, bytes, sizeof(bytes), MSG_WAITALL), sizeof(bytes));
	assert_int_equal(
	    frame_get(bytes, sizeof(bytes), FRAME_FROM_SENDER, &frame), TL_OK);
	assert_int_equal(sender_read_said(&frame, &said), TL_OK);
	return said;
}

static int end_of(pid_t pid)
{
	int status = 0;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void a_command_is_told_in_arguments_and_its_end_is_the_answer(
    void **state)
{
	struct config *config;
	struct sender_said said;
	const char *path = tempdir_path(folder, "told");
	char line[128] = "", script[512];
	FILE *file;
	pid_t pid;
	int fd;

	(void)state;
	(void)snprintf(script, sizeof(script),
	    "#!/bin/sh\n[ $1 = test ] && exit 3\necho \"$@\" >%s\n", path);
	put_file("call", script, 0700);
	config = config_of("alarm_command = call\n", "");
	fd = start(config, &pid);
	ask(fd, 5, ALARM_LATE);
	said = hear(fd);
	assert_int_equal(said.req, 5);
	assert_int_equal(said.said, SEND_TAKEN);
	ask(fd, 6, ALARM_TEST);
	said = hear(fd);
	assert_int_equal(said.req, 6);
	assert_int_equal(said.said, SEND_REFUSED);
	assert_int_equal(said.status, 3);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_non_null(fgets(line, sizeof(line), file));
	assert_int_equal(fclose(file), 0);
	assert_string_equal(line, "late 1 shift 3 121 -\n");
	/* its desk has gone */
	(void)close(fd);
	assert_int_equal(end_of(pid), 0);
	config_free(config);
}

static void what_is_beyond_its_room_is_not_sent(void **state)
{
	struct config *config;
	unsigned later = 0, taken = 0;
	const char *go = tempdir_path(folder, "go");
	char script[512];
	pid_t pid;
	int fd;

	(void)state;
	(void)snprintf(script, sizeof(script),
	    "#!/bin/sh\nuntil [ -e %s ]; do sleep 0.1; done\n", go);
	put_file("wait", script, 0700);
	config = config_of("alarm_command = wait\n", "");
	fd = start(config, &pid);
	for (uint32_t i = 0; i < 10; i++) {
		ask(fd, i, ALARM_LATE);
	}
	later += hear(fd).said == SEND_LATER ? 1 : 0;
	later += hear(fd).said == SEND_LATER ? 1 : 0;
	assert_int_equal(later, 2);
	put_file("go", "", 0600);
	for (unsigned i = 0; i < 8; i++) {
		taken += hear(fd).said == SEND_TAKEN ? 1 : 0;
	}
	assert_int_equal(taken, 8);
	(void)close(fd);
	assert_int_equal(end_of(pid), 0);
	config_free(config);
}

static void garbage_and_what_is_not_configured_are_the_end(void **state)
{
	static const uint8_t garbage[FRAME_HEAD_BYTES] = { 0, 0, 0, 1, 0, 99 };
	struct config *config =
	    config_of("alarm_url = https://example.org/a\n", "");
	pid_t pid;
	int fd;

	(void)state;
	fd = start(config, &pid);
	assert_int_equal(write(fd, garbage, sizeof(garbage)), sizeof(garbage));
	assert_int_equal(end_of(pid), 7);
	(void)close(fd);
	fd = start(config, &pid);
	ask(fd, 1, ALARM_LATE); /* a command: there is none */
	assert_int_equal(end_of(pid), 7);
	(void)close(fd);
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_wrong_is_said_at_the_start),
		cmocka_unit_test(
		    a_command_is_told_in_arguments_and_its_end_is_the_answer),
		cmocka_unit_test(what_is_beyond_its_room_is_not_sent),
		cmocka_unit_test(
		    garbage_and_what_is_not_configured_are_the_end),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
