/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net: the corpus of requests that other servers let through, sent to
 * the whole engine: in one write, byte by byte, cut in two; over TLS and over
 * the onion's socket.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/enc.h"
#include "tests/lib/net_client.h"
#include "tests/lib/net_stub.h"

#define REQUEST_MAX (64u * 1024)

static json_t *corpus;
static struct stub stub;

struct vector {
	const char *id;
	bool must_accept;
	bool may_accept;
	bool in_one_write; /* its meaning is that nothing is cut */
	uint8_t bytes[REQUEST_MAX];
	size_t len;
};

static struct vector *vector_at(size_t i)
{
	static struct vector v;
	json_t *entry = json_array_get(corpus, i);
	const char *text =
	    json_string_value(json_object_get(entry, "bytes_b64"));
	const char *expect =
	    json_string_value(json_object_get(entry, "expect"));

	assert_non_null(text);
	assert_non_null(expect);
	v.id = json_string_value(json_object_get(entry, "id"));
	v.must_accept = strcmp(expect, "accept") == 0;
	v.may_accept = strcmp(expect, "reject") != 0;
	v.in_one_write = strncmp(v.id, "early-", 6) == 0;
	assert_int_equal(dec_b64(B64_STD, text, strlen(text), v.bytes,
			     sizeof(v.bytes), &v.len),
	    TL_OK);
	return &v;
}

/* One connection: the request in pieces, then our half is closed. */
static void send_and_judge(const struct vector *v, enum net_door door,
    size_t first_len, size_t piece_len)
{
	struct client *client = client_open(&stub, door);
	size_t at = 0;
	size_t len = first_len;
	int status;

	while (at < v->len) {
		len = len < v->len - at ? len : v->len - at;
		if (!client_send(client, v->bytes + at, len)) {
			break; /* refused already */
		}
		at += len;
		len = piece_len;
	}
	client_half_close(client);
	if (!client_read_end(client, CLIENT_PATIENCE_MS)) {
		fail_msg("%s is never closed", v->id);
	}
	status = client_status(client);
	if (client_answers(client) > 1 || (v->must_accept && status != 200) ||
	    (!v->may_accept && status != 0 && status < 400)) {
		fail_msg("%s in door %d, cut at %zu: %s", v->id, (int)door,
		    first_len, client->said);
	}
	client_close(client);
}

/* All ways of one request; how often it went out. */
static uint64_t try_all_ways(
    const struct vector *v, enum net_door door, size_t cut_step)
{
	uint64_t ways = 1;

	send_and_judge(v, door, v->len, v->len);
	if (v->in_one_write) {
		return ways;
	}
	send_and_judge(v, door, 1, 1);
	ways++;
	for (size_t cut = 1; cut < v->len; cut += cut_step) {
		send_and_judge(v, door, cut, v->len);
		ways++;
	}
	return ways;
}

static void try_corpus(enum net_door door, size_t cuts_max)
{
	for (size_t i = 0; i < json_array_size(corpus); i++) {
		const struct vector *v = vector_at(i);
		uint64_t before = stub_stat(&stub, "delivered");
		uint64_t ways = try_all_ways(v, door, 1 + v->len / cuts_max);
		uint64_t now = stub_stat(&stub, "delivered");

		if ((v->must_accept && now - before != ways) ||
		    (!v->may_accept && now != before) || now - before > ways) {
			fail_msg("%s: sent %u times, delivered %u times", v->id,
			    (unsigned)ways, (unsigned)(now - before));
		}
	}
	stub_await(&stub, "open", 1);
}

static void the_corpus_behaves_over_the_onions_socket(void **state)
{
	(void)state;
	assert_int_equal(json_array_size(corpus), 115);
	try_corpus(NET_DOOR_ONION, 1000);
}

static void the_corpus_behaves_over_tls(void **state)
{
	(void)state;
	try_corpus(NET_DOOR_HTTPS, 12);
}

static int start(void **state)
{
	struct stub_opts opts = stub_quick();

	(void)state;
	/* nothing here is about time, whatever holds a piece up */
	opts.deadlines.idle_ms = CLIENT_PATIENCE_MS;
	opts.deadlines.head_ms[0] = opts.deadlines.head_ms[1] =
	    CLIENT_PATIENCE_MS;
	opts.deadlines.body_ms[0] = opts.deadlines.body_ms[1] =
	    CLIENT_PATIENCE_MS;
	corpus = json_load_file("tests/vectors/http.json", 0, NULL);
	assert_non_null(corpus);
	stub_start(&stub, &opts);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	stub_stop(&stub);
	json_decref(corpus);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_corpus_behaves_over_the_onions_socket),
		cmocka_unit_test(the_corpus_behaves_over_tls),
	};

	if (net_memory_hygiene() != TL_OK) {
		return 1;
	}
	return cmocka_run_group_tests_name(
	    "server/net corpus", tests, start, stop);
}
