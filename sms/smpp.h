/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/smpp.h - one PDU of an operator's SMSC in, a message and its answer out.
 * SMPP 3.4, issue 1.2: deliver_sm, data_sm and what keeps a link up.
 *
 * Promise:   an answer that is final at the SMSC comes with what could be
 *            read, so that it can be kept first. Every length is checked
 *            against the PDU before it is used.
 * Knows not: sockets, binds under way, the spool. Who takes a PDU from a link
 *            seals its raw bytes beside the message.
 * Runs in:   `tipline webhook --vectors`.
 * Disk:      nothing.
 */
#ifndef TL_SMS_SMPP_H
#define TL_SMS_SMPP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "sms/decode.h"
#include "sms/gateway.h"

#define SMPP_HEAD_BYTES 16u
/* A text of 64 KiB and the rest; a longer one ends the link unread. */
#define SMPP_PDU_MAX_BYTES 66560u

/* How a link is configured. Borrowed. */
struct smpp_bind {
	char region[3];             /* country of our number */
	enum sms_encoding alphabet; /* of data_coding 0; normally ENC_GSM7 */
	/* senders of unknown type; SMS_RAW: what they are stays open */
	enum sms_numbers unknown_ton;
};

enum smpp_kind {
	SMPP_TIP,     /* keep the message, then answer */
	SMPP_RECEIPT, /* tells what became of a text of ours: answer */
	SMPP_CONTROL, /* keeps the link up, or ends it: answer */
	SMPP_IGNORED, /* nothing is to be said */
	SMPP_REFUSED, /* malformed: keep the message if there is one, answer */
};

struct smpp_answer {
	bool close;      /* the stream is lost: no answer, end the link */
	uint32_t id;     /* command_id; 0: no answer */
	uint32_t status; /* command_status */
	uint32_t sequence;
};

struct smpp_taken {
	enum smpp_kind kind;
	struct smpp_answer answer;
	struct sms_batch *batch; /* of one message, or NULL */
	const char *why;         /* literal */
};

/* How many bytes the PDU has that begins with these SMPP_HEAD_BYTES, or 0: no
 * PDU has so many, end the link. */
size_t smpp_pdu_bytes(const uint8_t head[static SMPP_HEAD_BYTES]);

/*
 * Read a whole PDU. Gives *ret_taken: end its batch with sms_batch_free().
 * TL_ENOMEM: nothing is to be answered.
 */
TL_MUST_CHECK enum tl_err smpp_take(const struct smpp_bind *bind,
    struct bytes pdu, struct smpp_taken *ret_taken);

/* Append the PDU of an answer that has an id. */
void smpp_put_answer(struct buf *out, const struct smpp_answer *answer);

/* "deliver_sm_resp" and so on; "" for what we never answer. */
const char *smpp_answer_name(const struct smpp_answer *answer);

#endif
