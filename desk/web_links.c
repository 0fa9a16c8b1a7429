/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * How many links each tip has, for the list: they are sealed in entries of the
 * cases, so those are read, one case after the other, while nothing more
 * urgent is on its way.
 */
#include "desk/links.h"

#include <stdlib.h>

#include "desk/api.h"

/* RECEIVE and SCORE: nobody has written anything yet. */
#define UNTOUCHED_VERSION 2u

struct counting {
	struct tip *tip;
};

void web_links_want(struct web *web, struct tip *tip)
{
	if (tip->now.version > UNTOUCHED_VERSION) {
		tip->wants_links = web->has_uncounted = true;
	}
}

static void counted(struct web *web, json_t *entries, void *arg)
{
	struct counting counting = *(struct counting *)arg;
	json_t *links = entries == NULL ? NULL : links_of(entries);

	free(arg);
	web->counting = false;
	if (links != NULL && counting.tip->state == TIP_OPEN) {
		counting.tip->n_links = json_array_size(links);
	}
	json_decref(links);
	json_decref(entries);
	if (entries != NULL) {
		web_links_more(web);
	}
}

static struct tip *next_of(struct web *web)
{
	size_t n = tips_count(web->tips);

	for (size_t i = 0; i < n; i++) {
		struct tip *tip = tips_at(web->tips, (web->counted_at + i) % n);

		if (tip->wants_links && tip->state == TIP_OPEN) {
			web->counted_at = tip->at + 1;
			return tip;
		}
	}
	return NULL;
}

void web_links_more(struct web *web)
{
	struct counting *counting;
	struct tip *tip;

	if (!web->has_uncounted || web->counting || web->opening > 0 ||
	    sessions_any(web->sessions) == NULL) {
		return;
	}
	tip = next_of(web);
	counting = tip == NULL ? NULL : calloc(1, sizeof(*counting));
	if (counting == NULL) {
		web->has_uncounted = tip != NULL;
		return;
	}
	tip->wants_links = false;
	counting->tip = tip;
	web->counting = true;
	entry_list(web, tip->id, counted, counting);
}
