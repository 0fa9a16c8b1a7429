/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/store_talk: the first byte says whether the web process or the store
 * speaks, the rest is frames. What is read and put again gives the same bytes.
 */
#include "desk/store_talk.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define AGAIN(type, name) \
	static enum tl_err again_##name( \
	    const struct frame *frame, struct buf *out) \
	{ \
		struct store_##name read; \
		enum tl_err err = store_read_##name(frame, &read); \
\
		if (err == TL_OK) { \
			store_put_##name(out, &read); \
		} \
		return err; \
	}
AGAIN(WANT, want)
AGAIN(RECORD, record)
AGAIN(DO, do)
AGAIN(KEEP, keep)
AGAIN(MAIL, mail)
AGAIN(STATUS, status)
AGAIN(ENTRY, entry)
AGAIN(CASE, case)
AGAIN(STATE, state)

static enum tl_err again_logout(const struct frame *frame, struct buf *out)
{
	char who[CASE_OWNER_BYTES];
	uint32_t req;
	enum tl_err err = store_read_logout(frame, &req, who);

	if (err == TL_OK) {
		store_put_logout(out, req, who);
	}
	return err;
}

static enum tl_err again_entries(const struct frame *frame, struct buf *out)
{
	uint8_t id[CASE_ID_BYTES];
	uint32_t req;
	enum tl_err err = store_read_entries(frame, &req, id);

	if (err == TL_OK) {
		store_put_entries(out, req, id);
	}
	return err;
}

static enum tl_err again_index(const struct frame *frame, struct buf *out)
{
	enum tl_err err = TL_OK;

	for (size_t i = 0; err == TL_OK; i++) {
		struct store_item item;

		err = store_read_item(frame, i, &item);
		if (err == TL_OK) {
			store_put_item(out, &item);
		}
	}
	return err == TL_ENOENT ? TL_OK : err;
}

/* Of a case in it only what is there without its event is kept. */
static enum tl_err again_done(const struct frame *frame, struct buf *out)
{
	struct store_done done;

	(void)out;
	return store_read_done(frame, &done) == TL_OK ? TL_EAGAIN : TL_EFORMAT;
}

static const struct {
	enum frame_type type;
	enum tl_err (*again)(const struct frame *frame, struct buf *out);
} rows[] = {
	{ FRAME_STORE_WANT, again_want },
	{ FRAME_STORE_RECORD, again_record },
	{ FRAME_STORE_DO, again_do },
	{ FRAME_STORE_RENEW, again_do },
	{ FRAME_STORE_LOGOUT, again_logout },
	{ FRAME_STORE_KEEP, again_keep },
	{ FRAME_STORE_MAIL, again_mail },
	{ FRAME_STORE_STATUS, again_status },
	{ FRAME_STORE_DONE, again_done },
	{ FRAME_STORE_ENTRIES, again_entries },
	{ FRAME_STORE_ENTRY, again_entry },
	{ FRAME_STORE_INDEX, again_index },
	{ FRAME_STORE_CASE, again_case },
	{ FRAME_STORE_STATE, again_state },
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
			assert(out.len == 0 ||
			    memcmp(out.data, whole + FRAME_HEAD_BYTES,
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
	from = data[0] % 2 == 0 ? FRAME_FROM_WEB : FRAME_FROM_STORE;
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
