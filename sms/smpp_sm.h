/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/smpp_sm.h - the body of a deliver_sm or data_sm.
 *
 * Promise:   every length is checked against the PDU before it is used.
 * Knows not: what the fields mean for a message: sms/smpp_message.c.
 * Runs in:   as sms/smpp.h.
 * Disk:      nothing.
 */
#ifndef TL_SMS_SMPP_SM_H
#define TL_SMS_SMPP_SM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/rd.h"
#include "sms/concat.h"

/* command_status */
enum smpp_status {
	ESME_ROK = 0x00,
	ESME_RINVMSGLEN = 0x01,
	ESME_RINVCMDLEN = 0x02,
	ESME_RINVCMDID = 0x03,
	ESME_RINVSRCADR = 0x0A,
	ESME_RINVDSTADR = 0x0B,
	ESME_RINVSERTYP = 0x15,
	ESME_RINVOPTPARSTREAM = 0xC0,
};

/* What a deliver_sm or data_sm says; borrows from the PDU. */
struct smpp_sm {
	bool has_source;
	uint8_t source_ton;
	struct bytes source, destination;
	uint8_t esm_class, coding;
	struct bytes text;    /* short_message */
	struct bytes payload; /* the last message_payload that is not empty */
	bool has_ref, has_total, has_number;
	struct sms_concat sar;
	bool too_many;    /* TLVs */
	struct bytes pdu; /* all of it, for who keeps what is not read */
};

/* Read what follows the head into sm, which is all zero but for pdu. Where the
 * status is not ESME_ROK, what came before the fault is there. */
enum smpp_status smpp_sm_deliver(struct rd *rd, struct smpp_sm *sm);
enum smpp_status smpp_sm_data(struct rd *rd, struct smpp_sm *sm);

#endif
