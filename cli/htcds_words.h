/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/htcds_words.h - a referral in words, for the one field of an import that
 * takes any text: how the reporter is reached safely, or that nobody is to try,
 * stands in front of all else.
 *
 * Promise:   what has no field of its own where it goes is not lost. No value
 *            looks like a line of ours.
 * Knows not: what file it goes to.
 * Runs in:   tipline-open.
 * Disk:      none.
 */
#ifndef TL_CLI_HTCDS_WORDS_H
#define TL_CLI_HTCDS_WORDS_H

#include <stdbool.h>

#include "base/buf.h"
#include "cli/htcds_case.h"

/* Append the words; has_place says of a field that it goes elsewhere. Errors
 * stick to out. */
void htcds_words(const struct htcds_case *it, bool (*has_place)(const char *),
    struct buf *out);

/* Append the place, in one line; nothing where none is known. */
void htcds_place(const struct htcds_case *it, struct buf *out);

#endif
