/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/doctor.h"

#include <stdio.h>
#include <sys/statvfs.h>

#include "base/log.h"
#include "cli/cli.h"
#include "cli/doctor_host.h"
#include "cli/teams.h"
#include "config/config.h"

/* There is time to make more keys, and to carry them to every intake. */
#define WARN_DAYS 30

static const char help[] =
    "Usage: tipline [-c FILE] doctor\n"
    "\n"
    "Look for what an installation can get wrong and say what to do: the\n"
    "configuration and the files that it names, the keys to seal to (30 days\n"
    "or more left), room on the spool's disk, swap, core files, settings of\n"
    "the kernel, and whether running parts have locked themselves in. Says\n"
    "nothing where all is well. How the parts do is told by tipline status.\n"
    "Run it as root, who sees all of it. Nothing is changed.\n"
    "\n"
    "Ends with 0 if it has found nothing, 1 if it has.\n";

static void say_finding(void *arg, const char *sentence)
{
	(void)arg;
	say_error("%s", sentence);
}

static bool has_days_left(const struct config *config)
{
	int64_t days = 0;

	if (cli_teams(&config->intake, false, &days) != TL_OK) {
		return false; /* was said */
	}
	if (days < WARN_DAYS) {
		say_error("the keys to seal to %s %lld days%s: make more with"
			  " tipline key extend, carry team.list to every"
			  " intake and reload them",
		    days < 0 ? "ended" : "last",
		    (long long)(days < 0 ? -days : days),
		    days < 0 ? " ago" : "");
		return false;
	}
	return true;
}

/* Twice what makes the spool refuse tips of the web. */
static bool has_room(const struct config_spool *spool)
{
	struct statvfs fs;

	if (statvfs(spool->path, &fs) != 0) {
		return true; /* config_check_files() has said it */
	}
	if (fs.f_bavail * fs.f_frsize / 2 < spool->low_free_bytes) {
		say_error("%s: the disk has less than twice spool.low_free"
			  " left: free some, or give the spool a file system"
			  " of its own",
		    spool->path);
		return false;
	}
	return true;
}

static bool is_well(const struct config *config)
{
	bool well = config_check_files(config, config->programs,
			config_say_error, NULL) == TL_OK;

	if ((config->programs & CONFIG_INTAKE) != 0) {
		well = has_days_left(config) && well;
	}
	if ((config->programs & CONFIG_SPOOL) != 0) {
		well = has_room(&config->spool) && well;
	}
	return doctor_host("/proc", say_finding, NULL) == 0 && well;
}

int cli_doctor(const char *config_path, int argc, char **argv)
{
	static const struct option options[] = { CLI_OPTIONS_END };
	int status = cli_options(argc, argv, options, 0, 0, help, NULL, NULL);
	struct config *config;

	if (status != CLI_GO_ON) {
		return status;
	}
	config = cli_config(config_path, CONFIG_CLI);
	if (config == NULL) {
		return CLI_WRONG;
	}
	status = is_well(config) ? CLI_OK : CLI_WRONG;
	config_free(config);
	return status;
}
