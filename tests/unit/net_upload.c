/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/conn_upload: a body that is handed on as it comes, over TLS and
 * over the onion's socket.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/net_client.h"
#include "tests/lib/net_stub.h"
#include "tests/lib/net_stub_upload.h"

#define MULTIPART "Content-Type: multipart/form-data; boundary=b\r\n"

/* Four of 60,000 bytes, and not five. */
#define BODIES_MAX_BYTES ((size_t)256u * 1024u)

static struct stub stub;
static const enum net_door doors[] = { NET_DOOR_HTTPS, NET_DOOR_ONION };
static uint8_t zeros[1024u * 1024u];

static struct client *begin_at(
    enum net_door door, const char *path, const char *more, size_t length)
{
	struct client *client = client_open(&stub, door);
	char head[512];

	(void)snprintf(head, sizeof(head),
	    "POST %s HTTP/1.1\r\nHost: x\r\n%sContent-Length: %zu\r\n\r\n",
	    path, more, length);
	assert_true(client_say(client, head));
	return client;
}

static void a_body_is_handed_on_and_answered(void **state)
{
	static const size_t lens[] = { 0, 1, 65536, 65537, 300000,
		STUB_UPLOAD_MAX_BYTES };

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(lens) / sizeof(lens[0]); i++) {
		size_t len = lens[i / 2];
		struct client *client =
		    begin_at(doors[i % 2], "/upload", MULTIPART, len);
		char want[64];

		(void)snprintf(want, sizeof(want), "%zu whole", len);
		assert_true(client_send(client, zeros, len));
		assert_int_equal(client_read_answer(client), 200);
		assert_string_equal(client_body(client), want);
		/* the connection goes on */
		assert_true(
		    client_say(client, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
		assert_int_equal(client_read_answer(client), 200);
		client_close(client);
	}
	stub_await(&stub, "upload_open", 0);
}

/* How much was read when it had enough; whether that was looked at before it
 * went on. */
static bool look_while_it_has_enough(enum net_door door, uint64_t *ret_bytes)
{
	uint64_t before = stub_stat(&stub, "upload_bytes");
	struct client *client =
	    begin_at(door, "/upload/slow", MULTIPART, 130000);
	uint64_t start_ms = client_now_ms();
	bool is_early;

	assert_true(client_send(client, zeros, 130000));
	do {
		client_sleep_ms(STUB_UPLOAD_PAUSE_MS / 3);
		*ret_bytes = stub_stat(&stub, "upload_bytes") - before;
		is_early = client_now_ms() - start_ms < STUB_UPLOAD_PAUSE_MS;
	} while (is_early && *ret_bytes < STUB_UPLOAD_PAUSE_BYTES);
	assert_int_equal(client_read_answer(client), 200);
	assert_string_equal(client_body(client), "130000 whole");
	client_close(client);
	return is_early;
}

static void nothing_is_read_while_it_has_enough(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		uint64_t bytes;
		int tries = 0;

		while (!look_while_it_has_enough(doors[i], &bytes)) {
			assert_true(++tries < 20); /* held up each time */
		}
		assert_in_range(bytes, STUB_UPLOAD_PAUSE_BYTES,
		    STUB_UPLOAD_PAUSE_BYTES + 16384);
	}
}

static void what_is_too_long_is_answered_and_not_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct client *client = begin_at(doors[i % 2], "/upload",
		    MULTIPART, i < 2 ? STUB_UPLOAD_MAX_BYTES + 1 : 999999999);

		(void)client_send(client, zeros, STUB_UPLOAD_MAX_BYTES + 1);
		assert_int_equal(client_read_answer(client), 200);
		assert_non_null(strstr(client_body(client), " over"));
		assert_non_null(strstr(client->said, "Connection: close"));
		assert_true(client_read_end(client, CLIENT_PATIENCE_MS));
		client_close(client);
	}
	stub_await(&stub, "upload_open", 0);
}

/* As a browser does, which looks for an answer when it has said all. */
static void who_goes_on_sending_can_say_all_and_reads_the_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct client *client =
		    begin_at(doors[i], "/upload", MULTIPART, 8 * sizeof(zeros));

		for (size_t n = 0; n < 8; n++) {
			assert_true(client_send(client, zeros, sizeof(zeros)));
		}
		assert_int_equal(client_read_answer(client), 200);
		assert_non_null(strstr(client_body(client), " over"));
		assert_true(client_read_end(client, CLIENT_PATIENCE_MS));
		client_close(client);
	}
	stub_await(&stub, "upload_open", 0);
}

static void who_leaves_ends_it(void **state)
{
	uint64_t before = stub_stat(&stub, "upload_cut");

	(void)state;
	for (uint64_t i = 0; i < 4; i++) {
		const char *path = i < 2 ? "/upload" : "/upload/slow";
		struct client *client =
		    begin_at(doors[i % 2], path, MULTIPART, 300000);

		assert_true(client_send(client, zeros, 100000));
		client_close(client);
		stub_await(&stub, "upload_cut", before + i + 1);
	}
	stub_await(&stub, "upload_open", 0);
}

static void who_stops_sending_is_told_and_ends_it(void **state)
{
	uint64_t before = stub_stat(&stub, "upload_cut");

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct client *client =
		    begin_at(doors[i], "/upload", MULTIPART, 300000);

		assert_true(client_send(client, zeros, 1));
		assert_true(client_read_end(client, CLIENT_PATIENCE_MS));
		assert_int_equal(client_status(client), 408);
		client_close(client);
	}
	assert_int_equal(stub_stat(&stub, "upload_cut"), before + 2);
	stub_await(&stub, "upload_open", 0);
}

static void a_broken_chunk_ends_it(void **state)
{
	uint64_t before = stub_stat(&stub, "upload_cut");
	struct client *client = client_open(&stub, NET_DOOR_ONION);

	(void)state;
	assert_true(client_say(client,
	    "POST /upload HTTP/1.1\r\nHost: x\r\n" MULTIPART
	    "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nwhat?\r\n"));
	assert_int_equal(client_read_answer(client), 400);
	client_close(client);
	assert_int_equal(stub_stat(&stub, "upload_cut"), before + 1);
}

static void whom_the_application_does_not_take_gets_503(void **state)
{
	static const size_t lens[] = { 0, 1000 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct client *client = begin_at(
		    doors[i % 2], "/upload/none", MULTIPART, lens[i / 2]);

		assert_true(client_send(client, zeros, lens[i / 2]));
		assert_int_equal(client_read_answer(client), 503);
		client_close(client);
	}
}

static void another_type_is_a_body_like_others(void **state)
{
	struct client *client =
	    begin_at(NET_DOOR_HTTPS, "/upload", "Content-Type: a/b\r\n", 3);

	(void)state;
	assert_true(client_say(client, "abc"));
	assert_int_equal(client_read_answer(client), 200);
	assert_string_equal(client_body(client), "abc");
	client_close(client);
	client = begin_at(NET_DOOR_HTTPS, "/upload", "", 1025);
	assert_int_equal(client_read_answer(client), 413);
	client_close(client);
}

static void when_there_are_too_many_the_text_still_counts(void **state)
{
	struct client *first[2];
	struct client *last;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		first[i] = begin_at(doors[i], "/upload", MULTIPART, 300000);
		assert_true(client_send(first[i], zeros, 65537));
	}
	stub_await(&stub, "upload_open", 2);
	last = begin_at(NET_DOOR_HTTPS, "/upload", MULTIPART, 300000);
	(void)client_send(last, zeros, 100000);
	assert_int_equal(client_read_answer(last), 200);
	assert_non_null(strstr(client_body(last), " over"));
	client_close(last);
	for (size_t i = 0; i < 2; i++) {
		client_close(first[i]);
	}
	stub_await(&stub, "upload_open", 0);
}

/* So many are under way already, as many as there may be. */
static void a_long_text_ends_no_upload(void **state)
{
	uint64_t before = stub_stat(&stub, "upload_bytes");
	struct client *uploads[2];
	struct client *text;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		uploads[i] = begin_at(doors[i], "/upload", MULTIPART, 100000);
		assert_true(client_send(uploads[i], zeros, 99999));
	}
	stub_await(&stub, "upload_bytes", before + 2u * 99999u);
	for (size_t i = 0; i < 4; i++) {
		text = begin_at(doors[i % 2], "/small2", "", 90000);
		assert_true(client_send(text, zeros, 90000));
		assert_int_equal(client_read_answer(text), 200);
		client_close(text);
	}
	for (size_t i = 0; i < 2; i++) {
		assert_true(client_send(uploads[i], zeros, 1));
		assert_int_equal(client_read_answer(uploads[i]), 200);
		assert_string_equal(client_body(uploads[i]), "100000 whole");
		client_close(uploads[i]);
	}
	stub_await(&stub, "upload_open", 0);
}

/* It is a browser that goes on sending, and the words before its file. */
static void who_makes_room_is_answered_for_what_has_come(void **state)
{
	uint64_t cut = stub_stat(&stub, "upload_cut");

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		uint64_t before = stub_stat(&stub, "upload_bytes");
		size_t first = i < 2 ? 60000 : 70000;
		struct client *upload = begin_at(
		    doors[i % 2], "/upload", MULTIPART, 8 * sizeof(zeros));
		struct client *text;
		char want[64];

		(void)snprintf(want, sizeof(want), "%zu over", first);
		assert_true(client_send(upload, zeros, first));
		stub_await(&stub, "upload_bytes", before + first);
		text = begin_at(doors[i / 2], "/small2", "", 250000);
		assert_true(client_send(text, zeros, 250000));
		assert_int_equal(client_read_answer(text), 200);
		client_close(text);
		assert_true(client_send(upload, zeros, sizeof(zeros)));
		client_sleep_ms(500);
		for (size_t n = 1; n < 8; n++) {
			assert_true(client_send(upload, zeros,
			    sizeof(zeros) - (n == 7 ? first : 0)));
		}
		assert_int_equal(client_read_answer(upload), 200);
		assert_string_equal(client_body(upload), want);
		assert_non_null(strstr(upload->said, "Connection: close"));
		assert_true(client_read_end(upload, CLIENT_PATIENCE_MS));
		client_close(upload);
	}
	stub_await(&stub, "upload_open", 0);
	assert_int_equal(stub_stat(&stub, "upload_cut"), cut);
	assert_int_equal(stub_stat(&stub, "bodies"), 0);
}

/* Likewise who comes where nobody can make room. */
static void for_whom_there_is_no_room_is_answered_too(void **state)
{
	struct stub_opts opts = stub_quick();
	struct stub small;
	struct client *client;

	(void)state;
	opts.limits.bodies_max_bytes = 1000;
	stub_start(&small, &opts);
	client = client_open(&small, NET_DOOR_HTTPS);
	assert_true(client_say(client,
	    "POST /upload HTTP/1.1\r\nHost: x\r\n" MULTIPART
	    "Content-Length: 3000\r\n\r\n"));
	assert_true(client_send(client, zeros, 900));
	stub_await(&small, "bodies", 900);
	assert_true(client_send(client, zeros, 2100));
	assert_int_equal(client_read_answer(client), 200);
	assert_string_equal(client_body(client), "900 over");
	client_close(client);
	stub_stop(&small);
}

/* Who comes is served, and of those that stand still one makes room. */
static void small_ones_are_held_within_bounds(void **state)
{
	struct client *clients[4];
	size_t whole = 0;
	size_t over = 0;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct client *client =
		    begin_at(doors[i % 2], "/upload", MULTIPART, 60001);

		clients[i] = client;
		assert_true(client_send(client, zeros, 60000));
	}
	stub_await(&stub, "bodies", 240000);
	for (size_t i = 0; i < 2; i++) {
		struct client *client =
		    begin_at(doors[i], "/upload", MULTIPART, 60001);

		assert_true(client_send(client, zeros, 60001));
		assert_int_equal(client_read_answer(client), 200);
		client_close(client);
	}
	stub_await(&stub, "upload_open", 3);
	for (size_t i = 0; i < 4; i++) {
		(void)client_send(clients[i], zeros, 1);
		assert_int_equal(client_read_answer(clients[i]), 200);
		whole += strcmp(client_body(clients[i]), "60001 whole") == 0;
		over += strcmp(client_body(clients[i]), "60000 over") == 0;
		client_close(clients[i]);
	}
	assert_int_equal(whole, 3);
	assert_int_equal(over, 1);
	stub_await(&stub, "upload_open", 0);
	assert_int_equal(stub_stat(&stub, "bodies"), 0);
}

static int set_up(void **state)
{
	struct stub_opts opts = stub_quick();

	(void)state;
	opts.limits.uploads = 2;
	opts.limits.bodies_max_bytes = BODIES_MAX_BYTES;
	opts.deadlines.body_ms[0] = 2500;
	opts.deadlines.body_kib_ms[0] = 10;
	stub_start(&stub, &opts);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	stub_stop(&stub);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_is_handed_on_and_answered),
		cmocka_unit_test(nothing_is_read_while_it_has_enough),
		cmocka_unit_test(what_is_too_long_is_answered_and_not_read),
		cmocka_unit_test(
		    who_goes_on_sending_can_say_all_and_reads_the_answer),
		cmocka_unit_test(who_leaves_ends_it),
		cmocka_unit_test(who_stops_sending_is_told_and_ends_it),
		cmocka_unit_test(a_broken_chunk_ends_it),
		cmocka_unit_test(whom_the_application_does_not_take_gets_503),
		cmocka_unit_test(another_type_is_a_body_like_others),
		cmocka_unit_test(when_there_are_too_many_the_text_still_counts),
		cmocka_unit_test(a_long_text_ends_no_upload),
		cmocka_unit_test(who_makes_room_is_answered_for_what_has_come),
		cmocka_unit_test(for_whom_there_is_no_room_is_answered_too),
		cmocka_unit_test(small_ones_are_held_within_bounds),
	};

	return cmocka_run_group_tests_name(
	    "net/upload", tests, set_up, tear_down);
}
