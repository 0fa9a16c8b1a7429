/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/concat.h"

#include "base/enc.h"
#include "base/rd.h"

#define IE_CONCAT_8  0x00
#define IE_CONCAT_16 0x08

/* Part numbers of one element; false if they make no sense. */
static bool read_part(struct rd *ie, bool wide, struct sms_concat *ret_concat)
{
	struct sms_concat concat = { .wide = wide };

	concat.ref = wide ? rd_u16(ie) : rd_u8(ie);
	concat.total = rd_u8(ie);
	concat.seq = rd_u8(ie);
	if (!rd_done(ie) || concat.seq == 0 || concat.seq > concat.total) {
		return false;
	}
	*ret_concat = concat;
	return true;
}

enum udh_says udh_read(struct bytes udh, struct sms_concat *ret_concat)
{
	struct rd rd = rd_of(udh.at, udh.len);
	struct sms_concat concat = { 0 };
	bool part = false;
	bool more = false;

	if (udh.len == 0) {
		return UDH_NOTHING;
	}
	if (rd_u8(&rd) != rd.left) {
		return UDH_BAD;
	}
	while (rd_ok(&rd) && rd.left > 0) {
		uint8_t type = rd_u8(&rd);
		size_t len = rd_u8(&rd);
		const uint8_t *at = rd_bytes(&rd, len);
		struct rd ie = rd_of(at, at == NULL ? 0 : len);

		if (!rd_ok(&rd)) {
			return UDH_BAD;
		}
		if (type != IE_CONCAT_8 && type != IE_CONCAT_16) {
			more = true;
			continue;
		}
		if (!read_part(&ie, type == IE_CONCAT_16, &concat)) {
			return UDH_BAD;
		}
		part = true;
	}
	if (!part) {
		return more ? UDH_MORE : UDH_NOTHING;
	}
	*ret_concat = concat;
	return more ? UDH_PART_AND_MORE : UDH_PART;
}

void udh_apply(
    struct sms_batch *batch, struct sms_message *message, struct bytes udh)
{
	enum udh_says says = udh_read(udh, &message->concat);

	message->has_concat = says == UDH_PART || says == UDH_PART_AND_MORE;
	if (says == UDH_BAD) {
		message->flags |= SMS_FLAG_NO_CONCAT;
	}
	if (says == UDH_BAD || says == UDH_MORE || says == UDH_PART_AND_MORE ||
	    message->kind == SMS_BINARY) {
		message->udh = sms_batch_keep(batch, udh);
	}
}

/* hex or base64 as bytes of the batch; false if it is neither. */
static bool keep_decoded(
    struct sms_batch *batch, struct bytes text, bool hex, struct bytes *ret)
{
	uint8_t *at = text.len == 0 ? NULL : sms_batch_room(batch, text.len);
	size_t len = 0;
	enum tl_err err = TL_OK;

	if (at != NULL) {
		err = hex ? dec_hex((const char *)text.at, text.len, at,
				text.len, &len)
			  : dec_b64(B64_STD, (const char *)text.at, text.len,
				at, text.len, &len);
	}
	*ret = bytes_of(at, len);
	return err == TL_OK;
}

static bool become_binary(struct sms_batch *batch, struct sms_message *message,
    struct bytes data, bool hex, struct bytes udh_hex)
{
	struct bytes bytes, udh;

	if (!keep_decoded(batch, data, hex, &bytes) ||
	    !keep_decoded(batch, udh_hex, true, &udh)) {
		return false;
	}
	message->kind = SMS_BINARY;
	message->text = bytes_of(NULL, 0);
	message->data = bytes;
	if (udh.len > 0) {
		udh_apply(batch, message, udh);
	}
	return true;
}

bool sms_binary_hex(struct sms_batch *batch, struct sms_message *message,
    struct bytes hex, struct bytes udh_hex)
{
	return become_binary(batch, message, hex, true, udh_hex);
}

bool sms_binary_b64(struct sms_batch *batch, struct sms_message *message,
    struct bytes b64, struct bytes udh_hex)
{
	return become_binary(batch, message, b64, false, udh_hex);
}
