/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "web/wire.h"

#include <string.h>
#include <zlib.h>

/* Padding is a comment behind the page. */
static const char pad_open[] = "<!--";
static const char pad_close[] = "-->\n";
#define AROUND (sizeof(pad_open) + sizeof(pad_close) - 2)

#define LEVEL      6
#define WINDOW_RAW (-15) /* no head and end of zlib's own */
#define MEMORY     8

/* RFC 1952: deflate, no name, no time, an unknown system. */
static const uint8_t gzip_head[] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255 };
/* RFC 1951, 3.2.4: the last block, stored; its length, twice. */
#define STORED_HEAD_BYTES 5u
#define GZIP_END_BYTES    8u

size_t wire_bytes(enum wire_kind kind, bool gzip)
{
	static const size_t bytes[WIRE_KINDS][2] = {
		[WIRE_MESSAGE] = { 8192, 3584 },
		[WIRE_RECEIPT] = { 10240, 4096 },
		[WIRE_RETURN] = { 12288, 5120 },
	};

	return bytes[kind][gzip ? 1 : 0];
}

/* The length of a page of len bytes, with room for at least least more. */
static size_t padded(size_t len, size_t least, size_t step)
{
	return (len + least + step - 1) / step * step;
}

static void put_comment(struct buf *out, size_t len)
{
	uint8_t *room;

	if (len == 0) {
		return;
	}
	buf_put_str(out, pad_open);
	room = buf_room(out, len - AROUND);
	if (room != NULL) {
		memset(room, ' ', len - AROUND);
	}
	buf_put_str(out, pad_close);
}

static void put_u32_le(struct buf *out, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++) {
		buf_put_u8(out, (uint8_t)(value >> (8 * i)));
	}
}

/* Deflate the page into whole bytes, with no last block yet. */
static enum tl_err put_deflated(const struct buf *page, struct buf *out)
{
	z_stream z = { .zalloc = Z_NULL };
	uLong most;
	uint8_t *room;
	enum tl_err err = TL_ENOMEM;

	if (deflateInit2(&z, LEVEL, Z_DEFLATED, WINDOW_RAW, MEMORY,
		Z_DEFAULT_STRATEGY) != Z_OK) {
		return TL_ENOMEM;
	}
	most = deflateBound(&z, page->len) + STORED_HEAD_BYTES;
	room = buf_room(out, most);
	if (room != NULL) {
		z.next_in = page->data;
		z.avail_in = (uInt)page->len;
		z.next_out = room;
		z.avail_out = (uInt)most;
		if (deflate(&z, Z_SYNC_FLUSH) == Z_OK && z.avail_in == 0 &&
		    z.avail_out > 0) {
			out->len -= z.avail_out;
			err = TL_OK;
		}
	}
	(void)deflateEnd(&z);
	return room == NULL ? buf_err(out) : err;
}

static enum tl_err put_gzip(
    const struct buf *page, size_t step, struct buf *out)
{
	struct buf comment;
	size_t begin = out->len, end = STORED_HEAD_BYTES + GZIP_END_BYTES;
	size_t len = 0;
	uLong crc;
	enum tl_err err;

	buf_put(out, gzip_head, sizeof(gzip_head));
	err = put_deflated(page, out);
	if (err != TL_OK) {
		return err;
	}
	if (step > 0) {
		len = padded(out->len - begin + end, AROUND, step) -
		    (out->len - begin) - end;
	}
	buf_init(&comment, 2 * step);
	put_comment(&comment, len);
	err = buf_err(&comment);
	crc = crc32(0, page->data, (uInt)page->len);
	if (comment.len > 0) { /* zlib takes NULL as a wish for a new sum */
		crc = crc32(crc, comment.data, (uInt)comment.len);
	}
	buf_put_u8(out, 1);
	buf_put_u8(out, (uint8_t)len);
	buf_put_u8(out, (uint8_t)(len >> 8));
	buf_put_u8(out, (uint8_t)~len);
	buf_put_u8(out, (uint8_t)(~len >> 8));
	buf_put(out, comment.data, comment.len);
	put_u32_le(out, (uint32_t)crc);
	put_u32_le(out, (uint32_t)(page->len + len));
	buf_free(&comment);
	return err != TL_OK ? err : buf_err(out);
}

enum tl_err wire_page(const struct buf *page, enum wire_kind kind, bool gzip,
    struct buf *out, bool *ret_gzip)
{
	size_t step;

	*ret_gzip = gzip && kind != WIRE_TYPED;
	step = wire_bytes(kind, *ret_gzip);
	if (*ret_gzip) {
		return put_gzip(page, step, out);
	}
	buf_put(out, page->data, page->len);
	if (step > 0) {
		put_comment(out, padded(page->len, AROUND, step) - page->len);
	}
	return buf_err(out);
}
