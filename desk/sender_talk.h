/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/sender_talk.h - the bodies of the frames between the desk's web process
 * and its sender. docs/FORMAT.md, "Frames".
 *
 * Promise:   what is put is read back the same; a body that is not exactly
 *            what its row says is TL_EFORMAT, and its sender is cut off.
 * Knows not: sockets, providers.
 * Runs in:   tipline-desk.
 * Disk:      none.
 */
#ifndef TL_DESK_SENDER_TALK_H
#define TL_DESK_SENDER_TALK_H

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/frame.h"
#include "desk/alarm.h"
#include "sms/send.h"

#define SENDER_NUMBER_MAX_BYTES 16u /* E.164 with its plus */

struct sender_sms {
	uint32_t req;
	uint8_t gateway;       /* its place in the configuration */
	struct bytes to, text; /* borrowed from the frame */
};

enum sender_way {
	SENDER_WEBHOOK = 1,
	SENDER_COMMAND,
	SENDER_WAY_MAX = SENDER_COMMAND,
};

struct sender_alarm {
	uint32_t req;
	enum sender_way way;
	struct alarm alarm;
};

struct sender_said {
	uint32_t req;
	enum send_said said;
	unsigned status; /* of HTTP, or of the command; 0: none */
	struct bytes id; /* the provider's; borrowed from the frame */
};

TL_MUST_CHECK enum tl_err sender_read_sms(
    const struct frame *frame, struct sender_sms *ret);
TL_MUST_CHECK enum tl_err sender_read_alarm(
    const struct frame *frame, struct sender_alarm *ret);
TL_MUST_CHECK enum tl_err sender_read_said(
    const struct frame *frame, struct sender_said *ret);

/* Each appends a body, without its frame's head. */
void sender_put_sms(struct buf *out, const struct sender_sms *sms);
void sender_put_alarm(struct buf *out, const struct sender_alarm *alarm);
void sender_put_said(struct buf *out, const struct sender_said *said);

#endif
