/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/cases_follow.c - what others changed, kept in the ledger; and Redis
 * held against it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "queue/cases_inside.h"

#define COUNT_MOST 256u
#define WORD(text) bytes_str(text)
/* The store has other work, too, however much somebody writes. */
#define FOLLOW_MS 100u
#define CHECK_MS  50u
/* Put back so often, somebody else writes there all the time. */
#define TRIES_MOST 8

/* ---- the ledger --------------------------------------------------------- */

enum tl_err cases_keep(struct cases *cases, const struct case_record *record)
{
	struct ledger_record kept = { .kind = LEDGER_EVENT };
	struct buf bytes;
	enum tl_err err;

	if (cases->opts.ledger == NULL ||
	    ledger_has_event(cases->opts.ledger, record->event_id)) {
		return TL_OK;
	}
	memcpy(kept.id, record->event_id, sizeof(kept.id));
	buf_init(&bytes, CASE_EVENT_BYTES);
	case_event_put(&bytes, record);
	err = buf_err(&bytes);
	kept.sealed = bytes_of(bytes.data, bytes.len);
	if (err == TL_OK) {
		err = ledger_append(cases->opts.ledger, &kept);
	}
	if (err == TL_OK) {
		err = case_book_learn(ledger_count(cases->opts.ledger) - 1,
		    &kept, cases->opts.book);
	}
	if (err == TL_OK && cases->opts.kept != NULL) {
		cases->opts.kept(record, cases->opts.kept_arg);
	}
	buf_free(&bytes);
	return err;
}

/* ---- following ---------------------------------------------------------- */

/* Said by a desk of ours, with what is sealed in it. */
static bool is_whole(
    const struct cases *cases, const struct case_record *record)
{
	uint8_t hash[CASE_HASH_BYTES];

	cases->opts.trust.hash(hash, record->sealed.at, record->sealed.len);
	return memcmp(hash, record->sealed_hash, sizeof(hash)) == 0 &&
	    cases_is_ours(cases, record);
}

/* Each once, however often the stream is read from its beginning. */
static void count_odd(struct cases *cases, const char *name)
{
	struct case_odds *odds = case_book_odds(cases->opts.book);

	if (cases_is_behind(name, odds)) {
		cases_split(name, &odds->upto_ms, &odds->upto_n);
		odds->events++;
	}
}

/* One entry; *n counts what is new. What the ledger has is looked at no
 * further: who adds it once more shall not keep a desk busy. */
static enum tl_err take_entry(struct cases *cases,
    const struct stream_answer *answer, size_t i, size_t *n)
{
	static const char *const names[] = { "r" };
	static const char *const clocks[] = { "c" };
	const struct ledger *ledger = cases->opts.ledger;
	struct case_record record = { 0 };
	struct bytes value;

	if (!stream_entry_gone(answer, i) &&
	    stream_entry_fields(answer, i, clocks, 1, &value)) {
		return TL_OK; /* it told somebody the time */
	}
	if (stream_entry_gone(answer, i) ||
	    !stream_entry_fields(answer, i, names, 1, &value) ||
	    case_event_get(value, &record) != TL_OK) {
		count_odd(cases, stream_entry_name(answer, i));
		return TL_OK;
	}
	if (ledger_has_event(ledger, record.event_id)) {
		return TL_OK;
	}
	if (!is_whole(cases, &record)) {
		count_odd(cases, stream_entry_name(answer, i));
		return TL_OK;
	}
	(*n)++;
	return cases_keep(cases, &record);
}

/* What end_ms leaves, or an error, comes again: keeping is synced each time. */
static enum tl_err take_entries(struct cases *cases,
    const struct stream_answer *answer, uint64_t end_ms, size_t *n)
{
	size_t all = stream_entries(answer);
	enum tl_err err = TL_OK;
	size_t i = 0;

	while (i < all && (i == 0 || clock_mono_ms() < end_ms)) {
		const char *name = stream_entry_name(answer, i);

		err = take_entry(cases, answer, i, n);
		if (err != TL_OK) {
			break;
		}
		memcpy(cases->from, name, strlen(name) + 1);
		i++;
	}
	cases->is_read_up = i == all && all < cases->count;
	cases->count =
	    2 * cases->count < COUNT_MOST ? 2 * cases->count : COUNT_MOST;
	return err;
}

/* Too much for one answer: from now on one by one. One that is too large by
 * itself is passed over, as what no desk signed is. */
static enum tl_err pass_over(struct cases *cases)
{
	cases->is_read_up = false;
	if (cases->count > 1) {
		cases->count = 1;
		return TL_OK;
	}
	if (cases->big_entry[0] == '\0') {
		return TL_ETOOBIG;
	}
	memcpy(cases->from, cases->big_entry, sizeof(cases->from));
	count_odd(cases, cases->from);
	return TL_OK;
}

/* XREAD from where the last one ended. */
static enum tl_err read_on(struct cases *cases, uint64_t end_ms, size_t *n)
{
	struct cases_text count;
	const struct bytes args[] = { WORD("XREAD"), WORD("COUNT"),
		cases_dec(&count, cases->count), WORD("STREAMS"),
		WORD("events"), WORD(cases->from) };
	struct stream_answer answer = { 0 };
	struct redisReply *reply = NULL;
	enum tl_err err =
	    cases_ask(cases, STREAM_WANT_ENTRIES, args, 6, &reply, &answer);

	if (err == TL_OK) {
		err = take_entries(cases, &answer, end_ms, n);
	} else if (err == TL_ETOOBIG) {
		err = pass_over(cases);
	}
	ask_done(reply);
	return err;
}

enum tl_err cases_follow(struct cases *cases, size_t *ret_n, bool *ret_all)
{
	uint64_t end_ms = clock_mono_ms() + FOLLOW_MS;
	size_t n = 0;
	enum tl_err err;

	if (cases->opts.ledger == NULL) {
		return TL_EPERM;
	}
	do {
		err = read_on(cases, end_ms, &n);
	} while (
	    err == TL_OK && !cases->is_read_up && clock_mono_ms() < end_ms);
	if (err == TL_OK) {
		*ret_n = n;
		*ret_all = cases->is_read_up;
	}
	return err;
}

/* ---- Redis held against the ledger --------------------------------------- */

/* While all is read that the stream had when these were heard of: what is not
 * here by now does not come. Each is counted once. Ahead: it is heard of for
 * the first time. */
static void look_for(struct cases *cases, struct case_known *known,
    const uint8_t newest[static CASE_ID_BYTES], bool *ret_ahead)
{
	static const uint8_t none[CASE_ID_BYTES];
	const struct ledger *ledger = cases->opts.ledger;
	struct case_odds *odds = case_book_odds(cases->opts.book);

	if (memcmp(known->lacks, none, CASE_ID_BYTES) != 0) {
		odds->lacking += ledger_has_event(ledger, known->lacks) ? 0 : 1;
		memcpy(known->lacks, none, CASE_ID_BYTES);
	}
	if (ledger_has_event(ledger, newest)) {
		return;
	}
	if (memcmp(known->ahead, newest, CASE_ID_BYTES) != 0) {
		memcpy(known->ahead, newest, CASE_ID_BYTES);
		known->is_missed = false; /* it may be on its way */
		*ret_ahead = true;
	} else if (!known->is_missed) {
		known->is_missed = true;
		odds->lacking++;
	}
}

/* *ret_now is the case as it is to be shown. */
static enum tl_err check_one(struct cases *cases, struct case_known *known,
    struct case_now *ret_now, bool *ret_ahead)
{
	struct case_record was = { 0 };
	enum tl_err err = cases_read(cases, known->id, &was);

	*ret_ahead = false;
	if (err == TL_EAGAIN) {
		err = cases_watch(cases, CASES_BY_ITSELF, known->id, &was);
		if (err == TL_OK) { /* another desk was faster */
			err = cases_unwatch(cases);
		}
	}
	if (err == TL_EAGAIN || err == TL_EPERM) { /* as the ledger has it */
		err = case_event_get_head(
		    bytes_of(known->head, known->head_len), &was);
	} else if (err == TL_OK && cases->is_read_up) {
		look_for(cases, known, was.event_id, ret_ahead);
	}
	*ret_now = was.now;
	return err;
}

/* Also where it stands in no list of leases. */
static enum tl_err end_lease(struct cases *cases,
    const uint8_t id[static CASE_ID_BYTES], const struct case_now *now)
{
	const struct case_change end = { .event = CASE_DO_LEASE_END };
	struct cases_outcome outcome;
	enum tl_err err;

	if (now->state != CASE_CLAIMED ||
	    case_is_held(now, cases_now_ms(cases)) ||
	    cases->opts.trust.sign == NULL) {
		return TL_OK;
	}
	err = cases_change(cases, id, &end, &outcome);
	return err == TL_EBUSY || err == TL_EPERM ? TL_OK : err;
}

enum tl_err cases_check(
    struct cases *cases, size_t n, cases_checked_fn fn, void *arg)
{
	const struct case_book *book = cases->opts.book;
	size_t count = case_book_count(book);
	uint64_t end_ms = clock_mono_ms() + CHECK_MS;
	enum tl_err err = TL_OK;
	bool is_altered;

	if (cases->opts.ledger == NULL) {
		return TL_EPERM;
	}
	n = n < count ? n : count;
	for (size_t i = 0;
	     i < n && err == TL_OK && (i == 0 || clock_mono_ms() < end_ms);
	     i++) {
		struct case_known *known =
		    case_book_at(book, cases->check++ % count);

		struct case_now now;
		bool is_ahead;

		err = check_one(cases, known, &now, &is_ahead);
		is_altered = known->altered != 0 && !known->is_told;
		if (err == TL_OK && fn != NULL && (is_altered || is_ahead)) {
			known->is_told = true;
			fn(known->id, &now, is_altered, arg);
		}
		if (err == TL_OK) {
			err = end_lease(cases, known->id, &now);
		}
	}
	return err;
}

/* ---- restoring ---------------------------------------------------------- */

static enum tl_err restore_one(struct cases *cases,
    const struct case_known *known, struct cases_restored *restored)
{
	uint64_t before = cases->put_back;
	struct case_record was;
	enum tl_err err = TL_EAGAIN;

	/* put back, or somebody works on it at this moment: look again */
	for (int i = 0; i < TRIES_MOST && err == TL_EAGAIN; i++) {
		err = cases_watch(cases, CASES_BY_ITSELF, known->id, &was);
	}
	if (err == TL_EAGAIN || err == TL_EPERM) {
		restored->left++;
		return TL_OK;
	}
	if (err == TL_OK) {
		err = cases_unwatch(cases);
	}
	if (cases->put_back > before) {
		restored->made++;
	} else {
		restored->right += err == TL_OK ? 1 : 0;
	}
	return err;
}

enum tl_err cases_restore(
    struct cases *cases, struct cases_restored *ret_restored)
{
	struct case_book *book = cases->opts.book;
	struct cases_restored restored = { 0 };
	enum tl_err err = TL_OK;

	if (cases->opts.ledger == NULL) {
		return TL_EPERM;
	}
	for (size_t i = 0; i < case_book_count(book) && err == TL_OK; i++) {
		err = restore_one(cases, case_book_at(book, i), &restored);
	}
	cases_wait(cases);
	restored.odd = case_book_odds(book)->unread;
	if (err == TL_OK) {
		*ret_restored = restored;
	}
	return err;
}
