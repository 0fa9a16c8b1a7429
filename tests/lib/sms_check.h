/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/sms_check.h - what holds of every request with a proof that
 * holds, whatever is in it.
 */
#ifndef TL_TESTS_LIB_SMS_CHECK_H
#define TL_TESTS_LIB_SMS_CHECK_H

#include "tests/lib/sms_fake.h"

/*
 * Take the fake's request and end by an assertion unless it is kept (or, if
 * may_ignore, ignored), its texts are UTF-8 and what could not be read is
 * there whole.
 */
void sms_check_genuine(struct sms_fake *fake, bool may_ignore);

#endif
