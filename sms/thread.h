/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/thread.h - a name for a sender that is no number, so that what one
 * person writes can be brought together.
 *
 * Promise:   without the key a name tells nothing about the number, not even
 *            by trying all of them; after THREAD_PERIOD_S the same sender has
 *            another one. docs/FORMAT.md, "Thread".
 * Knows not: where it is written down: inside the seal, and nowhere else.
 * Runs in:   the workers of the intake.
 * Disk:      none.
 */
#ifndef TL_SMS_THREAD_H
#define TL_SMS_THREAD_H

#include "sms/gateway.h"

#define THREAD_BYTES 16u
/* After so long a number may belong to somebody else. */
#define THREAD_PERIOD_S (90 * 24 * 3600)

struct thread {
	uint8_t now[THREAD_BYTES];
	uint8_t before[THREAD_BYTES]; /* in the period before */
};

/* False: there is no sender. key has 32 bytes. */
bool thread_of(const uint8_t key[static 32], const struct sms_gateway *gateway,
    const struct sms_message *message, int64_t now_s, struct thread *ret);

#endif
