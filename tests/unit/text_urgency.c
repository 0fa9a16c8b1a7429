/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/urgency: rules of the answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the three first */
#include <cmocka.h>

#include "tests/lib/lit.h"
#include "text/urgency.h"

#define ANSWERS_MAX 3u

static void the_most_urgent_rule_counts_and_all_are_listed(void **state)
{
	static const struct {
		struct report_answer answers[ANSWERS_MAX];
		size_t n;
		int priority;
		const char *rules; /* joined by spaces */
	} rows[] = {
		{ { { 0 } }, 0, URGENCY_P3, "" },
		{ { { "now", B("1") } }, 1, URGENCY_P1, "R1" },
		{ { { "now", B("2") } }, 1, URGENCY_P2, "R2" },
		{ { { "now", B("3") } }, 1, URGENCY_P3, "" },
		{ { { "now", B("9") } }, 1, URGENCY_P3, "" },
		/* an empty answer is no "no", and no "yes" */
		{ { { "now", B("") } }, 1, URGENCY_P3, "" },
		{ { { "now", B("11") } }, 1, URGENCY_P3, "" },
		{ { { "now", B(" 1") } }, 1, URGENCY_P3, "" },
		{ { { "minor", B("1") } }, 1, URGENCY_P3, "" },
		{ { { "ind", B("15") } }, 1, URGENCY_P2, "R2" },
		{ { { "ind", B("1") } }, 1, URGENCY_P3, "" },
		{ { { "now", B("2") }, { "minor", B("1") } }, 2, URGENCY_P1,
		    "R2" },
		{ { { "now", B("2") }, { "minor", B("2") } }, 2, URGENCY_P2,
		    "R2" },
		{ { { "now", B("2") }, { "ind", B("16") } }, 2, URGENCY_P1,
		    "R2" },
		{ { { "ind", B("7") }, { "ind", B("15") }, { "ind", B("2") } },
		    3, URGENCY_P1, "R2" },
		{ { { "now", B("1") }, { "ind", B("15") } }, 2, URGENCY_P1,
		    "R1 R2" },
		{ { { "now", B("2") }, { "now", B("1") } }, 2, URGENCY_P1,
		    "R1 R2" },
		{ { { "other", B("1") } }, 1, URGENCY_P3, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct urgency urgency;
		char rules[64] = "";

		urgency_judge(rows[i].answers, rows[i].n, &urgency);
		assert_int_equal(urgency.priority, rows[i].priority);
		for (size_t r = 0; r < urgency.n_rules; r++) {
			if (r > 0) {
				rules[strlen(rules)] = ' ';
			}
			memcpy(rules + strlen(rules), urgency.rules[r],
			    strlen(urgency.rules[r]));
		}
		assert_string_equal(rules, rows[i].rules);
	}
}

static void every_rule_has_its_sentence(void **state)
{
	(void)state;
	assert_string_equal(urgency_sentence("R1"), "Says danger now");
	assert_string_equal(urgency_sentence("R2"), "Danger in 1-2 days");
	assert_string_equal(urgency_sentence("R0"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_most_urgent_rule_counts_and_all_are_listed),
		cmocka_unit_test(every_rule_has_its_sentence),
	};

	return cmocka_run_group_tests_name("text/urgency", tests, NULL, NULL);
}
