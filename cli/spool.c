/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/spool.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "cli/cli.h"
#include "cli/spool_link.h"

#define MIB_BYTES     (1024u * 1024u)
#define TROUBLE_CHARS 256

static const char help[] =
    "Usage: tipline [-c FILE] spool [--json] [--seen]\n"
    "\n"
    "Ask the spooler of this host what it keeps: sealed tips that wait for\n"
    "the desk's receipt, how old the oldest is, and how much room there is.\n"
    "\n"
    "  --json   one JSON object\n"
    "  --seen   put aside what is told of records that were lost when its "
    "file\n"
    "           was damaged: somebody has dealt with it (OPERATIONS.md, \"A\n"
    "           damaged spool\"), and status, doctor and alarms are silent of "
    "it\n"
    "           from now on. As root\n"
    "\n"
    "Ends with 0; 1 if no spooler answers, it refuses tips for want of room, "
    "or\n"
    "what was to be put aside could not be.\n";

/* type: a frame whose answer is STATS. */
static enum tl_err ask(
    const char *path, enum frame_type type, struct spool_stats *ret_stats)
{
	struct spool_link link = { .fd = -1 };
	struct frame frame;
	enum tl_err err = spool_link_open(path, &link);

	if (err == TL_OK) {
		err = spool_link_ask(&link, type, bytes_of(NULL, 0), &frame);
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

enum tl_err cli_spool_ask(const char *path, struct spool_stats *ret_stats)
{
	return ask(path, FRAME_STATS_WANT, ret_stats);
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

size_t cli_spool_troubles(
    const struct spool_stats *stats, cli_spool_say_fn say, void *arg)
{
	int64_t days = stats->clock_days;
	char text[TROUBLE_CHARS];
	size_t n = 0;

	if (stats->lost > 0) {
		(void)snprintf(text, sizeof(text),
		    "%" PRIu64 " or more records were lost when its file was"
		    " damaged, and the next nightly backup is without them:"
		    " see \"A damaged spool\" in OPERATIONS.md before (E505)",
		    stats->lost);
		say(arg, "LOST", text);
		n++;
	}
	if (stats->damaged > 0) {
		(void)snprintf(text, sizeof(text),
		    "%" PRIu64 " records do not have their hash any more and"
		    " are not sent: see \"A damaged spool\" in OPERATIONS.md"
		    " before the next nightly backup (E506)",
		    stats->damaged);
		say(arg, "DAMAGE", text);
		n++;
	}
	if (stats->bad_receipts > 0) {
		(void)snprintf(text, sizeof(text),
		    "%" PRIu64 " receipts since its start were signed by no"
		    " desk of ours: see E503 in OPERATIONS.md",
		    stats->bad_receipts);
		say(arg, "RECEIPTS", text);
		n++;
	}
	if (days != 0) {
		(void)snprintf(text, sizeof(text),
		    "this host's clock is %" PRId64 " days %s what the spool"
		    " has counted: see \"A clock that was wrong\" in"
		    " OPERATIONS.md",
		    days < 0 ? -days : days, days < 0 ? "behind" : "ahead of");
		say(arg, "CLOCK", text);
		n++;
	}
	return n;
}

static void print_trouble(void *arg, const char *word, const char *sentence)
{
	(void)arg;
	(void)printf("%-9s %s\n", word, sentence);
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
	if (stats->rescued > 0) {
		(void)printf("rescued   %" PRIu64
			     " records, when its file was damaged\n",
		    stats->rescued);
	}
	(void)cli_spool_troubles(stats, print_trouble, NULL);
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

struct wish {
	bool json;
	bool seen;
};

static bool take_option(int option, const char *value, void *arg)
{
	struct wish *wish = arg;

	(void)value;
	wish->json = wish->json || option == 'j';
	wish->seen = wish->seen || option == 's';
	return true;
}

static int show(const char *path, const struct wish *wish)
{
	struct spool_stats stats;
	enum tl_err err = ask(
	    path, wish->seen ? FRAME_DAMAGE_SEEN : FRAME_STATS_WANT, &stats);
	int status = CLI_OK;

	if (err != TL_OK) {
		say_error("no spooler answers on %s: %s. Is tipline-spool "
			  "running, and may this user %s?",
		    path, err_text(err),
		    wish->seen ? "put that aside (root may)"
			       : "use its admin socket");
		return CLI_WRONG;
	}
	(wish->json ? print_json : print_plain)(&stats);
	if (wish->seen && stats.lost > 0) {
		say_error("the spool has no room to write down that this was"
			  " seen: make some, and run this again");
		status = CLI_WRONG;
	}
	return stats.room == SPOOL_ROOM_FULL ? CLI_WRONG : status;
}

int cli_spool(const char *config_path, int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "seen", no_argument, NULL, 's' },
		CLI_OPTIONS_END,
	};
	struct wish wish = { 0 };
	int status =
	    cli_options(argc, argv, options, 0, 0, help, take_option, &wish);
	struct config *config;

	if (status != CLI_GO_ON) {
		return status;
	}
	config = cli_config(config_path, CONFIG_CLI);
	if (config == NULL) {
		return CLI_WRONG;
	}
	status = show(config->spool.admin_socket, &wish);
	config_free(config);
	return status;
}
