/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "queue/stream_password.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/wipe.h"

static enum tl_err check_text(const char *text, size_t len)
{
	if (len == 0) {
		return TL_EFORMAT;
	}
	for (size_t i = 0; i < len; i++) {
		if (text[i] <= ' ' || text[i] > '~') {
			return TL_EFORMAT;
		}
	}
	return TL_OK;
}

/* 0440 is what a credential of systemd looks like where its file system has
 * access lists: the group bits are the mask. */
static bool mode_good(mode_t mode)
{
	mode_t bits = mode & 07777;

	return S_ISREG(mode) && (bits == 0600 || bits == 0400 || bits == 0440);
}

enum tl_err stream_password_load(
    const char *path, char ret_password[static STREAM_PASSWORD_BYTES])
{
	char text[STREAM_PASSWORD_BYTES + 1];
	struct stat st;
	ssize_t n;
	size_t len;
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	enum tl_err err;

	if (fd < 0) {
		return errno == ENOENT                  ? TL_ENOENT
		    : errno == EACCES || errno == ELOOP ? TL_EPERM
							: TL_EIO;
	}
	if (fstat(fd, &st) != 0 || !mode_good(st.st_mode)) {
		err = TL_EPERM;
		goto out;
	}
	n = read(fd, text, sizeof(text));
	err = n < 0 ? TL_EIO : (size_t)n == sizeof(text) ? TL_ETOOBIG : TL_OK;
	if (err != TL_OK) {
		goto out;
	}
	len = (size_t)n;
	if (len > 0 && text[len - 1] == '\n') {
		len--;
	}
	err = len < STREAM_PASSWORD_BYTES ? check_text(text, len) : TL_ETOOBIG;
	if (err != TL_OK) {
		goto out;
	}
	memcpy(ret_password, text, len);
	ret_password[len] = '\0';
out:
	wipe(text, sizeof(text));
	(void)close(fd);
	return err;
}
