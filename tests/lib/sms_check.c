/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/sms_check.h"

#include <assert.h>
#include <string.h>

#include "text/report.h"
#include "text/utf8.h"

/* what an envelope holds */
#define REPORT_MAX_BYTES (1024u * 1024u - 8u)

/* What is taken can be written down, or it would be refused for ever. */
static void check_report(
    const struct sms_fake *fake, const struct sms_message *m)
{
	const struct report report = {
		.received_s = fake->request.now_s,
		.sent_s = m->sent_s,
		.channel = m->channel,
		.text = m->text,
		.sender_raw = m->from_raw,
		.sender_e164 = m->from_e164,
		.to = m->to,
		.external_id = m->external_id,
		.data = m->data,
		.udh = m->udh,
		.button = m->button,
		.priority = 3,
	};
	struct buf doc;
	enum tl_err err;

	buf_init(&doc, REPORT_MAX_BYTES);
	err = report_write(&report, &doc);
	assert(err == TL_OK);
	(void)err;
	buf_free(&doc);
}

static void check_message(
    const struct sms_fake *fake, const struct sms_message *m)
{
	struct bytes whole =
	    fake->request.is_get ? fake->request.query : fake->request.body;
	struct buf dedup;

	assert(utf8_valid(m->text));
	assert(m->text.len <= SMS_TEXT_MAX_BYTES);
	assert(m->kind == SMS_TEXT || m->text.len == 0);
	assert(m->kind != SMS_UNDECODABLE || bytes_equal(m->data, whole));
	assert((m->flags & SMS_FLAG_LOSSY) == 0 || m->data.len > 0);
	assert(m->from_e164.len == 0 ||
	    (m->from_e164.at[0] == '+' && m->from_e164.len <= 16));
	assert(m->from.len <= 32);
	assert(m->n_media <= SMS_MEDIA_MAX);
	assert(!m->has_concat ||
	    (m->concat.seq >= 1 && m->concat.seq <= m->concat.total));
	buf_init(&dedup, 4u * 1024u * 1024u);
	sms_dedup_input(&fake->gateway, m, fake->request.now_s, &dedup);
	assert(buf_err(&dedup) == TL_OK);
	buf_free(&dedup);
	check_report(fake, m);
}

void sms_check_genuine(struct sms_fake *fake, bool may_ignore)
{
	enum sms_verdict verdict = sms_fake_take(fake);

	assert(verdict == SMS_TIP || (may_ignore && verdict == SMS_IGNORED));
	assert(fake->why != NULL && fake->why[0] != '\0');
	assert((fake->batch != NULL) == (verdict == SMS_TIP));
	for (size_t i = 0;
	     fake->batch != NULL && i < sms_batch_count(fake->batch); i++) {
		check_message(fake, sms_batch_at(fake->batch, i));
	}
	sms_fake_free(fake);
}
