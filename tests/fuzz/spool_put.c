/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The bodies of PUT and RECEIPT. What is read lies inside the body, within
 * the limits, and there is exactly as much of it as the body has.
 */
#include <assert.h>
#include <stdbool.h>

#include "server/spool/put.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static bool is_inside(
    const uint8_t *data, size_t len, const uint8_t *at, size_t n)
{
	return at >= data && at <= data + len && n <= (size_t)(data + len - at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct receipt receipt;
	struct put put;
	size_t total = 5;

	if (receipt_read(bytes_of(data, len), &receipt) == TL_OK) {
		assert(len == 112 && receipt.id == data &&
		    receipt.hash == data + 16 &&
		    receipt.signature == data + 48);
	}
	if (put_read(bytes_of(data, len), &put) != TL_OK) {
		return 0;
	}
	assert(put.n >= 1 && put.n <= SPOOL_BATCH_MAX);
	for (size_t i = 0; i < put.n; i++) {
		const struct spool_record *record = &put.records[i];

		assert(is_inside(data, len, record->id, SPOOL_ID_BYTES));
		assert(is_inside(
		    data, len, record->sealed.at, record->sealed.len));
		assert(record->sealed.len >= 1 &&
		    record->sealed.len <= SPOOL_RECORD_BYTES_MAX);
		total += SPOOL_ID_BYTES + 3 + 4 + record->sealed.len;
		if (record->dedup != NULL) {
			assert(is_inside(
			    data, len, record->dedup, SPOOL_DEDUP_BYTES));
			total += SPOOL_DEDUP_BYTES;
		}
		if (record->nonce != NULL) {
			assert(record->dedup != NULL);
			assert(is_inside(
			    data, len, record->nonce, SPOOL_NONCE_BYTES));
			total += SPOOL_NONCE_BYTES;
		}
	}
	assert(total == len);
	return 0;
}
