/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* base/clock: the real clocks, and those that a test has set. */
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

static int64_t exactly_s(void)
{
	struct timespec now;

	assert_int_equal(clock_gettime(CLOCK_REALTIME, &now), 0);
	return (int64_t)now.tv_sec;
}

/* A code of the second factor is good from the first moment of its time on. */
static void a_second_has_begun_when_it_has(void **state)
{
	int64_t before = exactly_s();

	(void)state;
	while (exactly_s() == before) {
	}
	assert_true(clock_wall_s() > before);
}

static void set_clocks_stand_still(void **state)
{
	(void)state;
	clock_set(1234, 5678);
	assert_int_equal(clock_wall_s(), 1234);
	assert_int_equal(clock_mono_ms(), 5678);
	assert_int_equal(clock_boot_ms(), 5678);
	clock_unset();
	assert_true(clock_wall_s() > 1234);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_second_has_begun_when_it_has),
		cmocka_unit_test(set_clocks_stand_still),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
