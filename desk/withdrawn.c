/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/withdrawn.h"

#include <string.h>

#include "base/wipe.h"
#include "crypto/hash.h"
#include "desk/gate.h"
#include "sms/gateway.h"

static const char *text_of(const json_t *json, const char *name)
{
	const char *text = json_string_value(json_object_get(json, name));

	return text == NULL ? "" : text;
}

/* Those of these names, ended by NULL. */
static void copy_named(json_t *to, const json_t *from, const char *const *names)
{
	for (; *names != NULL; names++) {
		json_t *value = json_object_get(from, *names);

		if (value != NULL) {
			(void)json_object_set(to, *names, value);
		}
	}
}

/* ---- of a report --------------------------------------------------------- */

/* What concerns all of its sender's; else words on what was written. */
static bool is_kept_flag(const char *flag)
{
	return flag != NULL &&
	    (strcmp(flag, "stop") == 0 || strcmp(flag, "no contact") == 0 ||
		strcmp(flag, sms_flag_name(SMS_FLAG_OPT_STOP)) == 0);
}

static json_t *flags_of(const json_t *report)
{
	json_t *flags = json_array();
	json_t *flag;
	size_t i;

	json_array_foreach(json_object_get(report, "flags"), i, flag)
	{
		if (is_kept_flag(json_string_value(flag))) {
			(void)json_array_append(flags, flag);
		}
	}
	return flags;
}

/* Of what was sent more than once, the last. */
static const char *answer_of(const json_t *report, const char *name)
{
	const json_t *value =
	    json_object_get(json_object_get(report, "answers"), name);
	size_t n = json_array_size(value);

	return json_string_value(n > 0 ? json_array_get(value, n - 1) : value);
}

/* That nobody is to contact them stays so. */
static json_t *answers_of(const json_t *report)
{
	const char *contact = answer_of(report, "contact");

	return contact != NULL && strcmp(contact, "1") == 0
	    ? json_pack("{s:s}", "contact", "1")
	    : json_object();
}

json_t *withdrawn_report(const json_t *report)
{
	static const char *const names[] = { "v", "id", "kind", "received",
		"channel", "lang", "form", "mailbox", "reply", "wish",
		"priority", NULL };
	const char *watched = answer_of(report, "contact_watched");
	const char *province = answer_of(report, "where_province");
	json_t *left = json_pack("{s:b, s:s, s:o, s:o, s:s*, s:s*}",
	    "withdrawn", 1, "text", "", "answers", answers_of(report), "flags",
	    flags_of(report), "watched", watched, "province", province);

	if (left != NULL) {
		copy_named(left, report, names);
	}
	return left;
}

const char *withdrawn_watched(const json_t *report)
{
	return json_string_value(json_object_get(report, "watched"));
}

const char *withdrawn_province(const json_t *report)
{
	return json_string_value(json_object_get(report, "province"));
}

bool withdrawn_has_words(const json_t *report)
{
	return text_of(report, "text")[0] != '\0' ||
	    json_object_size(json_object_get(report, "answers")) > 0 ||
	    json_array_size(json_object_get(report, "attachments")) > 0;
}

/* ---- of entries ---------------------------------------------------------- */

static json_int_t version_of(const json_t *entry)
{
	return json_integer_value(json_object_get(entry, "version"));
}

/* That somebody must not be contacted stays, and the word by which somebody
 * says so; it is shown to nobody. */
static json_t *safe_of(const json_t *entry)
{
	static const char *const names[] = { "no_contact", "watched_word",
		NULL };
	const json_t *safe = json_object_get(entry, "safe");
	json_t *left = json_is_object(safe) ? json_object() : NULL;

	if (left != NULL) {
		copy_named(left, safe, names);
	}
	return left;
}

static json_t *file_of(const json_t *file)
{
	static const char *const names[] = { "name", "bytes", NULL };
	json_t *left = json_is_object(file) ? json_object() : NULL;

	if (left != NULL) {
		copy_named(left, file, names);
	}
	return left;
}

/* What was recalled: to whom it had gone. */
static json_t *recalled_of(const json_t *entry)
{
	static const char *const names[] = { "ref", "partner", "partner_name",
		NULL };
	const json_t *recalled = json_object_get(entry, "left");
	json_t *left = json_is_object(recalled) ? json_object() : NULL;
	json_t *files = left == NULL ? NULL : json_array();
	const json_t *file;
	size_t i;

	json_array_foreach(json_object_get(recalled, "files"), i, file)
	{
		(void)json_array_append_new(files, file_of(file));
	}
	if (left != NULL) {
		copy_named(left, recalled, names);
		(void)json_object_set_new(left, "files", files);
	}
	return left;
}

static void set_if(json_t *json, const char *name, json_t *value)
{
	if (value != NULL) {
		(void)json_object_set_new(json, name, value);
	}
}

/* What was done when by whom, codes, and what the machine goes by: that a text
 * was sent is not sent again, a question that was answered is over. */
static void empty_entry(json_t *entry)
{
	static const char *const names[] = { "event", "id", "version", "at_ms",
		"state", "priority", "owner", "kind", "at", "who", "second",
		"for", "sealed", "forged", "asked", "asks", "status", "told",
		"disposition", "outcome", "ref", "partner", "partner_name",
		"once", "desk", "auto", "handover", "from", "to", NULL };
	json_t *left = json_pack("{s:b}", "withdrawn", 1);

	copy_named(left, entry, names);
	set_if(left, "safe", safe_of(entry));
	set_if(left, "file", file_of(json_object_get(entry, "file")));
	set_if(left, "left", recalled_of(entry));
	(void)json_object_clear(entry);
	(void)json_object_update(entry, left);
	json_decref(left);
}

void withdrawn_entries(json_t *entries, bool is_taken_back)
{
	json_int_t last = is_taken_back ? INT64_MAX : -1;
	json_t *entry;
	bool is_known = false;
	size_t i;

	json_array_foreach(entries, i, entry)
	{
		if (strcmp(text_of(entry, "state"),
			case_state_name(CASE_WITHDRAWN)) == 0 &&
		    (!is_known || version_of(entry) > last)) {
			last = version_of(entry);
			is_known = true;
		}
	}
	json_array_foreach(entries, i, entry)
	{
		if (version_of(entry) <= last) {
			empty_entry(entry);
		}
	}
}

static bool is_kind(const json_t *entry, const char *kind)
{
	return strcmp(text_of(entry, "kind"), kind) == 0;
}

/* That of this reference; NULL: there is none. */
static json_t *referral_in(const json_t *list, const char *ref)
{
	json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		if (strcmp(text_of(one, "ref"), ref) == 0) {
			return one;
		}
	}
	return NULL;
}

static void add_referral(
    json_t *left, const json_t *referral, const json_t *entry)
{
	static const char *const names[] = { "ref", "partner", "partner_name",
		NULL };
	json_t *one = json_pack("{s:O?, s:O?, s:o}", "at_ms",
	    json_object_get(entry, "at_ms"), "who",
	    json_object_get(entry, "who"), "files", json_array());

	copy_named(one, referral, names);
	(void)json_array_append_new(left, one);
}

static void add_file(json_t *left, const json_t *entry)
{
	const json_t *one = referral_in(left, text_of(entry, "ref"));
	json_t *file = file_of(json_object_get(entry, "file"));

	if (one != NULL && file != NULL) {
		(void)json_array_append(json_object_get(one, "files"), file);
	}
	json_decref(file);
}

/* A ledger may have them in another order. */
json_t *withdrawn_left(const json_t *entries)
{
	json_t *left = json_array(), *ordered = json_array();
	const json_t *entry;
	json_t *referral;
	size_t i;

	json_array_foreach(entries, i, entry)
	{
		if (is_kind(entry, "referral")) {
			(void)json_array_append(
			    ordered, json_array_get(entries, i));
		}
	}
	json_array_foreach(entries, i, entry)
	{
		referral = is_kind(entry, "referral-sent")
		    ? referral_in(ordered, text_of(entry, "ref"))
		    : NULL;
		if (referral != NULL) {
			add_referral(left, referral, entry);
		}
	}
	json_array_foreach(entries, i, entry)
	{
		if (is_kind(entry, "referral-file")) {
			add_file(left, entry);
		}
	}
	json_decref(ordered);
	return left;
}

/* ---- its events ---------------------------------------------------------- */

void withdrawn_event_id(struct bytes doc,
    const uint8_t id[static CASE_ID_BYTES],
    uint8_t ret_id[static CASE_ID_BYTES])
{
	uint8_t key[HASH_BYTES];

	hash_bytes(key, doc.at, doc.len);
	hash_keyed(ret_id, CASE_ID_BYTES, key, id, CASE_ID_BYTES);
	wipe(key, sizeof(key));
}

/* ---- whether it may be --------------------------------------------------- */

#define SAYS_NO        3u
#define NOW_SOON       2u
#define URGENT_AT_MOST 2u

/* An officer has let something go by this exception. */
static bool has_exception(const json_t *entries, enum gate_exception exception)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(entries, i, entry)
	{
		if (is_kind(entry, "referral") &&
		    strcmp(
			text_of(json_object_get(entry, "request"), "exception"),
			gate_exception_name(exception)) == 0) {
			return true;
		}
	}
	return false;
}

bool withdrawn_wants_reason(const struct facts *facts)
{
	return facts->minor != SAYS_NO;
}

enum withdrawn_no withdrawn_judge(const struct withdrawn_case *it)
{
	const struct facts *facts = it->facts;

	if (!it->is_asked) {
		return WITHDRAWN_NOT_ASKED;
	}
	if (facts->minor == 1 || facts->minor == 2 ||
	    has_exception(it->entries, GATE_UNDER_18)) {
		return WITHDRAWN_CHILD;
	}
	if (facts->now == 1 || facts->now == NOW_SOON ||
	    has_exception(it->entries, GATE_IMMINENT_DANGER)) {
		return WITHDRAWN_DANGER;
	}
	if (it->priority <= URGENT_AT_MOST) {
		return WITHDRAWN_URGENT;
	}
	if (withdrawn_wants_reason(facts) && !it->has_reason) {
		return WITHDRAWN_AGE;
	}
	return it->has_copies ? WITHDRAWN_COPIES : WITHDRAWN_YES;
}

static const struct {
	const char *word, *text;
} answers[WITHDRAWN_NO_MAX + 1] = {
	[WITHDRAWN_YES] = { "done", "done" },
	[WITHDRAWN_NOT_ASKED] = { "not-asked",
	    "The reporter has not asked for that: who wrote takes it back." },
	[WITHDRAWN_CHILD] = { "under-18",
	    "Somebody is under 18, or may be: what was said of a child is not "
	    "taken back." },
	[WITHDRAWN_AGE] = { "age",
	    "Nobody has said that all are 18 or older: ask the reporter. If "
	    "you know it, say in the reason how." },
	[WITHDRAWN_DANGER] = { "danger",
	    "Somebody is in danger, now or in a day or two: that is not taken "
	    "back." },
	[WITHDRAWN_URGENT] = { "urgent",
	    "It is P1 or P2, so a life may be in danger: that is not taken "
	    "back. If the priority is wrong, change it first, with its "
	    "reason." },
	[WITHDRAWN_COPIES] = { "copies",
	    "Other tips are duplicates of this one, and their reporters have "
	    "not taken them back: take the links away first." },
};

const char *withdrawn_word(enum withdrawn_no no)
{
	return answers[no].word;
}

const char *withdrawn_text(enum withdrawn_no no)
{
	return answers[no].text;
}
