/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/read_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/wipe.h"

enum tl_err read_file(const char *path, struct buf *out)
{
	bool is_input = strcmp(path, "-") == 0;
	int fd = is_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	uint8_t piece[4096];
	ssize_t n;

	if (fd < 0) {
		return TL_ENOENT;
	}
	do {
		n = read(fd, piece, sizeof(piece));
		if (n > 0) {
			buf_put(out, piece, (size_t)n);
		}
	} while ((n > 0 && buf_err(out) == TL_OK) || (n < 0 && errno == EINTR));
	wipe(piece, sizeof(piece));
	if (!is_input) {
		(void)close(fd);
	}
	return n < 0 ? TL_EIO : buf_err(out);
}
