/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/epochs.h - to which epochs of the teams a worker seals, by the
 * clock and by what the spool says of days and lists.
 *
 * Promise:   none that was over on the last day that the spool has counted.
 * Knows not: the keys that open.
 * Runs in:   a worker of the intake.
 * Disk:      none.
 */
#ifndef TL_SERVER_INTAKE_EPOCHS_H
#define TL_SERVER_INTAKE_EPOCHS_H

#include <stdint.h>

#include "base/bytes.h"
#include "server/intake/worker.h"

/* Later than all epochs: the spool has not said yet what day it is. */
#define EPOCHS_NOT_TOLD_S INT64_MAX

/* The time to seal by, in seconds since 1970. */
int64_t epochs_now_s(const struct worker *worker);

/* Seal to the keys of that time from here on. */
void epochs_follow(struct worker *worker);

/* The spool's LIST_SEEN: an older list than one it knows is logged (E115). */
void epochs_compare(struct worker *worker, struct bytes seen);

/* The spool's DAY: from here on the clock is not believed if it stands before
 * that day. */
void epochs_learn_day(struct worker *worker, struct bytes body);

#endif
