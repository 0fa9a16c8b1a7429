/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/status.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cli/cli.h"
#include "cli/local.h"
#include "cli/queue.h"
#include "cli/spool.h"
#include "cli/teams.h"
#include "cli/units.h"
#include "crypto/hash.h"
#include "crypto/ring.h"
#include "queue/ledger.h"
#include "queue/reader.h"

/* Fewer days left than these are not well. */
#define WARN_DAYS 7

static const char help[] =
    "Usage: tipline [-c FILE] status\n"
    "\n"
    "Ask each part that the configuration has on this host how it is:\n"
    "  intake   would a tip that came now be stored?\n"
    "  teams    for how many days are there keys to seal to? (NOT OK below 7)\n"
    "  spool    how many sealed tips wait for the desk, and were any lost?\n"
    "  queue    does Redis take the desk's log-in?\n"
    "  ring     can the console read the team's ring?\n"
    "  ledger   how many records has this desk, and how much room?\n"
    "  units    where systemd runs: does all run that is enabled?\n"
    "\n"
    "Needs no passphrase. Ends with 0 if all is well, 1 if something is not.\n";

/* A line: the part, well or not, and a sentence. */
static int say_part(const char *part, bool well, const char *text)
{
	(void)printf("%-8s %-6s %s\n", part, well ? "ok" : "NOT OK", text);
	return well ? CLI_OK : CLI_WRONG;
}

static int intake_status(const struct config *config)
{
	struct buf body;
	int status = 0, result;
	enum tl_err err;

	buf_init(&body, LOCAL_ANSWER_BYTES);
	err =
	    local_get(config->intake.admin_socket, "/healthz", &status, &body);
	while (body.len > 0 && body.data[body.len - 1] == '\n') {
		body.len--;
	}
	buf_put_u8(&body, 0);
	if (err != TL_OK) {
		result = say_part("intake", false,
		    err == TL_ENOENT ? "is not running: start tipline-intake"
				     : err_text(err));
	} else if (buf_err(&body) == TL_OK && status != 200) {
		result = say_part("intake", false, (const char *)body.data);
	} else {
		result = say_part("intake", true, "takes tips");
	}
	buf_free(&body);
	return result;
}

/* A list that ends is no danger for tips, and one for their secrecy. */
static int teams_status(const struct config *config)
{
	int64_t days = 0;
	char text[80];

	if (cli_teams(&config->intake, false, &days) != TL_OK) {
		return say_part(
		    "teams", false, "a list is not right, see above");
	}
	(void)snprintf(text, sizeof(text), "the keys to seal to %s %lld days%s",
	    days < 0 ? "ended" : "last", (long long)(days < 0 ? -days : days),
	    days < 0 ? " ago" : "");
	return say_part("teams", days >= WARN_DAYS, text);
}

static void say_of_spool(void *arg, const char *word, const char *sentence)
{
	(void)arg;
	(void)word;
	(void)say_part("spool", false, sentence);
}

static int spool_status(const struct config *config)
{
	struct spool_stats stats;
	enum tl_err err = cli_spool_ask(config->spool.admin_socket, &stats);
	bool has_room;
	char text[96];

	if (err != TL_OK) {
		return say_part("spool", false,
		    err == TL_ENOENT ? "is not running: start tipline-spool"
				     : err_text(err));
	}
	has_room = stats.room == SPOOL_ROOM_OK;
	if (cli_spool_troubles(&stats, say_of_spool, NULL) > 0 && has_room) {
		return CLI_WRONG;
	}
	(void)snprintf(text, sizeof(text),
	    "%llu sealed records wait for a receipt, %llu of them urgent",
	    (unsigned long long)stats.records,
	    (unsigned long long)stats.urgent);
	return say_part("spool", has_room, text);
}

static int queue_status(const struct config *config)
{
	const struct reader_opts opts = cli_queue_opts(config);
	struct reader *reader = NULL;
	const char *why = "";
	enum tl_err err = reader_open(&opts, &reader, &why);

	reader_close(reader);
	/* before the first tip there is neither stream nor group, and inbox
	 * makes them if it may */
	if (err == TL_ENOENT && config->redis.admin_password_file[0] != '\0') {
		return say_part("queue", true, "Redis answers; it is new");
	}
	return say_part(
	    "queue", err == TL_OK, err == TL_OK ? "Redis answers" : why);
}

/* What a console does then is in OPERATIONS.md, E133. */
static int ring_status(const struct config *config)
{
	struct ring *ring = NULL;
	enum tl_err err;
	char text[96];

	if (config->desk.signing_key[0] == '\0' ||
	    strncmp(config->desk.team_ring, "/run/credentials/", 17) == 0) {
		return CLI_OK; /* read anew by each command, which says it */
	}
	err = ring_load(config->desk.team_ring, &ring);
	if (err != TL_OK) {
		(void)snprintf(text, sizeof(text),
		    "cannot be read (%s): who was removed can still log in",
		    err_text(err));
		return say_part("ring", false, text);
	}
	(void)snprintf(
	    text, sizeof(text), "%zu officers", ring_n_officers(ring));
	ring_free(ring);
	return say_part("ring", true, text);
}

static int ledger_status(const struct config *config)
{
	const struct ledger_opts opts = {
		.folder = config->desk.ledger,
		.hash = hash_bytes,
		.quarantine_max_bytes = config->desk.quarantine_max_bytes,
		.read_only = true,
	};
	struct ledger_fault fault = { 0 };
	struct ledger *ledger = NULL;
	struct ledger_counts counts;
	enum tl_err err = ledger_open(&opts, &ledger, &fault);
	uint64_t free_bytes;
	bool has_room;
	char text[192];
	int result;

	if (err == TL_ENOENT) {
		return say_part("ledger", true, "empty");
	}
	if (err != TL_OK) {
		return say_part("ledger", false, fault.what);
	}
	ledger_counts(ledger, &counts);
	free_bytes = ledger_free_bytes(ledger);
	has_room = free_bytes >= config->desk.min_free_bytes;
	(void)snprintf(text, sizeof(text),
	    "%llu records, whole; quarantine %llu of %llu MiB; %llu MiB "
	    "free%s",
	    (unsigned long long)ledger_count(ledger),
	    (unsigned long long)(counts.quarantine_bytes >> 20),
	    (unsigned long long)(counts.quarantine_max_bytes >> 20),
	    (unsigned long long)(free_bytes >> 20),
	    has_room ? ""
		     : ", less than desk.min_free: tips wait in the queue");
	/* before it is full, and entries have to stay in Redis */
	result = say_part("ledger",
	    has_room &&
		counts.quarantine_bytes < counts.quarantine_max_bytes / 2,
	    text);
	ledger_close(ledger);
	return result;
}

/* Of the console and the relay nothing else says it. */
static int units_status(const struct config *config)
{
	struct buf down;
	int n, result = CLI_OK;
	char text[32];

	(void)config;
	buf_init(&down, UNITS_ANSWER_BYTES);
	n = units_down("", &down);
	if (n < 0) {
		result = say_part("units", false,
		    "systemd does not answer: install dbus, or run this as "
		    "root");
	} else if (n > 0 && buf_err(&down) == TL_OK && down.len == 0) {
		(void)snprintf(text, sizeof(text), "%d run", n);
		result = say_part("units", true, text);
	} else if (n > 0) {
		buf_put_str(
		    &down, ": not running; journalctl -u UNIT says why");
		buf_put_u8(&down, 0);
		result = say_part("units", false,
		    buf_err(&down) == TL_OK ? (const char *)down.data
					    : err_text(buf_err(&down)));
	}
	buf_free(&down);
	return result;
}

static const struct {
	unsigned program; /* whose section makes it a part of this host */
	int (*status)(const struct config *config);
} parts[] = {
	{ CONFIG_INTAKE, intake_status },
	{ CONFIG_INTAKE, teams_status },
	{ CONFIG_SPOOL, spool_status },
	{ CONFIG_DESK, queue_status },
	{ CONFIG_DESK, ring_status },
	{ CONFIG_DESK, ledger_status },
	{ CONFIG_INTAKE | CONFIG_SPOOL | CONFIG_DESK, units_status },
};

int cli_status(const char *config_path, int argc, char **argv)
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
	status =
	    cli_has_parts(config, CONFIG_INTAKE | CONFIG_SPOOL | CONFIG_DESK,
		config_path, "report")
	    ? CLI_OK
	    : CLI_WRONG;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if ((config->programs & parts[i].program) != 0 &&
		    parts[i].status(config) != CLI_OK) {
			status = CLI_WRONG;
		}
	}
	config_free(config);
	return status;
}
