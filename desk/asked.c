/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/asked.h"

#include <stdio.h>
#include <string.h>

static const char *text_of(const json_t *json, const char *name)
{
	const char *text = json_string_value(json_object_get(json, name));

	return text == NULL ? "" : text;
}

static bool is_question(const json_t *entry)
{
	return strcmp(text_of(entry, "kind"), "ask-second") == 0;
}

static json_int_t id_of(const json_t *entry)
{
	return json_integer_value(json_object_get(entry, "id"));
}

/* A second officer has looked at what left: no event ends that. */
static bool was_looked_at(const json_t *entries, const json_t *asked)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(entries, i, entry)
	{
		if (strcmp(text_of(entry, "kind"), "post-approval") == 0 &&
		    json_integer_value(json_object_get(entry, "asked")) ==
			id_of(asked)) {
			return true;
		}
	}
	return false;
}

bool asked_is_over(const json_t *entries, const json_t *asked)
{
	const char *asks = text_of(asked, "asks");
	const json_t *entry;
	size_t i;

	if (strcmp(asks, ASKED_AFTERWARDS) == 0) {
		return was_looked_at(entries, asked);
	}
	json_array_foreach(entries, i, entry)
	{
		bool is_anew = is_question(entry) &&
		    strcmp(text_of(entry, "asks"), asks) == 0;

		if (id_of(entry) > id_of(asked) &&
		    (is_anew || strcmp(text_of(entry, "event"), "NOTE") != 0)) {
			return true;
		}
	}
	return false;
}

json_t *asked_of(const json_t *entries)
{
	json_t *list = json_array();
	json_t *entry;
	size_t i;

	json_array_foreach(entries, i, entry)
	{
		if (is_question(entry) && !asked_is_over(entries, entry)) {
			(void)json_array_append(list, entry);
		}
	}
	return list;
}

/* The first one is told of. */
static void add(struct tip_asked *sum, const json_t *entry, const char *what)
{
	if (sum->n++ == 0) {
		(void)snprintf(sum->what, sizeof(sum->what), "%s", what);
		(void)snprintf(
		    sum->who, sizeof(sum->who), "%s", text_of(entry, "who"));
		sum->at_ms =
		    (uint64_t)json_integer_value(json_object_get(entry, "at")) *
		    1000u;
	}
}

void asked_sum(
    const json_t *entries, enum case_state state, struct tip_asked *ret)
{
	struct tip_asked sum = { .n = 0 };
	json_t *list = asked_of(entries);
	const json_t *submitted = NULL;
	const json_t *entry;
	size_t i;

	json_array_foreach(list, i, entry)
	{
		add(&sum, entry, text_of(entry, "asks"));
	}
	json_array_foreach(entries, i, entry)
	{
		if (strcmp(text_of(entry, "event"), "SUBMIT") == 0) {
			submitted = entry;
		}
	}
	if (state == CASE_REF_APPROVAL) {
		add(&sum, submitted, "APPROVE");
	}
	json_decref(list);
	*ret = sum;
}
