/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/canary.h - `tipline canary`: a test text through each front door that
 * the configuration names, as a reporter or a partner would send it.
 *
 * Promise:   it goes the whole way or the command says where it stayed. What
 *            is sent tells nobody on the way that it is a test: sms/canary.h.
 * Runs in:   the tipline command, on the team's host. Disk: reads
 *            desk.canary_file and the secrets of [gateway].
 */
#ifndef TL_CLI_CANARY_H
#define TL_CLI_CANARY_H

#include <stdbool.h>

#include "base/bytes.h"
#include "desk/fetch.h"

/* argv[0] is the command's name. Returns the exit status. */
int cli_canary(const char *config_path, int argc, char **argv);

/* A door, and how it is reached. Borrowed. */
struct canary_door {
	const char *name;   /* as it is shown */
	const char *origin; /* "https://host:port", "http://x.onion" */
	const char *proxy;  /* as fetch_call has it; NULL: none */
	struct bytes authorities;
};

/* Send text by the form; what went wrong was said. */
bool canary_by_form(
    struct fetch *fetch, const struct canary_door *door, const char *text);

/* Send it as a partner with this secret does. */
bool canary_by_partner(struct fetch *fetch, const struct canary_door *door,
    const char *secret, const char *text);

#endif
