/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/address.h - which addresses are out in the world.
 *
 * Runs in:   whoever asks for what a stranger has named. Pure.
 * Disk:      none.
 */
#ifndef TL_DESK_ADDRESS_H
#define TL_DESK_ADDRESS_H

#include <stdbool.h>

struct sockaddr;

/*
 * False for this host, for networks that are somebody's own (RFC 1918, 6598,
 * 4193, links), for groups, examples and what is reserved, and for IPv6
 * addresses that stand for such an IPv4 address.
 */
bool address_is_public(const struct sockaddr *at);

#endif
