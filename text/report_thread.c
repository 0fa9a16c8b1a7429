/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "text/report_thread.h"

#include <string.h>

#include "text/report_parts.h"

static enum report_part part_of(const json_t *json)
{
	const char *kind = json_string_value(json_object_get(json, "kind"));

	if (kind == NULL || strcmp(kind, "binary") == 0 ||
	    strcmp(kind, "undecodable") == 0) {
		return REPORT_IS_TIP;
	}
	if (strcmp(kind, REPORT_REPLY_KEY) == 0) {
		return REPORT_IS_KEY;
	}
	return strcmp(kind, REPORT_MORE) == 0 ? REPORT_IS_MORE
					      : REPORT_IS_OTHER;
}

static bool wants(const json_t *json, const char *what)
{
	const json_t *wishes = json_object_get(json, "wish");
	bool found = false;

	for (size_t i = 0; i < json_array_size(wishes); i++) {
		const char *wish = json_string_value(json_array_get(wishes, i));

		found = found || (wish != NULL && strcmp(wish, what) == 0);
	}
	return found;
}

bool report_thread(struct bytes doc, struct report_thread *ret_thread)
{
	json_t *json = report_load(doc);
	const json_t *reply = json_object_get(json, "reply");
	struct report_thread thread = { .part = part_of(json) };

	if (json == NULL) {
		return false;
	}
	thread.has_form =
	    report_hex(json, "form", thread.form, sizeof(thread.form));
	if (thread.part == REPORT_IS_MORE) {
		thread.has_mailbox = report_hex(
		    json, "mailbox", thread.mailbox, sizeof(thread.mailbox));
		thread.wants_no_contact = wants(json, "no-contact");
		thread.wants_deletion = wants(json, "delete-messages");
		thread.wants_withdrawal = wants(json, "withdraw");
	} else {
		thread.has_mailbox = report_hex(
		    reply, "mailbox", thread.mailbox, sizeof(thread.mailbox));
		thread.has_key = thread.has_mailbox &&
		    report_hex(reply, "key", thread.key, sizeof(thread.key));
	}
	*ret_thread = thread;
	json_decref(json);
	return true;
}
