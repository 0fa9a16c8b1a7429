/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/tips_taken: what its reporter took back is in no memory and in no
 * search, in whatever order the desk hears of it; what was written since is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/start.h"
#include "desk/tips.h"
#include "text/json_memory.h"

#define FORM ",\"form\":\"000102030405060708090a0b0c0d0e0f\""
#define MORE FORM ",\"kind\":\"more\""
#define WISH MORE ",\"wish\":[\"withdraw\"]"
#define TOLD "told words"

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

/* The n-th record, of a tip of this id. */
static struct tip *add(uint8_t n, uint8_t id)
{
	const struct store_item item = {
		.number = n, .kind = LEDGER_TIP, .id = { id }, .len = 4000
	};
	struct tip *tip;

	assert_int_equal(tips_add(tips, &item), TL_OK);
	tip = tips_at(tips, tips_count(tips) - 1);
	tip->is_signed = true;
	return tip;
}

static void open_it(
    struct tip *tip, unsigned minute, const char *text, const char *more)
{
	char doc[1024];
	bool is_tip = false;
	int len = snprintf(doc, sizeof(doc),
	    "{\"v\":1,\"id\":\"%02x000000000000000000000000000000\","
	    "\"received\":\"2026-11-22T00:%02u:00Z\",\"priority\":3,"
	    "\"text\":\"%s\",\"rules\":[],\"answers\":{}%s}",
	    tip->id[0], minute, text, more);

	assert_true(len > 0 && (size_t)len < sizeof(doc));
	assert_int_equal(
	    tips_opened(tips, tip, bytes_of(doc, (size_t)len), &is_tip), TL_OK);
}

static struct tip *make(
    uint8_t n, unsigned minute, const char *text, const char *more)
{
	struct tip *tip = add(n, n);

	open_it(tip, minute, text, more);
	return tip;
}

static void settle(void)
{
	assert_int_equal(tips_settle(tips, INT64_C(1795312800), NULL), TL_OK);
}

/* The desk hears that its case is so. */
static void set_case(
    struct tip *tip, uint64_t version, enum case_state state, unsigned flags)
{
	const struct case_now now = { .version = version,
		.state = state,
		.priority = 3,
		.flags = flags };

	assert_ptr_equal(tips_hear_case(tips, tip->id, &now), tip);
}

static void take_back(struct tip *tip, uint64_t version)
{
	set_case(tip, version, CASE_WITHDRAWN, CASE_TAKEN_BACK);
	assert_int_equal(tips_set_after(tips, tip, NULL, 0), TL_OK);
}

static bool is_found(const char *text)
{
	bool found = false;

	for (int view = 0; view < TIPS_VIEWS; view++) {
		const struct tips_query query = { .view = (enum tips_view)view,
			.who = "sok",
			.supervisor = true,
			.text = bytes_str(text) };
		struct tip *const *list = NULL;
		size_t n = 0;

		assert_int_equal(tips_select(tips, &query, &list, &n), TL_OK);
		found = found || n > 0;
	}
	return found;
}

static bool holds(const struct tip *tip, const char *text)
{
	return memmem(tip->doc.at, tip->doc.len, text, strlen(text)) != NULL;
}

static bool is_zero(struct bytes bytes)
{
	size_t n = 0;

	while (n < bytes.len && bytes.at[n] == 0) {
		n++;
	}
	return n == bytes.len;
}

static void what_was_open_is_wiped_where_it_lay(void **state)
{
	struct tip *tip = make(1, 0, "the secret shop", FORM);
	struct tip *more = make(2, 1, "another secret", MORE);
	struct tip *other = make(3, 2, "some words", "");
	struct bytes kept[4];

	(void)state;
	make(4, 3, "", WISH);
	settle();
	set_case(tip, 5, CASE_TRIAGE, 0);
	assert_true(is_found("secret"));
	kept[0] = tip->doc;
	kept[1] = tip->folded;
	kept[2] = more->doc;
	kept[3] = more->folded;
	take_back(tip, 6);
	for (size_t i = 0; i < 4; i++) {
		assert_true(kept[i].len > 0 && is_zero(kept[i]));
	}
	assert_false(is_found("secret"));
	assert_false(holds(tip, "secret") || holds(more, "secret"));
	assert_true(is_found("some words") && holds(other, "some words"));
	assert_true(tip->has_form && tip->received_s > 0);
}

static void what_is_opened_later_is_never_kept(void **state)
{
	struct tip *tip = add(1, 1);
	struct tip *more = add(2, 2);

	(void)state;
	take_back(tip, 6);
	/* the later words first, as a desk may open them */
	open_it(more, 1, "another secret", MORE);
	open_it(tip, 0, "the secret shop", FORM);
	settle();
	assert_ptr_equal(more->of, tip);
	assert_false(is_found("secret"));
	assert_false(holds(tip, "secret") || holds(more, "secret"));
	/* and after everybody has gone and come back */
	tips_forget(tips, 0);
	open_it(tip, 0, "the secret shop", FORM);
	open_it(more, 1, "another secret", MORE);
	settle();
	assert_false(is_found("secret"));
}

/* Who can write to Redis puts the same envelope in once more. */
static void the_same_record_again_is_hollow_too(void **state)
{
	struct tip *tip = make(1, 0, "the secret shop", FORM);
	struct tip *twin = add(2, 1), *late = add(3, 1);

	(void)state;
	assert_true(twin->is_twin && late->is_twin);
	open_it(twin, 0, "the secret shop", FORM);
	settle();
	take_back(tip, 6);
	assert_true(twin->is_hollow && !holds(twin, "secret"));
	open_it(late, 0, "the secret shop", FORM);
	assert_true(late->is_hollow && !holds(late, "secret"));
	assert_false(is_found("secret"));
}

static void only_what_came_since_is_opened_again(void **state)
{
	struct tip *tip = make(1, 0, "the secret shop", FORM);
	struct tip *before = make(2, 1, "another secret", MORE);
	struct tip *after;

	(void)state;
	make(3, 2, "", WISH);
	settle();
	take_back(tip, 6);
	after = make(4, 3, TOLD, MORE);
	settle();
	assert_false(is_found(TOLD)); /* no case has heard of it yet */
	assert_false(holds(after, TOLD));
	assert_true(tip_may_be_told(after));
	assert_false(tip_may_be_told(before));
	set_case(tip, 7, CASE_NEW, CASE_TAKEN_BACK | CASE_REOPENED);
	assert_ptr_equal(tips_wanting_after(tips), tip);
	assert_false(tip_may_be_told(after)); /* until it is known what was */
	assert_int_equal(
	    tips_set_after(
		tips, tip, (const uint8_t(*)[CASE_ID_BYTES])after->event_id, 1),
	    TL_OK);
	assert_null(tips_wanting_after(tips));
	assert_ptr_equal(tips_next(tips), after); /* keyd opens it once more */
	open_it(after, 3, TOLD, MORE);
	settle();
	assert_true(is_found(TOLD) && holds(after, TOLD));
	assert_false(is_found("secret"));
	/* taken back once more: that as well */
	take_back(tip, 9);
	assert_false(is_found(TOLD) || holds(after, TOLD));
}

static void a_wish_alone_opens_nothing(void **state)
{
	struct tip *tip = make(1, 0, "the secret shop", FORM);
	struct tip *wish, *again, *words, *last;

	(void)state;
	wish = make(2, 5, "", WISH);
	settle();
	take_back(tip, 6);
	again = make(3, 6, "", WISH);
	words = make(4, 6, TOLD, MORE);
	settle();
	assert_false(tip_may_be_told(wish) || tip_may_be_told(again));
	assert_true(tip_may_be_told(words)); /* of the same time, but behind */
	set_case(tip, 7, CASE_NEW, CASE_TAKEN_BACK | CASE_REOPENED);
	assert_int_equal(
	    tips_set_after(
		tips, tip, (const uint8_t(*)[CASE_ID_BYTES])words->event_id, 1),
	    TL_OK);
	last = make(5, 7, "", WISH);
	open_it(words, 6, TOLD, MORE);
	settle();
	assert_false(tip_may_be_told(wish) || tip_may_be_told(again));
	assert_true(tip_may_be_told(words) && tip_may_be_told(last));
}

/* A desk with a new ledger hears of cases before it has the records; and of
 * what happened with one, newest first. */
static void since_is_read_whatever_comes_first(void **state)
{
	struct case_now now = {
		.version = 7, .state = CASE_NEW, .flags = CASE_TAKEN_BACK
	};
	struct tip *tip;

	(void)state;
	assert_null(
	    tips_hear_case(tips, (const uint8_t[TIP_ID_BYTES]){ 1 }, &now));
	assert_null(tips_wanting_after(tips));
	tip = add(1, 1);
	assert_ptr_equal(tips_wanting_after(tips), tip);
	assert_int_equal(tips_set_after(tips, tip, NULL, 0), TL_OK);
	assert_null(tips_wanting_after(tips));
	set_case(tip, 6, CASE_WITHDRAWN, CASE_TAKEN_BACK);
	assert_int_equal(tip->now.version, 7);
	assert_ptr_equal(tips_wanting_after(tips), tip);
	assert_int_equal(tips_set_after(tips, tip, NULL, 0), TL_OK);
	set_case(tip, 7, CASE_NEW, CASE_TAKEN_BACK);
	assert_ptr_equal(tips_wanting_after(tips), tip);
}

static unsigned json_calls, json_fail_at;

static void *json_take(size_t len)
{
	return ++json_calls == json_fail_at ? NULL : malloc(len);
}

/* Nobody is to be contacted, also where the case is opened again. */
static void of_what_is_lost_it_counts_as_no_contact(void **state)
{
	bool failed = true;

	(void)state;
	json_memory_by(json_take);
	for (unsigned n = 1; failed; n++) {
		struct tip *tip = make((uint8_t)n, 0, "the secret shop",
		    ",\"answers\":{\"contact\":\"1\"}");
		unsigned says;

		json_calls = 0;
		json_fail_at = n;
		take_back(tip, 6);
		failed = json_calls >= n;
		json_fail_at = 0;
		says = tips_says(tips, tip);
		assert_true(
		    failed || (says == 0 && holds(tip, "\"contact\":\"1\"")));
		assert_true(says == TIP_SAYS_NO_CONTACT ||
		    holds(tip, "\"contact\":\"1\""));
		assert_false(holds(tip, "secret"));
		assert_in_range(n, 1, 200);
	}
	json_memory_by(malloc);
}

/* Of each in turn, so that one whose entries cannot be read keeps no other
 * waiting. */
static void since_is_read_of_one_after_the_other(void **state)
{
	struct tip *one = make(1, 0, "one", FORM);
	struct tip *other = make(2, 1, "another", MORE);

	(void)state;
	take_back(one, 6);
	take_back(other, 6);
	set_case(one, 7, CASE_NEW, CASE_TAKEN_BACK);
	set_case(other, 7, CASE_NEW, CASE_TAKEN_BACK);
	assert_ptr_equal(tips_wanting_after(tips), one);
	assert_ptr_equal(tips_wanting_after(tips), other);
	assert_ptr_equal(tips_wanting_after(tips), one);
	assert_int_equal(tips_set_after(tips, other, NULL, 0), TL_OK);
	assert_ptr_equal(tips_wanting_after(tips), one);
	assert_int_equal(tips_set_after(tips, one, NULL, 0), TL_OK);
	assert_null(tips_wanting_after(tips));
}

/* The wish came by an intake whose clock is ahead, or the words by one that is
 * behind. */
static void words_behind_the_wish_are_told_whatever_clocks_say(void **state)
{
	struct tip *tip = make(1, 0, "the secret shop", FORM);
	struct tip *before = make(2, 1, "another secret", MORE);
	struct tip *words, *wish;

	(void)state;
	make(3, 50, "", WISH);
	settle();
	take_back(tip, 6);
	words = make(4, 6, TOLD, MORE);
	settle();
	assert_true(tip_may_be_told(words));
	assert_false(tip_may_be_told(before));
	set_case(tip, 7, CASE_NEW, CASE_TAKEN_BACK | CASE_REOPENED);
	assert_int_equal(
	    tips_set_after(
		tips, tip, (const uint8_t(*)[CASE_ID_BYTES])words->event_id, 1),
	    TL_OK);
	wish = make(5, 2, "", WISH);
	settle();
	assert_true(tip_may_be_told(wish)); /* of the words: it is judged */
}

/* Nobody has read them, and nobody has granted that wish. */
static void words_before_a_wish_that_was_not_granted_are_told(void **state)
{
	struct tip *tip = make(1, 0, "the secret shop", FORM);
	struct tip *words, *wish;

	(void)state;
	make(2, 1, "", WISH);
	settle();
	take_back(tip, 6);
	tip->has_before = true;
	words = make(3, 2, TOLD, MORE);
	wish = make(4, 3, "", WISH);
	settle();
	assert_true(tip_may_be_told(words));
	assert_false(tip_may_be_told(wish)); /* alone it opens nothing */
	set_case(tip, 7, CASE_NEW, CASE_TAKEN_BACK | CASE_REOPENED);
	assert_int_equal(
	    tips_set_after(
		tips, tip, (const uint8_t(*)[CASE_ID_BYTES])words->event_id, 1),
	    TL_OK);
	assert_true(tip_may_be_told(wish));
}

/* Two changes of one version, where Redis was taken back between them. */
static void what_was_taken_back_once_is_so_whatever_is_heard_behind(
    void **state)
{
	struct tip *tip = make(1, 0, "the secret shop", FORM);
	struct tip *other = make(2, 1, "one more secret", "");

	(void)state;
	settle();
	set_case(tip, 7, CASE_TRIAGE, 0);
	set_case(tip, 6, CASE_WITHDRAWN, CASE_TAKEN_BACK); /* late */
	assert_int_equal(tip->now.state, CASE_TRIAGE);
	assert_true(tip_is_taken_back(tip) && !holds(tip, "secret"));
	assert_ptr_equal(tips_wanting_after(tips), tip);
	take_back(other, 6);
	set_case(other, 7, CASE_TRIAGE, 0);
	assert_true(tip_is_taken_back(other) && !holds(other, "secret"));
	assert_false(is_found("secret"));
}

/* Of some text. */
#define LIKE \
	",\"likeness\":\"" \
	"CzBVep/E6Q4zWH2ix+wRNluApcrvFDleg6jN8hc8YYar0PUaP2SJrtP4HUJn" \
	"jLHW+yBFao+02f4jSG2St9wBJktwlbrfBClOc5i94gcsUXabwOUKL1R5nsPo" \
	"DTJXfKHG6xA1Wn+kye4TOF2Cp8zxFjtgharP9Bk+Y4it0vccQWY=" \
	"\""

static void what_was_taken_back_is_like_nothing(void **state)
{
	struct tips_alike alike[TIPS_ALIKE_MAX];
	struct tip *tip = make(1, 0, "the secret shop", FORM LIKE);
	struct tip *other = make(2, 1, "the secret shop", LIKE);

	(void)state;
	settle();
	assert_int_equal(tips_alike(tips, tip, alike), 1);
	assert_int_equal(tips_alike(tips, other, alike), 1);
	take_back(tip, 6);
	assert_int_equal(tips_alike(tips, tip, alike), 0);
	assert_int_equal(tips_alike(tips, other, alike), 0);
}

/* A desk that was away knows the record before it knows the case. */
static void of_what_no_case_is_known_nothing_is_opened_too_early(void **state)
{
	struct tip *tip = add(1, 1), *other = add(2, 2);

	(void)state;
	set_case(other, 3, CASE_NEW, 0);
	tips_wait_for_cases(tips, true);
	assert_ptr_equal(tips_next(tips), other);
	other->state = TIP_ASKED;
	assert_null(tips_next(tips));
	tips_wait_for_cases(tips, false);
	assert_ptr_equal(tips_next(tips), tip);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_open_is_wiped_where_it_lay),
		TEST(what_is_opened_later_is_never_kept),
		TEST(the_same_record_again_is_hollow_too),
		TEST(only_what_came_since_is_opened_again),
		TEST(a_wish_alone_opens_nothing),
		TEST(since_is_read_whatever_comes_first),
		TEST(of_what_is_lost_it_counts_as_no_contact),
		TEST(since_is_read_of_one_after_the_other),
		TEST(words_behind_the_wish_are_told_whatever_clocks_say),
		TEST(words_before_a_wish_that_was_not_granted_are_told),
		TEST(what_was_taken_back_is_like_nothing),
		TEST(what_was_taken_back_once_is_so_whatever_is_heard_behind),
		TEST(of_what_no_case_is_known_nothing_is_opened_too_early),
	};

	return cmocka_run_group_tests_name(
	    "desk/tips_taken", tests, NULL, NULL);
}
