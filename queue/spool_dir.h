/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/spool_dir.h - the spool's folder: ours alone, locked, with a reserve.
 *
 * Promise:   one process at a time has the folder; nothing in it is followed
 *            through a symlink or readable by others.
 * Knows not: SQLite.
 * Disk:      lock, reserve (both without content), and the files of the spool.
 */
#ifndef TL_QUEUE_SPOOL_DIR_H
#define TL_QUEUE_SPOOL_DIR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* Freed when the disk is full, so that receipts can still be worked off. */
#define SPOOL_RESERVE_BYTES (16u * 1024u * 1024u)

struct spool_dir {
	char *path; /* absolute, without symlinks; owned */
	int fd;
	int lock_fd; /* the lock lasts as long as it is open */
};

/*
 * Make the folder if there is none (its parent must be there), close it to
 * others, lock it. Ended with spool_dir_close(). TL_EBUSY: another process has
 * it. TL_EPERM: it is not ours, or the lock is no plain file. TL_ENOENT: no
 * parent. TL_EFULL, TL_EIO, TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err spool_dir_open(
    const char *path, struct spool_dir *ret_dir);

/* A zeroed struct and one that is closed already are fine. */
void spool_dir_close(struct spool_dir *dir);

/* fsync of the folder itself: what was made, renamed or removed is there. */
TL_MUST_CHECK enum tl_err spool_dir_sync(const struct spool_dir *dir);

/* Make name an empty file of mode 0600 if it is missing; if it is there, see
 * that it is a plain file of ours and close it to others. TL_EPERM. */
TL_MUST_CHECK enum tl_err spool_dir_own(
    const struct spool_dir *dir, const char *name);

bool spool_dir_has(const struct spool_dir *dir, const char *name);

/* Remove name; that it is not there is fine. */
TL_MUST_CHECK enum tl_err spool_dir_remove(
    const struct spool_dir *dir, const char *name);

/* Rename; never over a file that is there. TL_ENOENT if from is not. */
TL_MUST_CHECK enum tl_err spool_dir_rename(
    const struct spool_dir *dir, const char *from, const char *to);

/* The path of name in the folder, in memory that the caller frees; NULL: out
 * of memory. */
char *spool_dir_join(const struct spool_dir *dir, const char *name);

/* Bytes that may still be written in the folder; 0 if nobody can say. */
uint64_t spool_dir_free_bytes(const struct spool_dir *dir);

/* Have a whole reserve. That it cannot be had is no error: false. */
bool spool_dir_make_reserve(const struct spool_dir *dir);

/* Give the reserve back to the disk; false if there is none. */
bool spool_dir_drop_reserve(const struct spool_dir *dir);

#endif
