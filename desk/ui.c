/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/ui.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/read_file.h"

#define DEPTH_MAX      4
#define PATH_BYTES_MAX 1024u

struct entry {
	char *path; /* from the first "/" on */
	const char *type;
	struct buf bytes;
};

struct ui {
	struct entry files[UI_FILES_MAX];
	size_t n;
	size_t bytes;
};

static const struct {
	const char *ending, *type;
} types[] = {
	{ ".html", "text/html; charset=utf-8" },
	{ ".css", "text/css; charset=utf-8" },
	{ ".js", "text/javascript; charset=utf-8" },
	{ ".mjs", "text/javascript; charset=utf-8" },
	{ ".json", "application/json" },
	{ ".svg", "image/svg+xml" },
	{ ".png", "image/png" },
	{ ".ico", "image/x-icon" },
	{ ".woff2", "font/woff2" },
	{ ".wav", "audio/wav" },
	{ ".ogg", "audio/ogg" },
	{ ".txt", "text/plain; charset=utf-8" },
	{ ".map", "application/json" },
};

static const char *type_of(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		size_t end = strlen(types[i].ending);

		if (len > end &&
		    strcmp(name + len - end, types[i].ending) == 0) {
			return types[i].type;
		}
	}
	return NULL;
}

static bool is_good_name(const char *name)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

	return name[0] != '.' && strspn(name, good) == strlen(name);
}

static enum tl_err add_file(struct ui *ui, const char *full, const char *path)
{
	struct entry *entry = &ui->files[ui->n];
	const char *type = type_of(path);
	enum tl_err err;

	if (type == NULL) {
		say_error("%s: the console has no files of that ending", full);
		return TL_EINVAL;
	}
	if (ui->n == UI_FILES_MAX) {
		say_error("the console has more than %u files", UI_FILES_MAX);
		return TL_ETOOBIG;
	}
	buf_init(&entry->bytes, UI_BYTES_MAX - ui->bytes);
	err = read_file(full, &entry->bytes);
	entry->path = strdup(path);
	entry->type = type;
	ui->n++;
	ui->bytes += entry->bytes.len;
	if (err == TL_OK && entry->path == NULL) {
		err = TL_ENOMEM;
	}
	if (err != TL_OK) {
		say_error("cannot read %s: %s", full, err_text(err));
	}
	return err;
}

static enum tl_err add_folder(
    struct ui *ui, const char *full, const char *path, int depth);

static enum tl_err add_one(struct ui *ui, const char *folder, const char *path,
    const char *name, int depth)
{
	char full[PATH_BYTES_MAX], below[PATH_BYTES_MAX];
	struct stat st;

	if (!is_good_name(name) ||
	    snprintf(full, sizeof(full), "%s/%s", folder, name) >=
		(int)sizeof(full) ||
	    snprintf(below, sizeof(below), "%s/%s", path, name) >=
		(int)sizeof(below)) {
		say_error("%s: the console has no files of such names", folder);
		return TL_EINVAL;
	}
	if (stat(full, &st) != 0) {
		return TL_EIO;
	}
	if (S_ISDIR(st.st_mode)) {
		return depth < DEPTH_MAX
		    ? add_folder(ui, full, below, depth + 1)
		    : TL_ETOOBIG;
	}
	return S_ISREG(st.st_mode) ? add_file(ui, full, below) : TL_EINVAL;
}

/* Not deeper than DEPTH_MAX. */
static enum tl_err add_folder(
    struct ui *ui, const char *full, const char *path, int depth)
{
	DIR *dir = opendir(full);
	const struct dirent *entry;
	enum tl_err err = TL_OK;

	if (dir == NULL) {
		say_error("cannot read the console's folder %s", full);
		return TL_ENOENT;
	}
	while (err == TL_OK && (entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0) {
			err = add_one(ui, full, path, entry->d_name, depth);
		}
	}
	(void)closedir(dir);
	return err;
}

static int by_path(const void *a, const void *b)
{
	const struct entry *one = a, *other = b;

	return strcmp(one->path, other->path);
}

enum tl_err ui_load(const char *folder, struct ui **ret)
{
	struct ui *ui = calloc(1, sizeof(*ui));
	enum tl_err err;

	if (ui == NULL) {
		return TL_ENOMEM;
	}
	err = add_folder(ui, folder, "", 0);
	if (err != TL_OK) {
		ui_free(ui);
		return err;
	}
	qsort(ui->files, ui->n, sizeof(ui->files[0]), by_path);
	*ret = ui;
	return TL_OK;
}

void ui_free(struct ui *ui)
{
	for (size_t i = 0; ui != NULL && i < ui->n; i++) {
		free(ui->files[i].path);
		buf_free(&ui->files[i].bytes);
	}
	free(ui);
}

bool ui_find(const struct ui *ui, struct bytes path, struct ui_file *ret)
{
	char name[PATH_BYTES_MAX] = "/index.html";
	struct entry key = { .path = name };
	const struct entry *found;

	if (path.len >= sizeof(name) || memchr(path.at, 0, path.len) != NULL) {
		return false;
	}
	if (!bytes_equal(path, bytes_str("/"))) {
		memcpy(name, path.at, path.len);
		name[path.len] = '\0';
	}
	found = bsearch(&key, ui->files, ui->n, sizeof(key), by_path);
	if (found == NULL) {
		return false;
	}
	ret->type = found->type;
	ret->bytes = bytes_of(found->bytes.data, found->bytes.len);
	return true;
}
