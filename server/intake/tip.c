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

/* What PUT says beside an envelope. */
struct beside {
	enum tip_channel channel;
	bool urgent;
	const struct tip_once *once; /* may be NULL */
};

static void put_beside(
    const struct beside *beside, const uint8_t *id, struct buf *out)
{
	const struct tip_once *once = beside->once;

	buf_put(out, id, SEAL_ID_BYTES);
	buf_put_u8(out, (uint8_t)beside->channel);
	buf_put_u8(out, beside->urgent ? 1 : 0);
	buf_put_u8(out, once == NULL ? 0 : once->has_nonce ? 2 : 1);
	if (once != NULL) {
		buf_put(out, once->dedup, sizeof(once->dedup));
		buf_put(out, once->nonce,
		    once->has_nonce ? sizeof(once->nonce) : 0);
	}
}

/* The envelope of report and raw, with its length before it. */
static enum tl_err put_envelope(struct sealer *sealer,
    const struct report *report, struct bytes raw, unsigned size_class,
    struct buf *out)
{
	struct seal_content content = { .raw = raw, .size_class = size_class };
	size_t length_at = out->len;
	struct buf document;
	enum tl_err err;

	buf_init(&document, report_room(report));
	buf_put_u32(out, 0);
	err = report_write(report, &document);
	if (err == TL_OK) {
		content.report = bytes_of(document.data, document.len);
		err = sealer_seal(sealer, report->id, &content, out);
	}
	if (err == TL_OK) {
		size_t len = out->len - length_at - 4;

		for (size_t i = 0; i < 4; i++) {
			out->data[length_at + i] =
			    (uint8_t)(len >> (24 - 8 * i));
		}
	}
	buf_free(&document);
	return err;
}

enum tl_err tip_seal_as(struct sealer *sealer, const struct report *report,
    enum tip_channel channel, bool marks_urgent, const struct tip_once *once,
    struct buf *out)
{
	const struct beside beside = { channel,
		marks_urgent && report->priority == PRIORITY_NOW, once };

	put_beside(&beside, report->id, out);
	return put_envelope(sealer, report, bytes_of(NULL, 0), 0, out);
}

enum tl_err tip_seal(struct sealer *sealer, struct report *report,
    enum tip_channel channel, bool marks_urgent, const struct tip_once *once,
    struct buf *out)
{
	random_bytes(report->id, sizeof(report->id));
	return tip_seal_as(sealer, report, channel, marks_urgent, once, out);
}

enum tl_err tip_seal_piece(struct sealer *sealer, const struct report *report,
    struct bytes raw, const struct tip_once *once, struct buf *out)
{
	const struct beside beside = { TIP_FILES, false, once };

	put_beside(&beside, report->id, out);
	return put_envelope(sealer, report, raw, TIP_PIECE_CLASS, out);
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
