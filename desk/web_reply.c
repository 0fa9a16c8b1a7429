/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Texts that the machine sends by itself, where the operator has switched that
 * on: desk/auto_reply.h says whether. One message after the other:
 *
 *	what Redis has is read, since it may be a "0"; then what is written on
 *	all cases of the number; then it is ordered, on the case as it was read,
 *	so that of two desks one does it; then it is asked once more, and sent.
 *
 * The next one waits for the provider's answer: of the sender's places one is
 * ours, the others are officers' and alarms'.
 *
 * An order is in the ledger before anything leaves, and nothing reads orders to
 * send them: what was not sent at once is never sent.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/enc.h"
#include "base/wipe.h"
#include "crypto/hash.h"
#include "desk/api.h"
#include "desk/auto_check.h"
#include "desk/auto_look.h"
#include "desk/entry.h"
#include "desk/texts.h"
#include "text/utf8.h"

/* Messages that are looked at in one second, the oldest first. */
#define LOOKS_MOST 8u
/* How long others go first after one that came to nothing for now. */
#define AGAIN_S 3

static const char machine[] = "";

struct replying {
	struct web *web;
	struct tip *message, *root;
	struct auto_facts facts;
	struct auto_case asked;
	struct reach reach;
	struct bytes text; /* of the program */
	struct tip *kin[REACH_KIN_MAX];
	size_t n_kin, at_kin;
	uint8_t event_id[CASE_ID_BYTES];
	char once[2 * CASE_ID_BYTES + 1];
	enum send_said said;
	const char *why; /* nothing goes, a literal; or NULL */
};

static void free_replying(struct replying *replying)
{
	wipe(replying, sizeof(*replying));
	free(replying);
}

/* It comes to nothing: now, or for good. */
static void give_up(struct replying *replying, enum auto_word word)
{
	replying->web->replying = false;
	replying->message->is_auto_done = word == AUTO_NEVER;
	replying->message->auto_from_s =
	    (int64_t)(web_now_ms(replying->web) / 1000) + AGAIN_S;
	free_replying(replying);
}

static enum auto_word look(struct replying *replying)
{
	struct web *web = replying->web;

	if (replying->message->state != TIP_OPEN ||
	    tip_root(replying->message) != replying->root ||
	    sessions_any(web->sessions) == NULL) {
		replying->why = "closed-up";
		return AUTO_WAIT; /* the last officer has left meanwhile */
	}
	auto_look(web, replying->message, &replying->facts, &replying->asked,
	    &replying->reach, &replying->text);
	return auto_reply_ask(&replying->asked, &replying->why);
}

/* ---- what came of it ----------------------------------------------------- */

/* If it could not be written, the order has no outcome: it is unknown. */
static void outcome_written(
    struct web *web, const struct store_done *done, void *arg)
{
	struct replying *replying = arg;

	(void)done;
	texts_end(web, replying->once, replying->said);
	free_replying(replying);
}

static void write_outcome(struct replying *replying, const char *outcome,
    unsigned status, struct bytes id)
{
	json_t *doc = json_pack("{s:s, s:s, s:s, s:i, s:s%, s:s*}", "kind",
	    "sms-outcome", "once", replying->once, "outcome", outcome, "status",
	    (int)status, "provider_id", id.len > 0 ? (const char *)id.at : "",
	    id.len, "why", replying->why);

	if (doc == NULL) {
		texts_end(replying->web, replying->once, replying->said);
		free_replying(replying);
		return;
	}
	entry_add(replying->web, replying->root, machine, doc, outcome_written,
	    replying);
}

static void said(const struct sender_said *answer, void *arg)
{
	struct replying *replying = arg;

	replying->web->replying = false;
	replying->said = answer->said;
	/* some providers name a text with whatever bytes */
	write_outcome(replying, texts_word(answer->said), answer->status,
	    utf8_valid(answer->id) ? answer->id : bytes_of(NULL, 0));
}

/* ---- the order ----------------------------------------------------------- */

static void not_ordered(
    struct replying *replying, const struct store_done *done)
{
	bool is_changed =
	    done->result == STORE_ANSWERED && done->why == CASE_NO_CHANGED;

	texts_forget(replying->web, replying->once);
	give_up(replying, is_changed ? AUTO_WAIT : AUTO_NEVER);
}

static void ordered(struct web *web, const struct store_done *done, void *arg)
{
	struct replying *replying = arg;
	struct sender_sms sms = { .gateway = replying->reach.gateway,
		.text = replying->text };

	if (done->result != STORE_ANSWERED || done->why != CASE_YES ||
	    !done->has_now) { /* or another desk was first */
		not_ordered(replying, done);
		return;
	}
	replying->message->is_auto_done = true;
	if (look(replying) != AUTO_SEND) { /* it is ordered, and not again */
		web->replying = false;
		replying->said = SEND_REFUSED;
		write_outcome(replying, "dropped", 0, bytes_of(NULL, 0));
		return;
	}
	web->sms.parts += replying->asked.contact.parts;
	web->sms.machine += replying->asked.contact.parts;
	sms.to = bytes_str(replying->reach.number);
	sender_ask_sms(web->sender, &sms, said, replying);
}

/* The last two digits tell which number it was. */
static json_t *order_of(const struct replying *replying)
{
	const struct config *config = replying->web->config;
	const struct config_gateway *gateway =
	    &config->gateways[replying->reach.gateway];
	const char *number = replying->reach.number;

	return json_pack("{s:s, s:s, s:s%, s:s, s:s, s:s, s:i, s:s, s:s, s:s}",
	    "kind", "sms", "once", replying->once, "text",
	    (const char *)replying->text.at, replying->text.len, "lang",
	    gateway->auto_reply_lang, "template", AUTO_TEMPLATE, "auto",
	    gateway->auto_reply, "parts", (int)replying->asked.contact.parts,
	    "gateway", gateway->name, "desk", config->desk.name, "to_ends",
	    number + strlen(number) - 2);
}

static void order(struct replying *replying)
{
	struct web *web = replying->web;
	json_t *doc = order_of(replying);

	if (doc == NULL || replying->facts.version == 0 ||
	    !texts_begin(web, replying->once)) {
		json_decref(doc);
		give_up(replying, AUTO_NEVER);
		return;
	}
	entry_add_once(web, replying->root, machine, doc, replying->event_id,
	    replying->facts.version, ordered, replying);
}

/* ---- what is written on cases -------------------------------------------- */

static void kin_listed(struct web *web, json_t *entries, void *arg);

static void next_kin(struct replying *replying)
{
	enum auto_word word;

	if (replying->at_kin < replying->n_kin) {
		entry_list(replying->web, replying->kin[replying->at_kin++]->id,
		    kin_listed, replying);
		return;
	}
	word = look(replying);
	if (word == AUTO_SEND) {
		order(replying);
	} else {
		give_up(replying, word);
	}
}

static void kin_listed(struct web *web, json_t *entries, void *arg)
{
	struct replying *replying = arg;

	(void)web;
	if (entries == NULL) {
		give_up(replying, AUTO_WAIT);
		return;
	}
	auto_facts_take(&replying->facts, entries, false);
	json_decref(entries);
	next_kin(replying);
}

/* False: memory is out, and one may not be found. */
static bool find_kin(struct replying *replying)
{
	struct auto_facts *facts = &replying->facts;
	bool lost = false;

	replying->n_kin = reach_kin(replying->web, replying->root,
	    &replying->reach, replying->kin, &lost);
	if (replying->n_kin > REACH_KIN_MAX) {
		facts->is_hidden = true;
		replying->n_kin = 0;
	}
	for (size_t i = 0; i < replying->n_kin; i++) {
		facts->is_known_otherwise = facts->is_known_otherwise ||
		    strcmp(replying->kin[i]->channel, "sms") != 0;
	}
	return !lost;
}

static void listed(struct web *web, json_t *entries, void *arg)
{
	struct replying *replying = arg;

	(void)web;
	if (entries == NULL) {
		give_up(replying, AUTO_WAIT);
		return;
	}
	auto_facts_take(&replying->facts, entries, true);
	json_decref(entries);
	if (find_kin(replying)) {
		next_kin(replying);
	} else {
		give_up(replying, AUTO_WAIT);
	}
}

static void caught_up(const struct frame *frame, void *arg)
{
	struct replying *replying = arg;
	enum auto_word word = store_done_of(frame).result == STORE_ANSWERED
	    ? look(replying)
	    : AUTO_WAIT;

	if (word == AUTO_SEND) {
		entry_list(replying->web, replying->root->id, listed, replying);
	} else {
		give_up(replying, word);
	}
}

/* ---- the next one -------------------------------------------------------- */

/* The same at every desk, for the same message. */
static void name_it(struct replying *replying)
{
	static const char prefix[] = "tipline auto reply v1";
	uint8_t message[sizeof(prefix) + 2 * TIP_ID_BYTES];
	uint8_t hash[HASH_BYTES];
	struct buf hex;

	memcpy(message, prefix, sizeof(prefix));
	memcpy(message + sizeof(prefix), replying->root->id, TIP_ID_BYTES);
	memcpy(message + sizeof(prefix) + TIP_ID_BYTES, replying->message->id,
	    TIP_ID_BYTES);
	hash_bytes(hash, message, sizeof(message));
	memcpy(replying->event_id, hash, CASE_ID_BYTES);
	buf_init(&hex, sizeof(replying->once));
	enc_hex(&hex, hash, CASE_ID_BYTES);
	if (buf_err(&hex) == TL_OK) {
		memcpy(replying->once, hex.data, hex.len);
	}
	buf_free(&hex);
}

static void begin(struct web *web, struct tip *message)
{
	struct replying *replying = calloc(1, sizeof(*replying));

	if (replying == NULL) {
		return;
	}
	replying->web = web;
	replying->message = message;
	replying->root = tip_root(message);
	replying->said = SEND_UNKNOWN;
	name_it(replying);
	web->replying = true;
	store_ask_catch_up(web->store, caught_up, replying);
}

/* As far as it can be told without its case. Who is waited for is not looked at
 * again before. */
static enum auto_word first_look(struct web *web, struct tip *tip)
{
	const struct auto_facts none = { 0 };
	struct auto_case asked;
	struct reach reach;
	struct bytes text;
	const char *why;
	enum auto_word word;

	auto_look(web, tip, &none, &asked, &reach, &text);
	wipe(&reach, sizeof(reach));
	word = auto_reply_ask(&asked, &why);
	if (word == AUTO_WAIT) {
		tip->auto_from_s = asked.newest_s + AUTO_REPLY_CALM_S;
	}
	return word;
}

void web_reply(struct web *web)
{
	int64_t now_s = (int64_t)(web_now_ms(web) / 1000);
	unsigned looks = 0;

	if (!web->replies || web->replying || web->sender == NULL ||
	    !web->state.redis || sessions_any(web->sessions) == NULL ||
	    !auto_is_ready(web, now_s)) {
		return;
	}
	for (size_t i = 0; i < tips_count(web->tips) && looks < LOOKS_MOST;
	     i++) {
		struct tip *tip = tips_at(web->tips, i);
		enum auto_word word;

		if (!auto_is_candidate(web, tip, now_s)) {
			continue;
		}
		looks++;
		word = first_look(web, tip);
		if (word == AUTO_SEND) {
			begin(web, tip);
			return;
		}
		tip->is_auto_done = word == AUTO_NEVER;
	}
}
