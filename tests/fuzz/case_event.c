/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The record of a change of a case, of any bytes: what is read is written the
 * same again.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "queue/case_event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct case_record record = { 0 };
	struct buf again;

	if (case_event_get(bytes_of(data, len), &record) != TL_OK) {
		assert(record.now.version == 0);
		return 0;
	}
	buf_init(&again, CASE_EVENT_BYTES);
	case_event_put(&again, &record);
	assert(buf_err(&again) == TL_OK && again.len == len);
	assert(memcmp(again.data, data, len) == 0);
	buf_free(&again);
	return 0;
}
