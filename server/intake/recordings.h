/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/recordings.h - questions read aloud, for who does not read.
 *
 * Promise:   what is there is MP3 by its first bytes, which old telephones
 *            play too, and bounded, each and all together. It is heard by who
 *            follows a link, and never sent otherwise.
 * Knows not: pages, sockets, what is said.
 * Runs in:   the parent loads; workers have them by the fork.
 * Disk:      reads a folder, at start and reload: LANGUAGE.QUESTION.mp3 with
 *            the names of the form's fields, such as km.story.mp3.
 */
#ifndef TL_INTAKE_RECORDINGS_H
#define TL_INTAKE_RECORDINGS_H

#include <stddef.h>

#include "base/bytes.h"
#include "base/err.h"

#define RECORDING_MAX_BYTES  ((size_t)64u * 1024u)
#define RECORDINGS_MAX_BYTES ((size_t)4u * 1024u * 1024u)

struct recordings;

/* Gives *ret: recordings_free(). TL_EINVAL, TL_EIO, TL_ENOMEM: what is wrong
 * was said. A folder without any is TL_EINVAL. */
TL_MUST_CHECK enum tl_err recordings_load(
    const char *folder, struct recordings **ret);

/* Question (of PAGE_SPOKEN, from 0) in the language of this tag. Empty: there
 * is none. NULL is fine. */
struct bytes recordings_find(
    const struct recordings *recordings, const char *tag, size_t question);

/* NULL is fine. */
void recordings_free(struct recordings *recordings);

#endif
