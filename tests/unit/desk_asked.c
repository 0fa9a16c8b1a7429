/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/asked: what of a case waits for a second officer.
 */
#include "desk/asked.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define ASK(id, asks, who) \
	"{\"id\":" id \
	",\"event\":\"NOTE\",\"kind\":\"ask-second\",\"asks\":\"" asks \
	"\",\"who\":\"" who "\",\"at\":" id "}"
#define NOTE(id) "{\"id\":" id ",\"event\":\"NOTE\",\"kind\":\"note\"}"
#define EVENT(id, event) \
	"{\"id\":" id ",\"event\":\"" event "\",\"at\":" id ",\"who\":" \
	"\"sok\"}"
#define LOOKED(id, of) \
	"{\"id\":" id \
	",\"event\":\"NOTE\",\"kind\":\"post-approval\",\"asked\":" of "}"

/* What waits, as "what who at n", or "". */
static void assert_sum(
    const char *entries, enum case_state state, const char *want)
{
	json_t *list = json_loads(entries, 0, NULL);
	struct tip_asked sum = { .n = 9 };
	char is[128] = "";

	assert_non_null(list);
	asked_sum(list, state, &sum);
	if (sum.n > 0) {
		(void)snprintf(is, sizeof(is), "%s %s %llu %zu", sum.what,
		    sum.who, (unsigned long long)sum.at_ms, sum.n);
	}
	assert_string_equal(is, want);
	json_decref(list);
}

static void a_question_waits_over_notes_until_something_happens(void **state)
{
	(void)state;
	assert_sum("[]", CASE_TRIAGE, "");
	assert_sum("[" ASK("3", "CLOSE", "sok") "," NOTE("4") "]", CASE_TRIAGE,
	    "CLOSE sok 3000 1");
	assert_sum("[" ASK("3", "CLOSE", "sok") "," EVENT("4", "CLOSE") "]",
	    CASE_CLOSED, "");
	assert_sum("[" ASK("3", "CLOSE", "sok") "," EVENT("4", "RAISE") "]",
	    CASE_TRIAGE, "");
	assert_sum("[" EVENT("2", "OPEN") "," ASK("3", "CLOSE", "sok") "]",
	    CASE_TRIAGE, "CLOSE sok 3000 1");
}

static void what_is_asked_anew_waits_once_and_the_oldest_is_told(void **state)
{
	(void)state;
	assert_sum(
	    "[" ASK("3", "CLOSE", "sok") "," ASK("4", "CLOSE", "dara") "]",
	    CASE_TRIAGE, "CLOSE dara 4000 1");
	assert_sum(
	    "[" ASK("3", "CLOSE", "sok") "," ASK("4", "PRIORITY", "dara") "]",
	    CASE_TRIAGE, "CLOSE sok 3000 2");
}

static void what_left_waits_to_be_looked_at_whatever_happens(void **state)
{
	(void)state;
	assert_sum(
	    "[" ASK("3", ASKED_AFTERWARDS, "sok") "," EVENT("4", "ACCEPT") "]",
	    CASE_ACCEPTED, "post-approve sok 3000 1");
	assert_sum(
	    "[" ASK("3", ASKED_AFTERWARDS, "sok") "," LOOKED("4", "2") "]",
	    CASE_REFERRED, "post-approve sok 3000 1");
	assert_sum(
	    "[" ASK("3", ASKED_AFTERWARDS, "sok") "," LOOKED("4", "3") "]",
	    CASE_REFERRED, "");
}

static void a_referral_waits_for_its_approval(void **state)
{
	(void)state;
	assert_sum("[" EVENT("3", "SUBMIT") "," NOTE("4") "]",
	    CASE_REF_APPROVAL, "APPROVE sok 3000 1");
	assert_sum(
	    "[" EVENT("3", "SUBMIT") "," NOTE("4") "]", CASE_REFERRED, "");
	assert_sum("[]", CASE_REF_APPROVAL, "APPROVE  0 1");
}

static void what_is_no_question_waits_for_nobody(void **state)
{
	(void)state;
	assert_sum("[{\"id\":3,\"kind\":7},7,null]", CASE_TRIAGE, "");
	assert_sum(
	    "[{\"kind\":\"ask-second\",\"asks\":7}]", CASE_TRIAGE, "  0 1");
	assert_sum("{\"kind\":\"ask-second\"}", CASE_TRIAGE, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_question_waits_over_notes_until_something_happens),
		cmocka_unit_test(
		    what_is_asked_anew_waits_once_and_the_oldest_is_told),
		cmocka_unit_test(
		    what_left_waits_to_be_looked_at_whatever_happens),
		cmocka_unit_test(a_referral_waits_for_its_approval),
		cmocka_unit_test(what_is_no_question_waits_for_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
