/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/thread: one name for one sender, for a while.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the three first */
#include <cmocka.h>

#include "base/enc.h"
#include "crypto/start.h"
#include "sms/thread.h"

#define T0 (INT64_C(231) * THREAD_PERIOD_S)

static const uint8_t key[32] = { 1, 2, 3 };

/* The name of a sender; number is "" if it is not sure. */
static struct thread name(
    const char *gateway, const char *from, const char *number, int64_t now_s)
{
	const struct sms_gateway where = { .name = gateway };
	const struct sms_message message = {
		.from = bytes_str(number[0] != '\0' ? number : from),
		.from_e164 = bytes_str(number),
	};
	struct thread thread = { .now = { 0 } };

	assert_true(thread_of(key, &where, &message, now_s, &thread));
	return thread;
}

static bool same(struct thread a, struct thread b)
{
	return memcmp(a.now, b.now, THREAD_BYTES) == 0;
}

static void a_number_has_one_name_at_every_gateway(void **state)
{
	struct thread mine = name("g1", "012345678", "+85512345678", T0);

	(void)state;
	assert_true(same(mine, name("g2", "+85512345678", "+85512345678", T0)));
	assert_false(same(mine, name("g1", "x", "+85512345679", T0)));
}

static void what_may_be_any_number_is_of_its_gateway(void **state)
{
	struct thread mine = name("g1", "012345678", "", T0);

	(void)state;
	assert_true(same(mine, name("g1", "012345678", "", T0 + 1)));
	assert_false(same(mine, name("g2", "012345678", "", T0)));
	assert_false(same(name("g1", "PROMO", "", T0), mine));
}

static void the_name_changes_and_the_last_one_is_told(void **state)
{
	int64_t end = T0 + THREAD_PERIOD_S;
	struct thread first = name("g1", "", "+85512345678", end - 1);
	struct thread then = name("g1", "", "+85512345678", end);
	struct thread later =
	    name("g1", "", "+85512345678", end + THREAD_PERIOD_S);

	(void)state;
	assert_true(same(first, name("g1", "", "+85512345678", T0)));
	assert_false(same(first, then));
	assert_memory_equal(then.before, first.now, THREAD_BYTES);
	/* two periods apart nothing connects them */
	assert_memory_not_equal(later.before, first.now, THREAD_BYTES);
	assert_false(same(later, first));
}

static void without_a_sender_there_is_none(void **state)
{
	const struct sms_gateway where = { .name = "g1" };
	const struct sms_message message = { .channel = "sms" };
	struct thread thread;

	(void)state;
	assert_false(thread_of(key, &where, &message, T0, &thread));
}

/* The example of docs/FORMAT.md. */
static void the_example_of_the_format_holds(void **state)
{
	struct thread thread =
	    name("g1", "", "+85512345678", INT64_C(1795300000));
	struct buf hex;

	(void)state;
	buf_init(&hex, 64);
	enc_hex(&hex, thread.now, THREAD_BYTES);
	assert_memory_equal(hex.data, "c5fd34b43e2eb99ab298cb266bf29d92", 32);
	buf_free(&hex);
}

static int setup(void **state)
{
	(void)state;
	return crypto_start() == TL_OK ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_has_one_name_at_every_gateway),
		cmocka_unit_test(what_may_be_any_number_is_of_its_gateway),
		cmocka_unit_test(the_name_changes_and_the_last_one_is_told),
		cmocka_unit_test(without_a_sender_there_is_none),
		cmocka_unit_test(the_example_of_the_format_holds),
	};

	return cmocka_run_group_tests_name("sms/thread", tests, setup, NULL);
}
