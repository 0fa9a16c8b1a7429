/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/call_json.h - what a voice line or an app says beyond a text, as members
 * of the generic adapter's JSON (docs/openapi.yaml): language, keys that were
 * pressed, a recording, attachments, a call that broke off.
 *
 * Promise:   a message gets all of it or none; what is no answer by its form
 *            is refused, not guessed.
 * Knows not: who sent it, the rest of the message.
 * Runs in:   the workers of the intake, `tipline webhook`.
 * Disk:      none.
 */
#ifndef TL_SMS_CALL_JSON_H
#define TL_SMS_CALL_JSON_H

#include <stdbool.h>

#include "sms/batch.h"
#include "sms/json.h"

/*
 * Add to message, whose channel and text are known, what object says. False:
 * it cannot be read, or sms_batch_err() tells what failed.
 */
bool call_json_read(
    const json_t *object, struct sms_batch *batch, struct sms_message *message);

#endif
