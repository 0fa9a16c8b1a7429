/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * base/owner.h - whose it is, what root makes in the place of another user.
 *
 * Promise:   a program that runs as that user can go on with what a command
 *            of root left in its folder.
 * Runs in:   commands that write. Who is not root gives nothing away, and no
 *            call is made that a sandbox refuses.
 * Disk:      owner and group of the open file or folder that it is given.
 */
#ifndef TL_BASE_OWNER_H
#define TL_BASE_OWNER_H

#include <limits.h>
#include <stdbool.h>

#include "base/err.h"

/* Where a file is or is to be: its folder, open, and its name in there. Who
 * owns a folder above may have its path lead elsewhere at any moment, so a file
 * is made, asked about and renamed in the one that was opened first. */
struct owner_place {
	int folder;
	char name[NAME_MAX + 1];
};

/* Open the folder that path is in. Gives it: the caller ends it with
 * owner_place_close(). TL_EIO, with errno. */
TL_MUST_CHECK enum tl_err owner_place_open(
    const char *path, struct owner_place *ret_place);

void owner_place_close(struct owner_place *place);

/*
 * The new file or folder fd gets the owner and the group of the open folder
 * it is in, if this is root and that belongs to another. TL_EPERM: also if the
 * file has a second name, which may be in a folder of root's, and if a folder
 * is not root's or not empty, so none that was just made; TL_EIO.
 */
TL_MUST_CHECK enum tl_err owner_of_folder(int folder, int fd);

/*
 * fd is to take the place of the file there and gets its owner and group.
 * TL_EPERM: this is not root and the old one is another's. Where nothing is
 * there, or what is no file, it is as owner_of_folder().
 */
TL_MUST_CHECK enum tl_err owner_of_old(const struct owner_place *place, int fd);

/* Whether owner_of_old() would let a new file take the place of the one at
 * path: to be asked before the first of several is replaced. */
bool owner_may_replace(const char *path);

/*
 * Make a folder for its owner alone, who is that of the folder above if this
 * is root. TL_EEXIST: something is there; TL_EIO, with errno.
 */
TL_MUST_CHECK enum tl_err owner_mkdir(const char *path);

#endif
