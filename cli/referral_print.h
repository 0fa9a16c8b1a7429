/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/referral_print.h - a referral for people, on standard output: first how
 * the reporter is reached safely, or that nobody is to try.
 *
 * Promise:   all of it is printed, and nothing in it acts on a terminal.
 * Knows not: where it came from.
 * Runs in:   tipline-open.
 * Disk:      none.
 */
#ifndef TL_CLI_REFERRAL_PRINT_H
#define TL_CLI_REFERRAL_PRINT_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"

/* unchecked: nobody asked who has sealed it. TL_EFORMAT: it is of another
 * profile, and nothing was printed; TL_ENOMEM; TL_EIO: not all of it was. */
TL_MUST_CHECK enum tl_err referral_print(json_t *referral, bool unchecked);

#endif
