/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/number.h - a telephone number as a person typed it.
 *
 * Promise:   what is not surely one number is none.
 * Knows not: whose it is, and whether a text may go there.
 * Runs in:   the desk. Pure.
 * Disk:      none.
 */
#ifndef TL_DESK_NUMBER_H
#define TL_DESK_NUMBER_H

#include <stdbool.h>

#include "base/bytes.h"
#include "desk/sender_talk.h"

/* Of a reporter in a region (two capital letters) where nothing else is said;
 * country as it was answered, or 0. False: it is not sure which number that is;
 * *lost is set where memory was out, and nobody knows. */
bool number_read(struct bytes typed, const char *region, unsigned country,
    char ret_number[static SENDER_NUMBER_MAX_BYTES + 1], bool *lost);

#endif
