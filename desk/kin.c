/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/kin.h"

#include <stdlib.h>

#include "base/wipe.h"
#include "desk/entry.h"
#include "desk/parts.h"
#include "desk/reach.h"
#include "text/json_memory.h"

struct asking {
	struct tip *kin[REACH_KIN_MAX];
	size_t n, at;
	enum kin_word word;
	kin_fn fn;
	void *arg;
};

static void next(struct web *web, struct asking *asking);

static enum kin_word word_of(
    const struct web *web, const struct tip *kin, const json_t *entries)
{
	unsigned lacks = json_memory_lacks();
	struct parts_wishes wishes;
	bool says, lost = false;

	if (entries == NULL) {
		return KIN_UNKNOWN;
	}
	if (reach_has_unread(entries)) {
		return KIN_SEALED;
	}
	wishes = parts_wishes(web, kin);
	says = wishes.no_contact || wishes.stop ||
	    reach_says_no_contact(entries) ||
	    reach_is_watched(web, kin, entries, &lost);
	if (says) {
		return KIN_NO_CONTACT;
	}
	return lost || json_memory_lacks() != lacks ? KIN_UNKNOWN : KIN_SILENT;
}

static void listed(struct web *web, json_t *entries, void *arg)
{
	struct asking *asking = arg;
	enum kin_word word = word_of(web, asking->kin[asking->at - 1], entries);

	asking->word = word > asking->word ? word : asking->word;
	json_decref(entries);
	next(web, asking);
}

static void next(struct web *web, struct asking *asking)
{
	if (asking->word < KIN_MANY && asking->at < asking->n) {
		entry_list(web, asking->kin[asking->at++]->id, listed, asking);
		return;
	}
	asking->fn(web, asking->word, asking->arg);
	free(asking);
}

void kin_ask(struct web *web, const struct tip *tip, const json_t *entries,
    kin_fn fn, void *arg)
{
	struct asking *asking = calloc(1, sizeof(*asking));
	struct contact_case contact = { 0 };
	struct reach reach;
	bool lost = false;

	if (asking == NULL) {
		fn(web, KIN_UNKNOWN, arg);
		return;
	}
	reach_of(web, tip, entries, &reach, &contact);
	asking->n = reach_kin(web, tip, &reach, asking->kin, &lost);
	asking->word = contact.not_heard || lost ? KIN_UNKNOWN
	    : asking->n > REACH_KIN_MAX          ? KIN_MANY
						 : KIN_SILENT;
	asking->fn = fn;
	asking->arg = arg;
	wipe(&reach, sizeof(reach));
	next(web, asking);
}
