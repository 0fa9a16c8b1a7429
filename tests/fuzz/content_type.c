/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/multipart: the value of Content-Type. A boundary that was found
 * is found again when it is written in quotes.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "server/net/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void assert_found_again(struct bytes boundary)
{
	struct bytes again = bytes_of(NULL, 0);
	struct buf quoted;
	struct multipart m;

	assert(boundary.len >= 1 && boundary.len <= MULTIPART_BOUNDARY_MAX);
	buf_init(&quoted, 256);
	buf_put_str(&quoted, "multipart/form-data; boundary=\"");
	buf_put(&quoted, boundary.at, boundary.len);
	buf_put_str(&quoted, "\"");
	assert(buf_err(&quoted) == TL_OK);
	assert(multipart_boundary(bytes_of(quoted.data, quoted.len), &again) ==
	    TL_OK);
	assert(bytes_equal(boundary, again));
	multipart_init(&m, again);
	assert(multipart_finish(&m) == TL_EFORMAT);
	buf_free(&quoted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bytes value = bytes_of(data, len);
	struct bytes boundary = bytes_of(NULL, 0);
	enum tl_err err = multipart_boundary(value, &boundary);

	assert((err == TL_ENOENT) ==
	    !content_type_is(value, "multipart/form-data"));
	assert((err == TL_OK) == (boundary.at != NULL));
	if (err == TL_OK) {
		assert_found_again(boundary);
	}
	return 0;
}
