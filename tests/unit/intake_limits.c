/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/intake/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sms/adapter.h"

#define WORKERS_MAX 256u /* of the option */

static struct net_limits limits_with(unsigned workers)
{
	const struct config_intake intake = {
		.workers = workers,
		.max_connections = 8192,
	};

	return limits_of_worker(&intake);
}

static void whatever_a_gateway_may_send_a_worker_has_room_for(void **state)
{
	(void)state;
	for (unsigned workers = 0; workers <= WORKERS_MAX; workers++) {
		const struct net_limits limits = limits_with(workers);

		for (size_t i = 0; i < sms_adapters_count; i++) {
			/* and for another one */
			assert_true(limits.bodies_max_bytes >=
			    2 * sms_adapters[i]->body_max_bytes);
		}
	}
}

/* As OPERATIONS.md has it, for who sets MemoryMax=. */
static void up_to_32_workers_have_together_what_one_has(void **state)
{
	const size_t all = limits_with(1).bodies_max_bytes;

	(void)state;
	assert_int_equal(all, 256u * 1024u * 1024u);
	assert_int_equal(limits_with(0).bodies_max_bytes, all);
	for (unsigned workers = 1; workers <= 32; workers++) {
		assert_true(
		    workers * limits_with(workers).bodies_max_bytes <= all);
	}
	for (unsigned workers = 32; workers <= WORKERS_MAX; workers++) {
		assert_int_equal(
		    limits_with(workers).bodies_max_bytes, 8u * 1024u * 1024u);
	}
}

static void connections_are_shared_as_far_as_there_are_descriptors(void **state)
{
	(void)state;
	assert_int_equal(limits_with(16).connections, 512);
	assert_int_equal(limits_with(WORKERS_MAX).connections, 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    whatever_a_gateway_may_send_a_worker_has_room_for),
		cmocka_unit_test(up_to_32_workers_have_together_what_one_has),
		cmocka_unit_test(
		    connections_are_shared_as_far_as_there_are_descriptors),
	};

	return cmocka_run_group_tests_name("intake/limits", tests, NULL, NULL);
}
