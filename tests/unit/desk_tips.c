/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/tips: which tip is opened next and which stands first; what is found;
 * and what is left when all is forgotten.
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
#include "desk/planted.h"
#include "desk/tips.h"
#include "sms/canary.h"

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

static struct tip *add(uint8_t n, enum ledger_kind kind, uint32_t len)
{
	const struct store_item item = {
		.number = n, .kind = kind, .id = { n, 1, n }, .len = len
	};

	assert_int_equal(tips_add(tips, &item), TL_OK);
	return tips_find(tips, item.id);
}

static void set_case(struct tip *tip, enum case_state state, unsigned priority)
{
	const struct case_now now = { .version = tip->now.version + 1,
		.state = state,
		.priority = priority,
		.made_ms = 60000 };

	assert_ptr_equal(tips_set_case(tips, tip->id, &now), tip);
}

static void open_it(struct tip *tip, unsigned priority, const char *more)
{
	char doc[512];
	bool is_tip = false;
	int len = snprintf(doc, sizeof(doc),
	    "{\"v\":1,\"id\":\"x\",\"received\":\"2026-11-22T0%u:00:00Z\","
	    "\"priority\":%u,\"rules\":[],\"answers\":{},\"sender\":{}%s}",
	    (unsigned)tip->number % 10, priority, more);

	assert_int_equal(
	    tips_opened(tips, tip, bytes_of(doc, (size_t)len), &is_tip), TL_OK);
	assert_true(is_tip == (strstr(more, "\"kind\"") == NULL));
}

static size_t find(const char *text, enum tips_view view)
{
	const struct tips_query query = { .view = view,
		.who = "sok",
		.now_ms = 1000,
		.text = bytes_str(text) };
	struct tip *const *found = NULL;
	size_t n = 0;

	assert_int_equal(tips_select(tips, &query, &found, &n), TL_OK);
	return n;
}

static void the_urgent_is_opened_first_and_the_closed_last(void **state)
{
	static const uint8_t order[] = { 3, 1, 2, 5, 4, 6 };
	struct tip *tip;

	(void)state;
	(void)add(1, LEDGER_TIP, 4000); /* nobody has looked into it */
	set_case(add(2, LEDGER_TIP, 4000), CASE_NEW, 2);
	set_case(add(3, LEDGER_TIP, 4000), CASE_NEW, 1);
	(void)add(4, LEDGER_TIP, 66000); /* a piece of a file, by its length */
	(void)add(5, LEDGER_QUARANTINE, 4000);
	set_case(add(6, LEDGER_TIP, 4000), CASE_CLOSED, 1);
	for (size_t i = 0; i < sizeof(order); i++) {
		tip = tips_next(tips);
		assert_non_null(tip);
		assert_int_equal(tip->number, order[i]);
		tip->state = TIP_ASKED;
	}
	assert_null(tips_next(tips));
	(void)add(7, LEDGER_TIP, 4000); /* has just come */
	tip = tips_next(tips);
	assert_non_null(tip);
	assert_int_equal(tip->number, 7);
	tip->state = TIP_SEALED; /* it came to nothing: keyd was busy */
	assert_null(tips_next(tips));
	assert_false(tips_are_open(tips));
	tips_try_again(tips);
	assert_ptr_equal(tips_next(tips), tip);
}

static void what_nobody_of_ours_signed_is_never_before_a_real_p2(void **state)
{
	static const uint64_t order[] = { 1, 3, 2, 4 };
	const struct tips_query query = {
		.view = TIPS_ALL, .who = "sok", .now_ms = 1000
	};
	struct tip *const *found = NULL;
	struct tip *real = add(1, LEDGER_TIP, 4000);
	struct tip *forged = add(2, LEDGER_QUARANTINE, 4000);
	struct tip *soon = add(3, LEDGER_TIP, 4000);
	struct tip *low = add(4, LEDGER_TIP, 4000);
	size_t n = 0;

	(void)state;
	real->is_signed = soon->is_signed = low->is_signed = true;
	open_it(real, 2, "");
	open_it(forged, 1, "");
	open_it(soon, 3, "");
	open_it(low, 4, "");
	assert_int_equal(tip_priority(forged), 3);
	assert_int_equal(tips_select(tips, &query, &found, &n), TL_OK);
	assert_int_equal(n, 4);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(found[i]->number, order[i]);
	}
}

static void words_are_found_however_they_are_typed(void **state)
{
	struct tip *tip = add(1, LEDGER_TIP, 4000);

	(void)state;
	open_it(tip, 3,
	    ",\"text\":\"They took my PASSPORT, h\xe1\xbb\x99 "
	    "chi\xe1\xba\xbfu\"");
	assert_int_equal(find("passport", TIPS_ALL), 1);
	assert_int_equal(find("Took  my\xe2\x80\x8b pass", TIPS_ALL), 1);
	assert_int_equal(find("ho chieu", TIPS_ALL), 1);
	assert_int_equal(find("h\xe1\xbb\x99 chi\xe1\xba\xbfu", TIPS_ALL), 1);
	assert_int_equal(find("visa", TIPS_ALL), 0);
	assert_int_equal(find("passport", TIPS_CLOSED), 0);
	assert_int_equal(tips_view_of(bytes_str("nothing")), TIPS_VIEWS);
}

static void what_waits_for_a_second_officer_is_listed_whoever_holds_it(
    void **state)
{
	struct tip *asked = add(1, LEDGER_TIP, 4000);
	struct tip *referral = add(2, LEDGER_TIP, 4000);
	struct tips_counts counts;

	(void)state;
	open_it(asked, 1, "");
	open_it(referral, 2, "");
	set_case(asked, CASE_TRIAGE, 1);
	set_case(referral, CASE_REF_APPROVAL, 2);
	asked->asked.n = 1;
	assert_int_equal(tips_view_of(bytes_str("second")), TIPS_SECOND);
	assert_int_equal(find("", TIPS_SECOND), 2);
	tips_counts(tips, 0, &counts);
	assert_int_equal(counts.seconds, 2);
	assert_int_equal(counts.uncounted, 0);
	set_case(asked, CASE_CLOSED, 1); /* what left is to be looked at */
	assert_int_equal(find("", TIPS_SECOND), 2);
	tips_forget(tips, 0);
	assert_int_equal(find("", TIPS_SECOND), 1);
	set_case(asked, CASE_CLOSED, 1); /* there may be a question by now */
	tips_counts(tips, 0, &counts);
	assert_int_equal(counts.uncounted, 1);
	assert_false(tips_failed(tips, asked, ENVELOPE_DESTROYED));
	asked->wants_links = false; /* its entries were read */
	tips_counts(tips, 0, &counts);
	assert_int_equal(counts.uncounted, 0);
	tips_forget(tips, 0);
	tips_counts(tips, 0, &counts);
	assert_int_equal(counts.uncounted, 1);
}

static void our_own_test_text_is_no_tip(void **state)
{
	struct tip *planted = add(1, LEDGER_TIP, 4000);
	struct tip *typed = add(2, LEDGER_TIP, 4000);
	char text[CANARY_CHARS], more[128];
	bool is_tip = true;
	char doc[256];
	int len;

	(void)state;
	tips_set_canary(tips, "the secret");
	canary_text(bytes_str("the secret"), "g", 1795305600, text);
	planted->is_signed = true;
	(void)snprintf(
	    more, sizeof(more), "\"gateway\":\"g\",\"text\":\"%s\"", text);
	len = snprintf(doc, sizeof(doc),
	    "{\"v\":1,\"id\":\"x\",\"received\":\"2026-11-22T00:00:00Z\","
	    "\"priority\":3,\"rules\":[],\"answers\":{},\"sender\":{},%s}",
	    more);
	assert_int_equal(
	    tips_opened(tips, planted, bytes_of(doc, (size_t)len), &is_tip),
	    TL_OK);
	assert_false(is_tip);
	assert_int_equal(planted->state, TIP_PART);
	/* nobody else's, whatever it says */
	assert_int_equal(
	    tips_opened(tips, typed, bytes_of(doc, (size_t)len), &is_tip),
	    TL_OK);
	assert_true(is_tip);
	assert_int_equal(find("", TIPS_ALL), 1);
}

static void what_comes_beside_a_gateways_test_text_is_shown(void **state)
{
	static const struct {
		const char *more;
		bool is_tip;
	} rows[] = {
		{ "\"answers\":{}", false },
		{ "\"answers\":{\"now\":\"1\"}", true },
		{ "\"attachments\":[{}]", true },
		{ "\"media\":[{\"type\":\"image/jpeg\",\"url\":\"u\"}]", true },
	};

	(void)state;
	tips_set_canary(tips, "the secret");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct tip *tip = add((uint8_t)(i + 1), LEDGER_TIP, 4000);
		char text[CANARY_CHARS];
		bool is_tip = !rows[i].is_tip;
		char doc[256];
		int len;

		canary_text(bytes_str("the secret"), "g", 1795305600, text);
		tip->is_signed = true;
		len = snprintf(doc, sizeof(doc),
		    "{\"v\":1,\"id\":\"x\",\"received\":\"2026-11-22T00:00:"
		    "00Z\","
		    "\"priority\":3,\"rules\":[],\"sender\":{},"
		    "\"gateway\":\"g\",\"text\":\"%s\",%s}",
		    text, rows[i].more);
		assert_int_equal(
		    tips_opened(tips, tip, bytes_of(doc, (size_t)len), &is_tip),
		    TL_OK);
		assert_int_equal(is_tip, rows[i].is_tip);
	}
	assert_int_equal(find("", TIPS_ALL), 3);
}

static void a_test_text_by_the_form_is_its_text_alone(void **state)
{
	static const struct {
		const char *door, *more;
		bool is_signed, is_tip;
	} rows[] = {
		{ PLANTED_WEB, "\"channel\":\"web\"", true, false },
		{ PLANTED_ONION, "\"channel\":\"web\"", true, false },
		{ PLANTED_WEB, "\"channel\":\"web\",\"flags\":[\"flood\"]",
		    true, false },
		{ PLANTED_WEB, "\"channel\":\"web\"", false, true },
		{ PLANTED_WEB, "\"channel\":\"sms\"", true, true },
		{ "web", "\"channel\":\"web\"", true, true },
		{ PLANTED_WEB, "\"channel\":\"web\",\"gateway\":\"g\"", true,
		    true },
		{ PLANTED_WEB, "\"channel\":\"web\",\"attachments\":[{}]", true,
		    true },
		{ PLANTED_WEB,
		    "\"channel\":\"web\",\"answers\":{\"now\":\"1\"}", true,
		    true },
	};

	(void)state;
	tips_set_canary(tips, "the secret");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct tip *tip = add((uint8_t)(i + 1), LEDGER_TIP, 4000);
		char text[CANARY_CHARS];
		bool is_tip = !rows[i].is_tip;
		char doc[256];
		int len;

		canary_text(
		    bytes_str("the secret"), rows[i].door, 1795305600, text);
		tip->is_signed = rows[i].is_signed;
		len = snprintf(doc, sizeof(doc),
		    "{\"v\":1,\"id\":\"x\",\"received\":\"2026-11-22T00:00:"
		    "00Z\","
		    "\"priority\":3,\"rules\":[],\"sender\":{},"
		    "\"text\":\"%s\",%s}",
		    text, rows[i].more);
		assert_int_equal(
		    tips_opened(tips, tip, bytes_of(doc, (size_t)len), &is_tip),
		    TL_OK);
		assert_int_equal(is_tip, rows[i].is_tip);
		if (is_tip) {
			assert_null(tip->door);
		} else {
			assert_string_equal(tip->door, rows[i].door);
		}
	}
}

static void forgetting_leaves_no_word_and_no_memory(void **state)
{
	struct tip *tip = add(1, LEDGER_TIP, 4000);
	struct tips_counts counts;

	(void)state;
	open_it(tip, 1, ",\"text\":\"secret\",\"lang\":\"km\"");
	tips_counts(tips, 0, &counts);
	assert_int_equal(counts.sealed, 0);
	assert_true(counts.bytes > 0);
	tips_forget(tips, 0);
	tips_counts(tips, 0, &counts);
	assert_int_equal(counts.sealed, 1);
	assert_int_equal(counts.bytes, 0);
	assert_null(tip->doc.at);
	assert_string_equal(tip->lang, "");
	assert_int_equal(find("secret", TIPS_ALL), 0);
	assert_ptr_equal(tips_next(tips), tip);
}

static void one_that_was_sealed_again_stands_for_what_is_gone(void **state)
{
	const struct store_item again = { .number = 9,
		.kind = LEDGER_RESEALED,
		.id = { 1, 1, 1 },
		.len = 5000 };
	struct tip *tip = add(1, LEDGER_TIP, 4000);

	(void)state;
	assert_int_equal(tips_add(tips, &again), TL_OK);
	assert_int_equal(tip->number, 1);
	tip->is_signed = true; /* the envelope was, though none opens it */
	assert_true(tips_failed(tips, tip, ENVELOPE_DESTROYED));
	assert_int_equal(tip->state, TIP_SEALED);
	assert_int_equal(tip->number, 9);
	assert_true(tip->was_signed);
	assert_false(tips_failed(tips, tip, ENVELOPE_DESTROYED));
	assert_int_equal(tip->state, TIP_FAULT);
	assert_int_equal(find("", TIPS_QUARANTINE), 1);
}

/* Redis may be taken back behind what was heard of it: then that counts, or
 * nobody could change the case any more. */
static void what_the_store_sees_counts_and_what_it_hears_late_does_not(
    void **state)
{
	const struct case_now old = { .version = 2, .state = CASE_NEW };
	const struct case_now new = { .version = 3, .state = CASE_TRIAGE };
	struct tip *tip = add(5, LEDGER_TIP, 4000);

	(void)state;
	assert_ptr_equal(tips_hear_case(tips, tip->id, &new), tip);
	assert_ptr_equal(tips_hear_case(tips, tip->id, &old), tip);
	assert_int_equal(tip->now.version, 3);
	assert_ptr_equal(tips_set_case(tips, tip->id, &old), tip);
	assert_int_equal(tip->now.version, 2);
	assert_int_equal(tip->now.state, CASE_NEW);
}

static void a_case_may_come_before_its_record(void **state)
{
	static const uint8_t id[TIP_ID_BYTES] = { 5, 1, 5 };
	const struct case_now now = {
		.version = 4, .state = CASE_TRIAGE, .priority = 2
	};
	struct tips_counts counts;

	(void)state;
	assert_null(tips_set_case(tips, id, &now));
	tips_counts(tips, 0, &counts);
	assert_int_equal(counts.absent, 1);
	assert_int_equal(add(5, LEDGER_TIP, 4000)->now.version, 4);
	tips_counts(tips, 0, &counts);
	assert_int_equal(counts.absent, 0);
	/* the same id once more is another record, and has no case */
	{
		const struct store_item twin = { .number = 6,
			.kind = LEDGER_QUARANTINE,
			.reason = LEDGER_OTHER_BYTES,
			.id = { 5, 1, 5 } };

		assert_int_equal(tips_add(tips, &twin), TL_OK);
	}
	assert_int_equal(tips_count(tips), 2);
	assert_true(tips_at(tips, 1)->is_twin);
}

/* A tip as the rule for quarantine has it, of which a case was made. */
static struct tip *add_suspect(uint8_t n, const char *more)
{
	struct tip *tip = add(n, LEDGER_TIP, 4000);

	open_it(tip, 4, more);
	tip->is_signed = true;
	set_case(tip, CASE_RECEIVED, 0);
	set_case(tip, CASE_NEW, 4);
	assert_int_equal(tips_settle(tips, 0, NULL), TL_OK);
	return tip;
}

static void the_machine_suspects_what_the_rule_says_and_nobody_has_touched(
    void **state)
{
	static const char flags[] = ",\"flags\":[\"flood\",\"quarantine\"]";
	struct tip *tip = add_suspect(1, flags);
	struct tip more = { .way = TIP_MORE, .said_priority = 4 };
	struct tip *other;

	(void)state;
	assert_true(tip_is_to_suspect(tip));
	assert_true(tip->is_crowd);
	tip->mores = &more; /* the same network once more */
	assert_true(tip_is_to_suspect(tip));
	more.said_priority = 3;
	assert_false(tip_is_to_suspect(tip));
	more.way = TIP_KEY; /* which says nothing */
	assert_true(tip_is_to_suspect(tip));
	tip->mores = NULL;
	tip->is_signed = false; /* anybody could say so */
	assert_false(tip_is_to_suspect(tip));
	tip->is_signed = true;
	tip->now.priority = 3; /* something has raised it */
	assert_false(tip_is_to_suspect(tip));
	tip->now.priority = 4;
	set_case(tip, CASE_NEW, 4); /* somebody has given it back */
	assert_false(tip_is_to_suspect(tip));
	/* an officer's P4, and a flag without a rule behind it */
	other = add_suspect(2, "");
	assert_false(tip_is_to_suspect(other));
	open_it(add(3, LEDGER_TIP, 4000), 2, flags);
	assert_false(tip_is_to_suspect(tips_at(tips, 2)));
	tips_forget(tips, 0);
	assert_false(tip->is_suspect || tip->is_crowd);
}

static void what_lies_in_quarantine_is_counted_and_the_unseen_stands_first(
    void **state)
{
	struct tip *trap = add_suspect(10, ",\"flags\":[\"quarantine\"]");
	struct tip *crowd =
	    add_suspect(20, ",\"flags\":[\"flood\",\"quarantine\"]");
	struct tip *seen = add_suspect(30, ",\"flags\":[\"quarantine\"]");
	const struct tips_query query = {
		.view = TIPS_QUARANTINE, .who = "sok", .now_ms = 1000
	};
	struct tips_counts counts;
	struct tip *const *found = NULL;
	size_t n = 0;

	(void)state;
	set_case(trap, CASE_QUARANTINE, 4);
	set_case(crowd, CASE_QUARANTINE, 4);
	set_case(seen, CASE_QUARANTINE, 4);
	assert_true(tip_is_untouched(seen));
	seen->unseen_ms = UINT64_MAX; /* DUE_SEEN */
	assert_int_equal(find("", TIPS_ALL), 0);
	assert_int_equal(tips_select(tips, &query, &found, &n), TL_OK);
	assert_int_equal(n, 3);
	assert_ptr_equal(found[0], crowd);
	assert_ptr_equal(found[1], trap);
	assert_ptr_equal(found[2], seen);
	tips_counts(tips, 0, &counts);
	assert_int_equal(counts.suspects, 3);
	assert_int_equal(counts.unseen, 2);
	assert_int_equal(counts.since, 3); /* received is received */
	/* nobody is logged in: they are there all the same */
	tips_forget(tips, 0);
	tips_counts(tips, 0, &counts);
	assert_int_equal(counts.suspects, 3);
	assert_int_equal(counts.unseen, 2);
}

/* What is drawn for quarantine is nothing in the queue. */
static void the_sooner_due_stands_first_whatever_their_ids_are(void **state)
{
	const struct tips_query query = {
		.view = TIPS_ALL, .who = "sok", .now_ms = 1000
	};
	struct tip *const *found = NULL;
	size_t n = 0;

	(void)state;
	for (uint8_t i = 1; i <= 40; i++) {
		struct tip *tip = add(i, LEDGER_TIP, 4000);

		set_case(tip, CASE_NEW, 1);
		tip->now.made_ms = (uint64_t)(100 - i) * 60000;
	}
	assert_int_equal(tips_select(tips, &query, &found, &n), TL_OK);
	assert_int_equal(n, 40);
	for (size_t i = 1; i < n; i++) {
		assert_true(found[i - 1]->now.made_ms < found[i]->now.made_ms);
	}
}

static void what_is_asked_of_supervisors_is_theirs_whoever_holds_it(
    void **state)
{
	struct tips_query query = {
		.view = TIPS_MINE, .who = "dara", .now_ms = 1000
	};
	struct tip *tip = add(1, LEDGER_TIP, 4000);
	struct tip *const *found = NULL;
	size_t n = 9;

	(void)state;
	open_it(tip, 3, "");
	set_case(tip, CASE_ESCALATED, 3);
	(void)snprintf(tip->now.owner, sizeof(tip->now.owner), "sok");
	tip->now.until_ms = 60000;
	assert_int_equal(tips_select(tips, &query, &found, &n), TL_OK);
	assert_int_equal(n, 0);
	query.supervisor = true;
	assert_int_equal(tips_select(tips, &query, &found, &n), TL_OK);
	assert_int_equal(n, 1);
	tip->now.state = CASE_TRIAGE;
	assert_int_equal(tips_select(tips, &query, &found, &n), TL_OK);
	assert_int_equal(n, 0);
}

static void one_in_ten_is_read_in_full_and_is_the_same_one_each_time(
    void **state)
{
	size_t samples = 0;

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		struct tip tip = { .id = { 0, 0, 0, 0, 0, 0, (uint8_t)(i >> 8),
				       (uint8_t)i } };

		samples += tip_is_sample(&tip) ? 1 : 0;
		assert_true(tip_is_sample(&tip) == (i % TIP_SAMPLE == 0));
	}
	assert_int_equal(samples, 100);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(the_urgent_is_opened_first_and_the_closed_last),
		TEST(what_nobody_of_ours_signed_is_never_before_a_real_p2),
		TEST(words_are_found_however_they_are_typed),
		TEST(
		    what_waits_for_a_second_officer_is_listed_whoever_holds_it),
		TEST(our_own_test_text_is_no_tip),
		TEST(what_comes_beside_a_gateways_test_text_is_shown),
		TEST(a_test_text_by_the_form_is_its_text_alone),
		TEST(forgetting_leaves_no_word_and_no_memory),
		TEST(one_that_was_sealed_again_stands_for_what_is_gone),
		TEST(
		    what_the_store_sees_counts_and_what_it_hears_late_does_not),
		TEST(a_case_may_come_before_its_record),
		TEST(
		    the_machine_suspects_what_the_rule_says_and_nobody_has_touched),
		TEST(
		    what_lies_in_quarantine_is_counted_and_the_unseen_stands_first),
		TEST(the_sooner_due_stands_first_whatever_their_ids_are),
		TEST(what_is_asked_of_supervisors_is_theirs_whoever_holds_it),
		TEST(one_in_ten_is_read_in_full_and_is_the_same_one_each_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
