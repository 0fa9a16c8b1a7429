/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/enrol.h - show an officer the secret of the second factor, for an app
 * that makes codes of it.
 *
 * Knows not: rings; where the secret is kept.
 * Runs in:   the tipline command.
 * Disk:      none; it goes to standard output, once.
 */
#ifndef TL_CLI_ENROL_H
#define TL_CLI_ENROL_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/err.h"

/*
 * Print the otpauth address of this secret; unless plain, also as a picture
 * that a telephone reads and with words about it. The name in the address is
 * "desk", since it is shown on telephones. TL_ENOMEM, said.
 */
TL_MUST_CHECK enum tl_err enrol_show(
    const char *name, struct bytes secret, bool plain);

#endif
