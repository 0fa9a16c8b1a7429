/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/ticket: a stranger carries it. What was changed, is over or was
 * never ours is no place in the queue, and work is work.
 */
#include "server/intake/ticket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW_S INT64_C(1800000000)

static const uint8_t key[32] = { 1, 2, 3 };
static const struct ticket some = {
	.kind = 1,
	.ready_s = NOW_S + 20,
	.bits = 8,
	.is_late = true,
};

static void what_was_sealed_comes_back(void **unused)
{
	char text[TICKET_TEXT_BYTES], other[TICKET_TEXT_BYTES];
	struct ticket out = { 0 };

	(void)unused;
	ticket_seal(key, &some, text);
	assert_int_equal(ticket_open(key, NOW_S, bytes_str(text), &out), TL_OK);
	assert_int_equal(out.kind, some.kind);
	assert_int_equal(out.ready_s, some.ready_s);
	assert_int_equal(out.bits, some.bits);
	assert_true(out.is_late);
	ticket_seal(key, &some, other);
	assert_int_equal(strlen(text), strlen(other));
	assert_string_not_equal(text, other);
}

static void it_is_over_ten_minutes_after_its_time(void **unused)
{
	char text[TICKET_TEXT_BYTES];
	struct ticket out;

	(void)unused;
	ticket_seal(key, &some, text);
	assert_int_equal(ticket_open(key, some.ready_s + TICKET_LASTS_S,
			     bytes_str(text), &out),
	    TL_OK);
	assert_int_equal(ticket_open(key, some.ready_s + TICKET_LASTS_S + 1,
			     bytes_str(text), &out),
	    TL_EPROOF);
}

static void every_cut_and_every_changed_letter_is_refused(void **unused)
{
	static const uint8_t other_key[32] = { 1, 2, 4 };
	char text[TICKET_TEXT_BYTES];
	struct ticket out;
	size_t len;

	(void)unused;
	ticket_seal(key, &some, text);
	len = strlen(text);
	for (size_t i = 0; i < len; i++) {
		char was = text[i];

		assert_int_not_equal(
		    ticket_open(key, NOW_S, bytes_of(text, i), &out), TL_OK);
		text[i] = was == 'A' ? 'B' : 'A';
		assert_int_not_equal(
		    ticket_open(key, NOW_S, bytes_of(text, len), &out), TL_OK);
		text[i] = was;
	}
	assert_int_equal(
	    ticket_open(other_key, NOW_S, bytes_of(text, len), &out),
	    TL_EPROOF);
	assert_int_equal(
	    ticket_open(key, NOW_S, bytes_of(NULL, 0), &out), TL_EFORMAT);
}

static void a_number_that_took_work_is_known_from_others(void **unused)
{
	static const struct bytes text = { .at = (const uint8_t *)"ticket",
		.len = 6 };
	struct ticket easy = { .bits = 8 };
	struct ticket hard = { .bits = TICKET_BITS_MAX };
	char number[24];
	unsigned found = 0, tried = 20000;

	(void)unused;
	for (unsigned i = 0; i < tried; i++) {
		(void)snprintf(number, sizeof(number), "%u", i);
		found += ticket_is_worked(&easy, text, bytes_str(number));
		assert_false(ticket_is_worked(&hard, text, bytes_str(number)));
	}
	/* one of 256, by chance; far from it is no chance */
	assert_in_range(found, tried / 512, tried / 128);
	assert_false(ticket_is_worked(&easy, text, bytes_of(NULL, 0)));
	assert_false(ticket_is_worked(
	    &easy, text, bytes_str("00000000000000000000000001")));
}

/* As a browser counts: printf ticket:970 | sha256sum begins with zeros. */
static void the_bits_are_those_of_sha256(void **unused)
{
	static const struct bytes text = { .at = (const uint8_t *)"ticket",
		.len = 6 };
	const struct ticket none = { .bits = 0 };
	const struct ticket nine = { .bits = 9 };
	const struct ticket ten = { .bits = 10 };

	(void)unused;
	assert_true(ticket_is_worked(&none, text, bytes_str("1")));
	assert_true(ticket_is_worked(&nine, text, bytes_str("970")));
	assert_false(ticket_is_worked(&ten, text, bytes_str("970")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_sealed_comes_back),
		cmocka_unit_test(it_is_over_ten_minutes_after_its_time),
		cmocka_unit_test(every_cut_and_every_changed_letter_is_refused),
		cmocka_unit_test(a_number_that_took_work_is_known_from_others),
		cmocka_unit_test(the_bits_are_those_of_sha256),
	};

	return cmocka_run_group_tests_name("intake_ticket", tests, NULL, NULL);
}
