/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/when_form.h - times in a form that the configuration tells, as strptime
 * has it: "%d/%m/%Y %H:%M:%S".
 *
 * Promise:   what the form says and nothing else is read; a day that is not in
 *            the calendar is no time. No locale, no zone of the host, no file.
 * Runs in:   as sms/custom.h. Pure.
 *
 * %Y year, 4 digits    %y year, 2 digits: 2000 to 2099
 * %m month   %b its name in English, 3 letters of either case
 * %d %e day  %H hour   %I hour of 12, with %p AM or PM
 * %M minute  %S second %f fraction of a second, 1 to 9 digits: dropped
 * %F is %Y-%m-%d, %T is %H:%M:%S
 * %z offset: Z, +hh:mm or +hhmm; %t a space; %% a percent sign
 *
 * %m %d %e %H %I %M %S have one or two digits.
 */
#ifndef TL_SMS_WHEN_FORM_H
#define TL_SMS_WHEN_FORM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

/* Whether form can say a time: year, month and day, each field once, and only
 * what stands above. *ret_has_zone: it says the offset too. */
bool when_form_ok(const char *form, bool *ret_has_zone);

/* Whether form says the second. */
bool when_form_has_second(const char *form);

/* text as Unix seconds; where form has no %z it is zone_s east of UTC.
 * TL_EFORMAT. */
TL_MUST_CHECK enum tl_err when_form(
    const char *form, int64_t zone_s, struct bytes text, int64_t *ret_s);

#endif
