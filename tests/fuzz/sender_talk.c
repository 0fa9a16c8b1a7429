/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/sender_talk: the first byte says whether the web process or the sender
 * speaks, the rest is frames. What is read and put again gives the same bytes.
 */
#include "desk/sender_talk.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define AGAIN(name) \
	static enum tl_err again_##name( \
	    const struct frame *frame, struct buf *out) \
	{ \
		struct sender_##name read; \
		enum tl_err err = sender_read_##name(frame, &read); \
\
		if (err == TL_OK) { \
			sender_put_##name(out, &read); \
		} \
		return err; \
	}
AGAIN(sms)
AGAIN(alarm)
AGAIN(said)

static const struct {
	enum frame_type type;
	enum tl_err (*again)(const struct frame *frame, struct buf *out);
} rows[] = {
	{ FRAME_SENDER_SMS, again_sms },
	{ FRAME_SENDER_ALARM, again_alarm },
	{ FRAME_SENDER_SAID, again_said },
};

static void look_at(const struct frame *frame, const uint8_t *whole)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out;

		buf_init(&out, frame->body_len);
		if (rows[i].type == frame->type &&
		    rows[i].again(frame, &out) == TL_OK) {
			assert(buf_err(&out) == TL_OK);
			assert(out.len == frame->body_len);
			assert(memcmp(out.data, whole + FRAME_HEAD_BYTES,
				   out.len) == 0);
		}
		buf_free(&out);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	enum frame_from from;
	struct frame frame;

	if (len == 0) {
		return 0;
	}
	from = data[0] % 2 == 0 ? FRAME_FROM_WEB : FRAME_FROM_SENDER;
	data++;
	len--;
	while (frame_get(data, len, from, &frame) == TL_OK) {
		size_t took = FRAME_HEAD_BYTES + frame.body_len;

		look_at(&frame, data);
		data += took;
		len -= took;
	}
	return 0;
}
