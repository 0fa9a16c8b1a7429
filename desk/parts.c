/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/parts.h"

#include <string.h>

#include "base/enc.h"
#include "base/wipe.h"
#include "text/report_parts.h"

/* What the records of a tip have in common. */
struct whose {
	struct report_thread thread; /* of the tip */
	char form[2 * REPORT_FORM_BYTES];
	char mailbox[2 * REPORT_MAILBOX_BYTES];
};

static void put_hex(char *out, const uint8_t *bytes, size_t len)
{
	struct buf hex;

	buf_init(&hex, 2 * len);
	enc_hex(&hex, bytes, len);
	if (buf_err(&hex) == TL_OK) {
		memcpy(out, hex.data, 2 * len);
	}
	buf_free(&hex);
}

static bool has(struct bytes doc, const char *hex, size_t len)
{
	return memmem(doc.at, doc.len, hex, len) != NULL;
}

/* A part that may belong to the tip is parsed; thousands of others are only
 * looked through. */
static bool belongs(const struct whose *whose, const struct tip *part,
    struct report_thread *ret)
{
	const struct report_thread *tip = &whose->thread;

	if (part->state != TIP_PART || !part->is_signed ||
	    !((tip->has_form &&
		  has(part->doc, whose->form, sizeof(whose->form))) ||
		(tip->has_mailbox &&
		    has(part->doc, whose->mailbox, sizeof(whose->mailbox)))) ||
	    !report_thread(part->doc, ret)) {
		return false;
	}
	return (tip->has_form && ret->has_form &&
		   memcmp(tip->form, ret->form, sizeof(ret->form)) == 0) ||
	    (tip->has_mailbox && ret->has_mailbox &&
		memcmp(tip->mailbox, ret->mailbox, sizeof(ret->mailbox)) == 0);
}

bool parts_each(
    const struct web *web, const struct tip *tip, parts_fn fn, void *arg)
{
	struct report_thread part = { 0 };
	struct whose whose = { 0 };
	bool is_ours = tip->state == TIP_OPEN && tip->is_signed &&
	    report_thread(tip->doc, &whose.thread);

	if (is_ours) {
		put_hex(whose.form, whose.thread.form, REPORT_FORM_BYTES);
		put_hex(
		    whose.mailbox, whose.thread.mailbox, REPORT_MAILBOX_BYTES);
		fn(tip, &whose.thread, arg);
		for (size_t i = 0; i < tips_count(web->tips); i++) {
			const struct tip *other = tips_at(web->tips, i);

			if (belongs(&whose, other, &part)) {
				fn(other, &part, arg);
			}
		}
	}
	wipe(&whose, sizeof(whose));
	wipe(&part, sizeof(part));
	return is_ours;
}

struct gathering {
	struct facts *facts;
	json_t *answers;
};

static void gather(
    const struct tip *part, const struct report_thread *thread, void *arg)
{
	struct gathering *gathering = arg;
	json_t *report = report_load(part->doc);
	json_t *answers = json_object_get(report, "answers");

	(void)thread;
	facts_take(gathering->facts, answers);
	if (answers != NULL) {
		(void)json_object_update(gathering->answers, answers);
	}
	json_decref(report);
}

void parts_answers(const struct web *web, const struct tip *tip,
    struct facts *ret_facts, json_t **ret_answers)
{
	struct gathering gathering = { ret_facts, json_object() };

	*ret_facts = (struct facts){ 0 };
	if (!parts_each(web, tip, gather, &gathering)) {
		gather(tip, NULL, &gathering);
	}
	*ret_answers = gathering.answers;
}

static void wish(
    const struct tip *part, const struct report_thread *thread, void *arg)
{
	struct parts_wishes *wishes = arg;

	(void)part;
	wishes->no_contact = wishes->no_contact || thread->wants_no_contact;
	wishes->deletion = wishes->deletion || thread->wants_deletion;
	wishes->withdrawal = wishes->withdrawal || thread->wants_withdrawal;
}

struct parts_wishes parts_wishes(const struct web *web, const struct tip *tip)
{
	struct parts_wishes wishes = { 0 };

	(void)parts_each(web, tip, wish, &wishes);
	return wishes;
}
