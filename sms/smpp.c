/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/smpp.h"

#include <string.h>

#include "base/rd.h"
#include "sms/adapter.h"
#include "sms/concat.h"

#define RESPONSE 0x80000000u
#define TLVS_MAX 64u

enum command {
	GENERIC_NACK = 0x80000000u,
	DELIVER_SM = 0x05,
	UNBIND = 0x06,
	ENQUIRE_LINK = 0x15,
	ALERT = 0x102,
	DATA_SM = 0x103,
};

/* command_status, without the prefix ESME_ */
enum status {
	ROK = 0x00,
	RINVMSGLEN = 0x01,
	RINVCMDLEN = 0x02,
	RINVCMDID = 0x03,
	RINVSRCADR = 0x0A,
	RINVDSTADR = 0x0B,
	RINVSERTYP = 0x15,
	RINVOPTPARSTREAM = 0xC0,
};

enum tag {
	TAG_SAR_REF = 0x020C,
	TAG_SAR_TOTAL = 0x020E,
	TAG_SAR_NUMBER = 0x020F,
	TAG_PAYLOAD = 0x0424,
};

/* Type of number of the sender. */
enum ton { TON_INTERNATIONAL = 1, TON_NATIONAL = 2 };

#define ESM_UDHI          0x40u
#define ESM_TYPE(class)   ((unsigned)(class) >> 2 & 0x0Fu)
#define TYPE_RECEIPT      1u
#define TYPE_INTERMEDIATE 8u

struct head {
	uint32_t len, id, status, sequence;
};

/* What a deliver_sm or data_sm says; borrows from the PDU. */
struct sm {
	bool has_source;
	uint8_t source_ton;
	struct bytes source, destination;
	uint8_t esm_class, coding;
	struct bytes text;    /* short_message */
	struct bytes payload; /* message_payload */
	bool has_payload;
	bool has_ref, has_total, has_number;
	struct sms_concat sar;
	bool too_many; /* TLVs */
};

/* Not in the table of gateways: nobody reaches it over HTTP. */
static const struct sms_adapter adapter = {
	.name = "smpp",
	.source = "SMPP 3.4, issue 1.2",
	.trust = "basic", /* the link has a password */
	.numbers = SMS_E164,
};

static struct head read_head(struct rd *rd)
{
	struct head head;

	head.len = rd_u32(rd);
	head.id = rd_u32(rd);
	head.status = rd_u32(rd);
	head.sequence = rd_u32(rd);
	return head;
}

size_t smpp_pdu_bytes(const uint8_t head[static SMPP_HEAD_BYTES])
{
	struct rd rd = rd_of(head, SMPP_HEAD_BYTES);
	uint32_t len = rd_u32(&rd);

	return len >= SMPP_HEAD_BYTES && len <= SMPP_PDU_MAX_BYTES ? len : 0;
}

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

/* ---- the body ----------------------------------------------------------- */

static void take_tlv(struct sm *sm, unsigned tag, struct bytes value)
{
	struct rd rd = rd_of(value.at, value.len);

	if (tag == TAG_PAYLOAD) {
		sm->payload = value;
		sm->has_payload = true;
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

static enum status read_tlvs(struct rd *rd, struct sm *sm)
{
	for (unsigned n = 0; rd->left > 0; n++) {
		unsigned tag = rd_u16(rd);
		size_t len = rd_u16(rd);
		const uint8_t *at = rd_bytes(rd, len);

		if (!rd_ok(rd)) {
			return RINVOPTPARSTREAM;
		}
		if (n == TLVS_MAX) {
			sm->too_many = true;
			return ROK;
		}
		take_tlv(sm, tag, bytes_of(at, len));
	}
	return ROK;
}

static enum status read_addresses(
    struct rd *rd, size_t address_max, struct sm *sm)
{
	struct bytes service;

	if (!read_string(rd, 6, &service)) {
		return RINVSERTYP;
	}
	sm->source_ton = rd_u8(rd);
	(void)rd_u8(rd); /* npi */
	if (!read_string(rd, address_max, &sm->source)) {
		return RINVSRCADR;
	}
	sm->has_source = true;
	(void)rd_u16(rd); /* ton, npi */
	return read_string(rd, address_max, &sm->destination) ? ROK
							      : RINVDSTADR;
}

static enum status read_deliver(struct rd *rd, struct sm *sm)
{
	enum status status = read_addresses(rd, 21, sm);
	struct bytes time;
	size_t len;
	const uint8_t *at;

	if (status != ROK) {
		return status;
	}
	sm->esm_class = rd_u8(rd);
	(void)rd_u16(rd); /* protocol_id, priority_flag */
	if (!read_string(rd, 17, &time) || !read_string(rd, 17, &time)) {
		return RINVCMDLEN;
	}
	(void)rd_u16(rd); /* registered_delivery, replace_if_present_flag */
	sm->coding = rd_u8(rd);
	(void)rd_u8(rd); /* sm_default_msg_id */
	len = rd_u8(rd);
	at = rd_bytes(rd, len);
	if (!rd_ok(rd)) {
		return RINVMSGLEN;
	}
	sm->text = bytes_of(at, len);
	return read_tlvs(rd, sm);
}

static enum status read_data(struct rd *rd, struct sm *sm)
{
	enum status status = read_addresses(rd, 65, sm);

	if (status != ROK) {
		return status;
	}
	sm->esm_class = rd_u8(rd);
	(void)rd_u8(rd); /* registered_delivery */
	sm->coding = rd_u8(rd);
	return rd_ok(rd) ? read_tlvs(rd, sm) : RINVCMDLEN;
}

/* ---- a message of it ---------------------------------------------------- */

static enum sms_encoding encoding_of(
    const struct smpp_bind *bind, uint8_t coding)
{
	static const enum sms_encoding low[] = {
		[0x01] = ENC_UTF8, /* ASCII; what is none is kept as bytes */
		[0x02] = ENC_BINARY,
		[0x03] = ENC_LATIN1,
		[0x04] = ENC_BINARY,
		[0x08] = ENC_UTF16BE,
	};

	if (coding == 0) {
		return bind->alphabet;
	}
	if (coding >= 0xF0) {
		return (coding & 0x04) != 0 ? ENC_BINARY : ENC_GSM7;
	}
	if (coding == 0x01 || coding == 0x02 || coding == 0x03 ||
	    coding == 0x04 || coding == 0x08) {
		return low[coding];
	}
	return ENC_UNKNOWN;
}

static enum sms_numbers numbers_of(
    const struct smpp_bind *bind, const struct sm *sm)
{
	if (sm->source_ton == TON_INTERNATIONAL) {
		return SMS_INTERNATIONAL;
	}
	if (sm->source_ton == TON_NATIONAL) {
		return SMS_NATIONAL;
	}
	/* a name stays one; so does what the operator has not explained */
	return sm->source_ton == 5 ? SMS_RAW : bind->unknown_ton;
}

static void keep_raw(
    struct sms_batch *batch, struct sms_message *message, struct bytes raw)
{
	message->kind = SMS_UNDECODABLE;
	message->data = sms_batch_keep(batch, raw);
}

/* Part numbers in TLVs: all three, or none. */
static void apply_sar(const struct sm *sm, struct sms_message *message)
{
	if (!sm->has_ref && !sm->has_total && !sm->has_number) {
		return;
	}
	if (sm->has_ref && sm->has_total && sm->has_number && sm->sar.seq > 0 &&
	    sm->sar.seq <= sm->sar.total) {
		message->has_concat = true;
		message->concat = sm->sar;
		message->concat.wide = true;
	} else {
		message->flags |= SMS_FLAG_NO_CONCAT;
	}
}

static void read_text(const struct smpp_bind *bind, const struct sm *sm,
    struct sms_batch *batch, struct sms_message *message)
{
	struct bytes data = sm->has_payload ? sm->payload : sm->text;
	enum sms_encoding encoding = encoding_of(bind, sm->coding);
	size_t udh_len = 0;

	if ((sm->esm_class & ESM_UDHI) != 0) {
		udh_len = data.len > 0 ? (size_t)data.at[0] + 1 : 1;
	}
	if (udh_len > data.len || sm->too_many || encoding == ENC_UNKNOWN) {
		keep_raw(batch, message, data);
		return;
	}
	message->to = sms_batch_keep(batch, sm->destination);
	sms_decode(batch, message, encoding,
	    bytes_of(data.at + udh_len, data.len - udh_len));
	if (udh_len > 0) {
		udh_apply(batch, message, bytes_of(data.at, udh_len));
	}
	if (!message->has_concat) {
		apply_sar(sm, message);
	}
}

/* The one message of this PDU; raw: all of it, if it cannot be read. */
static enum tl_err make_message(const struct smpp_bind *bind,
    const struct sm *sm, struct bytes raw, struct sms_batch **ret_batch)
{
	struct sms_gateway gateway = {
		.adapter = &adapter,
		.name = "smpp",
		.numbers = numbers_of(bind, sm),
	};
	struct sms_batch *batch = sms_batch_new();
	struct sms_message *message =
	    batch == NULL ? NULL : sms_batch_add(batch);
	enum tl_err err;

	if (message == NULL) {
		sms_batch_free(batch);
		return TL_ENOMEM;
	}
	memcpy(gateway.region, bind->region, sizeof(gateway.region));
	message->channel = "sms";
	message->from_raw = sms_batch_keep(batch, sm->source);
	if (raw.len > 0) {
		keep_raw(batch, message, raw);
	} else {
		read_text(bind, sm, batch, message);
	}
	sms_settle(&gateway, batch);
	err = sms_batch_err(batch);
	if (err != TL_OK) {
		sms_batch_free(batch);
		return err;
	}
	*ret_batch = batch;
	return TL_OK;
}

static enum tl_err take_sm(const struct smpp_bind *bind, struct bytes pdu,
    struct rd *rd, bool is_data, struct smpp_taken *taken)
{
	struct sm sm = { .has_source = false };
	enum status status =
	    is_data ? read_data(rd, &sm) : read_deliver(rd, &sm);
	unsigned type = ESM_TYPE(sm.esm_class);

	taken->answer.status = status;
	if (status != ROK) {
		taken->kind = SMPP_REFUSED;
		taken->why = "a field does not fit into the PDU";
		return sm.has_source
		    ? make_message(bind, &sm, pdu, &taken->batch)
		    : TL_OK;
	}
	if (type == TYPE_RECEIPT || type == TYPE_INTERMEDIATE) {
		taken->kind = SMPP_RECEIPT;
		taken->why = "tells what became of a text: nothing to keep";
		return TL_OK;
	}
	taken->kind = SMPP_TIP;
	taken->why = "a message";
	return make_message(bind, &sm, bytes_of(NULL, 0), &taken->batch);
}

/* ---- all PDUs ----------------------------------------------------------- */

enum tl_err smpp_take(const struct smpp_bind *bind, struct bytes pdu,
    struct smpp_taken *ret_taken)
{
	struct rd rd = rd_of(pdu.at, pdu.len);
	struct head head = read_head(&rd);
	struct smpp_taken taken = {
		.kind = SMPP_CONTROL,
		.answer = { .id = head.id | RESPONSE,
		    .sequence = head.sequence },
		.why = "keeps the link up",
	};
	enum tl_err err = TL_OK;

	if (!rd_ok(&rd) || head.len != pdu.len ||
	    pdu.len > SMPP_PDU_MAX_BYTES) {
		taken.kind = SMPP_REFUSED;
		taken.answer = (struct smpp_answer){ .close = true };
		taken.why = "command_length is not the PDU's";
	} else if ((head.id & RESPONSE) != 0 || head.id == ALERT) {
		taken.kind = SMPP_IGNORED;
		taken.answer.id = 0;
		taken.why = "wants no answer";
	} else if (head.id == DELIVER_SM || head.id == DATA_SM) {
		err = take_sm(bind, pdu, &rd, head.id == DATA_SM, &taken);
	} else if (head.id != UNBIND && head.id != ENQUIRE_LINK) {
		taken.kind = SMPP_REFUSED;
		taken.answer.id = GENERIC_NACK;
		taken.answer.status = RINVCMDID;
		taken.why = "not for a receiver";
	}
	if (err == TL_OK) {
		*ret_taken = taken;
	}
	return err;
}

void smpp_put_answer(struct buf *out, const struct smpp_answer *answer)
{
	/* a message_id, always empty */
	bool has_body = answer->id == (DELIVER_SM | RESPONSE) ||
	    answer->id == (DATA_SM | RESPONSE);

	buf_put_u32(out, SMPP_HEAD_BYTES + (has_body ? 1 : 0));
	buf_put_u32(out, answer->id);
	buf_put_u32(out, answer->status);
	buf_put_u32(out, answer->sequence);
	if (has_body) {
		buf_put_u8(out, 0);
	}
}

const char *smpp_answer_name(const struct smpp_answer *answer)
{
	static const struct {
		uint32_t id;
		const char *name;
	} names[] = {
		{ GENERIC_NACK, "generic_nack" },
		{ DELIVER_SM | RESPONSE, "deliver_sm_resp" },
		{ UNBIND | RESPONSE, "unbind_resp" },
		{ ENQUIRE_LINK | RESPONSE, "enquire_link_resp" },
		{ DATA_SM | RESPONSE, "data_sm_resp" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].id == answer->id) {
			return names[i].name;
		}
	}
	return "";
}
