/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/audit: what is read and put again is read as the same.
 */
#include "desk/audit.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct audit first = { .at_ms = 0 }, second = { .at_ms = 0 };
	struct buf doc;

	audit_set_note(&first, bytes_of(data, len));
	if (audit_read(bytes_of(data, len), &first) != TL_OK) {
		return 0;
	}
	/* signs of a note may be written longer than they were */
	buf_init(&doc, 8 * AUDIT_DOC_BYTES);
	assert(audit_put(&first, &doc) == TL_OK);
	if (doc.len <= AUDIT_DOC_BYTES) {
		assert(
		    audit_read(bytes_of(doc.data, doc.len), &second) == TL_OK);
		assert(memcmp(&first.tip, &second.tip, sizeof(first.tip)) == 0);
		assert(strcmp(first.note, second.note) == 0);
		assert(strcmp(first.who, second.who) == 0);
	}
	buf_free(&doc);
	return 0;
}
