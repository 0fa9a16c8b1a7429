/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/cases.c - changing cases, one winner each time; listing them.
 */
#include "queue/cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/enc.h"
#include "queue/cases_inside.h"

/* Lost so often against others, the officer is told to look again. */
#define TRIES_MOST 8
/* When something was done is told no finer: it comes soon after a tip. */
#define MINUTE_MS 60000u
/* Leases that ended before that are found in turn (cases_check()). */
#define ENDED_MS (UINT64_C(60) * MINUTE_MS)

#define WORD(text) bytes_str(text)

/* What one change writes: the case, and of a duplicate the target too. */
struct part {
	struct case_record old;
	struct case_record record;
	struct buf sealed;
};

struct change {
	const struct case_change *what;
	struct part parts[2];
	size_t n;
	bool was_done;
};

/* ---- judging ------------------------------------------------------------ */

static enum tl_err sign_part(struct cases *cases, struct part *part)
{
	const struct cases_trust *trust = &cases->opts.trust;
	struct case_record *record = &part->record;
	struct buf said;
	enum tl_err err;

	memcpy(record->before, part->old.event_id, CASE_ID_BYTES);
	trust->hash(record->sealed_hash, record->sealed.at, record->sealed.len);
	buf_init(&said, CASE_SAID_BYTES);
	case_event_put_said(&said, record);
	err = buf_err(&said);
	if (err == TL_OK) {
		err = trust->sign(
		    bytes_of(said.data, said.len), record->sig, trust->arg);
	}
	buf_free(&said);
	return err;
}

static enum tl_err seal_part(
    struct cases *cases, struct part *part, const struct case_change *what)
{
	const struct cases_opts *opts = &cases->opts;
	enum tl_err err = TL_OK;

	if (what->event_id != NULL) {
		memcpy(part->record.event_id, what->event_id, CASE_ID_BYTES);
	} else if (getrandom(part->record.event_id, CASE_ID_BYTES, 0) !=
	    (ssize_t)CASE_ID_BYTES) {
		return TL_EIO;
	}
	part->record.event = what->event;
	part->record.at_ms =
	    cases_now_ms(cases) - cases_now_ms(cases) % MINUTE_MS;
	buf_reset(&part->sealed);
	if (opts->seal != NULL) {
		err = opts->seal(part->record.id, what, &part->record.now,
		    &part->sealed, opts->arg);
	}
	if (err == TL_OK) {
		err = buf_err(&part->sealed);
	}
	part->record.sealed = bytes_of(part->sealed.data, part->sealed.len);
	return err == TL_OK ? sign_part(cases, part) : err;
}

static enum tl_err count_held(
    struct cases *cases, const char *who, size_t *ret_n)
{
	char key[CASES_KEY_BYTES];
	uint64_t now_ms = cases_now_ms(cases);
	struct cases_text from;
	struct cases_text to;
	struct bytes args[] = { WORD("ZCOUNT"), WORD(""),
		cases_dec(&from, now_ms),
		cases_dec(&to, now_ms + CASE_LEASE_MS + CASE_SLACK_MS) };
	struct stream_answer answer = { 0 };
	struct redisReply *reply = NULL;
	enum tl_err err;

	(void)snprintf(key, sizeof(key), "desk:held:%s", who);
	args[1] = WORD(key);
	err = cases_ask(cases, STREAM_WANT_NUMBER, args, 4, &reply, &answer);
	ask_done(reply);
	if (err == TL_EINVAL) {
		err = cases_drop_strange(cases, key);
	}
	if (err == TL_OK) {
		*ret_n = (size_t)answer.number;
	}
	return err;
}

/* CASE_NO_MORE if this would be one case too many for who. */
static enum tl_err judge_number(struct cases *cases,
    const struct case_change *what, const struct part *part, enum case_no *no)
{
	const struct case_now *now = &part->record.now;
	size_t n = 0;
	enum tl_err err;

	if ((what->event != CASE_DO_CLAIM &&
		what->event != CASE_DO_TAKE_OVER) ||
	    now->priority == 1) {
		return TL_OK;
	}
	err = count_held(cases, what->who, &n);
	if (err == TL_OK && n >= CASE_LEASES_MAX) {
		*no = CASE_NO_MORE;
	}
	return err;
}

/* The target of a duplicate: there, no duplicate itself, and from now on of
 * the higher of both priorities. A closed one is open again: whoever wrote once
 * more is not closed with it. */
static enum tl_err judge_target(
    struct cases *cases, struct change *change, enum case_no *no)
{
	struct part *part = &change->parts[1];
	const struct case_now *duplicate = &change->parts[0].record.now;
	struct case_change raise = { .event = CASE_DO_RAISE };
	enum tl_err err;

	if (change->what->event != CASE_DO_LINK) {
		return TL_OK;
	}
	memcpy(part->record.id, duplicate->target, CASE_ID_BYTES);
	err = cases_watch(cases, CASES_BY_OFFICER, part->record.id, &part->old);
	if (err != TL_OK) {
		return err;
	}
	if (part->old.now.version == 0 ||
	    !(case_is_open(part->old.now.state) ||
		part->old.now.state == CASE_CLOSED)) {
		*no = CASE_NO_TARGET;
		return TL_OK;
	}
	if (part->old.now.state == CASE_CLOSED) {
		raise.event = CASE_DO_REOPEN;
	} else if (duplicate->priority == 0 ||
	    duplicate->priority >= part->old.now.priority) {
		return TL_OK; /* urgent enough */
	}
	raise.priority = duplicate->priority != 0 &&
		duplicate->priority < part->old.now.priority
	    ? duplicate->priority
	    : 0;
	if (case_judge(&part->old.now, part->record.id, &raise,
		cases_now_ms(cases), &part->record.now) != CASE_YES) {
		return TL_OK;
	}
	change->n = 2;
	return seal_part(cases, part, &raise);
}

/* What has an id of its own happens once, whichever desk does it. Another one
 * may have done it just now: there is more to hear where the case's newest
 * event is not here. */
static enum tl_err look_if_done(struct cases *cases, struct change *change)
{
	const struct ledger *ledger = cases->opts.ledger;
	const uint8_t *newest = change->parts[0].old.event_id;
	const uint8_t *event_id = change->what->event_id;
	bool is_all = false;
	enum tl_err err = TL_OK;
	size_t n = 0;

	change->was_done = false;
	if (event_id == NULL || change->parts[0].old.now.version == 0) {
		return TL_OK;
	}
	if (!ledger_has_event(ledger, newest)) {
		err = cases_follow(cases, &n, &is_all);
	}
	if (err == TL_OK && !is_all && !ledger_has_event(ledger, newest)) {
		return TL_EAGAIN;
	}
	change->was_done = ledger_has_event(ledger, event_id);
	return err;
}

/* Watch, read, judge: what the change would write, or why it may not be. */
static enum tl_err prepare(
    struct cases *cases, struct change *change, enum case_no *ret_no)
{
	const struct case_change *what = change->what;
	struct part *part = &change->parts[0];
	enum cases_by by = what->event == CASE_DO_LEASE_END ? CASES_BY_ITSELF
							    : CASES_BY_OFFICER;
	enum tl_err err = cases_watch(cases, by, part->record.id, &part->old);
	enum case_no no;

	change->n = 1;
	if (err != TL_OK) {
		return err;
	}
	if (part->old.now.version == 0 && what->event != CASE_DO_RECEIVE) {
		return TL_ENOENT;
	}
	err = look_if_done(cases, change);
	if (err != TL_OK || change->was_done) {
		*ret_no = CASE_YES;
		return err;
	}
	no = case_judge(&part->old.now, part->record.id, what,
	    cases_now_ms(cases), &part->record.now);
	if (what->version != 0 && what->version != part->old.now.version &&
	    no != CASE_NO_HELD) {
		no = CASE_NO_CHANGED;
	}
	if (no == CASE_YES) {
		err = judge_number(cases, what, part, &no);
	}
	if (err == TL_OK && no == CASE_YES) {
		err = judge_target(cases, change, &no);
	}
	if (err == TL_OK && no == CASE_YES) {
		err = seal_part(cases, part, what);
	}
	*ret_no = no;
	return err;
}

/* ---- writing ------------------------------------------------------------ */

static enum tl_err write_all(struct cases *cases, const struct change *change)
{
	enum tl_err err = cases_begin(cases);

	for (size_t i = 0; i < change->n && err == TL_OK; i++) {
		const struct part *part = &change->parts[i];

		err = cases_put(cases, &part->old.now, &part->record);
		if (err == TL_OK) {
			err = cases_put_event(cases, &part->record);
		}
	}
	if (err != TL_OK) {
		cases_discard(cases);
		return err;
	}
	err = cases_exec(cases);
	if (err == TL_OK) {
		cases_wait(cases);
	}
	return err;
}

/* Only behind EXEC: an event that never happened may not be in a ledger. */
static enum tl_err keep_all(struct cases *cases, const struct change *change)
{
	enum tl_err err = TL_OK;

	for (size_t i = 0; i < change->n && err == TL_OK; i++) {
		err = cases_keep(cases, &change->parts[i].record);
	}
	return err;
}

static enum tl_err try_change(
    struct cases *cases, struct change *change, struct cases_outcome *outcome)
{
	struct part *part = &change->parts[0];
	enum tl_err err = prepare(cases, change, &outcome->no);

	if (err != TL_OK || outcome->no != CASE_YES || change->was_done) {
		enum tl_err end = cases_unwatch(cases);

		outcome->now = part->old.now;
		return err != TL_OK ? err : end;
	}
	err = write_all(cases, change);
	if (err == TL_OK) {
		outcome->now = part->record.now;
		err = keep_all(cases, change);
	}
	return err;
}

enum tl_err cases_change(struct cases *cases,
    const uint8_t id[static CASE_ID_BYTES], const struct case_change *change,
    struct cases_outcome *ret_outcome)
{
	struct cases_outcome outcome = { 0 };
	struct change todo = { .what = change };
	enum tl_err err = TL_EAGAIN;

	if (cases->opts.ledger == NULL || cases->opts.trust.sign == NULL) {
		return TL_EPERM;
	}
	for (size_t i = 0; i < 2; i++) {
		buf_init(&todo.parts[i].sealed, CASE_SEALED_BYTES);
	}
	memcpy(todo.parts[0].record.id, id, CASE_ID_BYTES);
	/* Lost to somebody: what there is now is judged anew. */
	for (int i = 0; i < TRIES_MOST && err == TL_EAGAIN; i++) {
		err = try_change(cases, &todo, &outcome);
	}
	for (size_t i = 0; i < 2; i++) {
		buf_free(&todo.parts[i].sealed);
	}
	if (err == TL_OK) {
		*ret_outcome = outcome;
	}
	return err == TL_EAGAIN ? TL_EBUSY : err;
}

/* ---- leases ------------------------------------------------------------- */

static enum tl_err try_renew(struct cases *cases,
    const uint8_t id[static CASE_ID_BYTES], const char *who,
    struct cases_outcome *outcome)
{
	uint64_t now_ms = cases_now_ms(cases);
	struct case_record was = { 0 };
	struct case_now next;
	enum tl_err err = cases_watch(cases, CASES_BY_OFFICER, id, &was);

	if (err == TL_OK && was.now.version == 0) {
		err = TL_ENOENT;
	}
	if (err != TL_OK) {
		return err;
	}
	outcome->now = was.now;
	outcome->no = CASE_YES;
	if (!case_is_held(&was.now, now_ms)) {
		outcome->no = CASE_NO_HOLDER;
	} else if (strcmp(was.now.owner, who) != 0) {
		outcome->no = CASE_NO_HELD;
	}
	next = was.now;
	next.until_ms = now_ms + CASE_LEASE_MS;
	if (outcome->no != CASE_YES || was.now.state == CASE_CLAIMED ||
	    next.until_ms - was.now.until_ms < CASE_LEASE_MS / 3) {
		return cases_unwatch(cases);
	}
	err = cases_begin(cases);
	if (err == TL_OK) {
		err = cases_put_until(cases, id, &was.now, &next);
	}
	if (err != TL_OK) {
		cases_discard(cases);
		return err;
	}
	err = cases_exec(cases);
	if (err == TL_OK) {
		cases_wait(cases);
	}
	outcome->now = next;
	return err;
}

enum tl_err cases_renew(struct cases *cases,
    const uint8_t id[static CASE_ID_BYTES], const char *who,
    struct cases_outcome *ret_outcome)
{
	struct cases_outcome outcome = { 0 };
	enum tl_err err = TL_EAGAIN;

	for (int i = 0; i < TRIES_MOST && err == TL_EAGAIN; i++) {
		err = try_renew(cases, id, who, &outcome);
	}
	if (err == TL_OK) {
		*ret_outcome = outcome;
	}
	return err == TL_EAGAIN ? TL_EBUSY : err;
}

/* ---- lists -------------------------------------------------------------- */

/* What is no id, or no list, was put there by somebody who should not, and
 * goes. TL_EAGAIN: some were no ids. args[1] is a string of ours. */
static enum tl_err read_page(struct cases *cases, const struct bytes *args,
    size_t n_args, uint8_t ret_ids[static CASES_PAGE][CASE_ID_BYTES],
    size_t *ret_n)
{
	bool is_clean = true;
	struct stream_answer answer = { 0 };
	struct redisReply *reply = NULL;
	size_t n = 0;
	enum tl_err err =
	    cases_ask(cases, STREAM_WANT_VALUES, args, n_args, &reply, &answer);

	if (err == TL_EINVAL || err == TL_ETOOBIG) {
		err = cases_drop_strange(cases, (const char *)args[1].at);
	}
	for (size_t i = 0; err == TL_OK && i < stream_values(&answer); i++) {
		struct bytes hex = stream_value(&answer, i);
		const struct bytes drop[] = { WORD("ZREM"), args[1], hex };
		size_t len = 0;

		if (n == CASES_PAGE) {
			err = TL_EFORMAT;
		} else if (dec_hex((const char *)hex.at, hex.len, ret_ids[n],
			       CASE_ID_BYTES, &len) != TL_OK ||
		    len != CASE_ID_BYTES) {
			is_clean = false;
			err = cases_tell(cases, STREAM_WANT_NUMBER, drop, 3);
		} else {
			n++;
		}
	}
	ask_done(reply);
	if (err == TL_OK) {
		*ret_n = n;
	}
	return err == TL_OK && !is_clean ? TL_EAGAIN : err;
}

static enum tl_err read_ids(struct cases *cases, const struct bytes *args,
    size_t n_args, uint8_t ret_ids[static CASES_PAGE][CASE_ID_BYTES],
    size_t *ret_n)
{
	enum tl_err err = TL_EAGAIN;

	for (int i = 0; i < TRIES_MOST && err == TL_EAGAIN; i++) {
		err = read_page(cases, args, n_args, ret_ids, ret_n);
	}
	return err == TL_EAGAIN ? TL_EBUSY : err;
}

enum tl_err cases_list(struct cases *cases, enum cases_list list,
    uint64_t first, uint8_t ret_ids[static CASES_PAGE][CASE_ID_BYTES],
    size_t *ret_n)
{
	struct cases_text from;
	struct cases_text to;
	const struct bytes args[] = { WORD("ZRANGE"),
		WORD(list == CASES_OPEN ? "desk:open" : "desk:done"),
		cases_dec(&from, first),
		cases_dec(&to, first + CASES_PAGE - 1) };

	return read_ids(cases, args, 4, ret_ids, ret_n);
}

/* Do one thing to the cases of a list of ids; what others did first is no
 * error. */
static enum tl_err change_each(struct cases *cases,
    uint8_t ids[static CASES_PAGE][CASE_ID_BYTES], size_t n,
    const struct case_change *change, size_t *ret_done)
{
	enum tl_err err = TL_OK;
	size_t done = 0;

	for (size_t i = 0; i < n && err == TL_OK; i++) {
		struct cases_outcome outcome = { .no = CASE_NO_ROW };

		err = cases_change(cases, ids[i], change, &outcome);
		done += err == TL_OK && outcome.no == CASE_YES ? 1 : 0;
		if (err == TL_ENOENT || err == TL_EBUSY || err == TL_EPERM) {
			err = TL_OK;
		}
	}
	*ret_done = done;
	return err;
}

enum tl_err cases_end_leases(struct cases *cases, size_t *ret_n)
{
	const struct case_change end = { .event = CASE_DO_LEASE_END };
	uint8_t ids[CASES_PAGE][CASE_ID_BYTES];
	struct cases_text from, to;
	uint64_t now_ms = cases_now_ms(cases);
	/* what is read keeps its owner, and would stand in front for ever */
	const struct bytes args[] = { WORD("ZRANGE"), WORD("desk:leases"),
		cases_dec(&from, now_ms < ENDED_MS ? 0 : now_ms - ENDED_MS),
		cases_dec(&to, now_ms), WORD("BYSCORE"), WORD("LIMIT"),
		WORD("0"), WORD("256") };
	size_t n = 0;
	enum tl_err err;

	_Static_assert(CASES_PAGE == 256, "as LIMIT says");
	err = read_ids(cases, args, 8, ids, &n);
	return err == TL_OK ? change_each(cases, ids, n, &end, ret_n) : err;
}

enum tl_err cases_release_unread(
    struct cases *cases, const char *who, size_t *ret_n)
{
	struct case_change release = { .event = CASE_DO_RELEASE, .who = who };
	uint8_t ids[CASES_PAGE][CASE_ID_BYTES];
	struct cases_text from;
	/* whose end has come is given back by that */
	const struct bytes args[] = { WORD("ZRANGE"), WORD("desk:leases"),
		cases_dec(&from, cases_now_ms(cases)), WORD("+inf"),
		WORD("BYSCORE"), WORD("LIMIT"), WORD("0"), WORD("256") };
	size_t n = 0;
	size_t unread = 0;
	enum tl_err err = read_ids(cases, args, 8, ids, &n);

	for (size_t i = 0; i < n && err == TL_OK; i++) {
		struct case_now now;

		err = cases_get(cases, ids[i], &now);
		if (err == TL_OK && now.state == CASE_CLAIMED &&
		    strcmp(now.owner, who) == 0) {
			memmove(ids[unread++], ids[i], CASE_ID_BYTES);
		}
		err = err == TL_ENOENT ? TL_OK : err;
	}
	return err == TL_OK ? change_each(cases, ids, unread, &release, ret_n)
			    : err;
}
