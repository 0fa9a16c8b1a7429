/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What drop-ins have opened in our units: systemd is asked what is in force. */
#include <stdio.h>
#include <string.h>

#include "cli/doctor_units.h"
#include "cli/units.h"

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

/* ---- judging --------------------------------------------------------------
 */

static bool is(const char *unit, const char *property, const char *want)
{
	const char *value = units_value(unit, property);

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
	denied = units_value(unit, "IPAddressDeny");
	return denied == NULL ||
	    (strstr(denied, "0.0.0.0/0") != NULL &&
		strstr(denied, "::/0") != NULL);
}

/* The filter of the unit itself makes every process look as if it had locked
 * itself in. */
static bool locks_itself_in(const char *unit)
{
	const char *set = units_value(unit, "Environment");

	return (set == NULL || strstr(set, "TIPLINE_SANDBOX") == NULL) &&
	    is(unit, "EnvironmentFiles", "");
}

static void judge(struct doctor *doctor, const char *unit)
{
	char name[64];
	const char *user;

	(void)snprintf(name, sizeof(name), "%s",
	    units_value(unit, "Id") != NULL ? units_value(unit, "Id") : "");
	if (!is(unit, "LoadState", "loaded")) {
		return; /* not of this host */
	}
	for (size_t i = 0; doctor_unit_rules[i].property != NULL; i++) {
		const struct doctor_unit_rule *rule = &doctor_unit_rules[i];

		if (!is(unit, rule->property, rule->want)) {
			say_open(doctor, name, rule->property, rule->why);
		}
	}
	user = units_value(unit, "User");
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
	static char text[UNITS_ANSWER_BYTES];
	char what[512] = MORE;
	size_t len = sizeof(MORE) - 1;
	const char *unit;
	char *at = text;

	for (size_t i = 0; doctor_unit_rules[i].property != NULL; i++) {
		len += (size_t)snprintf(what + len, sizeof(what) - len, ",%s",
		    doctor_unit_rules[i].property);
	}
	if (!units_ask(doctor->root, what, text)) {
		return;
	}
	while ((unit = units_next(&at)) != NULL) {
		judge(doctor, unit);
	}
}
