/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/records.h"

#include <errno.h>
#include <string.h>

#include "base/frame.h"
#include "base/rd.h"

static const uint8_t magic[16] = "tipline records1";

#define RECORD_BYTES_MAX (RECORD_HEAD_BYTES + FRAME_RECORD_BYTES)

/* H(chain value before, record) is the next one, and stands behind it. */
static enum tl_err move_chain(struct records *records, struct bytes record)
{
	struct buf whole;
	enum tl_err err;

	buf_init(&whole, HASH_BYTES + RECORD_BYTES_MAX);
	buf_put(&whole, records->chain, HASH_BYTES);
	buf_put(&whole, record.at, record.len);
	err = buf_err(&whole);
	if (err == TL_OK) {
		hash_bytes(records->chain, whole.data, whole.len);
	}
	buf_free(&whole);
	return err;
}

static void begin(struct records *records, FILE *file)
{
	*records = (struct records){ .file = file };
	buf_init(&records->bytes, RECORD_BYTES_MAX);
	hash_bytes(records->chain, magic, sizeof(magic));
}

enum tl_err records_create(struct records *records, FILE *file)
{
	begin(records, file);
	return fwrite(magic, sizeof(magic), 1, file) == 1 ? TL_OK : TL_EIO;
}

enum tl_err records_read(struct records *records, FILE *file)
{
	uint8_t head[sizeof(magic)];

	begin(records, file);
	rewind(file);
	return fread(head, sizeof(head), 1, file) == 1 &&
		memcmp(head, magic, sizeof(head)) == 0
	    ? TL_OK
	    : TL_EFORMAT;
}

void records_end(struct records *records)
{
	buf_free(&records->bytes);
}

static enum tl_err why_not(void)
{
	return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? TL_EFULL
								    : TL_EIO;
}

static enum tl_err put(struct records *records, struct bytes record)
{
	enum tl_err err = move_chain(records, record);

	if (err == TL_OK &&
	    (fwrite(record.at, record.len, 1, records->file) != 1 ||
		fwrite(records->chain, HASH_BYTES, 1, records->file) != 1)) {
		err = why_not();
	}
	return err;
}

enum tl_err records_add(struct records *records, struct bytes record)
{
	records->n++;
	return put(records, record);
}

/* A record without an id and without bytes. */
enum tl_err records_finish(struct records *records)
{
	static const uint8_t end[RECORD_HEAD_BYTES];
	enum tl_err err = put(records, bytes_of(end, sizeof(end)));

	return err == TL_OK && fflush(records->file) != 0 ? why_not() : err;
}

enum tl_err records_next(struct records *records, struct bytes *ret_record)
{
	struct buf *bytes = &records->bytes;
	uint8_t chain[HASH_BYTES];
	uint8_t *to;
	struct rd rd;
	uint32_t len;
	enum tl_err err;

	buf_reset(bytes);
	to = buf_room(bytes, RECORD_HEAD_BYTES);
	if (to == NULL) {
		return TL_ENOMEM;
	}
	if (fread(to, RECORD_HEAD_BYTES, 1, records->file) != 1) {
		return TL_EFORMAT;
	}
	rd = rd_of(to + RECORD_HEAD_BYTES - 4, 4);
	len = rd_u32(&rd);
	if (len > FRAME_RECORD_BYTES) {
		return TL_EFORMAT;
	}
	to = len > 0 ? buf_room(bytes, len) : to;
	if (to == NULL) {
		return TL_ENOMEM;
	}
	if ((len > 0 && fread(to, len, 1, records->file) != 1) ||
	    fread(chain, sizeof(chain), 1, records->file) != 1) {
		return TL_EFORMAT;
	}
	err = move_chain(records, bytes_of(bytes->data, bytes->len));
	if (err != TL_OK) {
		return err;
	}
	if (memcmp(chain, records->chain, sizeof(chain)) != 0) {
		return TL_EFORMAT;
	}
	if (len == 0) {
		return getc(records->file) == EOF ? TL_ENOENT : TL_EFORMAT;
	}
	records->n++;
	*ret_record = bytes_of(bytes->data, bytes->len);
	return TL_OK;
}
