/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a gateway's message is known by when it comes again. */
#include "crypto/digest.h"
#include "sms/gateway.h"

#define HOUR_S 3600

static void put_counted(struct buf *out, struct bytes bytes)
{
	buf_put_u32(out, (uint32_t)bytes.len);
	buf_put(out, bytes.at, bytes.len);
}

void sms_dedup_input(const struct sms_gateway *gateway,
    const struct sms_message *message, int64_t now_s, struct buf *out)
{
	bool is_dated = message->sent_s != 0 && !message->sent_is_rough;

	buf_put_str(out, gateway->name);
	buf_put_u8(out, 0);
	put_counted(out, message->external_id);
	/* The same words an hour later are another cry, and no repeat. Pieces
	 * of what cannot be read are the same if all their bytes are. */
	if (message->external_id.len == 0 && message->kind != SMS_UNDECODABLE) {
		buf_put_u64(
		    out, (uint64_t)(is_dated ? message->sent_s : now_s));
	} else if (message->external_id.len == 0 && !message->has_concat) {
		buf_put_u64(out, (uint64_t)(now_s / HOUR_S));
	}
	put_counted(out, message->from_raw);
	put_counted(out, message->to);
	put_counted(out, message->text);
	put_counted(out, message->data);
	put_counted(out, message->udh);
	buf_put_u8(out, message->has_concat ? 1 : 0);
	if (message->has_concat) {
		buf_put_u16(out, message->concat.ref);
		buf_put_u8(out, message->concat.total);
		buf_put_u8(out, message->concat.seq);
	}
	for (size_t i = 0; i < message->n_media; i++) {
		put_counted(out, message->media[i].url);
	}
	for (size_t i = 0; i < message->n_files; i++) {
		uint8_t hash[DIGEST_SHA256_BYTES];

		digest_sha256(hash, message->files[i].data);
		buf_put(out, hash, sizeof(hash));
	}
	for (size_t i = 0; i < message->n_answers; i++) {
		put_counted(out, bytes_str(message->answers[i].name));
		put_counted(out, message->answers[i].value);
	}
}
