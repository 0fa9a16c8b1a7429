/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/doctor_visit.h"

#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define SAID_BYTES 1024u

void doctor_tell(struct doctor *doctor, const char *format, ...)
{
	char said[SAID_BYTES];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(said, sizeof(said), format, args);
	va_end(args);
	doctor->say(doctor->arg, said);
	doctor->n++;
}

bool doctor_read(const struct doctor *doctor, const char *name,
    char ret_text[DOCTOR_FILE_BYTES])
{
	char path[PATH_MAX];
	size_t len = 0;
	ssize_t got;
	int fd;

	(void)snprintf(path, sizeof(path), "%s%s", doctor->root, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		return false;
	}
	while (len < DOCTOR_FILE_BYTES - 1 &&
	    (got = read(fd, ret_text + len, DOCTOR_FILE_BYTES - 1 - len)) > 0) {
		len += (size_t)got;
	}
	(void)close(fd);
	ret_text[len] = '\0';
	return true;
}
