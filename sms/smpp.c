/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/smpp.h"

#include "base/rd.h"
#include "sms/smpp_message.h"
#include "sms/smpp_sm.h"

#define RESPONSE 0x80000000u

enum command {
	GENERIC_NACK = 0x80000000u,
	DELIVER_SM = 0x05,
	UNBIND = 0x06,
	ENQUIRE_LINK = 0x15,
	ALERT = 0x102,
	DATA_SM = 0x103,
};

#define ESM_TYPE(class)   ((unsigned)(class) >> 2 & 0x0Fu)
#define TYPE_RECEIPT      1u
#define TYPE_INTERMEDIATE 8u

struct head {
	uint32_t len, id, status, sequence;
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

static enum tl_err take_sm(const struct smpp_bind *bind, struct bytes pdu,
    struct rd *rd, bool is_data, struct smpp_taken *taken)
{
	struct smpp_sm sm = { .pdu = pdu };
	enum smpp_status status =
	    is_data ? smpp_sm_data(rd, &sm) : smpp_sm_deliver(rd, &sm);
	unsigned type = ESM_TYPE(sm.esm_class);

	taken->answer.status = status;
	if (status != ESME_ROK) {
		taken->kind = SMPP_REFUSED;
		taken->why = "a field does not fit into the PDU";
		return sm.has_source
		    ? smpp_message_make(bind, &sm, pdu, &taken->batch)
		    : TL_OK;
	}
	if (type == TYPE_RECEIPT || type == TYPE_INTERMEDIATE) {
		taken->kind = SMPP_RECEIPT;
		taken->why = "tells what became of a text: nothing to keep";
		return TL_OK;
	}
	taken->kind = SMPP_TIP;
	taken->why = "a message";
	return smpp_message_make(bind, &sm, bytes_of(NULL, 0), &taken->batch);
}

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
		taken.answer.status = ESME_RINVCMDID;
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
