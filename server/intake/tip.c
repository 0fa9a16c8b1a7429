/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/intake/tip.h"

#include "base/wipe.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "text/rules.h"

void tip_begin(struct buf *out, unsigned n)
{
	buf_put_u8(out, (uint8_t)n);
}

enum tl_err tip_seal(struct sealer *sealer, struct report *report,
    enum tip_channel channel, bool marks_urgent, const struct tip_once *once,
    struct buf *out)
{
	struct seal_content content = { .size_class = 0 };
	struct buf document, sealed;
	enum tl_err err;

	buf_init(&document, report_room(report));
	buf_init(&sealed, 0);
	random_bytes(report->id, sizeof(report->id));
	err = report_write(report, &document);
	if (err != TL_OK) {
		goto out;
	}
	content.report = bytes_of(document.data, document.len);
	sealed.max = seal_bytes_max(&content);
	err = sealer_seal(sealer, report->id, &content, &sealed);
	if (err != TL_OK) {
		goto out;
	}
	buf_put(out, report->id, sizeof(report->id));
	buf_put_u8(out, (uint8_t)channel);
	buf_put_u8(
	    out, marks_urgent && report->priority == PRIORITY_NOW ? 1 : 0);
	buf_put_u8(out, once == NULL ? 0 : once->has_nonce ? 2 : 1);
	if (once != NULL) {
		buf_put(out, once->dedup, sizeof(once->dedup));
		buf_put(out, once->nonce,
		    once->has_nonce ? sizeof(once->nonce) : 0);
	}
	buf_put_u32(out, (uint32_t)sealed.len);
	buf_put(out, sealed.data, sealed.len);
	err = buf_err(out);
out:
	buf_free(&document);
	buf_free(&sealed);
	return err;
}

enum tl_err tip_add_likeness(
    const uint8_t key[static 32], struct report *report)
{
	static const char prefix[] = "tipline likeness v1"; /* with its NUL */
	uint8_t own[LIKENESS_KEY_BYTES];
	enum tl_err err;

	hash_keyed(own, sizeof(own), key, prefix, sizeof(prefix));
	err = likeness_make(report->text, hash_short, own,
	    &report->has_likeness, report->likeness);
	wipe(own, sizeof(own));
	return err;
}

void tip_dedup(const uint8_t key[static 32], struct bytes what,
    uint8_t ret_dedup[static TIP_DEDUP_BYTES])
{
	hash_keyed(ret_dedup, TIP_DEDUP_BYTES, key, what.at, what.len);
}
