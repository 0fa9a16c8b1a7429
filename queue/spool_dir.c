/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "queue/spool_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define LOCK_NAME    "lock"
#define RESERVE_NAME "reserve"

static enum tl_err err_of(int number)
{
	switch (number) {
	case ENOENT:
		return TL_ENOENT;
	case EACCES:
	case EPERM:
	case ELOOP:
	case ENOTDIR:
		return TL_EPERM;
	case ENOSPC:
	case EDQUOT:
		return TL_EFULL;
	case ENOMEM:
		return TL_ENOMEM;
	default:
		return TL_EIO;
	}
}

/* Ours, of this kind, and closed to everybody else. */
static enum tl_err make_private(int fd, mode_t kind, mode_t mode)
{
	struct stat st;

	if (fstat(fd, &st) != 0) {
		return err_of(errno);
	}
	if ((st.st_mode & S_IFMT) != kind || st.st_uid != geteuid()) {
		return TL_EPERM;
	}
	if ((st.st_mode & 07777) != mode && fchmod(fd, mode) != 0) {
		return err_of(errno);
	}
	return TL_OK;
}

static enum tl_err open_private(int dir_fd, const char *name, int *ret_fd)
{
	int fd = openat(dir_fd, name,
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	enum tl_err err;

	if (fd < 0) {
		return err_of(errno);
	}
	err = make_private(fd, S_IFREG, 0600);
	if (err != TL_OK) {
		(void)close(fd);
		return err;
	}
	*ret_fd = fd;
	return TL_OK;
}

enum tl_err spool_dir_open(const char *path, struct spool_dir *ret_dir)
{
	struct spool_dir dir = { .fd = -1, .lock_fd = -1 };
	enum tl_err err;

	if (mkdir(path, 0700) != 0 && errno != EEXIST) {
		return err_of(errno);
	}
	/* SQLite refuses a symlink anywhere in the path: resolve it here. */
	dir.path = realpath(path, NULL);
	if (dir.path == NULL) {
		return err_of(errno);
	}
	dir.fd = open(dir.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir.fd < 0) {
		err = err_of(errno);
		goto out;
	}
	err = make_private(dir.fd, S_IFDIR, 0700);
	if (err != TL_OK) {
		goto out;
	}
	err = open_private(dir.fd, LOCK_NAME, &dir.lock_fd);
	if (err != TL_OK) {
		goto out;
	}
	if (flock(dir.lock_fd, LOCK_EX | LOCK_NB) != 0) {
		err = errno == EWOULDBLOCK ? TL_EBUSY : err_of(errno);
		goto out;
	}

	*ret_dir = dir;
	dir = (struct spool_dir){ .fd = -1, .lock_fd = -1 };
out:
	spool_dir_close(&dir);
	return err;
}

void spool_dir_close(struct spool_dir *dir)
{
	if (dir->path == NULL) {
		return;
	}
	if (dir->lock_fd >= 0) {
		(void)close(dir->lock_fd);
	}
	if (dir->fd >= 0) {
		(void)close(dir->fd);
	}
	free(dir->path);
	*dir = (struct spool_dir){ .fd = -1, .lock_fd = -1 };
}

enum tl_err spool_dir_sync(const struct spool_dir *dir)
{
	return fsync(dir->fd) == 0 ? TL_OK : err_of(errno);
}

enum tl_err spool_dir_own(const struct spool_dir *dir, const char *name)
{
	int fd;
	enum tl_err err = open_private(dir->fd, name, &fd);

	if (err == TL_OK) {
		(void)close(fd);
	}
	return err;
}

bool spool_dir_has(const struct spool_dir *dir, const char *name)
{
	return faccessat(dir->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

enum tl_err spool_dir_remove(const struct spool_dir *dir, const char *name)
{
	if (unlinkat(dir->fd, name, 0) != 0 && errno != ENOENT) {
		return err_of(errno);
	}
	return TL_OK;
}

enum tl_err spool_dir_rename(
    const struct spool_dir *dir, const char *from, const char *to)
{
	if (renameat2(dir->fd, from, dir->fd, to, RENAME_NOREPLACE) != 0) {
		return errno == EEXIST ? TL_EEXIST : err_of(errno);
	}
	return TL_OK;
}

char *spool_dir_join(const struct spool_dir *dir, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", dir->path, name) < 0 ? NULL : path;
}

uint64_t spool_dir_free_bytes(const struct spool_dir *dir)
{
	struct statvfs fs;

	if (fstatvfs(dir->fd, &fs) != 0) {
		return 0;
	}
	return (uint64_t)fs.f_bavail * fs.f_frsize;
}

bool spool_dir_make_reserve(const struct spool_dir *dir)
{
	struct stat st;
	int fd;
	bool whole;

	if (open_private(dir->fd, RESERVE_NAME, &fd) != TL_OK) {
		return false;
	}
	whole = (fstat(fd, &st) == 0 && st.st_size == SPOOL_RESERVE_BYTES) ||
	    posix_fallocate(fd, 0, SPOOL_RESERVE_BYTES) == 0;
	(void)close(fd);
	if (!whole) {
		(void)spool_dir_drop_reserve(dir);
	}
	return whole;
}

bool spool_dir_drop_reserve(const struct spool_dir *dir)
{
	return unlinkat(dir->fd, RESERVE_NAME, 0) == 0;
}
