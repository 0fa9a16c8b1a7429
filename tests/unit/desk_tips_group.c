/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/tips_group: one message, one conversation, one row; and whatever has a
 * case of its own, or was signed by nobody, stands by itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/start.h"
#include "desk/tips.h"

#define T0   INT64_C(1795305600) /* 2026-11-22T00:00:00Z */
#define FORM ",\"form\":\"000102030405060708090a0b0c0d0e0f\""
#define MORE ",\"kind\":\"more\""
#define LINE(thread, to) \
	",\"gateway\":\"g\",\"to\":\"" to "\",\"thread\":\"" thread \
	"\",\"thread_before\":\"ffffffffffffffffffffffffffffffff\""
#define SOK  "00000000000000000000000000000001"
#define DARA "00000000000000000000000000000002"

static struct tips *tips;

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	tips = tips_new((size_t)8 * 1024 * 1024);
	assert_non_null(tips);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	tips_free(tips);
	return 0;
}

static struct tip *add(uint8_t n)
{
	const struct store_item item = {
		.number = n, .kind = LEDGER_TIP, .id = { n }, .len = 4000
	};

	assert_int_equal(tips_add(tips, &item), TL_OK);
	tips_find(tips, item.id)->is_signed = true;
	return tips_find(tips, item.id);
}

/* Received so many minutes after midnight. */
static void open_it(
    struct tip *tip, unsigned minute, unsigned priority, const char *more)
{
	char doc[1024];
	bool is_tip = false;
	int len = snprintf(doc, sizeof(doc),
	    "{\"v\":1,\"id\":\"%02x000000000000000000000000000000\","
	    "\"received\":\"2026-11-22T%02u:%02u:00Z\",\"priority\":%u,"
	    "\"rules\":[],\"answers\":{},\"sender\":{\"raw\":\"1\"}%s}",
	    tip->id[0], minute / 60, minute % 60, priority, more);

	assert_true(len > 0 && (size_t)len < sizeof(doc));
	assert_int_equal(
	    tips_opened(tips, tip, bytes_of(doc, (size_t)len), &is_tip), TL_OK);
}

static struct tip *make(
    uint8_t n, unsigned minute, unsigned priority, const char *more)
{
	struct tip *tip = add(n);

	open_it(tip, minute, priority, more);
	return tip;
}

static void settle(void)
{
	assert_int_equal(tips_settle(tips, T0, NULL), TL_OK);
}

static void set_case(struct tip *tip, enum case_state state)
{
	const struct case_now now = {
		.version = tip->now.version + 1, .state = state, .priority = 3
	};

	assert_ptr_equal(tips_set_case(tips, tip->id, &now), tip);
}

static size_t rows(const char *text)
{
	const struct tips_query query = { .view = TIPS_ALL,
		.who = "sok",
		.now_ms = 1000,
		.text = bytes_str(text) };
	struct tip *const *found = NULL;
	size_t n = 0;

	assert_int_equal(tips_select(tips, &query, &found, &n), TL_OK);
	return n;
}

static bool says(const struct tip *tip, const char *words)
{
	return memmem(tip->doc.at, tip->doc.len, words, strlen(words)) != NULL;
}

/* ---- later words ----------------------------------------------------------
 */

static void later_words_find_their_tip_whichever_comes_first(void **state)
{
	struct tip *more = make(2, 1, 2, MORE FORM);
	struct tip *forged = add(3);
	struct tip *tip;

	(void)state;
	forged->is_signed = false;
	open_it(forged, 2, 1, FORM);
	settle();
	assert_null(more->of);
	tip = make(1, 0, 3, FORM);
	settle();
	assert_ptr_equal(more->of, tip);
	assert_ptr_equal(tip->mores, more);
	assert_int_equal(more->way, TIP_MORE);
	assert_int_equal(rows(""), 2); /* the forged one stands by itself */
	assert_null(forged->mores);
}

static struct tip *next_alone(uint64_t mono_ms, int64_t now_s, size_t n_old)
{
	const struct tips_alone alone = {
		.mono_ms = mono_ms, .now_s = now_s, .n_old = n_old
	};
	size_t at = 0;

	return tips_next_alone(tips, &at, &alone);
}

static void words_whose_tip_is_not_here_stand_by_themselves(void **state)
{
	struct tip *urgent = make(2, 1, 1, MORE FORM ",\"text\":\"today\"");
	struct tip *calm = make(3, 2, 3, MORE FORM ",\"text\":\"calmly\"");
	struct tip *wish = make(4, 3, 1, MORE FORM);
	struct tip *tip;

	(void)state;
	settle();
	assert_null(next_alone(1000, T0, 9));
	assert_int_equal(rows(""), 0);
	assert_null(next_alone(10999, T0, 9));
	assert_ptr_equal(next_alone(11000, T0, 9), urgent);
	assert_true(tip_is_alone(urgent));
	assert_int_equal(rows(""), 1);
	assert_null(next_alone(900999, T0, 9));
	assert_ptr_equal(next_alone(901000, T0, 9), calm);
	assert_null(next_alone(UINT32_MAX, T0, 9));
	assert_int_equal(wish->state, TIP_PART);
	/* its tip comes: what has a case by then is told to it, and stays */
	set_case(urgent, CASE_NEW);
	tip = make(1, 0, 3, FORM);
	settle();
	assert_ptr_equal(urgent->of, tip);
	assert_int_equal(urgent->way, TIP_MORE);
	assert_ptr_equal(calm->of, tip);
	assert_false(tip_is_alone(urgent));
	assert_int_equal(rows(""), 2);
}

static void words_of_long_ago_were_read_with_their_tip(void **state)
{
	int64_t later_s = T0 + INT64_C(90) * 86400;
	struct tip *more = make(2, 1, 1, MORE FORM ",\"text\":\"then\"");

	(void)state;
	settle();
	assert_null(next_alone(1000, later_s, 9));
	assert_null(next_alone(UINT32_MAX, later_s, 9));
	/* it came since the start: its intake was away, or has no clock */
	assert_ptr_equal(next_alone(UINT32_MAX, later_s, 0), more);
	/* once it has a case it is a row as soon as it is opened */
	tips_forget(tips, 0);
	set_case(more, CASE_NEW);
	open_it(more, 1, 1, MORE FORM ",\"text\":\"then\"");
	settle();
	assert_ptr_equal(next_alone(1000, later_s, 9), more);
}

static void a_further_key_is_given_to_its_tip(void **state)
{
	struct tip *tip = make(1, 0, 3, FORM);
	struct tip *key = make(2, 1, 3, ",\"kind\":\"reply-key\"" FORM);

	(void)state;
	settle();
	assert_ptr_equal(key->of, tip);
	assert_int_equal(key->way, TIP_KEY);
}

/* ---- long messages --------------------------------------------------------
 */

static struct tip *part(uint8_t n, unsigned seq, const char *text)
{
	char more[256];

	(void)snprintf(more, sizeof(more),
	    ",\"gateway\":\"g\",\"to\":\"t\",\"text\":\"%s\",\"concat\":"
	    "{\"ref\":7,\"total\":3,\"seq\":%u,\"wide\":false}",
	    text, seq);
	return make(n, n, n == 3 ? 2 : 3, more);
}

static void parts_are_one_message_with_what_is_missing_until_it_comes(
    void **state)
{
	struct tip *second = part(1, 2, "beta"), *third = part(2, 3, "gamma");
	struct tip *first;

	(void)state;
	settle();
	assert_int_equal(rows(""), 1);
	assert_ptr_equal(third->of, second);
	assert_int_equal(third->way, TIP_PIECED);
	assert_true(says(second, "[1/3?] betagamma"));
	assert_true(says(second, "\"missing\":[1]"));
	first = part(3, 1, "alpha");
	assert_int_equal(rows(""), 2); /* not settled yet */
	settle();
	assert_int_equal(rows(""), 1);
	assert_ptr_equal(first->of, second); /* the first that came stays */
	assert_true(says(second, "alphabetagamma"));
	assert_true(says(second, "\"missing\":[]"));
	assert_int_equal(
	    second->said_priority, 2); /* as its most urgent part */
	assert_int_equal(rows("alphabeta"), 1);
}

static void what_has_a_case_is_the_one_that_shows_the_message(void **state)
{
	struct tip *first = part(1, 1, "alpha"), *second = part(2, 2, "beta");
	struct tip *third;

	(void)state;
	set_case(second, CASE_TRIAGE);
	settle();
	assert_ptr_equal(first->of, second);
	assert_true(says(second, "alphabeta"));
	/* another desk has made a case of another part: it is a row too */
	third = part(3, 3, "gamma");
	set_case(third, CASE_NEW);
	settle();
	assert_int_equal(rows(""), 2);
	assert_true(says(second, "alphabetagamma"));
}

static void a_part_that_comes_behind_a_later_one_is_the_last(void **state)
{
	struct tip *head = part(1, 1, "alpha"), *late;
	struct tip *third = make(4, 9, 3,
	    ",\"gateway\":\"g\",\"to\":\"t\",\"text\":\"gamma\",\"concat\":"
	    "{\"ref\":7,\"total\":3,\"seq\":3,\"wide\":false}");

	(void)state;
	settle();
	assert_ptr_equal(third->of, head);
	late = make(5, 2, 1,
	    ",\"gateway\":\"g\",\"to\":\"t\",\"text\":\"beta\",\"concat\":"
	    "{\"ref\":7,\"total\":3,\"seq\":2,\"wide\":false}");
	settle();
	assert_ptr_equal(late->of, head);
	assert_true(says(head, "alphabetagamma"));
	assert_int_equal(head->said_priority, 1);
	assert_int_equal(late->received_s, third->received_s);
	assert_true(late->number > third->number);
}

static void what_nobody_signed_puts_no_words_into_a_message(void **state)
{
	struct tip *first = part(1, 1, "alpha");
	struct tip *forged = add(2);

	(void)state;
	forged->is_signed = false;
	open_it(forged, 2, 1,
	    ",\"gateway\":\"g\",\"to\":\"t\",\"text\":\"lies\",\"concat\":"
	    "{\"ref\":7,\"total\":3,\"seq\":2,\"wide\":false}");
	settle();
	assert_false(says(first, "lies"));
	assert_int_equal(rows(""), 2);
}

/* ---- conversations --------------------------------------------------------
 */

static void messages_within_half_an_hour_are_one_conversation(void **state)
{
	struct tip *first = make(1, 0, 3, LINE(SOK, "t"));
	struct tip *second = make(3, 29, 1, LINE(SOK, "t"));
	struct tip *other = make(4, 30, 3, LINE(DARA, "t"));
	struct tip *elsewhere = make(5, 30, 3, LINE(SOK, "u"));
	struct tip *third = make(2, 58, 3, LINE(SOK, "t"));
	struct tip *late = make(6, 89, 3, LINE(SOK, "t"));

	(void)state;
	settle();
	assert_ptr_equal(second->of, first);
	assert_ptr_equal(third->of, first); /* to the first, not in a row */
	assert_null(other->of);
	assert_null(elsewhere->of);
	assert_null(late->of);
	assert_int_equal(first->mores->number, 2); /* in order */
	assert_int_equal(rows(""), 4);
	assert_ptr_equal(tip_root(third), first);
}

static void a_closed_conversation_takes_no_more(void **state)
{
	struct tip *first = make(1, 0, 3, LINE(SOK, "t"));
	struct tip *second = make(2, 5, 3, LINE(SOK, "t"));

	(void)state;
	settle();
	assert_ptr_equal(second->of, first);
	tips_part(second);
	assert_null(second->of);
	assert_null(first->mores);
	make(3, 6, 3, LINE(DARA, "t"));
	settle();
	assert_null(second->of);
	assert_int_equal(rows(""), 3);
}

static void what_another_desk_made_a_case_of_stands_by_itself(void **state)
{
	struct tip *first = make(1, 0, 3, LINE(SOK, "t"));
	struct tip *second = make(2, 5, 3, LINE(SOK, "t"));
	struct tip *third = make(3, 6, 3, LINE(SOK, "t"));

	(void)state;
	set_case(third, CASE_NEW);
	settle();
	assert_ptr_equal(second->of, first);
	assert_null(third->of);
	set_case(second, CASE_NEW);
	assert_null(second->of);
	assert_int_equal(rows(""), 3);
}

static void stop_counts_for_all_that_the_number_has_written(void **state)
{
	struct tip *old = make(1, 0, 3, LINE(SOK, "t") ",\"flags\":[\"stop\"]");
	struct tip *late = make(2, 300, 3, LINE(SOK, "u"));
	struct tip *other =
	    make(3, 300, 3, LINE(DARA, "t") ",\"flags\":[\"no contact\"]");

	(void)state;
	settle();
	assert_int_equal(tips_says(tips, old), TIP_SAYS_STOP);
	assert_int_equal(tips_says(tips, late), TIP_SAYS_STOP);
	assert_int_equal(tips_says(tips, other), TIP_SAYS_NO_CONTACT);
}

static void tips_of_one_number_are_suggested_and_not_joined(void **state)
{
	struct tip *old = make(1, 0, 3, LINE(SOK, "t"));
	struct tip *late = make(2, 300, 3, LINE(SOK, "u"));
	struct tips_alike alike[TIPS_ALIKE_MAX];

	(void)state;
	make(3, 300, 3, LINE(DARA, "t"));
	settle();
	assert_int_equal(tips_alike(tips, late, alike), 1);
	assert_ptr_equal(alike[0].tip, old);
	assert_true(alike[0].same_number);
	assert_int_equal(alike[0].percent, 0);
	assert_int_equal(rows(""), 3);
}

/* ---- the same again -------------------------------------------------------
 */

#define FOUND ",\"flags\":[\"recovered from the gateway's log\"]"
#define ONE   ",\"gateway\":\"g\",\"external_id\":\"e\",\"text\":\"x\""

static void a_message_that_was_found_and_came_all_the_same_is_one(void **state)
{
	struct tip *found = make(1, 0, 3, ONE FOUND), *came;

	(void)state;
	settle();
	assert_int_equal(rows(""), 1);
	set_case(found, CASE_NEW);
	came = make(2, 1, 3, ONE);
	settle();
	assert_ptr_equal(came->of, found); /* officers know that one */
	assert_int_equal(came->way, TIP_AGAIN);
	assert_int_equal(rows(""), 1);
}

/* One that was handed out too often, and then came whole. */
static void what_was_joined_to_a_record_in_quarantine_goes_to_its_tip(
    void **state)
{
	const struct store_item items[] = {
		{ .number = 1,
		    .kind = LEDGER_QUARANTINE,
		    .reason = LEDGER_POISON,
		    .id = { 1 } },
		{ .number = 3, .kind = LEDGER_TIP, .id = { 1 } },
	};
	struct tip *old, *tip, *follow;

	(void)state;
	assert_int_equal(tips_add(tips, &items[0]), TL_OK);
	old = tips_find(tips, items[0].id);
	old->is_signed = true;
	open_it(old, 0, 3, LINE(SOK, "t"));
	set_case(old, CASE_TRIAGE);
	follow = make(2, 5, 3, LINE(SOK, "t"));
	settle();
	assert_ptr_equal(follow->of, old);
	assert_int_equal(tips_add(tips, &items[1]), TL_OK);
	tip = tips_find(tips, items[1].id);
	assert_ptr_not_equal(tip, old);
	assert_int_equal(tip->now.state, CASE_TRIAGE);
	assert_true(old->is_twin && old->now.version == 0);
	assert_null(follow->of);
	tip->is_signed = true;
	open_it(tip, 0, 3, LINE(SOK, "t"));
	settle();
	assert_ptr_equal(follow->of, tip);
	assert_null(old->mores);
	/* the other way round it is a twin as ever */
	assert_int_equal(tips_add(tips, &items[0]), TL_OK);
	assert_ptr_equal(tips_find(tips, items[0].id), tip);
}

static void forgetting_leaves_nothing_together(void **state)
{
	struct tip *first = make(1, 0, 3, LINE(SOK, "t"));
	struct tip *second = make(2, 5, 3, LINE(SOK, "t"));

	(void)state;
	settle();
	tips_forget(tips, 0);
	assert_null(second->of);
	assert_null(first->mores);
	assert_int_equal(tips_says(tips, first), 0);
	open_it(first, 0, 3, LINE(SOK, "t"));
	open_it(second, 5, 3, LINE(SOK, "t"));
	settle();
	assert_ptr_equal(second->of, first);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(later_words_find_their_tip_whichever_comes_first),
		TEST(words_whose_tip_is_not_here_stand_by_themselves),
		TEST(words_of_long_ago_were_read_with_their_tip),
		TEST(a_further_key_is_given_to_its_tip),
		TEST(parts_are_one_message_with_what_is_missing_until_it_comes),
		TEST(what_has_a_case_is_the_one_that_shows_the_message),
		TEST(a_part_that_comes_behind_a_later_one_is_the_last),
		TEST(what_nobody_signed_puts_no_words_into_a_message),
		TEST(messages_within_half_an_hour_are_one_conversation),
		TEST(a_closed_conversation_takes_no_more),
		TEST(what_another_desk_made_a_case_of_stands_by_itself),
		TEST(stop_counts_for_all_that_the_number_has_written),
		TEST(tips_of_one_number_are_suggested_and_not_joined),
		TEST(a_message_that_was_found_and_came_all_the_same_is_one),
		TEST(what_was_joined_to_a_record_in_quarantine_goes_to_its_tip),
		TEST(forgetting_leaves_nothing_together),
	};

	return cmocka_run_group_tests_name(
	    "desk/tips_group", tests, NULL, NULL);
}
