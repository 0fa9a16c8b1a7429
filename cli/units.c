/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/units.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

const char *const units_asked[] = { "tipline-intake.service",
	"tipline-spool.service", "tipline-relay.service",
	"tipline-desk.service", "tipline-redis.service",
	"tipline-sentinel.service", NULL };

/* ---- asking ---------------------------------------------------------------
 */

/* In the child. */
static _Noreturn void become(const char *path, const char *what, int out)
{
	char *argv[16] = { (char[]){ "systemctl" }, (char[]){ "show" },
		(char[]){ "-p" }, (char *)(uintptr_t)what };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (size_t i = 0; units_asked[i] != NULL; i++) {
		argv[4 + i] = (char *)(uintptr_t)units_asked[i];
	}
	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
	    dup2(null, STDERR_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0) {
		(void)execve(path, argv, environ);
	}
	_exit(127);
}

static size_t read_all(int fd, char *text, size_t cap)
{
	size_t len = 0;
	ssize_t n = 1;

	while (len < cap && n != 0) {
		n = read(fd, text + len, cap - len);
		if (n > 0) {
			len += (size_t)n;
		} else if (n < 0 && errno != EINTR) {
			n = 0;
		}
	}
	return len;
}

static bool has_systemd(const char *root)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/run/systemd/system", root);
	return access(path, F_OK) == 0;
}

bool units_ask(const char *root, const char *properties,
    char ret_text[static UNITS_ANSWER_BYTES])
{
	char path[PATH_MAX];
	size_t len;
	int ends[2], status = -1;
	pid_t pid;

	/* no pipe: @ipc has it, which the doctor's unit refuses */
	if (!has_systemd(root) ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
		return false;
	}
	(void)snprintf(path, sizeof(path), "%s/usr/bin/systemctl", root);
	pid = fork();
	if (pid == 0) {
		become(path, properties, ends[1]);
	}
	(void)close(ends[1]);
	len = pid > 0 ? read_all(ends[0], ret_text, UNITS_ANSWER_BYTES - 1) : 0;
	ret_text[len] = '\0';
	(void)close(ends[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
	}
	return pid > 0 && status == 0;
}

const char *units_next(char **at)
{
	char *unit = *at;
	char *end;

	if (unit == NULL || *unit == '\0') {
		return NULL;
	}
	end = strstr(unit, "\n\n");
	if (end != NULL) {
		end[1] = '\0';
	}
	*at = end == NULL ? NULL : end + 2;
	return unit;
}

const char *units_value(const char *unit, const char *property)
{
	static char value[1024];
	size_t len = strlen(property);

	for (const char *at = unit; at != NULL && *at != '\0';
	     at = strchr(at, '\n'), at = at == NULL ? NULL : at + 1) {
		if (strncmp(at, property, len) == 0 && at[len] == '=') {
			size_t n = strcspn(at + len + 1, "\n");

			(void)snprintf(
			    value, sizeof(value), "%.*s", (int)n, at + len + 1);
			return value;
		}
	}
	return NULL;
}

/* ---- what runs ------------------------------------------------------------
 */

static bool has(const char *unit, const char *property, const char *word)
{
	const char *value = units_value(unit, property);

	return value != NULL && strcmp(value, word) == 0;
}

static void put(struct buf *out, const char *unit, const char *property)
{
	const char *value = units_value(unit, property);

	buf_put_str(out, value == NULL ? "?" : value);
}

/* Whoever runs tipline from a folder need not have a bus. */
static bool is_installed(const char *root)
{
	char path[PATH_MAX];

	for (size_t i = 0; units_asked[i] != NULL; i++) {
		(void)snprintf(path, sizeof(path), "%s/lib/systemd/system/%s",
		    root, units_asked[i]);
		if (access(path, F_OK) == 0) {
			return true;
		}
	}
	return false;
}

/* One that was switched off by hand is not missed. */
static bool is_enabled(const char *unit)
{
	return has(unit, "LoadState", "loaded") &&
	    (has(unit, "UnitFileState", "enabled") ||
		has(unit, "UnitFileState", "enabled-runtime"));
}

int units_down(const char *root, struct buf *out)
{
	static char text[UNITS_ANSWER_BYTES];
	const char *unit;
	char *at = text;
	int n = 0;

	if (!units_ask(root, "Id,LoadState,UnitFileState,ActiveState,SubState",
		text)) {
		return has_systemd(root) && is_installed(root) ? -1 : 0;
	}
	while ((unit = units_next(&at)) != NULL) {
		if (!is_enabled(unit)) {
			continue;
		}
		n++;
		/* one that takes new settings serves meanwhile */
		if (has(unit, "ActiveState", "active") ||
		    has(unit, "ActiveState", "reloading")) {
			continue;
		}
		buf_put_str(out, out->len == 0 ? "" : ", ");
		put(out, unit, "Id");
		buf_put_str(out, " (");
		put(out, unit, "SubState");
		buf_put_str(out, ")");
	}
	return n;
}
