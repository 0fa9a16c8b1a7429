/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/smpp_message.h - the message that a deliver_sm or data_sm brings.
 *
 * Promise:   what cannot be decoded is kept as bytes.
 * Knows not: the PDU's answer.
 * Runs in:   as sms/smpp.h.
 * Disk:      nothing.
 */
#ifndef TL_SMS_SMPP_MESSAGE_H
#define TL_SMS_SMPP_MESSAGE_H

#include "base/bytes.h"
#include "base/err.h"
#include "sms/smpp.h"
#include "sms/smpp_sm.h"

/*
 * Give the one message of sm; raw: the whole PDU, if the rest of it cannot be
 * read. End *ret_batch with sms_batch_free(). TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err smpp_message_make(const struct smpp_bind *bind,
    const struct smpp_sm *sm, struct bytes raw, struct sms_batch **ret_batch);

#endif
