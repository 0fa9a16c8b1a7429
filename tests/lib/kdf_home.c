/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/kdf_home.h"

#include <linux/sockios.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/rd.h"
#include "crypto/keyfile.h"
#include "crypto/random.h"
#include "server/intake/kdf.h"
#include "tests/lib/tempdir.h"

void kdf_home_start(struct kdf_home *home, unsigned pool)
{
	struct config config = { 0 };
	struct kdf_frame ready;
	int ends[2];

	home->dir = tempdir_make();
	random_bytes(home->pepper, sizeof(home->pepper));
	config.intake.pepper = strdup(tempdir_path(home->dir, "pepper.key"));
	assert_non_null(config.intake.pepper);
	config.intake.code_pool = pool;
	assert_int_equal(
	    keyfile_save(config.intake.pepper, KEY_PEPPER, home->pepper),
	    TL_OK);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	home->pid = fork();
	assert_true(home->pid >= 0);
	if (home->pid == 0) {
		(void)close(ends[0]);
		_exit(kdf_run(&config, ends[1]));
	}
	free(config.intake.pepper);
	(void)close(ends[1]);
	home->parent = ends[0];
	kdf_home_hear(home->parent, &ready);
	assert_int_equal(ready.type, FRAME_READY);
}

int kdf_home_join(struct kdf_home *home, enum frame_type type)
{
	union {
		struct cmsghdr align;
		uint8_t room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	uint8_t head[FRAME_HEAD_BYTES] = { [5] = (uint8_t)type };
	struct iovec iov = { .iov_base = head, .iov_len = sizeof(head) };
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &ends[1], sizeof(int));
	assert_int_equal(sendmsg(home->parent, &msg, 0), sizeof(head));
	(void)close(ends[1]);
	return ends[0];
}

int kdf_home_end(struct kdf_home *home)
{
	int status;

	(void)close(home->parent);
	assert_int_equal(waitpid(home->pid, &status, 0), home->pid);
	tempdir_remove(home->dir);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

void kdf_home_say(
    int fd, enum frame_type type, const void *body, size_t body_len)
{
	struct buf out;

	buf_init(&out, FRAME_HEAD_BYTES + body_len);
	frame_put(&out, type, body, body_len);
	assert_int_equal(buf_err(&out), TL_OK);
	assert_int_equal(
	    send(fd, out.data, out.len, MSG_NOSIGNAL), (int)out.len);
	buf_free(&out);
}

void kdf_home_is_read(int fd)
{
	int left = 1;

	for (int i = 0; i < KDF_PATIENCE_MS && left > 0; i++) {
		assert_int_equal(ioctl(fd, SIOCOUTQ, &left), 0);
		(void)poll(NULL, 0, left > 0 ? 1 : 0);
	}
	assert_int_equal(left, 0);
}

bool kdf_home_speaks(int fd, int wait_ms)
{
	struct pollfd one = { .fd = fd, .events = POLLIN };

	return poll(&one, 1, wait_ms) == 1;
}

static void take(int fd, uint8_t *to, size_t len)
{
	while (len > 0) {
		ssize_t got;

		assert_true(kdf_home_speaks(fd, KDF_PATIENCE_MS));
		got = read(fd, to, len);
		assert_true(got > 0);
		to += got;
		len -= (size_t)got;
	}
}

void kdf_home_hear(int fd, struct kdf_frame *ret_frame)
{
	uint8_t head[FRAME_HEAD_BYTES] = { 0 };
	struct rd rd = rd_of(head, sizeof(head));

	take(fd, head, sizeof(head));
	ret_frame->len = rd_u32(&rd);
	ret_frame->type = rd_u16(&rd);
	assert_true(ret_frame->len <= sizeof(ret_frame->body));
	take(fd, ret_frame->body, ret_frame->len);
}
