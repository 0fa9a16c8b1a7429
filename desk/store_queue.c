/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Redis, looked at again and again: nothing here waits for news. */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "crypto/envelope_signed.h"
#include "crypto/hash.h"
#include "desk/store_inside.h"

#define RETRY_MIN_MS   200u
#define RETRY_MAX_MS   5000u
#define LEASES_MS      3000u
#define RECORDS_A_LOOK 64u
#define CASES_A_LOOK   16u
#define ODDS_MS        60000u

/* ---- coming and going --------------------------------------------------- */

void store_leave(struct store *store)
{
	outbox_close(store->outbox);
	cases_close(store->cases);
	reader_close(store->reader);
	store->outbox = NULL;
	store->cases = NULL;
	store->reader = NULL;
}

/* Longer each time, until all of it was looked at once without trouble. */
static void retry_later(struct store *store, enum tl_err err)
{
	uint32_t wait_ms = 2 * store->wait_ms + RETRY_MIN_MS;

	store->wait_ms = wait_ms < RETRY_MAX_MS ? wait_ms : RETRY_MAX_MS;
	store->retry_ms = clock_mono_ms() + store->wait_ms;
	store->state.why = (unsigned)-err;
}

bool store_is_full(const struct store *store, enum tl_err err)
{
	return err == TL_EFULL && ledger_is_full(store->ledger);
}

void store_lost(struct store *store, enum tl_err err)
{
	if (err == TL_OK || err == TL_ENOENT || err == TL_EBUSY ||
	    err == TL_EPERM) {
		return; /* Redis is well */
	}
	store_leave(store);
	retry_later(store, err);
	log_event(LOG_REDIS_LOST, (long long)store->wait_ms, 0);
}

/* The web process has sealed it already, or it is the machine's and needs no
 * secret. arg leads to the bytes. */
static enum tl_err seal(const uint8_t id[static CASE_ID_BYTES],
    const struct case_change *change, const struct case_now *next,
    struct buf *ret_sealed, void *arg)
{
	const struct bytes *sealed = arg;

	(void)id;
	(void)change;
	(void)next;
	buf_put(ret_sealed, sealed->at, sealed->len);
	return TL_OK;
}

/* Whichever desk did it, this one too. */
static void tell_event(const struct case_record *record, void *arg)
{
	struct store *store = arg;
	const struct store_case told = { .is_event = true, .record = *record };

	store_put_case(&store->out, &told);
	store_send(store, FRAME_STORE_CASE);
}

/* The group is gone where Redis is new or was wiped. With the administrator's
 * password at hand it is made again, and the spools send what has no receipt.
 */
static enum tl_err open_reader(struct store *store)
{
	const char *admin_file = store->config->redis.admin_password_file;
	struct reader_opts admin = store->redis;
	const char *why = "";
	enum tl_err err = reader_open(&store->redis, &store->reader, &why);

	if (err == TL_ENOENT && admin_file[0] != '\0') {
		admin.user = "admin";
		admin.password_file = admin_file;
		err = reader_create_group(&admin, &why);
		if (err == TL_OK) {
			err = reader_open(&store->redis, &store->reader, &why);
		}
	}
	return err;
}

/* The reader may come alone: tips are taken although no case can be changed. */
static void come_back(struct store *store)
{
	const struct cases_opts opts = { .redis = store->redis,
		.ledger = store->ledger,
		.book = store->book,
		.trust = case_keys_trust(&store->case_keys),
		.seal = seal,
		.arg = &store->sealed,
		.kept = tell_event,
		.kept_arg = store };
	const char *why = "";
	enum tl_err err = store->reader == NULL ? open_reader(store) : TL_OK;

	if (err == TL_OK) {
		err = cases_open(&opts, &store->cases, &why);
	}
	if (err != TL_OK) {
		retry_later(store, err);
		return;
	}
	store->state.why = 0;
	store->state_changed = true;
	store->listing = true;
	store->list = CASES_OPEN;
	store->list_at = 0;
	log_event(LOG_REDIS_BACK, 0, 0);
}

/* ---- records ------------------------------------------------------------ */

static enum ledger_reason check_entry(
    const uint8_t id[static LEDGER_ID_BYTES], struct bytes sealed, void *arg)
{
	const struct store *store = arg;
	struct envelope envelope;

	if (envelope_peek(sealed, &envelope) != TL_OK ||
	    memcmp(envelope.id, id, LEDGER_ID_BYTES) != 0) {
		return LEDGER_NO_ENVELOPE;
	}
	return envelope_signed_by(&envelope,
		   (const uint8_t(*)[32])store->intakes, store->n_intakes)
	    ? LEDGER_FINE
	    : LEDGER_NOT_OURS;
}

static enum tl_err sign_receipt(const uint8_t id[static LEDGER_ID_BYTES],
    const uint8_t hash[static LEDGER_HASH_BYTES],
    uint8_t ret_sig[static READER_SIG_BYTES], void *arg)
{
	struct store *store = arg;

	store->keyd_err = keyd_client_sign(store->keyd, id, hash, ret_sig);
	return store->keyd_err;
}

/* What is the ledger's or keyd's fault is the end; all else is Redis'. */
static enum tl_err judge_kept(struct store *store, enum tl_err err)
{
	if (ledger_failed(store->ledger) != TL_OK) {
		return ledger_failed(store->ledger);
	}
	if (store->keyd_err != TL_OK) {
		return store->keyd_err;
	}
	store_lost(store, err);
	return TL_OK;
}

enum tl_err store_take_records(struct store *store)
{
	const struct reader_keep keep = {
		.reader = store->reader,
		.ledger = store->ledger,
		.hash = hash_bytes,
		.check = check_entry,
		.sign = sign_receipt,
		.arg = store,
	};

	store->has_more = true;
	for (unsigned i = 0; i < RECORDS_A_LOOK; i++) {
		struct reader_entry entry;
		enum reader_kept kept = READER_KEPT_TIP;
		enum tl_err err;

		if (store_room(store) != STORE_ROOM) {
			return TL_OK; /* it waits where it is */
		}
		err = reader_next(store->reader, 0, &entry);
		if (err == TL_EAGAIN) {
			store->has_more = false;
			return TL_OK;
		}
		if (err != TL_OK) {
			store_lost(store, err == TL_ENOENT ? TL_EIO : err);
			return TL_OK;
		}
		err = reader_keep(&keep, &entry, &kept);
		if (err != TL_OK) {
			return judge_kept(store, err);
		}
		if (kept == READER_FULL) {
			reader_again(store->reader);
			store_no_room(store);
			return TL_OK;
		}
		store->left += kept == READER_LEFT ? 1 : 0;
		store->unsaid += kept == READER_UNSAID ? 1 : 0;
	}
	return TL_OK;
}

/* ---- cases -------------------------------------------------------------- */

static void tell_checked(const uint8_t id[static CASE_ID_BYTES],
    const struct case_now *now, bool is_altered, void *arg)
{
	struct store *store = arg;
	struct store_case told = { .is_altered = is_altered };

	told.record.event = CASE_DO_RECEIVE;
	told.record.now = *now;
	memcpy(told.record.id, id, CASE_ID_BYTES);
	store_put_case(&store->out, &told);
	store_send(store, FRAME_STORE_CASE);
}

/* At once, and then once a minute: who writes to Redis shall not fill the log.
 * Each kind by itself: one shall not speak for another. */
static void say_odds(struct store *store)
{
	uint64_t now_ms = clock_mono_ms();
	const struct case_odds *odds = case_book_odds(store->book);
	const struct {
		enum log_event event;
		uint64_t one, other;
	} kinds[STORE_ODDS] = {
		{ LOG_CASES_FORGED, odds->forged, odds->events },
		{ LOG_CASES_OLD, odds->old, 0 },
		{ LOG_CASES_LACKING, odds->lacking, odds->forked },
		{ LOG_CASES_STRANGE, odds->strange_cases, odds->strange_lists },
		{ LOG_ENTRIES_LEFT, store->left, store->unsaid },
	};

	for (size_t i = 0; i < STORE_ODDS; i++) {
		uint64_t sum = kinds[i].one + kinds[i].other;

		if (sum != store->odds[i].told && now_ms >= store->odds[i].ms) {
			store->odds[i].told = sum;
			store->odds[i].ms = now_ms + ODDS_MS;
			log_event(kinds[i].event, (long long)kinds[i].one,
			    (long long)kinds[i].other);
		}
	}
}

/* One page of what Redis knows, for cases whose events are in no stream any
 * more. */
static enum tl_err list_on(struct store *store)
{
	static uint8_t ids[CASES_PAGE][CASE_ID_BYTES];
	size_t n = 0;
	enum tl_err err =
	    cases_list(store->cases, store->list, store->list_at, ids, &n);

	for (size_t i = 0; err == TL_OK && i < n; i++) {
		struct store_case told = { .is_event = false };

		told.record.event = CASE_DO_RECEIVE;
		memcpy(told.record.id, ids[i], CASE_ID_BYTES);
		err = cases_get(store->cases, ids[i], &told.record.now);
		if (err == TL_OK) {
			store_put_case(&store->out, &told);
			store_send(store, FRAME_STORE_CASE);
		}
		err = err == TL_ENOENT ? TL_OK : err;
	}
	store->list_at += n;
	if (err == TL_OK && n < CASES_PAGE) {
		store->listing = store->list == CASES_OPEN;
		store->list = CASES_DONE;
		store->list_at = 0;
	}
	return err;
}

static enum tl_err look_at_cases(struct store *store)
{
	uint64_t now_ms = clock_mono_ms();
	bool is_all = false;
	size_t ended = 0;
	size_t n = 0;
	enum tl_err err = cases_follow(store->cases, &n, &is_all);

	if (err == TL_OK && store->listing) {
		err = list_on(store);
	} else if (err == TL_OK) {
		err = cases_check(
		    store->cases, CASES_A_LOOK, tell_checked, store);
	}
	if (err == TL_OK && now_ms >= store->leases_ms) {
		store->leases_ms = now_ms + LEASES_MS;
		err = cases_end_leases(store->cases, &ended);
	}
	return err;
}

/* What is the ledger's fault is the end, but not that its disk is full: what
 * was not kept is read again. All else is Redis'. */
static enum tl_err judge_cases(struct store *store, enum tl_err why)
{
	if (ledger_failed(store->ledger) != TL_OK) {
		return ledger_failed(store->ledger);
	}
	if (store_is_full(store, why)) {
		store_no_room(store);
	} else {
		store_lost(store, why);
	}
	return TL_OK;
}

enum tl_err store_catch_up(struct store *store, bool *ret_all, bool *ret_cases)
{
	bool is_all = false;
	size_t n = 0;
	enum tl_err err =
	    store->reader != NULL ? store_take_records(store) : TL_OK;

	if (err == TL_OK && store->cases != NULL &&
	    store_room(store) != STORE_ROOM_NONE) {
		enum tl_err why = cases_follow(store->cases, &n, &is_all);

		is_all = is_all && why == TL_OK;
		err = judge_cases(store, why);
	}
	*ret_all = is_all && store->reader != NULL && !store->has_more;
	*ret_cases = is_all && !store->listing;
	return err;
}

enum tl_err store_look(struct store *store)
{
	enum tl_err err = TL_OK;

	if (store->cases == NULL && clock_mono_ms() >= store->retry_ms) {
		come_back(store);
	}
	if (store->reader != NULL) {
		err = store_take_records(store);
	}
	if (err == TL_OK && store_room(store) != STORE_ROOM_NONE &&
	    store->cases != NULL) {
		enum tl_err why = look_at_cases(store);

		if (why == TL_OK && !store->listing) {
			store->wait_ms = 0;
		}
		err = judge_cases(store, why);
	}
	say_odds(store);
	return err;
}
