/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/sms_check.h"

#include <assert.h>
#include <string.h>

#include "text/report.h"
#include "text/utf8.h"

/* what an envelope holds */
#define REPORT_MAX_BYTES (1024u * 1024u - 8u)
/* the form has fewer questions */
#define ANSWERS_MAX 64u

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
		.decoded = m->decoded,
		.link_id = m->link_id,
		.lang = m->lang,
		.answers = m->answers,
		.n_answers = m->n_answers,
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

/* By its last seven digits, as sms/hide.h has it. */
static bool tells_number(const struct sms_message *m)
{
	struct bytes number = m->from_e164;

	return number.len > 7 && m->text.len > 0 &&
	    memmem(m->text.at, m->text.len, number.at + number.len - 7, 7) !=
	    NULL;
}

static void check_message(
    const struct sms_fake *fake, const struct sms_message *m)
{
	struct buf dedup;

	assert(utf8_valid(m->text));
	assert(m->text.len <= SMS_TEXT_MAX_BYTES);
	assert(m->kind == SMS_TEXT || m->text.len == 0 ||
	    (m->data.len > 0 && (m->flags & SMS_FLAG_GUESSED) != 0));
	assert((m->flags & SMS_FLAG_LOSSY) == 0 || m->data.len > 0);
	assert(m->kind != SMS_UNDECODABLE || !tells_number(m));
	assert(m->from_e164.len == 0 ||
	    (m->from_e164.at[0] == '+' && m->from_e164.len <= 16));
	assert(m->from.len <= 32);
	assert(utf8_valid(m->decoded));
	assert(m->n_media <= SMS_MEDIA_MAX);
	assert(m->n_files <= SMS_FILES_MAX);
	assert(m->n_answers <= ANSWERS_MAX);
	assert(!m->has_concat ||
	    (m->concat.seq >= 1 && m->concat.seq <= m->concat.total));
	buf_init(&dedup, 4u * 1024u * 1024u);
	sms_dedup_input(&fake->gateway, m, fake->request.now_s, &dedup);
	assert(buf_err(&dedup) == TL_OK);
	buf_free(&dedup);
	check_report(fake, m);
}

/* What could not be read is there, in one message or several. */
static void check_whole(const struct sms_fake *fake)
{
	struct bytes whole =
	    fake->request.is_get ? fake->request.query : fake->request.body;
	size_t n = sms_batch_count(fake->batch);
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		const struct sms_message *m = sms_batch_at(fake->batch, i);

		if (m->kind != SMS_UNDECODABLE) {
			assert(at == 0);
			continue;
		}
		assert(m->has_concat == (n > 1));
		assert(
		    n == 1 || (m->concat.total == n && m->concat.seq == i + 1));
		assert(at + m->data.len <= whole.len);
		assert(m->data.len == 0 ||
		    memcmp(m->data.at, whole.at + at, m->data.len) == 0);
		at += m->data.len;
	}
	assert(at == 0 || at == whole.len);
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
	if (fake->batch != NULL) {
		check_whole(fake);
	}
	sms_fake_free(fake);
}
