/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What is shown of a record, and in which order. */
#include "cli/inbox_inside.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/enc.h"
#include "base/log.h"
#include "cli/cli.h"
#include "crypto/envelope.h"
#include "text/report.h"

/* One that is too long would end the whole list. A message of many parts may
 * have 16 MiB, of which bytes are shown in hexadecimal, signs escaped, and
 * Burmese in both encodings. */
#define LINE_MAX_BYTES ((size_t)160u * 1024u * 1024u)

static enum tl_err print_line(struct buf *line)
{
	enum tl_err err = buf_err(line);

	buf_put_str(line, "\n");
	if (err == TL_OK &&
	    fwrite(line->data, 1, line->len, stdout) != line->len) {
		err = cli_reader_left() ? TL_ECLOSED : TL_EIO;
	}
	buf_reset(line);
	return err;
}

/* What this desk cannot open is shown as a fact, with its reason. */
static enum tl_err show_unopened(const struct inbox *inbox,
    const struct ledger_record *record, const char *name, const char *reason,
    struct buf *line)
{
	buf_put_str(line, inbox->json ? "{\"id\":\"" : "== not opened: ");
	enc_hex(line, record->id, sizeof(record->id));
	if (inbox->json) {
		buf_put_str(line, "\",\"fault\":\"");
		buf_put_str(line, name);
	}
	buf_put_str(line, inbox->json ? "\",\"quarantine\":\"" : ", ");
	buf_put_str(line, reason);
	buf_put_str(line, inbox->json ? "\"}" : "\n");
	return print_line(line);
}

/* Its reporter took back the tip that it is, or belongs to, since it came. */
static bool is_taken_back(const struct inbox *inbox,
    const struct ledger_record *record, const struct report_context *context,
    struct bytes doc)
{
	return taken_is(&inbox->taken, record->id) ||
	    (context->tip != NULL && taken_is(&inbox->taken, context->tip) &&
		!taken_is_since(&inbox->taken, context->tip, record->id, doc));
}

/* That it is there, and no word of it; its files are nobody's. */
static enum tl_err show_taken_back(struct inbox *inbox,
    const struct ledger_record *record, struct bytes doc,
    const struct desk_tip *opened)
{
	struct buf line;
	enum tl_err err;

	buf_init(&line, LINE_MAX_BYTES);
	buf_put_str(&line,
	    inbox->json ? "{\"id\":\"" : "== taken back by its reporter: ");
	enc_hex(&line, record->id, sizeof(record->id));
	buf_put_str(&line, inbox->json ? "\",\"withdrawn\":true}" : "\n");
	err = print_line(&line);
	buf_free(&line);
	/* or its files would be shown as those of no tip */
	if (err == TL_OK && opened->signed_by_us) {
		err = files_claim(&inbox->files, doc);
	}
	return err;
}

static enum tl_err show_opened(struct inbox *inbox, uint64_t number,
    const struct ledger_record *record, const struct desk_tip *opened)
{
	struct report_context context = { .signed_by_us =
					      opened->signed_by_us };
	struct bytes doc = opened->tip.report;
	struct report_reply reply;
	struct buf line;
	enum tl_err err;

	buf_init(&line, LINE_MAX_BYTES);
	(void)joined_find(inbox->joined, number, &doc);
	report_reply(doc, &reply);
	further_give(&inbox->further, &reply, &context);
	if (opened->signed_by_us) {
		alike_give(&inbox->alike, record->id, doc, &context);
		threads_give(&inbox->threads, record->id, doc, &context);
	}
	if (is_taken_back(inbox, record, &context, opened->tip.report)) {
		buf_free(&line);
		return show_taken_back(inbox, record, doc, opened);
	}
	err = (inbox->json ? report_print_json : report_print_plain)(
	    doc, &context, &line);
	if (err == TL_OK && !inbox->json) {
		files_print(&inbox->files, doc, &line);
	}
	if (err == TL_EFORMAT) {
		buf_reset(&line);
		err = show_unopened(inbox, record, "report",
		    "opened, and it is no report", &line);
	} else if (err == TL_OK && reply.is_further) {
		buf_reset(&line);
		err = show_unopened(inbox, record, "further",
		    "a further reply key that none of our intakes signed",
		    &line);
	} else if (err == TL_OK) {
		err = print_line(&line);
	}
	buf_free(&line);
	/* or anybody could hide pieces that belong to nothing */
	if (err == TL_OK && opened->signed_by_us) {
		err = files_claim(&inbox->files, doc);
	}
	if (err == TL_OK) {
		err = files_save(
		    &inbox->files, record->id, doc, opened->signed_by_us);
	}
	return err;
}

/* Why it is in quarantine, unless there is a fault that explains more. */
static enum tl_err show_closed(const struct inbox *inbox,
    const struct ledger_record *record, enum envelope_fault fault)
{
	bool kept_apart =
	    record->kind == LEDGER_QUARANTINE && fault != ENVELOPE_DESTROYED;
	struct buf line;
	enum tl_err err;

	buf_init(&line, LINE_MAX_BYTES);
	err = show_unopened(inbox, record, envelope_fault_name(fault),
	    kept_apart ? ledger_reason_text(record->reason)
		       : envelope_fault_text(fault),
	    &line);
	buf_free(&line);
	return err;
}

static enum tl_err show_record(
    uint64_t number, const struct ledger_record *record, void *arg)
{
	struct inbox *inbox = arg;
	struct desk_tip opened = { .signed_by_us = false };
	enum envelope_fault fault;
	enum tl_err err;

	if (inbox->places[number - inbox->first_shown] != inbox->round) {
		return TL_OK;
	}
	err = desk_keys_open(&inbox->keys, record->sealed, &fault, &opened);
	if (err != TL_OK) {
		return err;
	}
	if (fault == ENVELOPE_FINE && record->kind == LEDGER_RESEALED) {
		opened.signed_by_us =
		    desk_keys_resealed(&inbox->keys, record->sealed) &&
		    resealed_is_signed(&inbox->resealed, record->id);
	}
	if (fault == ENVELOPE_FINE) {
		err = show_opened(inbox, number, record, &opened);
	} else {
		err = show_closed(inbox, record, fault);
	}
	desk_tip_free(&opened);
	return err;
}

/* Pieces of files that no report has named within a day. */
static enum tl_err show_left(struct inbox *inbox)
{
	uint64_t number = 0;
	size_t at = 0;
	bool any = false;

	while (files_left(&inbox->files, &at, clock_wall_s(), &number)) {
		inbox->places[number] = PLACE_LEFT;
		any = true;
	}
	inbox->round = PLACE_LEFT;
	return any ? ledger_each(inbox->ledger, 0, show_record, inbox) : TL_OK;
}

/* The most urgent first, and among equals the oldest. */
enum tl_err inbox_show(struct inbox *inbox)
{
	enum tl_err err = TL_OK;

	for (inbox->round = 1; err == TL_OK && inbox->round <= PLACE_LAST;
	     inbox->round++) {
		err = ledger_each(
		    inbox->ledger, inbox->first_shown, show_record, inbox);
	}
	if (err == TL_OK && !inbox->only_new) {
		err = show_left(inbox);
	}
	/* new ones can belong to tips that are not new */
	if (err == TL_OK && !inbox->only_new &&
	    further_left(&inbox->further) > 0) {
		say_error("%zu further reply keys belong to tips that have not "
			  "come yet",
		    further_left(&inbox->further));
	}
	if (inbox->files.wrong > 0) {
		inbox->status = CLI_WRONG;
	}
	return err;
}
