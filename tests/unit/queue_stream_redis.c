/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/stream_redis: records go by four connections, and what becomes of them
 * is told in the order in which they went, whichever answers first. The Redis
 * is a socket of the test's own, so that it can choose.
 */
#include "queue/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "base/clock.h"
#include "queue/place.h"
#include "tests/lib/tempdir.h"

enum { LANES = 4, LINKS = LANES + 2 };

#define LIMIT_MS 30000u
#define HELLO    "*2\r\n$4\r\nrole\r\n$6\r\nmaster\r\n"
#define ENTRY    "$3\r\n1-1\r\n"

struct rig {
	char *dir;
	struct place place;
	struct event_base *base;
	struct stream *stream;
	int listening;
	int fds[LINKS]; /* in the order in which they came */
	unsigned ups, losses, added, waits, replicas;
};

static void on_up(void *arg, uint64_t client)
{
	(void)client;
	((struct rig *)arg)->ups++;
}

static void on_lost(void *arg, enum stream_trouble why)
{
	(void)why;
	((struct rig *)arg)->losses++;
}

static void on_added(void *arg)
{
	((struct rig *)arg)->added++;
}

static void on_waited(void *arg, unsigned replicas)
{
	struct rig *rig = arg;

	rig->waits++;
	rig->replicas = replicas;
}

static const struct stream_events events = {
	.up = on_up, .lost = on_lost, .added = on_added, .waited = on_waited
};

/* Let the loop turn until *count is n, or long enough. */
static void until(struct rig *rig, const unsigned *count, unsigned n)
{
	uint64_t end = clock_mono_ms() + LIMIT_MS;

	while (*count < n && clock_mono_ms() < end) {
		(void)event_base_loop(rig->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	}
	assert_int_equal(*count, n);
}

/* Whatever there is to be done is done: nothing more is to be heard. */
static void settle(struct rig *rig)
{
	for (unsigned i = 0; i < 20; i++) {
		(void)event_base_loop(rig->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	}
}

/* Read until word came n times, which is all that is sent meanwhile. */
static void hear(struct rig *rig, int fd, const char *word, unsigned n)
{
	char got[8192];
	size_t len = 0;
	unsigned seen = 0;
	uint64_t end = clock_mono_ms() + LIMIT_MS;

	while (seen < n && clock_mono_ms() < end) {
		ssize_t more;

		settle(rig);
		more = recv(fd, got + len, sizeof(got) - len - 1, MSG_DONTWAIT);
		len += more > 0 ? (size_t)more : 0;
		got[len] = '\0';
		seen = 0;
		for (const char *at = strstr(got, word); at != NULL;
		     at = strstr(at + 1, word)) {
			seen++;
		}
	}
	assert_int_equal(seen, n);
}

static void say(int fd, const char *text)
{
	assert_int_equal(
	    send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

static void connect_all(struct rig *rig)
{
	unsigned ups = rig->ups;

	stream_connect(rig->stream, &rig->place);
	for (unsigned i = 0; i < LINKS; i++) {
		rig->fds[i] = accept(rig->listening, NULL, NULL);
		assert_true(rig->fds[i] >= 0);
	}
	for (unsigned i = 0; i < LINKS; i++) {
		assert_int_equal(rig->ups, ups); /* not before all are up */
		hear(rig, rig->fds[i], "HELLO", 1);
		say(rig->fds[i], HELLO);
		settle(rig);
	}
	until(rig, &rig->ups, ups + 1);
}

static void close_all(struct rig *rig)
{
	for (unsigned i = 0; i < LINKS; i++) {
		if (rig->fds[i] >= 0) {
			(void)close(rig->fds[i]);
			rig->fds[i] = -1;
		}
	}
}

static int set_up(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct stream_opts opts = { .user = "relay",
		.password = "secret",
		.replicas = 2,
		.events = &events,
		.arg = rig };
	const char *path;

	assert_non_null(rig);
	rig->dir = tempdir_make();
	path = tempdir_path(rig->dir, "redis");
	assert_true(strlen(path) < sizeof(at.sun_path));
	memcpy(at.sun_path, path, strlen(path) + 1);
	assert_int_equal(place_parse(bytes_str(path), &rig->place), TL_OK);
	rig->listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(
	    bind(rig->listening, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(rig->listening, 2 * LINKS), 0);
	rig->base = opts.base = event_base_new();
	assert_non_null(rig->base);
	assert_int_equal(stream_new(&opts, &rig->stream), TL_OK);
	memset(rig->fds, 0xff, sizeof(rig->fds));
	connect_all(rig);
	*state = rig;
	return 0;
}

static int tear_down(void **state)
{
	struct rig *rig = *state;

	stream_free(rig->stream);
	event_base_free(rig->base);
	close_all(rig);
	(void)close(rig->listening);
	tempdir_remove(rig->dir);
	free(rig);
	return 0;
}

static void add(struct rig *rig, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint8_t id[STREAM_ID_BYTES];

		memset(id, 'a' + (int)i, sizeof(id));
		stream_add(rig->stream, id, bytes_str("sealed"));
	}
}

static void what_was_added_is_told_in_the_order_in_which_it_went(void **state)
{
	struct rig *rig = *state;

	add(rig, 2 * LANES);
	for (unsigned i = 0; i < LANES; i++) {
		hear(rig, rig->fds[i], "XADD", 2); /* turn about */
	}
	for (unsigned i = LANES - 1; i > 0; i--) {
		say(rig->fds[i], ENTRY ENTRY);
		settle(rig);
		assert_int_equal(rig->added, 0); /* the oldest has no answer */
	}
	say(rig->fds[0], ENTRY);
	until(rig, &rig->added, LANES);
	settle(rig);
	assert_int_equal(rig->added, LANES);
	say(rig->fds[0], ENTRY);
	until(rig, &rig->added, 2 * LANES);
}

static void all_that_went_is_with_as_many_replicas_as_have_the_least(
    void **state)
{
	static const char *const have[LANES] = { ":2\r\n", ":1\r\n", ":2\r\n",
		":2\r\n" };
	struct rig *rig = *state;

	stream_wait(rig->stream, 1000);
	stream_wait(rig->stream, 1000);
	for (unsigned i = 0; i < LANES; i++) {
		assert_int_equal(rig->waits, 0);
		hear(rig, rig->fds[i], "WAIT", 2);
		say(rig->fds[i], have[i]);
		settle(rig);
	}
	until(rig, &rig->waits, 1);
	assert_int_equal(rig->replicas, 1);
	for (unsigned i = 0; i < LANES; i++) {
		assert_int_equal(rig->waits, 1);
		say(rig->fds[i], ":2\r\n");
		settle(rig);
	}
	until(rig, &rig->waits, 2);
	assert_int_equal(rig->replicas, 2);
}

static void each_connection_that_breaks_takes_the_others_with_it(void **state)
{
	struct rig *rig = *state;

	for (unsigned i = 0; i < LINKS; i++) {
		unsigned added = rig->added;

		/* an answer ahead of the oldest, which dies with its lane */
		add(rig, 2);
		hear(rig, rig->fds[1], "XADD", 1);
		say(rig->fds[1], ENTRY);
		settle(rig);
		(void)close(rig->fds[i]);
		rig->fds[i] = -1;
		until(rig, &rig->losses, i + 1);
		settle(rig);
		assert_int_equal(rig->losses, i + 1); /* said once */
		assert_int_equal(rig->added, added);
		close_all(rig);
		/* and the next connection begins with nothing of it */
		connect_all(rig);
		add(rig, 1);
		hear(rig, rig->fds[0], "XADD", 1);
		settle(rig);
		assert_int_equal(rig->added, added);
		say(rig->fds[0], ENTRY);
		until(rig, &rig->added, added + 1);
		stream_drop(rig->stream);
		settle(rig);
		close_all(rig);
		connect_all(rig);
	}
}

#define RIG(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RIG(what_was_added_is_told_in_the_order_in_which_it_went),
		RIG(all_that_went_is_with_as_many_replicas_as_have_the_least),
		RIG(each_connection_that_breaks_takes_the_others_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
