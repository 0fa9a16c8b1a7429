/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/tempdir.h - a folder of a test's own, gone afterwards.
 *
 * Disk: one folder under TMPDIR or /tmp.
 */
#ifndef TL_TESTS_LIB_TEMPDIR_H
#define TL_TESTS_LIB_TEMPDIR_H

/* Make the folder. Gives its path: end it with tempdir_remove(). */
char *tempdir_make(void);

/* The path of name in it; borrowed until any tempdir_remove(). */
const char *tempdir_path(const char *dir, const char *name);

/* Remove a folder with all that is in it, wherever it is; none is no fault. */
void tempdir_remove_tree(const char *path);

/* Remove it with all that is in it, and free the path. */
void tempdir_remove(char *dir);

#endif
