/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/store_talk: what is put is read back; every cut and every byte more is
 * refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "desk/store_talk.h"

static struct buf body;

static int set_up(void **state)
{
	(void)state;
	buf_init(&body, FRAME_EVENT_BYTES);
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

static const struct store_do change = {
	.req = 7,
	.id = { 1, 2, 3 },
	.event = CASE_DO_LINK,
	.version = 9,
	.priority = 2,
	.supervisor = true,
	.has_target = true,
	.has_reason = true,
	.passed = CASE_PASSED_GATE,
	.target = { 4, 5 },
	.who = "sok",
	.second = "dara",
	.sealed = { (const uint8_t *)"sealed", 6 },
};

static const struct case_record event = {
	.event_id = { 9 },
	.id = { 8 },
	.event = CASE_DO_CLAIM,
	.now = { .version = 3,
	    .state = CASE_CLAIMED,
	    .priority = 1,
	    .owner = "sok",
	    .until_ms = 77 },
};

static void a_change_is_read_as_it_was_put(void **state)
{
	struct store_do read;
	struct frame frame;

	(void)state;
	store_put_do(&body, &change);
	assert_int_equal(buf_err(&body), TL_OK);
	frame = cut(body.len);
	assert_int_equal(store_read_do(&frame, &read), TL_OK);
	assert_int_equal(read.req, 7);
	assert_int_equal(read.event, CASE_DO_LINK);
	assert_int_equal(read.version, 9);
	assert_int_equal(read.priority, 2);
	assert_true(read.supervisor && read.has_target && read.has_reason);
	assert_int_equal(read.passed, CASE_PASSED_GATE);
	assert_memory_equal(read.target, change.target, CASE_ID_BYTES);
	assert_string_equal(read.who, "sok");
	assert_string_equal(read.second, "dara");
	assert_true(bytes_equal(read.sealed, change.sealed));
	/* all in front of what is sealed has to be there */
	for (size_t len = 0; len < body.len - change.sealed.len; len++) {
		frame = cut(len);
		assert_int_equal(store_read_do(&frame, &read), TL_EFORMAT);
	}
}

static void a_change_out_of_bounds_is_refused(void **state)
{
	static const struct {
		size_t at;
		uint8_t byte;
	} bad[] = {
		{ 20, 0 },                   /* no event */
		{ 20, CASE_EVENT_MAX + 1 },  /* none of ours */
		{ 29, CASE_PRIORITIES + 1 }, /* no priority */
		{ 30, 16 },                  /* no flag */
		{ 34, 1 },                   /* no check */
		{ 51, 33 },                  /* a name that is too long */
		{ 52, 'S' },                 /* no name */
	};
	struct store_do read;
	struct frame frame;

	(void)state;
	store_put_do(&body, &change);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint8_t was = body.data[bad[i].at];

		body.data[bad[i].at] = bad[i].byte;
		frame = cut(body.len);
		assert_int_equal(store_read_do(&frame, &read), TL_EFORMAT);
		body.data[bad[i].at] = was;
	}
	frame = cut(body.len);
	assert_int_equal(store_read_do(&frame, &read), TL_OK);
}

static void an_answer_tells_what_the_case_is_now(void **state)
{
	const struct store_done done = { .req = 5,
		.result = STORE_ANSWERED,
		.why = CASE_NO_HELD,
		.has_now = true,
		.now = event.now };
	struct store_done read;
	struct frame frame;

	(void)state;
	store_put_done(&body, &done);
	frame = cut(body.len);
	assert_int_equal(store_read_done(&frame, &read), TL_OK);
	assert_int_equal(read.why, CASE_NO_HELD);
	assert_true(read.has_now);
	assert_string_equal(read.now.owner, "sok");
	assert_int_equal(read.now.until_ms, 77);
	for (size_t len = 0; len < body.len; len++) {
		frame = cut(len);
		/* six bytes are an answer without a case */
		assert_int_equal(store_read_done(&frame, &read),
		    len == 6 ? TL_OK : TL_EFORMAT);
	}
	frame = cut(6);
	assert_int_equal(store_read_done(&frame, &read), TL_OK);
	assert_false(read.has_now);
}

static void records_cases_and_states_are_read_as_they_were_put(void **state)
{
	const struct store_item items[2] = {
		{ .number = 3, .kind = LEDGER_TIP, .id = { 1 }, .len = 4000 },
		{ .number = 4,
		    .kind = LEDGER_QUARANTINE,
		    .reason = LEDGER_NOT_OURS,
		    .id = { 2 },
		    .len = 12 },
	};
	const struct store_case told = { .is_event = true,
		.touched_ms = 5,
		.called_ms = 6,
		.unseen_ms = 7,
		.decide_ms = 8,
		.record = event };
	const struct store_state said = { .redis = true,
		.redis_ms = 9,
		.records = 8,
		.head = { 7 },
		.room = STORE_ROOM_LOW };
	struct store_item item;
	struct store_case read;
	struct store_state heard;
	struct frame frame;

	(void)state;
	store_put_item(&body, &items[0]);
	store_put_item(&body, &items[1]);
	frame = cut(body.len);
	assert_int_equal(store_read_item(&frame, 1, &item), TL_OK);
	assert_int_equal(item.number, 4);
	assert_int_equal(item.reason, LEDGER_NOT_OURS);
	assert_int_equal(store_read_item(&frame, 2, &item), TL_ENOENT);
	frame = cut(body.len - 1);
	assert_int_equal(store_read_item(&frame, 0, &item), TL_EFORMAT);

	buf_reset(&body);
	store_put_case(&body, &told);
	frame = cut(body.len);
	assert_int_equal(store_read_case(&frame, &read), TL_OK);
	assert_true(read.is_event);
	assert_int_equal(read.touched_ms, 5);
	assert_int_equal(read.called_ms, 6);
	assert_int_equal(read.unseen_ms, 7);
	assert_int_equal(read.decide_ms, 8);
	assert_int_equal(read.record.now.version, 3);
	for (size_t len = 0; len < body.len; len++) {
		frame = cut(len);
		assert_int_equal(store_read_case(&frame, &read), TL_EFORMAT);
	}

	buf_reset(&body);
	store_put_state(&body, &said);
	frame = cut(body.len);
	assert_int_equal(store_read_state(&frame, &heard), TL_OK);
	assert_memory_equal(&heard, &said, sizeof(said));
	for (size_t len = 0; len < body.len; len++) {
		frame = cut(len);
		assert_int_equal(store_read_state(&frame, &heard), TL_EFORMAT);
	}
}

static void a_name_that_is_none_does_not_log_out(void **state)
{
	char who[CASE_OWNER_BYTES];
	struct frame frame;
	uint32_t req;

	(void)state;
	store_put_logout(&body, 1, "sok");
	frame = cut(body.len);
	assert_int_equal(store_read_logout(&frame, &req, who), TL_OK);
	assert_string_equal(who, "sok");
	frame = cut(4);
	assert_int_equal(store_read_logout(&frame, &req, who), TL_EFORMAT);
	buf_reset(&body);
	store_put_logout(&body, 1, "So k");
	frame = cut(body.len);
	assert_int_equal(store_read_logout(&frame, &req, who), TL_EFORMAT);
}

static void what_is_just_a_number_is_read_as_it_was_put(void **state)
{
	struct frame frame;
	uint32_t req = 0;

	(void)state;
	store_put_catch_up(&body, 7);
	frame = cut(body.len);
	assert_int_equal(store_read_catch_up(&frame, &req), TL_OK);
	assert_int_equal(req, 7);
	for (size_t len = 0; len < body.len; len++) {
		frame = cut(len);
		assert_int_equal(store_read_catch_up(&frame, &req), TL_EFORMAT);
	}
	buf_put_u8(&body, 0);
	frame = cut(body.len);
	assert_int_equal(store_read_catch_up(&frame, &req), TL_EFORMAT);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_change_is_read_as_it_was_put),
		TEST(a_change_out_of_bounds_is_refused),
		TEST(an_answer_tells_what_the_case_is_now),
		TEST(records_cases_and_states_are_read_as_they_were_put),
		TEST(a_name_that_is_none_does_not_log_out),
		TEST(what_is_just_a_number_is_read_as_it_was_put),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
