/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/new_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"

enum tl_err new_file(const char *path, struct bytes bytes)
{
	enum tl_err err = TL_OK;
	FILE *stream;
	int fd;

	fd = openat(AT_FDCWD, path,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	stream = fd < 0 ? NULL : fdopen(fd, "wb");
	if (stream == NULL) {
		say_error("cannot make %s; is there one already?", path);
		if (fd >= 0) {
			(void)close(fd);
			(void)unlink(path);
		}
		return TL_EIO;
	}
	/* it is said to be there: then it is, whatever happens to the host */
	if (fwrite(bytes.at, 1, bytes.len, stream) != bytes.len ||
	    fflush(stream) != 0 || fsync(fd) != 0) {
		err = TL_EIO;
	}
	if (fclose(stream) != 0) {
		err = TL_EIO;
	}
	if (err != TL_OK) {
		say_error("cannot write %s", path);
		(void)unlink(path);
	}
	return err;
}
