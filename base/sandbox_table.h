/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * base/sandbox_table.h - which profile may do what: the table behind
 * sandbox_enter() and nothing else.
 *
 * A profile is a set of groups of system calls, a few limits, and rights in
 * some folders. A call that is in none of its groups, or whose arguments do not
 * fit, is refused.
 */
#ifndef TL_BASE_SANDBOX_TABLE_H
#define TL_BASE_SANDBOX_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <seccomp.h>

#include "base/sandbox.h"

/* A call that is allowed if its arguments fit. */
struct sandbox_rule {
	int call;       /* SCMP_SYS() */
	bool to_itself; /* argument 0 must be the process's own id */
	unsigned n_arguments;
	struct scmp_arg_cmp arguments[2];
};

struct sandbox_group {
	const struct sandbox_rule *rules;
	size_t n;
};

#define SANDBOX_GROUPS_MAX 10u

struct sandbox_row {
	const char *name;
	const struct sandbox_group *groups[SANDBOX_GROUPS_MAX]; /* NULL ends */
	/* limits; 0 descriptors leave that limit alone */
	unsigned descriptors;
	bool no_file_grows;
	bool no_children;
	/* LANDLOCK_ACCESS_FS_...: rights in the folders; all else is closed.
	 * Rights that a kernel does not know are not asked of it. */
	uint64_t folder_rights;
	/* LANDLOCK_ACCESS_NET_...: rights to TCP, from version 4 on */
	uint64_t tcp_rights;
};

const struct sandbox_row *sandbox_row(enum sandbox_profile profile);

#endif
