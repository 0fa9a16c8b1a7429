/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/plain.h - text of strangers, for a terminal or a file for others.
 *
 * Promise:   nothing in it acts on the terminal, turns the writing direction
 *            or looks like a line of ours.
 * Knows not: reports, JSON.
 * Runs in:   the tipline command, tipline-open. Pure.
 * Disk:      nothing.
 */
#ifndef TL_TEXT_PLAIN_H
#define TL_TEXT_PLAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"

/* Beyond C0: C1 controls, direction marks, separators of lines, tags, and what
 * is no sign. */
bool plain_is_risky(uint32_t point);

/* Append text as a part of one line: what is no plain sign is named. Errors
 * stick to out. */
void plain_line(struct buf *out, struct bytes text);

/* Append text with its tabs and lines, which all end with LF. */
void plain_text(struct buf *out, struct bytes text);

/* Append JSON, which means the same: what is no plain sign is escaped. */
void plain_json(struct buf *out, struct bytes json);

/* Append each line of text behind "  | ". */
void plain_lines(struct buf *out, struct bytes text);

#endif
