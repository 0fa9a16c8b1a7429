/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/smpp_message.h"

#include <string.h>

#include "sms/adapter.h"
#include "sms/concat.h"

/* Type of number of the sender. */
enum ton { TON_INTERNATIONAL = 1, TON_NATIONAL = 2 };

#define ESM_UDHI 0x40u

/* Not in the table of gateways: nobody reaches it over HTTP. */
static const struct sms_adapter adapter = {
	.name = "smpp",
	.source = "SMPP 3.4, issue 1.2",
	.trust = "basic", /* the link has a password */
	.numbers = SMS_E164,
	.join = SMS_JOIN_DESK,
};

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
    const struct smpp_bind *bind, const struct smpp_sm *sm)
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
static void apply_sar(const struct smpp_sm *sm, struct sms_message *message)
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

static void read_text(const struct smpp_bind *bind, const struct smpp_sm *sm,
    struct sms_batch *batch, struct sms_message *message)
{
	struct bytes data = sm->payload.len > 0 ? sm->payload : sm->text;
	enum sms_encoding encoding = encoding_of(bind, sm->coding);
	size_t udh_len = 0;

	if ((sm->esm_class & ESM_UDHI) != 0) {
		udh_len = data.len > 0 ? (size_t)data.at[0] + 1 : 1;
	}
	if (sm->too_many) {
		keep_raw(batch, message, sm->pdu); /* words may be behind */
		return;
	}
	if (udh_len > data.len || encoding == ENC_UNKNOWN) {
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

enum tl_err smpp_message_make(const struct smpp_bind *bind,
    const struct smpp_sm *sm, struct bytes raw, struct sms_batch **ret_batch)
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
