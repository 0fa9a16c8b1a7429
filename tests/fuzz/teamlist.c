/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/teamlist: whatever is read, a list that is taken has its epochs in
 * order and a key for every time. With the first byte's high bit set the check
 * line is put behind the text, since no fuzzer finds a hash.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "crypto/keytext.h"
#include "crypto/start.h"
#include "crypto/teamlist.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct teamlist *list = NULL;
	struct buf text;

	if (crypto_start() != TL_OK) {
		abort();
	}
	if (len < 1 || len > TEAMLIST_MAX_BYTES) {
		return 0;
	}
	buf_init(&text, 2 * TEAMLIST_MAX_BYTES);
	buf_put(&text, data + 1, len - 1);
	if ((data[0] & 0x80u) != 0) {
		keytext_put_check(&text);
	}
	assert(buf_err(&text) == TL_OK);
	if (teamlist_parse(bytes_of(text.data, text.len), &list) == TL_OK) {
		assert(list->n >= 1 && list->n <= TEAMLIST_EPOCHS_MAX);
		for (size_t i = 0; i < list->n; i++) {
			assert(teamlist_at(list, list->epochs[i].start_s) == i);
			assert(
			    teamlist_end_of(list, i) > list->epochs[i].start_s);
		}
		teamlist_free(list);
	}
	buf_free(&text);
	return 0;
}
