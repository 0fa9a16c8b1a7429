/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/parts.h"

#include "base/wipe.h"
#include "text/report_parts.h"

bool parts_each(const struct tip *tip, parts_fn fn, void *arg)
{
	struct report_thread part = { 0 };
	bool is_ours = tip->state == TIP_OPEN && tip->is_signed &&
	    report_thread(tip->doc, &part);

	if (is_ours) {
		fn(tip, &part, arg);
	}
	for (const struct tip *more = tip->mores; is_ours && more != NULL;
	     more = more->next_more) {
		if ((more->way == TIP_MORE || more->way == TIP_KEY) &&
		    report_thread(more->doc, &part)) {
			fn(more, &part, arg);
		}
	}
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

void parts_answers(
    const struct tip *tip, struct facts *ret_facts, json_t **ret_answers)
{
	struct gathering gathering = { ret_facts, json_object() };

	*ret_facts = (struct facts){ 0 };
	if (!parts_each(tip, gather, &gathering)) {
		gather(tip, NULL, &gathering);
	}
	*ret_answers = gathering.answers;
}

static void wish(
    const struct tip *part, const struct report_thread *thread, void *arg)
{
	struct parts_wishes *wishes = arg;

	wishes->no_contact = wishes->no_contact || thread->wants_no_contact;
	wishes->deletion = wishes->deletion || thread->wants_deletion;
	/* one that was granted is over */
	wishes->withdrawal = wishes->withdrawal ||
	    (thread->wants_withdrawal && !part->is_hollow);
}

struct parts_wishes parts_wishes(const struct web *web, const struct tip *tip)
{
	unsigned says = tips_says(web->tips, tip);
	struct parts_wishes wishes = {
		.no_contact = (says & TIP_SAYS_NO_CONTACT) != 0,
		.stop = (says & TIP_SAYS_STOP) != 0,
	};

	(void)parts_each(tip, wish, &wishes);
	return wishes;
}
