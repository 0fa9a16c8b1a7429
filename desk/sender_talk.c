/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/sender_talk.h"

#include "base/rd.h"

static struct bytes rest_of(struct rd *rd)
{
	size_t len = rd->left;

	return bytes_of(rd_bytes(rd, len), len);
}

enum tl_err sender_read_sms(const struct frame *frame, struct sender_sms *ret)
{
	struct rd rd = rd_of(frame->body, frame->body_len);
	struct sender_sms sms = { .req = rd_u32(&rd) };
	size_t to_len;

	sms.gateway = rd_u8(&rd);
	to_len = rd_u8(&rd);
	sms.to = bytes_of(rd_bytes(&rd, to_len), to_len);
	sms.text = rest_of(&rd);
	if (!rd_done(&rd) || to_len > SENDER_NUMBER_MAX_BYTES ||
	    sms.text.len == 0 || sms.text.len > SEND_TEXT_MAX_BYTES) {
		return TL_EFORMAT;
	}
	*ret = sms;
	return TL_OK;
}

void sender_put_sms(struct buf *out, const struct sender_sms *sms)
{
	buf_put_u32(out, sms->req);
	buf_put_u8(out, sms->gateway);
	buf_put_u8(out, (uint8_t)sms->to.len);
	buf_put(out, sms->to.at, sms->to.len);
	buf_put(out, sms->text.at, sms->text.len);
}

enum tl_err sender_read_alarm(
    const struct frame *frame, struct sender_alarm *ret)
{
	struct rd rd = rd_of(frame->body, frame->body_len);
	struct sender_alarm alarm = { .req = rd_u32(&rd) };
	uint8_t way = rd_u8(&rd);
	uint8_t what = rd_u8(&rd);
	uint8_t priority = rd_u8(&rd);
	uint8_t level = rd_u8(&rd);

	alarm.alarm.count = rd_u32(&rd);
	alarm.alarm.late_s = rd_u32(&rd);
	alarm.alarm.has_id = rd.left > 0;
	if (alarm.alarm.has_id) {
		rd_copy(&rd, alarm.alarm.id, sizeof(alarm.alarm.id));
	}
	if (!rd_done(&rd) || way < SENDER_WEBHOOK || way > SENDER_WAY_MAX ||
	    what < ALARM_ARRIVED || what > ALARM_WHAT_MAX || priority > 4 ||
	    level < ALARM_NOTICE || level > ALARM_LEVEL_MAX) {
		return TL_EFORMAT;
	}
	alarm.way = (enum sender_way)way;
	alarm.alarm.what = (enum alarm_what)what;
	alarm.alarm.priority = priority;
	alarm.alarm.level = (enum alarm_level)level;
	*ret = alarm;
	return TL_OK;
}

void sender_put_alarm(struct buf *out, const struct sender_alarm *alarm)
{
	buf_put_u32(out, alarm->req);
	buf_put_u8(out, (uint8_t)alarm->way);
	buf_put_u8(out, (uint8_t)alarm->alarm.what);
	buf_put_u8(out, (uint8_t)alarm->alarm.priority);
	buf_put_u8(out, (uint8_t)alarm->alarm.level);
	buf_put_u32(out, alarm->alarm.count);
	buf_put_u32(out, alarm->alarm.late_s);
	if (alarm->alarm.has_id) {
		buf_put(out, alarm->alarm.id, sizeof(alarm->alarm.id));
	}
}

enum tl_err sender_read_said(const struct frame *frame, struct sender_said *ret)
{
	struct rd rd = rd_of(frame->body, frame->body_len);
	struct sender_said said = { .req = rd_u32(&rd) };
	uint8_t word = rd_u8(&rd);

	said.status = rd_u16(&rd);
	said.id = rest_of(&rd);
	if (!rd_done(&rd) || word > SEND_UNKNOWN ||
	    said.id.len > SEND_ID_MAX_BYTES) {
		return TL_EFORMAT;
	}
	said.said = (enum send_said)word;
	*ret = said;
	return TL_OK;
}

void sender_put_said(struct buf *out, const struct sender_said *said)
{
	buf_put_u32(out, said->req);
	buf_put_u8(out, (uint8_t)said->said);
	buf_put_u16(out, (uint16_t)said->status);
	buf_put(out, said->id.at, said->id.len);
}
