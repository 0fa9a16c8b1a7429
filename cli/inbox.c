/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/inbox.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/inbox_inside.h"
#include "cli/ledger.h"
#include "cli/queue.h"
#include "cli/shown.h"
#include "crypto/envelope.h"
#include "crypto/envelope_signed.h"
#include "crypto/hash.h"
#include "crypto/secret.h"
#include "desk/planted.h"
#include "queue/reader.h"

/* A tip that was acknowledged a moment ago is on its way: long enough for the
 * relay, short enough for a person. */
#define SETTLE_MS  300
#define WAIT_MAX_S 86400
/* What has just come is on its way through the relay and the desk. */
#define BESIDE_LOOKS 4

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
    "  --new            show only what no call has shown yet\n"
    "  --wait SECONDS   wait that long for something new\n"
    "  --save FOLDER    write the files that came with the tips shown there,\n"
    "                   under names of their own: open them on a machine that\n"
    "                   may be lost\n"
    "\n"
    "What cannot be opened, or was not signed by one of our intakes, is shown\n"
    "with that fact beside it; nothing is ever left out.\n"
    "Where tipline-desk runs, it fetches, and this shows what it has fetched.\n"
    "Ends with 0, or 1 if the queue could not be reached (what the ledger has\n"
    "is shown all the same).\n";

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
		if (err == TL_OK && kept == READER_FULL) {
			err = TL_EFULL;
		}
		inbox->left += err == TL_OK && kept == READER_LEFT ? 1 : 0;
		inbox->unsaid += err == TL_OK && kept == READER_UNSAID ? 1 : 0;
	}
	return err == TL_EAGAIN ? TL_OK : err;
}

static enum tl_err look_again(struct inbox *inbox)
{
	ledger_close(inbox->ledger);
	inbox->ledger = NULL;
	return cli_ledger_open(&inbox->config->desk, true, &inbox->ledger);
}

/*
 * The desk fetches, and writes. Wait as long as somebody who fetches would,
 * and read what it has by then.
 */
static enum tl_err wait_beside(struct inbox *inbox)
{
	const struct timespec moment = { .tv_nsec = SETTLE_MS * 1000000L };
	uint64_t now_ms = clock_mono_ms();
	uint64_t end_ms = now_ms + (uint64_t)inbox->wait_s * 1000u;
	enum tl_err err = TL_OK;

	for (int i = 0; err == TL_OK && (i < BESIDE_LOOKS || now_ms < end_ms);
	     i++) {
		if (i >= BESIDE_LOOKS &&
		    ledger_count(inbox->ledger) > inbox->first_new) {
			break;
		}
		(void)nanosleep(&moment, NULL);
		err = look_again(inbox);
		now_ms = clock_mono_ms();
	}
	return err;
}

static void fetch(struct inbox *inbox)
{
	struct reader *reader = NULL;
	enum tl_err err = cli_queue_open(inbox->config, &reader);

	if (err == TL_OK) {
		err = fetch_all(inbox, reader);
		if (err != TL_OK && ledger_is_full(inbox->ledger)) {
			say_error("the ledger's disk is full: what is not here "
				  "stays in the queue, and nothing is lost. "
				  "Make room, and run it again");
		} else if (err != TL_OK) {
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
	if (inbox->unsaid > 0) {
		say_error("Redis is full, or takes no receipts: %llu entries"
			  " are in the ledger and have none yet, and newer ones"
			  " may wait before it. Raise maxmemory, or look at"
			  " the stream receipts, and run this again; see \"When"
			  " things break\" in QUEUE.md",
		    (unsigned long long)inbox->unsaid);
	}
	reader_close(reader);
	if (err != TL_OK || inbox->left > 0 || inbox->unsaid > 0) {
		inbox->status = CLI_WRONG;
	}
}

/* ---- showing, passing on --------------------------------------------------
 */

/* An empty screen tells nothing. */
static void say_nothing_came(const struct inbox *inbox)
{
	if (!inbox->json && ledger_count(inbox->ledger) == inbox->first_shown) {
		say_error("%s",
		    inbox->only_new ? "nothing has come that was not shown; "
				      "without --new all tips are shown"
				    : "no tip has come yet");
	}
}

static void say_unseen(const struct inbox *inbox)
{
	uint64_t n = ledger_count(inbox->ledger) - inbox->first_new;

	if (n > 0) {
		say_error("%llu new records are in the ledger and were not "
			  "shown, or not all of them; the next `tipline inbox` "
			  "shows them, also with --new",
		    (unsigned long long)n);
	}
}

static void note_shown(struct inbox *inbox)
{
	if (shown_write(inbox->config->desk.ledger,
		ledger_count(inbox->ledger)) != TL_OK) {
		say_error("cannot write the file \"shown\" in %s: --new will "
			  "show these once more",
		    inbox->config->desk.ledger);
		inbox->status = CLI_WRONG;
	}
}

static void show(struct inbox *inbox)
{
	enum tl_err err = inbox_learn(inbox);

	if (err == TL_OK) {
		err = inbox_show(inbox);
	}
	inbox_forget(inbox);
	/* who reads no further, as in `inbox | head`, has seen enough */
	if (err != TL_OK && err != TL_ECLOSED) {
		say_error("showing the tips ended early: %s", err_text(err));
		inbox->status = CLI_WRONG;
		say_unseen(inbox);
		return;
	}
	say_nothing_came(inbox);
	if (err == TL_OK) {
		note_shown(inbox);
	}
}

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

/* Keys, which stay locked, test texts, ledger, the folder for files. What is
 * wrong was said. */
static enum tl_err open_all(struct inbox *inbox, const char *config_path,
    const struct config_desk *desk)
{
	enum tl_err err = desk_keys_load(config_path, desk, &inbox->keys);

	if (err == TL_OK) {
		err = planted_load(desk, &inbox->canary);
	}
	if (err == TL_OK) {
		err = cli_ledger_open_beside(
		    desk, &inbox->ledger, &inbox->beside);
	}
	inbox->files.keys = &inbox->keys;
	return err == TL_OK ? files_open(&inbox->files) : err;
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
	    open_all(&inbox, config_path, &config->desk) != TL_OK) {
		inbox.status = CLI_WRONG;
		goto out;
	}
	inbox.first_new = ledger_count(inbox.ledger);
	if (inbox.only_new) {
		inbox.first_new =
		    shown_read(config->desk.ledger, inbox.first_new);
	}
	if (!inbox.beside) {
		fetch(&inbox);
	} else if (wait_beside(&inbox) != TL_OK) {
		inbox.status = CLI_WRONG;
		goto out;
	}
	inbox.files.ledger = inbox.ledger;
	/* not before: keys are in keyd's memory only while tips are shown */
	if (desk_keys_unlock(&inbox.keys) == TL_OK) {
		show(&inbox);
		if (!inbox.beside) {
			carry_out_wishes(&inbox);
		} else {
			wishes_free(&inbox.wishes);
		}
	} else {
		inbox.status = CLI_WRONG;
		say_unseen(&inbox);
	}
out:
	ledger_close(inbox.ledger);
	desk_keys_free(&inbox.keys);
	secret_free(inbox.canary);
	config_free(config);
	return inbox.status;
}
