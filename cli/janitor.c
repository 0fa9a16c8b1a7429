/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/janitor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/program.h"
#include "cli/cli.h"
#include "cli/queue.h"
#include "queue/janitor.h"

#define HOUR_MS 3600000u

static const char help[] =
    "Usage: tipline [-c FILE] janitor\n"
    "\n"
    "Take out of Redis what nobody needs any more: tips that a desk has\n"
    "acknowledged and that are older than keep_tips (six hours), receipts "
    "older\n"
    "than a week, mail and events older than thirty days. To be run each hour\n"
    "on Redis' own host, as the user janitor of users.acl (option\n"
    "janitor_password_file). Where tipline setup made the host, its timer "
    "does\n"
    "so, and `systemctl start tipline-janitor` at once: only it has that "
    "file.\n"
    "Ends with 0, or 1 if Redis could not be reached or refused, or if "
    "entries\n"
    "are dated in the future, so that they would stay until then.\n";

/* On a host from set-up the file is a credential, which only the unit has. */
static void say_failed(const char *why, const char *password_file)
{
	if (password_file[0] == '\0' || access(password_file, R_OK) == 0) {
		say_error("the streams could not be trimmed: %s", why);
	} else if (strncmp(password_file, "/run/credentials/", 17) == 0) {
		say_error("the streams could not be trimmed: %s is there only"
			  " while its unit runs. Give the order to that:"
			  " systemctl start tipline-janitor",
		    password_file);
	} else {
		say_error("the streams could not be trimmed: the password file"
			  " %s: %s",
		    password_file, strerror(errno));
	}
}

/* Nothing is lost by it, but Redis fills. */
static bool say_ahead(const struct janitor_done *done, size_t i)
{
	if (done->ahead_days == 0) {
		return false;
	}
	say_error("%s: entries are dated %llu days ahead, so none will be old"
		  " before. This host's clock is behind, or was ahead once:"
		  " see \"A clock that was wrong\" in OPERATIONS.md",
	    janitor_streams[i].name, (unsigned long long)done->ahead_days);
	return true;
}

int cli_janitor(const char *config_path, int argc, char **argv)
{
	static const struct option options[] = { CLI_OPTIONS_END };
	int status = cli_options(argc, argv, options, 0, 0, help, NULL, NULL);
	struct janitor_done *done = NULL;
	struct reader_opts opts;
	struct config *config;
	const char *why = "out of memory";
	enum tl_err err = TL_ENOMEM;
	bool is_ahead = false;

	if (status != CLI_GO_ON) {
		return status;
	}
	config = cli_config(config_path, CONFIG_CLI);
	if (config == NULL) {
		return CLI_WRONG;
	}
	opts = cli_queue_opts(config);
	opts.user = "janitor";
	opts.password_file = config->redis.janitor_password_file;
	done = calloc(janitor_n_streams, sizeof(*done));
	if (opts.password_file[0] == '\0') {
		why = "in section [redis] janitor_password_file is missing:"
		      " the file that " PROGRAM_TOOLS
		      "/redis-home --users DIR janitor makes";
	} else if (done != NULL) {
		err = janitor_run(&opts,
		    (unsigned)(config->redis.keep_tips_ms / HOUR_MS),
		    clock_wall_s(), done, &why);
	}
	for (size_t i = 0; err == TL_OK && i < janitor_n_streams; i++) {
		(void)printf("%s%-9s %llu entries older than %u %s were taken "
			     "out%s\n",
		    cli_level(), janitor_streams[i].name,
		    (unsigned long long)done[i].gone,
		    done[i].hours % 24 == 0 ? done[i].hours / 24
					    : done[i].hours,
		    done[i].hours % 24 == 0 ? "days" : "hours",
		    done[i].held ? ", others are not acknowledged yet" : "");
		is_ahead = say_ahead(&done[i], i) || is_ahead;
	}
	if (err == TL_ESTALE) {
		/* it has a timer all the same: it may be the master tomorrow */
		(void)printf("%snothing was taken out: this Redis is a replica,"
			     " and its master's janitor does it for both\n",
		    cli_level());
		err = TL_OK;
	} else if (err != TL_OK) {
		say_failed(why, opts.password_file);
	}
	free(done);
	config_free(config);
	return err == TL_OK && !is_ahead ? CLI_OK : CLI_WRONG;
}
