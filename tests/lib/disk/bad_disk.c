/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/disk/bad_disk.h"
#include "tests/lib/tempdir.h"

#include <setjmp.h>
#include <stdarg.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

struct bad_disk disk;
uint8_t disk_acked[DISK_RECORDS];

/* ---- the calls ----------------------------------------------------------- */

void disk_path_of(int fd, char path[static 256])
{
	char link[64];
	ssize_t len;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, 255);
	assert_true(len > 0);
	path[len] = '\0';
}

/*
 * SQLite goes on when the folder's sync fails, which is why we sync it again
 * ourselves, and when the rollback journal is not wiped with which an empty
 * file is turned to WAL: there is no record yet, and the first write proves
 * the file.
 */
static bool may_hide(int fd)
{
	char path[256];
	struct stat st;

	disk_path_of(fd, path);
	return (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) ||
	    strstr(path, "-journal") != NULL;
}

static bool is_file(int fd)
{
	static const char end[] = "/spool.db";
	char path[256];
	size_t len;

	disk_path_of(fd, path);
	len = strlen(path);
	return len > strlen(end) && strcmp(path + len - strlen(end), end) == 0;
}

/* True if this call is to fail. */
static bool call(int fd)
{
	if (!disk.on) {
		return false;
	}
	if (disk.before_call != NULL) {
		disk.before_call();
	}
	disk.calls++;
	if (disk.calls != disk.fail_at) {
		return false;
	}
	disk.failed++;
	disk.failed_quietly = may_hide(fd);
	disk.failed_in_file = is_file(fd);
	errno = disk.error;
	return true;
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at)
{
	if (disk.file_full && is_file(fd)) {
		errno = ENOSPC;
		return -1;
	}
	return call(fd) ? -1 : syscall(SYS_pwrite64, fd, bytes, len, at);
}

int ftruncate64(int fd, off64_t len)
{
	return call(fd) ? -1 : (int)syscall(SYS_ftruncate, fd, len);
}

/* Nothing is really synced: what that would mean is remembered instead. */
int fdatasync(int fd)
{
	if (call(fd)) {
		return -1;
	}
	if (disk.on && disk.after_sync != NULL) {
		disk.after_sync(fd);
	}
	return 0;
}

int fsync(int fd)
{
	return fdatasync(fd);
}

/* ---- the load ------------------------------------------------------------ */

enum tl_err disk_put_group(
    struct spool_world *w, uint32_t first, uint32_t n, bool ack_early)
{
	enum tl_err err = TL_OK;
	enum tl_err end;
	bool known;

	for (uint32_t i = first; i < first + n && err == TL_OK; i++) {
		err = world_put(w, i, i % 5 == 0, NULL, &known);
		if (ack_early && err == TL_OK) {
			disk_acked[i] = ACK_PUT;
		}
	}
	if (err == TL_OK || err == TL_EFULL) {
		/* a group from which a record was refused is still one */
		end = spool_commit(w->spool);
		err = end != TL_OK ? end : err;
	}
	for (uint32_t i = first; i < first + n && err == TL_OK; i++) {
		disk_acked[i] = ACK_PUT;
	}
	return err;
}

enum tl_err disk_forget_one(struct spool_world *w, uint32_t n)
{
	enum tl_err err = world_forget(w, n);
	enum tl_err end;

	if (err == TL_OK) {
		/* the desk has it: from here on it may be there or not */
		disk_acked[n] = ACK_NEVER;
	}
	/* also what changed nothing has begun a group */
	if (err == TL_OK || err == TL_EFULL || err == TL_ENOENT) {
		end = spool_commit(w->spool);
		err = end != TL_OK ? end : err;
	}
	if (err == TL_OK) {
		disk_acked[n] = ACK_FORGOT;
	}
	return err == TL_ENOENT ? TL_OK : err;
}

/*
 * A step that met a failure and was answered TL_OK breaks the promise; but
 * for want of room a checkpoint is tried once more on the reserve.
 */
static bool check(
    const struct spool_world *w, enum tl_err err, unsigned failed_before)
{
	bool retried =
	    disk.error == ENOSPC && w->spool != NULL && disk.failed_in_file;

	if (disk.failed != failed_before && !disk.failed_quietly && !retried) {
		assert_int_not_equal(err, TL_OK);
	}
	return err == TL_OK || err == TL_EFULL;
}

enum tl_err disk_load(struct spool_world *w, bool ack_early)
{
	enum tl_err err = world_open(w);
	uint32_t n = 0;

	if (!check(w, err, 0) || err == TL_EFULL) {
		return err;
	}
	for (uint32_t round = 0; round < 6; round++) {
		unsigned failed = disk.failed;

		err = disk_put_group(w, n, round % 2 == 0 ? 1 : 5, ack_early);
		n += round % 2 == 0 ? 1 : 5;
		if (!check(w, err, failed)) {
			return err;
		}
		failed = disk.failed;
		err = disk_forget_one(w, n - 1);
		if (!check(w, err, failed)) {
			return err;
		}
		if (round == 1) {
			failed = disk.failed;
			err = spool_pause(w->spool);
			if (!check(w, err, failed)) {
				return err;
			}
		}
		if (round == 3) {
			failed = disk.failed;
			err = disk_put_group(w, 20, 20, ack_early);
			if (!check(w, err, failed)) {
				return err;
			}
			failed = disk.failed;
			err = spool_idle(w->spool);
			if (!check(w, err, failed)) {
				return err;
			}
		}
	}
	return spool_finish(w->spool);
}

unsigned disk_count_lost(struct spool_world *w, const uint8_t *promised)
{
	struct spool_seen seen;
	unsigned lost = 0;

	for (uint32_t n = 0; n < DISK_RECORDS; n++) {
		bool there = world_has(w, n);

		lost += (promised[n] == ACK_PUT && !there) ||
			(promised[n] == ACK_FORGOT && there)
		    ? 1
		    : 0;
	}
	/* all that is there has its bytes, and can be put beside */
	while (world_take(w, 64, &seen) > 0) {
	}
	world_keep(w, 1000, 3, false);
	return lost;
}

void disk_start_over(struct spool_world *w)
{
	spool_close(w->spool);
	w->spool = NULL;
	tempdir_remove_tree(w->dir);
	memset(disk_acked, ACK_NEVER, sizeof(disk_acked));
	memset(&disk, 0, sizeof(disk));
	/* The log is moved into the file between groups too, and kept at its
	 * length: as it is every 8192 pages. */
	w->opts.log_pages = 24;
}
