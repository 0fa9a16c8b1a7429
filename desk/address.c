/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/address.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

/* IANA's registry of special addresses: first address, length of its prefix. */
static const struct {
	uint32_t first;
	unsigned bits;
} own_v4[] = {
	{ 0x00000000u, 8 },  /* this network */
	{ 0x0a000000u, 8 },  /* 10 */
	{ 0x64400000u, 10 }, /* 100.64: a carrier's own */
	{ 0x7f000000u, 8 },  /* this host */
	{ 0xa9fe0000u, 16 }, /* 169.254: the link, and clouds' own services */
	{ 0xac100000u, 12 }, /* 172.16 */
	{ 0xc0000000u, 24 }, /* 192.0.0 */
	{ 0xc0000200u, 24 }, /* examples */
	{ 0xc0586300u, 24 }, /* 192.88.99: relays of before */
	{ 0xc0a80000u, 16 }, /* 192.168 */
	{ 0xc6120000u, 15 }, /* measuring */
	{ 0xc6336400u, 24 }, /* examples */
	{ 0xcb007100u, 24 }, /* examples */
	{ 0xe0000000u, 3 },  /* groups, and what is reserved */
};

static bool is_public_v4(uint32_t address)
{
	for (size_t i = 0; i < sizeof(own_v4) / sizeof(own_v4[0]); i++) {
		if ((address ^ own_v4[i].first) >> (32 - own_v4[i].bits) == 0) {
			return false;
		}
	}
	return true;
}

static uint32_t v4_at(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	    (uint32_t)at[2] << 8 | at[3];
}

/* In use are 2000::/3; of the rest what a network without IPv4 makes of an
 * address of that (NAT64). */
static bool is_public_v6(const uint8_t address[static 16])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const uint8_t nat64[12] = { 0, 0x64, 0xff, 0x9b };
	static const uint8_t by_6to4[2] = { 0x20, 0x02 };
	static const uint8_t example[4] = { 0x20, 0x01, 0x0d, 0xb8 };
	static const uint8_t more[2] = { 0x3f, 0xff }; /* 3fff::/20 */
	static const uint8_t special[2] = { 0x20, 0x01 };

	if (memcmp(address, mapped, sizeof(mapped)) == 0 ||
	    memcmp(address, nat64, sizeof(nat64)) == 0) {
		return is_public_v4(v4_at(address + 12));
	}
	if (memcmp(address, by_6to4, sizeof(by_6to4)) == 0) {
		return is_public_v4(v4_at(address + 2));
	}
	/* 2001:0::/23 is for protocols, Teredo among them */
	return address[0] >> 5 == 1 &&
	    memcmp(address, example, sizeof(example)) != 0 &&
	    !(memcmp(address, more, sizeof(more)) == 0 &&
		address[2] >> 4 == 0) &&
	    !(memcmp(address, special, sizeof(special)) == 0 && address[2] < 2);
}

bool address_is_public(const struct sockaddr *at)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	switch (at->sa_family) {
	case AF_INET:
		memcpy(&v4, at, sizeof(v4));
		return is_public_v4(ntohl(v4.sin_addr.s_addr));
	case AF_INET6:
		memcpy(&v6, at, sizeof(v6));
		return is_public_v6(v6.sin6_addr.s6_addr);
	default:
		return false;
	}
}
