/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * web/tool_squeeze.h - style sheet and scripts, as small as they go.
 *
 * Promise:   nothing that is sent can end the element it stands in. What is
 *            wrong is said, and ends the program.
 * Knows not: templates.
 * Runs in:   the build, in tool_page. Memory is left to its end.
 * Disk:      reads the files it is given.
 */
#ifndef TL_WEB_TOOL_SQUEEZE_H
#define TL_WEB_TOOL_SQUEEZE_H

#include "base/buf.h"

#define TOOL_FILE_MAX (1u << 20)

/* The whole file, ended by NUL. The caller frees it. */
char *tool_read_file(const char *path);

/* Both begin *ret. A script has a maximum, see SCRIPT_MAX. */
void tool_read_style(const char *path, struct buf *ret_style);
void tool_read_script(const char *path, struct buf *ret_script);

#endif
