/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * How many links each tip has, and what of it waits for a second officer, for
 * the list: that is sealed in entries of the cases, so those are read, one case
 * after the other, while nothing more urgent is on its way.
 */
#include "desk/links.h"

#include <stdlib.h>
#include <string.h>

#include "desk/api.h"
#include "desk/asked.h"

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

/* The version is known to consoles: they look at the row once more. */
static void note_asked(struct web *web, struct tip *tip, const json_t *entries)
{
	const struct tip_asked was = tip->asked;

	asked_sum(entries, tip->now.state, &tip->asked);
	if (was.n != tip->asked.n || was.at_ms != tip->asked.at_ms ||
	    strcmp(was.what, tip->asked.what) != 0) {
		api_tell(web, "case",
		    json_pack("{s:o,s:I}", "id", api_tip_id(tip), "version",
			(json_int_t)tip->now.version));
		api_tell(web, "header", api_header(web));
	}
}

static void counted(struct web *web, json_t *entries, void *arg)
{
	struct tip *tip = ((struct counting *)arg)->tip;
	json_t *links;

	free(arg);
	web->counting = false;
	if (entries == NULL) { /* later */
		tip->wants_links = web->has_uncounted = true;
		return;
	}
	if (tip->state == TIP_OPEN) {
		links = links_of(entries);
		tip->n_links = json_array_size(links);
		json_decref(links);
		note_asked(web, tip, entries);
	}
	json_decref(entries);
	web_links_more(web);
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
