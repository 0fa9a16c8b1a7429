/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/doctor_host: each fault is planted in a /proc of our own, is found, and
 * nothing else is.
 */
#include "cli/doctor_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "tests/lib/tempdir.h"

#define HEADINGS "Filename\tType\tSize\tUsed\tPriority\n"
#define LOCKED \
	"Name:\ttipline\nUid:\t990\t990\t990\t990\n" \
	"CapEff:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n"

/* A host on which all is well. */
static const struct {
	const char *file, *text;
} good[] = {
	{ "swaps", HEADINGS "/dev/dm-1\tpartition\t1\t0\t-2\n" },
	{ "sys/fs/suid_dumpable", "0\n" },
	{ "sys/kernel/core_pattern", "|/bin/false\n" },
	{ "sys/kernel/dmesg_restrict", "1\n" },
	{ "sys/kernel/kptr_restrict", "2\n" },
	{ "sys/kernel/perf_event_paranoid", "3\n" },
	{ "sys/kernel/unprivileged_bpf_disabled", "2\n" },
	{ "sys/kernel/yama/ptrace_scope", "2\n" },
	{ "77/comm", "tipline-spool\n" },
	{ "77/status", LOCKED },
	{ "78/comm", "bash\n" },
	{ "78/status", "Name:\tbash\nUid:\t0\t0\t0\t0\n" },
};
#define GOOD (sizeof(good) / sizeof(good[0]))

static const struct {
	const char *file, *text, *said;
} faults[] = {
	{ "swaps", HEADINGS "/dev/sda2 partition 1 0 -2\n", "/dev/sda2" },
	{ "swaps", HEADINGS "/dev/dm-1 p 1 0 -2\n/swapfile f 1 0 -3\n",
	    "/swapfile" },
	{ "sys/fs/suid_dumpable", "2\n", "fs.suid_dumpable = 0" },
	{ "sys/kernel/core_pattern", "core\n", "kernel.core_pattern" },
	{ "sys/kernel/core_pattern", "|/usr/share/apport %p\n",
	    "kernel.core_pattern" },
	{ "sys/kernel/dmesg_restrict", "0\n", "kernel.dmesg_restrict = 1" },
	{ "sys/kernel/kptr_restrict", "0\n", "kernel.kptr_restrict = 1" },
	{ "sys/kernel/perf_event_paranoid", "-1\n", "perf_event_paranoid = 2" },
	{ "sys/kernel/unprivileged_bpf_disabled", "0\n", "bpf_disabled = 1" },
	{ "sys/kernel/yama/ptrace_scope", "0\n", "ptrace_scope = 1" },
	{ "77/status",
	    "Name:\tx\nUid:\t0\t0\nCapEff:\t0\nNoNewPrivs:\t1\n"
	    "Seccomp:\t2\n",
	    "runs as root" },
	{ "77/status",
	    "Name:\tx\nUid:\t990\nCapEff:\t000001ffffffffff\n"
	    "NoNewPrivs:\t1\nSeccomp:\t2\n",
	    "has capabilities" },
	{ "77/status",
	    "Name:\tx\nUid:\t990\nCapEff:\t0\nNoNewPrivs:\t1\n"
	    "Seccomp:\t0\n",
	    "has not locked itself in" },
	{ "77/status",
	    "Name:\tx\nUid:\t990\nCapEff:\t0\nNoNewPrivs:\t0\n"
	    "Seccomp:\t2\n",
	    "has not locked itself in" },
};
#define FAULTS (sizeof(faults) / sizeof(faults[0]))

static void put(const char *dir, const char *file, const char *text)
{
	FILE *out = fopen(tempdir_path(dir, file), "we");

	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
}

static char *make_good(void)
{
	static const char *const folders[] = { "sys", "sys/fs", "sys/kernel",
		"sys/kernel/yama", "77", "78" };
	char *dir = tempdir_make();

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		assert_int_equal(mkdir(tempdir_path(dir, folders[i]), 0700), 0);
	}
	for (size_t i = 0; i < GOOD; i++) {
		put(dir, good[i].file, good[i].text);
	}
	return dir;
}

static void remember(void *arg, const char *sentence)
{
	(void)snprintf(arg, 512, "%s", sentence);
}

static void a_good_host_is_passed_in_silence(void **state)
{
	char *dir = make_good();
	char said[512] = "";

	(void)state;
	assert_int_equal(doctor_host(dir, remember, said), 0);
	assert_string_equal(said, "");
	tempdir_remove(dir);
}

static void each_planted_fault_is_found_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < FAULTS; i++) {
		char *dir = make_good();
		char said[512] = "";

		put(dir, faults[i].file, faults[i].text);
		assert_int_equal(doctor_host(dir, remember, said), 1);
		if (strstr(said, faults[i].said) == NULL) {
			fail_msg("%s: said: %s", faults[i].file, said);
		}
		tempdir_remove(dir);
	}
}

static void what_the_kernel_does_not_have_is_not_judged(void **state)
{
	char *dir = tempdir_make();
	char said[512] = "";

	(void)state;
	assert_int_equal(doctor_host(dir, remember, said), 0);
	assert_int_equal(doctor_host("/no/such/proc", remember, said), 0);
	tempdir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_host_is_passed_in_silence),
		cmocka_unit_test(each_planted_fault_is_found_alone),
		cmocka_unit_test(what_the_kernel_does_not_have_is_not_judged),
	};

	return cmocka_run_group_tests_name("cli/doctor", tests, NULL, NULL);
}
