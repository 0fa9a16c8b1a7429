/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/decode.h - bytes of a text, in the encodings of gateways.
 *
 * Promise:   what is lost in decoding stays in message->data.
 * Knows not: what a gateway calls its encodings.
 */
#ifndef TL_SMS_DECODE_H
#define TL_SMS_DECODE_H

#include "sms/batch.h"

enum sms_encoding {
	ENC_UTF8,
	ENC_UTF16BE,
	ENC_LATIN1, /* ISO 8859-1 */
	ENC_UTF16LE,
	ENC_GSM7,        /* GSM 03.38, a septet in each byte */
	ENC_GSM7_PACKED, /* the same, eight septets in seven bytes */
	ENC_BINARY,      /* no text */
	ENC_UNKNOWN,
};

/* Decode bytes to message->text, or keep them as data. Borrows bytes. */
void sms_decode(struct sms_batch *batch, struct sms_message *message,
    enum sms_encoding encoding, struct bytes bytes);

/*
 * A long text that Twilio has joined sometimes arrives as base64: if the text
 * is nothing but that, and means readable UTF-8 (its end may be cut off), keep
 * what it means beside it.
 */
void sms_guess_b64(struct sms_batch *batch, struct sms_message *message);

#endif
