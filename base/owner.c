/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/owner.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The folder itself is read, not fd: that one keeps its place. */
static bool is_empty(int fd)
{
	int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = again < 0 ? NULL : fdopendir(again);
	const struct dirent *entry;
	bool empty = dir != NULL;

	if (dir == NULL) {
		if (again >= 0) {
			(void)close(again);
		}
		return false;
	}
	errno = 0;
	while (empty && (entry = readdir(dir)) != NULL) {
		empty = strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0;
	}
	empty = empty && errno == 0;
	(void)closedir(dir);
	return empty;
}

static enum tl_err give(int fd, const struct stat *to)
{
	struct stat st;

	if (fstat(fd, &st) != 0) {
		return TL_EIO;
	}
	if (st.st_uid == to->st_uid && st.st_gid == to->st_gid) {
		return TL_OK;
	}
	/* a second name for a file of root's, planted where root would make one
	 */
	if (S_ISREG(st.st_mode) && st.st_nlink > 1) {
		return TL_EPERM;
	}
	/* not the one that was just made, but another that whoever owns the
	 * folder above has put under its name */
	if (S_ISDIR(st.st_mode) && (st.st_uid != 0 || !is_empty(fd))) {
		return TL_EPERM;
	}
	/* EINVAL: our user namespace has no such user, so this root is nobody
	 * who could act for them */
	if (fchown(fd, to->st_uid, to->st_gid) != 0 && errno != EINVAL) {
		return errno == EPERM ? TL_EPERM : TL_EIO;
	}
	return TL_OK;
}

enum tl_err owner_of_folder(int folder, int fd)
{
	struct stat st;

	if (geteuid() != 0) {
		return TL_OK;
	}
	if (fstat(folder, &st) != 0) {
		return TL_EIO;
	}
	return st.st_uid == 0 ? TL_OK : give(fd, &st);
}

enum tl_err owner_place_open(const char *path, struct owner_place *ret_place)
{
	char above[PATH_MAX], name[PATH_MAX];
	struct owner_place place;
	const char *last;

	if (strlen(path) >= sizeof(above)) {
		errno = ENAMETOOLONG;
		return TL_EIO;
	}
	memcpy(above, path, strlen(path) + 1);
	memcpy(name, path, strlen(path) + 1);
	last = basename(name);
	if (strlen(last) >= sizeof(place.name)) {
		errno = ENAMETOOLONG;
		return TL_EIO;
	}
	memcpy(place.name, last, strlen(last) + 1);
	place.folder = open(dirname(above), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (place.folder < 0) {
		return TL_EIO;
	}
	*ret_place = place;
	return TL_OK;
}

void owner_place_close(struct owner_place *place)
{
	if (place->folder >= 0) {
		(void)close(place->folder);
	}
	place->folder = -1;
}

/* the group has no rights that matter: only the owner's are used */
static bool is_for_us(const struct stat *old)
{
	return geteuid() == 0 || old->st_uid == geteuid();
}

bool owner_may_replace(const char *path)
{
	struct stat st;

	return lstat(path, &st) != 0 || !S_ISREG(st.st_mode) || is_for_us(&st);
}

enum tl_err owner_of_old(const struct owner_place *place, int fd)
{
	struct stat st;

	if (fstatat(place->folder, place->name, &st, AT_SYMLINK_NOFOLLOW) !=
		0 ||
	    !S_ISREG(st.st_mode)) {
		return owner_of_folder(place->folder, fd);
	}
	if (geteuid() == 0) {
		return give(fd, &st);
	}
	return is_for_us(&st) ? TL_OK : TL_EPERM;
}

/* Make name in the folder, which is open: its own name may change meanwhile. */
static enum tl_err make_in(int folder, const char *name)
{
	enum tl_err err;
	int fd;

	if (mkdirat(folder, name, 0700) != 0) {
		return errno == EEXIST ? TL_EEXIST : TL_EIO;
	}
	if (geteuid() != 0) {
		return TL_OK;
	}
	fd = openat(
	    folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		return TL_EIO;
	}
	err = owner_of_folder(folder, fd);
	(void)close(fd);
	if (err == TL_EPERM) {
		errno = EPERM;
	}
	return err == TL_OK ? TL_OK : TL_EIO;
}

enum tl_err owner_mkdir(const char *path)
{
	char above[PATH_MAX], name[PATH_MAX];
	enum tl_err err;
	int folder;

	if (strlen(path) >= sizeof(above)) {
		errno = ENAMETOOLONG;
		return TL_EIO;
	}
	memcpy(above, path, strlen(path) + 1);
	memcpy(name, path, strlen(path) + 1);
	/* O_PATH: who may make something in it need not be allowed to list it
	 */
	folder = open(dirname(above), O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0) {
		return TL_EIO;
	}
	err = make_in(folder, basename(name));
	(void)close(folder);
	return err;
}
