/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net: the attacks of which each once brought a server down: slow
 * ones, floods, full tables. A new client is served all the while.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/ssl.h>

#include "tests/lib/net_client.h"
#include "tests/lib/net_stub.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"

/* What a connection may cost at most. ASan keeps freed memory back. */
#ifdef __SANITIZE_ADDRESS__
#define CONNECTION_KIB 8192u
#else
#define CONNECTION_KIB 256u
#endif

static struct stub stub;
static const enum net_door doors[] = { NET_DOOR_HTTPS, NET_DOOR_ONION };

static void assert_serves(enum net_door door)
{
	struct client *client = client_open(&stub, door);

	assert_true(client_say(client, GET("/")));
	assert_int_equal(client_read_answer(client), 200);
	client_close(client);
}

/* Say one byte of text each 50 ms until the engine has had enough; how long
 * that took since start_ms, which was before its deadline began. Then
 * everything it said stands in client->said. */
static uint64_t drip(struct client *client, uint64_t start_ms, const char *text)
{
	size_t at = 0;

	while (client_now_ms() - start_ms < CLIENT_PATIENCE_MS) {
		(void)client_send(client, text + at, 1);
		at += text[at + 1] != '\0' ? 1 : 0;
		if (client_read_end(client, 50)) {
			return client_now_ms() - start_ms;
		}
	}
	return UINT64_MAX;
}

static void a_slow_head_is_told_408_at_its_deadline(void **state)
{
	const struct stub_opts opts = stub_quick();

	(void)state;
	stub_start(&stub, &opts);
	for (size_t i = 0; i < 2; i++) {
		uint64_t start_ms = client_now_ms();
		struct client *client = client_open(&stub, doors[i]);
		uint64_t took_ms =
		    drip(client, start_ms, GET("/aaaaaaaaaaaaaaaaaaaaa"));

		assert_in_range(took_ms, 550, CLIENT_PATIENCE_MS);
		assert_int_equal(client_status(client), 408);
		client_close(client);
		start_ms = client_now_ms();
		client = client_open(&stub, doors[i]);
		took_ms = drip(client, start_ms,
		    "POST /sms/echo HTTP/1.1\r\nHost: aaaaaaaaaaaaaaaaaaa");
		/* the path is known after half a second of its own */
		assert_in_range(took_ms, 250, CLIENT_PATIENCE_MS);
		client_close(client);
		assert_serves(doors[i]);
	}
	assert_int_equal(stub_stat(&stub, "overdue_head"), 4);
	stub_stop(&stub);
}

static void a_slow_body_is_told_408_at_its_deadline(void **state)
{
	const struct stub_opts opts = stub_quick();

	(void)state;
	stub_start(&stub, &opts);
	for (size_t i = 0; i < 2; i++) {
		struct client *client = client_open(&stub, doors[i]);
		uint64_t start_ms = client_now_ms();
		uint64_t took_ms;

		assert_true(client_say(client,
		    "POST /echo HTTP/1.1\r\nHost: x\r\n"
		    "Content-Length: 1000\r\n\r\n"));
		took_ms = drip(
		    client, start_ms, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
		assert_in_range(took_ms, 550, CLIENT_PATIENCE_MS);
		assert_int_equal(client_status(client), 408);
		client_close(client);
	}
	assert_int_equal(stub_stat(&stub, "overdue_body"), 2);
	stub_stop(&stub);
}

static void a_slow_but_steady_body_is_let_finish(void **state)
{
	struct stub_opts opts = stub_quick();
	struct client *client;
	char piece[1024];

	(void)state;
	/* whatever holds this process up between two pieces */
	opts.deadlines.body_kib_ms[0] = 20000;
	stub_start(&stub, &opts);
	memset(piece, 'x', sizeof(piece));
	client = client_open(&stub, NET_DOOR_HTTPS);
	assert_true(client_say(client,
	    "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5120\r\n\r\n"));
	for (int i = 0; i < 5; i++) {
		assert_true(client_send(client, piece, sizeof(piece)));
		client_sleep_ms(250);
	}
	assert_int_equal(client_read_answer(client), 200);
	client_close(client);
	stub_stop(&stub);
}

static void a_slow_handshake_is_closed_at_its_deadline(void **state)
{
	struct stub_opts opts = stub_quick();
	struct client *silent;
	struct client *slow;
	uint64_t start_ms;

	(void)state;
	opts.deadlines.handshake_ms = 600;
	stub_start(&stub, &opts);
	start_ms = client_now_ms();
	silent = client_open_tcp(&stub);
	slow = client_open_tcp(&stub);
	assert_in_range(
	    drip(slow, start_ms, "\x16\x03\x01\x02\x01\x01\x01\x01\x01\x01"),
	    550, CLIENT_PATIENCE_MS);
	assert_int_equal(slow->said_len, 0);
	assert_true(client_read_end(silent, CLIENT_PATIENCE_MS));
	assert_in_range(client_now_ms() - start_ms, 550, CLIENT_PATIENCE_MS);
	assert_int_equal(stub_stat(&stub, "overdue_handshake"), 2);
	client_close(silent);
	client_close(slow);
	stub_stop(&stub);
}

static void who_says_nothing_is_closed_without_a_word(void **state)
{
	const struct stub_opts opts = stub_quick();

	(void)state;
	stub_start(&stub, &opts);
	for (size_t i = 0; i < 2; i++) {
		uint64_t start_ms = client_now_ms();
		struct client *client = client_open(&stub, doors[i]);

		assert_true(client_read_end(client, CLIENT_PATIENCE_MS));
		assert_in_range(
		    client_now_ms() - start_ms, 550, CLIENT_PATIENCE_MS);
		assert_int_equal(client->said_len, 0);
		client_close(client);

		/* and so is one that was kept */
		client = client_open(&stub, doors[i]);
		assert_true(client_say(client, GET("/")));
		assert_int_equal(client_read_answer(client), 200);
		client->said_len = 0;
		assert_true(client_read_end(client, CLIENT_PATIENCE_MS));
		assert_int_equal(client->said_len, 0);
		client_close(client);
	}
	stub_stop(&stub);
}

/* As much as goes out in 300 ms without reading. */
static void flood(struct client *client)
{
	static const char request[] = GET("/big");
	const struct timeval limit = { .tv_usec = 300000 };

	(void)setsockopt(
	    client->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	for (int i = 0; i < 20000; i++) {
		if (!client_say(client, request)) {
			return;
		}
	}
}

static void a_pipelined_flood_costs_neither_memory_nor_cpu(void **state)
{
	const struct stub_opts opts = stub_quick();
	struct client *clients[20];
	uint64_t rss_kib;
	uint64_t cpu_ms;

	(void)state;
	stub_start(&stub, &opts);
	assert_serves(NET_DOOR_HTTPS);
	rss_kib = stub_rss_kib(&stub);
	for (size_t i = 0; i < 20; i++) {
		clients[i] = client_open(&stub, doors[i % 2]);
		flood(clients[i]);
	}
	cpu_ms = stub_cpu_ms(&stub);
	assert_serves(NET_DOOR_HTTPS);
	assert_true(stub_rss_kib(&stub) - rss_kib < 20 * CONNECTION_KIB);
	client_sleep_ms(1000);
	assert_true(stub_cpu_ms(&stub) - cpu_ms < 200);
	stub_await(&stub, "open", 1); /* all at their deadlines */
	for (size_t i = 0; i < 20; i++) {
		client_close(clients[i]);
	}
	stub_stop(&stub);
}

static void an_answer_that_is_not_read_ends_at_its_deadline(void **state)
{
	const struct stub_opts opts = stub_quick();

	(void)state;
	stub_start(&stub, &opts);
	for (size_t i = 0; i < 2; i++) {
		struct client *client = client_open(&stub, doors[i]);
		const int small = 2048;

		(void)setsockopt(
		    client->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
		/* four answers of 64 KiB: more than a socket takes */
		for (int n = 0; n < 40; n++) {
			if (!client_say(client, GET("/big"))) {
				break;
			}
			client_sleep_ms(20);
		}
		stub_await(&stub, "open", 1);
		client_close(client);
	}
	stub_stop(&stub);
}

static void a_full_table_closes_the_oldest_that_waste_it(void **state)
{
	struct stub_opts opts = stub_quick();
	struct client *clients[12];

	(void)state;
	opts.limits.connections = 8;
	opts.deadlines.idle_ms = 30000;
	opts.deadlines.head_ms[0] = 30000;
	stub_start(&stub, &opts);
	for (size_t i = 0; i < 12; i++) {
		clients[i] = client_open(&stub, doors[i % 2]);
		assert_true(client_say(clients[i], GET("/")));
		assert_int_equal(client_read_answer(clients[i]), 200);
	}
	assert_int_equal(stub_stat(&stub, "made_room"), 4);
	for (size_t i = 0; i < 12; i++) {
		bool lives = client_say(clients[i], GET("/")) &&
		    client_read_answer(clients[i]) == 200;

		assert_int_equal(lives, i >= 4);
	}
	for (size_t i = 0; i < 12; i++) {
		client_close(clients[i]);
	}
	stub_stop(&stub);
}

/* Nobody wastes anything: the next one waits, the admin's door is open. */
static void a_table_of_busy_ones_shuts_the_door_until_one_ends(void **state)
{
	struct stub_opts opts = stub_quick();
	struct client *busy[8];
	struct client *next;
	uint64_t cpu_ms;

	(void)state;
	opts.limits.connections = 8;
	opts.deadlines.waiting_ms[0] = 4000;
	stub_start(&stub, &opts);
	for (size_t i = 0; i < 8; i++) {
		busy[i] = client_open(&stub, NET_DOOR_ONION);
		assert_true(client_say(busy[i], GET("/never")));
	}
	stub_await(&stub, "delivered", 8);
	next = client_open(&stub, NET_DOOR_ONION);
	assert_true(client_say(next, GET("/")));
	cpu_ms = stub_cpu_ms(&stub);
	assert_false(client_read_end(next, 300));
	assert_int_equal(next->said_len, 0);
	assert_true(stub_cpu_ms(&stub) - cpu_ms < 100); /* it does not spin */
	assert_int_equal(client_read_answer(next), 200);
	for (size_t i = 0; i < 8; i++) {
		client_close(busy[i]);
	}
	client_close(next);
	stub_stop(&stub);
}

/* Whoever opens sockets and says nothing does not shut the door. */
static void too_many_handshakes_keep_nobody_out_and_do_not_spin(void **state)
{
	struct stub_opts opts = stub_quick();
	struct client *silent[20];
	uint64_t cpu_ms;

	(void)state;
	opts.limits.handshakes = 4;
	opts.limits.connections = 16;
	opts.deadlines.handshake_ms = 30000;
	stub_start(&stub, &opts);
	for (size_t i = 0; i < 12; i++) {
		silent[i] = client_open_tcp(&stub);
	}
	stub_await(&stub, "https", 12);
	cpu_ms = stub_cpu_ms(&stub);
	client_sleep_ms(300);
	assert_true(stub_cpu_ms(&stub) - cpu_ms < 100);
	assert_serves(NET_DOOR_HTTPS);
	for (size_t i = 12; i < 20; i++) {
		silent[i] = client_open_tcp(&stub);
	}
	assert_serves(NET_DOOR_HTTPS); /* instead of the oldest */
	for (size_t i = 0; i < 20; i++) {
		client_close(silent[i]);
	}
	stub_stop(&stub);
}

/* In a child, until it is killed or the engine has had enough. */
static pid_t flood_with_key_updates(void)
{
	const struct client_tls tls = { .min_version = TLS1_3_VERSION };
	struct client *client = client_open_tls(&stub, &tls);
	pid_t pid;

	assert_non_null(client);
	pid = fork();
	assert_true(pid >= 0);
	while (pid == 0) {
		if (SSL_key_update(client->ssl, SSL_KEY_UPDATE_NOT_REQUESTED) !=
			1 ||
		    SSL_do_handshake(client->ssl) != 1) {
			_exit(0);
		}
	}
	client_close(client);
	return pid;
}

static void a_flood_of_key_updates_keeps_nobody_out(void **state)
{
	struct stub_opts opts = stub_quick();
	pid_t pids[4];

	(void)state;
	opts.deadlines.head_ms[0] = 10000;
	stub_start(&stub, &opts);
	for (size_t i = 0; i < 4; i++) {
		pids[i] = flood_with_key_updates();
	}
	for (size_t i = 0; i < 5; i++) {
		client_sleep_ms(100);
		assert_serves(NET_DOOR_HTTPS);
	}
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(kill(pids[i], SIGKILL), 0);
		assert_int_equal(waitpid(pids[i], NULL, 0), pids[i]);
	}
	stub_stop(&stub);
}

static void who_wastes_the_last_descriptors_makes_room(void **state)
{
	struct stub_opts opts = stub_quick();
	struct client *clients[60];

	(void)state;
	opts.descriptors_max = 40;
	opts.deadlines.head_ms[0] = 60000;
	opts.deadlines.handshake_ms = 60000;
	stub_start(&stub, &opts);
	for (size_t i = 0; i < 60; i++) {
		clients[i] = i % 2 == 0 ? client_open_tcp(&stub)
					: client_open(&stub, NET_DOOR_ONION);
		(void)client_say(clients[i], i % 2 == 0 ? "\x16" : "GET /");
	}
	/* all have come in: who comes now is the newest */
	stub_await(&stub, "https", 30);
	stub_await(&stub, "onion", 30);
	assert_serves(NET_DOOR_HTTPS);
	assert_serves(NET_DOOR_ONION);
	assert_true(stub_stat(&stub, "made_room") > 0);
	assert_int_equal(stub_stat(&stub, "turned_away"), 0);
	for (size_t i = 0; i < 60; i++) {
		client_close(clients[i]);
	}
	stub_stop(&stub);
}

/* stub_stop() fails if a single line was logged. */
static void a_full_descriptor_table_is_silent_and_heals(void **state)
{
	struct stub_opts opts = stub_quick();
	struct client *clients[60];
	uint64_t cpu_ms;

	(void)state;
	opts.descriptors_max = 40;
	opts.deadlines.waiting_ms[0] = 8000;
	stub_start(&stub, &opts);
	for (size_t i = 0; i < 60; i++) {
		clients[i] = client_open(&stub, NET_DOOR_ONION);
		(void)client_say(clients[i], GET("/never"));
	}
	cpu_ms = stub_cpu_ms(&stub);
	client_sleep_ms(700);
	assert_true(stub_cpu_ms(&stub) - cpu_ms < 200);
	for (size_t i = 0; i < 60; i++) {
		client_close(clients[i]);
	}
	stub_await(&stub, "open", 1);
	assert_true(stub_stat(&stub, "turned_away") > 0);
	assert_serves(NET_DOOR_HTTPS);
	stub_stop(&stub);
}

static void draining_answers_what_has_begun_and_ends(void **state)
{
	struct stub_opts opts = stub_quick();
	struct client *idle;
	struct client *again;
	struct client *waits;

	(void)state;
	opts.deadlines.idle_ms = 10000;
	opts.deadlines.waiting_ms[0] = 10000;
	stub_start(&stub, &opts);
	idle = client_open(&stub, NET_DOOR_HTTPS);
	assert_true(client_say(idle, GET("/")));
	assert_int_equal(client_read_answer(idle), 200);
	again = client_open(&stub, NET_DOOR_HTTPS);
	assert_true(client_say(again, GET("/")));
	assert_int_equal(client_read_answer(again), 200);
	again->said_len = 0;
	waits = client_open(&stub, NET_DOOR_HTTPS);
	assert_true(client_say(waits, GET("/late")));
	stub_await(&stub, "delivered", 3);
	stub_drain(&stub);
	assert_int_equal(client_read_answer(waits), 200);
	assert_non_null(strstr(waits->said, "Connection: close"));
	assert_true(client_say(again, GET("/"))); /* it had not heard */
	assert_int_equal(client_read_answer(again), 200);
	assert_non_null(strstr(again->said, "Connection: close"));
	idle->said_len = 0;
	assert_true(client_read_end(idle, CLIENT_PATIENCE_MS));
	assert_true(idle->had_goodbye);
	client_close(idle);
	client_close(again);
	client_close(waits);
	assert_int_equal(stub_wait(&stub), 0); /* by itself */
	stub_stop(&stub);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slow_head_is_told_408_at_its_deadline),
		cmocka_unit_test(a_slow_body_is_told_408_at_its_deadline),
		cmocka_unit_test(a_slow_but_steady_body_is_let_finish),
		cmocka_unit_test(a_slow_handshake_is_closed_at_its_deadline),
		cmocka_unit_test(who_says_nothing_is_closed_without_a_word),
		cmocka_unit_test(
		    a_pipelined_flood_costs_neither_memory_nor_cpu),
		cmocka_unit_test(
		    an_answer_that_is_not_read_ends_at_its_deadline),
		cmocka_unit_test(a_full_table_closes_the_oldest_that_waste_it),
		cmocka_unit_test(
		    a_table_of_busy_ones_shuts_the_door_until_one_ends),
		cmocka_unit_test(
		    too_many_handshakes_keep_nobody_out_and_do_not_spin),
		cmocka_unit_test(a_flood_of_key_updates_keeps_nobody_out),
		cmocka_unit_test(who_wastes_the_last_descriptors_makes_room),
		cmocka_unit_test(a_full_descriptor_table_is_silent_and_heals),
		cmocka_unit_test(draining_answers_what_has_begun_and_ends),
	};

	if (net_memory_hygiene() != TL_OK) {
		return 1;
	}
	return cmocka_run_group_tests_name(
	    "server/net attacks", tests, NULL, NULL);
}
