/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/decode.h"

#include <string.h>

#include "base/enc.h"
#include "text/gsm7.h"
#include "text/utf16.h"
#include "text/utf8.h"

static void take_utf16(
    struct sms_batch *batch, struct sms_message *message, struct bytes units)
{
	struct buf text;

	buf_init(&text, units.len * 2 + 4);
	if (!utf16be_decode(units, &text)) {
		/* the other half of a letter may be in the next part */
		message->data = sms_batch_keep(batch, units);
		message->encoding = "utf-16be";
		message->flags |= SMS_FLAG_LOSSY;
	}
	sms_batch_fail(batch, buf_err(&text));
	message->text = sms_batch_keep(batch, bytes_of(text.data, text.len));
	buf_free(&text);
}

/* No known name: whatever fits, and the bytes beside it. */
static void take_unknown(
    struct sms_batch *batch, struct sms_message *message, struct bytes bytes)
{
	struct buf text;

	buf_init(&text, bytes.len * 2 + 4);
	message->flags |= SMS_FLAG_GUESSED;
	if (!utf8_valid(bytes) && utf16be_decode(bytes, &text)) {
		sms_batch_fail(batch, buf_err(&text));
		message->text =
		    sms_batch_keep(batch, bytes_of(text.data, text.len));
	} else {
		message->text = sms_batch_keep(batch, bytes);
	}
	message->data = sms_batch_keep(batch, bytes);
	buf_free(&text);
}

static void take_latin1(
    struct sms_batch *batch, struct sms_message *message, struct bytes bytes)
{
	struct buf text;

	buf_init(&text, bytes.len * 2 + 4);
	for (size_t i = 0; i < bytes.len; i++) {
		utf8_put(&text, bytes.at[i]);
	}
	sms_batch_fail(batch, buf_err(&text));
	message->text = sms_batch_keep(batch, bytes_of(text.data, text.len));
	buf_free(&text);
}

static void take_gsm7(
    struct sms_batch *batch, struct sms_message *message, struct bytes bytes)
{
	struct buf text;

	buf_init(&text, bytes.len * 3 + 4);
	if (!gsm7_decode(bytes, &text)) {
		message->data = sms_batch_keep(batch, bytes);
		message->encoding = "gsm-7";
		message->flags |= SMS_FLAG_LOSSY;
	}
	sms_batch_fail(batch, buf_err(&text));
	message->text = sms_batch_keep(batch, bytes_of(text.data, text.len));
	buf_free(&text);
}

static void take_utf16le(
    struct sms_batch *batch, struct sms_message *message, struct bytes bytes)
{
	uint8_t *units =
	    bytes.len == 0 ? NULL : sms_batch_room(batch, bytes.len);

	if (units == NULL) {
		return;
	}
	for (size_t i = 0; i + 1 < bytes.len; i += 2) {
		units[i] = bytes.at[i + 1];
		units[i + 1] = bytes.at[i];
	}
	if (bytes.len % 2 != 0) {
		units[bytes.len - 1] = bytes.at[bytes.len - 1];
	}
	take_utf16(batch, message, bytes_of(units, bytes.len));
}

static void take_gsm7_packed(
    struct sms_batch *batch, struct sms_message *message, struct bytes bytes)
{
	struct buf septets;

	buf_init(&septets, bytes.len * 2 + 1);
	gsm7_unpack(bytes, &septets);
	sms_batch_fail(batch, buf_err(&septets));
	take_gsm7(batch, message, bytes_of(septets.data, septets.len));
	buf_free(&septets);
}

void sms_decode(struct sms_batch *batch, struct sms_message *message,
    enum sms_encoding encoding, struct bytes bytes)
{
	switch (encoding) {
	case ENC_UTF8:
		message->text = sms_batch_keep(batch, bytes);
		break;
	case ENC_UTF16BE:
		take_utf16(batch, message, bytes);
		break;
	case ENC_LATIN1:
		take_latin1(batch, message, bytes);
		break;
	case ENC_UTF16LE:
		take_utf16le(batch, message, bytes);
		break;
	case ENC_GSM7_PACKED:
		take_gsm7_packed(batch, message, bytes);
		break;
	case ENC_GSM7:
		take_gsm7(batch, message, bytes);
		break;
	case ENC_BINARY:
		message->kind = SMS_BINARY;
		message->data = sms_batch_keep(batch, bytes);
		break;
	case ENC_UNKNOWN:
		take_unknown(batch, message, bytes);
		break;
	}
}

#define B64_MIN_CHARS 16u

/* Words of people have no control characters but those of lines. */
static bool is_readable(struct bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < ' ' &&
		    memchr("\t\n\r", text.at[i], 3) == NULL) {
			return false;
		}
	}
	return text.len > 0;
}

/* Without what is left of a code point that was cut at the end. */
static struct bytes without_cut_end(struct bytes text)
{
	for (size_t cut = 0; cut < 4 && cut < text.len; cut++) {
		struct bytes front = bytes_of(text.at, text.len - cut);

		if (utf8_valid(front)) {
			return front;
		}
	}
	return bytes_of(NULL, 0);
}

void sms_guess_b64(struct sms_batch *batch, struct sms_message *message)
{
	struct bytes text = message->text;
	struct bytes decoded;
	uint8_t *at;
	size_t len = 0;

	/* four characters are three bytes; the end may be cut anywhere */
	text.len -= text.len % 4;
	if (text.len < B64_MIN_CHARS) {
		return;
	}
	at = sms_batch_room(batch, text.len);
	if (at == NULL ||
	    dec_b64(B64_STD, (const char *)text.at, text.len, at, text.len,
		&len) != TL_OK) {
		return;
	}
	decoded = without_cut_end(bytes_of(at, len));
	if (is_readable(decoded)) {
		message->decoded = decoded;
		message->flags |= SMS_FLAG_B64;
	}
}
