/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/sandbox.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum tl_err sandbox_basics(void)
{
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
		return TL_EPERM;
	}
	return TL_OK;
}

enum tl_err sandbox_die_with_parent(void)
{
	return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 ? TL_OK
							      : TL_EPERM;
}

static int by_number(const void *a, const void *b)
{
	const int *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void sandbox_close_but(int *keep, size_t n)
{
	unsigned first = 3;

	if (n > 0) {
		qsort(keep, n, sizeof(*keep), by_number);
	}
	for (size_t i = 0; i < n; i++) {
		if (keep[i] < (int)first) {
			continue;
		}
		if (keep[i] > (int)first) {
			(void)close_range(first, (unsigned)keep[i] - 1, 0);
		}
		first = (unsigned)keep[i] + 1;
	}
	(void)close_range(first, ~0u, 0);
}

/* ---- folders ------------------------------------------------------------- */

static bool is_known(const struct sandbox_folders *folders, int fd)
{
	struct stat new, old;

	if (fstat(fd, &new) != 0) {
		return false;
	}
	for (size_t i = 0; i < folders->n; i++) {
		if (fstat(folders->fds[i], &old) == 0 &&
		    old.st_dev == new.st_dev && old.st_ino == new.st_ino) {
			return true;
		}
	}
	return false;
}

enum tl_err sandbox_folders_add(
    struct sandbox_folders *folders, const char *path)
{
	enum tl_err err = TL_OK;
	char *real = realpath(path, NULL);
	struct stat st;
	char *slash;
	int fd;

	if (real == NULL || stat(real, &st) != 0) {
		free(real);
		return TL_OK;
	}
	slash = strrchr(real, '/');
	if (!S_ISDIR(st.st_mode)) {
		slash[slash == real ? 1 : 0] = '\0';
	}
	fd = open(real, O_PATH | O_DIRECTORY | O_CLOEXEC);
	free(real);
	if (fd < 0) {
		return TL_OK;
	}
	if (is_known(folders, fd)) {
		(void)close(fd);
	} else if (folders->n == SANDBOX_FOLDERS_MAX) {
		(void)close(fd);
		err = TL_ETOOBIG;
	} else {
		folders->fds[folders->n++] = fd;
	}
	return err;
}

enum tl_err sandbox_folders_add_file(
    struct sandbox_folders *folders, const char *path)
{
	int fd = open(path, O_PATH | O_CLOEXEC);
	struct stat st;

	if (fd < 0) {
		return TL_OK;
	}
	if (fstat(fd, &st) != 0 || S_ISDIR(st.st_mode)) {
		(void)close(fd);
		return TL_OK;
	}
	if (folders->n_files == SANDBOX_FILES_MAX) {
		(void)close(fd);
		return TL_ETOOBIG;
	}
	folders->files[folders->n_files++] = fd;
	return TL_OK;
}

void sandbox_folders_close(struct sandbox_folders *folders)
{
	for (size_t i = 0; i < folders->n; i++) {
		(void)close(folders->fds[i]);
	}
	for (size_t i = 0; i < folders->n_files; i++) {
		(void)close(folders->files[i]);
	}
	folders->n = 0;
	folders->n_files = 0;
}
