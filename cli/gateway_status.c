/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* When was each gateway heard last, and each door of the form by a test text;
 * and the test text of this hour. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/gateway.h"
#include "cli/gateway_desk.h"
#include "crypto/secret.h"
#include "desk/planted.h"
#include "sms/canary.h"

#define DAY_S 86400

static const char status_help[] =
    "Usage: tipline [-c FILE] gateway status\n"
    "\n"
    "For each [gateway NAME]: how many messages the ledger has of it, how "
    "many\n"
    "of the last day, when the last one and the last test text came, and how\n"
    "many were found in the provider's log only. For each door of the form "
    "that\n"
    "tipline canary knows: when the last test text came. Fetch first: tipline\n"
    "inbox.\n"
    "Asks for the passphrase as inbox does.\n"
    "\n"
    "Ends with 0, or 1 if one is silent for longer than its silence allows.\n";

static const char canary_help[] =
    "Usage: tipline [-c FILE] gateway canary NAME\n"
    "\n"
    "Print the test text of this hour for a gateway: sixteen digits that say\n"
    "nothing to whoever sees them. Send it to the line's own number from a\n"
    "phone or another gateway, each hour. Desks with the same canary_file\n"
    "know it, count it and do not show it as a tip. Needs no passphrase.\n"
    "\n"
    "Ends with 0, or 1 if there is no such gateway or no desk.canary_file.\n";

struct heard {
	uint64_t messages, of_today, recovered;
	int64_t last_s, last_canary_s; /* 0: never */
};

struct door {
	const char *name, *address;
	int64_t last_s; /* 0: never */
};

#define DOORS 2u

struct status {
	struct gateway_desk desk;
	struct door doors[DOORS];
	struct heard *heard; /* in the order of the gateways */
	int64_t now_s;
};

static void count_door(struct status *status, const struct gateway_tip *tip)
{
	for (size_t i = 0; i < DOORS; i++) {
		struct door *door = &status->doors[i];

		if (strcmp(door->name, tip->form) == 0 &&
		    tip->received_s > door->last_s) {
			door->last_s = tip->received_s;
		}
	}
}

static enum tl_err count(const struct gateway_tip *tip, void *arg)
{
	struct status *status = arg;
	struct heard *heard;

	if (!tip->signed_by_us) {
		return TL_OK; /* whoever wrote that, it was not the gateway */
	}
	if (tip->form != NULL) {
		count_door(status, tip);
		return TL_OK;
	}
	heard = &status->heard[tip->api - status->desk.apis.items];
	/* what was fetched out of a log is no sign that the way is free */
	if (tip->is_recovered) {
		heard->recovered++;
		return TL_OK;
	}
	if (tip->received_s > heard->last_s) {
		heard->last_s = tip->received_s;
	}
	if (tip->is_canary) {
		if (tip->received_s > heard->last_canary_s) {
			heard->last_canary_s = tip->received_s;
		}
		return TL_OK;
	}
	heard->messages++;
	if (status->now_s - tip->received_s < DAY_S) {
		heard->of_today++;
	}
	return TL_OK;
}

static const char *when(int64_t time_s, char text[static 24])
{
	struct tm parts = { 0 };
	time_t at = (time_t)time_s;

	if (time_s == 0 || gmtime_r(&at, &parts) == NULL) {
		return "never";
	}
	(void)strftime(text, 24, "%Y-%m-%d %H:%M UTC", &parts);
	return text;
}

static bool show(const struct status *status, size_t i)
{
	const struct gateway_api *api = &status->desk.apis.items[i];
	const struct heard *heard = &status->heard[i];
	int64_t silence_s = (int64_t)(api->config->silence_ms / 1000);
	bool silent =
	    silence_s > 0 && status->now_s - heard->last_s > silence_s;
	char last[24], canary[24];

	(void)printf("%s: %llu messages, %llu of the last day, %llu found in"
		     " its log\n    last %s, last test text %s%s\n",
	    api->gateway.name, (unsigned long long)heard->messages,
	    (unsigned long long)heard->of_today,
	    (unsigned long long)heard->recovered, when(heard->last_s, last),
	    when(heard->last_canary_s, canary), silent ? ": SILENT" : "");
	return silent;
}

static bool show_door(const struct status *status, const struct door *door)
{
	int64_t silence_s =
	    (int64_t)(status->desk.config->desk.canary_silence_ms / 1000);
	bool silent = door->address[0] != '\0' && silence_s > 0 &&
	    status->now_s - door->last_s > silence_s;
	char last[24];

	if (door->address[0] != '\0') {
		(void)printf("%s: last %s%s\n", door->name,
		    when(door->last_s, last), silent ? ": SILENT" : "");
	}
	return silent;
}

static int show_all(const struct status *status)
{
	size_t silent = 0, shut = 0;

	for (size_t i = 0; i < status->desk.apis.n; i++) {
		silent += show(status, i) ? 1 : 0;
	}
	for (size_t i = 0; i < DOORS; i++) {
		shut += show_door(status, &status->doors[i]) ? 1 : 0;
	}
	if (silent > 0) {
		say_error("%zu gateways are silent: send a text to the line"
			  " and see where it stays",
		    silent);
	}
	if (shut > 0) {
		say_error("through %zu doors no test text has come: run tipline"
			  " canary and see what it says",
		    shut);
	}
	return silent + shut > 0 ? CLI_WRONG : CLI_OK;
}

int gateway_status(const char *config_path, int argc, char **argv)
{
	static const struct option options[] = { CLI_OPTIONS_END };
	struct status status = { .now_s = clock_wall_s() };
	const struct config_desk *desk;
	int ret =
	    cli_options(argc, argv, options, 0, 0, status_help, NULL, NULL);

	if (ret != CLI_GO_ON) {
		return ret;
	}
	ret = CLI_WRONG;
	if (gateway_desk_open(config_path, &status.desk) != TL_OK) {
		goto out;
	}
	desk = &status.desk.config->desk;
	status.doors[0] = (struct door){ PLANTED_WEB, desk->canary_web, 0 };
	status.doors[1] = (struct door){ PLANTED_ONION, desk->canary_onion, 0 };
	status.heard = calloc(status.desk.apis.n + 1, sizeof(*status.heard));
	if (status.heard == NULL ||
	    gateway_desk_each(&status.desk, true, count, &status) != TL_OK) {
		say_error("the ledger could not be read to its end");
		goto out;
	}
	ret = cli_end_output(show_all(&status));
out:
	free(status.heard);
	gateway_desk_close(&status.desk);
	return ret;
}

int gateway_canary(const char *config_path, int argc, char **argv)
{
	static const struct option options[] = { CLI_OPTIONS_END };
	struct config *config;
	char *secret = NULL;
	char text[CANARY_CHARS];
	int ret =
	    cli_options(argc, argv, options, 1, 1, canary_help, NULL, NULL);

	if (ret != CLI_GO_ON) {
		return ret;
	}
	ret = CLI_WRONG;
	config = cli_config(config_path, 0);
	if (config == NULL) {
		return ret;
	}
	for (size_t i = 0; i < config->n_gateways; i++) {
		if (strcmp(config->gateways[i].name, argv[optind]) != 0) {
			continue;
		}
		if (planted_load(&config->desk, &secret) != TL_OK) {
			goto out;
		}
		if (secret == NULL) {
			say_error("desk.canary_file is not set");
		} else {
			canary_text(bytes_str(secret), argv[optind],
			    clock_wall_s(), text);
			(void)printf("%s\n", text);
			ret = cli_end_output(CLI_OK);
		}
		goto out;
	}
	say_error("there is no [gateway %s]", argv[optind]);
out:
	secret_free(secret);
	config_free(config);
	return ret;
}
