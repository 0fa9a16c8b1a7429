/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/secret_file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "crypto/secret.h"

#define SECRET_MAX_BYTES 512u

enum tl_err secret_file_read(const char *path, char **ret_secret)
{
	char *secret = secret_alloc(SECRET_MAX_BYTES + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat info;
	ssize_t len = -1;

	if (fd >= 0 && secret != NULL && fstat(fd, &info) == 0 &&
	    (info.st_mode & 037) == 0) {
		len = read(fd, secret, SECRET_MAX_BYTES);
	}
	if (fd >= 0) {
		(void)close(fd);
	}
	if (len <= 0 || (size_t)len == SECRET_MAX_BYTES) {
		say_error("cannot use %s: it must hold one line, readable by"
			  " this user and by nobody else (chmod 600)",
		    path);
		secret_free(secret);
		return TL_EPERM;
	}
	secret[len] = '\0';
	secret[strcspn(secret, "\r\n")] = '\0';
	*ret_secret = secret;
	return TL_OK;
}
