/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/sandbox_table.h"

#include <sys/mman.h>

#define CALL(name) \
	{ \
		.call = SCMP_SYS(name) \
	}
#define CALL_TO_ITSELF(name) \
	{ \
		.call = SCMP_SYS(name), .to_itself = true \
	}
/* (argument & mask) == value */
#define CALL_IF(name, number, mask, value) \
	{ \
		.call = SCMP_SYS(name), .is_limited = true, .argument = { \
			.arg = (number), \
			.op = SCMP_CMP_MASKED_EQ, \
			.datum_a = (mask), \
			.datum_b = (value) \
		} \
	}
#define GROUP(list) \
	{ \
		.rules = (list), .n = sizeof(list) / sizeof((list)[0]) \
	}

/* Of every process: descriptors it has, time, its end. */
static const struct sandbox_rule base_rules[] = {
	CALL(read), CALL(write), CALL(readv), CALL(writev), CALL(close),
	CALL(clock_gettime), CALL(gettimeofday), CALL(getrandom), CALL(futex),
	CALL(exit), CALL(exit_group), CALL(rt_sigreturn), CALL(rt_sigprocmask),
	CALL(restart_syscall), CALL(getpid), CALL(gettid),
	CALL_TO_ITSELF(tgkill), /* raise() and abort() */
};
static const struct sandbox_group base_group = GROUP(base_rules);

/* Memory, never to be executed. mlock: secrets stay out of swap. */
static const struct sandbox_rule memory_rules[] = {
	CALL(brk),
	CALL(munmap),
	CALL(mremap),
	CALL(madvise),
	CALL(mlock),
	CALL(munlock),
	CALL_IF(mmap, 2, PROT_EXEC, 0),
	CALL_IF(mprotect, 2, PROT_EXEC, 0),
};
static const struct sandbox_group memory_group = GROUP(memory_rules);

/* Waiting for a descriptor without an event base. */
static const struct sandbox_rule poll_rules[] = {
	CALL(poll),
	CALL(ppoll),
};
static const struct sandbox_group poll_group = GROUP(poll_rules);

static const struct sandbox_row rows[SANDBOX_PROFILES] = {
	/* one socket pair, nothing else: it has the team's secret keys */
	[SANDBOX_KEYD] = {
	    .name = "keyd",
	    .groups = { &base_group, &memory_group, &poll_group },
	    .descriptors = 8,
	    .no_file_grows = true,
	    .no_children = true,
	},
};

const struct sandbox_row *sandbox_row(enum sandbox_profile profile)
{
	return &rows[profile];
}
