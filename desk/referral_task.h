/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/referral_task.h - one call about a referral, over the several answers
 * that it waits for; what the rooms of referrals share.
 *
 * Promise:   each call is answered once, and its task ends with that.
 * Knows not: what is asked for: desk/api_referral.c, desk/api_sent.c.
 * Runs in:   the desk's web process.
 * Disk:      none.
 */
#ifndef TL_DESK_REFERRAL_TASK_H
#define TL_DESK_REFERRAL_TASK_H

#include <jansson.h>

#include "crypto/partner.h"
#include "desk/api.h"
#include "desk/partner_answer.h"

struct referral_task {
	struct web *web;
	net_token conn;
	struct tip *tip;
	char who[CASE_OWNER_BYTES];
	bool supervisor;
	json_t *body;
	entry_list_fn audited; /* what follows when it is written down */
	const char *event;     /* that is asked for */
	entry_list_fn listed;  /* what follows when the kin is looked at */
	json_t *entries;       /* its own, meanwhile */
	bool kin_stops;        /* NO CONTACT there, or what cannot be read */
	/* of the case, as it was read; 0: whatever it is by then */
	uint64_t version;
	/* of an order */
	json_t *doc;
	json_t *evidence; /* files that go with it, */
	size_t checked;   /* of which so many are as they were sent */
	bool alone;       /* nobody else has to agree, */
	bool later;       /* or not before it goes */
	char first[CASE_OWNER_BYTES];
	char ref[PARTNER_REF_BYTES];
};

/* For this call, by its tip. NULL: it was answered. */
struct referral_task *referral_task_of(struct api_call *call);

void referral_task_free(struct referral_task *task);

/* Have it written down that something is taken out, with that note, and only
 * then read the entries for fn. It ends where it cannot be, which is
 * answered. */
void referral_task_audit(struct referral_task *task, enum audit_what what,
    struct bytes note, entry_list_fn fn);

/* Read the entries for fn, and those of the other cases of the reporter: see
 * kin_stops. */
void referral_task_list(struct referral_task *task, entry_list_fn fn);

/* As api_refuse(), by refer_refusal(); and it ends. */
void referral_task_refuse(
    struct referral_task *task, int status, const char *word, const char *text);

/* False: what is written on the tip (NULL) cannot be read just now, which was
 * answered; it ends. */
bool referral_task_reads(struct referral_task *task, const json_t *entries);

/* The newest referral that is written on a tip. NULL: none. */
const json_t *referral_newest(const json_t *entries);

/* The newest of this reference. NULL: none. */
const json_t *referral_of(const json_t *entries, const char *ref);

/* The same for who is to read one: by `ref` of its query, where that has it. */
struct referral_task *referral_task_to_read(struct api_call *call);

/* The one that a second officer is to read, that of task->ref if it has one:
 * before it goes, or, of a P1 that has gone, afterwards. NULL: none is. */
const json_t *referral_to_read(
    const struct referral_task *task, const json_t *entries);

/* The partner of a referral that has gone, by the key that was agreed to. NULL:
 * *ret_no says why not. */
const struct partner *referral_sent_to(const struct referral_task *task,
    const json_t *entry, struct api_refusal *ret_no);

/* Has a referral gone, of a case in this state, and was neither taken back nor
 * rejected by the partner? */
bool referral_is_sent(enum case_state state);

/* A text of an object, or "". */
const char *referral_text(const json_t *json, const char *name);

/* Do it to the case, with doc, which is taken over; fn hears what came of it,
 * unless the call was answered. second: who agrees, or NULL. */
void referral_change(struct referral_task *task, enum case_event event,
    unsigned passed, const char *second, json_t *doc, store_answer_fn fn);

/* Was it done? False: the call was answered. */
bool referral_was_done(struct referral_task *task, const struct frame *frame,
    struct store_done *ret_done);

/* A store_answer_fn: answers, and has a second officer asked where one is to
 * look afterwards. */
void referral_finished(const struct frame *frame, void *arg);

#endif
