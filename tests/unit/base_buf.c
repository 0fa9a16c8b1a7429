/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * base/buf: bytes that never grow beyond what was said at their birth.
 */
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void what_is_put_is_there_in_order(void **state)
{
	static const char want[] = "ab\x07\x01\x02\x01\x02\x03\x04"
				   "\x01\x02\x03\x04\x05\x06\x07\x08"
				   "18446744073709551615"
				   "0\0";
	struct buf buf;

	(void)state;
	buf_init(&buf, 1000);
	buf_put_str(&buf, "ab");
	buf_put_u8(&buf, 7);
	buf_put_u16(&buf, 0x0102);
	buf_put_u32(&buf, 0x01020304);
	buf_put_u64(&buf, UINT64_C(0x0102030405060708));
	buf_put_dec(&buf, UINT64_MAX);
	buf_put_dec(&buf, 0);
	buf_put_zeros(&buf, 2);
	assert_int_equal(buf_err(&buf), TL_OK);
	assert_int_equal(buf.len, sizeof(want));
	assert_memory_equal(buf.data, want, sizeof(want));
	buf_free(&buf);
}

static void the_maximum_holds_and_the_error_sticks(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 4);
	buf_put_u32(&buf, 1);
	assert_int_equal(buf_err(&buf), TL_OK);
	buf_put_u8(&buf, 1);
	assert_int_equal(buf_err(&buf), TL_ETOOBIG);
	buf_put_u8(&buf, 1);
	assert_int_equal(buf.len, 4);
	assert_null(buf_room(&buf, 0));
	buf_reset(&buf);
	assert_int_equal(buf_err(&buf), TL_OK);
	assert_int_equal(buf.len, 0);
	assert_null(buf_room(&buf, SIZE_MAX));
	assert_int_equal(buf_err(&buf), TL_ETOOBIG);
	buf_free(&buf);
}

static void growing_keeps_the_bytes(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 100000);
	for (uint32_t i = 0; i < 25000; i++) {
		buf_put_u32(&buf, i);
	}
	assert_int_equal(buf_err(&buf), TL_OK);
	assert_int_equal(buf.len, 100000);
	assert_int_equal(buf.cap, 100000);
	for (size_t i = 0; i < 25000; i++) {
		assert_int_equal(buf.data[4 * i + 2], i >> 8 & 255);
		assert_int_equal(buf.data[4 * i + 3], i & 255);
	}
	buf_free(&buf);
}

static void dropping_moves_down_and_wipes_behind(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 100);
	buf_put_str(&buf, "secret!");
	buf_drop(&buf, 0);
	buf_drop(&buf, 3);
	assert_int_equal(buf.len, 4);
	assert_memory_equal(buf.data, "ret!\0\0\0", 7);
	buf_reset(&buf);
	assert_memory_equal(buf.data, "\0\0\0\0\0\0\0", 7);
	buf_free(&buf);
	assert_null(buf.data);
	assert_int_equal(buf.max, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_is_there_in_order),
		cmocka_unit_test(the_maximum_holds_and_the_error_sticks),
		cmocka_unit_test(growing_keeps_the_bytes),
		cmocka_unit_test(dropping_moves_down_and_wipes_behind),
	};

	return cmocka_run_group_tests_name("base/buf", tests, NULL, NULL);
}
