/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/gateway_desk.h - what the gateway commands work with: configuration,
 * ledger, what opens it, and the messages in it that came by gateways.
 *
 * Runs in:   tipline. Disk: as the commands, see cli/gateway.h.
 */
#ifndef TL_CLI_GATEWAY_DESK_H
#define TL_CLI_GATEWAY_DESK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli/desk_keys.h"
#include "cli/gateway_api.h"
#include "cli/gateway_book.h"
#include "crypto/teamkey.h"
#include "queue/ledger.h"

struct gateway_desk {
	struct config *config;
	struct desk_keys keys;
	struct ledger *ledger;
	struct gateway_apis apis;
	char *canary; /* secret memory; NULL: no test texts are known */
};

/* A message that came by a gateway of the configuration, or a test text that
 * came by the form; borrowed. */
struct gateway_tip {
	uint8_t id[LEDGER_ID_BYTES];
	struct gateway_api *api; /* NULL: see form */
	const char *form; /* its door, of a test text by the form; else NULL */
	struct bytes external_id; /* empty: the gateway gave none */
	int64_t received_s;
	const json_t *media; /* list of {"type", "url"}, or NULL */
	bool signed_by_us;
	bool is_canary;
	bool is_recovered; /* by gateway_reconcile() */
};

/* Open all of it; asks for the passphrase. The ledger is only read: a desk may
 * run beside. What is wrong was said. End it with gateway_desk_close(), on
 * errors too. */
TL_MUST_CHECK enum tl_err gateway_desk_open(
    const char *config_path, struct gateway_desk *ret_desk);

/* Anything but TL_OK ends the walk. */
typedef enum tl_err (*gateway_tip_fn)(const struct gateway_tip *tip, void *arg);

/* Call fn for each such message of the ledger, the oldest first; form_too: for
 * each such test text as well. What cannot be opened is passed over. Returns
 * what fn returned, or as ledger_each(). */
TL_MUST_CHECK enum tl_err gateway_desk_each(
    struct gateway_desk *desk, bool form_too, gateway_tip_fn fn, void *arg);

/* The desk's own signing key, KEY_SIGN_BYTES. What is wrong was said. */
TL_MUST_CHECK enum tl_err gateway_desk_signing_key(
    const struct gateway_desk *desk, uint8_t *ret_sign);

/* The team's public key of the epoch of now. What is wrong was said. */
TL_MUST_CHECK enum tl_err gateway_desk_seal_to(const struct gateway_desk *desk,
    int64_t now_s, uint8_t ret_public[static TEAMKEY_BYTES]);

/* Open the book, with hashes that follow from the signing key. */
TL_MUST_CHECK enum tl_err gateway_desk_book(
    const struct gateway_desk *desk, struct book **ret_book);

/* Wipe and close. A zeroed struct is fine. */
void gateway_desk_close(struct gateway_desk *desk);

#endif
