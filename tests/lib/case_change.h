/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/case_change.h - a case that sok holds, and changes of it that are
 * in order: what a test of the table sets out from.
 */
#ifndef TL_TESTS_LIB_CASE_CHANGE_H
#define TL_TESTS_LIB_CASE_CHANGE_H

#include "queue/case_table.h"

#define CASE_TEST_NOW_MS UINT64_C(1700000000000)

static const uint8_t case_test_id[CASE_ID_BYTES] = { 1 };
static const uint8_t case_test_other[CASE_ID_BYTES] = { 2 };

/* As much as can be in order, by sok. */
static inline struct case_change change(enum case_event event)
{
	return (struct case_change){ .event = event,
		.who = "sok",
		.second = "dara",
		.supervisor = true,
		.passed = CASE_PASSED_ALL,
		.target = case_test_other,
		.note = bytes_str("reason") };
}

static inline struct case_now in(enum case_state state)
{
	return (struct case_now){ .version = 7,
		.state = state,
		.priority = 2,
		.owner = "sok",
		.since_ms = CASE_TEST_NOW_MS - 1000,
		.until_ms = CASE_TEST_NOW_MS + 1000,
		.made_ms = CASE_TEST_NOW_MS - 60000 };
}

static inline enum case_no judge(const struct case_now *now,
    const struct case_change *what, struct case_now *next)
{
	return case_judge(now, case_test_id, what, CASE_TEST_NOW_MS, next);
}

#endif
