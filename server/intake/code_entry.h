/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/code_entry.h - receipt codes that people have entered, waiting
 * for the slow step.
 *
 * Promise:   workers take turns, so that one with many questions does not
 *            keep the others waiting; each may have CODE_ENTRY_WAITING
 *            waiting. In secret memory, wiped when answered.
 * Knows not: keys, the slow step, sockets.
 * Runs in:   the intake's kdf.
 */
#ifndef TL_INTAKE_CODE_ENTRY_H
#define TL_INTAKE_CODE_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypto/code.h"

/* Of one worker: about a second of work. */
#define CODE_ENTRY_WAITING 8u

struct code_entries;
struct code_asker; /* a worker */

/* NULL: out of memory. */
struct code_entries *code_entries_new(void);

/* Askers that are there still may not be used any more. NULL is fine. */
void code_entries_free(struct code_entries *entries);

/* Keeps arg for code_entry_done(). NULL: out of memory. */
struct code_asker *code_asker_new(struct code_entries *entries, void *arg);

/* Its questions are dropped; the answer to one under work is for nobody. */
void code_asker_free(struct code_asker *asker);

/* Add a question; n is CODE_DIGITS_SLOW or CODE_DIGITS_FAST digits. TL_EBUSY:
 * as many as may wait do. */
TL_MUST_CHECK enum tl_err code_entry_add(struct code_asker *asker,
    uint32_t request, const uint8_t *digits, size_t n);

/* The digits under work, ending with zeros; NULL: none. */
const char *code_entry_working(const struct code_entries *entries);

/* If none is under work, begin the next in turn. False: there is none, or
 * one is under work. */
bool code_entry_begin(struct code_entries *entries);

/* The one under work has its answer: wipe it. Returns the arg of its asker,
 * NULL if that has gone. */
void *code_entry_done(struct code_entries *entries, uint32_t *ret_request);

#endif
