/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/twins: a message that was found in a gateway's log and then came all the
 * same is one; what differs in a word is two.
 */
#include "desk/twins.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define FOUND ",\"flags\":[\"lossy\",\"recovered from the gateway's log\"]"

static void add(struct twins *twins, uint64_t number, const char *gateway,
    const char *id, const char *text, const char *more)
{
	char doc[256];

	(void)snprintf(doc, sizeof(doc),
	    "{\"gateway\":\"%s\",\"external_id\":\"%s\",\"text\":\"%s\"%s}",
	    gateway, id, text, more);
	assert_int_equal(twins_add(twins, number, bytes_str(doc)), TL_OK);
}

/* The pairs as "found>own;". */
static void assert_pairs(struct twins *twins, const char *want)
{
	uint64_t number, own;
	char is[128] = "";
	size_t at = 0, len = 0;

	twins_sort(twins);
	while (twins_next(twins, &at, &number, &own)) {
		len += (size_t)snprintf(is + len, sizeof(is) - len, "%u>%u;",
		    (unsigned)number, (unsigned)own);
	}
	assert_string_equal(is, want);
	twins_free(twins);
}

static void the_webhooks_own_stands_for_what_was_found(void **state)
{
	struct twins twins = { 0 };

	(void)state;
	add(&twins, 4, "g", "a", "help", FOUND);
	add(&twins, 2, "g", "b", "other", "");
	add(&twins, 9, "g", "a", "help", "");
	assert_pairs(&twins, "4>9;");
}

static void what_was_found_twice_is_there_once(void **state)
{
	struct twins twins = { 0 };

	(void)state;
	add(&twins, 4, "g", "a", "help", FOUND);
	add(&twins, 3, "g", "a", "help", FOUND);
	assert_pairs(&twins, "4>3;"); /* the oldest stays */
	add(&twins, 4, "g", "a", "help", FOUND);
	assert_pairs(&twins, ""); /* alone it is a message */
}

static void another_gateway_id_or_text_is_another_message(void **state)
{
	struct twins twins = { 0 };

	(void)state;
	add(&twins, 1, "g", "a", "help", "");
	add(&twins, 2, "h", "a", "help", FOUND);
	add(&twins, 3, "g", "b", "help", FOUND);
	add(&twins, 4, "g", "a", "help!", FOUND);
	/* nor is what two members make together */
	add(&twins, 5, "ga", "", "help", FOUND);
	assert_pairs(&twins, "");
}

static void two_that_came_are_two_and_no_message_is_none(void **state)
{
	struct twins twins = { 0 };

	(void)state;
	add(&twins, 1, "g", "a", "help", "");
	add(&twins, 2, "g", "a", "help", "");
	assert_int_equal(twins_add(&twins, 3, bytes_str("no report")), TL_OK);
	assert_int_equal(twins_add(&twins, 3, bytes_of(NULL, 0)), TL_OK);
	assert_pairs(&twins, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_webhooks_own_stands_for_what_was_found),
		cmocka_unit_test(what_was_found_twice_is_there_once),
		cmocka_unit_test(another_gateway_id_or_text_is_another_message),
		cmocka_unit_test(two_that_came_are_two_and_no_message_is_none),
	};

	return cmocka_run_group_tests_name("desk/twins", tests, NULL, NULL);
}
