/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/place, and the majority of queue/sentinel: an address is believed only
 * in one form and only from more than half.
 */
#include "queue/place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "queue/sentinel.h"

static struct place place(const char *text)
{
	struct place place;

	assert_int_equal(place_parse(bytes_str(text), &place), TL_OK);
	return place;
}

static void paths_and_addresses_are_read(void **state)
{
	(void)state;
	assert_string_equal(place("/run/redis.sock").host, "/run/redis.sock");
	assert_int_equal(place("/run/redis.sock:1").port, 0);
	assert_string_equal(place("10.9.0.1:6379").host, "10.9.0.1");
	assert_int_equal(place("10.9.0.1:6379").port, 6379);
	/* one way to write an address, so that two can be compared */
	assert_string_equal(place("[FD00:0::1]:65535").host, "fd00::1");
	assert_int_equal(place("[::1]:65535").port, 65535);
}

static void what_is_no_place_is_refused_and_nothing_written(void **state)
{
	static const char *const wrong[] = { "", "redis", "host:1", "1.2.3.4",
		"1.2.3.4:", "1.2.3.4:0", "1.2.3.4:65536", "1.2.3.4:01",
		"1.2.3.4:1x", "1.2.3:1", "1.2.3.256:1", ":1", "::1:1", "[::1]",
		"[::1]1", "[::1:1", "[]:1", "[1.2.3.4]:1x", "1.2.3.4:-1" };
	char longest[PLACE_BYTES + 2] = "/";
	struct place out = { .host = "before", .port = 7 };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(
		    place_parse(bytes_str(wrong[i]), &out), TL_EINVAL);
	}
	memset(longest + 1, 'x', PLACE_BYTES - 1);
	assert_int_equal(place_parse(bytes_str(longest), &out), TL_EINVAL);
	assert_int_equal(place_parse(bytes_of("/a\0b", 4), &out), TL_EINVAL);
	assert_int_equal(
	    place_pair(bytes_str("10.0.0.1"), bytes_of("1\0", 2), &out),
	    TL_EINVAL);
	assert_int_equal(
	    place_pair(bytes_of("10.0.0.1\0", 9), bytes_str("1"), &out),
	    TL_EINVAL);
	assert_string_equal(out.host, "before");
	assert_int_equal(out.port, 7);
	longest[PLACE_BYTES - 1] = '\0';
	assert_int_equal(place_parse(bytes_str(longest), &out), TL_OK);
}

static void a_route_leads_to_the_tunnel_of_that_server_only(void **state)
{
	char *routes[] = { (char[]){ "10.0.0.1:6379=/run/one.sock" },
		(char[]){ "nonsense" }, (char[]){ "10.0.0.2:6379=x" },
		(char[]){ "[fd00::2]:1=127.0.0.1:7" } };
	struct place to = place("10.0.0.1:6379");

	(void)state;
	assert_string_equal(place_route(&to, routes, 4).host, "/run/one.sock");
	to.port = 6380;
	assert_true((place_route(&to, routes, 4).port) == 6380);
	to = place("10.0.0.2:6379"); /* its route leads nowhere */
	assert_string_equal(place_route(&to, routes, 4).host, "10.0.0.2");
	to = place("[fd00:0::2]:1");
	assert_int_equal(place_route(&to, routes, 4).port, 7);
	assert_int_equal(place_route(&to, NULL, 0).port, 1);
}

static bool majority(const char *const *names, size_t n, const char *want)
{
	struct sentinel_vote votes[SENTINELS_MOST] = { 0 };
	struct place found = { 0 };

	for (size_t i = 0; i < n; i++) {
		if (names[i] != NULL) {
			votes[i].master = place(names[i]);
		}
	}
	if (!sentinel_majority(votes, n, &found)) {
		assert_string_equal(found.host, "");
		return false;
	}
	assert_string_equal(found.host, want);
	return true;
}

#define A "10.0.0.1:1"
#define B "10.0.0.2:1"

static void only_more_than_half_of_all_is_a_majority(void **state)
{
	(void)state;
	assert_false(majority((const char *const[]){ NULL }, 1, ""));
	assert_true(majority((const char *const[]){ A }, 1, "10.0.0.1"));
	assert_false(majority((const char *const[]){ A, NULL }, 2, ""));
	assert_false(majority((const char *const[]){ A, B }, 2, ""));
	assert_false(majority((const char *const[]){ A, NULL, NULL }, 3, ""));
	assert_false(majority((const char *const[]){ A, NULL, B }, 3, ""));
	assert_false(
	    majority((const char *const[]){ NULL, NULL, NULL }, 3, ""));
	assert_true(
	    majority((const char *const[]){ NULL, B, B }, 3, "10.0.0.2"));
	assert_true(majority((const char *const[]){ A, B, B }, 3, "10.0.0.2"));
	/* the port is part of it */
	assert_false(majority(
	    (const char *const[]){ "10.0.0.1:1", "10.0.0.1:2", NULL }, 3, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_and_addresses_are_read),
		cmocka_unit_test(
		    what_is_no_place_is_refused_and_nothing_written),
		cmocka_unit_test(
		    a_route_leads_to_the_tunnel_of_that_server_only),
		cmocka_unit_test(only_more_than_half_of_all_is_a_majority),
	};

	return cmocka_run_group_tests_name("queue/place", tests, NULL, NULL);
}
