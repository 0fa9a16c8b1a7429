/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "text/cksum.h"

#define POLYNOMIAL UINT32_C(0x04c11db7)

static uint32_t add_byte(uint32_t crc, uint8_t byte)
{
	crc ^= (uint32_t)byte << 24;
	for (int bit = 0; bit < 8; bit++) {
		crc = crc << 1 ^ ((crc >> 31) != 0 ? POLYNOMIAL : 0);
	}
	return crc;
}

/* The bytes, then the length, its low byte first, without leading zeros. */
uint32_t cksum(struct bytes file)
{
	uint32_t crc = 0;

	for (size_t i = 0; i < file.len; i++) {
		crc = add_byte(crc, file.at[i]);
	}
	for (size_t len = file.len; len > 0; len >>= 8) {
		crc = add_byte(crc, (uint8_t)(len & 0xff));
	}
	return ~crc;
}
