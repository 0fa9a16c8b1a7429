/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/tempdir.h"

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

char *tempdir_make(void)
{
	const char *parent = getenv("TMPDIR");
	char *dir = NULL;

	if (asprintf(&dir, "%s/tipline-test-XXXXXX",
		parent == NULL ? "/tmp" : parent) < 0 ||
	    mkdtemp(dir) == NULL) {
		abort();
	}
	return dir;
}

/* Paths given out, freed together. */
struct path {
	struct path *next;
	char text[PATH_MAX];
};
static struct path *paths;

const char *tempdir_path(const char *dir, const char *name)
{
	struct path *path = calloc(1, sizeof(*path));

	if (path == NULL) {
		abort();
	}
	(void)snprintf(path->text, sizeof(path->text), "%s/%s", dir, name);
	path->next = paths;
	paths = path;
	return path->text;
}

static int remove_one(
    const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void tempdir_remove_tree(const char *path)
{
	(void)nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void tempdir_remove(char *dir)
{
	tempdir_remove_tree(dir);
	free(dir);
	while (paths != NULL) {
		struct path *next = paths->next;

		free(paths);
		paths = next;
	}
}
