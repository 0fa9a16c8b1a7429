/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/smpp_sm.h"

#include <string.h>

#define TLVS_MAX 64u

enum tag {
	TAG_SAR_REF = 0x020C,
	TAG_SAR_TOTAL = 0x020E,
	TAG_SAR_NUMBER = 0x020F,
	TAG_PAYLOAD = 0x0424,
};

/* A string that ends with NUL within max bytes. */
static bool read_string(struct rd *rd, size_t max, struct bytes *ret)
{
	size_t most = rd->left < max ? rd->left : max;
	const uint8_t *end = most > 0 ? memchr(rd->at, 0, most) : NULL;
	size_t len;

	if (rd->bad || end == NULL) {
		return false;
	}
	len = (size_t)(end - rd->at);
	*ret = bytes_of(rd_bytes(rd, len), len);
	(void)rd_u8(rd);
	return true;
}

static void take_tlv(struct smpp_sm *sm, unsigned tag, struct bytes value)
{
	struct rd rd = rd_of(value.at, value.len);

	if (tag == TAG_PAYLOAD) {
		/* an empty one says nothing, and takes nobody's words away */
		sm->payload = value.len > 0 ? value : sm->payload;
	} else if (tag == TAG_SAR_REF && value.len == 2) {
		sm->sar.ref = rd_u16(&rd);
		sm->has_ref = true;
	} else if (tag == TAG_SAR_TOTAL && value.len == 1) {
		sm->sar.total = rd_u8(&rd);
		sm->has_total = true;
	} else if (tag == TAG_SAR_NUMBER && value.len == 1) {
		sm->sar.seq = rd_u8(&rd);
		sm->has_number = true;
	}
}

static enum smpp_status read_tlvs(struct rd *rd, struct smpp_sm *sm)
{
	for (unsigned n = 0; rd->left > 0; n++) {
		unsigned tag = rd_u16(rd);
		size_t len = rd_u16(rd);
		const uint8_t *at = rd_bytes(rd, len);

		if (!rd_ok(rd)) {
			return ESME_RINVOPTPARSTREAM;
		}
		if (n == TLVS_MAX) {
			sm->too_many = true;
			return ESME_ROK;
		}
		take_tlv(sm, tag, bytes_of(at, len));
	}
	return ESME_ROK;
}

static enum smpp_status read_addresses(
    struct rd *rd, size_t address_max, struct smpp_sm *sm)
{
	struct bytes service;

	if (!read_string(rd, 6, &service)) {
		return ESME_RINVSERTYP;
	}
	sm->source_ton = rd_u8(rd);
	(void)rd_u8(rd); /* npi */
	if (!read_string(rd, address_max, &sm->source)) {
		return ESME_RINVSRCADR;
	}
	sm->has_source = true;
	(void)rd_u16(rd); /* ton, npi */
	return read_string(rd, address_max, &sm->destination) ? ESME_ROK
							      : ESME_RINVDSTADR;
}

enum smpp_status smpp_sm_deliver(struct rd *rd, struct smpp_sm *sm)
{
	enum smpp_status status = read_addresses(rd, 21, sm);
	struct bytes time;
	size_t len;
	const uint8_t *at;

	if (status != ESME_ROK) {
		return status;
	}
	sm->esm_class = rd_u8(rd);
	(void)rd_u16(rd); /* protocol_id, priority_flag */
	if (!read_string(rd, 17, &time) || !read_string(rd, 17, &time)) {
		return ESME_RINVCMDLEN;
	}
	(void)rd_u16(rd); /* registered_delivery, replace_if_present_flag */
	sm->coding = rd_u8(rd);
	(void)rd_u8(rd); /* sm_default_msg_id */
	len = rd_u8(rd);
	at = rd_bytes(rd, len);
	if (!rd_ok(rd)) {
		return ESME_RINVMSGLEN;
	}
	sm->text = bytes_of(at, len);
	return read_tlvs(rd, sm);
}

enum smpp_status smpp_sm_data(struct rd *rd, struct smpp_sm *sm)
{
	enum smpp_status status = read_addresses(rd, 65, sm);

	if (status != ESME_ROK) {
		return status;
	}
	sm->esm_class = rd_u8(rd);
	(void)rd_u8(rd); /* registered_delivery */
	sm->coding = rd_u8(rd);
	return rd_ok(rd) ? read_tlvs(rd, sm) : ESME_RINVCMDLEN;
}
