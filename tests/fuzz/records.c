/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/records: a file of sealed records, as root reads it back. The first byte
 * says how the rest is taken: as a file; or as records to be written, each a
 * byte of length before it, which are read back the same, and not at all
 * when one byte of the file is another one or its end is missing.
 */
#include "cli/records.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/frame.h"
#include "base/rd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct bytes sum_of(struct bytes record)
{
	struct rd rd = rd_of(record.at, record.len);

	assert(record.len > RECORD_HEAD_BYTES &&
	    record.len <= RECORD_HEAD_BYTES + FRAME_RECORD_BYTES);
	(void)rd_bytes(&rd, RECORD_HEAD_BYTES - 4);
	assert(rd_u32(&rd) == rd.left);
	return bytes_of(rd.at, rd.left);
}

/* How many there are until the end; all of them, or what is wrong. */
static enum tl_err read_all(const uint8_t *data, size_t len, struct buf *again)
{
	FILE *file = fmemopen((void *)(uintptr_t)data, len, "rb");
	struct records records;
	struct bytes record;
	uint64_t n = 0;
	enum tl_err err;

	if (file == NULL) {
		return TL_EFORMAT; /* nothing at all */
	}
	err = records_read(&records, file);
	while (err == TL_OK) {
		err = records_next(&records, &record);
		if (err == TL_OK) {
			struct bytes sealed = sum_of(record);

			n++;
			buf_put(again, sealed.at, sealed.len);
		}
	}
	assert(records.n == n);
	assert(err == TL_ENOENT || err == TL_EFORMAT);
	records_end(&records);
	(void)fclose(file);
	return err;
}

static void write_all(struct bytes text, FILE *file, struct buf *sealed)
{
	struct rd rd = rd_of(text.at, text.len);
	struct records records;
	struct buf record;

	assert(records_create(&records, file) == TL_OK);
	while (rd.left >= 2) {
		size_t n = 1u + rd_u8(&rd);
		const uint8_t *at;

		n = n < rd.left ? n : rd.left;
		at = rd_bytes(&rd, n);
		buf_init(&record, RECORD_HEAD_BYTES + 256);
		buf_put_zeros(&record, RECORD_HEAD_BYTES - 4);
		buf_put_u32(&record, (uint32_t)n);
		buf_put(&record, at, n);
		buf_put(sealed, at, n);
		assert(records_add(&records,
			   bytes_of(record.data, record.len)) == TL_OK);
		buf_free(&record);
	}
	assert(records_finish(&records) == TL_OK);
	records_end(&records);
}

static void write_and_read(struct bytes text)
{
	char *at = NULL;
	size_t len = 0, where;
	FILE *file = open_memstream(&at, &len);
	struct buf sealed, again;

	assert(file != NULL);
	buf_init(&sealed, text.len + 1);
	buf_init(&again, text.len + 1);
	write_all(text, file, &sealed);
	(void)fclose(file);
	assert(read_all((uint8_t *)at, len, &again) == TL_ENOENT);
	assert(again.len == sealed.len);
	assert(
	    again.len == 0 || memcmp(again.data, sealed.data, again.len) == 0);
	/* a place that the input chooses */
	where = text.len > 1 ? (size_t)(text.at[0] << 8 | text.at[1]) % len : 0;
	at[where] ^= 1;
	buf_reset(&again);
	assert(read_all((uint8_t *)at, len, &again) == TL_EFORMAT);
	at[where] ^= 1;
	buf_reset(&again);
	assert(read_all((uint8_t *)at, where, &again) == TL_EFORMAT);
	buf_free(&again);
	buf_free(&sealed);
	free(at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf again;

	if (len == 0) {
		return 0;
	}
	if (data[0] % 2 == 0) {
		buf_init(&again, len);
		(void)read_all(data + 1, len - 1, &again);
		buf_free(&again);
	} else {
		write_and_read(bytes_of(data + 1, len - 1));
	}
	return 0;
}
