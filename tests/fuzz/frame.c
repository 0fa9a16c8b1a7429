/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * base/frame: the first byte says who speaks, the rest is a stream of frames.
 * What is read, put again, gives the same bytes.
 */
#include "base/frame.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	enum frame_from from;
	struct frame frame;
	struct buf out;

	if (len == 0) {
		return 0;
	}
	from = (enum frame_from)(1 << data[0] % 6);
	data++;
	len--;
	while (frame_get(data, len, from, &frame) == TL_OK) {
		size_t took = FRAME_HEAD_BYTES + frame.body_len;

		assert(took <= len);
		buf_init(&out, took);
		frame_put(&out, (enum frame_type)frame.type, frame.body,
		    frame.body_len);
		assert(buf_err(&out) == TL_OK && out.len == took);
		assert(memcmp(out.data, data, took) == 0);
		buf_free(&out);
		data += took;
		len -= took;
	}
	return 0;
}
