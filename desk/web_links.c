/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * How many links each tip has, and what of it waits for a second officer, for
 * the list: that is sealed in entries of the cases, so those are read, one case
 * after the other, while nothing more urgent is on its way. By the same entries
 * the reporter's page is told how it stands.
 */
#include "desk/links.h"

#include <stdlib.h>
#include <string.h>

#include "desk/api.h"
#include "desk/asked.h"

struct counting {
	struct tip *tip;
	uint64_t version; /* of its case, then */
};

void web_links_want(struct web *web, struct tip *tip)
{
	if (!tip_is_untouched(tip)) {
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

/* Also of a tip that cannot be opened the entries can be. */
static bool is_to_count(const struct tip *tip)
{
	return tip->wants_links &&
	    (tip->state == TIP_OPEN || tip->state == TIP_FAULT);
}

static void counted(struct web *web, json_t *entries, void *arg)
{
	struct counting *counting = arg;
	struct tip *tip = counting->tip;
	bool is_newest = tip->now.version == counting->version;
	json_t *links;

	free(counting);
	web->counting = false;
	if (entries == NULL || sessions_any(web->sessions) == NULL) {
		json_decref(entries);
		return; /* later */
	}
	if (is_to_count(tip)) {
		tip->wants_links = !is_newest;
		links = links_of(entries);
		tip->n_links = json_array_size(links);
		json_decref(links);
		note_asked(web, tip, entries);
		if (is_newest) {
			web_status_take(web, tip, entries);
		}
	}
	json_decref(entries);
	web_links_more(web);
}

static struct tip *next_of(struct web *web)
{
	size_t n = tips_count(web->tips);

	for (size_t i = 0; i < n; i++) {
		struct tip *tip = tips_at(web->tips, (web->counted_at + i) % n);

		if (is_to_count(tip)) {
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

	if (!web->has_uncounted || web->counting || web->saying ||
	    web->opening > 0 || sessions_any(web->sessions) == NULL) {
		return;
	}
	tip = next_of(web);
	if (tip == NULL) {
		web->has_uncounted = false;
		api_tell(web, "header", api_header(web));
		return;
	}
	counting = calloc(1, sizeof(*counting));
	if (counting == NULL) {
		return;
	}
	*counting = (struct counting){ tip, tip->now.version };
	web->counting = true;
	entry_list(web, tip->id, counted, counting);
}
