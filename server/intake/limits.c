/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/intake/limits.h"

#include <sys/resource.h>

/* Doors, links, and a new link that the parent may hand over at any time. */
#define OWN_DESCRIPTORS 64u
/* Two of the longest that a gateway sends: one that is longer than all that
 * there is room for is refused whenever it comes. */
#define BODIES_MIN_BYTES ((size_t)8u * 1024u * 1024u)

/*
 * How many of so many connections this process may have descriptors for.
 * With one too many a crowd that says nothing would hold the last of them.
 */
static uint32_t with_descriptors(uint32_t connections)
{
	rlim_t want = (rlim_t)connections + OWN_DESCRIPTORS;
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0) {
		return connections;
	}
	if (files.rlim_cur < want) {
		files.rlim_cur = files.rlim_max < want ? files.rlim_max : want;
		(void)setrlimit(RLIMIT_NOFILE, &files);
		(void)getrlimit(RLIMIT_NOFILE, &files);
	}
	if (files.rlim_cur >= want) {
		return connections;
	}
	return files.rlim_cur > 2 * OWN_DESCRIPTORS
	    ? (uint32_t)files.rlim_cur - OWN_DESCRIPTORS
	    : OWN_DESCRIPTORS;
}

struct net_limits limits_of_worker(const struct config_intake *intake)
{
	struct net_limits limits = net_limits_default;
	unsigned workers = intake->workers > 0 ? intake->workers : 1;

	limits.connections =
	    with_descriptors(intake->max_connections / workers);
	/* the memory that one would have */
	limits.bodies_max_bytes /= workers;
	if (limits.bodies_max_bytes < BODIES_MIN_BYTES) {
		limits.bodies_max_bytes = BODIES_MIN_BYTES;
	}
	return limits;
}
