/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/upload.h - a form with files: its text is gathered, its files
 * are sealed piece by piece while they come, and then the route's handler
 * gets the text as if there had never been a file, and what became of them.
 *
 * Promise:   a file never costs the text before it. Whatever happens to it
 *            (too large, not of the right kind, cut off, the spool full),
 *            the handler is called once the text parts before it are whole;
 *            also when nobody waits for the answer any more, where the engine
 *            has no room for what follows the story, and before the end
 *            where a story and the key of its form wait for a slow file: then
 *            without it, for nobody, and again at the end. Holds at most the
 *            text, one piece, and that piece sealed.
 * Knows not: what the fields mean, but for FORM_IDEM, FORM_STORY and "as_is".
 * Runs in:   workers. Format of the pieces: docs/FORMAT.md, "Files".
 * Disk:      none.
 *
 * A route takes files when it has .upload = &worker->upload and
 * .multipart_max_bytes = upload_body_max(). In its handler:
 *
 *	files = upload_take(req);        (NULL: there were none)
 *	upload_told(files, told)         into a report, or upload_files_free()
 */
#ifndef TL_INTAKE_UPLOAD_H
#define TL_INTAKE_UPLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/intake/upload_files.h"
#include "server/net/server.h"

struct config_intake;
struct worker;

/* The fields of a form that files come in, and what each takes. */
#define UPLOAD_VOICE "voice" /* sounds; films of phones' recorders too */
#define UPLOAD_PHOTO "photo" /* pictures */
#define UPLOAD_FILE  "file"  /* anything */
/* A text field before the files: "1" leaves metadata where it is. */
#define UPLOAD_AS_IS "as_is"

/* The functions for the engine; arg is the worker. */
struct net_upload upload_functions(struct worker *worker);

/* The longest body of a form with files. */
size_t upload_body_max(const struct config_intake *intake);

/* In a handler: the files of its request, which become the caller's, or NULL
 * where there was none. There may be none but one that could not be read.
 * A second call gives NULL. */
struct upload_files *upload_take(const struct net_request *req);

#endif
