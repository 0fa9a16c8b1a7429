/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/enc.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/ledger_changes.h"
#include "crypto/hash.h"
#include "queue/case_event.h"

static const char help[] =
    "Usage: tipline [-c FILE] ledger verify [--was COUNT:HEAD]\n"
    "\n"
    "Read the whole ledger of this desk, check every link of its chain and "
    "the\n"
    "desks' signatures of the changes of cases, and print how much it holds "
    "and\n"
    "its head: COUNT:HEAD, which stands for all records up to here. Needs no\n"
    "passphrase, but the key of desk.signing_key.\n"
    "\n"
    "  --was COUNT:HEAD   what it printed earlier: has nothing been taken "
    "away\n"
    "                     or changed since then?\n"
    "\n"
    "Ends with 0; 1 if the ledger is damaged (file and byte are named), has "
    "a\n"
    "change that no desk of ours signed, or is not the one that it was.\n";

struct was {
	bool given;
	struct cli_ledger_head then;
};

static enum tl_err open_it(const struct config_desk *desk, bool read_only,
    struct ledger **ret_ledger, struct ledger_fault *ret_fault)
{
	const struct ledger_opts opts = {
		.folder = desk->ledger,
		.hash = hash_bytes,
		.quarantine_max_bytes = desk->quarantine_max_bytes,
		.read_only = read_only,
	};

	return ledger_open(&opts, ret_ledger, ret_fault);
}

static enum tl_err say_fault(const struct config_desk *desk, enum tl_err err,
    const struct ledger_fault *fault)
{
	/* a console's certificate is in no other configuration */
	if (err == TL_EBUSY && desk->tls_cert[0] != '\0') {
		say_error("cannot use the ledger %s: %s, and this is a"
			  " console's: as long as tipline-desk runs, do it in"
			  " the console, or stop both with `systemctl stop"
			  " tipline-desk.socket tipline-desk.service`",
		    desk->ledger, fault->what);
	} else if (err == TL_EBUSY) {
		say_error("cannot use the ledger %s: %s, such as an inbox:"
			  " try again when it has ended",
		    desk->ledger, fault->what);
	} else if (err != TL_OK && fault->file > 0) {
		say_error("the ledger %s is not whole: %s (ledger-%06u, byte "
			  "%llu)",
		    desk->ledger, fault->what, fault->file,
		    (unsigned long long)fault->at);
	} else if (err != TL_OK) {
		say_error("cannot use the ledger %s: %s", desk->ledger,
		    err == TL_ENOENT ? "it is not there" : fault->what);
	}
	return err;
}

enum tl_err cli_ledger_open(
    const struct config_desk *desk, bool read_only, struct ledger **ret_ledger)
{
	struct ledger_fault fault = { 0 };
	enum tl_err err = open_it(desk, read_only, ret_ledger, &fault);

	return say_fault(desk, err, &fault);
}

enum tl_err cli_ledger_open_beside(const struct config_desk *desk,
    struct ledger **ret_ledger, bool *ret_is_read_only)
{
	struct ledger_fault fault = { 0 };
	enum tl_err err = open_it(desk, false, ret_ledger, &fault);

	*ret_is_read_only = err == TL_EBUSY;
	if (err == TL_EBUSY) {
		err = open_it(desk, true, ret_ledger, &fault);
	}
	return say_fault(desk, err, &fault);
}

void cli_ledger_head_write(
    const struct ledger *ledger, char ret_text[static CLI_LEDGER_HEAD_CHARS])
{
	uint8_t head[LEDGER_HASH_BYTES];
	int len = snprintf(ret_text, CLI_LEDGER_HEAD_CHARS,
	    "%llu:", (unsigned long long)ledger_count(ledger));

	ledger_head(ledger, head);
	for (size_t i = 0; i < sizeof(head); i++) {
		len += snprintf(ret_text + len,
		    CLI_LEDGER_HEAD_CHARS - (size_t)len, "%02x", head[i]);
	}
}

bool cli_ledger_head_read(const char *text, struct cli_ledger_head *ret_head)
{
	struct cli_ledger_head head;
	size_t len = 0;
	char *end;

	head.count = strtoull(text, &end, 10);
	if (end == text || *end != ':' ||
	    dec_hex(end + 1, strlen(end + 1), head.head, sizeof(head.head),
		&len) != TL_OK ||
	    len != sizeof(head.head)) {
		return false;
	}
	*ret_head = head;
	return true;
}

enum tl_err cli_ledger_head_prove(
    const struct ledger *ledger, const struct cli_ledger_head *then)
{
	uint8_t head[LEDGER_HASH_BYTES];
	enum tl_err err = ledger_head_then(ledger, then->count, head);

	return err == TL_OK && memcmp(head, then->head, sizeof(head)) != 0
	    ? TL_EPROOF
	    : err;
}

static bool take_option(int option, const char *value, void *arg)
{
	struct was *was = arg;

	(void)option;
	was->given = true;
	if (cli_ledger_head_read(value, &was->then)) {
		return true;
	}
	say_error(
	    "--was takes COUNT:HEAD as printed by `tipline ledger verify`");
	return false;
}

static void print(const struct ledger *ledger)
{
	struct ledger_counts counts;
	char head[CLI_LEDGER_HEAD_CHARS];

	ledger_counts(ledger, &counts);
	cli_ledger_head_write(ledger, head);
	(void)printf("files     %llu, %llu bytes, every link holds\n",
	    (unsigned long long)counts.files, (unsigned long long)counts.bytes);
	for (int kind = LEDGER_TIP; kind <= LEDGER_KIND_MAX; kind++) {
		(void)printf("records   %llu %s\n",
		    (unsigned long long)counts.records[kind],
		    ledger_kind_text((enum ledger_kind)kind));
	}
	(void)printf("quarantine %llu of %llu MiB\n",
	    (unsigned long long)(counts.quarantine_bytes >> 20),
	    (unsigned long long)(counts.quarantine_max_bytes >> 20));
	(void)printf("head      %s\n", head);
}

static int compare(const struct ledger *ledger, const struct was *was)
{
	enum tl_err err;

	if (!was->given) {
		return CLI_OK;
	}
	err = cli_ledger_head_prove(ledger, &was->then);
	if (err == TL_OK) {
		(void)printf("since     %llu records were added to the %llu "
			     "of then; those are unchanged\n",
		    (unsigned long long)(ledger_count(ledger) -
			was->then.count),
		    (unsigned long long)was->then.count);
		return CLI_OK;
	}
	say_error("this is not the ledger that it was: %s",
	    err == TL_ENOENT       ? "records are missing at its end"
		: err == TL_EPROOF ? "its first records are others"
				   : err_text(err));
	return CLI_WRONG;
}

struct bytes cli_ledger_sealed(const struct ledger_record *record)
{
	struct case_record event;

	if (record->kind == LEDGER_AUDIT) {
		return bytes_of(NULL, 0);
	}
	if (record->kind != LEDGER_EVENT) {
		return record->sealed;
	}
	return case_event_get(record->sealed, &event) == TL_OK
	    ? event.sealed
	    : bytes_of(NULL, 0);
}

int cli_ledger(const char *config_path, int argc, char **argv)
{
	static const struct option options[] = {
		{ "was", required_argument, NULL, 'w' },
		CLI_OPTIONS_END,
	};
	struct was was = { 0 };
	struct ledger *ledger = NULL;
	struct config *config;
	int status =
	    cli_options(argc, argv, options, 1, 1, help, take_option, &was);

	if (status != CLI_GO_ON) {
		return status;
	}
	if (strcmp(argv[optind], "verify") != 0) {
		return cli_misused(help);
	}
	config = cli_config(config_path, CONFIG_DESK);
	status = CLI_WRONG;
	if (config != NULL &&
	    cli_ledger_open(&config->desk, true, &ledger) == TL_OK) {
		print(ledger);
		status = CLI_OK;
		if (cli_ledger_changes(&config->desk, ledger) != CLI_OK) {
			status = CLI_WRONG;
		}
		status = compare(ledger, &was) == CLI_OK ? status : CLI_WRONG;
	}
	ledger_close(ledger);
	config_free(config);
	return status;
}
