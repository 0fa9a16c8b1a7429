/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/phone.h - libphonenumber behind a C function.
 *
 * Promise:   no number longer than PHONE_NUMBER_MAX_BYTES reaches the
 *            library (10,000 digits cost it seconds), no C++ exception
 *            reaches C, and nothing is returned that is not possible.
 * Knows not: which numbers may be parsed at all: that is sms/sender.h, and
 *            nobody else calls this.
 * Runs in:   the workers of the intake, `tipline webhook`.
 */
#ifndef TL_SMS_PHONE_H
#define TL_SMS_PHONE_H

#include <stddef.h>

#include "base/err.h"

#define PHONE_NUMBER_MAX_BYTES 32u
#define PHONE_E164_BYTES       24u /* plus, 15 digits, the end, and room */

#ifdef __cplusplus
extern "C" {
#endif

/* Load the metadata: about 30 ms that must not be in the first tip. Call it
 * once, before any stranger is connected. TL_ENOMEM. */
TL_MUST_CHECK enum tl_err phone_start(void);

/*
 * Parse len bytes as a number. region: two capital letters, and the number
 * must belong to that country's code; or "ZZ", and it must begin with a
 * plus. ret_e164 has PHONE_E164_BYTES of room. TL_ETOOBIG: too long.
 * TL_EFORMAT: no possible number. TL_ENOMEM: memory, or the library threw.
 */
TL_MUST_CHECK enum tl_err phone_e164(
    const char *number, size_t len, const char *region, char *ret_e164);

#ifdef __cplusplus
}
#endif

#endif
