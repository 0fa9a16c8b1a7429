/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/keyd_talk: the first byte says whether the desk or keyd speaks, the
 * rest is frames. What is read and put again gives the same bytes.
 */
#include "desk/keyd_talk.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static enum tl_err again_from_desk(const struct frame *frame, struct buf *out)
{
	struct keyd_unlock unlock;
	struct keyd_open open;
	struct keyd_reseal reseal;
	enum tl_err err = TL_EFORMAT;

	if (frame->type == FRAME_KEYD_UNLOCK) {
		err = keyd_read_unlock(frame, &unlock);
		if (err == TL_OK) {
			keyd_put_unlock(out, &unlock);
		}
	} else if (frame->type == FRAME_KEYD_OPEN) {
		err = keyd_read_open(frame, &open);
		if (err == TL_OK) {
			keyd_put_open(out, &open);
		}
	} else if (frame->type == FRAME_KEYD_RESEAL) {
		err = keyd_read_reseal(frame, &reseal);
		if (err == TL_OK) {
			keyd_put_reseal(out, &reseal);
		}
	}
	return err;
}

static enum tl_err again_from_keyd(const struct frame *frame, struct buf *out)
{
	uint8_t result;
	struct keyd_unlocked_as unlocked;
	struct keyd_opened opened;
	struct keyd_state state;
	struct bytes envelope;
	enum tl_err err = TL_EFORMAT;

	if (frame->type == FRAME_KEYD_UNLOCKED) {
		err = keyd_read_unlocked(frame, &unlocked);
		if (err == TL_OK) {
			keyd_put_unlocked(out, &unlocked);
		}
	} else if (frame->type == FRAME_KEYD_OPENED) {
		err = keyd_read_opened(frame, &opened);
		if (err == TL_OK) {
			keyd_put_opened(out, &opened);
		}
	} else if (frame->type == FRAME_KEYD_RESEALED) {
		err = keyd_read_resealed(frame, &result, &envelope);
		if (err == TL_OK) {
			keyd_put_resealed(out, result, envelope);
		}
	} else if (frame->type == FRAME_KEYD_STATE) {
		err = keyd_read_state(frame, &state);
		if (err == TL_OK) {
			keyd_put_state(out, &state);
		}
	}
	return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct frame frame;
	bool desk;

	if (len == 0) {
		return 0;
	}
	desk = data[0] % 2 == 0;
	data++;
	len--;
	while (frame_get(data, len, desk ? FRAME_FROM_DESK : FRAME_FROM_KEYD,
		   &frame) == TL_OK) {
		size_t took = FRAME_HEAD_BYTES + frame.body_len;
		struct buf out;

		buf_init(&out, took);
		if ((desk ? again_from_desk : again_from_keyd)(&frame, &out) ==
		    TL_OK) {
			assert(buf_err(&out) == TL_OK && out.len == took);
			assert(memcmp(out.data, data, took) == 0);
		}
		buf_free(&out);
		data += took;
		len -= took;
	}
	return 0;
}
