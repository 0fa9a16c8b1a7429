/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What is kept of a report that keyd has opened. */
#include <jansson.h>
#include <string.h>

#include "desk/planted.h"
#include "desk/tips_inside.h"
#include "desk/withdrawn.h"
#include "sms/when.h"
#include "text/fold.h"
#include "text/json_memory.h"
#include "text/report_parts.h"
#include "text/zawgyi.h"

/* A text of 64 KiB, each sign folded to four, in both readings. */
#define FOLDED_BYTES ((size_t)1024u * 1024u)

static enum tl_err fold_one(struct bytes text,
    enum tl_err (*fold_it)(struct bytes text, struct fold *ret_fold),
    struct buf *out)
{
	struct fold fold = { 0 };
	struct fold plain = { 0 };
	enum tl_err err = fold_it(text, &fold);

	if (err == TL_OK) {
		fold_put(&fold, out);
		buf_put_u8(out, '\n');
	}
	if (err == TL_OK && fold.has_marks) {
		err = fold_unmarked(&fold, &plain);
	}
	if (plain.n > 0) { /* as Vietnamese is often typed */
		fold_put(&plain, out);
		buf_put_u8(out, '\n');
	}
	fold_free(&plain);
	fold_free(&fold);
	return err == TL_OK ? buf_err(out) : err;
}

enum tl_err tips_fold(struct bytes text, struct buf *out)
{
	enum zawgyi zawgyi = zawgyi_guess(text);
	enum tl_err err = TL_OK;

	if (zawgyi != ZAWGYI_YES) {
		err = fold_one(text, fold_text, out);
	}
	if (err == TL_OK && zawgyi != ZAWGYI_NO) {
		err = fold_one(text, fold_zawgyi, out);
	}
	return err;
}

enum tl_err tips_fold_query(struct bytes text, struct buf *out)
{
	struct fold fold = { 0 };
	enum tl_err err = zawgyi_guess(text) == ZAWGYI_YES
	    ? fold_zawgyi(text, &fold)
	    : fold_text(text, &fold);

	if (err == TL_OK) {
		fold_put(&fold, out);
		err = buf_err(out);
	}
	fold_free(&fold);
	while (err == TL_OK && out->len > 0 && out->data[out->len - 1] == ' ') {
		out->len--;
	}
	return err;
}

static struct bytes string_of(const json_t *json)
{
	return bytes_of(json_string_value(json), json_string_length(json));
}

static enum tl_err fold_value(const json_t *value, struct buf *out)
{
	enum tl_err err = TL_OK;
	const json_t *item;
	size_t i;

	if (json_is_string(value) && json_string_length(value) > 2) {
		return tips_fold(string_of(value), out); /* no code */
	}
	json_array_foreach(value, i, item)
	{
		if (err == TL_OK && json_string_length(item) > 2) {
			err = tips_fold(string_of(item), out);
		}
	}
	return err;
}

/* The text, and what the reporter wrote as answers; but not the way back to
 * them: a search finds what is claimed by others too, letter by letter. */
static enum tl_err fold_report(json_t *report, struct buf *out)
{
	enum tl_err err = fold_value(report_words(report), out);
	const char *name;
	json_t *value;

	json_object_foreach(json_object_get(report, "answers"), name, value)
	{
		if (err == TL_OK && strncmp(name, "contact", 7) != 0) {
			err = fold_value(value, out);
		}
	}
	return err;
}

static void copy_word(
    const json_t *report, const char *key, char ret[static TIP_LANG_BYTES])
{
	const char *text = json_string_value(json_object_get(report, key));

	if (text != NULL && text[0] != '\0' && strlen(text) < TIP_LANG_BYTES) {
		memset(ret, 0, TIP_LANG_BYTES);
		memcpy(ret, text, strlen(text));
	}
}

/* What a desk has found in a log was not brought. */
static void copy_gateway(struct tip *tip, const json_t *report)
{
	const char *trust = json_string_value(json_object_get(report, "trust"));
	const char *name =
	    json_string_value(json_object_get(report, "gateway"));

	if (name != NULL && strlen(name) < sizeof(tip->gateway) &&
	    (trust == NULL || strcmp(trust, "log") != 0)) {
		memset(tip->gateway, 0, sizeof(tip->gateway));
		memcpy(tip->gateway, name, strlen(name));
	}
}

static bool is_kind(const json_t *report, const char *name)
{
	const char *kind = json_string_value(json_object_get(report, "kind"));

	return kind != NULL && strcmp(kind, name) == 0;
}

static bool is_part(const json_t *report)
{
	static const char *const kinds[] = { REPORT_REPLY_KEY, REPORT_MORE,
		REPORT_PIECE };

	for (size_t i = 0; i < 3; i++) {
		if (is_kind(report, kinds[i])) {
			return true;
		}
	}
	return false;
}

static bool has_flag(const json_t *report, const char *flag)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(report, "flags"), i, one)
	{
		if (json_is_string(one) &&
		    strcmp(json_string_value(one), flag) == 0) {
			return true;
		}
	}
	return false;
}

static unsigned priority_of(const json_t *report)
{
	json_int_t priority =
	    json_integer_value(json_object_get(report, "priority"));

	return priority >= 1 && priority <= 4 ? (unsigned)priority : 3;
}

static void note(struct tip *tip, const json_t *report)
{
	tip->said_priority = priority_of(report);
	if (when_rfc3339(string_of(json_object_get(report, "received")),
		&tip->received_s) != TL_OK) {
		tip->received_s = 0;
	}
	tip->is_suspect = tip->said_priority == CASE_PRIORITIES &&
	    has_flag(report, "quarantine");
	tip->is_crowd = tip->is_suspect && has_flag(report, "flood") &&
	    !has_flag(report, "honeypot");
	copy_word(report, "channel", tip->channel);
	copy_word(report, "lang", tip->lang);
	copy_word(report, "lang_guess", tip->lang);
	copy_gateway(tip, report);
}

static bool is_urgent(const struct tip *tip, const json_t *report)
{
	bool is_known = tip->now.version > 0 && tip->now.priority > 0 &&
	    case_is_open(tip->now.state);

	return tip->is_signed &&
	    (priority_of(report) <= 2 || (is_known && tip->now.priority <= 2));
}

/* What a reporter wants of a tip, and nothing else: to take it back. */
static bool is_wish(const json_t *report)
{
	return is_kind(report, REPORT_MORE) && !withdrawn_has_words(report);
}

/* The last quarter is for what is urgent: who sends very many long texts shall
 * not have the next P1 lie unread; nor a wish lie unheard. */
static bool has_room(
    const struct tips *tips, const struct tip *tip, const json_t *report)
{
	size_t max_bytes = vault_max_bytes(tips->vault);
	size_t kept_bytes =
	    max_bytes / 4 / VAULT_CHUNK_BYTES * VAULT_CHUNK_BYTES;

	return is_urgent(tip, report) || is_wish(report) ||
	    vault_bytes(tips->vault) <= max_bytes - kept_bytes;
}

enum tl_err tips_keep(
    struct tips *tips, struct tip *tip, struct bytes report, json_t *json)
{
	struct bytes doc, folded;
	struct buf text;
	enum tl_err err;

	if (!has_room(tips, tip, json)) {
		return TL_EFULL;
	}
	buf_init(&text, FOLDED_BYTES);
	err = fold_report(json, &text);
	if (err == TL_ENOMEM) {
		buf_free(&text);
		return err;
	}
	doc = vault_keep(tips->vault, report);
	folded = vault_keep(
	    tips->vault, bytes_of(text.data, err == TL_OK ? text.len : 0));
	buf_free(&text);
	if (doc.at == NULL || folded.at == NULL) {
		return TL_EFULL;
	}
	note(tip, json);
	/* of a part, when the whole is shown; of the whole, when more came */
	vault_drop(tips->vault, tip->folded);
	if (tip->doc.at != tip->part_doc.at) {
		vault_drop(tips->vault, tip->doc);
	}
	tip->doc = doc;
	tip->folded = folded;
	tip->is_unfolded = err != TL_OK;
	return TL_OK;
}

void tips_set_canary(struct tips *tips, const char *secret)
{
	tips->canary = secret;
}

enum tl_err tips_opened(
    struct tips *tips, struct tip *tip, struct bytes report, bool *ret_is_tip)
{
	unsigned lacks = json_memory_lacks();
	json_t *json = NULL;
	enum tl_err err = report_take(report, &json);

	/* jansson says at times that the text is wrong where memory was out */
	if (json_memory_lacks() != lacks || err == TL_ENOMEM) {
		json_decref(json);
		return TL_ENOMEM;
	}
	tip->was_opened = true;
	if (err != TL_OK) {
		tip->state = TIP_FAULT; /* it opened, and is no report */
		tip->fault = ENVELOPE_FINE;
		tips->has_faults = true;
		*ret_is_tip = false;
		return TL_OK;
	}
	err = tips_keep(tips, tip, report, json);
	if (err == TL_OK) {
		err = tips_learn(tips, tip, json);
	}
	if (err == TL_OK) {
		tip->door =
		    tip->is_signed ? planted_form(tips->canary, json) : NULL;
		*ret_is_tip = !is_part(json) &&
		    !(tip->is_signed && planted_is(tips->canary, json));
		tip->state = *ret_is_tip ? TIP_OPEN : TIP_PART;
		tip->has_words = withdrawn_has_words(json);
		withdrawn_event_id(report, tip->id, tip->event_id);
		tip->has_event_id = true;
		tips_take_back_opened(tips, tip);
	}
	tip->is_left_out = err == TL_EFULL && is_urgent(tip, json);
	tip->is_set_aside = err == TL_EFULL && !is_kind(json, REPORT_MORE);
	json_decref(json);
	return err;
}
