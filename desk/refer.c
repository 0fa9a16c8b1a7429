/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "desk/refer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/enc.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "desk/coding.h"
#include "desk/evidence.h"
#include "desk/parts.h"
#include "desk/reach.h"
#include "desk/referral_task.h"
#include "desk/written.h"
#include "text/json_memory.h"
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

/* Append a hash of parts, in hexadecimal digits; each part ends with its NUL,
 * which no part has inside, but the last. */
static void put_hash(struct buf *parts, char *ret, size_t chars)
{
	uint8_t hash[HASH_BYTES];
	struct buf hex;

	hash_bytes(hash, parts->data, parts->len);
	buf_init(&hex, 2 * sizeof(hash));
	enc_hex(&hex, hash, sizeof(hash));
	memset(ret, 0, chars + 1);
	if (buf_err(parts) == TL_OK && buf_err(&hex) == TL_OK) {
		memcpy(ret, hex.data, chars);
	}
	buf_free(&hex);
}

static void put_part(struct buf *parts, const char *text)
{
	buf_put(parts, text == NULL ? "" : text,
	    text == NULL ? 1 : strlen(text) + 1);
}

/* Of tip, partner and time: nobody chooses it, so that no answer to another
 * referral fits. */
static void make_ref(const struct tip *tip, struct refer *refer)
{
	char hex[9];
	struct buf parts;

	buf_init(&parts, 256);
	put_part(&parts, "tipline referral v1");
	put_part(&parts, refer->partner->id);
	buf_put_u64(&parts, (uint64_t)refer->created_s);
	buf_put(&parts, tip->id, sizeof(tip->id));
	put_hash(&parts, hex, 8);
	buf_free(&parts);
	(void)snprintf(refer->ref, sizeof(refer->ref), "R-%s", hex);
}

static bool is_used(const json_t *entries, const struct refer *refer)
{
	return referral_of(entries, refer->ref) != NULL;
}

/* The reference and the time of the preview come back with the order to send
 * it, so that the same bytes are made. Once: what is asked by a reference, be
 * it of a partner or of a second officer, is of one referral. */
static bool take_preview(const struct tip *tip, const json_t *request,
    const json_t *entries, struct refer *refer)
{
	const char *ref = string_of(request, "ref");
	int64_t age_s;

	refer->created_s = ref == NULL
	    ? clock_wall_s()
	    : json_integer_value(json_object_get(request, "created_s"));
	make_ref(tip, refer);
	while (ref == NULL && is_used(entries, refer)) {
		refer->created_s--; /* one of this second has been sent */
		make_ref(tip, refer);
	}
	age_s = clock_wall_s() - refer->created_s;
	return !is_used(entries, refer) && age_s >= 0 &&
	    age_s <= REFER_PREVIEW_S &&
	    (ref == NULL || strcmp(ref, refer->ref) == 0);
}

/* ---- what is known --------------------------------------------------------
 */

/* A name of three letters or more that stands in what was said. */
static bool is_named(const char *name, void *arg)
{
	const struct tip *const *tip = arg;

	return strlen(name) >= 3 && tip_names(*tip, bytes_str(name));
}

/* What came later is open: it may take all of it back, or answer otherwise. */
static bool is_all_heard(const struct web *web)
{
	return !web->has_settling && tips_are_heard(web->tips);
}

/* In doubt it was. */
static bool is_withdrawn(const struct web *web, const struct tip *tip)
{
	return parts_wishes(web, tip).withdrawal || !is_all_heard(web);
}

static void ask_gate(struct web *web, const struct tip *tip,
    struct refer *refer, const json_t *entries, const struct facts *facts,
    const struct refer_who *who, unsigned include)
{
	struct gate_case gate = { .facts = facts,
		.priority = tip->now.priority,
		.withdrawn = is_withdrawn(web, tip),
		.exception = refer->exception,
		.exception_reason =
		    is_set(string_of(refer->json, "exception_reason")),
		.person_named =
		    partner_any_person(refer->partner, is_named, &tip),
		.supervisor_agrees = who->supervisor,
		.content_confirmed = who->confirmed,
		.includes_official = (include & REFERRAL_OFFICIAL) != 0,
		.second_agrees = who->second != NULL,
		.today = (int32_t)(clock_wall_s() / DAY_S) };

	written_take(entries, &gate);
	gate_ask(&gate, refer->partner, &refer->gate);
}

static bool is_agreed(const struct web *web, const struct tip *tip,
    const json_t *entries, const json_t *entry, const struct partner *partner)
{
	const json_t *request = json_object_get(entry, "request");
	const char *exception = string_of(request, "exception");
	struct facts facts = { 0 };
	struct gate_case gate = { .facts = &facts,
		.withdrawn = is_withdrawn(web, tip),
		.exception = is_set(exception) ? gate_exception_of(exception)
					       : GATE_NO_EXCEPTION,
		.exception_reason =
		    is_set(string_of(request, "exception_reason")) };
	json_t *answers;

	parts_answers(tip, &facts, &answers);
	json_decref(answers);
	written_take(entries, &gate);
	return gate_has_consent(&gate, partner);
}

/* Of all that a second officer agrees to: to whom, under which key, by which
 * exception, and every byte. */
static void set_hash(struct refer *refer)
{
	struct buf parts;

	buf_init(&parts, REFERRAL_MAX_BYTES + 8192);
	put_part(&parts, refer->partner->id);
	put_part(&parts, gate_exception_name(refer->exception));
	put_part(&parts, string_of(refer->json, "exception_reason"));
	buf_put(&parts, refer->partner->key, sizeof(refer->partner->key));
	buf_put(&parts, refer->text.data, refer->text.len);
	put_hash(&parts, refer->hash, sizeof(refer->hash) - 1);
	buf_free(&parts);
}

/* What tells how the reporter can be reached. */
#define WAYS ((unsigned)REFERRAL_CONTACT | (unsigned)REFERRAL_SENDER)

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
	return (referral->include & WAYS) == 0 ||
		(!web->has_settling && tips_are_open(web->tips))
	    ? NULL
	    : "Not all that came is opened yet, and a STOP may be among it: "
	      "wait a moment, or leave the safe contact and the number out.";
}

/* A partner is told the safe way as it is now, as officers are; and no number
 * where nobody is to write or call, whatever is to be included. False: memory
 * was out to read what says so. */
static bool take_contact(struct web *web, const struct tip *tip,
    const json_t *entries, bool kin_stops, json_t *answers, struct facts *facts,
    struct referral *referral)
{
	bool is_lost = false;

	if (!reach_correct(entries, answers, facts) || kin_stops ||
	    reach_is_stopped(web, tip, entries, &is_lost)) {
		referral->include &= ~WAYS;
	}
	return !is_lost;
}

static bool has_same(const json_t *a, const json_t *b, const char *name)
{
	const json_t *x = json_object_get(a, name);
	const json_t *y = json_object_get(b, name);

	return x == y || json_equal(x, y); /* both may be NULL */
}

bool refer_has_contact_of(const struct refer *refer, const char *text)
{
	json_t *now = json_memory_text(
	    bytes_of(refer->text.data, refer->text.len), JSON_ALLOW_NUL);
	json_t *then = json_memory_text(bytes_str(text), JSON_ALLOW_NUL);
	bool same = now != NULL && then != NULL &&
	    has_same(now, then, "x_safe_contact") &&
	    has_same(now, then, "x_sender");

	json_decref(now);
	json_decref(then);
	return same;
}

/* What the request, the tip and the officers say of it. */
static void fill_in(const struct tip *tip, const json_t *request,
    const json_t *entries, const struct refer_who *who,
    const struct refer *refer, struct referral *referral)
{
	referral->evidence = refer->evidence;
	referral->ref = refer->ref;
	referral->now_s = refer->created_s;
	referral->reply_by_s =
	    json_integer_value(json_object_get(request, "reply_by_s"));
	referral->codes = coding_newest(entries);
	referral->lang = tip->lang;
	referral->priority = tip->now.priority;
	referral->exception = refer->exception;
	referral->summary = string_of(request, "summary");
	referral->promised = string_of(request, "promised");
	referral->services = json_object_get(request, "services");
	referral->officer = who->officer;
	referral->second = who->second;
}

/* ---- what stands against it by itself -------------------------------------
 */

const char refer_no_memory[] =
    "The desk has no memory left to read all that was said; try again.";

static const char opening[] =
    "Not all that came is opened yet, and the reporter may have taken it back "
    "there; try again in a moment.";

static const char closed[] =
    "The tip cannot be opened here, so nobody can tell whether the reporter "
    "still agrees: nothing leaves.";

static const char not_agreed[] =
    "The reporter has taken it back, or does not agree to it any more: nothing "
    "more goes to this partner. Recall the referral, and tell the partner.";

struct api_refusal refer_refusal(
    const char *wrong, int status, const char *word)
{
	const struct api_refusal own[] = {
		{ 503, "memory", refer_no_memory },
		{ 503, "opening", opening },
		{ 409, "sealed", closed },
		{ 409, "agreed", not_agreed },
	};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		if (own[i].text == wrong) {
			return own[i];
		}
	}
	return (struct api_refusal){ status, word, wrong };
}

/* Nothing is known of what cannot be read; NULL: it is open. */
static const char *unread(const struct tip *tip)
{
	if (tip->state == TIP_OPEN) {
		return NULL;
	}
	return tip->state == TIP_FAULT ? closed : opening;
}

const char *refer_against(const struct web *web, const struct tip *tip,
    const json_t *entries, const json_t *entry, const struct partner *partner)
{
	const char *wrong = unread(tip);
	unsigned lacks = json_memory_lacks();

	if (wrong == NULL && !is_agreed(web, tip, entries, entry, partner)) {
		wrong = is_all_heard(web) ? not_agreed : opening;
	}
	return json_memory_lacks() == lacks ? wrong : refer_no_memory;
}

/* ---- all of it ------------------------------------------------------------
 */

void refer_make(struct web *web, const struct tip *tip, json_t *request,
    const json_t *entries, const struct refer_who *who, struct refer *ret,
    const char **ret_wrong)
{
	static struct redact_span spans[REFER_SPANS_MAX];
	struct refer refer = { .json = request };
	struct referral referral = { .spans = spans };
	struct facts facts = { 0 };
	json_t *doc = NULL, *answers = NULL;
	unsigned lacks;
	bool is_heard;

	buf_init(&refer.text, REFERRAL_MAX_BYTES);
	*ret_wrong = unread(tip);
	if (*ret_wrong == NULL) {
		*ret_wrong =
		    read_request(web, request, &refer, &referral, spans);
	}
	if (*ret_wrong == NULL &&
	    !take_preview(tip, request, entries, &refer)) {
		*ret_wrong = "The preview is too old, or was sent already: "
			     "look at it again.";
	}
	if (*ret_wrong == NULL) {
		*ret_wrong =
		    evidence_choose(web, tip, json_object_get(request, "files"),
			refer.ref, refer.created_s, &refer.evidence);
	}
	if (*ret_wrong == NULL) {
		lacks = json_memory_lacks();
		fill_in(tip, request, entries, who, &refer, &referral);
		doc = report_load(tip->doc);
		parts_answers(tip, &facts, &answers);
		is_heard = take_contact(web, tip, entries, who->kin_stops,
		    answers, &facts, &referral);
		referral.doc = doc;
		referral.answers = answers;
		referral.facts = &facts;
		ask_gate(
		    web, tip, &refer, entries, &facts, who, referral.include);
		if (doc == NULL || answers == NULL ||
		    referral_write(&referral, &refer.text) != TL_OK) {
			*ret_wrong = "It cannot be written: a text is too "
				     "long, or a black part is outside of it.";
		}
		if (*ret_wrong == NULL && !is_all_heard(web) &&
		    refer.gate.checks[GATE_CONSENT] == GATE_BLOCKED) {
			*ret_wrong = opening;
		}
		if (!is_heard || json_memory_lacks() != lacks) {
			*ret_wrong = refer_no_memory;
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

json_t *refer_suggestions(const struct tip *tip)
{
	static struct redact_spans spans;
	json_t *report = json_memory_text(tip->doc, JSON_ALLOW_NUL);
	const json_t *text = report_words(report);
	json_t *list = json_array();

	if (json_is_string(text) &&
	    redact_suggest(bytes_of((const uint8_t *)json_string_value(text),
			       json_string_length(text)),
		&spans) == TL_OK) {
		for (size_t i = 0; i < spans.n; i++) {
			(void)json_array_append_new(list,
			    json_pack("{s:I, s:I, s:s}", "at",
				(json_int_t)spans.items[i].at, "len",
				(json_int_t)spans.items[i].len, "why",
				redact_why_name(spans.items[i].why)));
		}
	}
	json_decref(report);
	return list;
}

json_t *refer_key_json(const struct partner *partner)
{
	struct buf line;
	json_t *json = NULL;

	buf_init(&line, 256);
	partner_public_put(&line, partner->key);
	if (buf_err(&line) == TL_OK) {
		json = json_stringn((const char *)line.data, line.len);
	}
	buf_free(&line);
	return json;
}

bool refer_has_key(const struct partner *partner, const json_t *order)
{
	json_t *key = refer_key_json(partner);
	bool has = key != NULL &&
	    json_equal(key, json_object_get(order, "partner_key"));

	json_decref(key);
	return has;
}

json_t *refer_order(const struct refer *refer)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:O, s:s%, s:s, s:o}",
	    "kind", "referral", "ref", refer->ref, "partner",
	    refer->partner->id, "partner_name", refer->partner->name,
	    "partner_key", refer_key_json(refer->partner), "request",
	    refer->json, "text", (const char *)refer->text.data,
	    refer->text.len, "hash", refer->hash, "gate",
	    refer_gate_json(&refer->gate));
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

enum tl_err refer_sealer(
    const struct web *web, const struct partner *partner, struct sealer **ret)
{
	uint8_t keys[2][32];

	if (web->sealer == NULL) {
		return TL_EAGAIN;
	}
	memcpy(keys[0], partner->key, sizeof(keys[0]));
	memcpy(keys[1], web->team_key, sizeof(keys[1]));
	return sealer_new((const uint8_t(*)[32])keys, 2, web->sign_key, ret);
}

enum tl_err refer_seal(struct web *web, const struct partner *partner,
    struct bytes text, struct buf *out)
{
	const struct seal_content content = { .report = text };
	struct sealer *sealer = NULL;
	uint8_t id[SEAL_ID_BYTES];
	enum tl_err err = refer_sealer(web, partner, &sealer);

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
	json_decref(refer->evidence);
	*refer = (struct refer){ 0 };
}
