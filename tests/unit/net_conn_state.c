/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/conn_state: which moves a connection may make, and until when.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/net/conn_state.h"

#define N CONN_STATE_COUNT

/* Written out a second time, so that a slip in one table is seen:
 * H I h b W w s L D */
static const char *const allowed[N] = {
	[CONN_HANDSHAKE] = "--h-----D",
	[CONN_IDLE] = "--h----LD",
	[CONN_READ_HEAD] = "---bWw--D",
	[CONN_READ_BODY] = "----Ww--D",
	[CONN_WAITING] = "-----w--D",
	[CONN_WRITE] = "-I----sLD",
	[CONN_STREAM] = "-----w--D",
	[CONN_LINGER] = "--------D",
	[CONN_DYING] = "---------",
};

/* A way from the start to each state. */
static const enum conn_state ways[N][6] = {
	[CONN_HANDSHAKE] = { CONN_HANDSHAKE },
	[CONN_READ_HEAD] = { CONN_READ_HEAD },
	[CONN_READ_BODY] = { CONN_READ_HEAD, CONN_READ_BODY },
	[CONN_WAITING] = { CONN_READ_HEAD, CONN_WAITING },
	[CONN_WRITE] = { CONN_READ_HEAD, CONN_WAITING, CONN_WRITE },
	[CONN_STREAM] = { CONN_READ_HEAD, CONN_WAITING, CONN_WRITE,
	    CONN_STREAM },
	[CONN_IDLE] = { CONN_READ_HEAD, CONN_WAITING, CONN_WRITE, CONN_IDLE },
	[CONN_LINGER] = { CONN_READ_HEAD, CONN_WRITE, CONN_LINGER },
	[CONN_DYING] = { CONN_READ_HEAD, CONN_DYING },
};

static void lead(struct conn_table *table, struct conn_place *place,
    enum conn_state to, uint64_t now_ms)
{
	const enum conn_state *way = ways[to];

	memset(place, 0, sizeof(*place));
	conn_enter(table, place, *way, now_ms);
	while (place->state != to) {
		way++;
		conn_set_state(table, place, *way, now_ms);
	}
}

static void every_pair_of_states_is_as_the_table_says(void **state)
{
	(void)state;
	for (enum conn_state from = 0; from < N; from++) {
		for (enum conn_state to = 0; to < N; to++) {
			struct conn_table table;
			struct conn_place place;
			bool ok = allowed[from][to] != '-';

			conn_table_init(&table, &net_deadlines_default);
			lead(&table, &place, from, 1000);
			assert_int_equal(conn_may_go(from, to), ok);
			conn_set_state(&table, &place, to, 2000);
			assert_int_equal(place.state, ok ? to : CONN_DYING);
			assert_int_equal(table.counts[place.state], 1);
			conn_leave(&table, &place);
			for (size_t i = 0; i < N; i++) {
				assert_int_equal(table.counts[i], 0);
				assert_true(TAILQ_EMPTY(&table.lists[i][0]));
				assert_true(TAILQ_EMPTY(&table.lists[i][1]));
			}
		}
	}
}

static void each_state_ends_at_its_own_deadline(void **state)
{
	const struct net_deadlines *d = &net_deadlines_default;
	const uint32_t limits[N] = {
		[CONN_HANDSHAKE] = d->handshake_ms,
		[CONN_IDLE] = d->idle_ms,
		[CONN_READ_HEAD] = d->head_ms[0],
		[CONN_READ_BODY] = d->body_ms[0],
		[CONN_WAITING] = d->waiting_ms[0],
		[CONN_WRITE] = d->write_ms,
		[CONN_LINGER] = d->linger_ms,
	};

	(void)state;
	for (enum conn_state s = 0; s < CONN_DYING; s++) {
		struct conn_table table;
		struct conn_place place;

		if (s == CONN_STREAM) {
			continue;
		}
		conn_table_init(&table, d);
		lead(&table, &place, s, 5000);
		assert_true(limits[s] > 0);
		assert_null(conn_overdue(&table, 5000 + limits[s] - 1));
		assert_true(conn_next_look_ms(&table) <= 5250 + limits[s]);
		assert_ptr_equal(
		    conn_overdue(&table, 5250 + limits[s]), &place);
	}
}

static void who_dies_or_listens_has_no_deadline(void **state)
{
	static const enum conn_state states[] = { CONN_DYING, CONN_STREAM };
	struct conn_table table;
	struct conn_place place;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		conn_table_init(&table, &net_deadlines_default);
		lead(&table, &place, states[i], 5000);
		assert_null(conn_overdue(&table, UINT64_MAX - 1));
		assert_int_equal(conn_next_look_ms(&table), UINT64_MAX);
	}
}

/* Walk the clock as the timer would, and say when the connection was due. */
static uint64_t due_at(struct conn_table *table, uint64_t now_ms)
{
	for (;;) {
		if (conn_overdue(table, now_ms) != NULL) {
			return now_ms;
		}
		assert_true(conn_next_look_ms(table) > now_ms);
		now_ms = conn_next_look_ms(table);
	}
}

static void bytes_lengthen_only_body_and_answer(void **state)
{
	(void)state;
	for (enum conn_state s = 0; s < CONN_DYING; s++) {
		struct conn_table table;
		struct conn_place place;
		uint64_t plain;
		uint64_t grown;

		conn_table_init(&table, &net_deadlines_default);
		lead(&table, &place, s, 1000);
		plain = due_at(&table, 1000);
		conn_table_init(&table, &net_deadlines_default);
		lead(&table, &place, s, 1000);
		conn_grow(&table, &place, 10 * 1024 + 1023);
		grown = due_at(&table, 1000);
		if (s == CONN_READ_BODY || s == CONN_WRITE) {
			assert_in_range(grown - plain, 9750, 10250);
		} else {
			assert_int_equal(grown, plain);
		}
	}
}

static void no_body_takes_longer_than_an_hour(void **state)
{
	struct conn_table table;
	struct conn_place place;

	(void)state;
	conn_table_init(&table, &net_deadlines_default);
	lead(&table, &place, CONN_READ_BODY, 0);
	conn_grow(&table, &place, UINT64_MAX);
	assert_in_range(due_at(&table, 0), 3600u * 1000u, 3600u * 1000u + 250u);
}

static void a_gateway_is_given_less_time_and_keeps_the_order(void **state)
{
	struct conn_table table;
	struct conn_place a;
	struct conn_place b;
	struct conn_place person;

	(void)state;
	conn_table_init(&table, &net_deadlines_default);
	lead(&table, &a, CONN_READ_HEAD, 0);
	lead(&table, &person, CONN_READ_HEAD, 1);
	lead(&table, &b, CONN_READ_HEAD, 3000);
	conn_set_gateway(&table, &b, 3000);
	conn_set_gateway(&table, &a, 4000); /* later, but due earlier */
	assert_ptr_equal(conn_overdue(&table, 10000), &a);
	conn_set_state(&table, &a, CONN_DYING, 10000);
	assert_null(conn_overdue(&table, 10000));
	assert_ptr_equal(conn_overdue(&table, 13000), &b);
	conn_set_state(&table, &b, CONN_DYING, 13000);
	assert_ptr_equal(conn_overdue(&table, 20001), &person);
}

static void who_goes_on_sending_lingers_as_long_as_a_body_may_take(void **state)
{
	const struct net_deadlines *d = &net_deadlines_default;
	struct conn_table table;
	struct conn_place place;

	(void)state;
	conn_table_init(&table, d);
	lead(&table, &place, CONN_LINGER, 1000);
	conn_linger(&table, &place, 0);
	assert_int_equal(place.deadline_ms, 1000 + d->body_ms[0]);
	conn_linger(&table, &place, 10u * 1024u);
	assert_null(conn_overdue(&table, 1000 + d->body_ms[0]));
	assert_int_equal(
	    place.deadline_ms, 1000 + d->body_ms[0] + 10u * d->body_kib_ms[0]);
	conn_linger(&table, &place, UINT32_MAX);
	assert_int_equal(place.deadline_ms, 1000 + d->body_most_ms);
	assert_ptr_equal(conn_overdue(&table, 1000 + d->body_most_ms), &place);
	/* others do not */
	lead(&table, &place, CONN_WAITING, 1000);
	conn_linger(&table, &place, 10u * 1024u);
	assert_int_equal(place.deadline_ms, 1000 + d->waiting_ms[0]);
}

static void a_kept_connection_is_nobodys_gateway(void **state)
{
	struct conn_table table;
	struct conn_place place;

	(void)state;
	conn_table_init(&table, &net_deadlines_default);
	lead(&table, &place, CONN_WRITE, 0);
	conn_set_gateway(&table, &place, 0);
	conn_set_state(&table, &place, CONN_IDLE, 1);
	assert_false(place.is_gateway);
}

static void room_is_made_by_the_oldest_idle_or_shaking(void **state)
{
	struct conn_table table;
	struct conn_place busy;
	struct conn_place shaking;
	struct conn_place idle;
	struct conn_place head;
	struct conn_place body;
	struct conn_place sending;

	(void)state;
	conn_table_init(&table, &net_deadlines_default);
	lead(&table, &busy, CONN_WAITING, 0);
	assert_null(conn_oldest_waste(&table));
	/* who never ends a request does not shut the door for good */
	lead(&table, &body, CONN_READ_BODY, 1);
	assert_ptr_equal(conn_oldest_waste(&table), &body);
	lead(&table, &head, CONN_READ_HEAD, 2);
	assert_ptr_equal(conn_oldest_waste(&table), &head);
	/* nor who has an answer and goes on sending */
	lead(&table, &sending, CONN_LINGER, 15);
	assert_ptr_equal(conn_oldest_waste(&table), &head);
	conn_linger(&table, &sending, 0);
	assert_ptr_equal(conn_oldest_waste(&table), &sending);
	lead(&table, &idle, CONN_IDLE, 20);
	assert_ptr_equal(conn_oldest_waste(&table), &idle);
	lead(&table, &shaking, CONN_HANDSHAKE, 10);
	assert_ptr_equal(conn_oldest_waste(&table), &shaking);
	conn_set_state(&table, &shaking, CONN_DYING, 30);
	assert_ptr_equal(conn_oldest_waste(&table), &idle);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_pair_of_states_is_as_the_table_says),
		cmocka_unit_test(each_state_ends_at_its_own_deadline),
		cmocka_unit_test(who_dies_or_listens_has_no_deadline),
		cmocka_unit_test(bytes_lengthen_only_body_and_answer),
		cmocka_unit_test(no_body_takes_longer_than_an_hour),
		cmocka_unit_test(
		    a_gateway_is_given_less_time_and_keeps_the_order),
		cmocka_unit_test(
		    who_goes_on_sending_lingers_as_long_as_a_body_may_take),
		cmocka_unit_test(a_kept_connection_is_nobodys_gateway),
		cmocka_unit_test(room_is_made_by_the_oldest_idle_or_shaking),
	};

	return cmocka_run_group_tests_name(
	    "server/net/conn_state", tests, NULL, NULL);
}
