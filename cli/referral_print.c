/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/referral_print.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "text/plain.h"

static void print_value(const json_t *value)
{
	const char *text = json_string_value(value);
	char *json = NULL;
	struct buf out;

	buf_init(&out, 4u * 1024u * 1024u);
	if (text == NULL) {
		json = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
		text = json == NULL ? "?" : json;
	}
	plain_lines(&out, bytes_of((const uint8_t *)text, strlen(text)));
	(void)fwrite(out.data, 1, out.len, stdout);
	buf_free(&out);
	free(json);
}

/* In this order; what is not in the table comes after it, by its name. */
static const struct {
	const char *key, *words;
} members[] = {
	{ "x_ref", "Reference" },
	{ "x_priority", "Priority" },
	{ "x_created", "Sent" },
	{ "x_reply_by", "Please answer by" },
	{ "x_safe_contact", "Safe contact" },
	{ "x_share", "The reporter's choice" },
	{ "x_share_exception", "Sent by an exception" },
	{ "x_summary", "What is known" },
	{ "x_original", "As it was written" },
	{ "x_place", "Place" },
	{ "x_persons", "People" },
	{ "x_minor", "Under 18" },
	{ "x_requested_service", "What is asked for" },
	{ "x_promised", "What the reporter was told" },
	{ "x_evidence", "Files that belong to it" },
	{ "x_evidence_until",
	    "Delete these files when they are done with, and "
	    "not later than" },
};

static bool is_in_table(const char *key)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (strcmp(members[i].key, key) == 0) {
			return true;
		}
	}
	return false;
}

void referral_print(json_t *referral)
{
	const char *key;
	json_t *value;

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		value = json_object_get(referral, members[i].key);
		if (value != NULL) {
			(void)printf("%s\n", members[i].words);
			print_value(value);
		}
	}
	json_object_foreach(referral, key, value)
	{
		if (!is_in_table(key)) {
			json_t *name = json_string_nocheck(key);

			print_value(name);
			print_value(value);
			json_decref(name);
		}
	}
}
