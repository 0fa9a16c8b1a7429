/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/shown.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/owner.h"

#define NUMBER_BYTES 24u

static int open_folder(const char *folder)
{
	return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Digits and a line end, and no more. UINT64_MAX: it is none. */
static uint64_t parse(const char *text, size_t len)
{
	uint64_t number = 0;

	if (len < 2 || len > 19 || text[len - 1] != '\n') {
		return UINT64_MAX;
	}
	for (size_t i = 0; i < len - 1; i++) {
		if (text[i] < '0' || text[i] > '9') {
			return UINT64_MAX;
		}
		number = number * 10 + (uint64_t)(text[i] - '0');
	}
	return number;
}

uint64_t shown_read(const char *folder, uint64_t count)
{
	int dir = open_folder(folder);
	int fd = dir < 0
	    ? -1
	    : openat(dir, "shown", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	char text[NUMBER_BYTES];
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text));
	uint64_t number = len < 0 ? UINT64_MAX : parse(text, (size_t)len);

	if (fd >= 0) {
		(void)close(fd);
	}
	if (dir >= 0) {
		(void)close(dir);
	}
	return number > count ? 0 : number;
}

static bool write_new(int dir, uint64_t count)
{
	char text[NUMBER_BYTES];
	int len = snprintf(text, sizeof(text), "%" PRIu64 "\n", count);
	bool ok;
	int fd;

	/* of a try that was cut short; or a second name of another file */
	(void)unlinkat(dir, "shown.new", 0);
	fd = openat(dir, "shown.new",
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	ok = fd >= 0 && owner_of_folder(dir, fd) == TL_OK &&
	    write(fd, text, (size_t)len) == len;
	if (fd >= 0 && close(fd) != 0) {
		ok = false;
	}
	return ok;
}

enum tl_err shown_write(const char *folder, uint64_t count)
{
	int dir = open_folder(folder);
	/* a power cut may bring the one before back: then it is shown again */
	bool ok = dir >= 0 && write_new(dir, count) &&
	    renameat(dir, "shown.new", dir, "shown") == 0;

	if (dir >= 0) {
		(void)close(dir);
	}
	return ok ? TL_OK : TL_EIO;
}
