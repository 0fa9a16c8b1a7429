/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/address: an address that a stranger has named, or a name server on his
 * behalf, is none behind our own walls.
 */
#include "desk/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

static bool is_public(const char *text)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} at = { 0 };

	if (strchr(text, ':') != NULL) {
		at.v6.sin6_family = AF_INET6;
		assert_int_equal(
		    inet_pton(AF_INET6, text, &at.v6.sin6_addr), 1);
	} else {
		at.v4.sin_family = AF_INET;
		assert_int_equal(inet_pton(AF_INET, text, &at.v4.sin_addr), 1);
	}
	return address_is_public(&at.any);
}

static void what_is_ours_is_not_public(void **state)
{
	static const char *const own[] = { "0.0.0.0", "0.1.2.3", "10.0.0.1",
		"10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1",
		"127.255.0.3", "169.254.169.254", "172.16.0.1",
		"172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1",
		"192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.7",
		"203.0.113.9", "224.0.0.1", "239.1.1.1", "240.0.0.1",
		"255.255.255.255", "::", "::1", "::7f00:1", "fe80::1",
		"fec0::1", "fc00::1", "fd12:3456::1", "ff02::1",
		"::ffff:127.0.0.1", "::ffff:10.1.2.3", "64:ff9b::10.0.0.1",
		"64:ff9b:1::1", "100::1", "2001::1", "2001:1ff::1",
		"2001:db8::1", "3fff::1", "3fff:fff:ffff::1", "2002:7f00:1::1",
		"2002:c0a8:101::", "4000::1" };

	(void)state;
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		if (is_public(own[i])) {
			fail_msg("%s", own[i]);
		}
	}
}

static void what_is_out_in_the_world_is(void **state)
{
	static const char *const far[] = { "1.1.1.1", "9.255.255.255",
		"11.0.0.0", "100.63.255.255", "100.128.0.0", "126.1.1.1",
		"128.0.0.1", "169.253.1.1", "169.255.0.1", "172.15.255.255",
		"172.32.0.1", "192.0.1.1", "192.167.1.1", "192.169.1.1",
		"198.17.1.1", "198.20.0.1", "223.255.255.255",
		"2606:4700::1111", "2001:200::1", "2a00:1450::1", "3ffe::1",
		"3fff:1000::1", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1",
		"2002:101:101::1" };

	(void)state;
	for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++) {
		if (!is_public(far[i])) {
			fail_msg("%s", far[i]);
		}
	}
}

static void an_address_of_another_kind_is_not(void **state)
{
	const struct sockaddr at = { .sa_family = AF_UNIX };

	(void)state;
	assert_false(address_is_public(&at));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_ours_is_not_public),
		cmocka_unit_test(what_is_out_in_the_world_is),
		cmocka_unit_test(an_address_of_another_kind_is_not),
	};

	return cmocka_run_group_tests_name("desk/address", tests, NULL, NULL);
}
