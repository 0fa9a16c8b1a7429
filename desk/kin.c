/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/kin.h"

#include <stdlib.h>

#include "base/wipe.h"
#include "desk/entry.h"
#include "desk/reach.h"

struct asking {
	struct tip *kin[REACH_KIN_MAX];
	size_t n, at;
	enum kin_word word;
	kin_fn fn;
	void *arg;
};

static void next(struct web *web, struct asking *asking);

static enum kin_word word_of(const json_t *entries)
{
	if (entries == NULL) {
		return KIN_UNKNOWN;
	}
	if (reach_has_unread(entries)) {
		return KIN_SEALED;
	}
	return reach_says_no_contact(entries) ? KIN_NO_CONTACT : KIN_SILENT;
}

static void listed(struct web *web, json_t *entries, void *arg)
{
	struct asking *asking = arg;
	enum kin_word word = word_of(entries);

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
