/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/spool.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "cli/cli.h"
#include "cli/spool_link.h"

#define MIB_BYTES (1024u * 1024u)

static const char help[] =
    "Usage: tipline [-c FILE] spool [--json]\n"
    "\n"
    "Ask the spooler of this host what it keeps: sealed tips that wait for\n"
    "the desk's receipt, how old the oldest is, and how much room there is.\n"
    "\n"
    "  --json   one JSON object\n"
    "\n"
    "Ends with 0; 1 if no spooler answers or it refuses tips for want of\n"
    "room.\n";

enum tl_err cli_spool_ask(const char *path, struct spool_stats *ret_stats)
{
	struct spool_link link = { .fd = -1 };
	struct frame frame;
	enum tl_err err = spool_link_open(path, &link);

	if (err == TL_OK) {
		err = spool_link_ask(
		    &link, FRAME_STATS_WANT, bytes_of(NULL, 0), &frame);
	}
	if (err == TL_OK) {
		err = frame.type == FRAME_STATS
		    ? spool_stats_get(
			  bytes_of(frame.body, frame.body_len), ret_stats)
		    : TL_EFORMAT;
	}
	spool_link_close(&link);
	return err;
}

static const char *room_name(enum spool_room room)
{
	switch (room) {
	case SPOOL_ROOM_OK:
		return "enough";
	case SPOOL_ROOM_LOW:
		return "low: people should make room";
	case SPOOL_ROOM_FULL:
		return "full: tips are refused";
	}
	return "unknown";
}

/* Whole days, as the spool counts them: it knows no exact times, on purpose. */
static int64_t oldest_days(const struct spool_stats *stats)
{
	return stats->oldest_day < 0 || stats->oldest_day > stats->day
	    ? 0
	    : stats->day - stats->oldest_day;
}

void cli_spool_clock(
    const struct spool_stats *stats, char text[static CLI_SPOOL_CLOCK_CHARS])
{
	int64_t days = stats->clock_days;

	(void)snprintf(text, CLI_SPOOL_CLOCK_CHARS,
	    "this host's clock is %" PRId64 " days %s what the spool has"
	    " counted: see \"A clock that was wrong\" in OPERATIONS.md",
	    days < 0 ? -days : days, days < 0 ? "behind" : "ahead of");
}

static const char *const channel_names[SPOOL_CHANNELS] = {
	[SPOOL_WEB] = "web",
	[SPOOL_SMS] = "sms",
	[SPOOL_VOICE] = "voice",
	[SPOOL_DESK] = "desk",
	[SPOOL_FILES] = "files",
};

static void print_channels(const struct spool_stats *stats, bool json)
{
	const char *between = "";

	for (size_t i = 0; i < SPOOL_CHANNELS; i++) {
		const struct spool_use *use = &stats->channels[i];

		if (json) {
			(void)printf("%s\"%s\":{\"records\":%" PRIu64
				     ",\"bytes\":%" PRIu64
				     ",\"refused\":%" PRIu64 "}",
			    between, channel_names[i], use->records, use->bytes,
			    stats->refused[i]);
			between = ",";
		} else if (use->records + stats->refused[i] > 0) {
			(void)printf("%-9s %" PRIu64 " records, %" PRIu64
				     " MiB, %" PRIu64
				     " refused beyond its share\n",
			    channel_names[i], use->records,
			    use->bytes / MIB_BYTES, stats->refused[i]);
		}
	}
}

static void print_plain(const struct spool_stats *stats)
{
	char clock[CLI_SPOOL_CLOCK_CHARS];

	(void)printf("waiting   %" PRIu64 " sealed records, %" PRIu64
		     " of them urgent\n",
	    stats->records, stats->urgent);
	(void)printf(
	    "lent      %" PRIu64 " of them are with the relay\n", stats->lent);
	if (stats->records > 0) {
		(void)printf("oldest    from %" PRId64 " days ago\n",
		    oldest_days(stats));
	}
	(void)printf("room      %s, %" PRIu64 " MiB\n", room_name(stats->room),
	    stats->free_bytes / MIB_BYTES);
	print_channels(stats, false);
	(void)printf("mail      %" PRIu64 " for reporters, ids of what is gone "
		     "included\n",
	    stats->mail);
	(void)printf("starts    %" PRIu64 "\n", stats->starts);
	if (stats->rescued + stats->lost + stats->damaged > 0) {
		(void)printf("DAMAGE    %" PRIu64 " records rescued, %" PRIu64
			     " lost, %" PRIu64 " with a wrong hash: see "
			     "\"Damage\" in OPERATIONS.md\n",
		    stats->rescued, stats->lost, stats->damaged);
	}
	if (stats->clock_days != 0) {
		cli_spool_clock(stats, clock);
		(void)printf("CLOCK     %s\n", clock);
	}
	if (stats->bad_receipts > 0) {
		(void)printf("RECEIPTS  %" PRIu64 " did not verify\n",
		    stats->bad_receipts);
	}
}

static void print_json(const struct spool_stats *stats)
{
	(void)printf("{\"records\":%" PRIu64 ",\"urgent\":%" PRIu64
		     ",\"lent\":%" PRIu64 ",\"oldest_days\":%" PRId64
		     ",\"free_bytes\":%" PRIu64
		     ",\"full\":%s,\"starts\":%" PRIu64 ",\"rescued\":%" PRIu64
		     ",\"lost\":%" PRIu64 ",\"damaged\":%" PRIu64
		     ",\"bad_receipts\":%" PRIu64 ",\"sqlite\":%" PRIu64
		     ",\"channels\":{",
	    stats->records, stats->urgent, stats->lent, oldest_days(stats),
	    stats->free_bytes,
	    stats->room == SPOOL_ROOM_FULL ? "true" : "false", stats->starts,
	    stats->rescued, stats->lost, stats->damaged, stats->bad_receipts,
	    stats->sqlite);
	print_channels(stats, true);
	(void)printf("},\"mail\":%" PRIu64 ",\"clock_days\":%" PRId64 "}\n",
	    stats->mail, stats->clock_days);
}

static bool take_option(int option, const char *value, void *arg)
{
	bool *json = arg;

	(void)value;
	*json = option == 'j';
	return true;
}

int cli_spool(const char *config_path, int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		CLI_OPTIONS_END,
	};
	bool json = false;
	int status =
	    cli_options(argc, argv, options, 0, 0, help, take_option, &json);
	struct spool_stats stats;
	struct config *config;
	enum tl_err err;

	if (status != CLI_GO_ON) {
		return status;
	}
	config = cli_config(config_path, CONFIG_CLI);
	if (config == NULL) {
		return CLI_WRONG;
	}
	err = cli_spool_ask(config->spool.admin_socket, &stats);
	if (err != TL_OK) {
		say_error("no spooler answers on %s: %s. Is tipline-spool "
			  "running, and may this user use its admin socket?",
		    config->spool.admin_socket, err_text(err));
	} else {
		(json ? print_json : print_plain)(&stats);
	}
	config_free(config);
	return err == TL_OK && stats.room != SPOOL_ROOM_FULL ? CLI_OK
							     : CLI_WRONG;
}
