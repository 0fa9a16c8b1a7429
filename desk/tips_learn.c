/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* By what an opened report may belong to others, or others to it. */
#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"
#include "crypto/hash.h"
#include "desk/tips_inside.h"
#include "sms/gateway.h"
#include "text/report_parts.h"

#define NAMES_BYTES ((size_t)64u * 1024u)

/* The first bytes of a hash over some members; no one is taken for two. */
static uint64_t hash_members(
    const json_t *const *members, size_t n, enum tl_err *err)
{
	uint8_t hash[HASH_BYTES];
	uint64_t first;
	struct buf names;
	bool lost = false;

	buf_init(&names, NAMES_BYTES);
	for (size_t i = 0; i < n; i++) {
		char *text = json_dumps(members[i],
		    JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);

		lost = lost || (text == NULL && members[i] != NULL);
		buf_put_str(&names, text == NULL ? "null" : text);
		buf_put_u8(&names, 0);
		free(text);
	}
	*err = lost ? TL_ENOMEM : buf_err(&names);
	hash_bytes(hash, names.data, names.len);
	buf_free(&names);
	memcpy(&first, hash, sizeof(first));
	return first;
}

/* It was read before: where it cannot be, memory is out. */
static enum tl_err note_thread(struct tip *tip, struct bytes report)
{
	struct report_thread says = { .part = REPORT_IS_OTHER };
	enum tl_err err = report_thread(report, &says) ? TL_OK : TL_ENOMEM;

	tip->part = says.part;
	tip->has_form = says.has_form;
	tip->has_mailbox = says.has_mailbox;
	tip->wants_deletion = says.wants_deletion;
	tip->wants_withdrawal = says.wants_withdrawal;
	memcpy(tip->form, says.form, sizeof(tip->form));
	memcpy(tip->mailbox, says.mailbox, sizeof(tip->mailbox));
	wipe(&says, sizeof(says));
	return err;
}

static void note_flags(struct tip *tip, const json_t *json)
{
	const json_t *flag;
	size_t i;

	tip->says = 0;
	json_array_foreach(json_object_get(json, "flags"), i, flag)
	{
		const char *word = json_string_value(flag);

		if (word != NULL &&
		    (strcmp(word, "stop") == 0 ||
			strcmp(word, sms_flag_name(SMS_FLAG_OPT_STOP)) == 0)) {
			tip->says |= TIP_SAYS_STOP;
		}
		if (word != NULL && strcmp(word, "no contact") == 0) {
			tip->says |= TIP_SAYS_NO_CONTACT;
		}
	}
}

/* Parts of one message have all of these in common, and more besides. */
static enum tl_err note_set(struct tip *tip, const json_t *json)
{
	const json_t *concat = json_object_get(json, "concat");
	const json_t *const members[] = {
		json_object_get(json, "gateway"),
		json_object_get(json_object_get(json, "sender"), "raw"),
		json_object_get(json, "to"),
		json_object_get(concat, "ref"),
		json_object_get(concat, "total"),
		json_object_get(concat, "wide"),
	};
	enum tl_err err = TL_OK;

	tip->set = 0;
	if (json_is_object(concat)) {
		tip->set = hash_members(members, 6, &err) | 1u;
		tip->part_doc = tip->doc;
	}
	return err;
}

static enum tl_err note_line(
    struct tips *tips, struct tip *tip, const json_t *json)
{
	const json_t *const members[] = {
		json_object_get(json, "gateway"),
		json_object_get(json, "to"),
	};
	void *lines = tips->lines;
	enum tl_err err;

	tip->has_thread =
	    report_hex(json, "thread", tip->line.thread, REPORT_THREAD_BYTES) &&
	    report_hex(
		json, "thread_before", tip->line.before, REPORT_THREAD_BYTES);
	if (!tip->has_thread) {
		return TL_OK;
	}
	tip->line.to = hash_members(members, 2, &err);
	if (err == TL_OK) {
		err = tips_grow(&lines, tips->n_lines, &tips->room_lines,
		    sizeof(struct tip *));
		tips->lines = lines;
	}
	if (err == TL_OK) {
		tips->lines[tips->n_lines++] = tip;
	}
	return err;
}

static enum tl_err learn_tip(
    struct tips *tips, struct tip *tip, const json_t *json)
{
	uint8_t likeness[LIKENESS_BYTES];
	enum tl_err err = twins_add_report(&tips->twins, tip->at, json);

	if (err == TL_OK && report_likeness_of(json, likeness)) {
		err = alike_learn(&tips->alike, tip->id, likeness);
	}
	if (err == TL_OK) {
		err = note_line(tips, tip, json);
	}
	return err == TL_OK ? note_set(tip, json) : err;
}

enum tl_err tips_learn(struct tips *tips, struct tip *tip, const json_t *json)
{
	struct report_thread says = { .part = REPORT_IS_OTHER };
	enum tl_err err = note_thread(tip, tip->doc);

	note_flags(tip, json);
	if (err != TL_OK || !tip->is_signed || tip->is_twin) {
		return err; /* whoever made it up, it is joined to nothing */
	}
	says.part = tip->part;
	says.has_form = tip->has_form;
	says.has_mailbox = tip->has_mailbox;
	memcpy(says.form, tip->form, sizeof(says.form));
	memcpy(says.mailbox, tip->mailbox, sizeof(says.mailbox));
	err = threads_learn(&tips->threads, tip->id, tip->at, &says);
	if (err == TL_OK && tip->part == REPORT_IS_TIP) {
		err = learn_tip(tips, tip, json);
	}
	tip->is_new = tips->has_new = true;
	return err;
}

void tips_unlearn(struct tips *tips)
{
	threads_free(&tips->threads);
	twins_free(&tips->twins);
	alike_free(&tips->alike);
	tips->n_lines = 0;
	tips->has_new = false;
}
