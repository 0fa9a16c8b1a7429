/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Destroy the secret keys of epochs that are long over. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/key.h"
#include "cli/ledger.h"
#include "cli/team.h"
#include "crypto/envelope.h"
#include "crypto/hash.h"
#include "queue/ledger.h"

#define DAY_S         86400
#define KEEP_DAYS     90
#define KEEP_DAYS_MAX 36500

static const char help[] =
    "Usage: tipline [-c FILE] key destroy [--keep-days N] [--show]\n"
    "                       [--without-asking]\n"
    "\n"
    "Destroy the secret keys of epochs that have been over for N days (90), "
    "in\n"
    "the ring that desk.team_ring names. What was sealed to them can then be\n"
    "opened by nobody: see that the clock is right. First it tells, for each\n"
    "epoch, how many tips of the ledger become unreadable, and how many "
    "entries\n"
    "of cases: notes, consent, NO CONTACT (`tipline key reseal` saves those "
    "that\n"
    "are still needed); then it asks twice. Needs no\n"
    "passphrase.\n"
    "\n"
    "Copies of the ring still have these keys: destroy them too. Tips that\n"
    "wait in a spool or in the queue are not counted: fetch them first\n"
    "(tipline inbox).\n"
    "\n"
    "  --keep-days N      how long epochs are kept after their end\n"
    "  --show             only tell what would be destroyed\n"
    "  --without-asking   for scripts: destroy at once, but not where the "
    "newest\n"
    "                     tip of the ledger would become unreadable (the "
    "clock\n"
    "                     may be wrong), or where an intake still seals to "
    "what\n"
    "                     would be destroyed\n"
    "\n"
    "Ends with 0, or 1 if nothing was destroyed that should have been.\n";

/* An epoch that a tip, or what was written on its case, can be opened by. */
struct way {
	uint8_t id[LEDGER_ID_BYTES];
	size_t epoch;
	bool is_entry; /* what was written on a case */
};

/* What becomes unreadable with an epoch. */
struct lost {
	uint64_t tips, entries;
};

struct destroy {
	struct ring *ring;
	int64_t now_s;
	long keep_days;
	bool only_show;
	bool no_questions;
	struct way *ways; /* of the ledger's tips */
	size_t n_ways, room;
	struct lost lost[RING_EPOCHS_MAX]; /* by epoch */
	bool has_newest;                   /* some tip can be opened, */
	size_t newest;                     /* the last of them by this epoch */
	/* numbers of the tips under it, and one; 0: there is none */
	uint64_t first_tip[RING_EPOCHS_MAX], last_tip[RING_EPOCHS_MAX];
};

static bool take_option(int option, const char *value, void *arg)
{
	struct destroy *destroy = arg;
	char *end;

	if (option == 's') {
		destroy->only_show = true;
		return true;
	}
	if (option == 'w') {
		destroy->no_questions = true;
		return true;
	}
	destroy->keep_days = strtol(value, &end, 10);
	if (*end != '\0' || end == value || destroy->keep_days < 0 ||
	    destroy->keep_days > KEEP_DAYS_MAX) {
		say_error(
		    "--keep-days takes whole days, 0 to %d", KEEP_DAYS_MAX);
		return false;
	}
	return true;
}

/* There, and out of use for long enough; never the newest. */
static bool is_due(const struct destroy *destroy, size_t epoch)
{
	int64_t over_s = team_epoch_over_s(destroy->ring, epoch);

	return ring_epoch(destroy->ring, epoch)->destroyed_s == 0 &&
	    over_s <= destroy->now_s &&
	    destroy->now_s - over_s >= destroy->keep_days * DAY_S;
}

static enum tl_err add_way(
    struct destroy *destroy, const uint8_t *id, size_t epoch, bool is_entry)
{
	if (destroy->n_ways == destroy->room) {
		size_t room = destroy->room == 0 ? 256 : 2 * destroy->room;
		void *ways =
		    reallocarray(destroy->ways, room, sizeof(*destroy->ways));

		if (ways == NULL) {
			return TL_ENOMEM;
		}
		destroy->ways = ways;
		destroy->room = room;
	}
	memcpy(destroy->ways[destroy->n_ways].id, id, LEDGER_ID_BYTES);
	destroy->ways[destroy->n_ways].is_entry = is_entry;
	destroy->ways[destroy->n_ways++].epoch = epoch;
	return TL_OK;
}

static void learn_tip(struct destroy *destroy, uint64_t number, size_t epoch)
{
	if (destroy->first_tip[epoch] == 0) {
		destroy->first_tip[epoch] = number + 1;
	}
	destroy->last_tip[epoch] = number + 1;
	if (!destroy->has_newest || destroy->newest < epoch) {
		destroy->newest = epoch;
	}
	destroy->has_newest = true;
}

static enum tl_err learn_record(
    uint64_t number, const struct ledger_record *record, void *arg)
{
	struct destroy *destroy = arg;
	struct envelope envelope;
	enum tl_err err = TL_OK;

	if (envelope_read(cli_ledger_sealed(record), &envelope) !=
	    ENVELOPE_FINE) {
		return TL_OK;
	}
	for (size_t i = 0; err == TL_OK && i < envelope.n_recipients; i++) {
		size_t epoch;

		if (ring_find(destroy->ring,
			envelope.slots + i * ENVELOPE_SLOT_BYTES,
			&epoch) == TL_OK) {
			err = add_way(destroy, record->id, epoch,
			    record->kind == LEDGER_EVENT);
			/* not the last epoch: what a worker takes before the
			 * spool has told it the day goes there */
			if (record->kind == LEDGER_TIP &&
			    epoch + 1 < ring_n(destroy->ring)) {
				learn_tip(destroy, number, epoch);
			}
		}
	}
	return err;
}

static int by_id_and_epoch(const void *a, const void *b)
{
	const struct way *x = a, *y = b;
	int order = memcmp(x->id, y->id, sizeof(x->id));

	return order != 0 ? order
			  : (x->epoch > y->epoch) - (x->epoch < y->epoch);
}

/* A tip is lost with the last epoch that opens it: one that was sealed again to
 * an epoch that stays is not. */
static void count_lost(struct destroy *destroy)
{
	if (destroy->n_ways > 0) {
		qsort(destroy->ways, destroy->n_ways, sizeof(*destroy->ways),
		    by_id_and_epoch);
	}
	for (size_t i = 0; i < destroy->n_ways;) {
		const struct way *first = &destroy->ways[i];
		bool is_lost = true, is_entry = false;
		struct lost *lost;

		for (; i < destroy->n_ways &&
		     memcmp(destroy->ways[i].id, first->id,
			 sizeof(first->id)) == 0;
		     i++) {
			is_lost =
			    is_lost && is_due(destroy, destroy->ways[i].epoch);
			is_entry = is_entry || destroy->ways[i].is_entry;
		}
		lost = &destroy->lost[destroy->ways[i - 1].epoch];
		lost->tips += is_lost && !is_entry ? 1 : 0;
		lost->entries += is_lost && is_entry ? 1 : 0;
	}
}

static enum tl_err count_tips(struct destroy *destroy, const char *folder)
{
	const struct ledger_opts opts = {
		.folder = folder,
		.hash = hash_bytes,
		.read_only = true,
	};
	struct ledger_fault fault = { 0 };
	struct ledger *ledger = NULL;
	enum tl_err err = ledger_open(&opts, &ledger, &fault);

	if (err == TL_ENOENT) {
		return TL_OK; /* no tip has come yet */
	}
	if (err != TL_OK) {
		say_error(
		    "the ledger %s cannot be counted: %s", folder, fault.what);
		return err;
	}
	err = ledger_each(ledger, 0, learn_record, destroy);
	if (err == TL_OK) {
		count_lost(destroy);
	}
	ledger_close(ledger);
	return err;
}

static void say_entries(const struct lost *lost, const char *then)
{
	if (lost->entries > 0) {
		(void)printf(", %llu entries of cases",
		    (unsigned long long)lost->entries);
	}
	(void)printf("%s", then);
}

/* Returns how many are due. */
static size_t show_due(const struct destroy *destroy, struct lost *ret_lost)
{
	char from[KEY_DAY_CHARS], to[KEY_DAY_CHARS];
	struct lost sum = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < ring_n(destroy->ring); i++) {
		if (is_due(destroy, i)) {
			const struct lost *lost = &destroy->lost[i];

			(void)printf("%s to %s: %llu tips",
			    key_day(
				ring_epoch(destroy->ring, i)->start_s, from),
			    key_day(team_epoch_over_s(destroy->ring, i), to),
			    (unsigned long long)lost->tips);
			say_entries(lost, "\n");
			sum.tips += lost->tips;
			sum.entries += lost->entries;
			n++;
		}
	}
	*ret_lost = sum;
	return n;
}

/* Did the person type this word? */
static bool typed(const char *question, const char *word)
{
	char line[64];

	(void)printf("%s", question);
	if (fflush(stdout) != 0 || fgets(line, sizeof(line), stdin) == NULL) {
		return false;
	}
	line[strcspn(line, "\n")] = '\0';
	return strcmp(line, word) == 0;
}

/* Under an epoch that is due a tip came behind one of an epoch that began when
 * it was due already: there is an intake that has only an older list. */
static bool is_still_used(const struct destroy *destroy)
{
	char over[KEY_DAY_CHARS];

	for (size_t i = 0; i < ring_n(destroy->ring); i++) {
		int64_t over_s = team_epoch_over_s(destroy->ring, i);

		for (size_t j = i + 1;
		     is_due(destroy, i) && j < ring_n(destroy->ring); j++) {
			if (destroy->first_tip[j] != 0 &&
			    destroy->first_tip[j] < destroy->last_tip[i] &&
			    ring_epoch(destroy->ring, j)->start_s - over_s >=
				destroy->keep_days * DAY_S) {
				say_error("tips are still sealed to the epoch"
					  " that was over on %s: an intake has"
					  " an older team.list (E113); copy the"
					  " newest there first",
				    key_day(over_s, over));
				return true;
			}
		}
	}
	return false;
}

/* Nothing has come since then, or this clock is ahead of those by which tips
 * are sealed: by a year, and all would be gone. */
static bool is_odd(const struct destroy *destroy)
{
	char over[KEY_DAY_CHARS];

	if (!destroy->has_newest || !is_due(destroy, destroy->newest)) {
		return is_still_used(destroy);
	}
	say_error("the newest tip of the ledger is among them: by this"
		  " computer's clock its epoch was over on %s. Is the clock"
		  " right (timedatectl)?",
	    key_day(team_epoch_over_s(destroy->ring, destroy->newest), over));
	return true;
}

static bool is_wanted(const struct destroy *destroy, const struct lost *lost)
{
	char number[24];
	bool odd = is_odd(destroy);

	if (destroy->no_questions) {
		return !odd; /* somebody has to look at the clock */
	}
	if (isatty(STDIN_FILENO) == 0) {
		say_error("nobody is there to be asked; --without-asking "
			  "destroys all the same");
		return false;
	}
	(void)snprintf(
	    number, sizeof(number), "%llu", (unsigned long long)lost->tips);
	return typed(lost->entries == 0
		       ? "Nobody will be able to open these tips again. Type"
			 " the word DESTROY: "
		       : "Nobody will be able to open these tips again, or"
			 " what was written on cases: a case with such an"
			 " entry is written to and referred only by force"
			 " (`tipline key reseal`). Type the word DESTROY: ",
		   "DESTROY") &&
	    typed("Once more: type how many tips become unreadable: ", number);
}

static enum tl_err destroy_due(struct destroy *destroy, const char *path)
{
	enum tl_err err = TL_OK;

	for (size_t i = 0; err == TL_OK && i < ring_n(destroy->ring); i++) {
		if (is_due(destroy, i)) {
			err = ring_destroy(destroy->ring, i, destroy->now_s);
		}
	}
	if (err == TL_OK) {
		err = ring_save(destroy->ring, path, true);
	}
	if (err != TL_OK) {
		say_error("%s could not be written: %s; nothing is destroyed",
		    path, err_text(err));
	}
	return err;
}

static int run(struct destroy *destroy, const struct config_desk *desk)
{
	char today[KEY_DAY_CHARS];
	struct lost lost = { 0 };
	size_t n;
	enum tl_err err = ring_load(desk->team_ring, &destroy->ring);

	if (err != TL_OK) {
		say_error("cannot use %s: %s", desk->team_ring, err_text(err));
		return CLI_WRONG;
	}
	if (count_tips(destroy, desk->ledger) != TL_OK) {
		return CLI_WRONG;
	}
	n = show_due(destroy, &lost);
	if (n == 0) {
		(void)printf("No epoch has been over for %ld days.\n",
		    destroy->keep_days);
		return cli_end_output(CLI_OK);
	}
	(void)printf("%zu epochs, %llu tips of the ledger", n,
	    (unsigned long long)lost.tips);
	say_entries(&lost, ". By this computer's clock it is ");
	(void)printf("%s.\n", key_day(destroy->now_s, today));
	if (destroy->only_show) {
		return cli_end_output(CLI_OK);
	}
	if (!is_wanted(destroy, &lost)) {
		(void)printf("Nothing was destroyed.\n");
		return cli_end_output(CLI_WRONG);
	}
	if (destroy_due(destroy, desk->team_ring) != TL_OK) {
		return CLI_WRONG;
	}
	(void)printf("Their keys are destroyed in %s. Destroy older copies of"
		     " it too.\n",
	    desk->team_ring);
	return cli_end_output(CLI_OK);
}

int key_destroy(const char *config_path, int argc, char **argv)
{
	static const struct option options[] = {
		{ "keep-days", required_argument, NULL, 'k' },
		{ "show", no_argument, NULL, 's' },
		{ "without-asking", no_argument, NULL, 'w' },
		CLI_OPTIONS_END,
	};
	struct destroy *destroy = calloc(1, sizeof(*destroy));
	struct config *config = NULL;
	int status;

	if (destroy == NULL) {
		say_error("%s", err_text(TL_ENOMEM));
		return CLI_WRONG;
	}
	destroy->keep_days = KEEP_DAYS;
	destroy->now_s = clock_wall_s();
	status =
	    cli_options(argc, argv, options, 0, 0, help, take_option, destroy);
	if (status == CLI_GO_ON) {
		config = cli_config(config_path, CONFIG_DESK);
		status =
		    config == NULL ? CLI_WRONG : run(destroy, &config->desk);
	}
	config_free(config);
	ring_free(destroy->ring);
	free(destroy->ways);
	free(destroy);
	return status;
}
