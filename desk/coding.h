/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/coding.h - what officers coded over the answers of a tip: entries of the
 * kind "coding" (desk/ui/js/coding.js draws them).
 *
 * Promise:   the newest coding counts, chip by chip; what it says of a chip
 *            counts instead of what was answered. Nothing is made up of a chip
 *            that it does not name.
 * Knows not: what a chip means, beyond the eleven indicators.
 * Runs in:   the desk. Pure.
 * Disk:      none.
 */
#ifndef TL_DESK_CODING_H
#define TL_DESK_CODING_H

#include <jansson.h>

#include "base/bytes.h"
#include "desk/facts.h"

enum coding_word {
	CODING_NOTHING, /* the answers count */
	CODING_UNKNOWN,
	CODING_SEEN,
	CODING_NOT,
};

/* What the newest coding of a tip's entries says, {group: {code: word}};
 * borrowed. NULL: nobody has coded it. */
const json_t *coding_newest(const json_t *entries);

/* Of a chip as data/htcds.tsv writes it: "ilo.3". codes may be NULL. */
enum coding_word coding_says(const json_t *codes, struct bytes chip);

/* Take the answers out of facts->ind whose indicator the coding does not see,
 * and put one in for each that it sees and no answer points to: facts_ilo()
 * then tells what is seen. codes may be NULL. */
void coding_apply(const json_t *codes, struct facts *facts);

#endif
