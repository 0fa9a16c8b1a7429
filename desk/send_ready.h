/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/send_ready.h - may texts go out by a gateway as it is configured?
 *
 * Promise:   what is missing is said before anything is sent.
 * Knows not: the password; only whether a file of it is named.
 * Runs in:   the desk, its sender, tipline check. Pure.
 * Disk:      none.
 */
#ifndef TL_DESK_SEND_READY_H
#define TL_DESK_SEND_READY_H

#include "config/config.h"

/* NULL, or a literal that says what is missing. */
const char *send_ready_fault(const struct config_gateway *gateway);

#endif
