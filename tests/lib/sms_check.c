/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/sms_check.h"

#include <assert.h>
#include <string.h>

#include "text/utf8.h"

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
