/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A tip that an officer has written down. It goes through the queue and not
 * straight into the ledger, so that every desk has it, and by the one way that
 * checks, stores and counts tips: this desk reads it back like the others, and
 * says yes when it is on its disk.
 */
#include "crypto/hash.h"
#include "desk/store_inside.h"

/* Of 64 records each: what else is in the queue comes first. */
#define LOOKS_MAX 64u

static bool is_here(const struct store *store, const struct store_keep *keep)
{
	uint8_t hash[LEDGER_HASH_BYTES];

	hash_bytes(hash, keep->bytes.at, keep->bytes.len);
	return ledger_lookup(store->ledger, keep->id, hash) != LEDGER_NEW;
}

/* Until it is here, or nothing comes any more. */
static enum tl_err take_in(struct store *store, const struct store_keep *keep)
{
	uint64_t before = ~UINT64_C(0);
	enum tl_err err = TL_OK;

	for (unsigned i = 0;
	     err == TL_OK && i < LOOKS_MAX && store->cases != NULL &&
	     !is_here(store, keep) && ledger_count(store->ledger) != before;
	     i++) {
		before = ledger_count(store->ledger);
		err = store_take_records(store);
	}
	return err;
}

static enum tl_err put(
    struct store *store, const struct store_keep *keep, bool *ret_confirmed)
{
	const char *why = "";
	enum tl_err err = TL_OK;

	if (store->outbox == NULL) {
		err = outbox_open(&store->redis, &store->outbox, &why);
	}
	return err == TL_OK
	    ? outbox_tip(store->outbox, keep->id, keep->bytes, ret_confirmed)
	    : err;
}

enum tl_err store_call(
    struct store *store, const struct store_keep *keep, bool *ret_confirmed)
{
	/* it may have come with a try whose answer was lost */
	enum tl_err err = take_in(store, keep);
	enum tl_err kept;

	*ret_confirmed = store->redis.replicas == 0;
	if (err != TL_OK || is_here(store, keep)) {
		return err;
	}
	if (store->cases == NULL) {
		return TL_EIO;
	}
	err = put(store, keep, ret_confirmed);
	if (err != TL_OK) { /* perhaps only WAIT: what comes back tells */
		outbox_close(store->outbox);
		store->outbox = NULL;
		*ret_confirmed = false;
	}
	kept = take_in(store, keep);
	if (kept != TL_OK || is_here(store, keep)) {
		return kept;
	}
	return err == TL_OK ? TL_EBUSY : err;
}
