/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * config/lines.h - cuts text into lines, and lines into their parts.
 *
 * Promise:   every part lies inside of what it was cut from; nothing is
 *            copied.
 * Knows not: sections, options.
 * Runs in:   every program that reads a configuration.
 * Disk:      none.
 */
#ifndef TL_CONFIG_LINES_H
#define TL_CONFIG_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

/* Cut the first line off *text, without its LF or CR LF. text is not empty;
 * the last line may end without either. */
struct bytes config_cut_line(struct bytes *text);

/*
 * May the line be read: short enough, UTF-8, no control characters but tabs?
 * If not: where it goes wrong, and a sentence (a literal).
 */
bool config_line_good(
    struct bytes line, size_t *ret_at, const char **ret_wrong);

/* Without blanks around it. */
struct bytes config_trim(struct bytes text);

/* Cut the first word and the blanks behind it off *text. */
struct bytes config_cut_word(struct bytes *text);

/* Split a trimmed line at its first =; both parts trimmed. False if there is
 * none, or nothing before it. */
bool config_cut_key(
    struct bytes line, struct bytes *ret_key, struct bytes *ret_value);

#endif
