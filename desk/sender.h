/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/sender.h - the one way by which anything leaves a desk: texts to
 * reporters, and alarms.
 *
 * Promise:   each thing that leaves has a process of its own, which reads the
 *            one password that it needs, finds the provider's address, locks
 *            itself in, speaks with that provider and ends. The sender itself
 *            starts them and has no secret; nothing is sent twice by itself,
 *            and of what may have been sent it says that it is unknown.
 * Knows not: tips, officers, whether a text may go.
 * Runs in:   tipline-desk, as a child of its own, forked before keys are read.
 * Disk:      passwords, certificates of authorities, what names need.
 *
 * It has no filter of system calls itself, and may write files: what
 * desk.alarm_command names would inherit that. Without one it writes none. It
 * reads frames of fixed form from the web process, and a few bytes from each
 * of its own.
 *
 *	sender.c      the process: frames, processes, their time
 *	sender_job.c  one thing that leaves
 */
#ifndef TL_DESK_SENDER_H
#define TL_DESK_SENDER_H

#include <stdbool.h>

#include "base/sandbox.h"
#include "config/config.h"
#include "desk/sender_talk.h"

/* Is there anything that it could be asked for? */
bool sender_is_wanted(const struct config *config);

/* Can all that is set be used? What is wrong was said: TL_EINVAL, TL_EPERM. */
TL_MUST_CHECK enum tl_err sender_check(const struct config *config);

/* Serve the web process on fd until that ends: TL_ECLOSED. */
TL_MUST_CHECK enum tl_err sender_run(const struct config *config, int fd);

/* ---- sender_job.c, for the sender ---------------------------------------- */

#define SENDER_COMMAND_ARGS 8u

/* What one that sends may read, with the one secret that it needs, "" for none:
 * added to ret, which the caller closes. TL_ETOOBIG. */
TL_MUST_CHECK enum tl_err sender_may_read(const struct config *config,
    const char *secret, struct sandbox_folders *ret);

/* Each does not come back; what came of it goes to fd: a word of enum
 * send_said (1), a status (2), the provider's id. */
_Noreturn void sender_do_sms(
    const struct config *config, const struct sender_sms *sms, int fd);
_Noreturn void sender_do_webhook(
    const struct config *config, const struct alarm *alarm, int fd);
/* Of this one the status of the process tells. */
_Noreturn void sender_do_command(
    const struct config *config, const struct alarm *alarm);

#endif
