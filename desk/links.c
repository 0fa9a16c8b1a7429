/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/links.h"

#include <string.h>

bool links_is_kind(struct bytes word)
{
	static const char *const kinds[] = { "same event", "same place",
		"same offender", "update" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (bytes_equal(word, bytes_str(kinds[i]))) {
			return true;
		}
	}
	return false;
}

static bool is_kind(const json_t *entry, const char *kind)
{
	const char *has = json_string_value(json_object_get(entry, "kind"));

	return has != NULL && strcmp(has, kind) == 0;
}

/* Take out those to this tip; of this kind alone, unless it is NULL. */
static void take_out(json_t *links, const json_t *id, const json_t *kind)
{
	for (size_t i = json_array_size(links); i-- > 0;) {
		const json_t *link = json_array_get(links, i);

		if (json_equal(json_object_get(link, "id"), id) &&
		    (kind == NULL ||
			json_equal(json_object_get(link, "kind"), kind))) {
			(void)json_array_remove(links, i);
		}
	}
}

json_t *links_of(const json_t *entries)
{
	json_t *links = json_array();
	const json_t *entry;
	size_t i;

	json_array_foreach(entries, i, entry)
	{
		const json_t *id = json_object_get(entry, "target");
		const json_t *kind = json_object_get(entry, "link");

		if (!json_is_string(id)) {
			continue;
		}
		if (is_kind(entry, "unlink")) {
			take_out(links, id, NULL);
		} else if (is_kind(entry, "link") && json_is_string(kind)) {
			take_out(links, id, kind);
			(void)json_array_append_new(links,
			    json_pack("{s:O,s:O,s:O?,s:O?}", "id", id, "kind",
				kind, "who", json_object_get(entry, "who"),
				"at", json_object_get(entry, "at")));
		}
	}
	return links;
}
