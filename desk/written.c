/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/written.h"

#include <string.h>

bool written_is_unread(const json_t *entry)
{
	return json_object_get(entry, "sealed") != NULL ||
	    json_object_get(entry, "forged") != NULL;
}

void written_take(const json_t *entries, struct gate_case *gate)
{
	json_int_t asked = -1, unread = -1; /* versions of the newest */
	const json_t *entry;
	size_t i;

	json_array_foreach(entries, i, entry)
	{
		const char *kind =
		    json_string_value(json_object_get(entry, "kind"));
		json_int_t version =
		    json_integer_value(json_object_get(entry, "version"));

		if (written_is_unread(entry)) {
			unread = version > unread ? version : unread;
			gate->officials_involved = true;
		} else if (kind == NULL) {
			;
		} else if (strcmp(kind, "consent") == 0 && version >= asked) {
			asked = version;
			gate->asked =
			    json_is_true(json_object_get(entry, "agreed"))
			    ? GATE_AGREED
			    : GATE_REFUSED;
		} else if (strcmp(kind, "officials") == 0) {
			gate->officials_involved = true;
		}
	}
	gate->unread = unread > asked;
}
