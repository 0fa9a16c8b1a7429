/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <string.h>

#include "queue/reader.h"

/* An entry that came so often without an end is not looked into any more: it
 * is what may have ended the desk each time. */
#define DELIVERIES_MOST 5u

static enum ledger_reason judge(const struct reader_keep *keep,
    const struct reader_entry *entry, enum ledger_known known)
{
	if (entry->reason != LEDGER_FINE) {
		return entry->reason;
	}
	if (known == LEDGER_OTHER) {
		return LEDGER_OTHER_BYTES;
	}
	if (entry->deliveries > DELIVERIES_MOST) {
		return LEDGER_POISON;
	}
	return keep->check(entry->id, entry->sealed, keep->arg);
}

/* After this the spool forgets: the bytes are in the ledger by now. */
static enum tl_err send_receipt(const struct reader_keep *keep,
    const struct reader_entry *entry,
    const uint8_t hash[static LEDGER_HASH_BYTES])
{
	uint8_t sig[READER_SIG_BYTES];
	enum tl_err err;

	if (entry->reason == LEDGER_FIELDS) {
		return TL_OK; /* it has no id that a spool could know */
	}
	err = keep->sign(entry->id, hash, sig, keep->arg);
	if (err != TL_OK) {
		return err;
	}
	return reader_receipt(keep->reader, entry->id, hash, sig);
}

enum tl_err reader_keep(const struct reader_keep *keep,
    const struct reader_entry *entry, enum reader_kept *ret_kept)
{
	struct ledger_record rec = { .sealed = entry->sealed };
	enum reader_kept kept = READER_KEPT_AGAIN;
	enum ledger_known known;
	enum tl_err err;

	memcpy(rec.id, entry->id, sizeof(rec.id));
	keep->hash(rec.hash, entry->sealed.at, entry->sealed.len);
	known = ledger_lookup(keep->ledger, rec.id, rec.hash);
	if (known != LEDGER_SAME) {
		rec.reason = judge(keep, entry, known);
		rec.kind =
		    rec.reason == LEDGER_FINE ? LEDGER_TIP : LEDGER_QUARANTINE;
		kept = rec.reason == LEDGER_FINE ? READER_KEPT_TIP
						 : READER_KEPT_QUARANTINE;
		err = ledger_append(keep->ledger, &rec);
		if (err == TL_EAGAIN || err == TL_EFULL) {
			*ret_kept =
			    err == TL_EAGAIN ? READER_LEFT : READER_FULL;
			return TL_OK;
		}
		if (err != TL_OK) {
			return err;
		}
	}
	err = send_receipt(keep, entry, rec.hash);
	if (err == TL_EFULL) {
		/* what waits behind it shall be read all the same */
		*ret_kept = READER_UNSAID;
		return TL_OK;
	}
	if (err != TL_OK) {
		return err;
	}
	err = reader_ack(keep->reader, entry->entry);
	if (err != TL_OK) {
		return err;
	}
	*ret_kept = kept;
	return TL_OK;
}
