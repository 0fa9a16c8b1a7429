/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/doctor: each fault is planted on a host of our own, is found alone, and
 * the sentence names the cure.
 */
#include "cli/doctor_host.h"
#include "cli/doctor_site.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/lib/doctor_visit.h"
#include "tests/lib/tempdir.h"

#define HEADINGS "Filename\tType\tSize\tUsed\tPriority\n"
#define BLOCK_FOLDERS(n) \
	"sys/class/block/dm-" n, "sys/class/block/dm-" n "/dm", \
	    "sys/class/block/dm-" n "/slaves"
#define LOCKED \
	"Name:\ttipline\nUid:\t990\t990\t990\t990\n" \
	"CapEff:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n"

/* A host on which all is well. */
static const struct {
	const char *file, *text;
} good[] = {
	{ "proc/swaps",
	    HEADINGS "/dev/dm-1\tpartition\t1\t0\t-2\n"
		     "/dev/dm-2\tpartition\t1\t0\t-3\n"
		     "/dev/mapper/swap\tpartition\t1\t0\t-4\n"
		     "/dev/dm-9\tpartition\t1\t0\t-5\n"
		     "/dev/zram0\tpartition\t1\t0\t-6\n" },
	{ "sys/class/block/dm-0/dm/uuid", "CRYPT-LUKS2-6a1e-sda3_crypt\n" },
	{ "sys/class/block/dm-0/dm/name", "sda3_crypt\n" },
	{ "sys/class/block/dm-1/dm/uuid", "CRYPT-PLAIN-swap\n" },
	{ "sys/class/block/dm-4/dm/uuid", "CRYPT-PLAIN-other\n" },
	{ "sys/class/block/dm-4/dm/name", "swap\n" },
	/* LVM on an encrypted disk and on an encrypted swap */
	{ "sys/class/block/dm-2/dm/uuid", "LVM-Vd5xeGwbeYRk\n" },
	{ "sys/class/block/dm-2/dm/name", "host-swap\n" },
	{ "sys/class/block/dm-2/slaves/dm-0", "" },
	{ "sys/class/block/dm-2/slaves/dm-4", "" },
	{ "sys/class/block/dm-3/dm/uuid", "LVM-Vd5xeGwbeYRk\n" },
	{ "sys/class/block/dm-3/dm/name", "plain\n" },
	{ "sys/class/block/dm-3/slaves/sda3", "" },
	{ "proc/sys/fs/suid_dumpable", "0\n" },
	{ "proc/sys/kernel/core_pattern", "|/bin/false\n" },
	{ "proc/sys/kernel/dmesg_restrict", "1\n" },
	{ "proc/sys/kernel/kptr_restrict", "2\n" },
	{ "proc/sys/kernel/perf_event_paranoid", "3\n" },
	{ "proc/sys/kernel/unprivileged_bpf_disabled", "2\n" },
	{ "proc/sys/kernel/yama/ptrace_scope", "2\n" },
	{ "proc/77/comm", "tipline-spool\n" },
	{ "proc/77/status", LOCKED },
	{ "run/systemd/timesync/synchronized", "" },
	{ "sys/kernel/security/lsm", "lockdown,landlock,apparmor\n" },
	{ "etc/apparmor.d/system_tor", "profile system_tor {\n}\n" },
	{ "etc/apparmor.d/local/system_tor",
	    "include if exists \"/usr/share/tipline/tor/tipline.apparmor\"\n" },
	{ "etc/systemd/system/tor@default.service.d/tipline.conf",
	    "[Service]\n" },
	{ "var/lib/dpkg/status",
	    "Package: redis-server\nStatus: install ok installed\n"
	    "Version: 5:7.0.15-1~deb12u10\n\n"
	    "Package: libssl3\nStatus: deinstall ok config-files\n"
	    "Version: 3.0.1-1\n\nPackage: bash\n"
	    "Status: install ok installed\nVersion: 0.1\n" },
	{ "proc/78/comm", "bash\n" },
	{ "proc/79/comm", "tipline-desk\n" },
	{ "proc/79/status", LOCKED },
	{ "proc/78/status", "Name:\tbash\nUid:\t0\t0\t0\t0\n" },
};
#define GOOD (sizeof(good) / sizeof(good[0]))

static const struct {
	const char *file, *text, *said;
} faults[] = {
	{ "proc/swaps", HEADINGS "/dev/sda2 partition 1 0 -2\n", "/dev/sda2" },
	{ "proc/swaps", HEADINGS "/dev/dm-1 p 1 0 -2\n/swapfile f 1 0 -3\n",
	    "/swapfile" },
	{ "sys/class/block/dm-1/dm/uuid", "LVM-Vd5xeGwbeYRk\n", "/dev/dm-1" },
	{ "proc/swaps", HEADINGS "/dev/mapper/plain p 1 0 -2\n",
	    "/dev/mapper/plain" },
	/* one of the disks below it is not */
	{ "sys/class/block/dm-0/dm/uuid", "mpath-3600508b\n", "/dev/dm-2" },
	{ "proc/sys/fs/suid_dumpable", "2\n", "fs.suid_dumpable = 0" },
	{ "proc/sys/kernel/core_pattern", "core\n", "kernel.core_pattern" },
	{ "proc/sys/kernel/core_pattern", "|/usr/share/apport %p\n",
	    "kernel.core_pattern" },
	{ "proc/sys/kernel/dmesg_restrict", "0\n",
	    "kernel.dmesg_restrict = 1" },
	{ "proc/sys/kernel/kptr_restrict", "0\n",
	    "put \"kernel.kptr_restrict = 2\" into"
	    " /etc/sysctl.d/60-tipline.conf" },
	{ "proc/sys/kernel/perf_event_paranoid", "-1\n",
	    "perf_event_paranoid = 3" },
	{ "proc/sys/kernel/unprivileged_bpf_disabled", "0\n",
	    "bpf_disabled = 1" },
	{ "proc/sys/kernel/yama/ptrace_scope", "0\n", "ptrace_scope = 2" },
	{ "proc/77/status",
	    "Name:\tx\nUid:\t0\t0\nCapEff:\t0\nNoNewPrivs:\t1\n"
	    "Seccomp:\t2\n",
	    "runs as root" },
	{ "proc/77/status",
	    "Name:\tx\nUid:\t990\nCapEff:\t000001ffffffffff\n"
	    "NoNewPrivs:\t1\nSeccomp:\t2\n",
	    "has capabilities" },
	{ "proc/77/status",
	    "Name:\tx\nUid:\t990\nCapEff:\t0\nNoNewPrivs:\t1\n"
	    "Seccomp:\t0\n",
	    "has not locked itself in" },
	{ "proc/77/status",
	    "Name:\tx\nUid:\t990\nCapEff:\t0\nNoNewPrivs:\t0\n"
	    "Seccomp:\t2\n",
	    "has not locked itself in" },
	{ "proc/79/status",
	    "Name:\tx\nUid:\t0\t0\nCapEff:\t0\nNoNewPrivs:\t1\n"
	    "Seccomp:\t2\n",
	    "tipline-desk (process 79) runs as root" },
	{ "proc/79/status",
	    "Name:\tx\nUid:\t990\nCapEff:\t0\nNoNewPrivs:\t0\n"
	    "Seccomp:\t0\n",
	    "tipline-desk (process 79) has not locked itself in" },
	{ "sys/kernel/security/lsm", "lockdown,capability,yama,apparmor",
	    "put landlock in front" },
	{ "sys/kernel/security/lsm", "xlandlock\n", "put landlock in front" },
	{ "etc/apparmor.d/local/system_tor", "# nothing\n",
	    "run apparmor_parser -r" },
	{ "var/lib/dpkg/status",
	    "Package: libsqlite3-0\nStatus: install ok installed\n"
	    "Version: 3.40.1-2+deb12u1\n",
	    "apt install libsqlite3-0" },
	{ "var/lib/dpkg/status",
	    "Package: redis-server\nStatus: install ok installed\n"
	    "Version: 5:7.0.15-1~deb12u9\n",
	    "apt install redis-server" },
	/* those that stay as they are */
	{ "var/lib/dpkg/status",
	    "Package: redis-server\nStatus: hold ok installed\n"
	    "Version: 5:7.0.15-1~deb12u9\n",
	    "apt install redis-server" },
	{ "var/lib/dpkg/status",
	    "Package: libssl3\nStatus: install ok installed\n"
	    "Architecture: amd64\nVersion: 3.0.9-1\n",
	    "apt install libssl3" },
};
#define FAULTS (sizeof(faults) / sizeof(faults[0]))

static char *make_good(void)
{
	static const char *const folders[] = { "proc", "proc/sys",
		"proc/sys/fs", "proc/sys/kernel", "proc/sys/kernel/yama",
		"proc/77", "proc/78", "proc/79", "sys", "sys/class",
		"sys/kernel", "sys/kernel/security", "sys/class/block",
		BLOCK_FOLDERS("0"), BLOCK_FOLDERS("1"), BLOCK_FOLDERS("2"),
		BLOCK_FOLDERS("3"), BLOCK_FOLDERS("4"), "run", "run/systemd",
		"run/systemd/timesync", "var", "var/lib", "var/lib/dpkg", "etc",
		"etc/apparmor.d", "etc/apparmor.d/local", "etc/systemd",
		"etc/systemd/system",
		"etc/systemd/system/tor@default.service.d" };
	char *dir = tempdir_make();

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		assert_int_equal(mkdir(tempdir_path(dir, folders[i]), 0700), 0);
	}
	for (size_t i = 0; i < GOOD; i++) {
		doctor_put(dir, good[i].file, good[i].text);
	}
	return dir;
}

static void look_at_host(const char *root, struct doctor_heard *heard)
{
	struct doctor doctor = doctor_visit(root, heard);

	doctor_host(&doctor);
	doctor_packages(&doctor);
	assert_int_equal(doctor.n, heard->n);
}

static void a_good_host_is_passed_in_silence(void **state)
{
	char *dir = make_good();
	struct doctor_heard heard = { 0 };

	(void)state;
	look_at_host(dir, &heard);
	doctor_expect(&heard, 0, "");
	tempdir_remove(dir);
}

static void each_planted_fault_is_found_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < FAULTS; i++) {
		char *dir = make_good();
		struct doctor_heard heard = { 0 };

		doctor_put(dir, faults[i].file, faults[i].text);
		look_at_host(dir, &heard);
		doctor_expect(&heard, 1, faults[i].said);
		tempdir_remove(dir);
	}
}

static void a_clock_that_nobody_sets_is_found(void **state)
{
	char *dir = make_good();
	struct doctor_heard heard = { 0 };

	(void)state;
	assert_int_equal(
	    unlink(tempdir_path(dir, "run/systemd/timesync/synchronized")), 0);
	look_at_host(dir, &heard);
	doctor_expect(&heard, 1, "timedatectl set-ntp true");
	/* chrony sets it too, and leaves no such file */
	heard = (struct doctor_heard){ 0 };
	doctor_put(dir, "proc/78/comm", "chronyd\n");
	look_at_host(dir, &heard);
	doctor_expect(&heard, 0, "");
	tempdir_remove(dir);
}

static void what_the_kernel_does_not_have_is_not_judged(void **state)
{
	char *dir = tempdir_make();
	struct doctor_heard heard = { 0 };

	(void)state;
	look_at_host(dir, &heard);
	look_at_host("/no/such/root", &heard);
	doctor_expect(&heard, 0, "");
	tempdir_remove(dir);
}

/* By the changelogs of Debian 12: the version before the one that mends, and
 * that one. */
static void what_came_before_a_mended_package_is_found(void **state)
{
	static const struct {
		const char *name, *before, *mended;
	} rows[] = {
		{ "libcurl4", "7.88.1-10+deb12u14", "7.88.1-10+deb12u15" },
		{ "libevent-core-2.1-7", "2.1.12-stable-8",
		    "2.1.12-stable-8+deb12u1" },
		{ "libsodium23", "1.0.18-1", "1.0.18-1+deb12u1" },
		{ "libsqlite3-0", "3.40.1-2+deb12u1", "3.40.1-2+deb12u2" },
		{ "libssl3", "3.0.20-1~deb12u2", "3.0.22-1~deb12u2" },
		{ "libssl3", "3.0.22-1~deb12u1", "3.0.22-1~deb12u2" },
		{ "redis-server", "5:7.0.15-1~deb12u9", "5:7.0.15-1~deb12u10" },
		{ "stunnel4", "3:5.68-2", "3:5.68-2+deb12u1" },
		{ "systemd", "252.39-1~deb12u1", "252.39-1~deb12u2" },
		{ "tor", "0.4.9.9-0+deb12u1", "0.4.9.11-0+deb12u1" },
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		bool old = i % 2 == 0;
		char *dir = make_good();
		struct doctor_heard heard = { 0 };
		char text[256], cure[64];

		(void)snprintf(text, sizeof(text),
		    "Package: %s\nStatus: install ok installed\n"
		    "Version: %s\n",
		    rows[i / 2].name,
		    old ? rows[i / 2].before : rows[i / 2].mended);
		(void)snprintf(
		    cure, sizeof(cure), "apt install %s", rows[i / 2].name);
		doctor_put(dir, "var/lib/dpkg/status", text);
		look_at_host(dir, &heard);
		doctor_expect(&heard, old, old ? cure : "");
		tempdir_remove(dir);
	}
}

static void versions_are_compared_as_dpkg_does(void **state)
{
	static const char *const rising[] = { "1.0~rc1-1", "1.0-1~deb12u9",
		"1.0-1~deb12u10", "1.0-1", "1.0-1+b1", "1.0-2", "1.0a-1",
		"1.0+1-1", "1.0.1-1", "1.10-1", "1:0.1-1", "1:0.1-1.1" };
	const size_t n = sizeof(rising) / sizeof(rising[0]);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < n; k++) {
			assert_int_equal(
			    doctor_older(rising[i], rising[k]), i < k);
		}
	}
	assert_false(doctor_older("1", "1-0"));
	assert_false(doctor_older("", ""));
	assert_true(doctor_older("", "1"));
}

#define DAY_S 86400

/* ---- what the configuration leads to ----------------------------------------
 */

static void a_name_that_tells_is_found(void **state)
{
	static const struct {
		const char *url, *title;
		size_t n;
	} rows[] = {
		{ "https://notes.example.org", "", 0 },
		{ "https://notes.example.org", "Message", 0 },
		{ "https://Report.example.org", "Message", 1 },
		{ "https://stop-trafficking.example.org", "", 1 },
		{ "https://notes.example.org", "Police line", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct doctor_heard heard = { 0 };
		struct doctor doctor = doctor_visit("", &heard);
		const struct config_site site = {
			.public_url = (char *)(uintptr_t)rows[i].url,
			.title = (char *)(uintptr_t)rows[i].title,
		};

		doctor_names(&doctor, &site);
		doctor_expect(&heard, rows[i].n,
		    rows[i].n > 0 ? "choose a neutral one" : "");
	}
}

static void keys_of_the_team_on_a_public_host_are_found(void **state)
{
	static const char *const names[] = { "identity.key", "team.ring",
		"receipt.key", "desk.key" };
	char *dir = tempdir_make();
	char list[256];
	char *lists[] = { list, NULL };
	struct config config = { .intake.team_keys = { lists, 1 },
		.programs = CONFIG_INTAKE };

	(void)state;
	(void)snprintf(
	    list, sizeof(list), "%s", tempdir_path(dir, "team.list"));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct doctor_heard heard = { 0 };
		struct doctor doctor = doctor_visit(dir, &heard);

		doctor_keys(&doctor, &config, NULL);
		doctor_expect(&heard, 0, "");
		doctor_put(dir, names[i], "secret\n");
		doctor_keys(&doctor, &config, NULL);
		doctor_expect(&heard, 1, "delete it here");
		assert_int_equal(unlink(tempdir_path(dir, names[i])), 0);
	}
	tempdir_remove(dir);
}

static void what_set_up_made_is_to_be_taken_off_the_host(void **state)
{
	static const char *const names[] = { "identity.key", "team.ring",
		"receipt.key", "desk.key", "desk.pub", "intake.key" };
	static const struct config console;
	static const struct {
		unsigned programs;
		const struct config *desk;
		size_t n[6];
	} hosts[] = {
		{ CONFIG_INTAKE | CONFIG_SPOOL, NULL, { 1, 1, 1, 1, 0, 0 } },
		{ CONFIG_INTAKE, &console, { 1, 0, 0, 0, 0, 0 } },
		{ CONFIG_INTAKE | CONFIG_DESK, NULL, { 1, 0, 0, 0, 0, 0 } },
		{ CONFIG_DESK, NULL, { 1, 0, 0, 0, 0, 0 } },
		/* the team's, where an officer has the desk */
		{ 0, NULL, { 1, 0, 0, 0, 0, 0 } },
	};
	char *dir = tempdir_make();
	char path[64];

	(void)state;
	assert_int_equal(mkdir(tempdir_path(dir, "root"), 0700), 0);
	assert_int_equal(
	    mkdir(tempdir_path(dir, "root/tipline-keys"), 0700), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(
		    path, sizeof(path), "root/tipline-keys/%s", names[i]);
		doctor_put(dir, path, "secret\n");
		for (size_t j = 0; j < sizeof(hosts) / sizeof(hosts[0]); j++) {
			struct doctor_heard heard = { 0 };
			struct doctor doctor = doctor_visit(dir, &heard);
			struct config config = { .programs =
						     hosts[j].programs };

			doctor_keys(&doctor, &config, hosts[j].desk);
			doctor_expect(&heard, hosts[j].n[i],
			    hosts[j].n[i] > 0 ? "two media in safes" : "");
		}
		assert_int_equal(unlink(tempdir_path(dir, path)), 0);
	}
	tempdir_remove(dir);
}

static void a_folder_that_everybody_may_write_to_is_found(void **state)
{
	const char *text = "[redis]\nsocket = /run/x\n"
			   "admin_password_file = keys/admin.pass\n";
	char *dir = tempdir_make();
	struct config *config = NULL;

	(void)state;
	doctor_put(dir, "tipline.conf", text);
	assert_int_equal(mkdir(tempdir_path(dir, "keys"), 0700), 0);
	assert_int_equal(
	    config_load(tempdir_path(dir, "tipline.conf"), &config), TL_OK);
	for (int bad = 0; bad < 2; bad++) {
		struct doctor_heard heard = { 0 };
		struct doctor doctor = doctor_visit("", &heard);

		assert_int_equal(
		    chmod(tempdir_path(dir, "keys"), bad ? 0777 : 0755), 0);
		doctor_folders(&doctor, config);
		doctor_expect(&heard, (size_t)bad, bad ? "chmod o-w" : "");
	}
	config_free(config);
	tempdir_remove(dir);
}

static void a_spool_on_memory_or_another_host_is_found(void **state)
{
	static const struct {
		long type;
		size_t n;
	} rows[] = { { 0xef53, 0 }, { 0x58465342, 0 }, { 0x01021994, 1 },
		{ 0x6969, 1 }, { 0x794c7630, 1 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct doctor_heard heard = { 0 };
		struct doctor doctor = doctor_visit("", &heard);

		doctor_file_system(&doctor, "/spool", rows[i].type);
		doctor_expect(
		    &heard, rows[i].n, rows[i].n > 0 ? "ext4 or XFS" : "");
	}
}

static void a_backup_that_is_missing_or_old_is_found(void **state)
{
	char *dir = tempdir_make();
	char folder[256];
	struct config config = { .spool.backup = folder,
		.desk.backup = (char[]){ "" },
		.programs = CONFIG_SPOOL };
	struct doctor_heard heard = { 0 };
	struct doctor doctor = doctor_visit("", &heard);
	const struct timespec old[] = { { .tv_sec = doctor.now_s - 3 * DAY_S },
		{ .tv_sec = doctor.now_s - 3 * DAY_S } };
	const struct timespec to_come[] = { { .tv_sec =
						    doctor.now_s + 3 * DAY_S },
		{ .tv_sec = doctor.now_s + 3 * DAY_S } };

	(void)state;
	(void)snprintf(folder, sizeof(folder), "%s", dir);
	doctor_backups(&doctor, &config);
	doctor_expect(&heard, 1, "no backup yet");
	doctor_put(dir, "spool.records", "x");
	doctor_backups(&doctor, &config);
	doctor_expect(&heard, 1, "");
	assert_int_equal(
	    utimensat(AT_FDCWD, tempdir_path(dir, "spool.records"), old, 0), 0);
	doctor_backups(&doctor, &config);
	doctor_expect(&heard, 2, "3 days old");
	assert_int_equal(
	    utimensat(AT_FDCWD, tempdir_path(dir, "spool.records"), to_come, 0),
	    0);
	doctor_backups(&doctor, &config);
	doctor_expect(&heard, 3, "of a day to come");
	tempdir_remove(dir);
}

static void a_ledger_without_a_backup_is_found(void **state)
{
	char *dir = tempdir_make();
	char folder[256] = "", ledger[256];
	struct config config = { .desk.backup = folder,
		.desk.ledger = (char[]){ "/desk/ledger" },
		.programs = CONFIG_DESK };
	struct doctor_heard heard = { 0 };
	struct doctor doctor = doctor_visit("", &heard);

	(void)state;
	doctor_backups(&doctor, &config);
	doctor_expect(&heard, 1, "/desk/ledger: the ledger has no backup");
	(void)snprintf(folder, sizeof(folder), "%s", dir);
	doctor_backups(&doctor, &config);
	doctor_expect(&heard, 2, "systemctl start tipline-desk-backup");
	doctor_put(dir, "ledger", "x");
	doctor_backups(&doctor, &config);
	doctor_expect(&heard, 2, "");
	/* DIR/ledger is where the copy would be */
	(void)snprintf(ledger, sizeof(ledger), "%s/ledger", dir);
	config.desk.ledger = ledger;
	doctor_backups(&doctor, &config);
	doctor_expect(&heard, 3, "is the ledger itself, and no copy");
	tempdir_remove(dir);
}

static void a_gateway_that_is_silent_is_found(void **state)
{
	const char *metrics =
	    "# HELP x\ntipline_gateway_silent_hours{gateway=\"one\"} 30\n"
	    "tipline_gateway_silent_hours{gateway=\"two\"} 2\n";
	struct config_gateway gateways[] = {
		{ .name = (char[]){ "one" }, .silence_ms = 24 * 3600000 },
		{ .name = (char[]){ "two" }, .silence_ms = 24 * 3600000 },
		{ .name = (char[]){ "three" }, .silence_ms = 24 * 3600000 },
	};
	const struct config config = { .gateways = gateways, .n_gateways = 3 };
	struct doctor_heard heard = { 0 };
	struct doctor doctor = doctor_visit("", &heard);

	(void)state;
	doctor_gateways(&doctor, &config, bytes_str(metrics));
	doctor_expect(&heard, 1, "gateway one has been silent for 30 hours");
	gateways[0].silence_ms = 0; /* nobody expects it to speak */
	doctor_gateways(&doctor, &config, bytes_str(metrics));
	doctor_expect(&heard, 1, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_host_is_passed_in_silence),
		cmocka_unit_test(each_planted_fault_is_found_alone),
		cmocka_unit_test(a_clock_that_nobody_sets_is_found),
		cmocka_unit_test(what_the_kernel_does_not_have_is_not_judged),
		cmocka_unit_test(what_came_before_a_mended_package_is_found),
		cmocka_unit_test(versions_are_compared_as_dpkg_does),
		cmocka_unit_test(a_name_that_tells_is_found),
		cmocka_unit_test(keys_of_the_team_on_a_public_host_are_found),
		cmocka_unit_test(what_set_up_made_is_to_be_taken_off_the_host),
		cmocka_unit_test(a_folder_that_everybody_may_write_to_is_found),
		cmocka_unit_test(a_spool_on_memory_or_another_host_is_found),
		cmocka_unit_test(a_backup_that_is_missing_or_old_is_found),
		cmocka_unit_test(a_ledger_without_a_backup_is_found),
		cmocka_unit_test(a_gateway_that_is_silent_is_found),
	};

	return cmocka_run_group_tests_name("cli/doctor", tests, NULL, NULL);
}
