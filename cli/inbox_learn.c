/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Where each record of the ledger belongs, and with what. */
#include "cli/inbox_inside.h"

#include <stdlib.h>

#include "base/clock.h"
#include "desk/planted.h"
#include "text/report.h"
#include "text/triage.h"

/*
 * The place of what was opened. Whoever has a reply key can read the replies,
 * so one that no intake of ours signed is given to no tip.
 */
static enum tl_err place_of(
    struct inbox *inbox, const struct desk_tip *opened, uint8_t *ret_place)
{
	struct bytes doc = opened->tip.report;
	struct report_reply reply;

	report_reply(doc, &reply);
	if (opened->signed_by_us && planted_doc_is(inbox->canary, doc)) {
		*ret_place = PLACE_NEVER;
		return TL_OK;
	}
	if (!reply.is_further) {
		*ret_place = (uint8_t)(report_priority(doc) +
		    (opened->signed_by_us ? 0 : PLACE_UNSIGNED));
		return TL_OK;
	}
	*ret_place = PLACE_LAST;
	if (!opened->signed_by_us || !reply.has_form || !reply.has_mailbox) {
		return TL_OK;
	}
	*ret_place = PLACE_NEVER;
	return further_add(&inbox->further, &reply);
}

/* Anybody could put words into a message with parts that we have not signed. */
static enum tl_err learn_part(
    struct inbox *inbox, uint64_t number, const struct desk_tip *opened)
{
	return opened->signed_by_us
	    ? joined_add(inbox->joined, opened->tip.report, number)
	    : TL_OK;
}

static enum tl_err learn_opened(
    struct inbox *inbox, uint64_t number, const struct desk_tip *opened)
{
	uint8_t *place = &inbox->places[number - inbox->first_shown];
	bool is_piece = false;
	enum tl_err err = files_learn(&inbox->files, number, opened, &is_piece);

	if (is_piece) {
		*place = PLACE_PIECE;
		return err;
	}
	if (err == TL_OK) {
		err = place_of(inbox, opened, place);
	}
	if (err == TL_OK && opened->signed_by_us) {
		err = alike_add(
		    &inbox->alike, opened->tip.id, opened->tip.report);
	}
	if (err == TL_OK && opened->signed_by_us) {
		err = threads_add(&inbox->threads, opened->tip.id, number,
		    opened->tip.report);
	}
	if (err == TL_OK && opened->signed_by_us) {
		err = twins_add(&inbox->twins, number, opened->tip.report);
	}
	if (err == TL_OK && opened->signed_by_us) {
		err = wishes_add(
		    &inbox->wishes, opened->tip.id, opened->tip.report);
	}
	return err == TL_OK ? learn_part(inbox, number, opened) : err;
}

/* Every record is opened once to learn its place, and again in its round. */
static enum tl_err learn_record(
    uint64_t number, const struct ledger_record *record, void *arg)
{
	struct inbox *inbox = arg;
	uint8_t *place = &inbox->places[number - inbox->first_shown];
	struct desk_tip opened = { .signed_by_us = false };
	enum envelope_fault fault;
	enum tl_err err;

	*place = PLACE_NEVER;
	if (record->kind == LEDGER_RESEALED) {
		return resealed_add_again(&inbox->resealed, record->id, number);
	}
	if (record->kind != LEDGER_TIP && record->kind != LEDGER_QUARANTINE) {
		return TL_OK; /* made at a desk: it did not come from outside */
	}
	*place = PLACE_LAST;
	err = desk_keys_open(&inbox->keys, record->sealed, &fault, &opened);
	if (err == TL_OK && fault == ENVELOPE_FINE) {
		err = learn_opened(inbox, number, &opened);
	} else if (err == TL_OK &&
	    (fault == ENVELOPE_DESTROYED || fault == ENVELOPE_STRANGER)) {
		err = resealed_add_gone(&inbox->resealed, record->id, number,
		    record->kind != LEDGER_TIP,
		    desk_keys_signed(&inbox->keys, record->sealed));
	}
	desk_tip_free(&opened);
	return err;
}

/* One that was sealed again, in the place of one whose epoch is destroyed. */
static enum tl_err learn_again(
    uint64_t number, const struct ledger_record *record, void *arg)
{
	struct inbox *inbox = arg;
	struct desk_tip opened = { .signed_by_us = false };
	enum envelope_fault fault;
	enum tl_err err =
	    desk_keys_open(&inbox->keys, record->sealed, &fault, &opened);

	if (err == TL_OK && fault == ENVELOPE_FINE) {
		opened.signed_by_us =
		    desk_keys_resealed(&inbox->keys, record->sealed) &&
		    resealed_is_signed(&inbox->resealed, record->id);
		err = learn_opened(inbox, number, &opened);
	}
	desk_tip_free(&opened);
	return err == TL_OK ? TL_ECLOSED : err; /* this one alone */
}

/* Found in a gateway's log, and then the webhook came after all. */
static void leave_twins_out(struct inbox *inbox)
{
	uint64_t number, own;
	size_t at = 0;

	twins_sort(&inbox->twins);
	while (twins_next(&inbox->twins, &at, &number, &own)) {
		inbox->places[number - inbox->first_shown] = PLACE_NEVER;
	}
}

static enum tl_err learn_resealed(struct inbox *inbox)
{
	struct resealed_pair pair;
	enum tl_err err = TL_ECLOSED;
	size_t at = 0;

	resealed_settle(&inbox->resealed);
	while (
	    err == TL_ECLOSED && resealed_next(&inbox->resealed, &at, &pair)) {
		uint8_t *places = inbox->places;

		err =
		    ledger_each(inbox->ledger, pair.again, learn_again, inbox);
		if (places[pair.again - inbox->first_shown] != PLACE_NEVER) {
			places[pair.gone - inbox->first_shown] = PLACE_NEVER;
		}
	}
	return err == TL_ECLOSED ? TL_OK : err;
}

/* Parts, pieces and tips that came with earlier calls, for what is new. */
static enum tl_err learn_older(
    uint64_t number, const struct ledger_record *record, void *arg)
{
	struct inbox *inbox = arg;
	struct desk_tip opened = { .signed_by_us = false };
	enum envelope_fault fault;
	bool is_piece = false;
	enum tl_err err;

	if (number >= inbox->first_shown || record->kind != LEDGER_TIP) {
		return TL_OK;
	}
	err = desk_keys_open(&inbox->keys, record->sealed, &fault, &opened);
	if (err == TL_OK && fault == ENVELOPE_FINE) {
		err = files_learn(&inbox->files, number, &opened, &is_piece);
	}
	if (err == TL_OK && fault == ENVELOPE_FINE && !is_piece) {
		err = learn_part(inbox, number, &opened);
	}
	if (err == TL_OK && fault == ENVELOPE_FINE && opened.signed_by_us) {
		err = threads_add(
		    &inbox->threads, opened.tip.id, number, opened.tip.report);
	}
	desk_tip_free(&opened);
	return err;
}

/* A long message stands where its first part would. */
static enum tl_err join_parts(struct inbox *inbox, uint64_t count)
{
	const struct triage_files files = { 0 };
	struct triage *triage = NULL;
	struct triage_fault fault;
	enum tl_err err = TL_OK;

	if (joined_count(inbox->joined) == 0) {
		return TL_OK;
	}
	err = triage_new(&files, &triage, &fault);
	if (err == TL_OK) {
		err = joined_settle(
		    inbox->joined, clock_wall_s(), inbox->first_shown, triage);
	}
	triage_free(triage);
	for (uint64_t i = inbox->first_shown; err == TL_OK && i < count; i++) {
		uint8_t *place = &inbox->places[i - inbox->first_shown];
		struct bytes doc;

		if (joined_find(inbox->joined, i, &doc)) {
			*place = doc.len == 0 ? PLACE_NEVER
					      : (uint8_t)report_priority(doc);
		}
	}
	return err;
}

/* Urgent words that came later make their tip urgent. Both are signed. */
static void raise_tips(struct inbox *inbox)
{
	uint64_t more, tip;
	size_t at = 0;

	while (threads_next(&inbox->threads, &at, &more, &tip)) {
		const uint8_t *by;
		uint8_t *place;

		if (more < inbox->first_shown || tip < inbox->first_shown) {
			continue;
		}
		by = &inbox->places[more - inbox->first_shown];
		place = &inbox->places[tip - inbox->first_shown];
		if (*by < *place && *place <= PLACE_UNSIGNED) {
			*place = *by;
		}
	}
}

enum tl_err inbox_learn(struct inbox *inbox)
{
	uint64_t count = ledger_count(inbox->ledger);
	enum tl_err err = TL_OK;

	inbox->first_shown = inbox->only_new ? inbox->first_new : 0;
	inbox->places = calloc(count - inbox->first_shown + 1, 1);
	inbox->joined = joined_new();
	if (inbox->places == NULL || inbox->joined == NULL) {
		return TL_ENOMEM;
	}
	err = taken_learn(&inbox->taken, inbox->ledger);
	if (err == TL_OK) {
		err = ledger_each(
		    inbox->ledger, inbox->first_shown, learn_record, inbox);
	}
	inbox->files.all = inbox->first_shown == 0 ||
	    joined_count(inbox->joined) > 0 || inbox->files.n > 0 ||
	    inbox->files.folder != NULL || inbox->threads.n_more > 0;
	if (err == TL_OK && inbox->first_shown > 0 && inbox->files.all) {
		err = ledger_each(inbox->ledger, 0, learn_older, inbox);
	}
	if (err == TL_OK) {
		err = learn_resealed(inbox);
	}
	if (err == TL_OK) {
		leave_twins_out(inbox);
		files_sort(&inbox->files);
		threads_settle(&inbox->threads);
		err = further_sort(&inbox->further);
	}
	if (err == TL_OK) {
		err = join_parts(inbox, count);
	}
	if (err == TL_OK) {
		raise_tips(inbox);
	}
	return err;
}

void inbox_forget(struct inbox *inbox)
{
	files_free(&inbox->files);
	further_free(&inbox->further);
	alike_free(&inbox->alike);
	threads_free(&inbox->threads);
	twins_free(&inbox->twins);
	resealed_free(&inbox->resealed);
	taken_free(&inbox->taken);
	joined_free(inbox->joined);
	free(inbox->places);
	inbox->joined = NULL;
	inbox->places = NULL;
}
