/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/when.h - numbers and times as gateways write them. Strict: a sign, a
 * space or one digit too many is not a number.
 */
#ifndef TL_SMS_WHEN_H
#define TL_SMS_WHEN_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

/* 1 to 15 decimal digits and nothing else, else TL_EFORMAT. */
TL_MUST_CHECK enum tl_err when_digits(struct bytes text, int64_t *ret_value);

/* RFC 3339 date and time with its offset ("2026-11-21T22:26:38.000Z") as Unix
 * seconds; fractions are dropped. TL_EFORMAT. */
TL_MUST_CHECK enum tl_err when_rfc3339(struct bytes text, int64_t *ret_s);

/* The same as gateways write it: with an offset without colon ("+0000"), and
 * without any offset as UTC; between date and time a T, a space or nothing. */
TL_MUST_CHECK enum tl_err when_any(struct bytes text, int64_t *ret_s);

/* An offset from UTC, "Z", "+07:00" or "+0700", as seconds. TL_EFORMAT. */
TL_MUST_CHECK enum tl_err when_offset(struct bytes text, int64_t *ret_s);

/* RFC 2822 as programs write it: "Sat, 21 Nov 2026 22:26:38 +0000". */
TL_MUST_CHECK enum tl_err when_rfc2822(struct bytes text, int64_t *ret_s);

#endif
