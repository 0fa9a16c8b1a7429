/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/enc.h"

static const char hex_digits[] = "0123456789abcdef";
static const char b64_std[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char b64_url[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void enc_hex(struct buf *out, const void *bytes, size_t len)
{
	const uint8_t *in = bytes;

	for (size_t i = 0; i < len; i++) {
		buf_put_u8(out, (uint8_t)hex_digits[in[i] >> 4]);
		buf_put_u8(out, (uint8_t)hex_digits[in[i] & 15]);
	}
}

void enc_b64(struct buf *out, enum b64_kind kind, const void *bytes, size_t len)
{
	const char *alphabet = kind == B64_STD ? b64_std : b64_url;
	const uint8_t *in = bytes;

	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		uint32_t v = (uint32_t)in[i] << 16;

		v |= n > 1 ? (uint32_t)in[i + 1] << 8 : 0;
		v |= n > 2 ? (uint32_t)in[i + 2] : 0;
		for (size_t k = 0; k < 4; k++) {
			if (k <= n) {
				buf_put_u8(out,
				    (uint8_t)alphabet[v >> (18 - 6 * k) & 63]);
			} else if (kind == B64_STD) {
				buf_put_u8(out, '=');
			}
		}
	}
}

int dec_hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	if (c >= 'a' && c <= 'f') {
		return c - 'a' + 10;
	}
	if (c >= 'A' && c <= 'F') {
		return c - 'A' + 10;
	}
	return -1;
}

enum tl_err dec_hex(const char *text, size_t text_len, uint8_t *bytes,
    size_t cap, size_t *ret_len)
{
	if (text_len % 2 != 0) {
		return TL_EFORMAT;
	}
	if (text_len / 2 > cap) {
		return TL_ETOOBIG;
	}
	for (size_t i = 0; i < text_len; i += 2) {
		int high = dec_hex_digit((uint8_t)text[i]);
		int low = dec_hex_digit((uint8_t)text[i + 1]);

		if (high < 0 || low < 0) {
			return TL_EFORMAT;
		}
		bytes[i / 2] = (uint8_t)(high << 4 | low);
	}
	*ret_len = text_len / 2;
	return TL_OK;
}

static int b64_digit(enum b64_kind kind, uint8_t c)
{
	if (c >= 'A' && c <= 'Z') {
		return c - 'A';
	}
	if (c >= 'a' && c <= 'z') {
		return c - 'a' + 26;
	}
	if (c >= '0' && c <= '9') {
		return c - '0' + 52;
	}
	if (c == (kind == B64_STD ? '+' : '-')) {
		return 62;
	}
	if (c == (kind == B64_STD ? '/' : '_')) {
		return 63;
	}
	return -1;
}

enum tl_err dec_b64(enum b64_kind kind, const char *text, size_t text_len,
    uint8_t *bytes, size_t cap, size_t *ret_len)
{
	size_t digits = text_len;
	size_t out = 0;
	uint32_t acc = 0;

	if (kind == B64_STD) {
		if (text_len % 4 != 0) {
			return TL_EFORMAT;
		}
		for (int pad = 0; pad < 2 && digits > 0; pad++) {
			digits -= text[digits - 1] == '=' ? 1 : 0;
		}
	}
	if (digits % 4 == 1) {
		return TL_EFORMAT;
	}
	if (digits / 4 * 3 + (digits % 4 * 3) / 4 > cap) {
		return TL_ETOOBIG;
	}
	for (size_t i = 0; i < digits; i++) {
		int d = b64_digit(kind, (uint8_t)text[i]);

		if (d < 0) {
			return TL_EFORMAT;
		}
		acc = acc << 6 | (uint32_t)d;
		if (i % 4 != 0) {
			unsigned shift = 6 - 2 * (unsigned)(i % 4);

			bytes[out++] = (uint8_t)(acc >> shift);
		}
	}
	/* bits that no byte holds must be zero, or two texts mean the same */
	if ((digits % 4 == 2 && (acc & 15) != 0) ||
	    (digits % 4 == 3 && (acc & 3) != 0)) {
		return TL_EFORMAT;
	}
	*ret_len = out;
	return TL_OK;
}
