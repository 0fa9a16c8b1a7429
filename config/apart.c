/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Is the ledger in a folder of its own? Reads the names in it, no file. */
#include "config/config.h"

#include <dirent.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct apart {
	const struct config *config;
	char folder[PATH_MAX]; /* the ledger's, past links */
	config_file_fn fn;
	void *arg;
};

/* What a right to the folder is a right to: links on the way are gone. */
static bool is_below(const char *folder, const char *real)
{
	size_t len = strlen(folder);

	return strncmp(real, folder, len) == 0 &&
	    (real[len] == '/' || folder[len - 1] == '/');
}

/* Where the name stands, past links, with the name. */
static bool place_of(const char *path, char ret[static PATH_MAX])
{
	char above[PATH_MAX], name[PATH_MAX], real[PATH_MAX];
	int len = snprintf(above, sizeof(above), "%s", path);

	if (len < 0 || (size_t)len >= sizeof(above)) {
		return false;
	}
	memcpy(name, above, (size_t)len + 1);
	if (realpath(dirname(above), real) == NULL) {
		return false;
	}
	len = snprintf(ret, PATH_MAX, "%s/%s",
	    strcmp(real, "/") == 0 ? "" : real, basename(name));
	return len > 0 && len < PATH_MAX;
}

/* In the folder is what is read there, and a link to what is elsewhere: it
 * could be made to lead to another. */
static void look(void *arg, const char *path)
{
	const struct apart *apart = arg;
	char real[PATH_MAX];

	if ((place_of(path, real) && is_below(apart->folder, real)) ||
	    (realpath(path, real) != NULL && is_below(apart->folder, real))) {
		apart->fn(apart->arg, path);
	}
}

struct named {
	const char *place;
	bool found;
};

static void compare(void *arg, const char *path)
{
	struct named *named = arg;
	char place[PATH_MAX];

	named->found = named->found ||
	    (place_of(path, place) && strcmp(place, named->place) == 0);
}

/* As keygen and set-up call them. */
static bool is_like_a_secret(const char *name)
{
	static const char *const ends[] = { ".key", ".ring", ".pass", ".cred" };
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t end = strlen(ends[i]);

		if (len > end && strcmp(name + len - end, ends[i]) == 0) {
			return true;
		}
	}
	return false;
}

static void look_at_others(const struct apart *apart)
{
	DIR *dir = opendir(apart->folder);
	const struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		char path[PATH_MAX];
		struct named named = { .place = path };
		int len = snprintf(
		    path, sizeof(path), "%s/%s", apart->folder, entry->d_name);

		if (len < 0 || (size_t)len >= sizeof(path) ||
		    !is_like_a_secret(entry->d_name)) {
			continue;
		}
		config_each_secret(
		    apart->config, CONFIG_DESK | CONFIG_CLI, compare, &named);
		if (!named.found) {
			apart->fn(apart->arg, path);
		}
	}
	if (dir != NULL) {
		(void)closedir(dir);
	}
}

void config_each_in_ledger(
    const struct config *config, config_file_fn fn, void *arg)
{
	struct apart apart = { .config = config, .fn = fn, .arg = arg };

	if (config->desk.ledger[0] == '\0' ||
	    realpath(config->desk.ledger, apart.folder) == NULL) {
		return;
	}
	config_each_secret(config, CONFIG_DESK | CONFIG_CLI, look, &apart);
	look_at_others(&apart);
}
