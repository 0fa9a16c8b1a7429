/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* queue/case_book: what the ledger says of cases, learnt once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "queue/case_book.h"
#include "queue/case_event.h"
#include "tests/lib/weak_hash.h"

static bool no_memory;

/* Instead of the library's. */
void *reallocarray(void *at, size_t n, size_t size)
{
	return no_memory ? NULL : realloc(at, n * size);
}

static void what_had_no_room_is_learnt_when_it_comes_again(void **state)
{
	const struct case_record event = { .event_id = { 9 },
		.id = { 8 },
		.event = CASE_DO_RECEIVE,
		.now = { .version = 1, .state = CASE_RECEIVED } };
	struct case_book *book = case_book_new(weak_hash);
	struct ledger_record record = { .kind = LEDGER_EVENT };
	struct buf bytes;

	(void)state;
	assert_non_null(book);
	buf_init(&bytes, CASE_EVENT_BYTES);
	case_event_put(&bytes, &event);
	assert_int_equal(buf_err(&bytes), TL_OK);
	record.sealed = bytes_of(bytes.data, bytes.len);
	no_memory = true;
	assert_int_equal(case_book_learn(5, &record, book), TL_ENOMEM);
	assert_null(case_book_find(book, event.id));
	no_memory = false;
	for (int turn = 0; turn < 2; turn++) {
		assert_int_equal(case_book_learn(5, &record, book), TL_OK);
		assert_int_equal(case_book_find(book, event.id)->version, 1);
		assert_int_equal(case_book_odds(book)->forked, 0);
	}
	buf_free(&bytes);
	case_book_free(book);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_had_no_room_is_learnt_when_it_comes_again),
	};

	return cmocka_run_group_tests_name(
	    "queue/case_book", tests, NULL, NULL);
}
