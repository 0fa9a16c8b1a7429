/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/referral_print.h - a referral for people, on standard output.
 *
 * Promise:   all of it is printed, and nothing in it acts on a terminal.
 * Knows not: where it came from.
 * Runs in:   tipline-open.
 * Disk:      none.
 */
#ifndef TL_CLI_REFERRAL_PRINT_H
#define TL_CLI_REFERRAL_PRINT_H

#include <jansson.h>

void referral_print(json_t *referral);

#endif
