/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/referral.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/enc.h"
#include "desk/coding.h"
#include "desk/htcds.h"
#include "text/report_parts.h"

/* A member that could not be set is TL_ENOMEM, told once at the end. */
struct object {
	json_t *json;
	bool failed;
};

static void put(struct object *object, const char *key, json_t *value)
{
	if (json_object_set_new(object->json, key, value) != 0) {
		object->failed = true;
	}
}

static void put_text(struct object *object, const char *key, const char *text)
{
	if (text != NULL && text[0] != '\0') {
		put(object, key, json_string(text));
	}
}

/* One of a few words by its number; nothing for 0. */
static void put_word(struct object *object, const char *key,
    const char *const *words, size_t n, unsigned value)
{
	if (value < n && words[value] != NULL) {
		put(object, key, json_string(words[value]));
	}
}

static void put_time(struct object *object, const char *key, int64_t at_s)
{
	char text[32];
	time_t at = (time_t)at_s;
	struct tm tm;

	if (at_s != 0 && gmtime_r(&at, &tm) != NULL &&
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) > 0) {
		put(object, key, json_string(text));
	}
}

static const char *answer(const struct referral *referral, const char *name)
{
	return json_string_value(json_object_get(referral->answers, name));
}

/* ---- parts of it ----------------------------------------------------------
 */

static void put_reasons(struct object *out, const struct referral *referral)
{
	const json_t *rules = json_object_get(referral->doc, "rules");
	json_t *list = json_array();

	for (size_t i = 0; i < json_array_size(rules); i++) {
		const json_t *rule = json_array_get(rules, i);
		const char *name =
		    json_string_value(json_object_get(rule, "rule"));
		const char *text =
		    json_string_value(json_object_get(rule, "text"));

		if (name != NULL && text != NULL &&
		    json_array_append_new(list,
			json_pack("{s:s, s:s}", "rule", name, "text", text)) !=
			0) {
			out->failed = true;
		}
	}
	put(out, "x_reasons", list);
}

static void put_place(struct object *out, const struct referral *referral)
{
	static const char *const countries[] = { NULL, "KH", "TH", "CN", "MY",
		"VN", "MM", "LA", "at sea", "other" };
	struct object place = { .json = json_object() };
	const struct facts *facts = referral->facts;
	char province[12];

	put_word(&place, "country", countries, 10, facts->country);
	if (facts->province != 0) {
		(void)snprintf(
		    province, sizeof(province), "%02u", facts->province);
		put_text(&place, "province", province);
	}
	if ((referral->include & REFERRAL_NEAR) != 0) {
		put_text(&place, "near", answer(referral, "where_near"));
	}
	out->failed = out->failed || place.failed;
	put(out, "x_place", place.json);
}

static void put_indicators(struct object *out, const struct referral *referral)
{
	static const struct {
		const char *key;
		uint32_t of_ind, of_work;
	} flags[] = {
		{ "x_ctl_RestrictsMovement", UINT32_C(1) << IND_LOCK, 0 },
		{ "x_ctl_ImminentMove", UINT32_C(1) << IND_MOVE, 0 },
		{ "x_ctl_Ransom", UINT32_C(1) << IND_RANSOM, 0 },
		{ "x_exp_ForcedCriminality", 0, UINT32_C(1) << WORK_SCAM },
	};
	struct facts facts = *referral->facts;
	json_t *list = json_array();
	uint32_t ilo;

	coding_apply(referral->codes, &facts);
	ilo = facts_ilo(&facts);
	for (unsigned i = 1; i <= FACTS_ILO_LAST; i++) {
		if ((ilo & (UINT32_C(1) << i)) != 0 &&
		    json_array_append_new(list, json_integer((int)i)) != 0) {
			out->failed = true;
		}
	}
	put(out, "x_ilo", list);
	put(out, "x_ilo_both_axes", json_boolean(facts_both_axes(&facts)));
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		bool seen = (facts.ind & flags[i].of_ind) != 0 ||
		    (facts.work & flags[i].of_work) != 0;

		put(out, flags[i].key, json_integer(seen ? 1 : 0));
	}
}

static void put_contact(struct object *out, const struct referral *referral)
{
	static const char *const methods[] = { NULL, NULL, "text", "call",
		"app" };
	static const char *const yes_no[] = { NULL, "yes", "no" };
	static const struct {
		const char *key, *name;
	} texts[] = {
		{ "value", "contact_number" },
		{ "when", "contact_when" },
		{ "cover", "contact_cover" },
		{ "safe_word", "contact_safeword" },
		{ "watched_word", "contact_watched" },
	};
	struct object contact = { .json = json_object() };
	unsigned method = referral->facts->contact;

	if ((referral->include & REFERRAL_CONTACT) == 0 || method < 2 ||
	    method > 4) {
		json_decref(contact.json);
		put_text(out, "x_safe_contact", "NO CONTACT");
		return;
	}
	put_word(&contact, "method", methods, 5, method);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		put_text(
		    &contact, texts[i].key, answer(referral, texts[i].name));
	}
	for (unsigned i = 1; i < 3; i++) {
		const char digit[] = { (char)('0' + i), '\0' };
		const char *message = answer(referral, "contact_message");
		const char *say = answer(referral, "contact_say");

		if (message != NULL && strcmp(message, digit) == 0) {
			put_word(&contact, "message", yes_no, 3, i);
		}
		if (say != NULL && strcmp(say, digit) == 0) {
			put_word(&contact, "say", yes_no, 3, i);
		}
	}
	out->failed = out->failed || contact.failed;
	put(out, "x_safe_contact", contact.json);
}

static void put_choices(struct object *out, const struct facts *facts)
{
	static const char *const shares[] = { "ask-first", "police-and-helpers",
		"helpers-only", "ask-first", "nobody-yet" };
	static const char *const relations[] = { "unknown", "self", "known",
		"known", "bystander", "professional" };
	static const char *const persons[] = { "unknown", "1", "2-5", "6-20",
		"20+" };
	static const char *const minors[] = { "unknown", "yes", "maybe", "no" };
	static const char *const knows[] = { "unknown", "yes", "no" };

	put_word(out, "x_share", shares, 5, facts->share);
	put_word(out, "x_reporter_relation", relations, 6,
	    facts->who == 9 ? 0 : facts->who);
	put_word(
	    out, "x_persons", persons, 5, facts->count == 9 ? 0 : facts->count);
	put_word(
	    out, "x_minor", minors, 4, facts->minor == 9 ? 0 : facts->minor);
	put_word(out, "x_person_knows", knows, 3, facts->share_knows);
}

static enum tl_err put_original(
    struct object *out, const struct referral *referral)
{
	const json_t *text = report_words(referral->doc);
	struct buf black;
	enum tl_err err;

	if ((referral->include & REFERRAL_ORIGINAL) == 0 ||
	    json_string_length(text) == 0) {
		return TL_OK;
	}
	buf_init(&black, REFERRAL_MAX_BYTES);
	err = redact_text(bytes_of((const uint8_t *)json_string_value(text),
			      json_string_length(text)),
	    referral->spans, referral->n_spans, &black);
	if (err == TL_OK) {
		put(out, "x_original",
		    json_stringn((const char *)black.data, black.len));
	}
	buf_free(&black);
	return err;
}

/* What names people or places, and leaves by a bit of its own alone. */
static void put_included(struct object *out, const struct referral *referral)
{
	static const char *const words[] = { NULL, "yes", "maybe", "no" };
	const json_t *sender = json_object_get(referral->doc, "sender");
	const char *number = json_string_value(json_object_get(sender, "e164"));

	if ((referral->include & REFERRAL_PERP) != 0) {
		put_text(out, "x_offenders", answer(referral, "perp"));
	}
	if ((referral->include & REFERRAL_SENDER) != 0) {
		put_text(out, "x_sender",
		    number != NULL
			? number
			: json_string_value(json_object_get(sender, "raw")));
	}
	if ((referral->include & REFERRAL_OFFICIAL) != 0) {
		put_word(
		    out, "x_officials", words, 4, referral->facts->official);
		put_text(
		    out, "x_officials_note", answer(referral, "official_note"));
	}
}

static void put_head(struct object *out, const struct referral *referral)
{
	const char priority[] = { 'P', (char)('0' + referral->priority % 10),
		'\0' };
	const char *voice = answer(referral, "lang_voice");

	put_text(out, "x_profile", REFERRAL_PROFILE);
	put_text(out, "x_ref", referral->ref);
	put_time(out, "x_created", referral->now_s);
	put_text(out, "x_priority", priority);
	put_text(out, "x_lang", referral->lang);
	if (voice != NULL) {
		put(out, "x_voice_preferred",
		    json_boolean(strcmp(voice, "1") == 0));
	}
	put_text(out, "x_summary", referral->summary);
	put_text(out, "x_promised", referral->promised);
	put_time(out, "x_reply_by", referral->reply_by_s);
	if (referral->exception != GATE_NO_EXCEPTION) {
		put_text(out, "x_share_exception",
		    gate_exception_name(referral->exception));
	}
	put_text(out, "x_officer", referral->officer);
	put_text(out, "x_second_officer", referral->second);
}

static void put_tail(struct object *out, const struct referral *referral)
{
	struct buf head;

	if (json_array_size(referral->services) > 0) {
		put(out, "x_requested_service",
		    json_deep_copy(referral->services));
	}
	if (json_array_size(referral->evidence) > 0) {
		put(out, "x_evidence", json_deep_copy(referral->evidence));
		put_time(out, "x_evidence_until",
		    referral->now_s + REFERRAL_EVIDENCE_S);
	}
	if (referral->head == NULL) {
		return;
	}
	buf_init(&head, 64);
	enc_hex(&head, referral->head, 32);
	if (buf_err(&head) == TL_OK) {
		put(out, "x_prev",
		    json_stringn((const char *)head.data, head.len));
	}
	buf_free(&head);
}

static int dump(const char *bytes, size_t len, void *arg)
{
	buf_put(arg, bytes, len);
	return buf_err(arg) == TL_OK ? 0 : -1;
}

enum tl_err referral_write(const struct referral *referral, struct buf *out)
{
	struct object object = { .json = json_object() };
	enum tl_err err;

	put_head(&object, referral);
	put_reasons(&object, referral);
	put_choices(&object, referral->facts);
	put_place(&object, referral);
	put_indicators(&object, referral);
	object.failed = !htcds_put(object.json, referral) || object.failed;
	put_contact(&object, referral);
	put_included(&object, referral);
	err = put_original(&object, referral);
	put_tail(&object, referral);
	if (err == TL_OK && object.failed) {
		/* jansson refuses a text that is no UTF-8 like one that it has
		 * no memory for */
		err = TL_EINVAL;
	}
	if (err == TL_OK &&
	    json_dump_callback(
		object.json, dump, out, JSON_COMPACT | JSON_SORT_KEYS) != 0) {
		err = buf_err(out) != TL_OK ? buf_err(out) : TL_ENOMEM;
	}
	json_decref(object.json);
	return err;
}

bool referral_evidence_is_over(int64_t created_s, int64_t now_s)
{
	return now_s - created_s > REFERRAL_EVIDENCE_S;
}

unsigned referral_include_of(const char *name)
{
	static const char *const names[] = { "original", "near", "contact",
		"sender", "perp", "official" };

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], name) == 0) {
			return 1u << i;
		}
	}
	return 0;
}
