/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The ledger is read three times: for the tip, which says its form; for the
 * further keys of that form, which say all its mailboxes; for what was written
 * under one of these. In one pass each would have to wait for the one before,
 * and they come in any order. And once for what officers wrote on its case.
 */
#include "cli/reply_tip.h"

#include <string.h>

#include <jansson.h>

#include "base/enc.h"
#include "base/wipe.h"
#include "cli/resealed.h"
#include "crypto/secret.h"
#include "queue/case_event.h"
#include "text/json_memory.h"

/* Of one case, that cannot be read. */
#define ENTRIES_MAX 65536u

struct search {
	struct desk_keys *keys;
	struct ledger *ledger;
	struct reply_tip *tip;
	enum report_part part;    /* of this pass */
	struct resealed resealed; /* instead of what was destroyed */
	struct buf unread;        /* ids of entries, one after the other */
};

static bool same_form(
    const struct reply_tip *tip, const struct report_thread *thread)
{
	return tip->has_form && thread->has_form &&
	    memcmp(tip->form, thread->form, sizeof(tip->form)) == 0;
}

static bool has_mailbox(const struct reply_tip *tip, const uint8_t *mailbox)
{
	for (size_t i = 0; i < tip->n_keys; i++) {
		if (memcmp(tip->keys[i].mailbox, mailbox, MAIL_MAILBOX_BYTES) ==
		    0) {
			return true;
		}
	}
	return false;
}

static void add_key(struct reply_tip *tip, const struct report_thread *thread)
{
	struct reply_key *key = &tip->keys[tip->n_keys];

	if (thread->has_key && tip->n_keys < REPLY_KEYS_MAX &&
	    !has_mailbox(tip, thread->mailbox)) {
		memcpy(key->mailbox, thread->mailbox, sizeof(key->mailbox));
		memcpy(key->key, thread->key, sizeof(key->key));
		tip->n_keys++;
	}
}

static void learn(const struct search *search,
    const struct report_thread *thread, bool is_ours)
{
	struct reply_tip *tip = search->tip;

	if (search->part == REPORT_IS_TIP) {
		tip->is_there = true;
		/* whoever made up another under this id does not lead to
		 * another's keys and wishes */
		if (is_ours || !tip->is_ours) {
			tip->has_form = thread->has_form;
			memcpy(tip->form, thread->form, sizeof(tip->form));
		}
		tip->is_ours = tip->is_ours || is_ours;
		if (is_ours) {
			add_key(tip, thread);
		}
	} else if (search->part == REPORT_IS_KEY) {
		if (is_ours && same_form(tip, thread)) {
			add_key(tip, thread);
		}
	} else if (same_form(tip, thread) ||
	    (thread->has_mailbox && has_mailbox(tip, thread->mailbox))) {
		/* said by whomever: in doubt nobody is contacted */
		tip->wants_no_contact =
		    tip->wants_no_contact || thread->wants_no_contact;
	}
}

static void learn_opened(
    const struct search *search, const struct desk_tip *opened, bool is_ours)
{
	struct report_thread thread;

	if (report_thread(opened->tip.report, &thread) &&
	    thread.part == search->part) {
		learn(search, &thread, is_ours);
	}
	wipe(&thread, sizeof(thread));
}

static enum tl_err look_at(
    uint64_t number, const struct ledger_record *record, void *arg)
{
	struct search *search = arg;
	struct desk_tip opened = { .signed_by_us = false };
	enum envelope_fault fault;
	enum tl_err err;

	if ((record->kind != LEDGER_TIP && record->kind != LEDGER_RESEALED &&
		record->kind != LEDGER_QUARANTINE) ||
	    (search->part == REPORT_IS_TIP &&
		memcmp(record->id, search->tip->id, LEDGER_ID_BYTES) != 0)) {
		return TL_OK;
	}
	if (record->kind == LEDGER_RESEALED) {
		return resealed_add_again(
		    &search->resealed, record->id, number);
	}
	err = desk_keys_open(search->keys, record->sealed, &fault, &opened);
	if (err == TL_OK && fault == ENVELOPE_FINE) {
		learn_opened(search, &opened, opened.signed_by_us);
	} else if (err == TL_OK &&
	    (fault == ENVELOPE_DESTROYED || fault == ENVELOPE_STRANGER)) {
		err = resealed_add_gone(&search->resealed, record->id, number,
		    record->kind != LEDGER_TIP,
		    desk_keys_signed(search->keys, record->sealed));
	}
	desk_tip_free(&opened);
	return err;
}

/* One that stands for what is gone: ours if the one that is gone was. */
static enum tl_err look_at_again(
    uint64_t number, const struct ledger_record *record, void *arg)
{
	struct search *search = arg;
	struct desk_tip opened = { .signed_by_us = false };
	enum envelope_fault fault;
	enum tl_err err =
	    desk_keys_open(search->keys, record->sealed, &fault, &opened);

	(void)number;
	if (err == TL_OK && fault == ENVELOPE_FINE) {
		learn_opened(search, &opened,
		    desk_keys_resealed(search->keys, record->sealed) &&
			resealed_is_signed(&search->resealed, record->id));
	}
	desk_tip_free(&opened);
	return err == TL_OK ? TL_ECLOSED : err; /* this one alone */
}

static enum tl_err look_through(struct search *search)
{
	enum tl_err err = ledger_each(search->ledger, 0, look_at, search);
	struct resealed_pair pair;
	size_t at = 0;

	resealed_settle(&search->resealed);
	while (err == TL_OK && resealed_next(&search->resealed, &at, &pair)) {
		err = ledger_each(
		    search->ledger, pair.again, look_at_again, search);
		err = err == TL_ECLOSED ? TL_OK : err;
	}
	resealed_free(&search->resealed);
	return err;
}

/* ---- what officers wrote ------------------------------------------------- */

static const char *text_of(const json_t *doc, const char *name)
{
	const char *text = json_string_value(json_object_get(doc, name));

	return text == NULL ? "" : text;
}

/* NO CONTACT is never taken back. That a desk of ours wrote it is not asked: in
 * doubt nobody is contacted. */
static bool says_no_contact(const struct reply_tip *tip, struct bytes report)
{
	json_t *doc = json_memory_text(report, JSON_ALLOW_NUL);
	const char *name = text_of(doc, "tip");
	uint8_t id[LEDGER_ID_BYTES];
	size_t n = 0;
	bool says = doc == NULL ||
	    (strcmp(text_of(doc, "kind"), "contact") == 0 &&
		dec_hex(name, strlen(name), id, sizeof(id), &n) == TL_OK &&
		n == sizeof(id) && memcmp(id, tip->id, n) == 0 &&
		json_is_true(json_object_get(
		    json_object_get(doc, "safe"), "no_contact")));

	json_decref(doc);
	return says;
}

/* Where this one stands among those that could not be read, or NULL. */
static uint8_t *find_unread(const struct search *search, const uint8_t *id)
{
	for (size_t at = 0; at < search->unread.len; at += LEDGER_ID_BYTES) {
		if (memcmp(search->unread.data + at, id, LEDGER_ID_BYTES) ==
		    0) {
			return search->unread.data + at;
		}
	}
	return NULL;
}

/* What was sealed again, at this desk, stands for one that cannot be read. */
static enum tl_err look_at_entry_again(
    struct search *search, const struct ledger_record *record)
{
	struct desk_tip opened = { .signed_by_us = false };
	enum envelope_fault fault;
	uint8_t *unread = find_unread(search, record->id);
	struct buf *all = &search->unread;
	enum tl_err err;

	if (unread == NULL ||
	    !desk_keys_resealed(search->keys, record->sealed)) {
		return TL_OK;
	}
	err = desk_keys_open(search->keys, record->sealed, &fault, &opened);
	if (err == TL_OK && fault == ENVELOPE_FINE) {
		search->tip->is_stopped = search->tip->is_stopped ||
		    says_no_contact(search->tip, opened.tip.report);
		all->len -= LEDGER_ID_BYTES; /* the last takes its place */
		memmove(unread, all->data + all->len, LEDGER_ID_BYTES);
	}
	desk_tip_free(&opened);
	return err;
}

static enum tl_err look_at_event(
    uint64_t number, const struct ledger_record *record, void *arg)
{
	struct search *search = arg;
	struct reply_tip *tip = search->tip;
	struct desk_tip opened = { .signed_by_us = false };
	struct case_record event;
	enum envelope_fault fault;
	enum tl_err err;

	(void)number;
	if (record->kind == LEDGER_RESEALED) {
		return look_at_entry_again(search, record);
	}
	if (record->kind != LEDGER_EVENT ||
	    case_event_get(record->sealed, &event) != TL_OK ||
	    memcmp(event.id, tip->id, sizeof(tip->id)) != 0) {
		return TL_OK;
	}
	if (event.now.version >= tip->version) {
		tip->version = event.now.version;
		tip->is_withdrawn = event.now.state == CASE_WITHDRAWN;
	}
	if (event.sealed.len == 0) {
		return TL_OK; /* the machine's, without a word */
	}
	err = desk_keys_open(search->keys, event.sealed, &fault, &opened);
	if (err == TL_OK && fault != ENVELOPE_FINE) {
		buf_put(&search->unread, record->id, LEDGER_ID_BYTES);
		err = buf_err(&search->unread);
	} else if (err == TL_OK) {
		tip->is_stopped =
		    tip->is_stopped || says_no_contact(tip, opened.tip.report);
	}
	desk_tip_free(&opened);
	return err;
}

/* All that was written on the case. */
static enum tl_err look_at_case(struct search *search)
{
	enum tl_err err;

	buf_init(&search->unread, ENTRIES_MAX * LEDGER_ID_BYTES);
	err = ledger_each(search->ledger, 0, look_at_event, search);
	search->tip->is_stopped =
	    search->tip->is_stopped || search->unread.len > 0;
	buf_free(&search->unread);
	return err;
}

bool reply_tip_is_stopped(const struct reply_tip *tip)
{
	return tip->wants_no_contact || tip->is_stopped || tip->is_withdrawn;
}

enum tl_err reply_tip_find(struct desk_keys *keys, struct ledger *ledger,
    const uint8_t id[static LEDGER_ID_BYTES], struct reply_tip **ret_tip)
{
	static const enum report_part parts[] = { REPORT_IS_TIP, REPORT_IS_KEY,
		REPORT_IS_MORE };
	struct reply_tip *tip = secret_alloc(sizeof(*tip));
	enum tl_err err = tip == NULL ? TL_ENOMEM : TL_OK;

	if (tip != NULL) {
		memcpy(tip->id, id, sizeof(tip->id));
	}
	for (size_t i = 0; i < 3 && err == TL_OK; i++) {
		struct search search = {
			.keys = keys,
			.ledger = ledger,
			.tip = tip,
			.part = parts[i],
		};

		if (i == 0 || tip->is_there) {
			err = look_through(&search);
		}
		if (err == TL_OK && i == 0 && tip->is_there) {
			err = look_at_case(&search);
		}
	}
	if (err != TL_OK) {
		reply_tip_free(tip);
		return err;
	}
	*ret_tip = tip;
	return TL_OK;
}

void reply_tip_free(struct reply_tip *tip)
{
	secret_free(tip);
}
