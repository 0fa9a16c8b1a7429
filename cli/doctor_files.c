/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/doctor_files.h"

#include <glob.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "crypto/ring.h"

/* ---- owners ----------------------------------------------------------------
 */

void doctor_owner(
    struct doctor *doctor, const char *path, uid_t owner, uid_t mine)
{
	static const char ours[] = "tipline-";
	const struct passwd *who;
	char number[32];

	if (owner == 0 || owner == mine) {
		return;
	}
	who = getpwuid(owner);
	if (who != NULL && strncmp(who->pw_name, ours, sizeof(ours) - 1) == 0) {
		return;
	}
	(void)snprintf(
	    number, sizeof(number), "user %lu", (unsigned long)owner);
	doctor_tell(doctor,
	    "%s: belongs to %s, who may read and change it: run chown root %s,"
	    " or give it to the program that writes there",
	    path, who != NULL ? who->pw_name : number, path);
}

struct owners {
	struct doctor *doctor;
	uid_t mine;  /* who has written the configuration */
	uid_t hosts; /* whom the host belongs to: root */
};

static void look_at_owner(void *arg, const char *path)
{
	static const char credentials[] = "/run/credentials/";
	const struct owners *owners = arg;
	struct stat info;

	/* systemd makes these, for users that have no name */
	if (strncmp(path, credentials, sizeof(credentials) - 1) != 0 &&
	    stat(path, &info) == 0) {
		doctor_owner(owners->doctor, path, info.st_uid,
		    strncmp(path, "/etc/", 5) == 0 ? owners->hosts
						   : owners->mine);
	}
}

static uid_t owner_of(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 ? info.st_uid : 0;
}

static const char *root_of(const struct doctor *doctor)
{
	return doctor->root[0] != '\0' ? doctor->root : "/";
}

void doctor_owners(struct doctor *doctor, const struct config *config)
{
	struct owners owners = {
		.doctor = doctor,
		.mine = owner_of(config->path),
		.hosts = owner_of(root_of(doctor)),
	};

	config_each_file(
	    config, config->programs | CONFIG_CLI, look_at_owner, &owners);
}

/* ---- the ledger's folder
 * ------------------------------------------------------------------ */

struct in_ledger {
	char first[PATH_MAX];
	size_t n;
};

static void look_in_ledger(void *arg, const char *path)
{
	struct in_ledger *in = arg;

	if (in->n++ == 0) {
		(void)snprintf(in->first, sizeof(in->first), "%s", path);
	}
}

void doctor_apart(struct doctor *doctor, const struct config *config)
{
	struct in_ledger in = { .n = 0 };

	if (config->desk.signing_key[0] == '\0') {
		return; /* no console: nobody has the folder but who reads */
	}
	config_each_in_ledger(config, look_in_ledger, &in);
	if (in.n > 0) {
		doctor_tell(doctor,
		    "%s%s in the folder of desk.ledger, all of which"
		    " the part of the desk that has Redis may read and change:"
		    " stop the desk and move the ledger's files into a folder"
		    " of their own (OPERATIONS.md, \"The ledger's folder\")",
		    in.first, in.n > 1 ? " and other secrets are" : " is");
	}
}

/* ---- the ring
 * ------------------------------------------------------------------ */

#define OLD_RING_SERVES \
	" the console goes on with the one of before for 12 hours, and lets " \
	"in" \
	" who was removed, then nobody"

void doctor_ring(struct doctor *doctor, const struct config *config)
{
	const char *path = config->desk.team_ring;
	struct stat info, ledger;
	struct ring *ring = NULL;
	enum tl_err err;

	if (config->desk.signing_key[0] == '\0' ||
	    strncmp(path, "/run/credentials/", 17) == 0) {
		return;
	}
	err = ring_load(path, &ring);
	ring_free(ring);
	if (err != TL_OK) {
		doctor_tell(doctor,
		    "%s cannot be read (%s):" OLD_RING_SERVES
		    ". Copy the team's newest ring there again, mode 600, and"
		    " give it to whom the ledger belongs",
		    path, err_text(err));
	} else if (stat(path, &info) == 0 &&
	    stat(config->desk.ledger, &ledger) == 0 &&
	    info.st_uid != ledger.st_uid) {
		doctor_tell(doctor,
		    "%s is not whose the ledger is, so the console cannot read"
		    " it:" OLD_RING_SERVES ". Run chown --reference=%s %s",
		    path, config->desk.ledger, path);
	}
}

/* ---- what set-up installs ---------------------------------------------------
 */

/* Where tools/setup puts it, the bits that it never has there, and the mode
 * that it gives. */
static const struct {
	const char *pattern;
	mode_t never;
	const char *mode;
} installed[] = {
	{ "/etc/tipline/keys/*.key", 0177, "400" },
	{ "/etc/tipline/redis/*.pass", 0177, "600" },
	{ "/etc/tipline/redis/users.acl", 0137, "640" },
	{ "/etc/tipline/tls/*.key", 0137, "640" },
	{ "/etc/tipline/secrets/*", 0137, "640" },
	{ "/etc/tipline/desk-tls/*.key", 0137, "640" },
	{ "/etc/stunnel/tipline.key", 0177, "600" },
	{ "/var/lib/tipline/desk/*.key", 0177, "600" },
	{ "/var/lib/tipline/desk/*.ring", 0177, "600" },
	{ "/var/lib/tipline/desk/*.pass", 0177, "600" },
	{ "/var/lib/tipline-redis/redis.conf", 0177, "600" },
	{ "/var/lib/tipline-sentinel/*.pass", 0177, "600" },
	{ "/var/lib/tipline-sentinel/sentinel.conf", 0177, "600" },
};

struct named {
	const char *path;
	bool found;
};

static void compare(void *arg, const char *path)
{
	struct named *named = arg;

	named->found = named->found || strcmp(path, named->path) == 0;
}

static bool is_named(const struct config *config, const char *path)
{
	struct named named = { .path = path };

	if (config != NULL) {
		config_each_file(
		    config, config->programs | CONFIG_CLI, compare, &named);
	}
	return named.found;
}

/* path: as the host has it, below doctor->root. */
static void judge(
    struct doctor *doctor, const char *path, const struct stat *info, size_t i)
{
	if ((info->st_mode & installed[i].never) != 0) {
		doctor_tell(doctor,
		    "%s: others could read this secret: run chmod %s %s", path,
		    installed[i].mode, path);
	}
	doctor_owner(doctor, path, info->st_uid, owner_of(root_of(doctor)));
}

void doctor_installed(
    struct doctor *doctor, const struct config *main, const struct config *desk)
{
	char pattern[PATH_MAX];
	struct stat info;

	for (size_t i = 0; i < sizeof(installed) / sizeof(installed[0]); i++) {
		glob_t found = { 0 };

		(void)snprintf(pattern, sizeof(pattern), "%s%s", doctor->root,
		    installed[i].pattern);
		if (glob(pattern, 0, NULL, &found) != 0) {
			continue; /* not on this host */
		}
		for (size_t k = 0; k < found.gl_pathc; k++) {
			const char *path =
			    found.gl_pathv[k] + strlen(doctor->root);

			if (stat(found.gl_pathv[k], &info) == 0 &&
			    S_ISREG(info.st_mode) && !is_named(main, path) &&
			    !is_named(desk, path)) {
				judge(doctor, path, &info, i);
			}
		}
		globfree(&found);
	}
}

/* ---- sockets ----------------------------------------------------------------
 */

#define CURE_OF_SOCKET \
	"take SocketMode= out of the drop-ins of its unit (systemctl cat)" \
	" and restart the socket"

static const struct {
	const char *pattern, *cure;
} sockets[] = {
	{ "/run/tipline/*/socket", CURE_OF_SOCKET },
	{ "/run/tipline-redis/*.sock",
	    "set unixsocketperm 770 as in the shipped tipline-redis.conf and"
	    " restart tipline-redis" },
	{ "/run/tipline-tunnel/*.sock",
	    "set UMask=0007 as in the shipped tipline-tunnel.conf and restart"
	    " stunnel@tipline" },
};

/* A group that may enter the folder stands for each: others have nothing to do
 * with the socket, nor with its folder. */
static void judge_socket(
    struct doctor *doctor, const char *real, const char *cure)
{
	const char *path = real + strlen(doctor->root);
	char folder[PATH_MAX];
	struct stat info;

	if (stat(real, &info) != 0 || !S_ISSOCK(info.st_mode)) {
		return;
	}
	if ((info.st_mode & 0007) != 0) {
		doctor_tell(doctor,
		    "%s: everybody on this host may speak to it: %s", path,
		    cure);
	}
	(void)snprintf(folder, sizeof(folder), "%.*s",
	    (int)(strrchr(real, '/') - real), real);
	if (stat(folder, &info) == 0 && (info.st_mode & 0007) != 0) {
		doctor_tell(doctor,
		    "%s: everybody on this host may enter this folder of a"
		    " socket: run chmod o= %s, or systemd-tmpfiles --create",
		    folder + strlen(doctor->root),
		    folder + strlen(doctor->root));
	}
}

void doctor_sockets(struct doctor *doctor)
{
	char pattern[PATH_MAX];

	for (size_t i = 0; i < sizeof(sockets) / sizeof(sockets[0]); i++) {
		glob_t found = { 0 };

		(void)snprintf(pattern, sizeof(pattern), "%s%s", doctor->root,
		    sockets[i].pattern);
		if (glob(pattern, 0, NULL, &found) != 0) {
			continue; /* not on this host */
		}
		for (size_t k = 0; k < found.gl_pathc; k++) {
			judge_socket(
			    doctor, found.gl_pathv[k], sockets[i].cure);
		}
		globfree(&found);
	}
}
