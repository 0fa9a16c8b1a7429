/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/conn_bodies: who has a place for a body, when there are many that
 * never end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/net_client.h"
#include "tests/lib/net_stub.h"

static struct stub stub;
static const enum net_door doors[] = { NET_DOOR_HTTPS, NET_DOOR_ONION };

/* A body of so many bytes, of which so many are sent. */
static struct client *begin_body(
    enum net_door door, const char *path, size_t length, size_t sent)
{
	static char body[400000];
	struct client *client = client_open(&stub, door);
	char head[128];

	(void)snprintf(head, sizeof(head),
	    "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n", path,
	    length);
	memset(body, 'x', sizeof(body));
	assert_true(client_say(client, head));
	(void)client_send(client, body, sent);
	return client;
}

static struct stub_opts few_bodies(size_t bodies_max_bytes)
{
	struct stub_opts opts = stub_quick();

	opts.limits.bodies_max_bytes = bodies_max_bytes;
	opts.deadlines.body_ms[0] = 2 * CLIENT_PATIENCE_MS;
	opts.deadlines.body_ms[1] = 2 * CLIENT_PATIENCE_MS;
	return opts;
}

static void bodies_share_what_memory_there_is(void **state)
{
	const struct stub_opts opts = few_bodies(300000);
	struct client *first;
	struct client *second;

	(void)state;
	stub_start(&stub, &opts);
	first = begin_body(NET_DOOR_HTTPS, "/echo", 200001, 200000);
	stub_await(&stub, "bodies", 200000);
	second = begin_body(NET_DOOR_ONION, "/small2", 200000, 200000);
	assert_int_equal(client_read_answer(second), 200);
	assert_int_equal(client_read_answer(first), 503);
	assert_int_equal(stub_stat(&stub, "made_room"), 1);
	client_close(second);
	client_close(first);
	stub_await(&stub, "open", 1);
	assert_int_equal(stub_stat(&stub, "bodies"), 0);
	/* what was given back can be used again */
	for (int i = 0; i < 5; i++) {
		second = begin_body(NET_DOOR_ONION, "/small2", 200000, 200000);
		assert_int_equal(client_read_answer(second), 200);
		client_close(second);
	}
	stub_stop(&stub);
}

static void a_body_that_no_room_is_enough_for_ends_no_other(void **state)
{
	const struct stub_opts opts = few_bodies(300000);
	struct client *first;
	struct client *second;

	(void)state;
	stub_start(&stub, &opts);
	first = begin_body(NET_DOOR_HTTPS, "/echo", 1001, 1000);
	stub_await(&stub, "bodies", 1000);
	second = begin_body(NET_DOOR_ONION, "/echo", 400000, 310000);
	assert_int_equal(client_read_answer(second), 503);
	assert_true(client_send(first, "x", 1));
	assert_int_equal(client_read_answer(first), 200);
	client_close(second);
	client_close(first);
	stub_stop(&stub);
}

#define STOPPED       30u
#define STOPPED_BYTES ((size_t)100000u)

/*
 * From one address, over all that there is room for; each is there for as
 * long as its deadline says. Between them come people and gateways, and one
 * whose line is slow, all the time.
 */
static void who_never_ends_a_body_keeps_nobody_out(void **state)
{
	const struct stub_opts opts = few_bodies(10 * STOPPED_BYTES);
	struct client *stopped[STOPPED];
	struct client *slow;
	char piece[1024];

	(void)state;
	stub_start(&stub, &opts);
	memset(piece, 'x', sizeof(piece));
	for (size_t i = 0; i < 10; i++) {
		stopped[i] = begin_body(
		    doors[i % 2], "/echo", STOPPED_BYTES + 1, STOPPED_BYTES);
	}
	stub_await(&stub, "bodies", 10 * STOPPED_BYTES);
	slow = begin_body(NET_DOOR_HTTPS, "/echo", 20 * sizeof(piece), 0);
	for (size_t i = 10; i < STOPPED; i++) {
		struct client *person;

		stopped[i] = begin_body(
		    doors[i % 2], "/echo", STOPPED_BYTES + 1, STOPPED_BYTES);
		assert_true(client_send(slow, piece, sizeof(piece)));
		person = begin_body(doors[i % 2], "/small2", 50000, 50000);
		assert_int_equal(client_read_answer(person), 200);
		client_close(person);
		person = begin_body(doors[i % 2], "/sms/echo", 1000, 1000);
		assert_int_equal(client_read_answer(person), 200);
		client_close(person);
	}
	assert_int_equal(client_read_answer(slow), 200);
	client_close(slow);
	for (size_t i = 0; i < STOPPED; i++) {
		client_close(stopped[i]);
	}
	stub_stop(&stub);
}

/* A byte now and then is no progress. */
static void who_drips_a_body_makes_room_before_who_sends_slowly(void **state)
{
	const struct stub_opts opts = few_bodies(300000);
	struct client *drips;
	struct client *slow;
	struct client *next;

	(void)state;
	stub_start(&stub, &opts);
	drips = begin_body(NET_DOOR_HTTPS, "/small2", 140000, 120000);
	stub_await(&stub, "bodies", 120000);
	client_sleep_ms(300);
	slow = begin_body(NET_DOOR_ONION, "/small2", 140000, 120000);
	stub_await(&stub, "bodies", 240000);
	assert_true(client_send(drips, "x", 1));
	stub_await(&stub, "bodies", 240001);
	next = begin_body(NET_DOOR_ONION, "/small2", 100000, 100000);
	assert_int_equal(client_read_answer(next), 200);
	assert_int_equal(client_read_answer(drips), 503);
	client_close(next);
	client_close(drips);
	stub_await(&stub, "bodies", 120000);
	client_close(slow);
	stub_stop(&stub);
}

#define DRIPS       60u
#define DRIP_BYTES  ((size_t)64u * 1024u)
#define LONG_BYTES  ((size_t)1024u * 1024u)
#define LONG_PIECE  ((size_t)16u * 1024u)
#define LONG_EVERY  50u /* ms */
#define DRIPS_EVERY 4u  /* pieces */

/* It comes more quickly than each of these, and holds many times as much. */
static void a_long_body_comes_through_beside_many_that_drip(void **state)
{
	const struct stub_opts opts =
	    few_bodies(DRIPS * DRIP_BYTES + 4 * DRIP_BYTES);
	struct client *drips[DRIPS];
	struct client *steady;
	static char piece[LONG_PIECE];

	(void)state;
	stub_start(&stub, &opts);
	memset(piece, 'x', sizeof(piece));
	for (size_t i = 0; i < DRIPS; i++) {
		drips[i] = begin_body(
		    doors[i % 2], "/small2", 4 * DRIP_BYTES, DRIP_BYTES);
	}
	stub_await(&stub, "bodies", DRIPS * DRIP_BYTES);
	steady = begin_body(NET_DOOR_HTTPS, "/long", LONG_BYTES, 0);
	for (size_t i = 0; i < LONG_BYTES / LONG_PIECE; i++) {
		for (size_t n = 0; i % DRIPS_EVERY == 0 && n < DRIPS; n++) {
			(void)client_send(drips[n], piece, 1024);
		}
		(void)client_send(steady, piece, LONG_PIECE);
		client_sleep_ms(LONG_EVERY);
	}
	assert_int_equal(client_read_answer(steady), 200);
	assert_true(stub_stat(&stub, "made_room") > 0);
	client_close(steady);
	for (size_t i = 0; i < DRIPS; i++) {
		client_close(drips[i]);
	}
	stub_stop(&stub);
}

/* It stands still for longer than they do, and holds less. */
static void a_short_body_that_pauses_stays_before_long_ones(void **state)
{
	const struct stub_opts opts = few_bodies(6 * STOPPED_BYTES);
	struct client *stopped[8];
	struct client *slow;

	(void)state;
	stub_start(&stub, &opts);
	slow = begin_body(NET_DOOR_HTTPS, "/small2", 6001, 6000);
	stub_await(&stub, "bodies", 6000);
	client_sleep_ms(300);
	for (size_t i = 0; i < 8; i++) {
		stopped[i] = begin_body(
		    doors[i % 2], "/small2", STOPPED_BYTES + 1, STOPPED_BYTES);
		client_sleep_ms(50);
	}
	stub_await(&stub, "bodies", 6000 + 5 * STOPPED_BYTES);
	assert_true(client_send(slow, "x", 1));
	assert_int_equal(client_read_answer(slow), 200);
	client_close(slow);
	for (size_t i = 0; i < 8; i++) {
		client_close(stopped[i]);
	}
	stub_stop(&stub);
}

static void a_long_text_has_its_place_before_who_stands_still(void **state)
{
	struct stub_opts opts = few_bodies(net_limits_default.bodies_max_bytes);
	struct client *stopped[4];
	struct client *person;

	(void)state;
	opts.limits.uploads = 4;
	stub_start(&stub, &opts);
	for (size_t i = 0; i < 4; i++) {
		stopped[i] = begin_body(doors[i % 2], "/small2", 80001, 80000);
	}
	stub_await(&stub, "bodies", 4u * 80000u);
	person = begin_body(NET_DOOR_HTTPS, "/small2", 90000, 90000);
	assert_int_equal(client_read_answer(person), 200);
	assert_int_equal(stub_stat(&stub, "made_room"), 0);
	client_close(person);
	for (size_t i = 0; i < 4; i++) {
		client_close(stopped[i]);
	}
	stub_stop(&stub);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_share_what_memory_there_is),
		cmocka_unit_test(
		    a_body_that_no_room_is_enough_for_ends_no_other),
		cmocka_unit_test(who_never_ends_a_body_keeps_nobody_out),
		cmocka_unit_test(
		    who_drips_a_body_makes_room_before_who_sends_slowly),
		cmocka_unit_test(
		    a_long_body_comes_through_beside_many_that_drip),
		cmocka_unit_test(
		    a_short_body_that_pauses_stays_before_long_ones),
		cmocka_unit_test(
		    a_long_text_has_its_place_before_who_stands_still),
	};

	if (net_memory_hygiene() != TL_OK) {
		return 1;
	}
	return cmocka_run_group_tests_name("net/bodies", tests, NULL, NULL);
}
