/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A P1 may go to a partner before a second officer has looked at it; one must
 * within the hour. That is written on the case, sealed, so each desk looks for
 * it where it can be: when such a case has changed, and somebody is logged in.
 */
#include <stdlib.h>
#include <string.h>

#include "desk/asked.h"
#include "desk/entry.h"

struct second_look {
	struct tip *tip;
	uint64_t version;
};

/* Until when; 0: nobody is asked. */
static uint64_t until_ms(const json_t *entries)
{
	uint64_t by_ms = 0;
	const json_t *entry;
	size_t i;

	json_array_foreach(entries, i, entry)
	{
		const char *asks =
		    json_string_value(json_object_get(entry, "asks"));

		if (asks != NULL && strcmp(asks, ASKED_AFTERWARDS) == 0 &&
		    !asked_is_over(entries, entry)) {
			by_ms = (uint64_t)(json_integer_value(
					       json_object_get(entry, "at")) +
				    ASKED_AFTERWARDS_S) *
			    1000u;
		}
	}
	return by_ms;
}

static void looked(struct web *web, json_t *entries, void *arg)
{
	struct second_look *look = arg;

	web->seconding = false;
	if (entries != NULL) {
		look->tip->second_by_ms = until_ms(entries);
		look->tip->second_version = look->version;
	}
	json_decref(entries);
	free(look);
}

static bool is_to_look_at(const struct tip *tip)
{
	return tip->state == TIP_OPEN && !tip->is_twin &&
	    tip->now.priority == 1 && tip->now.state >= CASE_REFERRED &&
	    tip->now.state <= CASE_OUTCOME &&
	    tip->second_version != tip->now.version;
}

void web_look_for_seconds(struct web *web)
{
	for (size_t i = 0; !web->seconding && i < tips_count(web->tips); i++) {
		struct tip *tip = tips_at(web->tips, i);
		struct second_look *look;

		if (!is_to_look_at(tip) ||
		    sessions_any(web->sessions) == NULL) {
			continue;
		}
		look = calloc(1, sizeof(*look));
		if (look == NULL) {
			return;
		}
		*look = (struct second_look){ tip, tip->now.version };
		web->seconding = true;
		entry_list(web, tip->id, looked, look);
		return;
	}
}
