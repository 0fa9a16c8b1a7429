/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/case_table and queue/case_event: what may happen to a case, and its
 * record. Whatever comes in whatever order, the rules hold.
 */
#include "queue/case_table.h"

#include <setjmp.h>
#include <stdarg.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "queue/case_event.h"
#include "tests/lib/case_change.h"

/* ---- the table ----------------------------------------------------------- */

/* The numbers of triage's table, each as from, event, to. */
static void every_row_of_the_reference_is_there(void **state)
{
	static const struct {
		enum case_state from;
		enum case_event event;
		enum case_state to;
	} rows[] = {
		{ CASE_RECEIVED, CASE_DO_SCORE, CASE_NEW },
		{ CASE_CLAIMED, CASE_DO_RELEASE, CASE_NEW },
		{ CASE_CLAIMED, CASE_DO_OPEN, CASE_TRIAGE },
		{ CASE_TRIAGE, CASE_DO_PRIORITY, CASE_TRIAGE },
		{ CASE_TRIAGE, CASE_DO_ASK, CASE_WAIT_REPORTER },
		{ CASE_WAIT_REPORTER, CASE_DO_HEARD, CASE_TRIAGE },
		{ CASE_TRIAGE, CASE_DO_CHECK, CASE_VERIFY },
		{ CASE_VERIFY, CASE_DO_CHECKED, CASE_TRIAGE },
		{ CASE_TRIAGE, CASE_DO_ESCALATE, CASE_ESCALATED },
		{ CASE_VERIFY, CASE_DO_ESCALATE, CASE_ESCALATED },
		{ CASE_ESCALATED, CASE_DO_DECIDE_TRIAGE, CASE_TRIAGE },
		{ CASE_ESCALATED, CASE_DO_DECIDE_REFER, CASE_REF_DRAFT },
		{ CASE_TRIAGE, CASE_DO_DRAFT, CASE_REF_DRAFT },
		{ CASE_REF_DRAFT, CASE_DO_SUBMIT, CASE_REF_APPROVAL },
		{ CASE_REF_APPROVAL, CASE_DO_APPROVE, CASE_REFERRED },
		{ CASE_REF_APPROVAL, CASE_DO_REFUSE, CASE_REF_DRAFT },
		{ CASE_REFERRED, CASE_DO_ACCEPT, CASE_ACCEPTED },
		{ CASE_REFERRED, CASE_DO_REJECT, CASE_REJECTED },
		{ CASE_REFERRED, CASE_DO_ACK_LATE, CASE_NO_ANSWER },
		{ CASE_REJECTED, CASE_DO_AGAIN, CASE_REF_DRAFT },
		{ CASE_NO_ANSWER, CASE_DO_AGAIN, CASE_REF_DRAFT },
		{ CASE_ACCEPTED, CASE_DO_REPORTED, CASE_ACTION },
		{ CASE_ACTION, CASE_DO_RESULT, CASE_OUTCOME },
		{ CASE_TRIAGE, CASE_DO_CLOSE, CASE_CLOSED },
		{ CASE_OUTCOME, CASE_DO_CLOSE, CASE_CLOSED },
		{ CASE_CLOSED, CASE_DO_REOPEN, CASE_NEW },
		{ CASE_TRIAGE, CASE_DO_LINK, CASE_DUPLICATE },
		{ CASE_NEW, CASE_DO_SUSPECT, CASE_QUARANTINE },
		{ CASE_QUARANTINE, CASE_DO_UNSUSPECT, CASE_NEW },
		{ CASE_QUARANTINE, CASE_DO_LOOK, CASE_QUARANTINE },
		{ CASE_QUARANTINE, CASE_DO_MESSAGE, CASE_QUARANTINE },
		{ CASE_TRIAGE, CASE_DO_WITHDRAW, CASE_WITHDRAWN },
		{ CASE_CLOSED, CASE_DO_PURGE, CASE_PURGED },
		{ CASE_WITHDRAWN, CASE_DO_PURGE, CASE_PURGED },
		{ CASE_DUPLICATE, CASE_DO_UNLINK, CASE_NEW },
		{ CASE_DUPLICATE, CASE_DO_MESSAGE, CASE_DUPLICATE },
		{ CASE_QUARANTINE, CASE_DO_SPAM, CASE_CLOSED },
		{ CASE_NO_ANSWER, CASE_DO_ACCEPT, CASE_ACCEPTED },
		{ CASE_NO_ANSWER, CASE_DO_REJECT, CASE_REJECTED },
		{ CASE_ACCEPTED, CASE_DO_GIVE_BACK, CASE_REJECTED },
		{ CASE_REFERRED, CASE_DO_RECALL, CASE_REF_DRAFT },
		{ CASE_WAIT_REPORTER, CASE_DO_DRAFT, CASE_REF_DRAFT },
		{ CASE_WAIT_REPORTER, CASE_DO_ESCALATE, CASE_ESCALATED },
		{ CASE_VERIFY, CASE_DO_DRAFT, CASE_REF_DRAFT },
		{ CASE_WITHDRAWN, CASE_DO_REOPEN, CASE_NEW },
		{ CASE_OUTCOME, CASE_DO_MORE, CASE_TRIAGE },
		{ CASE_REF_DRAFT, CASE_DO_GIVE_UP, CASE_TRIAGE },
		{ CASE_WAIT_REPORTER, CASE_DO_NOTE, CASE_WAIT_REPORTER },
		{ CASE_CLOSED, CASE_DO_NOTE, CASE_CLOSED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct case_now now = in(rows[i].from);
		struct case_change what = change(rows[i].event);
		struct case_now next = { 0 };

		what.priority = what.event == CASE_DO_SCORE ? 3 : 0;
		assert_int_equal(judge(&now, &what, &next), CASE_YES);
		assert_int_equal(next.state, rows[i].to);
		assert_int_equal(next.version, 8);
	}
}

static void nothing_leaves_purged_and_no_other_state_is_a_dead_end(void **state)
{
	(void)state;
	for (int s = CASE_RECEIVED; s <= CASE_STATE_MAX; s++) {
		unsigned ways = 0;

		for (int e = 0; e <= CASE_EVENT_MAX + 1; e++) {
			struct case_now now = in((enum case_state)s);
			struct case_change what = change((enum case_event)e);
			struct case_now next = { 0 };

			what.priority = e == CASE_DO_SCORE ? 3 : 0;
			now.owner[0] = e == CASE_DO_CLAIM ? '\0' : 's';
			ways += judge(&now, &what, &next) == CASE_YES ? 1 : 0;
		}
		assert_true((ways == 0) == (s == CASE_PURGED));
	}
}

static void a_change_that_is_refused_writes_nothing(void **state)
{
	struct case_now now = in(CASE_CLOSED);
	struct case_change what = change(CASE_DO_CLAIM);
	struct case_now next = { .version = 99 };

	(void)state;
	assert_int_equal(judge(&now, &what, &next), CASE_NO_ROW);
	assert_int_equal(next.version, 99);
}

static void each_condition_is_asked_for(void **state)
{
	struct case_now now = in(CASE_TRIAGE);
	struct case_change what = change(CASE_DO_CLOSE);
	struct case_now next = { 0 };

	(void)state;
	what.second = NULL;
	assert_int_equal(judge(&now, &what, &next), CASE_NO_SECOND);
	what.second = "sok"; /* oneself is no second */
	assert_int_equal(judge(&now, &what, &next), CASE_NO_SECOND);
	now.priority = 3;
	assert_int_equal(judge(&now, &what, &next), CASE_YES);
	what.passed &= ~(unsigned)CASE_PASSED_END;
	assert_int_equal(judge(&now, &what, &next), CASE_NO_CHECK);
	what = change(CASE_DO_CLOSE);
	what.who = NULL;
	assert_int_equal(judge(&now, &what, &next), CASE_NO_PERSON);
	what = change(CASE_DO_CHECK);
	what.supervisor = false;
	what.who = "dara";
	assert_int_equal(judge(&now, &what, &next), CASE_NO_HELD);
	now.until_ms = CASE_TEST_NOW_MS;
	assert_int_equal(judge(&now, &what, &next), CASE_NO_HOLDER);
	now = in(CASE_ESCALATED);
	what = change(CASE_DO_DECIDE_REFER);
	what.supervisor = false;
	assert_int_equal(judge(&now, &what, &next), CASE_NO_SUPERVISOR);
	now = in(CASE_REF_APPROVAL);
	what = change(CASE_DO_REFUSE);
	what.note = bytes_of(NULL, 0);
	assert_int_equal(judge(&now, &what, &next), CASE_NO_REASON);
	now = in(CASE_TRIAGE);
	what = change(CASE_DO_LINK);
	what.target = case_test_id;
	assert_int_equal(judge(&now, &what, &next), CASE_NO_TARGET);
	what.target = NULL;
	assert_int_equal(judge(&now, &what, &next), CASE_NO_TARGET);
	what = change(CASE_DO_NOTE); /* the machine writes what it has sent */
	what.who = NULL;
	assert_int_equal(judge(&now, &what, &next), CASE_YES);
	assert_int_equal(next.state, now.state);
	what.note = bytes_of(NULL, 0);
	assert_int_equal(judge(&now, &what, &next), CASE_NO_REASON);
	what = change(CASE_DO_CHECK);
	what.who = "Sok:1";
	assert_int_equal(judge(&now, &what, &next), CASE_NO_PERSON);
}

static void a_lease_is_one_officers_until_it_ends(void **state)
{
	struct case_now now = in(CASE_CLAIMED);
	struct case_change what = change(CASE_DO_CLAIM);
	struct case_now next = { 0 };

	(void)state;
	what.who = "dara";
	assert_int_equal(judge(&now, &what, &next), CASE_NO_HELD);
	what.event = CASE_DO_TAKE_OVER;
	assert_int_equal(judge(&now, &what, &next), CASE_YES);
	assert_string_equal(next.owner, "dara");
	what.note = bytes_of(NULL, 0);
	assert_int_equal(judge(&now, &what, &next), CASE_NO_REASON);
	what.event = CASE_DO_LEASE_END;
	assert_int_equal(judge(&now, &what, &next), CASE_NO_HELD);
	now.until_ms = CASE_TEST_NOW_MS;
	assert_int_equal(judge(&now, &what, &next), CASE_YES);
	assert_int_equal(next.state, CASE_NEW);
	assert_string_equal(next.owner, "");
	what.event = CASE_DO_CLAIM;
	assert_int_equal(judge(&now, &what, &next), CASE_YES);
	assert_int_equal(next.until_ms, CASE_TEST_NOW_MS + CASE_LEASE_MS);
	/* a clock that jumped must not hold it for ever */
	now.until_ms = CASE_TEST_NOW_MS + 86400000;
	assert_false(case_is_held(&now, CASE_TEST_NOW_MS));
}

static void only_a_person_lowers_a_priority_and_says_why(void **state)
{
	struct case_now now = in(CASE_TRIAGE);
	struct case_change what = change(CASE_DO_PRIORITY);
	struct case_now next = { 0 };

	(void)state;
	what.priority = 3;
	assert_int_equal(judge(&now, &what, &next), CASE_YES);
	assert_int_equal(next.priority, 3);
	what.note = bytes_of(NULL, 0);
	assert_int_equal(judge(&now, &what, &next), CASE_NO_REASON);
	what.priority = 2; /* confirmed */
	assert_int_equal(judge(&now, &what, &next), CASE_YES);
	what = change(CASE_DO_PRIORITY);
	what.second = NULL;
	what.priority = 4;
	now.priority = 1;
	assert_int_equal(judge(&now, &what, &next), CASE_NO_SECOND);
	what = change(CASE_DO_RAISE);
	what.who = NULL;
	what.priority = 2;
	assert_int_equal(judge(&now, &what, &next), CASE_NO_PRIORITY);
	now.priority = 3;
	assert_int_equal(judge(&now, &what, &next), CASE_YES);
	what.priority = 5;
	assert_int_equal(judge(&now, &what, &next), CASE_NO_PRIORITY);
	/* nor is it raised in passing: a P1 needs less of other things */
	what = change(CASE_DO_CHECK);
	what.priority = 1;
	assert_int_equal(judge(&now, &what, &next), CASE_NO_PRIORITY);
	what.priority = now.priority;
	assert_int_equal(judge(&now, &what, &next), CASE_YES);
}

/* What leaves the queue by another door than CLOSE needs what CLOSE needs. */
static void nobody_hides_an_urgent_tip_alone(void **state)
{
	static const enum case_event doors[] = { CASE_DO_SUSPECT,
		CASE_DO_SPAM };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct case_now now = in(i == 0 ? CASE_NEW : CASE_QUARANTINE);
		struct case_change what = change(doors[i]);
		struct case_now next = { 0 };

		what.second = NULL;
		assert_int_equal(judge(&now, &what, &next), CASE_NO_SECOND);
		now.priority = 4;
		assert_int_equal(judge(&now, &what, &next), CASE_YES);
	}
	for (unsigned held = 0; held < 2; held++) {
		struct case_now now = in(CASE_TRIAGE);
		struct case_change what = change(CASE_DO_LINK);
		struct case_now next = { 0 };

		what.supervisor = false;
		what.who = "dara";
		now.until_ms = held == 1 ? now.until_ms : CASE_TEST_NOW_MS;
		assert_int_equal(judge(&now, &what, &next),
		    held == 1 ? CASE_NO_HELD : CASE_NO_HOLDER);
	}
}

/* ---- whatever comes ------------------------------------------------------ */

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 16;
}

static struct case_change random_change(uint32_t *seed)
{
	static const char *const officers[] = { "sok", "dara", "srey" };
	struct case_change what =
	    change((enum case_event)(next_random(seed) % (CASE_EVENT_MAX + 2)));

	what.priority = next_random(seed) % 5;
	what.who =
	    next_random(seed) % 4 == 0 ? NULL : officers[next_random(seed) % 3];
	what.second =
	    next_random(seed) % 2 == 0 ? NULL : officers[next_random(seed) % 3];
	what.supervisor = next_random(seed) % 4 == 0;
	what.passed &= next_random(seed) << 16;
	if (next_random(seed) % 3 == 0) {
		what.note = bytes_of(NULL, 0);
	}
	return what;
}

/* Rules 1, 3, 4, 8 and 9 of the reference, over random events. */
static void rules_hold_in_any_order_of_events(void **state)
{
	struct case_now now = { 0 };
	uint64_t now_ms = CASE_TEST_NOW_MS;
	uint32_t seed = 4711;
	unsigned done = 0;

	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		struct case_change what = random_change(&seed);
		struct case_now next = { 0 };

		now_ms += next_random(&seed) % 200000;
		if (now.state == CASE_PURGED) {
			now = (struct case_now){ 0 };
		}
		if (case_judge(&now, case_test_id, &what, now_ms, &next) !=
		    CASE_YES) {
			continue;
		}
		done++;
		assert_int_equal(next.version, now.version + 1);
		assert_in_range(next.state, CASE_RECEIVED, CASE_STATE_MAX);
		if (now.priority != 0 && next.priority > now.priority) {
			assert_non_null(what.who);
			assert_true(what.note.len > 0);
			assert_int_equal(what.event, CASE_DO_PRIORITY);
			assert_true(now.priority > 1 ||
			    (what.second != NULL &&
				strcmp(what.second, what.who) != 0));
		}
		if (next.state == CASE_CLOSED && now.state != CASE_CLOSED) {
			assert_non_null(what.who);
		}
		/* a live lease goes to another only with a reason */
		if (case_is_held(&now, now_ms) && next.owner[0] != '\0' &&
		    strcmp(now.owner, next.owner) != 0) {
			assert_int_equal(what.event, CASE_DO_TAKE_OVER);
			assert_true(what.note.len > 0);
		}
		assert_true(next.state != CASE_DUPLICATE ||
		    memcmp(next.target, case_test_id, sizeof(case_test_id)) !=
			0);
		assert_true(case_is_open(next.state) ||
		    next.state == CASE_RECEIVED || next.owner[0] == '\0');
		now = next;
	}
	assert_true(done > 5000);
}

static void what_was_taken_back_stays_marked_so(void **state)
{
	struct case_now now = in(CASE_TRIAGE), next = { 0 };
	struct case_change what = change(CASE_DO_WITHDRAW);
	struct case_change by_machine = what;
	struct case_change unjudged = what;

	(void)state;
	by_machine.who = NULL;
	unjudged.passed &= ~(unsigned)CASE_PASSED_WITHDRAW;
	assert_int_equal(judge(&now, &by_machine, &next), CASE_NO_PERSON);
	assert_int_equal(judge(&now, &unjudged, &next), CASE_NO_CHECK);
	/* nobody can claim what lies aside */
	now = in(CASE_QUARANTINE);
	now.owner[0] = '\0';
	assert_int_equal(judge(&now, &what, &next), CASE_YES);
	now.state = CASE_TRIAGE;
	what.supervisor = false;
	assert_int_equal(judge(&now, &what, &next), CASE_NO_HOLDER);
	now = in(CASE_TRIAGE);
	assert_int_equal(judge(&now, &what, &next), CASE_YES);
	assert_int_equal(next.flags, CASE_TAKEN_BACK);
	assert_int_equal(next.owner[0], '\0');
	now = next;
	assert_int_equal(judge(&now, &what, &next), CASE_NO_ROW);
	what = change(CASE_DO_REOPEN);
	assert_int_equal(judge(&now, &what, &next), CASE_YES);
	assert_int_equal(next.flags, CASE_TAKEN_BACK | CASE_REOPENED);
	now = next;
	what = change(CASE_DO_CLAIM);
	assert_int_equal(judge(&now, &what, &next), CASE_YES);
	assert_int_equal(next.flags, CASE_TAKEN_BACK | CASE_REOPENED);
}

static void names_are_whole_and_each_its_own(void **state)
{
	(void)state;
	for (int s = CASE_RECEIVED; s <= CASE_STATE_MAX; s++) {
		const char *name = case_state_name((enum case_state)s);

		for (int earlier = CASE_RECEIVED; earlier < s; earlier++) {
			assert_string_not_equal(
			    case_state_name((enum case_state)earlier), name);
		}
	}
	assert_string_equal(case_state_name((enum case_state)0), "?");
	for (int e = 1; e <= CASE_EVENT_MAX; e++) {
		assert_string_not_equal(
		    case_event_name((enum case_event)e), "?");
	}
	for (int n = 0; n <= CASE_NO_MAX; n++) {
		assert_string_not_equal(case_no_text((enum case_no)n), "?");
	}
	assert_false(case_is_owner(""));
	assert_false(case_is_owner("a b"));
	assert_false(case_is_owner("123456789012345678901234567890123"));
	assert_true(case_is_owner("12345678901234567890123456789012"));
}

/* ---- the record ---------------------------------------------------------- */

static struct buf good_record(void)
{
	struct case_record record = { .event_id = { 9 },
		.id = { 1 },
		.event = CASE_DO_CLAIM,
		.at_ms = CASE_TEST_NOW_MS,
		.now = in(CASE_CLAIMED),
		.before = { 8 },
		.sealed_hash = { 7 },
		.sig = { 6 },
		.sealed = bytes_str("sealed words") };
	struct buf buf;

	buf_init(&buf, CASE_EVENT_BYTES);
	case_event_put(&buf, &record);
	assert_int_equal(buf_err(&buf), TL_OK);
	return buf;
}

static void a_record_is_read_as_it_was_written(void **state)
{
	struct buf buf = good_record();
	struct buf again;
	struct case_record read = { 0 };

	(void)state;
	assert_int_equal(
	    case_event_get(bytes_of(buf.data, buf.len), &read), TL_OK);
	assert_int_equal(read.now.state, CASE_CLAIMED);
	assert_int_equal(read.at_ms, CASE_TEST_NOW_MS);
	assert_string_equal(read.now.owner, "sok");
	assert_true(bytes_equal(read.sealed, bytes_str("sealed words")));
	buf_init(&again, CASE_EVENT_BYTES);
	case_event_put(&again, &read);
	assert_int_equal(again.len, buf.len);
	assert_memory_equal(again.data, buf.data, buf.len);
	buf_free(&again);
	buf_free(&buf);
}

static void every_cut_and_each_flipped_bit_is_refused_or_another(void **state)
{
	struct buf buf = good_record();
	struct case_record read = { 0 };

	(void)state;
	for (size_t len = 0; len < buf.len; len++) {
		uint8_t *cut = malloc(len + 1);

		assert_non_null(cut);
		memcpy(cut, buf.data, len);
		assert_int_equal(
		    case_event_get(bytes_of(cut, len), &read), TL_EFORMAT);
		free(cut);
	}
	assert_int_equal(read.now.version, 0);
	for (size_t bit = 0; bit < buf.len * 8; bit++) {
		struct buf again;

		buf.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		buf_init(&again, CASE_EVENT_BYTES);
		if (case_event_get(bytes_of(buf.data, buf.len), &read) ==
		    TL_OK) {
			case_event_put(&again, &read);
			assert_int_equal(again.len, buf.len);
			assert_memory_equal(again.data, buf.data, buf.len);
		}
		buf_free(&again);
		buf.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	buf_free(&buf);
}

static void a_head_is_the_record_without_what_is_sealed(void **state)
{
	struct buf buf = good_record();
	struct case_record read = { 0 };
	struct case_record again = { 0 };
	struct buf head;

	(void)state;
	assert_int_equal(
	    case_event_get(bytes_of(buf.data, buf.len), &read), TL_OK);
	buf_init(&head, CASE_HEAD_BYTES);
	case_event_put_head(&head, &read);
	assert_int_equal(buf_err(&head), TL_OK);
	assert_int_equal(head.len, buf.len - 4 - strlen("sealed words"));
	assert_memory_equal(head.data, buf.data, head.len);
	for (size_t len = 0; len < head.len; len++) {
		assert_int_equal(
		    case_event_get_head(bytes_of(head.data, len), &again),
		    TL_EFORMAT);
	}
	assert_int_equal(
	    case_event_get_head(bytes_of(head.data, head.len), &again), TL_OK);
	assert_int_equal(again.sealed.len, 0);
	assert_memory_equal(again.sig, read.sig, sizeof(read.sig));
	assert_int_equal(
	    case_event_get_head(bytes_of(buf.data, buf.len), &again),
	    TL_EFORMAT);
	buf_free(&head);
	buf_free(&buf);
}

static void a_giant_length_is_refused(void **state)
{
	struct buf buf = good_record();
	struct case_record read = { 0 };

	(void)state;
	memset(buf.data + buf.len - strlen("sealed words") - 4, 0xff, 4);
	assert_int_equal(
	    case_event_get(bytes_of(buf.data, buf.len), &read), TL_EFORMAT);
	buf_free(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_of_the_reference_is_there),
		cmocka_unit_test(
		    nothing_leaves_purged_and_no_other_state_is_a_dead_end),
		cmocka_unit_test(a_change_that_is_refused_writes_nothing),
		cmocka_unit_test(each_condition_is_asked_for),
		cmocka_unit_test(a_lease_is_one_officers_until_it_ends),
		cmocka_unit_test(only_a_person_lowers_a_priority_and_says_why),
		cmocka_unit_test(nobody_hides_an_urgent_tip_alone),
		cmocka_unit_test(rules_hold_in_any_order_of_events),
		cmocka_unit_test(what_was_taken_back_stays_marked_so),
		cmocka_unit_test(names_are_whole_and_each_its_own),
		cmocka_unit_test(a_record_is_read_as_it_was_written),
		cmocka_unit_test(
		    every_cut_and_each_flipped_bit_is_refused_or_another),
		cmocka_unit_test(a_head_is_the_record_without_what_is_sealed),
		cmocka_unit_test(a_giant_length_is_refused),
	};

	return cmocka_run_group_tests_name(
	    "queue/case_table", tests, NULL, NULL);
}
