/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Folding: any bytes fold, the copy is valid, folding it again changes
 * nothing, and each sign knows bytes of the original.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "text/fold.h"
#include "text/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void put(const struct fold *fold, size_t len, struct buf *out)
{
	for (size_t i = 0; i < fold->n; i++) {
		assert(fold->at[i].at < fold->at[i].end);
		assert(fold->at[i].end <= len);
	}
	buf_init(out, 8 * len + 64);
	fold_put(fold, out);
	assert(buf_err(out) == TL_OK);
	assert(utf8_valid(bytes_of(out->data, out->len)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct fold once, twice, unmarked, single;
	struct buf first, second;

	assert(fold_text(bytes_of(data, len), &once) == TL_OK);
	put(&once, len, &first);
	assert(fold_text(bytes_of(first.data, first.len), &twice) == TL_OK);
	put(&twice, first.len, &second);
	assert(bytes_equal(bytes_of(first.data, first.len),
	    bytes_of(second.data, second.len)));
	buf_free(&second);
	assert(fold_unmarked(&once, &unmarked) == TL_OK);
	assert(fold_single(&unmarked, &single) == TL_OK);
	put(&single, len, &second);
	buf_free(&second);
	fold_free(&single);
	fold_free(&unmarked);
	buf_free(&first);
	fold_free(&twice);
	fold_free(&once);
	return 0;
}
