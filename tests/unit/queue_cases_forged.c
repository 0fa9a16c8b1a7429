/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/cases against who has the desk's password of Redis, and no desk's key:
 * nothing that they write is believed, and all of it is noticed.
 */
#include "queue/cases.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <hiredis/hiredis.h>

#include "tests/lib/cases_intruder.h"
#include "tests/lib/cases_rig.h"

static struct buf head_of(redisContext *redis, uint32_t n)
{
	char key[64];
	struct buf head;
	redisReply *reply;

	intruder_key(n, key);
	reply = redisCommand(redis, "HGET %s r", key);
	assert_int_equal(reply->type, REDIS_REPLY_STRING);
	buf_init(&head, CASE_HEAD_BYTES);
	buf_put(&head, reply->str, reply->len);
	assert_int_equal(buf_err(&head), TL_OK);
	freeReplyObject(reply);
	return head;
}

static void put_head(redisContext *redis, uint32_t n, const struct buf *head)
{
	char key[64];
	redisReply *reply;

	intruder_key(n, key);
	reply = redisCommand(redis, "HSET %s r %b", key, head->data, head->len);
	assert_int_equal(reply->type, REDIS_REPLY_INTEGER);
	freeReplyObject(reply);
}

/* The newest event of the stream. Dropped: with all others; a desk may trim by
 * adding. */
static struct buf newest_event(redisContext *redis, bool is_dropped)
{
	redisReply *reply = redisCommand(redis, "XREAD STREAMS events 0");
	const redisReply *all;
	struct buf bytes;

	assert_int_equal(reply->type, REDIS_REPLY_ARRAY);
	all = reply->element[0]->element[1];
	buf_init(&bytes, CASE_EVENT_BYTES);
	for (size_t i = 0; i < all->elements; i++) {
		const redisReply *fields = all->element[i]->element[1];

		if (strcmp(fields->element[0]->str, "r") == 0) {
			buf_reset(&bytes);
			buf_put(&bytes, fields->element[1]->str,
			    fields->element[1]->len);
		}
	}
	freeReplyObject(reply);
	assert_true(bytes.len > 0 && buf_err(&bytes) == TL_OK);
	if (is_dropped) {
		intruder_do(redis, "XADD events MAXLEN = 0 * c x");
	}
	return bytes;
}

/* Nothing is left of the case. */
static void drop_case(redisContext *redis, uint32_t n)
{
	char key[64];
	char command[128];

	intruder_key(n, key);
	(void)snprintf(command, sizeof(command), "HDEL %s r until", key);
	intruder_do(redis, command);
}

/* ---- what desks make of it ------------------------------------------------
 */

struct told {
	unsigned n; /* altered */
	unsigned ahead;
	uint8_t id[CASE_ID_BYTES];
	struct case_now now;
};

static void tell(const uint8_t id[static CASE_ID_BYTES],
    const struct case_now *now, bool is_altered, void *arg)
{
	struct told *told = arg;

	told->n += is_altered ? 1 : 0;
	told->ahead += is_altered ? 0 : 1;
	memcpy(told->id, id, CASE_ID_BYTES);
	told->now = *now;
}

/* How many of the stream no desk had signed, that were not counted before. */
static uint64_t follow(struct desk *desk)
{
	uint64_t before = case_book_odds(desk->book)->events;
	bool is_all = false;
	size_t n = 0;

	while (!is_all) {
		assert_int_equal(cases_follow(desk->cases, &n, &is_all), TL_OK);
	}
	return case_book_odds(desk->book)->events - before;
}

static struct told check(struct desk *desk)
{
	struct told told = { 0 };

	/* more at once are as many as the machine does in 50 ms */
	for (size_t i = 0; i < case_book_count(desk->book); i++) {
		assert_int_equal(
		    cases_check(desk->cases, 1, tell, &told), TL_OK);
	}
	return told;
}

static uint64_t events_of(const struct desk *desk)
{
	struct ledger_counts counts;

	ledger_counts(desk->ledger, &counts);
	return counts.records[LEDGER_EVENT];
}

/* ---- the tests ------------------------------------------------------------
 */

static void a_state_that_no_desk_signed_is_not_believed_and_put_back(
    void **state)
{
	static const enum case_state states[] = { CASE_CLOSED, CASE_PURGED,
		CASE_QUARANTINE };
	struct rig *rig = *state;
	redisContext *redis = intruder_open(rig);
	struct buf real;
	struct told told;

	rig_make(&rig->a, 1, 1);
	(void)follow(&rig->b);
	real = head_of(redis, 1);
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		struct case_record record;
		struct buf forged;
		struct buf now;

		assert_int_equal(
		    case_event_get_head(bytes_of(real.data, real.len), &record),
		    TL_OK);
		record.now.state = states[i];
		record.now.version += 7;
		memcpy(record.now.owner, "mallory", 8);
		buf_init(&forged, CASE_HEAD_BYTES);
		case_event_put_head(&forged, &record);
		put_head(redis, 1, &forged);
		/* nobody sees it, and a change begins where it was */
		assert_int_equal(rig_get(&rig->b, 1).state, CASE_NEW);
		assert_string_equal(rig_get(&rig->b, 1).owner, "");
		told = check(&rig->a);
		assert_int_equal(told.n, 1);
		assert_int_equal(told.now.state, CASE_NEW);
		now = head_of(redis, 1);
		assert_int_equal(now.len, real.len);
		assert_memory_equal(now.data, real.data, real.len);
		assert_int_equal(check(&rig->a).n, 0);
		if (i == 1) { /* a change puts it back by itself */
			put_head(redis, 1, &forged);
			assert_int_equal(
			    rig_try(&rig->b, 1, rig_by(CASE_DO_OPEN, "sok")).no,
			    CASE_NO_ROW);
		}
		buf_free(&now);
		buf_free(&forged);
	}
	assert_int_equal(case_book_odds(rig->a.book)->forged, 3);
	assert_int_equal(case_book_odds(rig->b.book)->forged, 1);
	assert_int_equal(
	    rig_must(&rig->b, 1, rig_by(CASE_DO_CLAIM, "sok")).version, 3);
	buf_free(&real);
	redisFree(redis);
}

static void forge(redisContext *redis, uint32_t n, struct buf *ret_forged)
{
	struct buf real = head_of(redis, n);
	struct case_record record;

	assert_int_equal(
	    case_event_get_head(bytes_of(real.data, real.len), &record), TL_OK);
	record.now.state = CASE_CLOSED;
	record.now.version += 7;
	buf_init(ret_forged, CASE_HEAD_BYTES);
	case_event_put_head(ret_forged, &record);
	buf_free(&real);
}

/* It may be of a desk whose key is missing here, and which puts its own back.
 */
static void it_gives_way_three_times_and_then_to_an_officer(void **state)
{
	const struct case_change end = { .event = CASE_DO_LEASE_END };
	struct rig *rig = *state;
	redisContext *redis = intruder_open(rig);
	struct cases_restored restored;
	struct cases_outcome outcome;
	uint8_t id[CASE_ID_BYTES];
	struct buf forged, now;

	rig_id(1, id);
	rig_make(&rig->a, 1, 1);
	forge(redis, 1, &forged);
	for (unsigned i = 0; i < 5; i++) {
		put_head(redis, 1, &forged);
		assert_int_equal(check(&rig->a).n, i < 3 ? 1 : 0);
		now = head_of(redis, 1);
		assert_int_equal(
		    memcmp(now.data, forged.data, now.len) == 0, i >= 3);
		buf_free(&now);
		assert_int_equal(rig_get(&rig->a, 1).state, CASE_NEW);
	}
	assert_int_equal(cases_restore(rig->a.cases, &restored), TL_OK);
	assert_int_equal(restored.left, 1);
	assert_int_equal(
	    cases_change(rig->a.cases, id, &end, &outcome), TL_EPERM);
	/* and what an officer does begins it anew */
	assert_int_equal(
	    rig_must(&rig->a, 1, rig_by(CASE_DO_CLAIM, "sok")).version, 3);
	put_head(redis, 1, &forged);
	assert_int_equal(check(&rig->a).n, 1);
	assert_string_equal(rig_get(&rig->a, 1).owner, "sok");
	buf_free(&forged);
	redisFree(redis);
}

static void who_works_on_a_case_keeps_it_when_it_is_put_back(void **state)
{
	struct rig *rig = *state;
	redisContext *redis = intruder_open(rig);
	struct cases_outcome outcome;
	uint64_t later_ms;
	uint8_t id[CASE_ID_BYTES];

	rig_id(1, id);
	rig_make(&rig->b, 1, 1);
	(void)rig_must(&rig->b, 1, rig_by(CASE_DO_CLAIM, "sok"));
	(void)rig_must(&rig->b, 1, rig_by(CASE_DO_OPEN, "sok"));
	rig_ahead_ms = CASE_LEASE_MS / 3 * 2;
	assert_int_equal(cases_renew(rig->b.cases, id, "sok", &outcome), TL_OK);
	drop_case(redis, 1);
	rig_ahead_ms = CASE_LEASE_MS / 3 * 5;
	assert_int_equal(check(&rig->b).n, 1);
	later_ms = cases_now_ms(rig->b.cases) + CASE_LEASE_MS / 2;
	assert_true(rig_get(&rig->b, 1).until_ms >= later_ms);
	redisFree(redis);
}

static void an_older_state_and_none_are_put_back(void **state)
{
	struct rig *rig = *state;
	redisContext *redis = intruder_open(rig);
	struct buf closed;

	rig_make(&rig->a, 1, 3);
	(void)rig_must(&rig->a, 1, rig_by(CASE_DO_CLAIM, "sok"));
	(void)rig_must(&rig->a, 1, rig_by(CASE_DO_OPEN, "sok"));
	(void)rig_must(&rig->a, 1, rig_by(CASE_DO_CLOSE, "sok"));
	closed = head_of(redis, 1);
	(void)rig_must(&rig->a, 1, rig_by(CASE_DO_REOPEN, "sok"));
	(void)follow(&rig->b);
	put_head(redis, 1, &closed);
	assert_int_equal(rig_get(&rig->b, 1).state, CASE_NEW);
	assert_int_equal(check(&rig->b).n, 1);
	assert_int_equal(rig_get(&rig->a, 1).version, 6);
	/* gone: who comes first puts it back, also by a change */
	drop_case(redis, 1);
	assert_int_equal(rig_try(&rig->a, 1,
			     (struct case_change){ .event = CASE_DO_RECEIVE })
			     .no,
	    CASE_NO_ROW);
	assert_int_equal(rig_get(&rig->b, 1).version, 6);
	assert_int_equal(case_book_odds(rig->b.book)->old, 1);
	buf_free(&closed);
	redisFree(redis);
}

static void the_state_of_another_case_is_none_of_this_one(void **state)
{
	struct rig *rig = *state;
	redisContext *redis = intruder_open(rig);
	struct buf closed;

	rig_make(&rig->a, 1, 3);
	rig_make(&rig->a, 2, 3);
	(void)rig_must(&rig->a, 1, rig_by(CASE_DO_CLAIM, "sok"));
	(void)rig_must(&rig->a, 1, rig_by(CASE_DO_OPEN, "sok"));
	(void)rig_must(&rig->a, 1, rig_by(CASE_DO_CLOSE, "sok"));
	closed = head_of(redis, 1);
	put_head(redis, 2, &closed);
	assert_int_equal(rig_get(&rig->a, 2).state, CASE_NEW);
	/* desk b has read no event yet: to it there is no such case */
	(void)follow(&rig->b);
	assert_int_equal(check(&rig->b).n, 1);
	assert_int_equal(rig_get(&rig->b, 2).state, CASE_NEW);
	assert_int_equal(case_book_odds(rig->b.book)->forged, 1);
	buf_free(&closed);
	redisFree(redis);
}

static void events_that_no_desk_signed_do_not_get_into_a_ledger(void **state)
{
	struct rig *rig = *state;
	redisContext *redis = intruder_open(rig);
	struct case_record record;
	struct buf real, forged;

	rig_make(&rig->a, 1, 1);
	real = newest_event(redis, false);
	(void)follow(&rig->b);
	assert_int_equal(events_of(&rig->b), 2);
	/* another state, other words, another case: all under a new id */
	for (int i = 0; i < 3; i++) {
		assert_int_equal(
		    case_event_get(bytes_of(real.data, real.len), &record),
		    TL_OK);
		record.event_id[0] ^= 1;
		record.now.version++;
		record.now.state = i == 0 ? CASE_CLOSED : record.now.state;
		record.sealed =
		    i == 1 ? bytes_str("other words") : record.sealed;
		record.id[0] ^= i == 2 ? 1 : 0;
		buf_init(&forged, CASE_EVENT_BYTES);
		case_event_put(&forged, &record);
		intruder_add(redis, bytes_of(forged.data, forged.len));
		buf_free(&forged);
	}
	/* the same with the true signature, and other words behind it */
	assert_int_equal(
	    case_event_get(bytes_of(real.data, real.len), &record), TL_OK);
	record.sealed = bytes_str("other words");
	buf_init(&forged, CASE_EVENT_BYTES);
	case_event_put(&forged, &record);
	intruder_add(redis, bytes_of(forged.data, forged.len));
	assert_int_equal(follow(&rig->b), 3); /* the last is known by its id */
	assert_int_equal(events_of(&rig->b), 2);
	/* to who has not got it, it is none */
	rig_open_desk(rig, &rig->a, NULL);
	assert_int_equal(follow(&rig->a), 3);
	/* a true one once more is no event either */
	intruder_add(redis, bytes_of(real.data, real.len));
	assert_int_equal(follow(&rig->b), 0);
	assert_int_equal(events_of(&rig->b), 2);
	assert_int_equal(rig_get(&rig->b, 1).version, 2);
	assert_int_equal(case_book_odds(rig->b.book)->lacking, 0);
	assert_int_equal(case_book_odds(rig->b.book)->forked, 0);
	buf_free(&forged);
	buf_free(&real);
	redisFree(redis);
}

static void an_event_that_was_dropped_is_missed(void **state)
{
	struct rig *rig = *state;
	redisContext *redis = intruder_open(rig);
	struct buf dropped;
	struct told told;

	rig_make(&rig->a, 1, 1);
	(void)rig_must(&rig->a, 1, rig_by(CASE_DO_CLAIM, "sok"));
	(void)follow(&rig->b);
	assert_int_equal(check(&rig->b).n, 0);
	(void)rig_must(&rig->a, 1, rig_by(CASE_DO_OPEN, "sok"));
	dropped = newest_event(redis, true);
	/* the newest: Redis has its state, and the stream has not got it */
	(void)follow(&rig->b);
	told = check(&rig->b);
	assert_int_equal(told.ahead, 1);
	assert_int_equal(told.now.state, CASE_TRIAGE);
	assert_int_equal(check(&rig->b).ahead, 0);
	assert_int_equal(case_book_odds(rig->b.book)->lacking, 1);
	(void)check(&rig->b);
	assert_int_equal(case_book_odds(rig->b.book)->lacking, 1);
	assert_int_equal(rig_get(&rig->b, 1).state, CASE_TRIAGE);
	/* one in between: the next names it */
	(void)rig_must(&rig->a, 1, rig_by(CASE_DO_CHECK, "sok"));
	(void)follow(&rig->b);
	(void)check(&rig->b);
	assert_int_equal(case_book_odds(rig->b.book)->lacking, 2);
	assert_int_equal(case_book_odds(rig->a.book)->lacking, 0);
	/* it comes after all, whoever brings it */
	intruder_add(redis, bytes_of(dropped.data, dropped.len));
	assert_int_equal(follow(&rig->b), 0);
	assert_int_equal(events_of(&rig->b), events_of(&rig->a));
	assert_int_equal(case_book_odds(rig->b.book)->forked, 0);
	buf_free(&dropped);
	redisFree(redis);
}

/* Who takes back what one desk did before the other has heard of it can have
 * two desks do two things at once. Both were meant by officers. */
static void of_two_changes_of_one_version_both_desks_show_the_same(void **state)
{
	struct rig *rig = *state;
	redisContext *redis = intruder_open(rig);
	struct buf before, dropped;
	struct told told;

	rig_make(&rig->a, 1, 1);
	(void)follow(&rig->b);
	before = head_of(redis, 1);
	(void)rig_must(&rig->a, 1, rig_by(CASE_DO_CLAIM, "sok"));
	dropped = newest_event(redis, true);
	put_head(redis, 1, &before);
	(void)rig_must(&rig->b, 1, rig_by(CASE_DO_CLAIM, "dara"));
	assert_int_equal(follow(&rig->a), 0);
	assert_int_equal(case_book_odds(rig->a.book)->forked, 1);
	told = check(&rig->a);
	assert_int_equal(told.n, 1);
	assert_string_equal(told.now.owner, "dara");
	assert_string_equal(rig_get(&rig->a, 1).owner, "dara");
	assert_string_equal(rig_get(&rig->b, 1).owner, "dara");
	intruder_add(redis, bytes_of(dropped.data, dropped.len));
	assert_int_equal(follow(&rig->b), 0);
	assert_int_equal(case_book_odds(rig->b.book)->forked, 1);
	/* and go on from there */
	(void)rig_must(&rig->b, 1, rig_by(CASE_DO_OPEN, "dara"));
	(void)follow(&rig->a);
	assert_int_equal(check(&rig->a).n, 0);
	assert_int_equal(rig_get(&rig->a, 1).state, CASE_TRIAGE);
	assert_int_equal(events_of(&rig->a), events_of(&rig->b));
	buf_free(&dropped);
	buf_free(&before);
	redisFree(redis);
}

static void what_was_wiped_is_put_back_by_looking(void **state)
{
	struct rig *rig = *state;
	redisContext *redis = intruder_open(rig);

	/* a change that came before anybody was told is news enough */
	rig_make(&rig->a, 30, 1);
	drop_case(redis, 30);
	(void)rig_must(&rig->a, 30, rig_by(CASE_DO_CLAIM, "sok"));
	assert_int_equal(check(&rig->a).n, 0);
	for (uint32_t i = 0; i < 20; i++) {
		rig_make(&rig->a, i, 1 + i % 4);
		drop_case(redis, i);
	}
	assert_int_equal(check(&rig->a).n, 20);
	assert_int_equal(check(&rig->a).n, 0);
	(void)follow(&rig->b);
	assert_int_equal(check(&rig->b).n, 0);
	for (uint32_t i = 0; i < 20; i++) {
		assert_int_equal(rig_get(&rig->b, i).version, 2);
	}
	redisFree(redis);
}

/* Else they could switch off what finds the rest. */
static void what_is_added_again_is_no_news_and_is_proved_no_more(void **state)
{
	struct rig *rig = *state;
	redisContext *redis = intruder_open(rig);
	struct buf event, forged;
	bool is_all = false;
	size_t n = 1;

	rig_make(&rig->a, 1, 1);
	(void)follow(&rig->b);
	event = newest_event(redis, false);
	forge(redis, 1, &forged);
	put_head(redis, 1, &forged);
	for (int i = 0; i < 5; i++) {
		intruder_add(redis, bytes_of(event.data, event.len));
	}
	rig_proved = 0;
	while (!is_all) {
		assert_int_equal(
		    cases_follow(rig->b.cases, &n, &is_all), TL_OK);
		assert_int_equal(n, 0);
	}
	assert_int_equal(rig_proved, 0);
	assert_int_equal(rig->b.kept.n, 2);
	assert_int_equal(check(&rig->b).n, 1);
	buf_free(&forged);
	buf_free(&event);
	redisFree(redis);
}

/* While more comes than is read, what was not read yet is not missed. */
static void a_flood_of_events_hides_no_case_that_was_altered(void **state)
{
	struct rig *rig = *state;
	redisContext *redis = intruder_open(rig);
	struct buf forged;
	struct told told;

	rig_make(&rig->a, 1, 1);
	rig_make(&rig->a, 2, 1);
	(void)follow(&rig->b);
	(void)rig_must(&rig->a, 2, rig_by(CASE_DO_CLAIM, "sok"));
	forge(redis, 1, &forged);
	put_head(redis, 1, &forged);
	rig_open_desk(rig, &rig->b, rig_other_clock); /* it has read nothing */
	told = check(&rig->b);
	assert_int_equal(told.n, 1);
	assert_int_equal(told.ahead, 0);
	assert_int_equal(case_book_odds(rig->b.book)->lacking, 0);
	buf_free(&forged);
	redisFree(redis);
}

static void a_key_of_another_type_is_taken_out_and_stops_nothing(void **state)
{
	struct rig *rig = *state;
	redisContext *redis = intruder_open(rig);
	const struct case_odds *odds = case_book_odds(rig->a.book);
	uint8_t ids[CASES_PAGE][CASE_ID_BYTES];
	char key[64], command[128];
	struct told told;
	size_t n = 9;

	rig_make(&rig->a, 1, 3);
	rig_make(&rig->a, 2, 3);
	drop_case(redis, 1);
	intruder_key(1, key);
	(void)snprintf(command, sizeof(command), "ZADD %s 1 x", key);
	intruder_do(redis, command);
	told = check(&rig->a);
	assert_int_equal(told.n, 1);
	assert_int_equal(told.now.state, CASE_NEW);
	assert_int_equal(odds->strange_cases, 1);
	drop_case(redis, 2);
	intruder_key(2, key);
	(void)snprintf(command, sizeof(command), "ZADD %s 1 x", key);
	intruder_do(redis, command);
	(void)rig_must(&rig->a, 2, rig_by(CASE_DO_CLAIM, "sok"));
	assert_int_equal(odds->strange_cases, 2);
	/* the lists, found by a change, by reading them, and by a claim */
	intruder_do(redis, "DEL desk:open");
	intruder_do(redis, "HSET desk:open a b");
	(void)rig_must(&rig->a, 1, rig_by(CASE_DO_CLAIM, "sok"));
	assert_int_equal(odds->strange_lists, 1);
	assert_int_equal(
	    cases_list(rig->a.cases, CASES_OPEN, 0, ids, &n), TL_OK);
	intruder_do(redis, "HSET desk:done a b");
	assert_int_equal(
	    cases_list(rig->a.cases, CASES_DONE, 0, ids, &n), TL_OK);
	assert_int_equal(n, 0);
	intruder_do(redis, "HSET desk:held:dara a b");
	rig_make(&rig->a, 3, 3);
	(void)rig_must(&rig->a, 3, rig_by(CASE_DO_CLAIM, "dara"));
	assert_int_equal(odds->strange_lists, 3);
	assert_int_equal(cases_end_leases(rig->a.cases, &n), TL_OK);
	redisFree(redis);
}

#define RIG(test) \
	cmocka_unit_test_setup_teardown(test, rig_set_up, rig_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG(a_state_that_no_desk_signed_is_not_believed_and_put_back),
		RIG(it_gives_way_three_times_and_then_to_an_officer),
		RIG(who_works_on_a_case_keeps_it_when_it_is_put_back),
		RIG(an_older_state_and_none_are_put_back),
		RIG(the_state_of_another_case_is_none_of_this_one),
		RIG(events_that_no_desk_signed_do_not_get_into_a_ledger),
		RIG(an_event_that_was_dropped_is_missed),
		RIG(of_two_changes_of_one_version_both_desks_show_the_same),
		RIG(what_was_wiped_is_put_back_by_looking),
		RIG(what_is_added_again_is_no_news_and_is_proved_no_more),
		RIG(a_flood_of_events_hides_no_case_that_was_altered),
		RIG(a_key_of_another_type_is_taken_out_and_stops_nothing),
	};
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	(void)sigaction(SIGPIPE, &ignore, NULL);
	return cmocka_run_group_tests_name("queue/forged", tests, NULL, NULL);
}
