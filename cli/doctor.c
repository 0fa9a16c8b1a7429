/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/doctor.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/doctor_files.h"
#include "cli/doctor_host.h"
#include "cli/doctor_site.h"
#include "cli/doctor_units.h"
#include "cli/local.h"
#include "cli/queue.h"
#include "cli/spool.h"
#include "cli/teams.h"
#include "config/config.h"
#include "queue/checkup.h"

/* There is time to make more keys, and to carry them to every intake. */
#define WARN_DAYS     30
#define METRICS_BYTES ((size_t)64u * 1024u)

static const char help[] =
    "Usage: tipline [-c FILE] doctor\n"
    "\n"
    "Look for what an installation can get wrong and say what to do: the\n"
    "configuration, the desk's (desk.conf beside it), modes and owners of the\n"
    "files that they name or that set-up installs, and of sockets; keys that\n"
    "end within 30 days or lie where they should not; certificates; names\n"
    "that tell; room and kind of disks; what the spool has lost or cannot\n"
    "send; backups; gateways that are silent;\n"
    "settings and rights of Redis (with redis.admin_password_file); whether\n"
    "the Sentinels answer and agree; swap, core files, clock, the kernel;\n"
    "packages with known holes; what drop-ins have opened in the units; and\n"
    "whether running parts have locked themselves in. Says nothing where all\n"
    "is well. How the parts do is told by tipline status. Run it as root, who\n"
    "sees all of it. Nothing is changed.\n"
    "\n"
    "Ends with 0 if it has found nothing, 1 if it has.\n";

static void say_finding(void *arg, const char *sentence)
{
	(void)arg;
	say_error("%s", sentence);
}

static void look_at_epochs(struct doctor *doctor, const struct config *config)
{
	int64_t days = 0;

	if (cli_teams(&config->intake, false, &days) != TL_OK) {
		doctor->n++; /* was said */
	} else if (days < WARN_DAYS) {
		doctor_tell(doctor,
		    "the keys to seal to %s %lld days%s: make more with"
		    " tipline key extend, carry team.list to every intake and"
		    " reload them",
		    days < 0 ? "ended" : "last",
		    (long long)(days < 0 ? -days : days),
		    days < 0 ? " ago" : "");
	}
}

/* Twice what makes the spool refuse tips of the web. */
static void look_at_room(
    struct doctor *doctor, const struct config_spool *spool)
{
	struct statvfs room;

	if (statvfs(spool->path, &room) != 0) {
		return; /* config_check_files() has said it */
	}
	if (room.f_bavail * room.f_frsize / 2 < spool->low_free_bytes) {
		doctor_tell(doctor,
		    "%s: the disk has less than twice spool.low_free left:"
		    " free some, or give the spool a file system of its own",
		    spool->path);
	}
}

static void say_of_spool(void *arg, const char *word, const char *sentence)
{
	(void)word;
	doctor_tell(arg, "the spool: %s", sentence);
}

static void look_at_spool(
    struct doctor *doctor, const struct config_spool *spool)
{
	struct spool_stats stats;

	/* one that is not running is for tipline status */
	if (cli_spool_ask(spool->admin_socket, &stats) == TL_OK) {
		(void)cli_spool_troubles(&stats, say_of_spool, doctor);
	}
}

static void look_at_gateways(struct doctor *doctor, const struct config *config)
{
	struct buf body;
	int status = 0;

	buf_init(&body, METRICS_BYTES);
	/* one that is not running is for tipline status */
	if (local_get(config->intake.admin_socket, "/metrics", &status,
		&body) == TL_OK &&
	    status == 200) {
		doctor_gateways(doctor, config, bytes_of(body.data, body.len));
	}
	buf_free(&body);
}

static void say_of_redis(void *arg, const char *sentence)
{
	doctor_tell(arg, "%s", sentence);
}

static bool is_of_same_redis(
    const struct config *main, const struct config *desk)
{
	return desk != NULL &&
	    strcmp(desk->redis.socket, main->redis.socket) == 0;
}

/* Whom the desks log in as. What main says without a desk of its own may be
 * the default, and desks have other names. */
static size_t list_desks(const struct config *main, const struct config *desk,
    struct checkup_desk ret_desks[static 2])
{
	const char *user = main->redis.desk_user;
	size_t n = 0;

	if (is_of_same_redis(main, desk)) {
		ret_desks[n++] =
		    (struct checkup_desk){ .user = desk->redis.desk_user,
			    .needed = true };
	}
	if (n == 0 || strcmp(user, ret_desks[0].user) != 0) {
		ret_desks[n++] = (struct checkup_desk){
			.user = user,
			.needed = (main->programs & CONFIG_DESK) != 0 ||
			    strcmp(user, "desk") != 0,
		};
	}
	return n;
}

static void look_at_redis(
    struct doctor *doctor, const struct config *main, const struct config *desk)
{
	struct reader_opts opts = cli_queue_opts(main);
	struct checkup_desk desks[2];
	size_t n_desks = list_desks(main, desk, desks);
	const char *why = "";

	if (is_of_same_redis(main, desk) &&
	    desk->redis.replicas > opts.replicas) {
		opts.replicas = desk->redis.replicas;
	}
	opts.user = "admin";
	opts.password_file = main->redis.admin_password_file;
	if (opts.password_file[0] != '\0' &&
	    checkup_redis(&opts, desks, n_desks, say_of_redis, doctor, &why) !=
		TL_OK) {
		doctor_tell(doctor, "Redis could not be looked at: %s", why);
	}
}

/* Relay and desk of one host follow the same ones. */
static void look_at_sentinels(
    struct doctor *doctor, const struct config *main, const struct config *desk)
{
	const struct config *config =
	    main->redis.sentinels.n > 0 || desk == NULL ? main : desk;
	const struct reader_opts opts = cli_queue_opts(config);

	checkup_sentinels(&opts.sentinels, say_of_redis, doctor);
}

/* What is asked of each configuration of a host. */
static void look_at_files(struct doctor *doctor, const struct config *config)
{
	if (config_check_files(config, config->programs | CONFIG_CLI,
		config_say_error, NULL) != TL_OK) {
		doctor->n++; /* was said */
	}
	doctor_folders(doctor, config);
	doctor_owners(doctor, config);
	doctor_apart(doctor, config);
	doctor_ring(doctor, config);
	doctor_certificates(doctor, config);
	doctor_disk(doctor, config->spool.path);
	doctor_disk(doctor, config->desk.ledger);
	doctor_backups(doctor, config);
}

static void look_at_all(struct doctor *doctor, const struct config *config,
    const struct config *desk)
{
	look_at_files(doctor, config);
	if (desk != NULL) {
		look_at_files(doctor, desk);
	}
	doctor_installed(doctor, config, desk);
	doctor_sockets(doctor);
	doctor_tunnel(doctor);
	doctor_disk(doctor, "/var/lib/tipline-redis");
	if ((config->programs & CONFIG_INTAKE) != 0) {
		look_at_epochs(doctor, config);
		doctor_names(doctor, &config->site);
		look_at_gateways(doctor, config);
	}
	if ((config->programs & CONFIG_SPOOL) != 0) {
		look_at_room(doctor, &config->spool);
		look_at_spool(doctor, &config->spool);
	}
	doctor_keys(doctor, config, desk);
	look_at_redis(doctor, config, desk);
	look_at_sentinels(doctor, config, desk);
	doctor_host(doctor);
	doctor_units(doctor);
	doctor_packages(doctor);
}

/* The console's configuration stands beside that of the other programs. Gives
 * it; NULL if there is none, or if it is wrong, which was said. */
static struct config *load_desk(struct doctor *doctor, const char *beside)
{
	static const char name[] = "desk.conf";
	const char *slash = strrchr(beside, '/');
	int folder = slash != NULL ? (int)(slash + 1 - beside) : 0;
	char path[PATH_MAX];
	struct config *desk = NULL;

	if (strcmp(beside + folder, name) != 0 &&
	    snprintf(path, sizeof(path), "%.*s%s", folder, beside, name) <
		(int)sizeof(path) &&
	    access(path, F_OK) == 0) {
		desk = cli_config(path, CONFIG_CLI);
		doctor->n += desk == NULL ? 1 : 0;
	}
	return desk;
}

int cli_doctor(const char *config_path, int argc, char **argv)
{
	static const struct option options[] = { CLI_OPTIONS_END };
	int status = cli_options(argc, argv, options, 0, 0, help, NULL, NULL);
	struct doctor doctor = {
		.root = "", .now_s = clock_wall_s(), .say = say_finding
	};
	struct config *config;
	struct config *desk;

	if (status != CLI_GO_ON) {
		return status;
	}
	config = cli_config(config_path, CONFIG_CLI);
	if (config == NULL) {
		return CLI_WRONG;
	}
	desk = load_desk(&doctor, config->path);
	look_at_all(&doctor, config, desk);
	status = doctor.n == 0 ? CLI_OK : CLI_WRONG;
	config_free(desk);
	config_free(config);
	return status;
}
