/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/concat.h - the user data header of a short message (3GPP 23.040,
 * 9.2.3.24): which part of a long text this is.
 */
#ifndef TL_SMS_CONCAT_H
#define TL_SMS_CONCAT_H

#include "sms/batch.h"

enum udh_says {
	UDH_NOTHING, /* no part numbers, nothing else, or no header at all */
	UDH_PART,    /* part numbers, and nothing besides */
	UDH_PART_AND_MORE,
	UDH_MORE, /* other elements only */
	UDH_BAD,  /* broken, or part numbers that make no sense */
};

/*
 * Read a header that begins with its length octet. *ret_concat is written
 * for UDH_PART and UDH_PART_AND_MORE. If part numbers come twice the last
 * ones count, as 3GPP prescribes.
 */
enum udh_says udh_read(struct bytes udh, struct sms_concat *ret_concat);

/* Read udh into message: part numbers, the header itself if it says more
 * than they do, or the mark that it makes no sense. */
void udh_apply(
    struct sms_batch *batch, struct sms_message *message, struct bytes udh);

/* Make message one of bytes alone, with its header, both as text. False if
 * they are not what they should be. */
TL_MUST_CHECK bool sms_binary_hex(struct sms_batch *batch,
    struct sms_message *message, struct bytes hex, struct bytes udh_hex);
TL_MUST_CHECK bool sms_binary_b64(struct sms_batch *batch,
    struct sms_message *message, struct bytes b64, struct bytes udh_hex);

#endif
