/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/doctor_host.h"

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- settings of the kernel -----------------------------------------------
 */

static const struct {
	const char *file, *key;
	long least, cure; /* the cure is what set-up writes */
	const char *why;
} settings[] = {
	{ "/proc/sys/kernel/yama/ptrace_scope", "kernel.yama.ptrace_scope", 1,
	    2, "processes of one user may read each other's memory" },
	{ "/proc/sys/kernel/dmesg_restrict", "kernel.dmesg_restrict", 1, 1,
	    "everybody may read the kernel's log" },
	{ "/proc/sys/kernel/kptr_restrict", "kernel.kptr_restrict", 1, 2,
	    "addresses of the kernel are shown" },
	{ "/proc/sys/kernel/unprivileged_bpf_disabled",
	    "kernel.unprivileged_bpf_disabled", 1, 1,
	    "every user may load programs into the kernel" },
	{ "/proc/sys/kernel/perf_event_paranoid", "kernel.perf_event_paranoid",
	    2, 3, "every user may measure the kernel" },
};

#define SETTINGS_FILE "/etc/sysctl.d/60-tipline.conf"

static void look_at_settings(struct doctor *doctor)
{
	char text[DOCTOR_FILE_BYTES];

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		if (doctor_read(doctor, settings[i].file, text) &&
		    strtol(text, NULL, 10) < settings[i].least) {
			doctor_tell(doctor,
			    "%s: put \"%s = %ld\" into " SETTINGS_FILE
			    " and run sysctl -p with it",
			    settings[i].why, settings[i].key, settings[i].cure);
		}
	}
	if (doctor_read(doctor, "/proc/sys/fs/suid_dumpable", text) &&
	    strtol(text, NULL, 10) != 0) {
		doctor_tell(doctor,
		    "programs with rights of their own may leave cores: put"
		    " \"fs.suid_dumpable = 0\" into " SETTINGS_FILE
		    " and run sysctl -p with it");
	}
	if (doctor_read(doctor, "/proc/sys/kernel/core_pattern", text) &&
	    strncmp(text, "|/bin/false", 11) != 0) {
		doctor_tell(doctor,
		    "a program that crashes may leave its memory on disk: put"
		    " \"kernel.core_pattern = |/bin/false\" into " SETTINGS_FILE
		    " and run sysctl -p with it");
	}
}

/* Is it one of the kernel's modules of security? Where their list is not to be
 * seen, *ret_known is false. */
static bool has_module(
    const struct doctor *doctor, const char *module, bool *ret_known)
{
	char text[DOCTOR_FILE_BYTES];
	char *rest = text;
	char *name;

	*ret_known = doctor_read(doctor, "/sys/kernel/security/lsm", text);
	if (!*ret_known) {
		return false;
	}
	text[strcspn(text, "\n")] = '\0';
	while ((name = strsep(&rest, ",")) != NULL) {
		if (strcmp(name, module) == 0) {
			return true;
		}
	}
	return false;
}

/* What closes files to programs that were taken over. */
static void look_at_landlock(struct doctor *doctor)
{
	bool known;

	if (!has_module(doctor, "landlock", &known) && known) {
		doctor_tell(doctor,
		    "this kernel has no landlock, which closes files to the"
		    " programs: start one of Debian 12 or later, and put"
		    " landlock in front of what its command line has behind"
		    " lsm= (/etc/default/grub, update-grub)");
	}
}

/* Debian locks Tor in by a profile that knows neither our settings for it nor
 * our socket: Tor then does not start, or serves nobody. */
static void look_at_tor(struct doctor *doctor)
{
	char text[DOCTOR_FILE_BYTES];
	bool known;

	if (doctor_read(doctor,
		"/etc/systemd/system/tor@default.service.d/tipline.conf",
		text) &&
	    doctor_read(doctor, "/etc/apparmor.d/system_tor", text) &&
	    has_module(doctor, "apparmor", &known) &&
	    !(doctor_read(doctor, "/etc/apparmor.d/local/system_tor", text) &&
		strstr(text, "tipline") != NULL)) {
		doctor_tell(doctor,
		    "AppArmor keeps Tor from tipline's socket: put the lines of"
		    " /usr/share/tipline/tor/tipline.apparmor into"
		    " /etc/apparmor.d/local/system_tor, run apparmor_parser -r"
		    " /etc/apparmor.d/system_tor and systemctl restart"
		    " tor@default");
	}
}

/* ---- our processes ---------------------------------------------------------
 */

static bool is_ours(const char *name)
{
	static const char *const ours[] = { "tipline-intake", "tipline-spool",
		"tipline-relay", "tipline-desk", "tipline-keyd" };

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		if (strcmp(name, ours[i]) == 0) {
			return true;
		}
	}
	return false;
}

/* The number behind key, in base; -1 if the kernel does not tell. */
static long long number_of(const char *status, const char *key, int base)
{
	const char *at = strstr(status, key);

	return at == NULL ? -1 : strtoll(at + strlen(key), NULL, base);
}

static void look_at_process(
    struct doctor *doctor, const char *pid, const char *comm)
{
	char name[280];
	char status[DOCTOR_FILE_BYTES];

	(void)snprintf(name, sizeof(name), "/proc/%s/status", pid);
	if (!is_ours(comm) || !doctor_read(doctor, name, status)) {
		return;
	}
	if (number_of(status, "\nUid:", 10) == 0) {
		doctor_tell(doctor,
		    "%s (process %s) runs as root: start it by its unit, as"
		    " its own user",
		    comm, pid);
	}
	if (number_of(status, "\nCapEff:", 16) > 0) {
		doctor_tell(doctor,
		    "%s (process %s) has capabilities: start it by its unit",
		    comm, pid);
	}
	if (number_of(status, "\nSeccomp:", 10) != 2 ||
	    number_of(status, "\nNoNewPrivs:", 10) != 1) {
		doctor_tell(doctor,
		    "%s (process %s) has not locked itself in: take"
		    " TIPLINE_SANDBOX out of its environment and restart it",
		    comm, pid);
	}
}

/* ---- clock ------------------------------------------------------------------
 */

static bool sets_clock(const char *name)
{
	return strcmp(name, "chronyd") == 0 || strcmp(name, "ntpd") == 0;
}

static void look_at_clock(struct doctor *doctor, bool is_set)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path),
	    "%s/run/systemd/timesync/synchronized", doctor->root);
	if (!is_set && access(path, F_OK) != 0) {
		doctor_tell(doctor,
		    "nothing sets the clock of this host, and signed messages"
		    " are taken for five minutes only: run apt install"
		    " systemd-timesyncd and timedatectl set-ntp true");
	}
}

void doctor_host(struct doctor *doctor)
{
	char path[PATH_MAX];
	char comm[DOCTOR_FILE_BYTES];
	bool clock_is_set = false;
	struct dirent *entry;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "%s/proc", doctor->root);
	dir = opendir(path);
	if (dir == NULL) {
		return;
	}
	look_at_settings(doctor);
	look_at_landlock(doctor);
	look_at_tor(doctor);
	doctor_swap(doctor);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9') {
			(void)snprintf(
			    path, sizeof(path), "/proc/%s/comm", entry->d_name);
			if (doctor_read(doctor, path, comm)) {
				comm[strcspn(comm, "\n")] = '\0';
				clock_is_set = clock_is_set || sets_clock(comm);
				look_at_process(doctor, entry->d_name, comm);
			}
		}
	}
	(void)closedir(dir);
	look_at_clock(doctor, clock_is_set);
}
