/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/zone.h - what hour it is where a reporter may be.
 *
 * Promise:   where a country has several hours, or number and place differ,
 *            all of them are told: a text goes only if it may by each. What is
 *            not known is not guessed.
 * Knows not: the clock. Summer time is not in the table: these countries have
 *            none.
 * Runs in:   the desk. Pure.
 * Disk:      none.
 */
#ifndef TL_DESK_ZONE_H
#define TL_DESK_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ZONE_MAX 4u

/* "07:00-20:00" as minutes of the day; 24:00 is a good end. False: it is not
 * that. */
bool zone_hours_read(const char *text, unsigned *ret_from, unsigned *ret_to);

/*
 * Minutes of the day where a number (E.164 with its plus) is from, and at the
 * place that was answered (where_country, 1 to 9; 0: none): how many. 0: the
 * number's country is not in the table.
 */
size_t zone_minutes(const char *number, unsigned country, int64_t now_s,
    unsigned ret_minutes[static ZONE_MAX]);

/* The country code (with its plus) of a region, two capital letters; NULL: it
 * is not in the table. *ret_country: as where_country has it, or 0. */
const char *zone_code(const char *region, unsigned *ret_country);

#endif
