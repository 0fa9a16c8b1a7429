/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Versions of packages with known holes, out of dpkg's own list. */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/doctor_host.h"

/* The first version in Debian 12 without what stands beside it, after the
 * changelog of the package, which names what it mends. libhiredis0.14, which
 * speaks to our own Redis alone, has had nothing to mend. */
static const struct {
	const char *name, *mended, *hole;
} packages[] = {
	/* of 2026-09-24: CVE-2026-81934, CVE-2026-92925 */
	{ "redis-server", "5:7.0.15-1~deb12u10",
	    "whoever may connect can crash it or more" },
	/* of 2026-09-18: CVE-2026-63379, -63381 to -63385, -63387, -63388 */
	{ "libevent-core-2.1-7", "2.1.12-stable-8+deb12u1",
	    "the intake's loop has a known fault" },
	/* of 2026-10-21: CVE-2026-84782, -35189, -54872, -75805, -75806,
	 * -77696; of 2026-09-23: CVE-2026-63072, -75803 */
	{ "libssl3", "3.0.22-1~deb12u2",
	    "a stranger's certificate or message can do harm" },
	/* of 2026-01-01: CVE-2025-69277 */
	{ "libsodium23", "1.0.18-1+deb12u1",
	    "it takes points of the curve that it has to refuse" },
	/* of 2025-08-26: CVE-2025-6965, and rows that were left out */
	{ "libsqlite3-0", "3.40.1-2+deb12u2",
	    "the spool's library can answer wrongly, and a statement can do"
	    " harm to its memory" },
	/* of 2026-05-08: CVE-2026-3783, -3784, -5773, -7168 and three more */
	{ "libcurl4", "7.88.1-10+deb12u15",
	    "a gateway that the desk sends to can learn or do too much" },
	/* of 2023-07-20: Debian's bug 1041545 */
	{ "stunnel4", "3:5.68-2+deb12u1",
	    "the tunnel takes the end of a connection for a fault" },
	/* of 2026-06-26; from 0.4.8 on it can ask for proof of work, which
	 * tipline.torrc wants */
	{ "tor", "0.4.9.11-0+deb12u1",
	    "a stranger can put it out of service, or it refuses"
	    " tipline.torrc" },
	/* of 2026-04-27: CVE-2026-40225, -29111, -4105, -40226; of 2025-05-29:
	 * CVE-2025-4598, memory of programs that crashed could be read */
	{ "systemd", "252.39-1~deb12u2",
	    "a user of this host can become root or stop it" },
};

/* ---- versions: deb-version(7) ---------------------------------------------
 */

/* The place of a character that is no digit: ~ is before the end, letters
 * before all others. */
static int order(char c)
{
	if (c == '~') {
		return -1;
	}
	if (c == '\0' || isdigit((unsigned char)c)) {
		return 0;
	}
	return isalpha((unsigned char)c) ? c : c + 256;
}

/* Below, at or above zero. Each takes at most len bytes. */
static int compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	const char *a_end = a + a_len, *b_end = b + b_len;

	while (a < a_end || b < b_end) {
		unsigned long x = 0, y = 0;

		while ((a < a_end && !isdigit((unsigned char)*a)) ||
		    (b < b_end && !isdigit((unsigned char)*b))) {
			int diff = order(a < a_end ? *a : '\0') -
			    order(b < b_end ? *b : '\0');

			if (diff != 0) {
				return diff;
			}
			a += a < a_end;
			b += b < b_end;
		}
		while (a < a_end && isdigit((unsigned char)*a)) {
			x = x * 10 + (unsigned long)(*a++ - '0');
		}
		while (b < b_end && isdigit((unsigned char)*b)) {
			y = y * 10 + (unsigned long)(*b++ - '0');
		}
		if (x != y) {
			return x < y ? -1 : 1;
		}
	}
	return 0;
}

bool doctor_older(const char *a, const char *b)
{
	char *a_rest, *b_rest;
	unsigned long a_epoch = strtoul(a, &a_rest, 10);
	unsigned long b_epoch = strtoul(b, &b_rest, 10);
	const char *a_at = *a_rest == ':' ? a_rest + 1 : a;
	const char *b_at = *b_rest == ':' ? b_rest + 1 : b;
	const char *a_dash = strrchr(a_at, '-'), *b_dash = strrchr(b_at, '-');
	size_t a_len = a_dash ? (size_t)(a_dash - a_at) : strlen(a_at);
	size_t b_len = b_dash ? (size_t)(b_dash - b_at) : strlen(b_at);
	int diff;

	a_epoch = *a_rest == ':' ? a_epoch : 0;
	b_epoch = *b_rest == ':' ? b_epoch : 0;
	if (a_epoch != b_epoch) {
		return a_epoch < b_epoch;
	}
	diff = compare(a_at, a_len, b_at, b_len);
	if (diff == 0) {
		a_at = a_dash != NULL ? a_dash + 1 : "0";
		b_at = b_dash != NULL ? b_dash + 1 : "0";
		diff = compare(a_at, strlen(a_at), b_at, strlen(b_at));
	}
	return diff < 0;
}

/* ---- dpkg's list -----------------------------------------------------------
 */

static void judge(struct doctor *doctor, const char *name, const char *version)
{
	for (size_t i = 0; i < sizeof(packages) / sizeof(packages[0]); i++) {
		if (strcmp(name, packages[i].name) == 0 &&
		    doctor_older(version, packages[i].mended)) {
			doctor_tell(doctor,
			    "%s %s: %s; run apt update and apt install %s, for"
			    " %s or newer",
			    name, version, packages[i].hole, name,
			    packages[i].mended);
		}
	}
}

/* What stands behind key in the line, without its end; else NULL. */
static const char *value_of(char *line, const char *key)
{
	size_t len = strlen(key);

	line[strcspn(line, "\n")] = '\0';
	return strncmp(line, key, len) == 0 ? line + len : NULL;
}

/* Of "install ok installed" the first word is what is wanted: of one on hold
 * it is "hold", and it is those that stay old. */
static bool is_installed(const char *status)
{
	const char *rest = strchr(status, ' ');

	return rest != NULL && strcmp(rest, " ok installed") == 0;
}

void doctor_packages(struct doctor *doctor)
{
	char path[PATH_MAX], name[256] = "";
	char *line = NULL;
	size_t room = 0;
	bool installed = false;
	FILE *list;

	(void)snprintf(
	    path, sizeof(path), "%s/var/lib/dpkg/status", doctor->root);
	list = fopen(path, "re");
	if (list == NULL) {
		return; /* no Debian */
	}
	while (getline(&line, &room, list) > 0) {
		const char *value = value_of(line, "Package: ");

		if (value != NULL) {
			(void)snprintf(name, sizeof(name), "%s", value);
			installed = false;
		}
		value = value_of(line, "Status: ");
		installed = installed || (value != NULL && is_installed(value));
		value = value_of(line, "Version: ");
		if (value != NULL && installed) {
			judge(doctor, name, value);
		}
	}
	free(line);
	(void)fclose(list);
}
