/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/ledger: once it said yes, the record is there, whole, for ever.
 */
#include "queue/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/chain.h"

static void what_was_appended_is_read_back_in_order(void **state)
{
	struct chain *w = *state;
	struct ledger *ledger;
	uint64_t seen = 0;

	chain_fill(w);
	ledger = chain_open(w);
	assert_int_equal(ledger_count(ledger), CHAIN_RECORDS);
	assert_int_equal(ledger_each(ledger, 0, chain_check, &seen), TL_OK);
	assert_int_equal(seen, CHAIN_RECORDS);
	seen = 0;
	assert_int_equal(ledger_each(ledger, 3, chain_check, &seen), TL_OK);
	assert_int_equal(seen, CHAIN_RECORDS - 3);
	assert_int_equal(
	    ledger_each(ledger, CHAIN_RECORDS, chain_check, &seen), TL_OK);
	assert_int_equal(seen, CHAIN_RECORDS - 3);
	ledger_close(ledger);
}

static void a_record_is_known_by_its_id_and_its_bytes(void **state)
{
	struct chain *w = *state;
	struct ledger *ledger;
	struct ledger_record same = chain_tip(2, &chain_sealed[2]);
	struct ledger_record other = chain_tip(2, "forged");
	struct ledger_record new = chain_tip(77, "new");

	chain_fill(w);
	ledger = chain_open(w);
	assert_int_equal(
	    ledger_lookup(ledger, same.id, same.hash), LEDGER_SAME);
	assert_int_equal(
	    ledger_lookup(ledger, other.id, other.hash), LEDGER_OTHER);
	assert_int_equal(ledger_lookup(ledger, new.id, new.hash), LEDGER_NEW);
	ledger_close(ledger);
}

/* Else whoever may write to Redis could keep a tip from being seen. */
static void an_id_in_quarantine_does_not_stand_in_the_tips_way(void **state)
{
	struct chain *w = *state;
	struct ledger *ledger = chain_open(w);
	struct ledger_record bad = chain_tip(9, "injected");
	struct ledger_record good = chain_tip(9, "genuine");

	bad.kind = LEDGER_QUARANTINE;
	bad.reason = LEDGER_NOT_OURS;
	assert_int_equal(ledger_append(ledger, &bad), TL_OK);
	assert_int_equal(ledger_lookup(ledger, bad.id, bad.hash), LEDGER_SAME);
	assert_int_equal(ledger_lookup(ledger, good.id, good.hash), LEDGER_NEW);
	assert_int_equal(ledger_append(ledger, &good), TL_OK);
	assert_int_equal(
	    ledger_lookup(ledger, good.id, good.hash), LEDGER_SAME);
	assert_int_equal(ledger_lookup(ledger, bad.id, bad.hash), LEDGER_SAME);
	ledger_close(ledger);
}

static void what_was_made_here_is_kept_and_is_nobodys_repeat(void **state)
{
	struct chain *w = *state;
	struct ledger *ledger = chain_open(w);
	struct ledger_record rec = chain_tip(3, "sealed event");
	struct ledger_counts counts;

	chain_append(ledger, 1, "a tip");
	rec.kind = LEDGER_EVENT;
	assert_int_equal(ledger_append(ledger, &rec), TL_OK);
	assert_int_equal(ledger_lookup(ledger, rec.id, rec.hash), LEDGER_NEW);
	rec = chain_tip(1, "the tip sealed again");
	rec.kind = LEDGER_RESEALED;
	assert_int_equal(ledger_append(ledger, &rec), TL_OK);
	assert_int_equal(ledger_lookup(ledger, rec.id, rec.hash), LEDGER_OTHER);
	rec = chain_tip(4, "what an officer did");
	rec.kind = LEDGER_AUDIT;
	assert_int_equal(ledger_append(ledger, &rec), TL_OK);
	assert_int_equal(ledger_lookup(ledger, rec.id, rec.hash), LEDGER_NEW);
	ledger_close(ledger);
	ledger = chain_open(w);
	ledger_counts(ledger, &counts);
	assert_int_equal(counts.records[LEDGER_TIP], 1);
	assert_int_equal(counts.records[LEDGER_AUDIT], 1);
	assert_int_equal(counts.records[LEDGER_EVENT], 1);
	assert_int_equal(counts.records[LEDGER_RESEALED], 1);
	assert_int_equal(counts.records[LEDGER_QUARANTINE], 0);
	assert_int_equal(counts.files, 1);
	ledger_close(ledger);
}

static void quarantine_is_bounded_and_tips_are_kept_beside_it(void **state)
{
	struct chain *w = *state;
	struct ledger_record bad = chain_tip(9, "0123456789");
	struct ledger_counts counts;
	struct ledger *ledger;

	w->opts.quarantine_max_bytes = 25;
	bad.kind = LEDGER_QUARANTINE;
	bad.reason = LEDGER_NOT_OURS;
	ledger = chain_open(w);
	assert_int_equal(ledger_append(ledger, &bad), TL_OK);
	assert_int_equal(ledger_append(ledger, &bad), TL_OK);
	assert_int_equal(ledger_append(ledger, &bad), TL_EAGAIN);
	ledger_close(ledger);
	/* also after a start */
	ledger = chain_open(w);
	assert_int_equal(ledger_append(ledger, &bad), TL_EAGAIN);
	chain_append(ledger, 1, "a tip");
	ledger_counts(ledger, &counts);
	assert_int_equal(counts.quarantine_bytes, 20);
	assert_int_equal(counts.quarantine_max_bytes, 25);
	assert_int_equal(ledger_count(ledger), 3);
	ledger_close(ledger);
}

static void the_head_of_then_is_told_and_a_missing_end_is_seen(void **state)
{
	uint8_t heads[CHAIN_RECORDS + 1][LEDGER_HASH_BYTES];
	uint8_t head[LEDGER_HASH_BYTES];
	struct chain *w = *state;
	struct ledger *ledger;

	w->opts.file_max_bytes = 200; /* two records a file */
	ledger = chain_open(w);
	ledger_head(ledger, heads[0]);
	for (uint8_t i = 0; i < CHAIN_RECORDS; i++) {
		chain_append(ledger, i, &chain_sealed[i]);
		ledger_head(ledger, heads[i + 1]);
	}
	ledger_close(ledger);
	ledger = chain_open(w);
	for (uint64_t n = 0; n <= CHAIN_RECORDS; n++) {
		assert_int_equal(ledger_head_then(ledger, n, head), TL_OK);
		assert_memory_equal(head, heads[n], sizeof(head));
	}
	assert_int_equal(
	    ledger_head_then(ledger, CHAIN_RECORDS + 1, head), TL_ENOENT);
	ledger_close(ledger);
}

static void each_kind_has_words(void **state)
{
	(void)state;
	for (int i = 0; i <= LEDGER_KIND_MAX + 1; i++) {
		assert_true(strlen(ledger_kind_text((enum ledger_kind)i)) > 3);
	}
}

static void a_thousand_ids_are_found_again(void **state)
{
	struct chain *w = *state;
	struct ledger *ledger = chain_open(w);

	for (unsigned i = 0; i < 1000; i++) {
		struct ledger_record rec = chain_tip(0, "x");

		memcpy(rec.id, &i, sizeof(i));
		assert_int_equal(ledger_append(ledger, &rec), TL_OK);
	}
	ledger_close(ledger);
	ledger = chain_open(w);
	for (unsigned i = 0; i < 1001; i++) {
		struct ledger_record rec = chain_tip(0, "x");

		memcpy(rec.id, &i, sizeof(i));
		assert_int_equal(ledger_lookup(ledger, rec.id, rec.hash),
		    i < 1000 ? LEDGER_SAME : LEDGER_NEW);
	}
	ledger_close(ledger);
}

static void a_full_file_is_followed_by_the_next(void **state)
{
	struct chain *w = *state;
	struct ledger *ledger;
	uint8_t head[32];
	uint8_t again[32];
	uint64_t seen = 0;
	char path[128];

	w->opts.file_max_bytes = 250;
	chain_fill(w);
	chain_file(w, "ledger-000003", path);
	assert_int_equal(access(path, F_OK), 0);
	ledger = chain_open(w);
	assert_int_equal(ledger_each(ledger, 0, chain_check, &seen), TL_OK);
	assert_int_equal(seen, CHAIN_RECORDS);
	ledger_head(ledger, head);
	ledger_close(ledger);
	w->opts.file_max_bytes = 0; /* the limit is no part of the format */
	ledger = chain_open(w);
	ledger_head(ledger, again);
	assert_memory_equal(head, again, sizeof(head));
	ledger_close(ledger);
}

static void two_writers_are_one_too_many(void **state)
{
	struct chain *w = *state;
	struct ledger *first = chain_open(w);
	struct ledger *second = NULL;
	struct ledger_fault fault = { 0 };
	struct ledger_record rec = chain_tip(1, "x");

	assert_int_equal(ledger_open(&w->opts, &second, &fault), TL_EBUSY);
	assert_null(second);
	w->opts.read_only = true;
	assert_int_equal(ledger_open(&w->opts, &second, &fault), TL_OK);
	assert_int_equal(ledger_append(second, &rec), TL_EPERM);
	ledger_close(second);
	ledger_close(first);
}

static void a_folder_others_may_write_to_is_refused(void **state)
{
	struct chain *w = *state;
	struct ledger *ledger = NULL;
	struct ledger_fault fault = { 0 };

	chain_fill(w);
	assert_int_equal(chmod(w->folder, 0770), 0);
	assert_int_equal(ledger_open(&w->opts, &ledger, &fault), TL_EPERM);
	assert_int_equal(fault.file, 0);
}

static void a_giant_is_refused_and_the_ledger_goes_on(void **state)
{
	struct chain *w = *state;
	struct ledger *ledger = chain_open(w);
	struct ledger_record rec = chain_tip(1, "x");
	uint8_t *giant = calloc(1, LEDGER_RECORD_BYTES + 1);

	assert_non_null(giant);
	rec.sealed = bytes_of(giant, LEDGER_RECORD_BYTES + 1);
	assert_int_equal(ledger_append(ledger, &rec), TL_ETOOBIG);
	assert_int_equal(ledger_count(ledger), 0);
	rec.sealed.len--;
	assert_int_equal(ledger_append(ledger, &rec), TL_OK);
	ledger_close(ledger);
	ledger = chain_open(w);
	assert_int_equal(ledger_count(ledger), 1);
	ledger_close(ledger);
	free(giant);
}

static void each_reason_has_words(void **state)
{
	(void)state;
	for (int i = 0; i <= LEDGER_REASON_MAX; i++) {
		assert_non_null(ledger_reason_text((enum ledger_reason)i));
	}
	assert_string_equal(
	    ledger_reason_text((enum ledger_reason)99), "unknown reason");
}

#define IN_FOLDER(test) \
	cmocka_unit_test_setup_teardown(test, chain_set_up, chain_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(what_was_appended_is_read_back_in_order),
		IN_FOLDER(a_record_is_known_by_its_id_and_its_bytes),
		IN_FOLDER(an_id_in_quarantine_does_not_stand_in_the_tips_way),
		IN_FOLDER(what_was_made_here_is_kept_and_is_nobodys_repeat),
		IN_FOLDER(quarantine_is_bounded_and_tips_are_kept_beside_it),
		IN_FOLDER(the_head_of_then_is_told_and_a_missing_end_is_seen),
		cmocka_unit_test(each_kind_has_words),
		IN_FOLDER(a_thousand_ids_are_found_again),
		IN_FOLDER(a_full_file_is_followed_by_the_next),
		IN_FOLDER(two_writers_are_one_too_many),
		IN_FOLDER(a_folder_others_may_write_to_is_refused),
		IN_FOLDER(a_giant_is_refused_and_the_ledger_goes_on),
		cmocka_unit_test(each_reason_has_words),
	};

	return cmocka_run_group_tests_name("queue/ledger", tests, NULL, NULL);
}
