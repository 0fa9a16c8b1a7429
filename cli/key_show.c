/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a team's public files, and the outside of its ring, tell. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/key.h"
#include "cli/team.h"
#include "crypto/envelope.h"
#include "crypto/fingerprint.h"

static const char help[] =
    "Usage: tipline key show [--all] FOLDER\n"
    "       tipline key show [--all] LIST\n"
    "\n"
    "Show the fingerprint of a team, to compare over the telephone; which\n"
    "epochs its list has and how many days are left; and, if team.ring is\n"
    "there, which epochs can still be opened. Needs no passphrase.\n"
    "\n"
    "  --all   a line for each epoch\n"
    "\n"
    "Ends with 0, or 1 if the list cannot be read or has ended.\n";

static bool take_option(int option, const char *value, void *arg)
{
	bool *all = arg;

	(void)option; /* there is only --all */
	(void)value;
	*all = true;
	return true;
}

static void show_fingerprint(const struct teamlist *list)
{
	struct fingerprint print;

	fingerprint_of(list->identity, &print);
	(void)printf("team    %s\n        %s\n", print.digits, print.words);
}

static void show_list(const struct teamlist *list, int64_t now_s)
{
	size_t at = teamlist_at(list, now_s);
	char from[KEY_DAY_CHARS], to[KEY_DAY_CHARS];

	(void)printf("list    number %llu, %zu epochs, from %s to %s\n",
	    (unsigned long long)list->number, list->n,
	    key_day(list->epochs[0].start_s, from), key_day(list->end_s, to));
	(void)printf("now     epoch %zu, to %s; the list has %lld days left\n",
	    at + 1, key_day(teamlist_end_of(list, at), to),
	    (long long)teamlist_days_left(list, now_s));
}

static void show_ring(const struct ring *ring, const struct teamlist *list)
{
	size_t n_destroyed = 0, n_missing = 0, epoch;

	for (size_t i = 0; i < ring_n(ring); i++) {
		n_destroyed += ring_epoch(ring, i)->destroyed_s != 0;
	}
	for (size_t i = 0; i < list->n; i++) {
		uint8_t id[RING_KEY_ID_BYTES];

		envelope_key_id(id, list->epochs[i].public_key);
		n_missing += ring_find(ring, id, &epoch) != TL_OK;
	}
	(void)printf("ring    %zu epochs have their key, %zu are destroyed\n",
	    ring_n(ring) - n_destroyed, n_destroyed);
	if (n_missing > 0) {
		(void)printf("        NOT OK: %zu epochs of the list are not in"
			     " this ring: it is another copy\n",
		    n_missing);
	}
}

static void show_epochs(const struct ring *ring)
{
	char from[KEY_DAY_CHARS], to[KEY_DAY_CHARS], gone[KEY_DAY_CHARS];

	for (size_t i = 0; i < ring_n(ring); i++) {
		const struct ring_epoch *epoch = ring_epoch(ring, i);

		(void)printf("        %s to %s", key_day(epoch->start_s, from),
		    key_day(epoch->end_s, to));
		if (epoch->destroyed_s != 0) {
			(void)printf(", destroyed %s",
			    key_day(epoch->destroyed_s, gone));
		}
		(void)printf("\n");
	}
}

static void show_list_epochs(const struct teamlist *list)
{
	char from[KEY_DAY_CHARS], to[KEY_DAY_CHARS];

	for (size_t i = 0; i < list->n; i++) {
		(void)printf("        %s to %s\n",
		    key_day(list->epochs[i].start_s, from),
		    key_day(teamlist_end_of(list, i), to));
	}
}

static int show(const char *list_path, const char *ring_path, bool all)
{
	int64_t now_s = clock_wall_s();
	struct teamlist *list = NULL;
	struct ring *ring = NULL;
	bool ended;
	enum tl_err err = teamlist_load(list_path, &list);

	if (err != TL_OK) {
		say_error("cannot use %s: %s", list_path, err_text(err));
		return CLI_WRONG;
	}
	show_fingerprint(list);
	show_list(list, now_s);
	err = ring_path == NULL ? TL_ENOENT : ring_load(ring_path, &ring);
	if (err == TL_OK) {
		show_ring(ring, list);
		if (all) {
			show_epochs(ring);
		}
	} else if (all) {
		show_list_epochs(list);
	}
	ended = teamlist_days_left(list, now_s) < 0;
	if (ended) {
		(void)printf("NOT OK: the list has ended; tips are sealed to"
			     " its last key. Run tipline key extend\n");
	}
	ring_free(ring);
	teamlist_free(list);
	return cli_end_output(ended ? CLI_WRONG : CLI_OK);
}

int key_show(const char *config_path, int argc, char **argv)
{
	static const struct option options[] = {
		{ "all", no_argument, NULL, 'a' },
		CLI_OPTIONS_END,
	};
	bool all = false;
	int status =
	    cli_options(argc, argv, options, 1, 1, help, take_option, &all);
	struct team_paths paths;
	struct stat st;

	(void)config_path;
	if (status != CLI_GO_ON) {
		return status;
	}
	if (stat(argv[optind], &st) == 0 && S_ISREG(st.st_mode)) {
		return show(argv[optind], NULL, all);
	}
	if (team_paths_of(argv[optind], &paths) != TL_OK) {
		return CLI_WRONG;
	}
	return show(paths.list, paths.ring, all);
}
