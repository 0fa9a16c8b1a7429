/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Seal tips of the ledger to newer keys, before theirs are destroyed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/enc.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/desk_keys.h"
#include "cli/key.h"
#include "cli/ledger.h"
#include "cli/team.h"
#include "crypto/envelope_signed.h"
#include "desk/keyd_talk.h"
#include "text/report.h"

#define FORMS_MAX 1024u
#define NAMED_MAX 1024

static const char help[] =
    "Usage: tipline [-c FILE] key reseal [--to LIST]... --all\n"
    "       tipline [-c FILE] key reseal [--to LIST]... ID...\n"
    "\n"
    "Seal tips of the ledger to the epoch of now, so that they can be opened\n"
    "when the epoch that they came under is destroyed. The ledger keeps both;\n"
    "inbox shows the new one when the old one cannot be opened any more.\n"
    "ID is what inbox prints; what belongs to that tip (further reply keys,\n"
    "pieces of files, what was written later, entries of its case) is sealed\n"
    "again with it.\n"
    "Needs the passphrase of an officer.\n"
    "\n"
    "  --all       every tip and every entry whose epoch is over\n"
    "  --to LIST   also to the team of this team.list, which you have "
    "compared\n"
    "\n"
    "The new envelope is signed by this desk; the intake's signature is that "
    "of\n"
    "the old one, which stays. Each is opened again and compared before it is\n"
    "kept. Ends with 0, or 1 if a tip that was wanted was not sealed again.\n";

/* A record of the ledger that may be sealed again, by its outside. */
struct item {
	uint8_t id[LEDGER_ID_BYTES];
	uint64_t number;
	enum ledger_kind kind;
	bool is_done;  /* it is sealed to all that are wanted */
	bool can_open; /* by this ring */
};

struct reseal {
	struct desk_keys keys;
	struct ledger *ledger;
	struct ring *ring; /* locked: for its epochs' public keys */
	int64_t now_s;
	uint8_t to[KEYD_RECIPIENTS_MAX][KEYD_KEY_BYTES];
	size_t n_to;
	struct item *items;
	size_t n, room;
	uint8_t (*forms)[REPORT_FORM_BYTES]; /* of the tips that were named */
	size_t n_forms;
	uint8_t (*named)[LEDGER_ID_BYTES];
	size_t n_named;
	bool all;
	enum tl_err err;
	struct buf fresh; /* the new envelope */
	uint64_t n_sealed, n_entries, n_left;
};

/* ---- to whom ------------------------------------------------------------ */

/* The own team's list can be among those that were named. */
static enum tl_err add_key(struct reseal *reseal, const uint8_t *key)
{
	for (size_t i = 0; i < reseal->n_to; i++) {
		if (memcmp(reseal->to[i], key, KEYD_KEY_BYTES) == 0) {
			return TL_OK;
		}
	}
	if (reseal->n_to == KEYD_RECIPIENTS_MAX) {
		return TL_EFULL;
	}
	memcpy(reseal->to[reseal->n_to++], key, KEYD_KEY_BYTES);
	return TL_OK;
}

/* The epoch of now, as the intakes take it; never one that is destroyed. */
static enum tl_err add_own(struct reseal *reseal)
{
	const struct ring_epoch *now = NULL;

	for (size_t i = 0; i < ring_n(reseal->ring); i++) {
		const struct ring_epoch *epoch = ring_epoch(reseal->ring, i);

		if (epoch->destroyed_s == 0 &&
		    (now == NULL || epoch->start_s <= reseal->now_s)) {
			now = epoch;
		}
	}
	if (now == NULL) {
		say_error("the ring has no epoch left to seal to");
		return TL_ENOENT;
	}
	return add_key(reseal, now->public_key);
}

static bool add_list(struct reseal *reseal, const char *path)
{
	struct teamlist *list = NULL;
	enum tl_err err = teamlist_load(path, &list);

	if (err == TL_OK) {
		size_t at = teamlist_at(list, reseal->now_s);

		/* one place is the own team's */
		err = reseal->n_to + 1 >= KEYD_RECIPIENTS_MAX
		    ? TL_EFULL
		    : add_key(reseal, list->epochs[at].public_key);
	}
	if (err != TL_OK) {
		say_error("cannot use the list %s: %s", path, err_text(err));
	}
	teamlist_free(list);
	return err == TL_OK;
}

/* ---- which -------------------------------------------------------------- */

static bool has_slot(
    const struct envelope *e, const uint8_t public_key[static 32])
{
	uint8_t id[ENVELOPE_KEY_ID_BYTES];

	envelope_key_id(id, public_key);
	for (size_t i = 0; i < e->n_recipients; i++) {
		if (memcmp(e->slots + i * ENVELOPE_SLOT_BYTES, id,
			sizeof(id)) == 0) {
			return true;
		}
	}
	return false;
}

static struct item judge(const struct reseal *reseal, const struct envelope *e)
{
	struct item item = { .is_done = true };

	for (size_t i = 0; i < reseal->n_to; i++) {
		item.is_done = item.is_done && has_slot(e, reseal->to[i]);
	}
	for (size_t i = 0; i < e->n_recipients; i++) {
		size_t epoch;

		item.can_open = item.can_open ||
		    ring_find(reseal->ring, e->slots + i * ENVELOPE_SLOT_BYTES,
			&epoch) == TL_OK;
	}
	return item;
}

static enum tl_err collect(
    uint64_t number, const struct ledger_record *record, void *arg)
{
	struct reseal *reseal = arg;
	struct envelope envelope;
	struct item item;

	if (envelope_read(cli_ledger_sealed(record), &envelope) !=
	    ENVELOPE_FINE) {
		return TL_OK;
	}
	if (reseal->n == reseal->room) {
		size_t room = reseal->room == 0 ? 256 : 2 * reseal->room;
		void *items = reallocarray(reseal->items, room, sizeof(item));

		if (items == NULL) {
			return TL_ENOMEM;
		}
		reseal->items = items;
		reseal->room = room;
	}
	item = judge(reseal, &envelope);
	item.number = number;
	item.kind = record->kind;
	memcpy(item.id, record->id, sizeof(item.id));
	reseal->items[reseal->n++] = item;
	return TL_OK;
}

static int by_id_and_number(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int order = memcmp(x->id, y->id, sizeof(x->id));

	return order != 0 ? order
			  : (x->number > y->number) - (x->number < y->number);
}

static bool is_named(const struct reseal *reseal, const uint8_t *id)
{
	for (size_t i = 0; i < reseal->n_named; i++) {
		if (memcmp(reseal->named[i], id, LEDGER_ID_BYTES) == 0) {
			return true;
		}
	}
	return false;
}

/* Does the report say that it belongs to a tip that was named? A piece of a
 * file names its tip; a quote inside of a string would be escaped. */
static bool belongs(const struct reseal *reseal, struct bytes report)
{
	struct report_reply reply;
	struct buf member;
	bool found = false;

	report_reply(report, &reply);
	for (size_t i = 0; reply.has_form && i < reseal->n_forms; i++) {
		if (memcmp(reseal->forms[i], reply.form, sizeof(reply.form)) ==
		    0) {
			return true;
		}
	}
	buf_init(&member, 64);
	for (size_t i = 0; !found && i < reseal->n_named; i++) {
		buf_reset(&member);
		buf_put_str(&member, "\"tip\":\"");
		enc_hex(&member, reseal->named[i], LEDGER_ID_BYTES);
		buf_put_u8(&member, '"');
		found = member.err == TL_OK &&
		    memmem(report.at, report.len, member.data, member.len) !=
			NULL;
	}
	buf_free(&member);
	return found;
}

/* ---- one record --------------------------------------------------------- */

struct one {
	struct reseal *reseal;
	bool only_learn; /* the form of a tip that was named */
	bool was_sealed;
};

static void learn_form(struct reseal *reseal, struct bytes report)
{
	struct report_reply reply;

	report_reply(report, &reply);
	if (reply.has_form && reseal->n_forms < FORMS_MAX) {
		memcpy(reseal->forms[reseal->n_forms++], reply.form,
		    sizeof(reply.form));
	}
}

static bool same(const struct keyd_tip *a, const struct keyd_tip *b)
{
	return memcmp(a->id, b->id, sizeof(a->id)) == 0 &&
	    bytes_equal(a->report, b->report) && bytes_equal(a->raw, b->raw);
}

/* Seal it again, open that, and compare. */
static enum tl_err seal_again(
    struct reseal *reseal, struct bytes sealed, const struct desk_tip *tip)
{
	struct desk_tip again = { .signed_by_us = false };
	enum envelope_fault fault = ENVELOPE_FINE;
	struct bytes fresh;
	uint8_t result = 0;
	enum tl_err err;

	buf_reset(&reseal->fresh);
	err = keyd_client_reseal(reseal->keys.keyd,
	    (const uint8_t(*)[32])reseal->to, reseal->n_to, sealed, &result,
	    &reseal->fresh);
	if (err != TL_OK || result != 0) {
		return err != TL_OK ? err : TL_EPROOF;
	}
	fresh = bytes_of(reseal->fresh.data, reseal->fresh.len);
	err = desk_keys_open(&reseal->keys, fresh, &fault, &again);
	if (err == TL_OK &&
	    (fault != ENVELOPE_FINE || !same(&tip->tip, &again.tip) ||
		!desk_keys_resealed(&reseal->keys, fresh))) {
		err = TL_EPROOF;
	}
	desk_tip_free(&again);
	return err;
}

static enum tl_err take(
    uint64_t number, const struct ledger_record *record, void *arg)
{
	struct one *one = arg;
	struct reseal *reseal = one->reseal;
	struct desk_tip tip = { .signed_by_us = false };
	struct bytes sealed = cli_ledger_sealed(record);
	enum envelope_fault fault;

	(void)number;
	reseal->err = desk_keys_open(&reseal->keys, sealed, &fault, &tip);
	if (reseal->err == TL_OK && fault != ENVELOPE_FINE) {
		reseal->err = TL_EPROOF; /* its ring said that it could */
	} else if (reseal->err == TL_OK && record->kind == LEDGER_EVENT &&
	    !tip.signed_by_us) {
		reseal->err = TL_EPROOF; /* our signature would make it ours */
	} else if (reseal->err == TL_OK && one->only_learn) {
		learn_form(reseal, tip.tip.report);
	} else if (reseal->err == TL_OK &&
	    (reseal->all || is_named(reseal, record->id) ||
		belongs(reseal, tip.tip.report))) {
		reseal->err = seal_again(reseal, sealed, &tip);
		one->was_sealed = reseal->err == TL_OK;
	}
	desk_tip_free(&tip);
	return TL_ECLOSED; /* this one alone */
}

static enum tl_err visit(struct one *one, const struct item *item)
{
	enum tl_err err =
	    ledger_each(one->reseal->ledger, item->number, take, one);

	return err == TL_ECLOSED ? one->reseal->err : err;
}

/* ---- all of one id ------------------------------------------------------ */

struct group {
	const struct item *source; /* NULL: none can be opened */
	bool is_done;
	bool is_unclear; /* several strangers' records have this id */
	bool is_entry;   /* of a case */
	size_t n;
};

static struct group group_at(const struct reseal *reseal, size_t at)
{
	const struct item *first = &reseal->items[at];
	struct group group = { .n = 0 };
	size_t n_tips = 0, n_strange = 0;

	for (; at + group.n < reseal->n; group.n++) {
		const struct item *item = first + group.n;

		if (memcmp(item->id, first->id, sizeof(item->id)) != 0) {
			break;
		}
		n_tips += item->kind == LEDGER_TIP;
		group.is_entry = group.is_entry || item->kind == LEDGER_EVENT;
		n_strange += item->kind == LEDGER_QUARANTINE;
	}
	group.is_unclear = n_tips == 0 && n_strange > 1;
	for (size_t i = 0; i < group.n; i++) {
		const struct item *item = first + i;

		if (n_tips > 0 && item->kind == LEDGER_QUARANTINE) {
			continue;
		}
		group.is_done = group.is_done || item->is_done;
		if (item->can_open) {
			group.source = item; /* the newest */
		}
	}
	return group;
}

static enum tl_err reseal_group(
    struct reseal *reseal, const struct group *group)
{
	struct one one = { .reseal = reseal };
	struct ledger_record record = { .kind = LEDGER_RESEALED };
	enum tl_err err = visit(&one, group->source);

	if (err == TL_EPROOF) {
		reseal->n_left++; /* this one; the others can still be */
		return TL_OK;
	}
	if (err != TL_OK || !one.was_sealed) {
		return err;
	}
	memcpy(record.id, group->source->id, sizeof(record.id));
	record.sealed = bytes_of(reseal->fresh.data, reseal->fresh.len);
	err = ledger_append(reseal->ledger, &record);
	reseal->n_sealed += err == TL_OK && !group->is_entry;
	reseal->n_entries += err == TL_OK && group->is_entry;
	return err;
}

static enum tl_err learn_named(struct reseal *reseal)
{
	struct one one = { .reseal = reseal, .only_learn = true };
	enum tl_err err = TL_OK;
	size_t n_found = 0;

	for (size_t at = 0; err == TL_OK && at < reseal->n;) {
		struct group group = group_at(reseal, at);

		if (is_named(reseal, reseal->items[at].id)) {
			n_found++;
			if (group.source != NULL) {
				err = visit(&one, group.source);
			}
		}
		at += group.n;
	}
	if (err == TL_OK && n_found < reseal->n_named) {
		say_error("%zu of these ids are not in the ledger",
		    reseal->n_named - n_found);
		err = TL_ENOENT;
	}
	return err;
}

static enum tl_err reseal_all(struct reseal *reseal)
{
	enum tl_err err = ledger_each(reseal->ledger, 0, collect, reseal);

	if (err == TL_OK && reseal->n > 0) {
		qsort(reseal->items, reseal->n, sizeof(*reseal->items),
		    by_id_and_number);
	}
	if (err == TL_OK) {
		err = learn_named(reseal);
	}
	for (size_t at = 0; err == TL_OK && at < reseal->n;) {
		struct group group = group_at(reseal, at);
		bool wanted =
		    reseal->all || is_named(reseal, reseal->items[at].id);

		if (group.is_done) {
			;
		} else if (group.source == NULL || group.is_unclear) {
			reseal->n_left += wanted;
		} else {
			err = reseal_group(reseal, &group);
		}
		at += group.n;
	}
	return err;
}

/* ---- the command -------------------------------------------------------- */

static bool take_option(int option, const char *value, void *arg)
{
	struct reseal *reseal = arg;

	if (option == 't') {
		return add_list(reseal, value);
	}
	reseal->all = true;
	return true;
}

static bool take_ids(struct reseal *reseal, char **ids, int n)
{
	for (int i = 0; i < n; i++) {
		size_t len = 0;

		if (dec_hex(ids[i], strlen(ids[i]), reseal->named[i],
			LEDGER_ID_BYTES, &len) != TL_OK ||
		    len != LEDGER_ID_BYTES) {
			say_error("%s is no id of a tip", ids[i]);
			return false;
		}
	}
	reseal->n_named = (size_t)n;
	return true;
}

static enum tl_err run(struct reseal *reseal, const char *config_path,
    const struct config_desk *desk)
{
	enum tl_err err = ring_load(desk->team_ring, &reseal->ring);

	if (err != TL_OK) {
		say_error("cannot use %s: %s", desk->team_ring, err_text(err));
		return err;
	}
	err = add_own(reseal);
	if (err == TL_OK) {
		err = cli_ledger_open(desk, false, &reseal->ledger);
	}
	if (err == TL_OK) {
		err = desk_keys_load(config_path, desk, &reseal->keys);
	}
	if (err == TL_OK) {
		err = desk_keys_unlock(&reseal->keys);
	}
	if (err != TL_OK) {
		return err; /* has been said */
	}
	err = reseal_all(reseal);
	if (err != TL_OK && err != TL_ENOENT) {
		say_error("sealing again ended early: %s", err_text(err));
	}
	(void)printf("%llu tips were sealed again, and opened to compare.\n",
	    (unsigned long long)reseal->n_sealed);
	if (reseal->n_entries > 0) {
		(void)printf("So was what was written on their cases: %llu"
			     " entries.\n",
		    (unsigned long long)reseal->n_entries);
	}
	if (reseal->n_left > 0) {
		(void)printf("%llu could not be: their keys are destroyed, or"
			     " nobody knows which record of an id is meant.\n",
		    (unsigned long long)reseal->n_left);
	}
	return err == TL_OK && reseal->n_left > 0 ? TL_EPROOF : err;
}

int key_reseal(const char *config_path, int argc, char **argv)
{
	static const struct option options[] = {
		{ "all", no_argument, NULL, 'a' },
		{ "to", required_argument, NULL, 't' },
		CLI_OPTIONS_END,
	};
	struct reseal reseal = { .now_s = clock_wall_s() };
	struct config *config = NULL;
	int status;

	buf_init(&reseal.fresh, ENVELOPE_MAX_BYTES);
	status = cli_options(
	    argc, argv, options, 0, NAMED_MAX, help, take_option, &reseal);
	if (status != CLI_GO_ON) {
		return status;
	}
	if (reseal.all == (optind < argc)) {
		return cli_misused(help);
	}
	reseal.forms = calloc(FORMS_MAX, sizeof(*reseal.forms));
	reseal.named = calloc(NAMED_MAX, sizeof(*reseal.named));
	if (reseal.forms == NULL || reseal.named == NULL ||
	    !take_ids(&reseal, argv + optind, argc - optind)) {
		status = CLI_USAGE;
		goto out;
	}
	config = cli_config(config_path, CONFIG_DESK);
	status =
	    config != NULL && run(&reseal, config_path, &config->desk) == TL_OK
	    ? cli_end_output(CLI_OK)
	    : cli_end_output(CLI_WRONG);
out:
	desk_keys_free(&reseal.keys);
	ledger_close(reseal.ledger);
	ring_free(reseal.ring);
	config_free(config);
	buf_free(&reseal.fresh);
	free(reseal.items);
	free(reseal.forms);
	free(reseal.named);
	return status;
}
