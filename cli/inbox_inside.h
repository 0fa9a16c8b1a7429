/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/inbox_inside.h - the inside of `tipline inbox`: what one call of it
 * knows. Only cli/inbox*.c include it.
 *
 * It goes over the ledger twice: once to learn where each record belongs,
 * inbox_learn(), and once a round to show it, inbox_show().
 */
#ifndef TL_CLI_INBOX_INSIDE_H
#define TL_CLI_INBOX_INSIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/desk_keys.h"
#include "cli/files.h"
#include "cli/further.h"
#include "cli/resealed.h"
#include "cli/taken.h"
#include "cli/wishes.h"
#include "config/config.h"
#include "desk/alike.h"
#include "desk/threads.h"
#include "desk/twins.h"
#include "queue/ledger.h"
#include "sms/joined.h"

/* Shown in rounds: P1 to P4 of what our intakes have signed, the same of what
 * they have not, and then what cannot be opened. Whoever can write to Redis can
 * claim any priority: it may not push a real tip down. */
#define PLACE_UNSIGNED 4 /* behind the places of those that are signed */
#define PLACE_LAST     9
/* In no round: a further reply key, shown with its tip; a planted test text,
 * of which `tipline gateway status` tells. */
#define PLACE_NEVER 10
/* Pieces of files: in no round, unless they belong to nothing. */
#define PLACE_PIECE 11
#define PLACE_LEFT  12

struct inbox {
	const struct config *config;
	struct desk_keys keys;
	struct ledger *ledger;
	char *canary; /* secret memory, or NULL */
	bool json;
	bool only_new;
	bool beside; /* a desk has the ledger and fetches: only read it */
	int wait_s;
	uint64_t first_new; /* number of the first that --new shows */
	uint64_t first_shown;
	uint8_t *places; /* of each record from there: its round */
	struct further further;
	struct alike alike;
	struct twins twins;
	struct resealed resealed; /* instead of what was destroyed */
	struct taken taken;       /* back by their reporters */
	struct wishes wishes;
	struct threads threads;
	struct joined *joined; /* parts of long messages */
	struct files files;    /* that came with tips */
	uint8_t round;
	uint64_t left;   /* entries for which quarantine has no room */
	uint64_t unsaid; /* and for whose receipts Redis has none */
	int status;
};

/* Learn the place of each record to be shown, and what belongs together. */
TL_MUST_CHECK enum tl_err inbox_learn(struct inbox *inbox);

/* Show them, round by round. TL_ECLOSED: nobody reads any further. */
TL_MUST_CHECK enum tl_err inbox_show(struct inbox *inbox);

/* Forget what inbox_learn() has learnt but the wishes, which are carried out
 * afterwards. */
void inbox_forget(struct inbox *inbox);

#endif
