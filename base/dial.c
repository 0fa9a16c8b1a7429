/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/dial.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum tl_err dial_unix(const char *path, unsigned limit_s, int *ret_fd)
{
	const struct timeval limit = { .tv_sec = limit_s };
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int type = SOCK_STREAM | SOCK_CLOEXEC;
	size_t len = strlen(path);
	int fd;

	if (len == 0 || len >= sizeof(to.sun_path)) {
		return TL_EINVAL;
	}
	memcpy(to.sun_path, path, len);
	fd = socket(AF_UNIX, limit_s == 0 ? type | SOCK_NONBLOCK : type, 0);
	if (fd < 0) {
		return TL_EIO;
	}
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) != 0) {
		enum tl_err err = errno == EACCES ? TL_EPERM : TL_ENOENT;

		(void)close(fd);
		return err;
	}
	*ret_fd = fd;
	return TL_OK;
}
