/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tipline-intake - takes tips from browsers and gateways, seals them, and
 * answers when the spool has them on disk.
 *
 * This file: arguments, configuration, doors; then parent.c has the process.
 */
#include <string.h>

#include <jansson.h>

#include "base/log.h"
#include "base/program.h"
#include "base/sandbox.h"
#include "config/config.h"
#include "crypto/start.h"
#include "server/intake/kdf.h"
#include "server/intake/parent.h"
#include "server/intake/setting.h"
#include "server/net/listener.h"
#include "sms/phone.h"

static const char usage[] =
    "Usage: tipline-intake [-c FILE] [--check]\n"
    "\n"
    "Takes tips from web forms and message gateways, seals each to the team's\n"
    "public key and hands it to tipline-spool. Started by systemd or by\n"
    "`make run`; see tipline-intake(8).\n"
    "  -c FILE   configuration (default " PROGRAM_CONFIG ")\n"
    "  --check   read what a start reads, say what is wrong, and end\n"
    "  --help    this text\n";

static enum tl_err add_door(
    struct door *doors, size_t *n, int fd, enum net_door kind)
{
	if (*n == DOORS_MAX) {
		say_error("more than %u listening sockets", DOORS_MAX);
		return TL_EINVAL;
	}
	doors[*n] = (struct door){ fd, kind };
	(*n)++;
	return TL_OK;
}

static enum tl_err add_inherited(struct door *doors, size_t *n)
{
	static const char *const names[] = { "https", "onion", "admin" };
	struct listener_inherited sockets[LISTENER_INHERIT_MAX];
	size_t n_sockets = 0;
	int bad = -1;
	enum tl_err err;

	err = listener_inherit(names, 3, sockets, &n_sockets, &bad);
	if (err != TL_OK) {
		say_error("systemd passed descriptor %d, which is not a "
			  "listening stream socket named https, onion or "
			  "admin (FileDescriptorName=)",
		    bad);
		return err;
	}
	for (size_t i = 0; err == TL_OK && i < n_sockets; i++) {
		enum net_door kind = NET_DOOR_HTTPS;

		if (strcmp(sockets[i].name, "onion") == 0) {
			kind = NET_DOOR_ONION;
		} else if (strcmp(sockets[i].name, "admin") == 0) {
			kind = NET_DOOR_ADMIN;
		}
		err = add_door(doors, n, sockets[i].fd, kind);
	}
	return err;
}

static bool has_door(const struct door *doors, size_t n, enum net_door kind)
{
	for (size_t i = 0; i < n; i++) {
		if (doors[i].kind == kind) {
			return true;
		}
	}
	return false;
}

static enum tl_err add_tcp(const char *where, struct door *doors, size_t *n)
{
	int fd = -1;
	enum tl_err err = listener_tcp(where, &fd);

	if (err != TL_OK) {
		listener_say(where, "intake", err);
	}
	return err == TL_OK ? add_door(doors, n, fd, NET_DOOR_HTTPS) : err;
}

static enum tl_err add_unix(
    const char *path, enum net_door kind, struct door *doors, size_t *n)
{
	int fd = -1;
	enum tl_err err;

	if (path[0] == '\0' || has_door(doors, *n, kind)) {
		return TL_OK;
	}
	err = listener_unix(path, &fd);
	if (err != TL_OK) {
		listener_say(path, "intake", err);
		return err;
	}
	return add_door(doors, n, fd, kind);
}

/* What systemd passed comes first; the configuration adds what is missing. */
static enum tl_err open_doors(
    const struct config *config, struct door *doors, size_t *n)
{
	const struct config_intake *intake = &config->intake;
	enum tl_err err = add_inherited(doors, n);
	bool inherited = has_door(doors, *n, NET_DOOR_HTTPS);

	for (size_t i = 0; err == TL_OK && !inherited && i < intake->listen.n;
	     i++) {
		err = add_tcp(intake->listen.items[i], doors, n);
	}
	if (err == TL_OK) {
		err = add_unix(intake->onion_socket, NET_DOOR_ONION, doors, n);
	}
	if (err == TL_OK) {
		err = add_unix(intake->admin_socket, NET_DOOR_ADMIN, doors, n);
	}
	if (err == TL_OK && !has_door(doors, *n, NET_DOOR_HTTPS) &&
	    !has_door(doors, *n, NET_DOOR_ONION)) {
		say_error("nowhere to listen: set intake.listen or "
			  "intake.onion_socket, or start it by systemd");
		err = TL_EINVAL;
	}
	return err;
}

struct to_read {
	struct sandbox_folders folders;
	enum tl_err err;
};

static void add_folder(void *arg, const char *path)
{
	struct to_read *to_read = arg;

	if (to_read->err == TL_OK) {
		to_read->err = sandbox_folders_add(&to_read->folders, path);
	}
}

/* A reload reads again, and a child reads at its start, what is in the folders
 * that the configuration names now. */
static enum tl_err lock_in(const struct config *config)
{
	struct to_read to_read = { .err = TL_OK };

	config_each_file(config, CONFIG_INTAKE, add_folder, &to_read);
	if (to_read.err == TL_OK) {
		to_read.err = sandbox_enter(SANDBOX_PARENT, &to_read.folders);
	} else {
		say_error("the files that the configuration names are in more"
			  " than %u folders",
		    SANDBOX_FOLDERS_MAX);
	}
	sandbox_folders_close(&to_read.folders);
	return to_read.err;
}

/* All that a start reads; no socket is opened. */
static int check_start(const char *path)
{
	struct setting setting = { .config = NULL };
	struct worker_start start = { .n_doors = 0 };
	enum tl_err err = setting_load(path, NULL, &setting);

	if (err == TL_OK) {
		start.config = setting.config;
		start.teams = setting.teams;
		start.recordings = setting.recordings;
		err = kdf_check(setting.config);
	}
	if (err == TL_OK) {
		err = worker_check(&start);
	}
	setting_free(&setting);
	return err == TL_OK ? EXIT_STATUS_OK : EXIT_STATUS_NO_START;
}

int main(int argc, char **argv)
{
	struct setting setting = { .config = NULL };
	struct door doors[DOORS_MAX];
	const char *path;
	size_t n_doors = 0;
	bool check;
	int status;

	program_begin("tipline-intake");
	/* before a library has memory that would not be wiped */
	if (net_memory_hygiene() != TL_OK || crypto_start() != TL_OK) {
		say_error("the cryptographic libraries do not start");
		return EXIT_STATUS_FAILED;
	}
	path = program_config(argc, argv, usage, &check, &status);
	if (path == NULL) {
		return status;
	}
	if (check) {
		return check_start(path);
	}
	if (setting_load(path, NULL, &setting) != TL_OK ||
	    open_doors(setting.config, doors, &n_doors) != TL_OK) {
		setting_free(&setting);
		return EXIT_STATUS_NO_START;
	}
	/* reads a file at first use, which the workers cannot */
	json_object_seed(0);
	/* slow at first use; the workers have it from here by the fork */
	if (phone_start() != TL_OK) {
		say_error("libphonenumber does not start");
		setting_free(&setting);
		return EXIT_STATUS_FAILED;
	}
	if (lock_in(setting.config) != TL_OK) {
		setting_free(&setting);
		return EXIT_STATUS_NO_START;
	}
	return parent_run(&setting, doors, n_doors);
}
