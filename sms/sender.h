/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/sender.h - a sender as the gateway wrote it, to E.164 when sure.
 *
 * Promise:   an E.164 number is never invented; in doubt there is none. At
 *            most 32 bytes are looked at, so a sender of any length costs
 *            nothing.
 * Knows not: whether a number exists, is a mobile, or belongs to anybody.
 */
#ifndef TL_SMS_SENDER_H
#define TL_SMS_SENDER_H

#include "sms/gateway.h"
#include "sms/phone.h"

struct sender {
	struct bytes bare; /* borrowed from raw: without a leading scheme */
	char e164[PHONE_E164_BYTES]; /* "" unless sure */
	bool whatsapp;               /* the scheme was whatsapp: */
	bool too_long;               /* over 32 bytes: raw only */
};

/*
 * The ten rules of reading a sender. numbers and region are of the gateway
 * that delivered it. A national number that comes out under another country's
 * code stays raw: prefixes for abroad differ, and 00 66 read as Cambodia's 006
 * is a number of somebody else. Borrows raw. Never fails: where memory is out
 * or the library gives up there is no E.164 number.
 */
void sender_read(struct bytes raw, enum sms_numbers numbers,
    const char region[3], struct sender *ret_sender);

#endif
