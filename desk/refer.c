/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/refer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/enc.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "desk/parts.h"
#include "text/report_parts.h"

#define DAY_S 86400

static const char *string_of(const json_t *json, const char *name)
{
	return json_string_value(json_object_get(json, name));
}

static bool is_set(const char *text)
{
	return text != NULL && text[0] != '\0';
}

/* ---- the request ----------------------------------------------------------
 */

/* False: a word that is none. */
static bool take_include(const json_t *list, unsigned *ret)
{
	const json_t *item;
	size_t i;

	*ret = 0;
	json_array_foreach(list, i, item)
	{
		unsigned bit = json_is_string(item)
		    ? referral_include_of(json_string_value(item))
		    : 0;

		if (bit == 0) {
			return false;
		}
		*ret |= bit;
	}
	return true;
}

/* False: odd, or too many. */
static bool take_spans(const json_t *list,
    struct redact_span spans[static REFER_SPANS_MAX], size_t *ret_n)
{
	const json_t *item;
	size_t i;

	*ret_n = json_array_size(list);
	if (*ret_n > REFER_SPANS_MAX) {
		return false;
	}
	json_array_foreach(list, i, item)
	{
		json_int_t at = json_integer_value(json_object_get(item, "at"));
		json_int_t len =
		    json_integer_value(json_object_get(item, "len"));

		if (at < 0 || len < 1 || at > INT32_MAX || len > INT32_MAX) {
			return false;
		}
		spans[i] = (struct redact_span){ .at = (size_t)at,
			.len = (size_t)len };
	}
	return true;
}

/* The reference and the time of the preview come back with the order to send
 * it, so that the same bytes are made. */
static bool take_preview(const json_t *request, struct refer *refer)
{
	const char *ref = string_of(request, "ref");
	uint8_t random[4];
	struct buf hex;

	refer->created_s =
	    json_integer_value(json_object_get(request, "created_s"));
	if (ref != NULL) {
		int64_t age_s = clock_wall_s() - refer->created_s;

		(void)snprintf(refer->ref, sizeof(refer->ref), "%s", ref);
		return strlen(ref) == REFERRAL_REF_CHARS &&
		    strncmp(ref, "R-", 2) == 0 &&
		    strspn(ref + 2, "0123456789abcdef") == 8 && age_s >= 0 &&
		    age_s <= REFER_PREVIEW_S;
	}
	refer->created_s = clock_wall_s();
	random_bytes(random, sizeof(random));
	buf_init(&hex, 16);
	enc_hex(&hex, random, sizeof(random));
	(void)snprintf(refer->ref, sizeof(refer->ref), "R-%.8s",
	    buf_err(&hex) == TL_OK ? (const char *)hex.data : "00000000");
	buf_free(&hex);
	return true;
}

/* ---- what is known --------------------------------------------------------
 */

/* What is written on the tip that the gate asks for: the newest counts. */
static void take_entries(const json_t *entries, struct gate_case *gate)
{
	const json_t *entry;
	size_t i;

	json_array_foreach(entries, i, entry)
	{
		const char *kind = string_of(entry, "kind");

		if (kind != NULL && strcmp(kind, "consent") == 0) {
			gate->asked_and_agreed =
			    json_is_true(json_object_get(entry, "agreed"));
		} else if (kind != NULL && strcmp(kind, "officials") == 0) {
			gate->officials_involved = true;
		}
	}
}

struct named {
	const char *perp, *note;
};

/* A name of three letters or more that stands in what was said. */
static bool is_named(const char *name, void *arg)
{
	const struct named *named = arg;

	return strlen(name) >= 3 &&
	    ((named->perp != NULL && strcasestr(named->perp, name) != NULL) ||
		(named->note != NULL && strcasestr(named->note, name) != NULL));
}

static void ask_gate(const struct tip *tip, struct refer *refer,
    const json_t *entries, const json_t *answers, const struct facts *facts,
    const struct refer_who *who, unsigned include)
{
	struct named named = { string_of(answers, "perp"),
		string_of(answers, "official_note") };
	struct gate_case gate = { .facts = facts,
		.priority = tip->now.priority,
		.exception = refer->exception,
		.exception_reason =
		    is_set(string_of(refer->json, "exception_reason")),
		.person_named =
		    partner_any_person(refer->partner, is_named, &named),
		.supervisor_agrees = who->supervisor,
		.content_confirmed = who->confirmed,
		.includes_official = (include & REFERRAL_OFFICIAL) != 0,
		.second_agrees = who->second != NULL,
		.today = (int32_t)(clock_wall_s() / DAY_S) };

	take_entries(entries, &gate);
	gate_ask(&gate, refer->partner, &refer->gate);
}

static void set_hash(struct refer *refer)
{
	uint8_t hash[HASH_BYTES];
	struct buf hex;

	hash_bytes(hash, refer->text.data, refer->text.len);
	buf_init(&hex, 2 * sizeof(hash));
	enc_hex(&hex, hash, sizeof(hash));
	if (buf_err(&hex) == TL_OK) {
		memcpy(refer->hash, hex.data, 2 * sizeof(hash));
	}
	buf_free(&hex);
}

/* Things that a request can say and that are no good, or NULL. */
static const char *read_request(struct web *web, json_t *request,
    struct refer *refer, struct referral *referral,
    struct redact_span spans[static REFER_SPANS_MAX])
{
	const char *partner = string_of(request, "partner");
	const char *exception = string_of(request, "exception");
	const char *summary = string_of(request, "summary");

	refer->partner =
	    partner == NULL ? NULL : partners_find(&web->partners, partner);
	if (refer->partner == NULL) {
		return "Choose a partner of the directory.";
	}
	if (is_set(exception)) {
		refer->exception = gate_exception_of(exception);
	}
	if (refer->exception == GATE_EXCEPTIONS_END) {
		return "There is no such exception.";
	}
	if (summary == NULL || summary[0] == '\0' ||
	    strlen(summary) > REFER_TEXT_BYTES) {
		return "Say in a summary what is known, in at most 16,000 "
		       "bytes.";
	}
	if (!take_include(
		json_object_get(request, "include"), &referral->include) ||
	    !take_spans(json_object_get(request, "redact"), spans,
		&referral->n_spans)) {
		return "What is to leave, or to be blacked out, is not clear.";
	}
	return take_preview(request, refer)
	    ? NULL
	    : "The preview is too old: look at it again.";
}

void refer_make(struct web *web, const struct tip *tip, json_t *request,
    const json_t *entries, const struct refer_who *who, struct refer *ret,
    const char **ret_wrong)
{
	static struct redact_span spans[REFER_SPANS_MAX];
	struct refer refer = { .json = request };
	struct referral referral = { .spans = spans };
	struct facts facts = { 0 };
	json_t *doc = NULL, *answers = NULL;

	buf_init(&refer.text, REFERRAL_MAX_BYTES);
	*ret_wrong = read_request(web, request, &refer, &referral, spans);
	if (*ret_wrong == NULL) {
		doc = report_load(tip->doc);
		parts_answers(tip, &facts, &answers);
		referral.ref = refer.ref;
		referral.now_s = refer.created_s;
		referral.reply_by_s =
		    json_integer_value(json_object_get(request, "reply_by_s"));
		referral.doc = doc;
		referral.answers = answers;
		referral.facts = &facts;
		referral.lang = tip->lang;
		referral.priority = tip->now.priority;
		referral.exception = refer.exception;
		referral.summary = string_of(request, "summary");
		referral.promised = string_of(request, "promised");
		referral.services = json_object_get(request, "services");
		referral.officer = who->officer;
		referral.second = who->second;
		ask_gate(tip, &refer, entries, answers, &facts, who,
		    referral.include);
		if (doc == NULL || answers == NULL ||
		    referral_write(&referral, &refer.text) != TL_OK) {
			*ret_wrong = "It cannot be written: a text is too "
				     "long, or a black part is outside of it.";
		}
	}
	json_decref(doc);
	json_decref(answers);
	if (*ret_wrong == NULL) {
		set_hash(&refer);
		*ret = refer;
	} else {
		refer_free(&refer);
	}
}

json_t *refer_gate_json(const struct gate_answer *gate)
{
	static const char *const words[] = {
		[GATE_PASSED] = "passed",
		[GATE_LATER] = "later",
		[GATE_BLOCKED] = "blocked",
	};
	json_t *checks = json_array();

	for (int i = 0; i < GATE_CHECKS_END; i++) {
		(void)json_array_append_new(checks,
		    json_pack("{s:s, s:s, s:s}", "check",
			gate_check_name((enum gate_check)i), "word",
			words[gate->checks[i]], "text", gate->texts[i]));
	}
	return json_pack("{s:s, s:o, s:b, s:b, s:b}", "all", words[gate->all],
	    "checks", checks, "needs_exception", gate->needs_exception ? 1 : 0,
	    "needs_second", gate->needs_second ? 1 : 0, "needs_supervisor",
	    gate->needs_supervisor ? 1 : 0);
}

enum tl_err refer_seal(struct web *web, const struct partner *partner,
    struct bytes text, struct buf *out)
{
	const struct seal_content content = { .report = text };
	struct sealer *sealer = NULL;
	uint8_t keys[2][32], id[SEAL_ID_BYTES];
	enum tl_err err;

	if (web->sealer == NULL) {
		return TL_EAGAIN;
	}
	memcpy(keys[0], partner->key, sizeof(keys[0]));
	memcpy(keys[1], web->team_key, sizeof(keys[1]));
	err = sealer_new((const uint8_t(*)[32])keys, 2, web->sign_key, &sealer);
	if (err == TL_OK) {
		random_bytes(id, sizeof(id));
		err = sealer_seal(sealer, id, &content, out);
	}
	sealer_free(sealer);
	return err;
}

void refer_free(struct refer *refer)
{
	buf_free(&refer->text);
	*refer = (struct refer){ 0 };
}
