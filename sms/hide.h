/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/hide.h - what must not stand in words that were read out of a request.
 *
 * Promise:   each byte that is hidden becomes "*"; no other changes, and the
 *            length stays.
 * Knows not: gateways, messages.
 */
#ifndef TL_SMS_HIDE_H
#define TL_SMS_HIDE_H

#include "base/buf.h"
#include "base/bytes.h"

/* Hide what wherever it stands, byte for byte. Empty: nothing. */
void hide_bytes(struct buf *words, struct bytes what);

/*
 * Hide a sender as the gateway has it, with its scheme or without, and the
 * digits of its number: with the country's code or without, and with what
 * people put between them; the last seven tell that they are these. What has
 * fewer than seven signs, or digits, names nobody. e164 may be empty.
 */
void hide_sender(struct buf *words, struct bytes raw, struct bytes e164);

#endif
