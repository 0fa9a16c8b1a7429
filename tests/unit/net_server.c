/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net: what the engine says and when it ends a connection, over TLS
 * and over the onion's socket.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>

#include <cmocka.h>
#include <openssl/ssl.h>

#include "tests/lib/net_client.h"
#include "tests/lib/net_stub.h"
#include "tests/lib/tempdir.h"

#define GET(path)  "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"
#define POST(path) "POST " path " HTTP/1.1\r\nHost: x\r\nContent-Length: "

#define WAITING_MS 1500u

static struct stub stub;
static const char *const hosts[] = { "x", "tip.example", NULL };
static const enum net_door doors[] = { NET_DOOR_HTTPS, NET_DOOR_ONION };

static bool says(const struct client *client, const char *text)
{
	return strstr(client->said, text) != NULL;
}

/* Send it whole, read to the end. */
static struct client *ask(enum net_door door, const char *request)
{
	struct client *client = client_open(&stub, door);

	(void)client_say(client, request);
	client_half_close(client);
	assert_true(client_read_end(client, CLIENT_PATIENCE_MS));
	return client;
}

static void the_onion_tells_no_time_and_has_no_hsts(void **state)
{
	struct client *https = ask(NET_DOOR_HTTPS, GET("/"));
	struct client *onion = ask(NET_DOOR_ONION, GET("/"));

	(void)state;
	assert_int_equal(client_status(https), 200);
	assert_int_equal(client_status(onion), 200);
	assert_true(says(https, "\r\nDate: "));
	assert_true(says(https, "\r\nStrict-Transport-Security: "));
	assert_false(says(onion, "\r\nDate: "));
	assert_false(says(onion, "\r\nStrict-Transport-Security: "));
	assert_true(says(onion, "\r\nCache-Control: no-store\r\n"));
	assert_string_equal(client_body(onion), "ok\n");
	client_close(https);
	client_close(onion);
}

static void a_connection_is_kept_for_the_next_request(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct client *client = client_open(&stub, doors[i]);

		for (int n = 0; n < 3; n++) {
			assert_true(
			    client_say(client, POST("/t") "3\r\n\r\nabc"));
			assert_int_equal(client_read_answer(client), 200);
			assert_false(says(client, "Connection: close"));
		}
		assert_true(client_say(client, GET("/nowhere-*")));
		assert_int_equal(client_read_answer(client), 400);
		assert_true(says(client, "Connection: close"));
		client_close(client);
	}
}

static void the_last_request_that_is_allowed_closes(void **state)
{
	struct client *client = client_open(&stub, NET_DOOR_ONION);

	(void)state;
	for (unsigned n = 1; n <= 100; n++) {
		assert_true(client_say(client, GET("/")));
		assert_int_equal(client_read_answer(client), 200);
		assert_int_equal(says(client, "Connection: close"), n == 100);
	}
	client_close(client);
}

/* Not in one write, but before the answer: how long that took. */
static uint64_t say_in_two(struct client *client)
{
	uint64_t start_ms = client_now_ms();

	assert_true(client_say(client, GET("/late")));
	client_sleep_ms(50);
	assert_true(client_say(client, GET("/")));
	return client_now_ms() - start_ms;
}

static void expect_one_answer_to_two_writes(enum net_door door)
{
	struct client *client = client_open(&stub, door);
	uint64_t before = stub_stat(&stub, "delivered");

	/* what was held up is behind the answer, and tells nothing */
	for (int tries = 0; say_in_two(client) > STUB_LATE_MS - 100; tries++) {
		assert_true(tries < 20);
		client_close(client);
		stub_await(&stub, "open", 1);
		client = client_open(&stub, door);
		before = stub_stat(&stub, "delivered");
	}
	client_half_close(client);
	assert_true(client_read_end(client, CLIENT_PATIENCE_MS));
	assert_int_equal(client_answers(client), 1);
	assert_true(says(client, "Connection: close"));
	client_close(client);
	assert_int_equal(stub_stat(&stub, "delivered"), before + 1);
}

static void early_bytes_are_never_a_request(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		uint64_t before = stub_stat(&stub, "delivered");
		struct client *client =
		    ask(doors[i], GET("/late") GET("/") GET("/"));

		assert_int_equal(client_answers(client), 1);
		assert_true(says(client, "Connection: close"));
		assert_int_equal(stub_stat(&stub, "delivered"), before + 1);
		client_close(client);

		expect_one_answer_to_two_writes(doors[i]);
	}
}

static void head_has_the_length_and_no_body(void **state)
{
	struct client *client =
	    ask(NET_DOOR_ONION, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");

	(void)state;
	assert_int_equal(client_status(client), 200);
	assert_true(says(client, "\r\nContent-Length: 3\r\n"));
	assert_string_equal(client_body(client), "");
	client_close(client);
}

static void a_wrong_method_is_told_what_is_allowed(void **state)
{
	struct client *client = ask(NET_DOOR_ONION, GET("/sms/echo"));

	(void)state;
	assert_int_equal(client_status(client), 405);
	assert_true(says(client, "\r\nAllow: POST\r\n"));
	assert_string_equal(client_body(client), "");
	client_close(client);
	client = ask(NET_DOOR_ADMIN, POST("/stats") "0\r\n\r\n");
	assert_int_equal(client_status(client), 405);
	assert_true(says(client, "\r\nAllow: GET, HEAD\r\n"));
	client_close(client);
}

static void errors_of_a_person_are_a_page(void **state)
{
	struct client *client =
	    ask(NET_DOOR_HTTPS, "GET / HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n");

	(void)state;
	assert_int_equal(client_status(client), 400);
	assert_true(says(client, "\r\nContent-Language: en\r\n"));
	assert_true(says(client, "\r\nContent-Type: text/html"));
	assert_string_equal(client_body(client), "<p>error page</p>\n");
	client_close(client);
}

/* Whoever passes on an address may add one, and its reader can do nothing
 * about it: the page is asked for without. What was sent so is not taken. */
static void a_query_that_is_refused_costs_no_page(void **state)
{
#define LONG "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	static const struct {
		const char *request, *location;
	} asked[] = {
		{ GET("/?utm_source=a%20b"), "\r\nLocation: /\r\n" },
		{ GET("/km/c?x=" LONG LONG LONG LONG),
		    "\r\nLocation: /km/c\r\n" },
		{ "HEAD /km/?{} HTTP/1.1\r\nHost: x\r\n\r\n",
		    "\r\nLocation: /km/\r\n" },
	};
#undef LONG
	struct client *client;

	(void)state;
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		client = ask(NET_DOOR_HTTPS, asked[i].request);
		assert_int_equal(client_status(client), 303);
		assert_true(says(client, asked[i].location));
		assert_true(says(client, "\r\nConnection: close\r\n"));
		assert_string_equal(client_body(client), "");
		client_close(client);
	}
	client = ask(NET_DOOR_HTTPS, POST("/?a=%20b") "0\r\n\r\n");
	assert_int_equal(client_status(client), 400);
	assert_string_equal(client_body(client), "<p>error page</p>\n");
	client_close(client);
}

/* A body there could become a text on a phone that is watched. */
static void errors_of_a_gateway_are_empty(void **state)
{
	static const char *const requests[] = {
		GET("/sms/nobody"),
		GET("/sms/echo"),
		"GET /api/v1 HTTP/1.1\r\n\r\n",
		POST("/sms/echo") "2000\r\n\r\n",
		POST("/sms/echo") "3\r\nContent-Length: 3\r\n\r\nabc",
		"GET /sms/echo HTTP/3.0\r\nHost: x\r\n\r\n",
		"\x16\x03\x01\x02\x01", /* no request line at all */
		"FOO\r\n\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct client *client = ask(NET_DOOR_ONION, requests[i]);

		/* with a route that must be silent beside it, a head that
		 * breaks off is answered by a reset: no status at all */
		if (client_status(client) != 0) {
			assert_in_range(client_status(client), 400, 599);
			assert_true(says(client, "Content-Length: 0\r\n"));
			assert_false(says(client, "Content-Type"));
			assert_string_equal(client_body(client), "");
		}
		client_close(client);
	}
}

static void a_mute_gateway_never_hears_a_status_of_ours(void **state)
{
	static const char *const requests[] = {
		POST("/sms/mute") "9\r\n\r\n123456789",
		POST("/sms/mute") "3\r\nContent-Length: 3\r\n\r\nabc",
		POST("/sms/mute") "3\r\n\r\nabc", /* never answered: overdue */
		POST("/sms/mute") "3\r\n\r\nab",  /* cut */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct client *client = ask(NET_DOOR_HTTPS, requests[i]);

		assert_int_equal(client->said_len, 0);
		client_close(client);
	}
}

static void a_body_over_its_routes_limit_is_413(void **state)
{
	struct client *client =
	    ask(NET_DOOR_ONION, POST("/small") "9\r\n\r\n123456789");

	(void)state;
	assert_int_equal(client_status(client), 413);
	client_close(client);
	client = ask(NET_DOOR_ONION, POST("/small") "8\r\n\r\n12345678");
	assert_string_equal(client_body(client), "12345678");
	client_close(client);
	client = ask(NET_DOOR_ONION,
	    POST("/small") "9\r\nContent-Type: multipart/form-data;"
			   " boundary=a\r\n\r\n123456789");
	assert_string_equal(client_body(client), "123456789");
	client_close(client);
	client = ask(NET_DOOR_ONION,
	    "POST /small HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked"
	    "\r\n\r\n9\r\n123456789\r\n0\r\n\r\n");
	assert_int_equal(client_status(client), 413);
	client_close(client);
}

static void whoever_asks_is_told_to_continue_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct client *client = client_open(&stub, doors[i]);

		assert_true(client_say(
		    client, POST("/echo") "3\r\nExpect: 100-continue\r\n\r\n"));
		for (int n = 0; n < 1000 && client->said_len < 25; n++) {
			assert_false(client_read_end(client, 30));
		}
		assert_string_equal(
		    client->said, "HTTP/1.1 100 Continue\r\n\r\n");
		assert_true(client_say(client, "abc"));
		assert_int_equal(client_read_answer(client), 200);
		assert_int_equal(strncmp(client->said, "HTTP/1.1 200", 12), 0);
		assert_string_equal(client_body(client), "abc");
		client_close(client);
		client = ask(doors[i],
		    POST("/echo") "3\r\nExpect: 100-continue\r\n\r\nabc");
		assert_int_equal(strncmp(client->said, "HTTP/1.1 200", 12), 0);
		client_close(client);
	}
}

static void whoever_closes_his_half_is_answered(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct client *client = ask(doors[i], GET("/late"));

		assert_int_equal(client_status(client), 200);
		assert_string_equal(client_body(client), "ok\n");
		assert_false(client->was_reset);
		assert_int_equal(
		    client->had_goodbye, doors[i] == NET_DOOR_HTTPS);
		client_close(client);
	}
}

static void a_client_that_leaves_while_it_waits_hurts_nobody(void **state)
{
	uint64_t before = stub_stat(&stub, "delivered");

	(void)state;
	for (int n = 0; n < 20; n++) {
		struct client *client = client_open(&stub, doors[n % 2]);

		assert_true(client_say(client, GET("/late")));
		client_sleep_ms(n % 4 == 0 ? 0 : 5);
		client_close(client);
	}
	stub_await(&stub, "open", 1);
	stub_await(&stub, "delivered", before + 20);
	client_sleep_ms(700); /* all the late answers have been tried */
	assert_int_equal(stub_stat(&stub, "open"), 1);
}

static void a_second_answer_is_ignored(void **state)
{
	struct client *client = client_open(&stub, NET_DOOR_ONION);

	(void)state;
	assert_true(client_say(client, GET("/twice")));
	assert_int_equal(client_read_answer(client), 200);
	assert_true(client_say(client, GET("/")));
	assert_int_equal(client_read_answer(client), 200);
	assert_int_equal(client_answers(client), 1);
	client_close(client);
}

static void an_answer_that_never_comes_is_503(void **state)
{
	struct client *client;
	uint64_t start_ms = client_now_ms();

	(void)state;
	client = ask(NET_DOOR_HTTPS, GET("/never"));
	assert_in_range(
	    client_now_ms() - start_ms, WAITING_MS - 10, CLIENT_PATIENCE_MS);
	assert_int_equal(client_status(client), 503);
	assert_string_equal(client_body(client), "<p>error page</p>\n");
	client_close(client);
	start_ms = client_now_ms();
	client = ask(NET_DOOR_HTTPS, POST("/sms/never") "3\r\n\r\nabc");
	assert_in_range(client_now_ms() - start_ms, 290, CLIENT_PATIENCE_MS);
	assert_int_equal(client_status(client), 503);
	assert_string_equal(client_body(client), "");
	client_close(client);
}

static void a_drop_is_a_reset_without_a_byte(void **state)
{
	struct client *client = client_open(&stub, NET_DOOR_HTTPS);

	(void)state;
	assert_true(client_say(client, POST("/drop") "3\r\n\r\nabc"));
	assert_true(client_read_end(client, CLIENT_PATIENCE_MS));
	assert_int_equal(client->said_len, 0);
	assert_true(client->was_reset);
	assert_false(client->had_goodbye);
	client_close(client);
}

static void admin_is_for_the_admin_door_only(void **state)
{
	struct client *client = ask(NET_DOOR_ONION, GET("/stats"));

	(void)state;
	assert_string_equal(client_body(client), "ok\n"); /* any_route */
	client_close(client);
	client = ask(NET_DOOR_ADMIN, GET("/"));
	assert_int_equal(client_status(client), 404);
	assert_string_equal(client_body(client), "");
	assert_false(says(client, "\r\nDate: "));
	client_close(client);
}

static void the_last_byte_is_lingered_for(void **state)
{
	char *body = malloc(100000);
	struct client *client = client_open(&stub, NET_DOOR_HTTPS);

	(void)state;
	/* refused at its head, and still sending: no reset eats the answer */
	memset(body, 'x', 100000);
	assert_true(client_say(client, POST("/small") "100000\r\n\r\n"));
	(void)client_send(client, body, 100000);
	assert_true(client_read_end(client, CLIENT_PATIENCE_MS));
	assert_int_equal(client_status(client), 413);
	client_close(client);
	free(body);
}

static void another_host_is_misdirected(void **state)
{
	static const struct {
		const char *request;
		int status;
	} rows[] = {
		{ "GET / HTTP/1.1\r\nHost: TIP.example\r\n\r\n", 200 },
		{ "GET / HTTP/1.1\r\nHost: tip.example:8443\r\n\r\n", 200 },
		{ "GET / HTTP/1.0\r\n\r\n", 200 },
		{ "GET / HTTP/1.1\r\nHost: tip.example.org\r\n\r\n", 421 },
		{ "GET / HTTP/1.1\r\nHost: tip.exampl\r\n\r\n", 421 },
		{ "GET / HTTP/1.1\r\nHost: 10.0.0.1:1\r\n\r\n", 421 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct client *client = ask(NET_DOOR_HTTPS, rows[i].request);

		assert_int_equal(client_status(client), rows[i].status);
		client_close(client);
		/* the onion's door has no list */
		client = ask(NET_DOOR_ONION, rows[i].request);
		assert_int_equal(client_status(client), 200);
		client_close(client);
	}
}

static void the_turn_ends_once_for_what_it_brought(void **state)
{
	uint64_t before = stub_stat(&stub, "turns");
	struct client *client = ask(NET_DOOR_ONION, GET("/"));

	(void)state;
	client_close(client);
	/* one for the request, one for the first look at the numbers */
	assert_int_equal(stub_stat(&stub, "turns"), before + 2);
}

static void the_sockets_are_for_the_group_only(void **state)
{
	struct stat info;

	(void)state;
	assert_int_equal(stat(tempdir_path(stub.dir, "onion"), &info), 0);
	assert_int_equal(info.st_mode & 0777, 0660);
}

static int start(void **state)
{
	struct stub_opts opts = stub_quick();

	(void)state;
	opts.hosts = hosts;
	/* on a busy machine nobody is late by chance */
	opts.deadlines.idle_ms = 10000;
	opts.deadlines.head_ms[0] = opts.deadlines.head_ms[1] = 10000;
	opts.deadlines.body_ms[0] = opts.deadlines.body_ms[1] = 10000;
	opts.deadlines.waiting_ms[0] = WAITING_MS;
	stub_start(&stub, &opts);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	stub_stop(&stub);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_onion_tells_no_time_and_has_no_hsts),
		cmocka_unit_test(a_connection_is_kept_for_the_next_request),
		cmocka_unit_test(the_last_request_that_is_allowed_closes),
		cmocka_unit_test(early_bytes_are_never_a_request),
		cmocka_unit_test(head_has_the_length_and_no_body),
		cmocka_unit_test(a_wrong_method_is_told_what_is_allowed),
		cmocka_unit_test(errors_of_a_person_are_a_page),
		cmocka_unit_test(a_query_that_is_refused_costs_no_page),
		cmocka_unit_test(errors_of_a_gateway_are_empty),
		cmocka_unit_test(a_mute_gateway_never_hears_a_status_of_ours),
		cmocka_unit_test(a_body_over_its_routes_limit_is_413),
		cmocka_unit_test(whoever_asks_is_told_to_continue_once),
		cmocka_unit_test(whoever_closes_his_half_is_answered),
		cmocka_unit_test(
		    a_client_that_leaves_while_it_waits_hurts_nobody),
		cmocka_unit_test(a_second_answer_is_ignored),
		cmocka_unit_test(an_answer_that_never_comes_is_503),
		cmocka_unit_test(a_drop_is_a_reset_without_a_byte),
		cmocka_unit_test(admin_is_for_the_admin_door_only),
		cmocka_unit_test(the_last_byte_is_lingered_for),
		cmocka_unit_test(another_host_is_misdirected),
		cmocka_unit_test(the_turn_ends_once_for_what_it_brought),
		cmocka_unit_test(the_sockets_are_for_the_group_only),
	};

	if (net_memory_hygiene() != TL_OK) {
		return 1;
	}
	return cmocka_run_group_tests_name("server/net", tests, start, stop);
}
