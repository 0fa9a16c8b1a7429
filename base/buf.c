/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/buf.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"

#define BUF_FIRST_CAP 256u

void buf_init(struct buf *buf, size_t max)
{
	*buf = (struct buf){ .max = max };
}

void buf_free(struct buf *buf)
{
	wipe(buf->data, buf->cap);
	free(buf->data);
	*buf = (struct buf){ .max = buf->max };
}

void buf_reset(struct buf *buf)
{
	wipe(buf->data, buf->cap);
	buf->len = 0;
	buf->err = TL_OK;
}

enum tl_err buf_err(const struct buf *buf)
{
	return buf->err;
}

/* Not realloc: the old copy must be wiped before its memory goes back. */
static int grow(struct buf *buf, size_t need)
{
	size_t cap = buf->cap == 0 ? BUF_FIRST_CAP : buf->cap;
	uint8_t *data;

	while (cap < need) {
		if (cap > buf->max / 2) {
			cap = buf->max;
			break;
		}
		cap *= 2;
	}
	if (cap < need) {
		cap = need;
	}
	data = malloc(cap);
	if (data == NULL) {
		buf->err = TL_ENOMEM;
		return -1;
	}
	if (buf->len > 0) {
		memcpy(data, buf->data, buf->len);
	}
	wipe(buf->data, buf->cap);
	free(buf->data);
	buf->data = data;
	buf->cap = cap;
	return 0;
}

uint8_t *buf_room(struct buf *buf, size_t len)
{
	size_t need;
	uint8_t *at;

	if (buf->err != TL_OK) {
		return NULL;
	}
	if (__builtin_add_overflow(buf->len, len, &need) || need > buf->max) {
		buf->err = TL_ETOOBIG;
		return NULL;
	}
	if ((need > buf->cap || buf->data == NULL) && grow(buf, need) != 0) {
		return NULL;
	}
	at = buf->data + buf->len;
	buf->len = need;
	return at;
}

void buf_put(struct buf *buf, const void *bytes, size_t len)
{
	uint8_t *at;

	if (len == 0) {
		return;
	}
	at = buf_room(buf, len);
	if (at != NULL) {
		memcpy(at, bytes, len);
	}
}

void buf_put_str(struct buf *buf, const char *text)
{
	buf_put(buf, text, strlen(text));
}

void buf_put_u8(struct buf *buf, uint8_t value)
{
	buf_put(buf, &value, 1);
}

static void put_be(struct buf *buf, uint64_t value, size_t len)
{
	uint8_t *at = buf_room(buf, len);

	if (at == NULL) {
		return;
	}
	for (size_t i = 0; i < len; i++) {
		at[len - 1 - i] = (uint8_t)(value >> (8 * i));
	}
}

void buf_put_u16(struct buf *buf, uint16_t value)
{
	put_be(buf, value, 2);
}

void buf_put_u32(struct buf *buf, uint32_t value)
{
	put_be(buf, value, 4);
}

void buf_put_u64(struct buf *buf, uint64_t value)
{
	put_be(buf, value, 8);
}

void buf_put_dec(struct buf *buf, uint64_t value)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	buf_put(buf, digits + at, sizeof(digits) - at);
}

void buf_put_zeros(struct buf *buf, size_t len)
{
	uint8_t *at = len > 0 ? buf_room(buf, len) : NULL;

	if (at != NULL) {
		memset(at, 0, len);
	}
}

void buf_drop(struct buf *buf, size_t len)
{
	assert(len <= buf->len);
	if (len == 0) {
		return;
	}
	memmove(buf->data, buf->data + len, buf->len - len);
	wipe(buf->data + buf->len - len, len);
	buf->len -= len;
}
