/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/address: no address that is let through is this host's, a network's own,
 * the link's or a group's, nor stands for one that is; said once more by what
 * is written, as a person reads it.
 *
 * Input: an IPv6 address, or of fewer bytes an IPv4 address.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "desk/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static bool v4_is_public(const uint8_t *bytes)
{
	union address at = { .v4 = { .sin_family = AF_INET } };

	memcpy(&at.v4.sin_addr, bytes, 4);
	return address_is_public(&at.any);
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* The number behind the first point. */
static long second_of(const char *text)
{
	return strtol(strchr(text, '.') + 1, NULL, 10);
}

static bool is_own_v4(const uint8_t *bytes)
{
	static const char *const fronts[] = { "0.", "10.", "127.", "169.254.",
		"192.168.", "192.0.0.", "192.0.2.", "192.88.99.", "198.18.",
		"198.19.", "198.51.100.", "203.0.113." };
	char text[INET_ADDRSTRLEN];

	assert(inet_ntop(AF_INET, bytes, text, sizeof(text)) != NULL);
	for (size_t i = 0; i < sizeof(fronts) / sizeof(fronts[0]); i++) {
		if (begins(text, fronts[i])) {
			return true;
		}
	}
	if (begins(text, "172.")) {
		return second_of(text) >= 16 && second_of(text) <= 31;
	}
	if (begins(text, "100.")) {
		return second_of(text) >= 64 && second_of(text) <= 127;
	}
	return strtol(text, NULL, 10) >= 224;
}

/* An IPv4 address that it is another name of, or NULL. */
static const uint8_t *v4_within(const struct in6_addr *at)
{
	static const uint8_t nat64[12] = { 0, 0x64, 0xff, 0x9b };

	if (IN6_IS_ADDR_V4MAPPED(at) || IN6_IS_ADDR_V4COMPAT(at) ||
	    memcmp(at->s6_addr, nat64, sizeof(nat64)) == 0) {
		return at->s6_addr + 12;
	}
	return at->s6_addr[0] == 0x20 && at->s6_addr[1] == 0x02
	    ? at->s6_addr + 2
	    : NULL;
}

static bool is_own_v6(const struct in6_addr *at)
{
	const uint8_t *v4 = v4_within(at);
	char text[INET6_ADDRSTRLEN];

	assert(inet_ntop(AF_INET6, at, text, sizeof(text)) != NULL);
	if (IN6_IS_ADDR_UNSPECIFIED(at) || IN6_IS_ADDR_LOOPBACK(at) ||
	    IN6_IS_ADDR_LINKLOCAL(at) || IN6_IS_ADDR_SITELOCAL(at) ||
	    IN6_IS_ADDR_MULTICAST(at) || begins(text, "fc") ||
	    begins(text, "fd") || begins(text, "2001:db8:") ||
	    begins(text, "2001::") || begins(text, "2001:0:") ||
	    begins(text, "3fff::")) {
		return true;
	}
	if (begins(text, "3fff:") && strtol(text + 5, NULL, 16) <= 0xfff) {
		return true;
	}
	if (v4 != NULL) {
		return is_own_v4(v4);
	}
	/* nothing else has been given to anybody */
	return text[0] != '2' && text[0] != '3';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	union address at = { .v6 = { .sin6_family = AF_INET6 } };

	if (len < 4) {
		return 0;
	}
	assert(v4_is_public(data) == !is_own_v4(data));
	if (len < 16) {
		return 0;
	}
	memcpy(&at.v6.sin6_addr, data, 16);
	if (address_is_public(&at.any)) {
		assert(!is_own_v6(&at.v6.sin6_addr));
		assert(v4_within(&at.v6.sin6_addr) == NULL ||
		    v4_is_public(v4_within(&at.v6.sin6_addr)));
	}
	at.any.sa_family = (sa_family_t)(data[0] | data[1] << 8);
	assert(at.any.sa_family == AF_INET || at.any.sa_family == AF_INET6 ||
	    !address_is_public(&at.any));
	return 0;
}
