/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/canary.h - test texts that go through a gateway like any other.
 *
 * A line that is blocked looks like a quiet night. So a planted text goes the
 * whole way, each hour: sixteen digits, which say nothing to whoever reads
 * them at the gateway, and which only who has the secret can make. Nothing on
 * the way knows them; they are recognised after opening.
 *
 * Promise:   no text of a person is taken for one: it must be these digits
 *            and nothing else.
 * Knows not: the clock, the secret's file.
 * Runs in:   tipline, the desk. Disk: nothing.
 */
#ifndef TL_SMS_CANARY_H
#define TL_SMS_CANARY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

#define CANARY_CHARS 20u /* "8437 2219 0516 7731" and the end */
/* It counts for so long after its hour. */
#define CANARY_HOURS 48

/* The text for this gateway in the hour of now_s. */
void canary_text(struct bytes secret, const char *gateway, int64_t now_s,
    char ret_text[static CANARY_CHARS]);

/* Is text one of the gateway's, made not long before received_s? */
bool canary_is(struct bytes secret, const char *gateway, int64_t received_s,
    struct bytes text);

#endif
