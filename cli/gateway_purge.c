/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Erase the providers' copies of what the ledger holds. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/gateway.h"
#include "cli/gateway_book.h"
#include "cli/gateway_desk.h"

/* A provider settles a message's state in its first minute. */
#define YOUNG_S          60
#define GIVE_UP_S        (7 * 86400)
#define WAIT_MAX_HOURS   6
#define ANSWER_MAX_BYTES 65536u

static const char help[] =
    "Usage: tipline [-c FILE] gateway purge [--show]\n"
    "\n"
    "Tell providers to erase their copies of texts that the ledger holds, as\n"
    "[gateway NAME] erase says. To be run each ten minutes or so by the one\n"
    "desk that has the providers' passwords; what does not work is tried\n"
    "again for a week. Messages with pictures are left until these were\n"
    "fetched (tipline gateway media). Asks for the passphrase as inbox does.\n"
    "The number and the time of a text stay in the provider's bills.\n"
    "\n"
    "  --show   only count what would be erased\n"
    "\n"
    "Ends with 0, or 1 if a copy could not be erased within a week, or a\n"
    "provider refuses us or does not answer.\n";

struct purge {
	struct gateway_desk desk;
	struct book *book;
	int64_t now_s;
	bool only_show;
	bool unreachable;
	size_t erased, waiting, pictures, given_up;
};

static bool take_option(int option, const char *value, void *arg)
{
	struct purge *purge = arg;

	(void)option;
	(void)value;
	purge->only_show = true;
	return true;
}

/* Wait longer after each try: 1, 2, 4 and then 6 hours at least. The book knows
 * the hour of a try only, so that the wait is up to an hour longer. */
static bool is_time(const struct purge *purge, const struct book_entry *entry)
{
	int64_t wait;

	if (entry->tries == 0) {
		return true;
	}
	wait = entry->tries > 3 ? WAIT_MAX_HOURS : 1 << (entry->tries - 1);
	return purge->now_s / 3600 - entry->last_hour > wait;
}

static enum tl_err ask(struct purge *purge, const struct gateway_tip *tip,
    struct book_entry *entry)
{
	enum provider_erase erase =
	    strcmp(tip->api->config->erase, "delete") == 0 ? PROVIDER_DELETE_ALL
							   : PROVIDER_REDACT;
	enum provider_said said = PROVIDER_LATER;
	struct provider_call call;
	struct buf answer;
	int status = 0;
	enum tl_err err = provider_erase_call(
	    &tip->api->account, erase, tip->external_id, &call);

	if (err != TL_OK) {
		/* an id that the provider never gave, or an erase that it does
		 * not offer: no try will change that */
		return err == TL_EINVAL ? TL_OK : err;
	}
	buf_init(&answer, ANSWER_MAX_BYTES);
	err = gateway_api_ask(
	    &purge->desk.apis, tip->api, &call, &status, &answer);
	if (err == TL_OK) {
		said = provider_erase_said(&tip->api->account, status,
		    bytes_of(answer.data, answer.len));
	} else {
		purge->unreachable = true;
		tip->api->refused = true;
	}
	if (said == PROVIDER_REFUSED) {
		say_error("gateway %s: its provider refuses api_user or the"
			  " password in api_secret_file (status %d)",
		    tip->api->gateway.name, status);
		purge->unreachable = true;
		tip->api->refused = true;
	}
	purge->erased += said == PROVIDER_DONE ? 1 : 0;
	purge->waiting += said == PROVIDER_DONE ? 0 : 1;
	entry->state = said == PROVIDER_DONE ? BOOK_ERASED : entry->state;
	entry->tries++;
	entry->last_hour = purge->now_s / 3600;
	buf_free(&answer);
	provider_call_free(&call);
	return book_put(purge->book, entry);
}

static enum tl_err purge_one(const struct gateway_tip *tip, void *arg)
{
	struct purge *purge = arg;
	int64_t age_s = purge->now_s - tip->received_s;
	struct book_entry entry;

	if (!tip->signed_by_us || tip->external_id.len == 0 ||
	    tip->api->account.provider == NULL || tip->api->password == NULL ||
	    strcmp(tip->api->config->erase, "off") == 0) {
		return TL_OK;
	}
	entry =
	    book_look(purge->book, tip->api->gateway.name, tip->external_id);
	if (entry.state == BOOK_ERASED) {
		return TL_OK;
	}
	if (json_array_size(tip->media) > 0 && entry.state != BOOK_FETCHED) {
		purge->pictures++;
		return TL_OK;
	}
	if (age_s > GIVE_UP_S) {
		/* what is older than the book is none of its business */
		purge->given_up += entry.state == BOOK_NEW ? 0 : 1;
		return TL_OK;
	}
	if (age_s < YOUNG_S || !is_time(purge, &entry) ||
	    !gateway_api_ready(tip->api) || purge->only_show) {
		purge->waiting++;
		return TL_OK;
	}
	if (entry.state == BOOK_NEW) {
		entry.state = BOOK_TRIED;
	}
	return ask(purge, tip, &entry);
}

int gateway_purge(const char *config_path, int argc, char **argv)
{
	static const struct option options[] = {
		{ "show", no_argument, NULL, 's' },
		CLI_OPTIONS_END,
	};
	struct purge purge = { .now_s = clock_wall_s() };
	int status =
	    cli_options(argc, argv, options, 0, 0, help, take_option, &purge);
	enum tl_err err;

	if (status != CLI_GO_ON) {
		return status;
	}
	err = gateway_desk_open(config_path, &purge.desk);
	if (err == TL_OK) {
		err = gateway_desk_book(&purge.desk, &purge.book);
	}
	if (err == TL_OK) {
		err = gateway_desk_each(&purge.desk, false, purge_one, &purge);
	}
	if (err == TL_OK) {
		(void)printf("%zu erased, %zu waiting, %zu with pictures that"
			     " were not fetched, %zu given up\n",
		    purge.erased, purge.waiting, purge.pictures,
		    purge.given_up);
	}
	if (purge.given_up > 0) {
		say_error("%zu copies could not be erased within a week: do it"
			  " in the provider's console",
		    purge.given_up);
	}
	status = err == TL_OK && purge.given_up == 0 && !purge.unreachable
	    ? CLI_OK
	    : CLI_WRONG;
	book_close(purge.book, purge.now_s);
	gateway_desk_close(&purge.desk);
	return cli_end_output(status);
}
