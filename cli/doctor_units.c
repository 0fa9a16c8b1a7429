/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What drop-ins have opened in our units: systemd is asked what is in force. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/doctor_units.h"

#define ANSWER_BYTES ((size_t)32u * 1024u)

const char *const doctor_units_asked[] = { "tipline-intake.service",
	"tipline-spool.service", "tipline-relay.service",
	"tipline-desk.service", "tipline-redis.service",
	"tipline-sentinel.service", NULL };

/* As the shipped units have them, each in every one of these. */
const struct doctor_unit_rule doctor_unit_rules[] = {
	{ "NoNewPrivileges", "yes", "may run set-uid programs" },
	{ "CapabilityBoundingSet", "", "may have rights of root" },
	{ "AmbientCapabilities", "", "has rights of root" },
	{ "ProtectSystem", "strict", "may write to this host's files" },
	{ "PrivateDevices", "yes", "sees devices" },
	{ "ProtectKernelTunables", "yes", "may change the kernel's settings" },
	{ "ProtectKernelModules", "yes", "may load modules" },
	{ "RestrictNamespaces", "yes", "may make namespaces" },
	{ "RestrictSUIDSGID", "yes", "may make set-uid files" },
	{ "MemoryDenyWriteExecute", "yes", "may run what it has written" },
	{ "LimitCORE", "0", "may leave its memory in a core file" },
	{ "MemorySwapMax", "0", "may be swapped out" },
	{ NULL, NULL, NULL },
};

#define MORE \
	"Id,LoadState,User,PrivateNetwork,IPAddressDeny,Environment," \
	"EnvironmentFiles"

/* ---- asking ---------------------------------------------------------------
 */

/* In the child. */
static _Noreturn void become(const char *path, const char *what, int out)
{
	char *argv[16] = { (char[]){ "systemctl" }, (char[]){ "show" },
		(char[]){ "-p" }, (char *)(uintptr_t)what };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (size_t i = 0; doctor_units_asked[i] != NULL; i++) {
		argv[4 + i] = (char *)(uintptr_t)doctor_units_asked[i];
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

/* What systemd says of all of them, as text; false: there is no systemd. */
static bool ask(const struct doctor *doctor, char text[static ANSWER_BYTES])
{
	char path[PATH_MAX], what[512] = MORE;
	size_t len = sizeof(MORE) - 1;
	int ends[2], status = -1;
	pid_t pid;

	(void)snprintf(
	    path, sizeof(path), "%s/run/systemd/system", doctor->root);
	/* no pipe: @ipc has it, which the doctor's unit refuses */
	if (access(path, F_OK) != 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
		return false;
	}
	for (size_t i = 0; doctor_unit_rules[i].property != NULL; i++) {
		len += (size_t)snprintf(what + len, sizeof(what) - len, ",%s",
		    doctor_unit_rules[i].property);
	}
	(void)snprintf(
	    path, sizeof(path), "%s/usr/bin/systemctl", doctor->root);
	pid = fork();
	if (pid == 0) {
		become(path, what, ends[1]);
	}
	(void)close(ends[1]);
	len = pid > 0 ? read_all(ends[0], text, ANSWER_BYTES - 1) : 0;
	text[len] = '\0';
	(void)close(ends[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
	}
	return pid > 0 && status == 0;
}

/* ---- judging --------------------------------------------------------------
 */

/* The value of a property in the lines of one unit, or NULL: this systemd does
 * not know it. Lasts until the next call. */
static const char *value_of(const char *unit, const char *property)
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

static bool is(const char *unit, const char *property, const char *want)
{
	const char *value = value_of(unit, property);

	return value == NULL || strcmp(value, want) == 0;
}

static void say_open(struct doctor *doctor, const char *name,
    const char *directive, const char *why)
{
	doctor_tell(doctor,
	    "%s %s: a drop-in has opened it; see systemctl cat %s, take out"
	    " what sets %s, then systemctl daemon-reload and restart it",
	    name, why, name, directive);
}

/* A network of its own, or one of addresses that are named. The public
 * programs speak to nobody. */
static bool network_is_closed(const char *name, const char *unit)
{
	const char *denied;

	if (is(unit, "PrivateNetwork", "yes")) {
		return true;
	}
	if (strcmp(name, "tipline-intake.service") == 0 ||
	    strcmp(name, "tipline-spool.service") == 0) {
		return false;
	}
	denied = value_of(unit, "IPAddressDeny");
	return denied == NULL ||
	    (strstr(denied, "0.0.0.0/0") != NULL &&
		strstr(denied, "::/0") != NULL);
}

/* The filter of the unit itself makes every process look as if it had locked
 * itself in. */
static bool locks_itself_in(const char *unit)
{
	const char *set = value_of(unit, "Environment");

	return (set == NULL || strstr(set, "TIPLINE_SANDBOX") == NULL) &&
	    is(unit, "EnvironmentFiles", "");
}

static void judge(struct doctor *doctor, const char *unit)
{
	char name[64];
	const char *user;

	(void)snprintf(name, sizeof(name), "%s",
	    value_of(unit, "Id") != NULL ? value_of(unit, "Id") : "");
	if (!is(unit, "LoadState", "loaded")) {
		return; /* not of this host */
	}
	for (size_t i = 0; doctor_unit_rules[i].property != NULL; i++) {
		const struct doctor_unit_rule *rule = &doctor_unit_rules[i];

		if (!is(unit, rule->property, rule->want)) {
			say_open(doctor, name, rule->property, rule->why);
		}
	}
	user = value_of(unit, "User");
	if (user != NULL && (user[0] == '\0' || strcmp(user, "root") == 0)) {
		say_open(doctor, name, "User", "runs as root");
	}
	if (!network_is_closed(name, unit)) {
		say_open(doctor, name, "PrivateNetwork or IPAddressDeny",
		    "may speak to every address");
	}
	if (!locks_itself_in(unit)) {
		say_open(doctor, name,
		    "TIPLINE_SANDBOX in Environment, or EnvironmentFile",
		    "may be told not to lock itself in");
	}
}

void doctor_units(struct doctor *doctor)
{
	static char text[ANSWER_BYTES];
	char *unit = text;

	if (!ask(doctor, text)) {
		return;
	}
	while (unit != NULL && *unit != '\0') {
		char *end = strstr(unit, "\n\n");

		if (end != NULL) {
			end[1] = '\0';
		}
		judge(doctor, unit);
		unit = end == NULL ? NULL : end + 2;
	}
}
