/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/htcds_words.h"

#include <stdlib.h>
#include <string.h>

#include "text/plain.h"

/* ---- parts of lines -------------------------------------------------------
 */

/* A text in one line, or the JSON of anything else. */
static void put_plain(struct buf *out, const json_t *value,
    void (*put)(struct buf *, struct bytes))
{
	char *json = NULL;

	if (json_is_string(value)) {
		put(out,
		    bytes_of(
			json_string_value(value), json_string_length(value)));
		return;
	}
	json =
	    json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
	if (json == NULL) {
		out->err = out->err == TL_OK ? TL_ENOMEM : out->err;
	} else {
		put(out, bytes_str(json));
	}
	free(json);
}

static void put_quote(struct buf *out, const json_t *value)
{
	buf_put_str(out, "\u201c");
	put_plain(out, value, plain_line);
	buf_put_str(out, "\u201d");
}

/* Each item of a list, or the one value, in lines of its own. */
static void put_block(struct buf *out, const json_t *value)
{
	const json_t *item;
	size_t i;

	buf_put_str(out, "\n");
	if (!json_is_array(value)) {
		put_plain(out, value, plain_lines);
		return;
	}
	json_array_foreach(value, i, item)
	{
		put_plain(out, item, plain_lines);
	}
}

static bool is_set(const json_t *value)
{
	return !(value == NULL || json_is_null(value) ||
	    (json_is_string(value) && json_string_length(value) == 0));
}

static bool says(const json_t *json, const char *member, const char *word)
{
	return bytes_equal(htcds_case_text(json, member), bytes_str(word));
}

/* ---- safe contact ---------------------------------------------------------
 */

static void put_no_contact(struct buf *out)
{
	/* the words of the console in Khmer */
	buf_put_str(out,
	    "NO CONTACT / កុំទាក់ទង. Do not call, do not write, do not visit"
	    " the reporter: it can put them in danger. Ask the team that sent"
	    " this.\n");
}

/* What is not said is not allowed. */
static void put_way(const struct htcds_case *it, struct buf *out)
{
	const json_t *contact = json_object_get(it->referral, "x_safe_contact");
	const json_t *value = json_object_get(contact, "value");

	buf_put_str(out, "SAFE CONTACT ONLY. ");
	buf_put_str(out,
	    says(contact, "method", "text")       ? "By text message"
		: says(contact, "method", "call") ? "By call"
						  : "In an app");
	buf_put_str(out, ", and in no other way");
	if (is_set(value)) {
		buf_put_str(out, ": ");
		put_quote(out, value);
	}
	buf_put_str(out,
	    says(it->referral, "x_reporter_relation", "self")
		? "\n"
		: "\nThat is who reported, not the person who needs help.\n");
	buf_put_str(out,
	    says(contact, "message", "yes") ? "A message may be left.\n"
					    : "Leave no message.\n");
	buf_put_str(out,
	    says(contact, "say", "yes") ? "You may say who you are.\n"
					: "Do not say who you are.\n");
}

static void put_contact(const struct htcds_case *it, struct buf *out)
{
	static const struct {
		const char *key, *words, *none;
	} rules[] = {
		{ "when",
		    "When it is safe: ", "When it is safe was not said.\n" },
		{ "cover", "If somebody else answers, say: ", NULL },
		{ "safe_word",
		    "Say nothing before you have heard the safe word: ", NULL },
		{ "watched_word",
		    "End it at once at the word for \u201cI am watched\u201d: ",
		    NULL },
	};
	const json_t *contact = json_object_get(it->referral, "x_safe_contact");

	put_way(it, out);
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const json_t *value = json_object_get(contact, rules[i].key);

		if (is_set(value)) {
			buf_put_str(out, rules[i].words);
			put_quote(out, value);
			buf_put_str(out, "\n");
		} else if (rules[i].none != NULL) {
			buf_put_str(out, rules[i].none);
		}
	}
	buf_put_str(out, "Ask again at every contact whether it is safe.\n");
}

/* ---- the rest -------------------------------------------------------------
 */

enum how {
	LINE,  /* words and a short value */
	BLOCK, /* lines of its own */
	FLAG,  /* the words alone, where it is 1 */
	PLACE, /* of it, in one line */
	HIDE,  /* was said in other words */
};

/* In this order; what is not in the table comes after it, by its name. */
static const struct member {
	const char *key;
	enum how how;
	const char *words;
} members[] = {
	{ "x_profile", HIDE, NULL },
	{ "x_ref", LINE, "Reference" },
	{ "x_ctl_RestrictsMovement", FLAG,
	    "RESTRICTED MOVEMENT: people are locked in or cannot leave." },
	{ "x_ctl_ImminentMove", FLAG,
	    "ABOUT TO BE MOVED: people may soon be taken elsewhere." },
	{ "x_ctl_Ransom", FLAG, "RANSOM is asked for." },
	{ "x_exp_ForcedCriminality", FLAG,
	    "FORCED CRIMINALITY: people are made to break the law. They may be"
	    " victims, not suspects." },
	{ "x_person_knows", LINE, "Does the person know of this report?" },
	{ "x_share", LINE, "The reporter\u2019s choice of who may know" },
	{ "x_share_exception", LINE, "Sent by an exception" },
	{ "x_minor", LINE, "Under 18" },
	{ "x_priority", LINE, "Priority" },
	{ "x_created", LINE, "Sent" },
	{ "x_reply_by", LINE, "Please answer by" },
	{ "x_requested_service", BLOCK, "What is asked for" },
	{ "x_summary", BLOCK, "What is known" },
	{ "x_place", PLACE, "Place" },
	{ "x_persons", LINE, "People" },
	{ "x_reporter_relation", LINE, "Who reported" },
	{ "x_promised", BLOCK, "What the reporter was told" },
	{ "x_original", BLOCK, "As it was written" },
	{ "x_lang", LINE, "Language of the report" },
	{ "x_voice_preferred", LINE, "Prefers voice, where contact is safe" },
	{ "x_offenders", BLOCK, "Who does it, by the reporter" },
	{ "x_officials", LINE, "Officials are involved, by the reporter" },
	{ "x_officials_note", BLOCK, "Of officials, by the reporter" },
	{ "x_sender", LINE, "Number that wrote (see above before you use it)" },
	{ "x_ilo", LINE,
	    "ILO indicators of forced labour (an indication, not a legal"
	    " finding)" },
	{ "x_ilo_both_axes", LINE, "ILO indicators on both axes" },
	{ "x_reasons", BLOCK, "Reasons of the priority" },
	{ "x_evidence", BLOCK, "Files that belong to it" },
	{ "x_evidence_until", LINE,
	    "Delete these files when they are done with, and not later than" },
	{ "x_officer", LINE, "Officer" },
	{ "x_second_officer", LINE, "Second officer" },
	{ "x_prev", LINE, "Head of the team\u2019s ledger" },
};

/* One that the table does not have, by its name. */
static void put_named(struct buf *out, const char *key, const json_t *value)
{
	if (is_set(value)) {
		plain_line(out, bytes_str(key));
		buf_put_str(out, ":");
		put_block(out, value);
	}
}

/* Has an object nothing but texts of these names? */
static bool has_only(json_t *object, const char *const *names, size_t n)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		size_t i = 0;

		while (i < n && strcmp(names[i], key) != 0) {
			i++;
		}
		if (i == n || !json_is_string(value)) {
			return false;
		}
	}
	return json_is_object(object);
}

/* Does the line of the place say all of this member? */
static bool is_place(const struct htcds_case *it, const char *key)
{
	static const char *const of_place[] = { "country", "province", "near" };
	static const char *const of_event[] = { "hte_Type", "hte_Country",
		"hte_State", "hte_City" };
	json_t *hte = json_object_get(it->fields, "hte");

	if (strcmp(key, "x_place") == 0) {
		return has_only(
		    json_object_get(it->referral, key), of_place, 3);
	}
	return strcmp(key, "hte") == 0 && json_array_size(hte) == 1 &&
	    has_only(json_array_get(hte, 0), of_event, 4);
}

/* Members of the contact that have a line of their own. */
static bool is_contact(const struct htcds_case *it)
{
	static const char *const known[] = { "method", "value", "when",
		"message", "say", "cover", "safe_word", "watched_word" };
	json_t *contact = json_object_get(it->referral, "x_safe_contact");

	return contact == NULL ||
	    (it->has_contact
		    ? has_only(contact, known, sizeof(known) / sizeof(known[0]))
		    : says(it->referral, "x_safe_contact", "NO CONTACT"));
}

static bool put_places_of(
    struct buf *out, const json_t *json, const char *const names[static 3])
{
	bool behind = false;

	for (size_t i = 0; i < 3; i++) {
		const json_t *value = json_object_get(json, names[i]);

		if (is_set(value) && json_is_string(value)) {
			buf_put_str(out, behind ? ", " : "");
			put_plain(out, value, plain_line);
			behind = true;
		}
	}
	return behind;
}

void htcds_place(const struct htcds_case *it, struct buf *out)
{
	static const char *const of_event[] = { "hte_City", "hte_State",
		"hte_Country" };
	static const char *const of_place[] = { "near", "province", "country" };
	const json_t *hte = json_object_get(it->fields, "hte");

	if (!put_places_of(out, json_array_get(hte, 0), of_event)) {
		(void)put_places_of(
		    out, json_object_get(it->referral, "x_place"), of_place);
	}
}

static void put_place_line(const struct htcds_case *it, struct buf *out)
{
	size_t before = out->len;

	buf_put_str(out, "Place: ");
	if (out->err == TL_OK) {
		size_t named = out->len;

		htcds_place(it, out);
		if (out->len == named) {
			out->len = before; /* none is known */
			return;
		}
	}
	buf_put_str(out, "\n");
}

static void put_member(
    const struct htcds_case *it, const struct member *member, struct buf *out)
{
	const json_t *value = json_object_get(it->referral, member->key);

	switch (member->how) {
	case LINE:
		if (is_set(value)) {
			buf_put_str(out, member->words);
			buf_put_str(out, ": ");
			put_plain(out, value, plain_line);
			buf_put_str(out, "\n");
		}
		break;
	case BLOCK:
		if (is_set(value)) {
			buf_put_str(out, member->words);
			buf_put_str(out, ":");
			put_block(out, value);
		}
		break;
	case FLAG:
		if (json_integer_value(value) == 1 || json_is_true(value)) {
			buf_put_str(out, member->words);
			buf_put_str(out, "\n");
		} else if (!json_is_false(value) &&
		    !(json_is_integer(value) &&
			json_integer_value(value) == 0)) {
			put_named(out, member->key, value);
		}
		break;
	case PLACE:
		put_place_line(it, out);
		if (!is_place(it, member->key)) {
			put_named(out, member->key, value);
		}
		break;
	case HIDE:
		break;
	}
}

static bool is_in_table(const char *key)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (strcmp(members[i].key, key) == 0) {
			return true;
		}
	}
	return false;
}

static void put_fields(const struct htcds_case *it,
    bool (*has_place)(const char *), struct buf *out)
{
	const char *key;
	json_t *value;

	json_object_foreach(it->fields, key, value)
	{
		if (strcmp(key, "cas_IncomingReferralDetails") != 0 &&
		    !has_place(key) && !is_place(it, key)) {
			put_named(out, key, value);
		}
	}
}

void htcds_words(const struct htcds_case *it, bool (*has_place)(const char *),
    struct buf *out)
{
	json_t *details =
	    json_object_get(it->referral, "cas_IncomingReferralDetails");
	const char *key;
	json_t *value;

	if (it->has_contact) {
		put_contact(it, out);
	} else {
		put_no_contact(out);
	}
	if (it->unchecked) {
		buf_put_str(
		    out, "WHO SENT THIS WAS NOT CHECKED: it may be forged.\n");
	}
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		put_member(it, &members[i], out);
	}
	if (!json_equal(details, json_object_get(it->referral, "x_summary"))) {
		put_named(out, "cas_IncomingReferralDetails", details);
	}
	put_fields(it, has_place, out);
	json_object_foreach(it->other, key, value)
	{
		if (strcmp(key, "cas_IncomingReferralDetails") != 0) {
			put_named(out, key, value);
		}
	}
	json_object_foreach(it->referral, key, value)
	{
		if (strncmp(key, "x_", 2) == 0 && !is_in_table(key) &&
		    strcmp(key, "x_other") != 0 &&
		    !(strcmp(key, "x_safe_contact") == 0 && is_contact(it))) {
			put_named(out, key, value);
		}
	}
	if (buf_err(out) == TL_OK) {
		out->len--; /* the end of the last line */
	}
}
