/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/enc.h"
#include "base/log.h"
#include "base/read_file.h"
#include "cli/cli.h"
#include "cli/desk_keys.h"
#include "cli/ledger.h"
#include "cli/reply_out.h"
#include "cli/reply_tip.h"
#include "crypto/random.h"
#include "text/utf8.h"

#define DAY_S        86400
#define DAYS_DEFAULT 90u

static const char help[] =
    "Usage: tipline reply TIP [--status NAME] [--text FILE] [--days N]\n"
    "                         [--force REASON]\n"
    "       tipline reply TIP --delete\n"
    "       tipline reply --again\n"
    "\n"
    "Write to the reporter of the tip with this id (32 hexadecimal digits, as\n"
    "inbox shows it). It can be read on the return page, with the receipt "
    "code\n"
    "and with nothing else, until its last day or until the reporter deletes\n"
    "it. A copy, sealed as well, stays in the ledger.\n"
    "\n"
    "  --status NAME    a sentence that the page has in each language:\n"
    "                   received, read, question, helpers or finished\n"
    "  --text FILE      words of your own, UTF-8, at most 2036 bytes; - reads\n"
    "                   standard input. Do not name police, rescue, partners\n"
    "                   or this line: somebody else may be looking\n"
    "  --days N         how long it can be read (1 to 365; default 90)\n"
    "  --force REASON   although the reporter wants no contact, or an officer\n"
    "                   wrote so. For a supervisor. The reason is kept in the\n"
    "                   ledger, sealed\n"
    "  --delete         take back all that was written to this reporter: from\n"
    "                   the queue, and from every intake host\n"
    "  --again          put all that is still valid into the queue once more,\n"
    "                   after Redis was wiped or an intake host has a new\n"
    "                   spool; harmless otherwise, and beside a console\n"
    "\n"
    "Ends with 0 if it is in the queue, with 1 if it is not (what is in the\n"
    "ledger goes out with --again).\n";

static const char *const status_names[MAIL_STATUS_LAST + 1] = {
	[1] = "received",
	[2] = "read",
	[3] = "question",
	[4] = "helpers",
	[5] = "finished",
};

/* Notes of the desk's own lie in the ledger as mail to this mailbox, which no
 * code has. They never leave. */
static const uint8_t nobody[MAIL_MAILBOX_BYTES];

struct reply {
	struct config *config;
	struct desk_keys keys;
	struct reply_out out;
	struct reply_tip *tip;
	uint8_t id[LEDGER_ID_BYTES];
	unsigned status;
	const char *text_path;
	struct buf text;
	unsigned days;
	const char *force;
	bool delete, again;
};

/* ---- writing ----------------------------------------------------------------
 */

static uint32_t last_day(const struct reply *reply)
{
	return (uint32_t)(clock_wall_s() / DAY_S) + reply->days;
}

static enum tl_err seal(struct reply *reply, const uint8_t *mailbox,
    const uint8_t *key, const struct mail_reply *words,
    uint8_t mail[static MAIL_REPLY_BYTES])
{
	uint8_t id[MAIL_ID_BYTES];
	const struct mail_head head = {
		.mailbox = mailbox,
		.id = id,
		.last_day = last_day(reply),
	};
	enum tl_err err;

	random_bytes(id, sizeof(id));
	err = mail_seal(&head, words, key, mail);
	return err == TL_OK
	    ? reply_out_keep(&reply->out, mail, MAIL_REPLY_BYTES)
	    : err;
}

/* Why somebody was written to who wants no contact. */
static enum tl_err keep_reason(struct reply *reply)
{
	const struct mail_reply words = {
		.sent_s = clock_wall_s(),
		.text = bytes_str(reply->force),
	};
	uint8_t mail[MAIL_REPLY_BYTES];

	return seal(reply, nobody, reply->tip->keys[0].key, &words, mail);
}

static enum tl_err write_all(struct reply *reply)
{
	const struct mail_reply words = {
		.status = reply->status,
		.sent_s = clock_wall_s(),
		.text = bytes_of(reply->text.data, reply->text.len),
	};
	uint8_t mails[REPLY_KEYS_MAX][MAIL_REPLY_BYTES];
	const struct reply_tip *tip = reply->tip;
	enum tl_err err = TL_OK;

	if (reply_tip_is_stopped(tip)) {
		err = keep_reason(reply);
	}
	for (size_t i = 0; err == TL_OK && i < tip->n_keys; i++) {
		err = seal(reply, tip->keys[i].mailbox, tip->keys[i].key,
		    &words, mails[i]);
	}
	if (err == TL_OK) {
		err = reply_out_open(&reply->out);
	}
	for (size_t i = 0; err == TL_OK && i < tip->n_keys; i++) {
		err = reply_out_add(
		    &reply->out, bytes_of(mails[i], MAIL_REPLY_BYTES));
	}
	return err;
}

/* ---- taking back --------------------------------------------------------- */

static enum tl_err delete_all(struct reply *reply)
{
	const struct reply_tip *tip = reply->tip;
	enum tl_err err = reply_out_open(&reply->out);

	for (size_t i = 0; err == TL_OK && i < tip->n_keys; i++) {
		uint8_t id[MAIL_ID_BYTES];

		random_bytes(id, sizeof(id));
		err = reply_out_delete(&reply->out, tip->keys[i].mailbox, id);
	}
	return err;
}

/* ---- once more -------------------------------------------------------------
 */

/* In the order in which they were written, so that a deletion takes what was
 * before it and leaves what came later. */
static enum tl_err add_again(
    uint64_t number, const struct ledger_record *record, void *arg)
{
	struct reply *reply = arg;
	struct mail_head head;

	(void)number;
	if (record->kind != LEDGER_MAIL ||
	    mail_read(record->sealed, &head) != TL_OK ||
	    head.last_day < clock_wall_s() / DAY_S ||
	    memcmp(head.mailbox, nobody, sizeof(nobody)) == 0) {
		return TL_OK;
	}
	return reply_out_add(&reply->out, record->sealed);
}

/* ---- the command
 * -------------------------------------------------------------- */

/* What is shown must be text, and act on nothing. */
static bool is_text(struct bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];

		if ((c < 0x20 && c != '\n' && c != '\r' && c != '\t') ||
		    c == 0x7f) {
			return false;
		}
	}
	return utf8_valid(text);
}

static enum tl_err read_text(struct reply *reply)
{
	struct buf *text = &reply->text;
	const char *path = reply->text_path;
	enum tl_err err;

	if (path == NULL) {
		return TL_OK;
	}
	err = read_file(path, text);
	while (err == TL_OK && text->len > 0 &&
	    strchr("\r\n", text->data[text->len - 1]) != NULL) {
		text->len--;
	}
	if (err == TL_OK &&
	    (text->len == 0 || !is_text(bytes_of(text->data, text->len)))) {
		err = TL_EFORMAT;
	}
	if (err == TL_ETOOBIG || text->len > MAIL_TEXT_BYTES_MAX) {
		say_error("%s is too long: a reply has at most %u bytes; write "
			  "two",
		    path, MAIL_TEXT_BYTES_MAX);
		return TL_ETOOBIG;
	}
	if (err != TL_OK) {
		say_error("cannot use %s: %s", path,
		    err == TL_EFORMAT ? "it is empty, or no UTF-8 text"
				      : err_text(err));
	}
	return err;
}

static const char *why_stopped(const struct reply_tip *tip)
{
	if (tip->wants_no_contact) {
		return "the reporter wants none";
	}
	return tip->is_withdrawn ? "the reporter has taken this tip back"
				 : "an officer wrote so on the case, or "
				   "something there cannot be read";
}

/* May this tip be answered? */
static bool may_write(const struct reply *reply)
{
	const struct reply_tip *tip = reply->tip;

	if (!tip->is_there) {
		say_error(
		    "the ledger has no tip of this id that can be opened");
	} else if (!tip->is_ours) {
		say_error("no intake of ours has signed this tip: whoever made "
			  "it up would read the reply");
	} else if (tip->n_keys == 0) {
		say_error("this tip has no receipt code: nobody could read a "
			  "reply");
	} else if (reply_tip_is_stopped(tip) &&
	    !reply->delete &&reply->force == NULL) {
		say_error(
		    "NO CONTACT: %s. If it must be, a supervisor says why: "
		    "--force REASON",
		    why_stopped(tip));
	} else if (reply_tip_is_stopped(tip) &&
	    !reply->delete &&!desk_keys_is_supervisor(&reply->keys)) {
		say_error("NO CONTACT: %s. Only a supervisor decides otherwise",
		    why_stopped(tip));
	} else {
		return true;
	}
	return false;
}

static enum tl_err work(struct reply *reply)
{
	enum tl_err err;

	if (reply->again) {
		err = reply_out_open(&reply->out);
		return err == TL_OK
		    ? ledger_each(reply->out.ledger, 0, add_again, reply)
		    : err;
	}
	err = desk_keys_unlock(&reply->keys);
	if (err == TL_OK) {
		err = reply_tip_find(
		    &reply->keys, reply->out.ledger, reply->id, &reply->tip);
	}
	if (err == TL_OK && !may_write(reply)) {
		err = TL_EPERM;
	}
	if (err == TL_OK) {
		err = reply->delete ? delete_all(reply) : write_all(reply);
	}
	return err;
}

static unsigned status_of(const char *name)
{
	for (unsigned i = 1; i <= MAIL_STATUS_LAST; i++) {
		if (strcmp(status_names[i], name) == 0) {
			return i;
		}
	}
	say_error(
	    "there is no status \"%s\"; they are received, read, question, "
	    "helpers and finished",
	    name);
	return 0;
}

static bool take_option(int option, const char *value, void *arg)
{
	struct reply *reply = arg;
	char *end = NULL;

	switch (option) {
	case 's':
		reply->status = status_of(value);
		return reply->status != 0;
	case 't':
		reply->text_path = value;
		return true;
	case 'd':
		reply->days = (unsigned)strtoul(value, &end, 10);
		if (*end != '\0' || reply->days < 1 ||
		    reply->days > REPLY_DAYS_MAX) {
			say_error("--days takes 1 to %u", REPLY_DAYS_MAX);
			return false;
		}
		return true;
	case 'f':
		reply->force = value;
		if (value[0] == '\0' || strlen(value) > MAIL_TEXT_BYTES_MAX) {
			say_error("--force wants a reason, of at most %u bytes",
			    MAIL_TEXT_BYTES_MAX);
			return false;
		}
		return true;
	case 'x':
		reply->delete = true;
		return true;
	default:
		reply->again = true;
		return true;
	}
}

/* Exactly one of the three things that the command does. */
static bool makes_sense(struct reply *reply, int argc, char **argv)
{
	bool writes = reply->status != 0 || reply->text_path != NULL;
	size_t got = 0;

	if (reply->again) {
		return optind == argc && !writes && !reply->delete;
	}
	if (optind + 1 != argc || writes == reply->delete) {
		return false;
	}
	if (dec_hex(argv[optind], strlen(argv[optind]), reply->id,
		sizeof(reply->id), &got) != TL_OK ||
	    got != sizeof(reply->id)) {
		say_error("\"%s\" is no id of a tip: 32 hexadecimal digits",
		    argv[optind]);
		return false;
	}
	return true;
}

static enum tl_err run(struct reply *reply, const char *config_path)
{
	enum tl_err err;

	reply->config = cli_config(config_path, CONFIG_DESK);
	if (reply->config == NULL) {
		return TL_EINVAL;
	}
	reply->out.config = reply->config;
	reply->out.keys = &reply->keys;
	err = read_text(reply);
	if (err == TL_OK) {
		err = desk_keys_load(
		    config_path, &reply->config->desk, &reply->keys);
	}
	if (err == TL_OK) {
		err = cli_ledger_open(
		    &reply->config->desk, reply->again, &reply->out.ledger);
	}
	return err == TL_OK ? work(reply) : err;
}

int cli_reply(const char *config_path, int argc, char **argv)
{
	static const struct option options[] = {
		{ "status", required_argument, NULL, 's' },
		{ "text", required_argument, NULL, 't' },
		{ "days", required_argument, NULL, 'd' },
		{ "force", required_argument, NULL, 'f' },
		{ "delete", no_argument, NULL, 'x' },
		{ "again", no_argument, NULL, 'a' },
		CLI_OPTIONS_END,
	};
	struct reply reply = { .days = DAYS_DEFAULT };
	int usage =
	    cli_options(argc, argv, options, 0, 1, help, take_option, &reply);
	enum tl_err err;

	if (usage != CLI_GO_ON) {
		return usage;
	}
	if (!makes_sense(&reply, argc, argv)) {
		return cli_misused(help);
	}
	buf_init(&reply.text, MAIL_TEXT_BYTES_MAX + 2);
	err = run(&reply, config_path);
	if (err == TL_OK) {
		(void)printf("%zu in the queue\n", reply.out.n);
	}
	reply_out_close(&reply.out);
	ledger_close(reply.out.ledger);
	desk_keys_free(&reply.keys);
	reply_tip_free(reply.tip);
	buf_free(&reply.text);
	config_free(reply.config);
	return err == TL_OK ? CLI_OK : CLI_WRONG;
}
