/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/children: children of a generation that was given up are no
 * part of the next one, however long they take to end.
 */
#include "server/intake/children.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void one_that_was_given_up_is_not_taken_for_the_next(void **state)
{
	struct children children;
	struct child worker = { .kind = CHILD_WORKER, .generation = 1 };
	/* its peer is NULL, as children_end_lonely() leaves it */
	struct child given_up = { .kind = CHILD_KDF,
		.generation = 2,
		.ready = true,
		.draining = true };
	struct child next = { .kind = CHILD_WORKER, .ready = true };

	(void)state;
	TAILQ_INIT(&children);
	assert_int_equal(children_next_generation(&children, 0), 1);
	TAILQ_INSERT_TAIL(&children, &worker, link);
	assert_int_equal(children_next_generation(&children, 1), 2);
	TAILQ_INSERT_TAIL(&children, &given_up, link);
	next.generation = children_next_generation(&children, 1);
	assert_int_equal(next.generation, 3);
	TAILQ_INSERT_TAIL(&children, &next, link);
	children_introduce(&children, &next); /* to nobody */
	assert_false(children_are_ready(&children, next.generation, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    one_that_was_given_up_is_not_taken_for_the_next),
	};

	return cmocka_run_group_tests_name(
	    "server/intake/children", tests, NULL, NULL);
}
