/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/backup_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/owner.h"

static void name_of_new(char new[static NAME_MAX + 1], const char *name)
{
	(void)snprintf(new, NAME_MAX + 1, "%s.new", name);
}

enum tl_err backup_file_new(int folder, const char *name, FILE **ret_file)
{
	char new[NAME_MAX + 1];
	FILE *file = NULL;
	enum tl_err err;
	int fd;

	name_of_new(new, name);
	/* of a try that was cut short; or a second name of another file */
	(void)unlinkat(folder, new, 0);
	fd = openat(folder, new,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		return errno == EACCES ? TL_EPERM : TL_EIO;
	}
	err = owner_of_folder(folder, fd);
	if (err == TL_OK) {
		file = fdopen(fd, "w+");
		err = file == NULL ? TL_ENOMEM : TL_OK;
	}
	if (err != TL_OK) {
		(void)close(fd);
		return err;
	}
	*ret_file = file;
	return TL_OK;
}

enum tl_err backup_file_place(int folder, const char *name, FILE *file)
{
	char new[NAME_MAX + 1];

	name_of_new(new, name);
	if (fflush(file) != 0) {
		return errno == ENOSPC || errno == EDQUOT || errno == EFBIG
		    ? TL_EFULL
		    : TL_EIO;
	}
	return fsync(fileno(file)) == 0 &&
		renameat(folder, new, folder, name) == 0 && fsync(folder) == 0
	    ? TL_OK
	    : TL_EIO;
}

void backup_file_drop(int folder, const char *name)
{
	char new[NAME_MAX + 1];

	name_of_new(new, name);
	(void)unlinkat(folder, new, 0);
}

enum tl_err backup_line_write(int folder, const char *name, const char *line)
{
	FILE *file = NULL;
	enum tl_err err = backup_file_new(folder, name, &file);

	if (err != TL_OK) {
		return err;
	}
	err = fprintf(file, "%s\n", line) < 0
	    ? TL_EIO
	    : backup_file_place(folder, name, file);
	(void)fclose(file);
	if (err != TL_OK) {
		backup_file_drop(folder, name);
	}
	return err;
}

enum tl_err backup_line_read(
    int folder, const char *name, char ret_line[static BACKUP_LINE_BYTES])
{
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	char line[BACKUP_LINE_BYTES];
	ssize_t n;

	if (fd < 0) {
		return errno == ENOENT ? TL_ENOENT : TL_EIO;
	}
	n = read(fd, line, sizeof(line));
	(void)close(fd);
	if (n < 0) {
		return TL_EIO;
	}
	if (n == 0 || memchr(line, '\n', (size_t)n) != line + n - 1 ||
	    memchr(line, 0, (size_t)n) != NULL) {
		return TL_EFORMAT;
	}
	line[n - 1] = '\0';
	memcpy(ret_line, line, (size_t)n);
	return TL_OK;
}
