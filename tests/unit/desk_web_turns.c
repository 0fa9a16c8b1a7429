/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/web_age, desk/web_wait: what the desk does by itself, one tip after the
 * other; one that is refused keeps nothing from the others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "base/clock.h"
#include "base/frame.h"
#include "desk/web.h"

#define NOON_MS UINT64_C(1795348800000) /* 2026-11-22T12:00:00Z */
#define DAY_MS  UINT64_C(86400000)

static struct event_base *base;
static struct web web;
static int store;

static void no_news(const struct frame *frame, void *arg)
{
	(void)frame;
	(void)arg;
}

static void add(uint8_t n, enum case_state state)
{
	const struct store_item item = {
		.number = n, .kind = LEDGER_TIP, .len = 4000, .id = { n }
	};
	const struct case_now now = { .version = 2,
		.state = state,
		.priority = 3,
		.made_ms = NOON_MS - 30 * DAY_MS };

	assert_int_equal(tips_add(web.tips, &item), TL_OK);
	assert_non_null(tips_set_case(web.tips, item.id, &now));
	tips_find(web.tips, item.id)->asked_ms = NOON_MS - 30 * DAY_MS;
}

static int set_up(void **state)
{
	int pair[2];

	(void)state;
	base = event_base_new();
	assert_non_null(base);
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	store = pair[1];
	web = (struct web){ .tips = tips_new((size_t)1 << 20) };
	assert_non_null(web.tips);
	assert_int_equal(
	    store_peer_new(base, pair[0], no_news, NULL, &web.store), TL_OK);
	web.state = (struct store_state){ .redis = true, .redis_ms = NOON_MS };
	web.state_ms = clock_mono_ms();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	store_peer_free(web.store);
	tips_free(web.tips);
	event_base_free(base);
	(void)close(store);
	return 0;
}

/* What the store is asked: the first byte of the id, 0 for nothing. It says
 * that there is no such case. */
static enum case_event asked_for;

static uint8_t asked_and_refused(void)
{
	uint8_t bytes[1024];
	struct store_done done = { .result = STORE_NO_CASE };
	struct store_do todo;
	struct frame frame;
	struct buf out;
	ssize_t n;

	(void)event_base_loop(base, EVLOOP_NONBLOCK);
	n = recv(store, bytes, sizeof(bytes), 0);
	if (n <= 0) {
		return 0;
	}
	assert_int_equal(
	    frame_get(bytes, (size_t)n, FRAME_FROM_WEB, &frame), TL_OK);
	assert_int_equal(store_read_do(&frame, &todo), TL_OK);
	asked_for = todo.event;
	done.req = todo.req;
	buf_init(&out, sizeof(bytes));
	frame_put_head(&out, FRAME_STORE_DONE, 0);
	store_put_done(&out, &done);
	n = (ssize_t)(out.len - FRAME_HEAD_BYTES);
	buf_reset(&out);
	frame_put_head(&out, FRAME_STORE_DONE, (size_t)n);
	store_put_done(&out, &done);
	assert_int_equal(send(store, out.data, out.len, 0), (ssize_t)out.len);
	buf_free(&out);
	(void)event_base_loop(base, EVLOOP_NONBLOCK);
	return todo.id[0];
}

static void what_cannot_be_raised_keeps_no_other_from_it(void **state)
{
	(void)state;
	add(1, CASE_NEW);
	add(2, CASE_TRIAGE);
	add(3, CASE_NEW);
	for (int turn = 0; turn < 3; turn++) {
		web_raise_old(&web);
		assert_int_equal(asked_and_refused(), 1);
		web_raise_old(&web);
		assert_int_equal(asked_and_refused(), 3);
	}
}

static void whose_wait_cannot_be_ended_keeps_no_other_waiting(void **state)
{
	(void)state;
	add(1, CASE_WAIT_REPORTER);
	add(2, CASE_NEW);
	add(3, CASE_WAIT_REPORTER);
	for (int turn = 0; turn < 3; turn++) {
		web_end_waits(&web);
		assert_int_equal(asked_and_refused(), 1);
		web_end_waits(&web);
		assert_int_equal(asked_and_refused(), 3);
	}
}

static void a_partner_who_says_nothing_is_told_of(void **state)
{
	(void)state;
	add(1, CASE_ACCEPTED);
	add(2, CASE_REFERRED);
	web_end_waits(&web);
	assert_int_equal(asked_and_refused(), 2);
	assert_int_equal(asked_for, CASE_DO_ACK_LATE);
	tips_at(web.tips, 1)->asked_ms = NOON_MS - 2 * DAY_MS;
	web_end_waits(&web);
	assert_int_equal(asked_and_refused(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    what_cannot_be_raised_keeps_no_other_from_it, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    whose_wait_cannot_be_ended_keeps_no_other_waiting, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    a_partner_who_says_nothing_is_told_of, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("desk/turns", tests, NULL, NULL);
}
