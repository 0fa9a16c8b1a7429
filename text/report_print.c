/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/enc.h"
#include "text/answer_words.h"
#include "text/plain.h"
#include "text/report_parts.h"
#include "text/zawgyi.h"

/* ---- JSON for scripts -----------------------------------------------------
 */

/* Base64 of the document as hexadecimal, or NULL. */
static json_t *hex_of_b64(const json_t *b64)
{
	size_t len = json_string_length(b64);
	struct buf raw, hex;
	uint8_t *at;
	size_t n;
	json_t *string = NULL;

	buf_init(&raw, len);
	buf_init(&hex, 2 * len);
	at = len > 0 ? buf_room(&raw, len) : NULL;
	if (at != NULL &&
	    dec_b64(B64_STD, json_string_value(b64), len, at, len, &n) ==
		TL_OK) {
		enc_hex(&hex, at, n);
		string = hex.len > 0
		    ? json_stringn((const char *)hex.data, hex.len)
		    : NULL;
	}
	buf_free(&raw);
	buf_free(&hex);
	return string;
}

static json_t *word_of_priority(const json_t *priority)
{
	json_int_t value = json_integer_value(priority);

	return value >= 1 && value <= 9 ? json_sprintf("P%d", (int)value)
					: NULL;
}

/* Members that scripts find under another name or in another form; one that
 * cannot be changed stays as it is. make NULL: is never shown. */
static const struct change {
	const char *key, *shown;
	json_t *(*make)(const json_t *value);
} changes[] = {
	{ "priority", "priority", word_of_priority },
	{ "data_b64", "data_hex", hex_of_b64 },
	{ "udh_b64", "udh_hex", hex_of_b64 },
	/* whoever has the reply key can read what the reporter reads */
	{ "reply", NULL, NULL },
	/* says something to those only who have other tips to compare */
	{ "likeness", NULL, NULL },
};

static const struct change *find_change(const char *key)
{
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		if (strcmp(changes[i].key, key) == 0) {
			return &changes[i];
		}
	}
	return NULL;
}

static int copy_member(json_t *to, const char *key, json_t *value)
{
	const struct change *change = find_change(key);
	json_t *made;

	if (change != NULL && change->make == NULL) {
		return 0;
	}
	made = change == NULL ? NULL : change->make(value);
	if (made != NULL) {
		return json_object_set_new(to, change->shown, made);
	}
	return json_object_set(to, key, value);
}

/* There in every line, in this order, also where the document has none. */
static const struct {
	const char *key;
	json_type type;
} first_members[] = {
	{ "id", JSON_STRING },
	{ "received", JSON_STRING },
	{ "channel", JSON_STRING },
	{ "gateway", JSON_STRING },
	{ "lang", JSON_STRING },
	{ "text", JSON_STRING },
	{ "answers", JSON_OBJECT },
	{ "sender", JSON_OBJECT },
	{ "to", JSON_STRING },
	{ "external_id", JSON_STRING },
	{ "trust", JSON_STRING },
	{ "priority", JSON_STRING },
	{ "rules", JSON_ARRAY },
};

static json_t *empty_of(json_type type)
{
	if (type == JSON_OBJECT) {
		return json_object();
	}
	return type == JSON_ARRAY ? json_array() : json_string("");
}

_Static_assert(REPORT_MAILBOX_BYTES == REPORT_ID_BYTES, "both are ids");

/* Add an id of 16 bytes, unless it is there. */
static int add_id(json_t *list, const uint8_t id[static REPORT_ID_BYTES])
{
	struct buf hex;
	int bad = -1;

	buf_init(&hex, (size_t)2 * REPORT_ID_BYTES + 1);
	enc_hex(&hex, id, REPORT_ID_BYTES);
	buf_put_u8(&hex, 0);
	if (buf_err(&hex) == TL_OK) {
		const char *text = (const char *)hex.data;
		size_t i;
		json_t *there;

		bad = 0;
		json_array_foreach(list, i, there)
		{
			if (strcmp(json_string_value(there), text) == 0) {
				goto out;
			}
		}
		bad = json_array_append_new(list, json_string(text));
	}
out:
	buf_free(&hex);
	return bad;
}

/* Where the desk can leave replies for this reporter. */
static int add_mailboxes(
    json_t *shown, const json_t *json, const struct report_context *context)
{
	json_t *list = json_array();
	struct report_reply reply;
	int bad = 0;

	report_reply_of(json, &reply);
	if (reply.has_mailbox) {
		bad |= add_id(list, reply.mailbox);
	}
	for (size_t i = 0; i < context->n_further; i++) {
		bad |= add_id(list, context->further[i]);
	}
	if (json_array_size(list) > 0) {
		bad |= json_object_set(shown, "mailboxes", list);
	}
	json_decref(list);
	return bad;
}

static struct bytes string_bytes(const json_t *value)
{
	return bytes_of(json_string_value(value), json_string_length(value));
}

/* Tips whose texts are nearly the same. */
static int add_alike(json_t *shown, const struct report_context *context)
{
	json_t *list = json_array();
	int bad = 0;

	for (size_t i = 0; i < context->n_alike; i++) {
		bad |= add_id(list, context->alike[i]);
	}
	if (json_array_size(list) > 0) {
		bad |= json_object_set(shown, "like", list);
	}
	json_decref(list);
	return bad;
}

/* Of a tip what its reporter said later, of such a record its tip. */
static int add_thread(json_t *shown, const struct report_context *context)
{
	json_t *list = json_array();
	int bad = 0;

	if (context->tip != NULL) {
		bad |= add_id(list, context->tip) != 0 ||
		    json_object_set(shown, "tip", json_array_get(list, 0)) != 0;
		bad |= json_array_clear(list);
	}
	if (context->wants_no_contact) {
		bad |= json_array_append_new(list, json_string("no-contact"));
	}
	if (context->wants_withdrawal) {
		bad |= json_array_append_new(list, json_string("withdraw"));
	}
	if (json_array_size(list) > 0) {
		bad |= json_object_set(shown, "wish", list);
	}
	json_decref(list);
	return bad;
}

/* Burmese that is or may be Zawgyi, in Unicode too: it is shown beside the
 * text, which stays as it came. */
static int add_unicode(json_t *shown)
{
	struct bytes text = string_bytes(json_object_get(shown, "text"));
	struct buf made;
	int bad = 0;

	if (zawgyi_guess(text) == ZAWGYI_NO) {
		return 0;
	}
	buf_init(&made, ZAWGYI_GROWS * text.len);
	bad = zawgyi_to_unicode(text, &made) != TL_OK ||
	    json_object_set_new(shown, "text_unicode",
		json_stringn((const char *)made.data, made.len)) != 0;
	buf_free(&made);
	return bad;
}

static json_t *shown_of(json_t *json, const struct report_context *context)
{
	json_t *shown = json_object();
	int bad = shown == NULL;
	const char *key;
	json_t *value;

	for (size_t i = 0; i < sizeof(first_members) / sizeof(first_members[0]);
	     i++) {
		bad |= json_object_set_new(shown, first_members[i].key,
			   empty_of(first_members[i].type)) != 0;
	}
	json_object_foreach(json, key, value)
	{
		bad |= copy_member(shown, key, value) != 0;
	}
	bad |= add_mailboxes(shown, json, context) != 0;
	bad |= add_unicode(shown) != 0;
	bad |= add_alike(shown, context) != 0;
	bad |= add_thread(shown, context) != 0;
	bad |= json_object_set_new(shown, "signed_by_us",
		   json_boolean(context->signed_by_us)) != 0;
	value = json_object_get(shown, "sender");
	for (int i = 0; i < 2 && json_is_object(value); i++) {
		key = i == 0 ? "raw" : "e164";
		if (json_object_get(value, key) == NULL) {
			bad |= json_object_set_new(
				   value, key, json_string("")) != 0;
		}
	}
	if (bad) {
		json_decref(shown);
		return NULL;
	}
	return shown;
}

static int to_buf(const char *text, size_t len, void *arg)
{
	struct buf *out = arg;

	buf_put(out, text, len);
	return buf_err(out) == TL_OK ? 0 : -1;
}

enum tl_err report_print_json(
    struct bytes doc, const struct report_context *context, struct buf *out)
{
	json_t *json = report_load(doc);
	json_t *shown = NULL;
	struct buf line;
	enum tl_err err = TL_EFORMAT;

	buf_init(&line, out->max);
	if (json == NULL) {
		goto out;
	}
	err = TL_ENOMEM;
	shown = shown_of(json, context);
	if (shown != NULL &&
	    json_dump_callback(shown, to_buf, &line, JSON_COMPACT) == 0) {
		plain_json(out, bytes_of(line.data, line.len));
		err = buf_err(out);
	} else if (buf_err(&line) != TL_OK) {
		err = buf_err(&line);
	}
out:
	json_decref(shown);
	json_decref(json);
	buf_free(&line);
	return err;
}

/* ---- lines for people ------------------------------------------------------
 */

/* Any value in one line: strings as they are, the rest as JSON. */
static void put_value(struct buf *out, const json_t *value)
{
	struct buf json;

	if (json_is_string(value)) {
		plain_line(out, string_bytes(value));
		return;
	}
	buf_init(&json, out->max);
	if (json_dump_callback(
		value, to_buf, &json, JSON_COMPACT | JSON_ENCODE_ANY) != 0 &&
	    out->err == TL_OK) {
		out->err = TL_ENOMEM;
	}
	plain_line(out, bytes_of(json.data, json.len));
	buf_free(&json);
}

static void put_member(struct buf *out, const char *before, const json_t *value)
{
	if (value == NULL ||
	    (json_is_string(value) && json_string_length(value) == 0)) {
		return;
	}
	buf_put_str(out, before);
	put_value(out, value);
}

static void put_rules(struct buf *out, const json_t *rules)
{
	size_t i;
	json_t *rule;

	json_array_foreach(rules, i, rule)
	{
		put_member(out, "  why ", json_object_get(rule, "text"));
		put_member(out, " (", json_object_get(rule, "rule"));
		buf_put_str(out, ")\n");
	}
}

static void put_words(struct buf *out, const json_t *words)
{
	size_t i;
	json_t *word;

	json_array_foreach(words, i, word)
	{
		put_member(out, "  word ", json_object_get(word, "word"));
		put_member(out, " (", json_object_get(word, "group"));
		put_member(out, " ", json_object_get(word, "lang"));
		put_member(out, ", in ", json_object_get(word, "in"));
		buf_put_str(out, ")\n");
	}
}

/* Members that have lines of their own or, as the mailboxes, say nothing to a
 * person; all others are listed by name. */
static bool has_own_line(const char *key)
{
	static const char *const keys[] = { "id", "received", "channel",
		"gateway", "lang", "text", "answers", "sender", "priority",
		"rules", "words", "text_unicode", "signed_by_us", "mailboxes",
		"form", "attachments" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(keys[i], key) == 0) {
			return true;
		}
	}
	return false;
}

static void put_named_value(
    struct buf *out, const char *key, const json_t *value)
{
	const char *words;

	if (json_is_string(value) && json_string_length(value) == 0) {
		return;
	}
	buf_put_str(out, "  ");
	plain_line(out, bytes_str(key));
	put_member(out, ": ", value);
	words = json_is_string(value)
	    ? answer_words(key, json_string_value(value))
	    : NULL;
	if (words != NULL) {
		buf_put_str(out, " = ");
		buf_put_str(out, words);
	}
	buf_put_str(out, "\n");
}

/* A line for each answer, with the words that the reporter chose. */
static void put_answers(struct buf *out, json_t *answers)
{
	const char *key;
	json_t *value, *one;
	size_t i;

	json_object_foreach(answers, key, value)
	{
		if (!json_is_array(value)) {
			put_named_value(out, key, value);
		}
		json_array_foreach(value, i, one)
		{
			put_named_value(out, key, one);
		}
	}
}

/* name: value of every other member that is not empty, a line each. */
static void put_members(struct buf *out, json_t *object)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		if (!has_own_line(key)) {
			put_named_value(out, key, value);
		}
	}
}

/* What was written later is misread without its tip. */
static void put_tip(
    struct buf *out, json_t *shown, const struct report_context *context)
{
	const json_t *kind = json_object_get(shown, "kind");

	if (context->tip != NULL) {
		put_member(out, "  WRITTEN LATER to tip ",
		    json_object_get(shown, "tip"));
		buf_put_str(out, "\n");
		(void)json_object_del(shown, "tip");
	} else if (json_is_string(kind) &&
	    strcmp(json_string_value(kind), "more") == 0) {
		buf_put_str(
		    out, "  WRITTEN LATER to a tip that is not known here\n");
	}
}

enum tl_err report_print_plain(
    struct bytes doc, const struct report_context *context, struct buf *out)
{
	json_t *json = report_load(doc);
	json_t *shown = json == NULL ? NULL : shown_of(json, context);
	json_t *sender = json_object_get(shown, "sender");

	if (shown == NULL) {
		json_decref(json);
		return json == NULL ? TL_EFORMAT : TL_ENOMEM;
	}
	put_member(out, "", json_object_get(shown, "priority"));
	put_member(out, "  ", json_object_get(shown, "received"));
	put_member(out, "  ", json_object_get(shown, "channel"));
	put_member(out, " ", json_object_get(shown, "gateway"));
	put_member(out, "  ", json_object_get(shown, "lang"));
	put_member(out, "\n  id ", json_object_get(shown, "id"));
	buf_put_str(out, "\n");
	if (!context->signed_by_us) {
		buf_put_str(out,
		    "  NOT SIGNED by a known intake: it may have"
		    " been put into the queue by somebody else\n");
	}
	put_tip(out, shown, context);
	put_rules(out, json_object_get(shown, "rules"));
	put_words(out, json_object_get(shown, "words"));
	put_member(out, "  from ", json_object_get(sender, "e164"));
	put_member(out, "  from as received ", json_object_get(sender, "raw"));
	buf_put_str(out, "\n");
	put_answers(out, json_object_get(shown, "answers"));
	plain_lines(out, string_bytes(json_object_get(shown, "text")));
	if (json_object_get(shown, "text_unicode") != NULL) {
		buf_put_str(out, "  in Unicode\n");
		plain_lines(
		    out, string_bytes(json_object_get(shown, "text_unicode")));
	}
	put_members(out, shown);
	json_decref(shown);
	json_decref(json);
	return buf_err(out);
}

enum tl_err report_print_reasons(const struct report *report, struct buf *out)
{
	buf_put_str(out, "P");
	buf_put_dec(out, (uint64_t)report->priority);
	buf_put_str(out, "\n");
	for (size_t i = 0; i < report->n_rules; i++) {
		buf_put_str(out, "  why ");
		plain_line(out, bytes_str(report->rules[i].text));
		buf_put_str(out, " (");
		plain_line(out, bytes_str(report->rules[i].name));
		buf_put_str(out, ")\n");
	}
	for (size_t i = 0; i < report->n_words; i++) {
		const struct report_word *word = &report->words[i];

		buf_put_str(out, "  word ");
		plain_line(out, word->word);
		buf_put_str(out, " (");
		buf_put_str(out, word->group);
		buf_put_str(out, " ");
		buf_put_str(out, word->lang);
		buf_put_str(out, ", byte ");
		buf_put_dec(out, word->at);
		buf_put_str(out, ")\n");
	}
	for (size_t i = 0; i < report->n_flags; i++) {
		buf_put_str(out, "  flag ");
		plain_line(out, bytes_str(report->flags[i]));
		buf_put_str(out, "\n");
	}
	buf_put_str(out, "  language ");
	buf_put_str(out,
	    report->lang_guess[0] != '\0' ? report->lang_guess : "unknown");
	buf_put_str(out, "\n");
	return buf_err(out);
}
