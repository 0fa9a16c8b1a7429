/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Whether a tip may be taken back, and what is told of one that was. */
#include <string.h>

#include "desk/api.h"
#include "desk/parts.h"
#include "desk/withdrawn.h"
#include "text/json_memory.h"

static bool has_copies(const struct web *web, const struct tip *tip)
{
	for (size_t i = 0; i < tips_count(web->tips); i++) {
		const struct tip *other = tips_at(web->tips, i);

		if (other->now.version > 0 &&
		    other->now.state == CASE_DUPLICATE &&
		    memcmp(other->now.target, tip->id, sizeof(tip->id)) == 0) {
			return true;
		}
	}
	return false;
}

static enum withdrawn_no judge(const struct web *web, const struct tip *tip,
    const json_t *entries, bool has_reason)
{
	struct facts facts = { 0 };
	json_t *answers = NULL;
	const struct withdrawn_case it = {
		.is_asked = parts_wishes(web, tip).withdrawal,
		.has_copies = has_copies(web, tip),
		.has_reason = has_reason,
		.priority = tip->now.priority,
		.facts = &facts,
		.entries = entries,
	};

	parts_answers(tip, &facts, &answers);
	json_decref(answers);
	return withdrawn_judge(&it);
}

/* Of something its case has not heard yet: who told it later would open it. */
static bool has_untold(const struct tip *tip)
{
	for (const struct tip *more = tip->mores; more != NULL;
	     more = more->next_more) {
		if ((more->way == TIP_MORE || more->way == TIP_FOLLOW) &&
		    !more->is_told && tip_may_be_told(more)) {
			return true;
		}
	}
	return tip->wants_after;
}

const struct api_refusal *api_withdraw_judge(const struct web *web,
    const struct tip *tip, const json_t *entries, bool has_reason)
{
	/* a child, or danger, may be in what is still sealed */
	static const struct api_refusal opening = { 503, "opening",
		"All that came must be opened first; try again in a moment." };
	static const struct api_refusal memory = { 503, "memory",
		"The desk has no memory left to read all that was said; try "
		"again." };
	static struct api_refusal refusal = { .status = 409 };
	unsigned lacks = json_memory_lacks();
	enum withdrawn_no no;

	if (entries == NULL || tip->state != TIP_OPEN ||
	    !tips_are_open(web->tips) || web->has_settling || has_untold(tip)) {
		return &opening;
	}
	no = judge(web, tip, entries, has_reason);
	if (json_memory_lacks() != lacks) {
		return &memory;
	}
	refusal.word = withdrawn_word(no);
	refusal.text = withdrawn_text(no);
	return no == WITHDRAWN_YES ? NULL : &refusal;
}

bool api_withdraw_wants_reason(const struct tip *tip)
{
	struct facts facts = { 0 };
	json_t *answers = NULL;

	parts_answers(tip, &facts, &answers);
	json_decref(answers);
	return withdrawn_wants_reason(&facts);
}

void api_withdraw_tell(struct web *web, net_token conn, const struct tip *tip,
    const json_t *entries)
{
	api_answer(web, conn, 410,
	    json_pack("{s:s, s:s, s:o, s:o}", "error", API_WITHDRAWN, "text",
		API_WITHDRAWN_TEXT, "row", api_row(web, tip), "left",
		withdrawn_left(entries)));
}
