/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/http_byte.h - which byte may stand where in a head.
 *
 * One table instead of <ctype.h>, which asks the locale. Sources: RFC 9110
 * sections 5.5 and 5.6.2; path and query are narrower than RFC 3986.
 */
#ifndef TL_SERVER_NET_HTTP_BYTE_H
#define TL_SERVER_NET_HTTP_BYTE_H

#include <stdbool.h>
#include <stdint.h>

enum http_byte_bit {
	HTTP_BYTE_TOKEN = 1 << 0,     /* method, field name */
	HTTP_BYTE_PATH = 1 << 1,      /* segment: ALPHA DIGIT _ - . */
	HTTP_BYTE_QUERY = 1 << 2,     /* of reporter pages: the same and = & */
	HTTP_BYTE_QUERY_ANY = 1 << 3, /* of gateways: visible ASCII but # */
	HTTP_BYTE_VALUE = 1 << 4,     /* HTAB, 20 to 7E, 80 to FF */
	HTTP_BYTE_HIGH = 1 << 5,      /* 80 to FF */
	HTTP_BYTE_DIGIT = 1 << 6,
	HTTP_BYTE_HOST = 1 << 7, /* registered name: ALPHA DIGIT . - */
};

extern const uint8_t http_byte[256];

static inline bool http_byte_is(uint8_t byte, enum http_byte_bit bit)
{
	return (http_byte[byte] & bit) != 0;
}

static inline bool http_byte_is_blank(uint8_t byte)
{
	return byte == ' ' || byte == '\t';
}

static inline uint8_t http_byte_lower(uint8_t byte)
{
	return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte | 0x20) : byte;
}

#endif
