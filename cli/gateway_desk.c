/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/gateway_desk.h"

#include <string.h>

#include "base/log.h"
#include "base/wipe.h"
#include "cli/cli.h"
#include "cli/ledger.h"
#include "crypto/hash.h"
#include "crypto/keyfile.h"
#include "crypto/ring.h"
#include "crypto/secret.h"
#include "desk/planted.h"
#include "desk/twins.h"
#include "sms/when.h"
#include "text/json_memory.h"

enum tl_err gateway_desk_open(
    const char *config_path, struct gateway_desk *ret_desk)
{
	struct gateway_desk *desk = ret_desk;
	enum tl_err err;

	*desk = (struct gateway_desk){
		.config = cli_config(config_path, CONFIG_DESK),
	};
	if (desk->config == NULL) {
		return TL_EINVAL;
	}
	err = gateway_apis_load(desk->config, &desk->apis);
	if (err == TL_OK) {
		err = planted_load(&desk->config->desk, &desk->canary);
	}
	if (err == TL_OK) {
		err = cli_ledger_open(&desk->config->desk, true, &desk->ledger);
	}
	if (err == TL_OK) {
		err = desk_keys_load(
		    config_path, &desk->config->desk, &desk->keys);
	}
	if (err == TL_OK) {
		err = desk_keys_unlock(&desk->keys);
	}
	return err;
}

struct walk {
	struct gateway_desk *desk;
	bool form_too;
	gateway_tip_fn fn;
	void *arg;
};

static struct bytes text_of(const json_t *json, const char *key)
{
	const json_t *value = json_object_get(json, key);

	return bytes_of(json_string_value(value), json_string_length(value));
}

static enum tl_err tell(struct walk *walk, const struct desk_tip *opened)
{
	struct bytes doc = opened->tip.report;
	json_t *json =
	    doc.len == 0 ? NULL : json_memory_text(doc, JSON_ALLOW_NUL);
	struct bytes name = text_of(json, "gateway");
	struct gateway_tip tip = {
		.api = name.len > 0 ? gateway_api_find(&walk->desk->apis, name)
				    : NULL,
		.form = walk->form_too ? planted_form(walk->desk->canary, json)
				       : NULL,
		.external_id = text_of(json, "external_id"),
		.media = json_object_get(json, "media"),
		.signed_by_us = opened->signed_by_us,
		.is_recovered = twins_is_recovered(json),
	};
	enum tl_err err = TL_OK;

	memcpy(tip.id, opened->tip.id, sizeof(tip.id));
	if ((tip.api != NULL || tip.form != NULL) &&
	    when_rfc3339(text_of(json, "received"), &tip.received_s) == TL_OK) {
		tip.is_canary = planted_is(walk->desk->canary, json);
		err = walk->fn(&tip, walk->arg);
	}
	json_decref(json);
	return err;
}

static enum tl_err look_at(
    uint64_t number, const struct ledger_record *record, void *arg)
{
	struct walk *walk = arg;
	struct desk_tip opened = { 0 };
	enum envelope_fault fault;
	enum tl_err err;

	(void)number;
	if (record->kind != LEDGER_TIP) {
		return TL_OK; /* one that was sealed again is not another */
	}
	err =
	    desk_keys_open(&walk->desk->keys, record->sealed, &fault, &opened);
	if (err == TL_OK && fault == ENVELOPE_FINE) {
		err = tell(walk, &opened);
	}
	desk_tip_free(&opened);
	return err;
}

enum tl_err gateway_desk_each(
    struct gateway_desk *desk, bool form_too, gateway_tip_fn fn, void *arg)
{
	struct walk walk = { desk, form_too, fn, arg };

	return ledger_each(desk->ledger, 0, look_at, &walk);
}

enum tl_err gateway_desk_signing_key(
    const struct gateway_desk *desk, uint8_t *ret_sign)
{
	const char *path = desk->config->desk.signing_key;
	enum tl_err err;

	if (path[0] == '\0') {
		say_error("desk.signing_key is not set");
		return TL_EINVAL;
	}
	err = keyfile_load(path, KEY_INTAKE_SIGN, ret_sign);
	if (err != TL_OK) {
		say_error(
		    "cannot use the key file %s: %s", path, err_text(err));
	}
	return err;
}

enum tl_err gateway_desk_seal_to(const struct gateway_desk *desk, int64_t now_s,
    uint8_t ret_public[static TEAMKEY_BYTES])
{
	const char *path = desk->config->desk.team_ring;
	const struct ring_epoch *now = NULL;
	struct ring *ring = NULL;
	enum tl_err err = ring_load(path, &ring);

	for (size_t i = 0; err == TL_OK && i < ring_n(ring); i++) {
		const struct ring_epoch *epoch = ring_epoch(ring, i);

		if (epoch->destroyed_s == 0 &&
		    (now == NULL || epoch->start_s <= now_s)) {
			now = epoch;
		}
	}
	if (err == TL_OK && now == NULL) {
		err = TL_ESTALE;
	}
	if (err == TL_OK) {
		memcpy(ret_public, now->public_key, TEAMKEY_BYTES);
	} else {
		say_error("%s has no key to seal to: %s", path, err_text(err));
	}
	ring_free(ring);
	return err;
}

enum tl_err gateway_desk_book(
    const struct gateway_desk *desk, struct book **ret_book)
{
	static const char prefix[] = "tipline book v1";
	uint8_t *sign = secret_alloc(KEY_SIGN_BYTES);
	uint8_t key[HASH_BYTES];
	enum tl_err err =
	    sign == NULL ? TL_ENOMEM : gateway_desk_signing_key(desk, sign);

	if (err == TL_OK) {
		/* the seed is the first half */
		hash_keyed(key, sizeof(key), sign, prefix, sizeof(prefix));
		err = book_open(desk->config->desk.ledger, key, ret_book);
	}
	wipe(key, sizeof(key));
	secret_free(sign);
	return err;
}

void gateway_desk_close(struct gateway_desk *desk)
{
	gateway_apis_free(&desk->apis);
	desk_keys_free(&desk->keys);
	ledger_close(desk->ledger);
	secret_free(desk->canary);
	config_free(desk->config);
	*desk = (struct gateway_desk){ 0 };
}
