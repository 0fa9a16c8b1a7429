/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * base/rd.h - the only way binary input is read: a cursor that cannot leave
 * its bytes.
 *
 * Reading past the end marks the cursor bad, gives zeros and NULL, and stays
 * bad; rd_ok() or rd_done() is asked once at the end.
 */
#ifndef TL_BASE_RD_H
#define TL_BASE_RD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rd {
	const uint8_t *at; /* borrowed */
	size_t left;
	bool bad;
};

struct rd rd_of(const void *bytes, size_t len);
/* Numbers come with the most significant byte first. */
uint8_t rd_u8(struct rd *rd);
uint16_t rd_u16(struct rd *rd);
uint32_t rd_u32(struct rd *rd);
uint64_t rd_u64(struct rd *rd);
/* Borrow len bytes of the input, or NULL. */
const uint8_t *rd_bytes(struct rd *rd, size_t len);
/* Copy len bytes; zeros if they are not there. */
void rd_copy(struct rd *rd, void *to, size_t len);
/* Nothing was read past the end. */
bool rd_ok(const struct rd *rd);
/* rd_ok(), and nothing is left. */
bool rd_done(const struct rd *rd);

#endif
