/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/doctor_site.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/backup.h"

#define DAY_S 86400
/* one night may be missed */
#define BACKUP_WARN_DAYS 2

/* ---- names ------------------------------------------------------------------
 */

/* What tells a reader of a phone's history, or of a transparency log, what
 * the site is for. */
static const char *const telling[] = { "tipline", "traffic", "rescue", "police",
	"victim", "slave", "hotline", "scam", "whistle", "report", "abuse",
	"crime", "informer" };

void doctor_host_of(const char *url, char ret_host[static DOCTOR_HOST_BYTES])
{
	const char *host = strstr(url, "//");
	size_t len;

	host = host != NULL ? host + 2 : url;
	if (*host == '[') {
		host++;
		len = strcspn(host, "]");
	} else {
		len = strcspn(host, ":/");
	}
	(void)snprintf(ret_host, DOCTOR_HOST_BYTES, "%.*s", (int)len, host);
}

static void look_at_name(
    struct doctor *doctor, const char *what, const char *name)
{
	for (size_t i = 0; i < sizeof(telling) / sizeof(telling[0]); i++) {
		if (strcasestr(name, telling[i]) != NULL) {
			doctor_tell(doctor,
			    "%s says what the site is for (\"%s\"), and stays"
			    " in the history of phones: choose a neutral one",
			    what, telling[i]);
			return;
		}
	}
}

void doctor_names(struct doctor *doctor, const struct config_site *site)
{
	char host[DOCTOR_HOST_BYTES];

	doctor_host_of(site->public_url, host);
	look_at_name(doctor, "site.public_url", host);
	look_at_name(doctor, "site.title", site->title);
}

/* ---- keys -------------------------------------------------------------------
 */

static void look_for_key(
    struct doctor *doctor, const char *folder, const char *name)
{
	char path[PATH_MAX + 32];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (access(path, F_OK) == 0) {
		doctor_tell(doctor,
		    "%s: does not belong on a public host, where it can be"
		    " taken: move it to the team's (identity.key: to two media"
		    " in safes) and delete it here",
		    path);
	}
}

/* Where officers work some of what set-up made is at home, identity.key alone
 * is not. */
static bool is_public(const struct config *config, const struct config *desk)
{
	return (config->programs & CONFIG_INTAKE) != 0 &&
	    (config->programs & CONFIG_DESK) == 0 && desk == NULL;
}

void doctor_keys(struct doctor *doctor, const struct config *config,
    const struct config *desk)
{
	static const char *const secret[] = { "identity.key", "team.ring",
		"receipt.key", "desk.key" };
	static const size_t n_secret = sizeof(secret) / sizeof(secret[0]);
	char made[PATH_MAX];
	char folder[PATH_MAX];
	char *slash;

	(void)snprintf(
	    made, sizeof(made), "%s/root/tipline-keys", doctor->root);
	for (size_t i = 0; i < (is_public(config, desk) ? n_secret : 1); i++) {
		look_for_key(doctor, made, secret[i]);
	}
	if (config->intake.team_keys.n == 0 ||
	    (config->programs & CONFIG_DESK) != 0) {
		return;
	}
	(void)snprintf(
	    folder, sizeof(folder), "%s", config->intake.team_keys.items[0]);
	slash = strrchr(folder, '/');
	if (slash == NULL) {
		return;
	}
	*slash = '\0';
	for (size_t i = 0; i < n_secret; i++) {
		look_for_key(doctor, folder, secret[i]);
	}
}

/* ---- folders
 * ----------------------------------------------------------------- */

struct folders {
	struct doctor *doctor;
	bool told; /* one is enough: others are above or below it */
};

/* Whoever may write to a folder may put another file in place of one in it. */
static void look_above(void *arg, const char *path)
{
	struct folders *folders = arg;
	char folder[PATH_MAX];
	struct stat info;
	char *slash;

	(void)snprintf(folder, sizeof(folder), "%s", path);
	while (!folders->told && (slash = strrchr(folder, '/')) != NULL &&
	    slash != folder) {
		*slash = '\0';
		if (stat(folder, &info) == 0 && (info.st_mode & 002) != 0 &&
		    (info.st_mode & S_ISVTX) == 0) {
			doctor_tell(folders->doctor,
			    "%s: everybody may put other keys and settings"
			    " there: run chmod o-w %s",
			    folder, folder);
			folders->told = true;
		}
	}
}

void doctor_folders(struct doctor *doctor, const struct config *config)
{
	struct folders folders = { .doctor = doctor };

	config_each_file(
	    config, config->programs | CONFIG_CLI, look_above, &folders);
}

/* ---- backups
 * ------------------------------------------------------------------ */

static void look_at_backup(struct doctor *doctor, const char *folder,
    const char *name, const char *unit)
{
	char path[PATH_MAX + 32];
	struct stat info;

	if (folder[0] == '\0') {
		return;
	}
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (stat(path, &info) != 0) {
		doctor_tell(doctor,
		    "%s: there is no backup yet: run systemctl start"
		    " %s, or tipline backup %s",
		    path, unit, folder);
	} else if (doctor->now_s - info.st_mtime > BACKUP_WARN_DAYS * DAY_S) {
		doctor_tell(doctor,
		    "%s: the newest backup is %lld days old: see systemctl"
		    " status %s.timer, or run tipline backup %s",
		    path, (long long)(doctor->now_s - info.st_mtime) / DAY_S,
		    unit, folder);
	} else if (info.st_mtime > doctor->now_s + DAY_S) {
		/* else nothing would be said until that day */
		doctor_tell(doctor,
		    "%s: the newest backup is of a day to come, by a clock that"
		    " was wrong: run systemctl start %s, or tipline backup %s",
		    path, unit, folder);
	}
}

static bool is_same(const char *path, const char *other)
{
	struct stat one, two;

	return stat(path, &one) == 0 && stat(other, &two) == 0 &&
	    one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

static void look_at_ledger_backup(
    struct doctor *doctor, const struct config_desk *desk)
{
	char path[PATH_MAX + 32];

	(void)snprintf(path, sizeof(path), "%s/" BACKUP_LEDGER, desk->backup);
	if (desk->backup[0] == '\0') {
		doctor_tell(doctor,
		    "%s: the ledger has no backup, and a tip is nowhere"
		    " else once it has its receipt: name a folder as"
		    " desk.backup and see OPERATIONS.md, Backup",
		    desk->ledger);
	} else if (is_same(path, desk->ledger)) {
		doctor_tell(doctor,
		    "desk.backup: %s is the ledger itself, and no copy: name"
		    " another folder, best on another disk",
		    path);
	} else {
		look_at_backup(
		    doctor, desk->backup, BACKUP_LEDGER, "tipline-desk-backup");
	}
}

void doctor_backups(struct doctor *doctor, const struct config *config)
{
	if ((config->programs & CONFIG_SPOOL) != 0) {
		look_at_backup(doctor, config->spool.backup, BACKUP_RECORDS,
		    "tipline-backup");
	}
	if ((config->programs & CONFIG_DESK) != 0) {
		look_at_ledger_backup(doctor, &config->desk);
	}
}

/* ---- gateways
 * ------------------------------------------------------------------ */

void doctor_gateways(
    struct doctor *doctor, const struct config *config, struct bytes metrics)
{
	char line[128];

	for (size_t i = 0; i < config->n_gateways; i++) {
		const struct config_gateway *gateway = &config->gateways[i];
		uint64_t most = gateway->silence_ms / 3600000;
		int len = snprintf(line, sizeof(line),
		    "\ntipline_gateway_silent_hours{gateway=\"%s\"} ",
		    gateway->name);
		const char *at = len > 0 && (size_t)len < sizeof(line)
		    ? memmem(metrics.at, metrics.len, line, (size_t)len)
		    : NULL;
		uint64_t hours = at != NULL ? strtoull(at + len, NULL, 10) : 0;

		if (most > 0 && hours > most) {
			doctor_tell(doctor,
			    "gateway %s has been silent for %llu hours: send a"
			    " text to the line and see where it stays"
			    " (GATEWAYS.md)",
			    gateway->name, (unsigned long long)hours);
		}
	}
}
