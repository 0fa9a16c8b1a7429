/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/doctor_host.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_BYTES 8192u
#define SAID_BYTES 512u

struct visit {
	const char *proc;
	doctor_say_fn say;
	void *arg;
	size_t n;
};

__attribute__((format(printf, 2, 3))) static void tell(
    struct visit *visit, const char *format, ...)
{
	char said[SAID_BYTES];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(said, sizeof(said), format, args);
	va_end(args);
	visit->say(visit->arg, said);
	visit->n++;
}

/* As text; false if it is not there. */
static bool read_text(
    const struct visit *visit, const char *name, char ret_text[FILE_BYTES])
{
	char path[512];
	size_t len = 0;
	ssize_t got;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", visit->proc, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		return false;
	}
	while (len < FILE_BYTES - 1 &&
	    (got = read(fd, ret_text + len, FILE_BYTES - 1 - len)) > 0) {
		len += (size_t)got;
	}
	(void)close(fd);
	ret_text[len] = '\0';
	return true;
}

/* ---- settings of the kernel -----------------------------------------------
 */

static const struct {
	const char *file, *key;
	long least;
	const char *why;
} settings[] = {
	{ "sys/kernel/yama/ptrace_scope", "kernel.yama.ptrace_scope", 1,
	    "processes of one user may read each other's memory" },
	{ "sys/kernel/dmesg_restrict", "kernel.dmesg_restrict", 1,
	    "everybody may read the kernel's log" },
	{ "sys/kernel/kptr_restrict", "kernel.kptr_restrict", 1,
	    "addresses of the kernel are shown" },
	{ "sys/kernel/unprivileged_bpf_disabled",
	    "kernel.unprivileged_bpf_disabled", 1,
	    "every user may load programs into the kernel" },
	{ "sys/kernel/perf_event_paranoid", "kernel.perf_event_paranoid", 2,
	    "every user may measure the kernel" },
};

static void look_at_settings(struct visit *visit)
{
	char text[FILE_BYTES];

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		if (read_text(visit, settings[i].file, text) &&
		    strtol(text, NULL, 10) < settings[i].least) {
			tell(visit,
			    "%s: put \"%s = %ld\" into"
			    " /etc/sysctl.d/tipline.conf and run"
			    " sysctl -p with it",
			    settings[i].why, settings[i].key,
			    settings[i].least);
		}
	}
	if (read_text(visit, "sys/fs/suid_dumpable", text) &&
	    strtol(text, NULL, 10) != 0) {
		tell(visit,
		    "programs with rights of their own may leave cores: put"
		    " \"fs.suid_dumpable = 0\" into"
		    " /etc/sysctl.d/tipline.conf and run sysctl -p with it");
	}
	if (read_text(visit, "sys/kernel/core_pattern", text) &&
	    strncmp(text, "|/bin/false", 11) != 0) {
		tell(visit,
		    "a program that crashes may leave its memory on disk: put"
		    " \"kernel.core_pattern = |/bin/false\" into"
		    " /etc/sysctl.d/tipline.conf and run sysctl -p with it");
	}
}

/* ---- swap -----------------------------------------------------------------
 */

/* Device mapper stands for encrypted, zram for memory: who has one of these
 * has thought about it. */
static bool swap_is_thought_of(const char *name)
{
	return strncmp(name, "/dev/dm-", 8) == 0 ||
	    strncmp(name, "/dev/mapper/", 12) == 0 ||
	    strncmp(name, "/dev/zram", 9) == 0;
}

static void look_at_swap(struct visit *visit)
{
	char text[FILE_BYTES];
	char *rest = text;
	char *line;

	if (!read_text(visit, "swaps", text)) {
		return;
	}
	(void)strsep(&rest, "\n"); /* headings */
	while ((line = strsep(&rest, "\n")) != NULL) {
		line[strcspn(line, " \t")] = '\0';
		if (line[0] != '\0' && !swap_is_thought_of(line)) {
			tell(visit,
			    "memory may be written to %s: run swapoff on it"
			    " and take it out of /etc/fstab, or encrypt it with"
			    " a key of each start (crypttab(5))",
			    line);
		}
	}
}

/* ---- our processes ---------------------------------------------------------
 */

static bool is_ours(const char *name)
{
	static const char *const ours[] = { "tipline-intake", "tipline-spool",
		"tipline-relay", "tipline-keyd" };

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

static void look_at_process(struct visit *visit, const char *pid)
{
	char name[280];
	char comm[FILE_BYTES];
	char status[FILE_BYTES];

	(void)snprintf(name, sizeof(name), "%s/comm", pid);
	if (!read_text(visit, name, comm)) {
		return;
	}
	comm[strcspn(comm, "\n")] = '\0';
	(void)snprintf(name, sizeof(name), "%s/status", pid);
	if (!is_ours(comm) || !read_text(visit, name, status)) {
		return;
	}
	if (number_of(status, "\nUid:", 10) == 0) {
		tell(visit,
		    "%s (process %s) runs as root: start it by its unit, as"
		    " its own user",
		    comm, pid);
	}
	if (number_of(status, "\nCapEff:", 16) > 0) {
		tell(visit,
		    "%s (process %s) has capabilities: start it by its unit",
		    comm, pid);
	}
	if (number_of(status, "\nSeccomp:", 10) != 2 ||
	    number_of(status, "\nNoNewPrivs:", 10) != 1) {
		tell(visit,
		    "%s (process %s) has not locked itself in: take"
		    " TIPLINE_SANDBOX out of its environment and restart it",
		    comm, pid);
	}
}

static void look_at_processes(struct visit *visit)
{
	DIR *dir = opendir(visit->proc);
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9') {
			look_at_process(visit, entry->d_name);
		}
	}
	if (dir != NULL) {
		(void)closedir(dir);
	}
}

size_t doctor_host(const char *proc, doctor_say_fn say, void *arg)
{
	struct visit visit = { .proc = proc, .say = say, .arg = arg };

	look_at_settings(&visit);
	look_at_swap(&visit);
	look_at_processes(&visit);
	return visit.n;
}
