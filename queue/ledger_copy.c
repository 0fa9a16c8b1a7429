/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/ledger_copy.c - a copy of a ledger in another folder.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/owner.h"
#include "queue/ledger_inside.h"

#define COPY_BYTES 65536u

/* Bytes from at on to the end of to, which is at long. */
static enum tl_err copy_bytes(int from, int to, uint64_t at, uint64_t end)
{
	uint8_t bytes[COPY_BYTES];

	while (at < end) {
		size_t want =
		    end - at < sizeof(bytes) ? (size_t)(end - at) : COPY_BYTES;
		ssize_t n = pread(from, bytes, want, (off_t)at);
		enum tl_err err;

		if (n <= 0) {
			return TL_EIO;
		}
		err = ledger_write(to, bytes, (size_t)n);
		if (err != TL_OK) {
			return err;
		}
		at += (uint64_t)n;
	}
	return TL_OK;
}

/* Are the first len bytes of both the same? */
static enum tl_err compare_bytes(int from, int to, uint64_t len)
{
	uint8_t ours[COPY_BYTES], theirs[COPY_BYTES];

	for (uint64_t at = 0; at < len;) {
		size_t want =
		    len - at < sizeof(ours) ? (size_t)(len - at) : COPY_BYTES;
		ssize_t n = pread(from, ours, want, (off_t)at);

		if (n <= 0 || pread(to, theirs, (size_t)n, (off_t)at) != n) {
			return TL_EIO;
		}
		if (memcmp(ours, theirs, (size_t)n) != 0) {
			return TL_EEXIST;
		}
		at += (uint64_t)n;
	}
	return TL_OK;
}

/*
 * Is the file of that number there the beginning of ours? Else it may be all
 * that is left of another ledger, and one byte behind it would spoil it.
 * *more grows by what it lacks.
 */
static enum tl_err compare_file(const struct ledger *ledger, int folder,
    uint32_t number, uint64_t len, uint64_t *more)
{
	char name[LEDGER_NAME_BYTES];
	enum tl_err err = TL_EIO;
	struct stat st;
	int from = -1;
	int to;

	ledger_file_name(name, number);
	to = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (to < 0 && errno == ENOENT) {
		*more += len;
		return TL_OK;
	}
	from = openat(ledger->folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (from >= 0 && to >= 0 && fstat(to, &st) == 0) {
		err = (uint64_t)st.st_size > len
		    ? TL_EEXIST
		    : compare_bytes(from, to, (uint64_t)st.st_size);
	}
	if (err == TL_OK) {
		*more += len - (uint64_t)st.st_size;
	}
	if (from >= 0) {
		(void)close(from);
	}
	if (to >= 0) {
		(void)close(to);
	}
	return err;
}

/* As it was before this try: a disk that is full is so for the spool as well,
 * and of what was not synced nobody knows what is lost. */
static void take_back(int folder, const char *name, int to, off_t was)
{
	if (was == 0 || ftruncate(to, was) != 0) {
		(void)unlinkat(folder, name, 0);
	}
}

/* Bring the file of that number there to len bytes. */
static enum tl_err copy_file(
    const struct ledger *ledger, int folder, uint32_t number, uint64_t len)
{
	char name[LEDGER_NAME_BYTES];
	struct stat st;
	enum tl_err err = TL_EIO;
	int from = -1;
	int to = -1;

	ledger_file_name(name, number);
	from = openat(ledger->folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	to = openat(folder, name,
	    O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (from < 0 || to < 0 || fstat(to, &st) != 0) {
		goto out;
	}
	err = owner_of_folder(folder, to);
	if (err != TL_OK) {
		goto out;
	}
	err = copy_bytes(from, to, (uint64_t)st.st_size, len);
	if (err == TL_OK && fsync(to) != 0) {
		err = TL_EIO;
	}
	if (err != TL_OK) {
		take_back(folder, name, to, st.st_size);
	}
out:
	if (from >= 0) {
		(void)close(from);
	}
	if (to >= 0) {
		(void)close(to);
	}
	return err;
}

/* A file that another follows does not grow any more. */
static enum tl_err length_of(
    const struct ledger *ledger, uint32_t number, uint64_t *ret_len)
{
	char name[LEDGER_NAME_BYTES];
	struct stat st;

	if (number == ledger->file) {
		*ret_len = ledger->at;
		return TL_OK;
	}
	ledger_file_name(name, number);
	if (fstatat(ledger->folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		return TL_EIO;
	}
	*ret_len = (uint64_t)st.st_size;
	return TL_OK;
}

/* Before anything is written: is what is there of this ledger, and is there
 * room for the rest? */
static enum tl_err look_there(const struct ledger *ledger, int folder)
{
	char behind[LEDGER_NAME_BYTES];
	enum tl_err err = TL_OK;
	struct stat there, here;
	struct statvfs disk;
	uint64_t more = 0;

	if (fstat(folder, &there) != 0 || fstat(ledger->folder, &here) != 0) {
		return TL_EIO;
	}
	if (there.st_dev == here.st_dev && there.st_ino == here.st_ino) {
		return TL_EINVAL; /* all would be found copied */
	}

	ledger_file_name(behind, ledger->file + 1);
	if (faccessat(folder, behind, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		return TL_EEXIST;
	}
	for (uint32_t i = 1; i <= ledger->file && err == TL_OK; i++) {
		uint64_t len = 0;

		err = length_of(ledger, i, &len);
		if (err == TL_OK) {
			err = compare_file(ledger, folder, i, len, &more);
		}
	}
	/* some file systems do not say */
	if (err == TL_OK && fstatvfs(folder, &disk) == 0 && disk.f_blocks > 0 &&
	    more / disk.f_frsize >= disk.f_bavail && more > 0) {
		err = TL_EFULL;
	}
	return err;
}

static enum tl_err copy_into(const struct ledger *ledger, int folder)
{
	enum tl_err err = look_there(ledger, folder);

	for (uint32_t i = 1; i <= ledger->file && err == TL_OK; i++) {
		uint64_t len = 0;

		err = length_of(ledger, i, &len);
		if (err == TL_OK) {
			err = copy_file(ledger, folder, i, len);
		}
	}
	return err == TL_OK && fsync(folder) != 0 ? TL_EIO : err;
}

static enum tl_err open_made(const char *path, int *ret_folder)
{
	enum tl_err err = owner_mkdir(path);

	if (err != TL_OK && err != TL_EEXIST) {
		return TL_EIO;
	}
	*ret_folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *ret_folder < 0 ? TL_EIO : TL_OK;
}

enum tl_err ledger_copy(const struct ledger *ledger, const char *to)
{
	int folder = -1;
	enum tl_err err = open_made(to, &folder);

	if (err == TL_OK) {
		err = copy_into(ledger, folder);
		(void)close(folder);
	}
	return err;
}

/* ---- put back ----------------------------------------------------------- */

/* With all that is in it; it need not be there. */
static void remove_putting(int folder)
{
	int fd = openat(folder, LEDGER_PUTTING,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		(void)unlinkat(fd, entry->d_name, 0);
	}
	if (dir != NULL) {
		(void)closedir(dir);
	} else if (fd >= 0) {
		(void)close(fd);
	}
	(void)unlinkat(folder, LEDGER_PUTTING, AT_REMOVEDIR);
}

static enum tl_err make_putting(int folder, int *ret_fd)
{
	int fd;
	enum tl_err err;

	remove_putting(folder); /* of a try that was cut short */
	if (mkdirat(folder, LEDGER_PUTTING, 0700) != 0) {
		return TL_EIO;
	}
	fd = openat(folder, LEDGER_PUTTING,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	err = fd < 0 ? TL_EIO : owner_of_folder(folder, fd);
	if (err != TL_OK && fd >= 0) {
		(void)close(fd);
		return err;
	}
	*ret_fd = fd;
	return err;
}

/* What a desk has begun there meanwhile is not replaced. */
static enum tl_err move_file(int from, const char *name, int to)
{
	if (renameat2(from, name, to, name, RENAME_NOREPLACE) == 0) {
		return TL_OK;
	}
	if (errno == EINVAL) { /* a file system that knows no such rename */
		if (faccessat(to, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
			return TL_EEXIST;
		}
		return renameat(from, name, to, name) == 0 ? TL_OK : TL_EIO;
	}
	return errno == EEXIST ? TL_EEXIST : TL_EIO;
}

/* The first file last: without it nobody takes the others for a ledger. */
static enum tl_err move_up(const struct ledger *ledger, int from, int folder)
{
	char name[LEDGER_NAME_BYTES];
	enum tl_err err = TL_OK;
	uint32_t i;

	for (i = ledger->file; i > 0; i--) {
		ledger_file_name(name, i);
		err = i == 1 && fsync(folder) != 0
		    ? TL_EIO
		    : move_file(from, name, folder);
		if (err != TL_OK) {
			break;
		}
	}
	if (err == TL_OK && fsync(folder) != 0) {
		err = TL_EIO;
	}
	for (uint32_t moved = i + 1; err != TL_OK && moved <= ledger->file;
	     moved++) {
		ledger_file_name(name, moved);
		(void)unlinkat(folder, name, 0);
	}
	return err;
}

static bool is_there(int folder, uint32_t number)
{
	char name[LEDGER_NAME_BYTES];

	ledger_file_name(name, number);
	return faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/*
 * A power cut in move_up() leaves later files without the first: no ledger,
 * and in the way of this try. They go, if ours has the same bytes. TL_EEXIST:
 * some may be all that is left of another.
 */
static enum tl_err remove_moved(const struct ledger *ledger, int folder)
{
	char name[LEDGER_NAME_BYTES];
	size_t there = 0, ours = 0;
	uint64_t more = 0;
	enum tl_err err;

	if (is_there(folder, 1)) {
		return TL_OK; /* a ledger, as move_up() will say */
	}
	err = ledger_count_files(folder, &there);
	for (uint32_t i = 2; i <= ledger->file && err == TL_OK; i++) {
		uint64_t len = 0;

		ours += is_there(folder, i) ? 1 : 0;
		err = length_of(ledger, i, &len);
		if (err == TL_OK) {
			err = compare_file(ledger, folder, i, len, &more);
		}
	}
	if (err == TL_OK && there != ours) {
		err = TL_EEXIST;
	}
	for (uint32_t i = 2; i <= ledger->file && err == TL_OK; i++) {
		ledger_file_name(name, i);
		if (unlinkat(folder, name, 0) != 0 && errno != ENOENT) {
			err = TL_EIO;
		}
	}
	return err;
}

enum tl_err ledger_put_back(const struct ledger *ledger, const char *to)
{
	int folder = -1, putting = -1;
	enum tl_err err = open_made(to, &folder);

	if (err != TL_OK) {
		return err;
	}
	err = remove_moved(ledger, folder);
	if (err == TL_OK) {
		err = make_putting(folder, &putting);
	}
	if (err == TL_OK) {
		err = copy_into(ledger, putting);
	}
	if (err == TL_OK) {
		err = move_up(ledger, putting, folder);
	}
	if (putting >= 0) {
		(void)close(putting);
	}
	remove_putting(folder);
	(void)close(folder);
	return err;
}
