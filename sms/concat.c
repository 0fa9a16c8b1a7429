/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/concat.h"

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
