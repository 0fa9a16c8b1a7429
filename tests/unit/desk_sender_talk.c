/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/sender_talk: what is put is read back; every cut and every byte more is
 * refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "desk/sender_talk.h"

static struct buf body;

static int set_up(void **state)
{
	(void)state;
	buf_init(&body, 4096);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_free(&body);
	return 0;
}

static struct frame cut(size_t len)
{
	return (struct frame){ .body = body.data, .body_len = len };
}

static void a_text_is_read_as_it_was_put(void **state)
{
	const struct sender_sms sms = { .req = 7,
		.gateway = 3,
		.to = bytes_str("+85512345678"),
		.text = bytes_str("សួស្តី") };
	struct sender_sms read;
	struct frame frame;

	(void)state;
	sender_put_sms(&body, &sms);
	frame = cut(body.len);
	assert_int_equal(sender_read_sms(&frame, &read), TL_OK);
	assert_int_equal(read.req, 7);
	assert_int_equal(read.gateway, 3);
	assert_true(bytes_equal(read.to, sms.to));
	assert_true(bytes_equal(read.text, sms.text));
	/* without a text it is none */
	for (size_t len = 0; len <= 6 + sms.to.len; len++) {
		frame = cut(len);
		assert_int_equal(sender_read_sms(&frame, &read), TL_EFORMAT);
	}
	buf_put_zeros(&body, SEND_TEXT_MAX_BYTES);
	frame = cut(body.len);
	assert_int_equal(sender_read_sms(&frame, &read), TL_EFORMAT);
	assert_true(6 + SENDER_NUMBER_MAX_BYTES + SEND_TEXT_MAX_BYTES <=
	    frame_max_bytes(FRAME_SENDER_SMS));
}

static void a_long_number_is_refused(void **state)
{
	const struct sender_sms sms = { .to = bytes_str("+1234567890123456"),
		.text = bytes_str("x") };
	struct sender_sms read;
	struct frame frame;

	(void)state;
	sender_put_sms(&body, &sms);
	frame = cut(body.len);
	assert_int_equal(sender_read_sms(&frame, &read), TL_EFORMAT);
}

static void an_alarm_is_read_as_it_was_put(void **state)
{
	struct sender_alarm alarm = { .req = 9,
		.way = SENDER_COMMAND,
		.alarm = { .what = ALARM_LATE,
		    .priority = 1,
		    .level = ALARM_PHONE_TREE,
		    .count = 70000,
		    .late_s = 601,
		    .has_id = true,
		    .id = { 1, 2, 3 } } };
	struct sender_alarm read;

	(void)state;
	for (int with_id = 1; with_id >= 0; with_id--) {
		struct frame frame;

		buf_reset(&body);
		alarm.alarm.has_id = with_id != 0;
		sender_put_alarm(&body, &alarm);
		frame = cut(body.len);
		assert_int_equal(sender_read_alarm(&frame, &read), TL_OK);
		assert_int_equal(read.req, 9);
		assert_int_equal(read.way, SENDER_COMMAND);
		assert_int_equal(read.alarm.level, ALARM_PHONE_TREE);
		assert_int_equal(read.alarm.count, 70000);
		assert_int_equal(read.alarm.late_s, 601);
		assert_int_equal(read.alarm.has_id, with_id);
		assert_int_equal(read.alarm.id[2], with_id != 0 ? 3 : 0);
		for (size_t len = 0; len < body.len; len++) {
			if (with_id == 0 || len != body.len - ALARM_ID_BYTES) {
				frame = cut(len);
				assert_int_equal(
				    sender_read_alarm(&frame, &read),
				    TL_EFORMAT);
			}
		}
	}
}

/* Numbers that no word has. */
static void an_alarm_of_no_kind_is_refused(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} rows[] = { { 4, 0 }, { 4, 3 }, { 5, 0 }, { 5, ALARM_WHAT_MAX + 1 },
		{ 6, 5 }, { 7, 0 }, { 7, 5 } };
	const struct sender_alarm alarm = { .way = SENDER_WEBHOOK,
		.alarm = { .what = ALARM_TEST, .level = ALARM_NOTICE } };
	struct sender_alarm read;
	struct frame frame;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&body);
		sender_put_alarm(&body, &alarm);
		frame = cut(body.len);
		assert_int_equal(sender_read_alarm(&frame, &read), TL_OK);
		body.data[rows[i].at] = rows[i].value;
		assert_int_equal(sender_read_alarm(&frame, &read), TL_EFORMAT);
	}
}

static void an_outcome_is_read_as_it_was_put(void **state)
{
	const struct sender_said said = { .req = 5,
		.said = SEND_UNKNOWN,
		.status = 500,
		.id = bytes_str("SM1") };
	struct sender_said read;
	struct frame frame;

	(void)state;
	sender_put_said(&body, &said);
	frame = cut(body.len);
	assert_int_equal(sender_read_said(&frame, &read), TL_OK);
	assert_int_equal(read.req, 5);
	assert_int_equal(read.said, SEND_UNKNOWN);
	assert_int_equal(read.status, 500);
	assert_true(bytes_equal(read.id, said.id));
	for (size_t len = 0; len < 7; len++) {
		frame = cut(len);
		assert_int_equal(sender_read_said(&frame, &read), TL_EFORMAT);
	}
	body.data[4] = SEND_UNKNOWN + 1;
	frame = cut(body.len);
	assert_int_equal(sender_read_said(&frame, &read), TL_EFORMAT);
	body.data[4] = 0;
	buf_put_zeros(&body, SEND_ID_MAX_BYTES);
	frame = cut(body.len);
	assert_int_equal(sender_read_said(&frame, &read), TL_EFORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_text_is_read_as_it_was_put, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_long_number_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    an_alarm_is_read_as_it_was_put, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    an_alarm_of_no_kind_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    an_outcome_is_read_as_it_was_put, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
