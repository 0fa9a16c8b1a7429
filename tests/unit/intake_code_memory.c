/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/code_memory and code_pool: a form keeps its code for its
 * time, no code is handed out twice, and nothing grows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/start.h"
#include "server/intake/code_memory.h"
#include "server/intake/code_pool.h"

#define ROOM    8u
#define LIFE_MS 1000u

static struct code_memory *memory;

/* Three buckets for all. */
static uint8_t *key_of(unsigned n)
{
	static uint8_t key[CODE_MEMORY_KEY_BYTES];

	memset(key, 0, sizeof(key));
	key[15] = (uint8_t)n;
	key[14] = (uint8_t)(n >> 8);
	key[1] = (uint8_t)(n % 3);
	return key;
}

static struct code code_of(unsigned n)
{
	struct code code = { .digits = "12345", .mailbox = { 1 } };

	code.mailbox[15] = (uint8_t)n;
	code.mailbox[14] = (uint8_t)(n >> 8);
	return code;
}

static void add(unsigned n, uint64_t now_ms)
{
	const struct code code = code_of(n);

	code_memory_add(memory, key_of(n), &code, now_ms);
}

static bool has(unsigned n, bool *ret_kept)
{
	struct code expected = code_of(n), found;

	if (!code_memory_find(memory, key_of(n), &found, ret_kept)) {
		return false;
	}
	assert_memory_equal(&found, &expected, sizeof(found));
	return true;
}

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(crypto_start(), TL_OK);
	memory = code_memory_new(ROOM, LIFE_MS);
	assert_non_null(memory);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	code_memory_free(memory);
	return 0;
}

static void a_form_finds_its_code_and_no_other(void **state)
{
	bool kept;

	(void)state;
	assert_false(has(1, &kept));
	add(1, 0);
	add(4, 0); /* the same bucket */
	assert_true(has(1, &kept));
	assert_false(kept);
	assert_true(has(4, &kept));
	assert_false(has(7, &kept));
}

static void the_oldest_makes_room(void **state)
{
	bool kept;

	(void)state;
	for (unsigned n = 0; n < 1000; n++) {
		add(n, n);
		for (unsigned back = 0; back <= n && back < 2 * ROOM; back++) {
			assert_int_equal(has(n - back, &kept), back < ROOM);
		}
	}
}

static void an_entry_is_over_after_its_time(void **state)
{
	bool kept;

	(void)state;
	assert_int_equal(code_memory_expire(memory, 0), 0);
	add(1, 100);
	add(2, 200);
	assert_int_equal(code_memory_expire(memory, 100), 1100);
	assert_int_equal(code_memory_expire(memory, 1099), 1100);
	assert_true(has(1, &kept));
	assert_int_equal(code_memory_expire(memory, 1100), 1200);
	assert_false(has(1, &kept));
	assert_true(has(2, &kept));
	assert_int_equal(code_memory_expire(memory, 5000), 0);
	assert_false(has(2, &kept));
}

static void only_the_code_that_it_has_becomes_kept(void **state)
{
	bool kept = true;

	(void)state;
	add(1, 0);
	code_memory_kept(memory, key_of(2), code_of(2).mailbox);
	code_memory_kept(memory, key_of(1), code_of(2).mailbox);
	assert_true(has(1, &kept));
	assert_false(kept);
	code_memory_kept(memory, key_of(1), code_of(1).mailbox);
	assert_true(has(1, &kept));
	assert_true(kept);
}

static void a_place_that_is_used_again_is_not_kept(void **state)
{
	bool kept = true;

	(void)state;
	add(0, 0);
	code_memory_kept(memory, key_of(0), code_of(0).mailbox);
	for (unsigned n = 1; n <= ROOM; n++) {
		add(n, 0);
	}
	assert_true(has(ROOM, &kept)); /* where 0 was */
	assert_false(kept);
}

static void the_pool_hands_out_each_code_once(void **state)
{
	struct code_pool *pool = code_pool_new(3);
	unsigned seen = 0;
	struct code code;

	(void)state;
	assert_non_null(pool);
	assert_false(code_pool_take(pool, &code));
	for (unsigned n = 0; n < 3; n++) {
		assert_false(code_pool_is_full(pool));
		code = code_of(n);
		code_pool_put(pool, &code);
	}
	assert_true(code_pool_is_full(pool));
	while (code_pool_take(pool, &code)) {
		seen |= 1u << code.mailbox[15];
		assert_false(code_pool_is_full(pool));
	}
	assert_int_equal(seen, 7);
	code_pool_free(pool);
}

static void a_pool_of_no_size_is_full_and_empty(void **state)
{
	struct code_pool *pool = code_pool_new(0);
	struct code code;

	(void)state;
	assert_true(code_pool_is_full(pool));
	assert_false(code_pool_take(pool, &code));
	code_pool_free(pool);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_form_finds_its_code_and_no_other),
		TEST(the_oldest_makes_room),
		TEST(an_entry_is_over_after_its_time),
		TEST(only_the_code_that_it_has_becomes_kept),
		TEST(a_place_that_is_used_again_is_not_kept),
		TEST(the_pool_hands_out_each_code_once),
		TEST(a_pool_of_no_size_is_full_and_empty),
	};

	return cmocka_run_group_tests_name(
	    "intake/code_memory", tests, NULL, NULL);
}
