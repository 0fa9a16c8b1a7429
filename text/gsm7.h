/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/gsm7.h - the alphabet of most short messages, GSM 03.38 (3GPP TS
 * 23.038, 6.2.1), with its extension table.
 */
#ifndef TL_TEXT_GSM7_H
#define TL_TEXT_GSM7_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"

/*
 * Append septets, one in each byte, to out as UTF-8. False if a byte is no
 * septet, or an escape leads nowhere: there U+FFFD stands.
 */
bool gsm7_decode(struct bytes septets, struct buf *out);

/*
 * Append the septets of packed bytes (23.038, 6.1.2.1), one in each byte. Seven
 * bits that are left in the last byte are padding if they are zero or CR.
 */
void gsm7_unpack(struct bytes packed, struct buf *out);

/* How many septets the sign takes: 1, 2 behind an escape, or 0: it is not in
 * the alphabet. */
unsigned gsm7_septets(uint32_t point);

#endif
