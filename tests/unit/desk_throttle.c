/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/throttle: who guesses is slowed where they guess, and nobody is locked
 * out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/start.h"
#include "desk/throttle.h"

#define HERE      bytes_str("here")
#define ELSEWHERE bytes_str("elsewhere")
#define SOK       bytes_str("sok")
#define DARA      bytes_str("dara")

static uint64_t now_ms = 5000;

static struct throttle *make(void)
{
	struct throttle *throttle = NULL;

	assert_int_equal(crypto_start(), TL_OK);
	assert_int_equal(throttle_new(&throttle), TL_OK);
	return throttle;
}

static void wrong_times(struct throttle *throttle, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		throttle_wrong(throttle, SOK, HERE, now_ms);
	}
}

static void delays_grow_up_to_ten_seconds_and_end_by_themselves(void **state)
{
	static const uint64_t want_s[] = { 0, 0, 0, 1, 2, 4, 8, 10, 10 };
	struct throttle *throttle = make();

	(void)state;
	for (size_t i = 0; i < sizeof(want_s) / sizeof(want_s[0]); i++) {
		assert_int_equal(throttle_wait_ms(throttle, SOK, HERE, now_ms),
		    want_s[i] * 1000);
		throttle_wrong(throttle, SOK, HERE, now_ms);
	}
	wrong_times(throttle, 5000);
	assert_int_equal(
	    throttle_wait_ms(throttle, SOK, HERE, now_ms), THROTTLE_MAX_MS);
	now_ms += THROTTLE_MAX_MS - 1;
	assert_int_equal(throttle_wait_ms(throttle, SOK, HERE, now_ms), 1);
	now_ms++;
	assert_int_equal(throttle_wait_ms(throttle, SOK, HERE, now_ms), 0);
	/* and after half an hour all is as at first */
	now_ms += THROTTLE_FORGET_MS;
	wrong_times(throttle, THROTTLE_FREE - 1);
	assert_int_equal(throttle_wait_ms(throttle, SOK, HERE, now_ms), 0);
	throttle_free(throttle);
	throttle_free(NULL);
}

static void nobody_else_and_nowhere_else_is_slowed(void **state)
{
	struct throttle *throttle = make();

	(void)state;
	wrong_times(throttle, 100);
	assert_true(throttle_wait_ms(throttle, SOK, HERE, now_ms) > 0);
	assert_int_equal(throttle_wait_ms(throttle, DARA, HERE, now_ms), 0);
	assert_int_equal(throttle_wait_ms(throttle, SOK, ELSEWHERE, now_ms), 0);
	assert_int_equal(throttle_wait_ms(throttle, bytes_str("sokh"),
			     bytes_str("ere"), now_ms),
	    0);
	throttle_free(throttle);
}

static void a_right_try_forgets_the_wrong_ones(void **state)
{
	struct throttle *throttle = make();

	(void)state;
	wrong_times(throttle, 5);
	throttle_right(throttle, SOK, HERE);
	throttle_right(throttle, DARA, HERE);
	assert_int_equal(throttle_wait_ms(throttle, SOK, HERE, now_ms), 0);
	throttle_free(throttle);
}

static void a_flood_of_names_finds_bounded_memory(void **state)
{
	struct throttle *throttle = make();
	char name[16];

	(void)state;
	for (unsigned i = 0; i < 3 * THROTTLE_PAIRS; i++) {
		now_ms++;
		(void)snprintf(name, sizeof(name), "n%u", i);
		throttle_wrong(throttle, bytes_str(name), HERE, now_ms);
	}
	/* who is wrong now is known, whatever came before */
	wrong_times(throttle, 4);
	assert_int_equal(throttle_wait_ms(throttle, SOK, HERE, now_ms), 2000);
	throttle_free(throttle);
}

static void a_flood_of_names_slows_strangers_and_ends(void **state)
{
	struct throttle *throttle = make();

	(void)state;
	for (unsigned i = 0; i < THROTTLE_STRANGERS; i++) {
		throttle_stranger_wrong(throttle, now_ms);
		assert_int_equal(
		    throttle_strangers_wait_ms(throttle, now_ms), 0);
	}
	throttle_stranger_wrong(throttle, now_ms);
	assert_int_equal(
	    throttle_strangers_wait_ms(throttle, now_ms), THROTTLE_STRANGER_MS);
	assert_int_equal(throttle_wait_ms(throttle, SOK, HERE, now_ms), 0);
	now_ms += THROTTLE_STRANGER_MS;
	assert_int_equal(throttle_strangers_wait_ms(throttle, now_ms), 0);
	now_ms += UINT64_C(1000) * THROTTLE_STRANGER_MS;
	throttle_stranger_wrong(throttle, now_ms);
	assert_int_equal(throttle_strangers_wait_ms(throttle, now_ms), 0);
	throttle_free(throttle);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    delays_grow_up_to_ten_seconds_and_end_by_themselves),
		cmocka_unit_test(nobody_else_and_nowhere_else_is_slowed),
		cmocka_unit_test(a_right_try_forgets_the_wrong_ones),
		cmocka_unit_test(a_flood_of_names_finds_bounded_memory),
		cmocka_unit_test(a_flood_of_names_slows_strangers_and_ends),
	};

	return cmocka_run_group_tests_name("desk/throttle", tests, NULL, NULL);
}
