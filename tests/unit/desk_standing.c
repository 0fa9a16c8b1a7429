/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/standing: what a reporter is told follows from the case, and goes back
 * by an officer's word only.
 */
#include "desk/standing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* "STATE" or "STATE{members}", one after the other: the entries, of versions
 * from 1 on, a minute each. */
static json_t *entries_of(const char *const *what)
{
	json_t *list = json_array();

	for (size_t i = 0; what[i] != NULL; i++) {
		const char *members = strchr(what[i], '{');
		size_t len =
		    members ? (size_t)(members - what[i]) : strlen(what[i]);
		json_t *entry =
		    members ? json_loads(members, 0, NULL) : json_object();

		assert_non_null(entry);
		(void)json_object_set_new(
		    entry, "state", json_stringn(what[i], len));
		(void)json_object_set_new(
		    entry, "version", json_integer((json_int_t)i + 1));
		(void)json_object_set_new(
		    entry, "at_ms", json_integer((json_int_t)i * 60000));
		assert_int_equal(json_array_append_new(list, entry), 0);
	}
	return list;
}

/* As "status version text". */
static void assert_stands(const char *want, const char *const *what)
{
	json_t *entries = entries_of(what);
	struct standing standing = { .status = 99 };
	char is[128];

	assert_int_equal(standing_of(entries, &standing), TL_OK);
	(void)snprintf(is, sizeof(is), "%u %llu%s%s", standing.status,
	    (unsigned long long)standing.version, *standing.text ? " " : "",
	    standing.text);
	assert_string_equal(is, want);
	json_decref(entries);
}
#define STANDS(want, ...) \
	assert_stands(want, (const char *const[]){ __VA_ARGS__, NULL })

#define REPLY(more)  "{\"kind\":\"reply\"" more "}"
#define CHOSEN(more) "{\"kind\":\"status\"" more "}"
#define READ         "RECEIVED", "NEW", "CLAIMED", "TRIAGE"

static void nothing_is_told_before_somebody_has_read_it(void **state)
{
	(void)state;
	STANDS("0 0", NULL);
	STANDS("0 1", "RECEIVED", "NEW", "CLAIMED", "NEW");
	STANDS("0 1", "RECEIVED", "NEW", "QUARANTINE");
	STANDS("2 4", READ);
	STANDS("5 4", "RECEIVED", "NEW", "QUARANTINE", "CLOSED");
}

static void each_sentence_comes_with_the_change_that_makes_it_so(void **state)
{
	(void)state;
	STANDS("2 4", READ, "TRIAGE", "VERIFY", "ESCALATED", "REF_DRAFT");
	STANDS("3 5", READ, "WAIT_REPORTER", "WAIT_REPORTER");
	STANDS("2 6", READ, "WAIT_REPORTER", "TRIAGE");
	STANDS("4 6", READ, "REF_APPROVAL", "REFERRED", "ACCEPTED", "ACTION");
	STANDS("5 5", READ, "CLOSED");
	STANDS("5 5", READ, "WITHDRAWN", "PURGED");
	STANDS("1 6", READ, "CLOSED", "NEW", "CLAIMED");
	STANDS("2 8", READ, "CLOSED", "NEW", "CLAIMED", "TRIAGE");
}

static void it_falls_back_by_an_officers_word_only(void **state)
{
	(void)state;
	STANDS("4 5", READ, "REFERRED", "REJECTED", "REF_DRAFT", "TRIAGE");
	STANDS("4 5", READ, "REFERRED", "NO_ANSWER");
	STANDS("3 7", READ, "REFERRED", "TRIAGE", "WAIT_REPORTER");
	STANDS("4 8", READ, "REFERRED", "TRIAGE", "WAIT_REPORTER", "TRIAGE");
	STANDS("2 7", READ, "REFERRED", "REJECTED",
	    "REJECTED" CHOSEN(",\"status\":2"), "REF_DRAFT", "TRIAGE");
	STANDS("4 8", READ, "REFERRED", "REJECTED",
	    "REJECTED" CHOSEN(",\"status\":2"), "REFERRED");
	STANDS("2 4", READ, "NEW"); /* back in the queue: it was read */
}

static void what_an_officer_says_stands_until_something_moves(void **state)
{
	(void)state;
	STANDS("4 5", READ, "TRIAGE" REPLY(",\"status\":4,\"text\":\"hello\""),
	    "VERIFY");
	STANDS("2 5 We look.", READ,
	    "TRIAGE" CHOSEN(",\"status\":2,\"text\":\"We look.\""), "VERIFY");
	STANDS("3 6", READ, "TRIAGE" CHOSEN(",\"status\":2,\"text\":\"x\""),
	    "WAIT_REPORTER");
	/* what asks is a question, also where the case cannot wait */
	STANDS("3 6", READ, "REFERRED", "REFERRED" REPLY(",\"asks\":true"));
	STANDS("2 4", READ, "TRIAGE" REPLY(",\"text\":\"hello\""));
	STANDS("2 4", READ, "TRIAGE" CHOSEN(",\"status\":9"),
	    "TRIAGE{\"kind\":\"note\",\"status\":5}");
}

static void the_words_of_closing_stand_in_its_place(void **state)
{
	(void)state;
	STANDS("5 5 Thanks.", READ,
	    "CLOSED{\"kind\":\"change\",\"told\":true,"
	    "\"reporter_text\":\"Thanks.\"}",
	    "CLOSED{\"kind\":\"note\"}");
	/* what was only asked for is not, nor what was to stay in the tip */
	STANDS("5 5", READ,
	    "CLOSED{\"kind\":\"change\",\"reporter_text\":\"Thanks.\"}");
	STANDS("2 4", READ,
	    "TRIAGE{\"kind\":\"ask-second\",\"reporter_text\":\"Thanks.\"}");
	STANDS("5 6 Thanks.", READ, "TRIAGE" CHOSEN(",\"status\":5"),
	    "CLOSED{\"kind\":\"change\",\"told\":true,"
	    "\"reporter_text\":\"Thanks.\"}");
}

static void what_came_late_into_the_ledger_counts_in_its_place(void **state)
{
	json_t *entries = entries_of(
	    (const char *const[]){ READ, "WAIT_REPORTER", "TRIAGE", NULL });
	json_t *early = json_incref(json_array_get(entries, 4));
	struct standing standing;

	(void)state;
	assert_int_equal(json_array_remove(entries, 4), 0);
	assert_int_equal(json_array_append_new(entries, early), 0);
	assert_int_equal(standing_of(entries, &standing), TL_OK);
	assert_int_equal(standing.status, STANDING_READ);
	assert_int_equal(standing.version, 6);
	assert_int_equal(standing.seen, 6);
	json_decref(entries);
}

/* ---- duplicates -----------------------------------------------------------
 */

static struct standing stands(const char *const *what)
{
	json_t *entries = entries_of(what);
	struct standing standing;

	assert_int_equal(standing_of(entries, &standing), TL_OK);
	standing.text = "";
	json_decref(entries);
	return standing;
}
#define OF(...) stands((const char *const[]){ __VA_ARGS__, NULL })

static void a_duplicate_says_what_its_target_says(void **state)
{
	const struct standing copy = OF(READ, "DUPLICATE");
	const struct standing referred = OF(READ, "REFERRED");
	const struct standing closed = OF(READ, "REFERRED", "CLOSED");
	struct standing one = standing_joined(&copy, &referred);
	struct standing other = standing_joined(&copy, &closed);

	(void)state;
	assert_true(copy.is_duplicate);
	assert_int_equal(one.status, STANDING_HELPERS);
	assert_int_equal(other.status, STANDING_FINISHED);
	assert_false(standing_is_same(&one, &other));
	assert_true(standing_is_same(&one, &one));
	/* and by itself again */
	one = OF(READ, "DUPLICATE", "NEW");
	other = standing_joined(&one, &referred);
	assert_int_equal(other.status, STANDING_READ);
	assert_int_equal(other.version, 6);
	assert_int_equal(other.of, 0);
}

static void a_duplicate_is_not_told_of_anothers_question(void **state)
{
	const struct standing copy = OF(READ, "DUPLICATE");
	const struct standing asked = OF(READ, "WAIT_REPORTER");
	const struct standing unread = OF("RECEIVED", "NEW");
	const struct standing chosen =
	    OF(READ, "DUPLICATE", "DUPLICATE" CHOSEN(",\"status\":5"));

	(void)state;
	assert_int_equal(standing_joined(&copy, &asked).status, STANDING_READ);
	assert_int_equal(standing_joined(&copy, &unread).status, STANDING_READ);
	assert_int_equal(
	    standing_joined(&chosen, &asked).status, STANDING_FINISHED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_told_before_somebody_has_read_it),
		cmocka_unit_test(
		    each_sentence_comes_with_the_change_that_makes_it_so),
		cmocka_unit_test(it_falls_back_by_an_officers_word_only),
		cmocka_unit_test(
		    what_an_officer_says_stands_until_something_moves),
		cmocka_unit_test(the_words_of_closing_stand_in_its_place),
		cmocka_unit_test(
		    what_came_late_into_the_ledger_counts_in_its_place),
		cmocka_unit_test(a_duplicate_says_what_its_target_says),
		cmocka_unit_test(a_duplicate_is_not_told_of_anothers_question),
	};

	return cmocka_run_group_tests_name("desk/standing", tests, NULL, NULL);
}
