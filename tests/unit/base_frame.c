/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * base/frame: what one process may say to another. The one that speaks may
 * have been taken over, so nothing it says is trusted.
 */
#include "base/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rd.h"

/* length 5, type KEPT, zero, body */
static const uint8_t good[] = { 0, 0, 0, 5, 0, 2, 0, 0, 0, 0, 0, 9, 1 };

static void a_good_frame_is_read(void **state)
{
	struct frame frame = { .type = 99 };

	(void)state;
	assert_int_equal(
	    frame_get(good, sizeof(good), FRAME_FROM_SPOOL, &frame), TL_OK);
	assert_int_equal(frame.type, FRAME_KEPT);
	assert_int_equal(frame.body_len, 5);
	assert_memory_equal(frame.body, "\0\0\0\x09\x01", 5);
}

static void every_cut_waits_and_writes_nothing(void **state)
{
	(void)state;
	for (size_t len = 0; len < sizeof(good); len++) {
		/* an exact heap copy, so that ASan sees one byte too many */
		uint8_t *cut = malloc(len > 0 ? len : 1);
		struct frame frame = { .type = 99 };

		assert_non_null(cut);
		memcpy(cut, good, len);
		assert_int_equal(
		    frame_get(cut, len, FRAME_FROM_SPOOL, &frame), TL_EAGAIN);
		assert_int_equal(frame.type, 99);
		free(cut);
	}
}

static void a_worker_cannot_speak_for_the_spooler(void **state)
{
	struct frame frame = { .type = 99 };

	(void)state;
	assert_int_equal(
	    frame_get(good, sizeof(good), FRAME_FROM_WORKER, &frame),
	    TL_EFORMAT);
	assert_int_equal(frame.type, 99);
}

static void a_giant_length_is_refused_before_its_bytes(void **state)
{
	static const uint8_t giant[] = { 0xff, 0xff, 0xff, 0xff, 0, 1, 0, 0 };
	static const uint8_t one_over[] = { 0, 0, 0, 6, 0, 2, 0, 0 };
	struct frame frame = { 0 };

	(void)state;
	assert_int_equal(
	    frame_get(giant, sizeof(giant), FRAME_FROM_WORKER, &frame),
	    TL_EFORMAT);
	assert_int_equal(
	    frame_get(one_over, sizeof(one_over), FRAME_FROM_SPOOL, &frame),
	    TL_EFORMAT);
}

static void every_flipped_bit_of_the_head_stays_in_bounds(void **state)
{
	(void)state;
	for (size_t bit = 0; bit < 8 * FRAME_HEAD_BYTES; bit++) {
		uint8_t flipped[sizeof(good)];
		struct frame frame = { .type = 99 };

		memcpy(flipped, good, sizeof(good));
		flipped[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (frame_get(flipped, sizeof(flipped), FRAME_FROM_SPOOL,
			&frame) == TL_OK) {
			/* a shorter length, or another type of the sender */
			assert_true(
			    frame.body_len < 5 || frame.type != FRAME_KEPT);
			assert_true(
			    frame.body_len <= frame_max_bytes(frame.type));
		}
	}
}

static void what_is_put_is_got(void **state)
{
	struct frame frame = { 0 };
	struct buf out;

	(void)state;
	buf_init(&out, 100);
	frame_put(&out, FRAME_TAKE, "\x01\x02", 2);
	frame_put(&out, FRAME_UNLEND, NULL, 0);
	assert_int_equal(
	    frame_get(out.data, out.len, FRAME_FROM_RELAY, &frame), TL_OK);
	assert_int_equal(frame.type, FRAME_TAKE);
	assert_memory_equal(frame.body, "\x01\x02", 2);
	buf_drop(&out, FRAME_HEAD_BYTES + frame.body_len);
	assert_int_equal(
	    frame_get(out.data, out.len, FRAME_FROM_RELAY, &frame), TL_OK);
	assert_int_equal(frame.type, FRAME_UNLEND);
	assert_int_equal(frame.body_len, 0);
	buf_free(&out);
}

static void each_type_has_one_row_and_a_bound(void **state)
{
#define ROW(name, number, from, max) { (number), (max) },
	static const struct {
		uint16_t type;
		size_t max;
	} rows[] = { FRAME_TYPES(ROW) };
#undef ROW

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(rows[i].max <= FRAME_BATCH_BYTES);
		assert_int_equal(frame_max_bytes(rows[i].type), rows[i].max);
		for (size_t k = 0; k < i; k++) {
			assert_int_not_equal(rows[i].type, rows[k].type);
		}
	}
	assert_int_equal(frame_max_bytes(9999), 0);
}

static void a_cursor_never_leaves_its_bytes(void **state)
{
	uint8_t copy[4] = { 9, 9, 9, 9 };
	struct rd rd = rd_of("\x01\x02\x03", 3);

	(void)state;
	assert_int_equal(rd_u16(&rd), 0x0102);
	assert_int_equal(rd_u16(&rd), 0);
	assert_false(rd_ok(&rd));
	assert_int_equal(rd_u8(&rd), 0);
	rd_copy(&rd, copy, 4);
	assert_memory_equal(copy, "\0\0\0\0", 4);
	rd = rd_of("\x01\x02\x03\x04\x05\x06\x07\x08\x09", 9);
	assert_true(rd_u64(&rd) == UINT64_C(0x0102030405060708));
	assert_false(rd_done(&rd));
	assert_int_equal(rd_u8(&rd), 9);
	rd_copy(&rd, copy, 0);
	assert_true(rd_done(&rd));
	assert_null(rd_bytes(&rd, SIZE_MAX));
	copy[0] = 9;
	rd_copy(&rd, copy, 0);
	assert_int_equal(copy[0], 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_frame_is_read),
		cmocka_unit_test(every_cut_waits_and_writes_nothing),
		cmocka_unit_test(a_worker_cannot_speak_for_the_spooler),
		cmocka_unit_test(a_giant_length_is_refused_before_its_bytes),
		cmocka_unit_test(every_flipped_bit_of_the_head_stays_in_bounds),
		cmocka_unit_test(what_is_put_is_got),
		cmocka_unit_test(each_type_has_one_row_and_a_bound),
		cmocka_unit_test(a_cursor_never_leaves_its_bytes),
	};

	return cmocka_run_group_tests_name("base/frame", tests, NULL, NULL);
}
