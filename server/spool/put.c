/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/spool/put.h"

#include "base/rd.h"

#define SIGNATURE_BYTES 64u

static bool read_record(struct rd *rd, struct spool_record *record)
{
	uint8_t channel;
	uint8_t urgent;
	uint8_t has_dedup;
	uint32_t len;

	record->id = rd_bytes(rd, SPOOL_ID_BYTES);
	channel = rd_u8(rd);
	urgent = rd_u8(rd);
	has_dedup = rd_u8(rd);
	record->urgent = urgent == 1;
	record->channel = (enum spool_channel)channel;
	record->dedup = has_dedup >= 1 ? rd_bytes(rd, SPOOL_DEDUP_BYTES) : NULL;
	record->nonce = has_dedup == 2 ? rd_bytes(rd, SPOOL_NONCE_BYTES) : NULL;
	len = rd_u32(rd);
	record->sealed = bytes_of(rd_bytes(rd, len), len);
	return rd_ok(rd) && channel < SPOOL_CHANNELS && urgent <= 1 &&
	    !(record->urgent && channel == SPOOL_FILES) && has_dedup <= 2 &&
	    len > 0 && len <= SPOOL_RECORD_BYTES_MAX;
}

enum tl_err put_read(struct bytes body, struct put *ret_put)
{
	struct rd rd = rd_of(body.at, body.len);

	ret_put->req = rd_u32(&rd);
	ret_put->n = rd_u8(&rd);
	if (ret_put->n < 1 || ret_put->n > SPOOL_BATCH_MAX) {
		return TL_EFORMAT;
	}
	for (size_t i = 0; i < ret_put->n; i++) {
		if (!read_record(&rd, &ret_put->records[i])) {
			return TL_EFORMAT;
		}
	}
	return rd_done(&rd) ? TL_OK : TL_EFORMAT;
}

enum tl_err receipt_read(struct bytes body, struct receipt *ret_receipt)
{
	struct rd rd = rd_of(body.at, body.len);
	struct receipt receipt;

	receipt.id = rd_bytes(&rd, SPOOL_ID_BYTES);
	receipt.hash = rd_bytes(&rd, SPOOL_HASH_BYTES);
	receipt.signature = rd_bytes(&rd, SIGNATURE_BYTES);
	if (!rd_done(&rd)) {
		return TL_EFORMAT;
	}
	*ret_receipt = receipt;
	return TL_OK;
}
