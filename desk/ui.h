/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/ui.h - the console's static files, read once at the start.
 *
 * Promise:   a path that is asked for is looked up in a table and never on
 *            disk: there is nothing to climb out of.
 * Knows not: what is in the files, HTTP.
 * Runs in:   the desk's web process.
 * Disk:      ui_load() reads one folder; nothing later.
 */
#ifndef TL_DESK_UI_H
#define TL_DESK_UI_H

#include "base/bytes.h"
#include "base/err.h"

#define UI_FILES_MAX 512u
#define UI_BYTES_MAX ((size_t)16u * 1024u * 1024u)

struct ui;

struct ui_file {
	const char *type; /* of its name's ending */
	struct bytes bytes;
};

/*
 * Read the folder and those in it. Names have a-z, A-Z, 0-9, '.', '_', '-' and
 * do not begin with '.'; other names and endings that are not known are an
 * error, since something lies there that should not. Gives *ret: end it with
 * ui_free(). What is wrong was said. TL_ENOENT, TL_EINVAL, TL_ETOOBIG,
 * TL_EIO, TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err ui_load(const char *folder, struct ui **ret);
void ui_free(struct ui *ui); /* NULL is fine */

/* The file at "/x/y.js"; "/" is "/index.html". False: there is none. */
bool ui_find(const struct ui *ui, struct bytes path, struct ui_file *ret);

#endif
