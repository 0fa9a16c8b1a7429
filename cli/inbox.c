/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/inbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/enc.h"
#include "base/log.h"
#include "cli/alike.h"
#include "cli/cli.h"
#include "cli/desk_keys.h"
#include "cli/files.h"
#include "cli/further.h"
#include "cli/ledger.h"
#include "cli/planted.h"
#include "cli/queue.h"
#include "cli/resealed.h"
#include "cli/threads.h"
#include "cli/twins.h"
#include "cli/wishes.h"
#include "crypto/envelope.h"
#include "crypto/envelope_signed.h"
#include "crypto/hash.h"
#include "crypto/secret.h"
#include "queue/ledger.h"
#include "queue/reader.h"
#include "sms/joined.h"
#include "text/report.h"

/* A tip that was acknowledged a moment ago is on its way: long enough for the
 * relay, short enough for a person. */
#define SETTLE_MS      300
#define WAIT_MAX_S     86400
#define LINE_MAX_BYTES ((size_t)16u * 1024u * 1024u)
/* Shown in rounds: P1, P2, P3, in each of them first what our intakes have
 * signed, and then what cannot be opened. */
#define PLACE_LAST 7
/* In no round: a further reply key, shown with its tip; a planted test text,
 * of which `tipline gateway status` tells. */
#define PLACE_NEVER 8
/* Pieces of files: in no round, unless they belong to nothing. */
#define PLACE_PIECE 9
#define PLACE_LEFT  10

static const char help[] =
    "Usage: tipline [-c FILE] inbox [--json] [--new] [--wait SECONDS]\n"
    "                               [--save FOLDER]\n"
    "\n"
    "Fetch the sealed tips that wait in the queue, keep them in the ledger of\n"
    "this desk, confirm them to the spool by signed receipts, and show all\n"
    "tips of the ledger, opened, the most urgent first. Needs the passphrase\n"
    "of an officer: asked for when all has been fetched, or read from the "
    "file\n"
    "that TIPLINE_PASSPHRASE_FILE names.\n"
    "\n"
    "  --json           one JSON object a line\n"
    "  --new            show only what came with this call\n"
    "  --wait SECONDS   wait that long for something new\n"
    "  --save FOLDER    write the files that came with the tips shown there,\n"
    "                   under names of their own: open them on a machine that\n"
    "                   may be lost\n"
    "\n"
    "What cannot be opened, or was not signed by one of our intakes, is shown\n"
    "with that fact beside it; nothing is ever left out.\n"
    "Ends with 0, or 1 if the queue could not be reached (what the ledger has\n"
    "is shown all the same).\n";

struct inbox {
	const struct config *config;
	struct desk_keys keys;
	struct ledger *ledger;
	char *canary; /* secret memory, or NULL */
	bool json;
	bool only_new;
	int wait_s;
	uint64_t first_new; /* number of the first record of this call */
	uint64_t first_shown;
	uint8_t *places; /* of each record from there: its round */
	struct further further;
	struct alike alike;
	struct twins twins;
	struct resealed resealed; /* instead of what was destroyed */
	struct wishes wishes;
	struct threads threads;
	struct joined *joined; /* parts of long messages */
	struct files files;    /* that came with tips */
	uint8_t round;
	uint64_t left; /* entries for which quarantine has no room */
	int status;
};

/* ---- fetching ----------------------------------------------------------- */

static enum ledger_reason check_entry(
    const uint8_t id[static LEDGER_ID_BYTES], struct bytes sealed, void *arg)
{
	const struct inbox *inbox = arg;
	struct envelope envelope;

	if (envelope_peek(sealed, &envelope) != TL_OK ||
	    memcmp(envelope.id, id, LEDGER_ID_BYTES) != 0) {
		return LEDGER_NO_ENVELOPE;
	}
	if (!envelope_signed_by(
		&envelope, inbox->keys.intakes, inbox->keys.n_intakes)) {
		return LEDGER_NOT_OURS;
	}
	return LEDGER_FINE;
}

static enum tl_err sign_receipt(const uint8_t id[static LEDGER_ID_BYTES],
    const uint8_t hash[static LEDGER_HASH_BYTES],
    uint8_t ret_sig[static READER_SIG_BYTES], void *arg)
{
	struct inbox *inbox = arg;

	return desk_keys_sign(&inbox->keys, id, hash, ret_sig);
}

static enum tl_err fetch_all(struct inbox *inbox, struct reader *reader)
{
	const struct reader_keep keep = {
		.reader = reader,
		.ledger = inbox->ledger,
		.hash = hash_bytes,
		.check = check_entry,
		.sign = sign_receipt,
		.arg = inbox,
	};
	uint64_t end_ms = clock_mono_ms() + (uint64_t)inbox->wait_s * 1000u;
	enum tl_err err = TL_OK;

	while (err == TL_OK) {
		uint64_t now_ms = clock_mono_ms();
		bool may_wait = now_ms < end_ms &&
		    ledger_count(inbox->ledger) == inbox->first_new;
		struct reader_entry entry;
		enum reader_kept kept;

		err = reader_next(reader,
		    may_wait ? (int)(end_ms - now_ms) : SETTLE_MS, &entry);
		if (err == TL_EAGAIN && may_wait) {
			err = TL_OK; /* once more, for what settles */
			continue;
		}
		if (err == TL_OK) {
			err = reader_keep(&keep, &entry, &kept);
		}
		inbox->left += err == TL_OK && kept == READER_LEFT ? 1 : 0;
	}
	return err == TL_EAGAIN ? TL_OK : err;
}

static void fetch(struct inbox *inbox)
{
	struct reader *reader = NULL;
	enum tl_err err = cli_queue_open(inbox->config, &reader);

	if (err == TL_OK) {
		err = fetch_all(inbox, reader);
		if (err != TL_OK) {
			say_error("fetching ended early: %s. Nothing is lost; "
				  "run it again",
			    err_text(err));
		}
	}
	if (inbox->left > 0) {
		say_error(
		    "quarantine is full: %llu entries that are no tips of "
		    "ours were left in Redis. Somebody writes to it who "
		    "should not; see \"Quarantine\" in QUEUE.md",
		    (unsigned long long)inbox->left);
	}
	reader_close(reader);
	if (err != TL_OK || inbox->left > 0) {
		inbox->status = CLI_WRONG;
	}
}

/* ---- showing ------------------------------------------------------------ */

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
	if (err == TL_OK) {
		err = files_claim(&inbox->files, doc);
	}
	if (err == TL_OK) {
		err = files_save(&inbox->files, record->id, doc);
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
		*ret_place = (uint8_t)(2 * report_priority(doc) -
		    (opened->signed_by_us ? 1 : 0));
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
		err = threads_add(
		    &inbox->threads, opened->tip.id, opened->tip.report);
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
	uint64_t number;
	size_t at = 0;

	twins_sort(&inbox->twins);
	while (twins_next(&inbox->twins, &at, &number)) {
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

/* Parts and pieces that came with earlier calls, for those that are new. */
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
			*place = doc.len == 0
			    ? PLACE_NEVER
			    : (uint8_t)(2 * report_priority(doc) - 1);
		}
	}
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
static void show(struct inbox *inbox)
{
	uint64_t count = ledger_count(inbox->ledger);
	enum tl_err err = TL_OK;

	inbox->first_shown = inbox->only_new ? inbox->first_new : 0;
	inbox->places = calloc(count - inbox->first_shown + 1, 1);
	inbox->joined = joined_new();
	if (inbox->places == NULL || inbox->joined == NULL) {
		err = TL_ENOMEM;
	}
	if (err == TL_OK) {
		err = ledger_each(
		    inbox->ledger, inbox->first_shown, learn_record, inbox);
	}
	inbox->files.all = inbox->first_shown == 0 ||
	    joined_count(inbox->joined) > 0 || inbox->files.n > 0 ||
	    inbox->files.folder != NULL;
	if (err == TL_OK && inbox->first_shown > 0 && inbox->files.all) {
		err = ledger_each(inbox->ledger, 0, learn_older, inbox);
	}
	if (err == TL_OK) {
		err = learn_resealed(inbox);
	}
	leave_twins_out(inbox);
	files_sort(&inbox->files);
	if (err == TL_OK) {
		threads_settle(&inbox->threads);
		err = further_sort(&inbox->further);
	}
	if (err == TL_OK) {
		err = join_parts(inbox, count);
	}
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
	files_free(&inbox->files);
	further_free(&inbox->further);
	alike_free(&inbox->alike);
	threads_free(&inbox->threads);
	twins_free(&inbox->twins);
	resealed_free(&inbox->resealed);
	joined_free(inbox->joined);
	free(inbox->places);
	inbox->places = NULL;
	/* who reads no further, as in `inbox | head`, has seen enough */
	if (err != TL_OK && err != TL_ECLOSED) {
		say_error("showing the tips ended early: %s", err_text(err));
		inbox->status = CLI_WRONG;
	}
}

/* ---- passing on --------------------------------------------------------- */

static void carry_out_wishes(struct inbox *inbox)
{
	struct reply_out out = {
		.config = inbox->config,
		.keys = &inbox->keys,
		.ledger = inbox->ledger,
	};

	if (wishes_carry_out(&inbox->wishes, &out) != TL_OK) {
		say_error("not all that reporters deleted was passed on to the "
			  "intake hosts; run it again");
		inbox->status = CLI_WRONG;
	}
	reply_out_close(&out);
	wishes_free(&inbox->wishes);
}

/* ---- the command -------------------------------------------------------- */

static bool take_option(int option, const char *value, void *arg)
{
	struct inbox *inbox = arg;
	char *end;
	long wait_s;

	if (option == 'w') {
		wait_s = strtol(value, &end, 10);
		if (*end != '\0' || end == value || wait_s < 0 ||
		    wait_s > WAIT_MAX_S) {
			say_error(
			    "--wait takes whole seconds, 0 to %d", WAIT_MAX_S);
			return false;
		}
		inbox->wait_s = (int)wait_s;
	}
	if (option == 's') {
		inbox->files.folder = value;
	}
	inbox->json = inbox->json || option == 'j';
	inbox->only_new = inbox->only_new || option == 'n';
	return true;
}

int cli_inbox(const char *config_path, int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "new", no_argument, NULL, 'n' },
		{ "wait", required_argument, NULL, 'w' },
		{ "save", required_argument, NULL, 's' },
		CLI_OPTIONS_END,
	};
	struct inbox inbox = { .status = CLI_OK };
	struct config *config = NULL;
	int usage =
	    cli_options(argc, argv, options, 0, 0, help, take_option, &inbox);

	if (usage != CLI_GO_ON) {
		return usage;
	}
	config = cli_config(config_path, CONFIG_DESK);
	inbox.config = config;
	if (config == NULL ||
	    desk_keys_load(config_path, &config->desk, &inbox.keys) != TL_OK ||
	    planted_load(&config->desk, &inbox.canary) != TL_OK ||
	    cli_ledger_open(&config->desk, false, &inbox.ledger) != TL_OK) {
		inbox.status = CLI_WRONG;
		goto out;
	}
	inbox.files.ledger = inbox.ledger;
	inbox.files.keys = &inbox.keys;
	if (files_open(&inbox.files) != TL_OK) {
		inbox.status = CLI_WRONG;
		goto out;
	}
	inbox.first_new = ledger_count(inbox.ledger);
	fetch(&inbox);
	/* not before: keys are in keyd's memory only while tips are shown */
	if (desk_keys_unlock(&inbox.keys) == TL_OK) {
		show(&inbox);
		carry_out_wishes(&inbox);
	} else {
		inbox.status = CLI_WRONG;
	}
out:
	ledger_close(inbox.ledger);
	desk_keys_free(&inbox.keys);
	secret_free(inbox.canary);
	config_free(config);
	return inbox.status;
}
