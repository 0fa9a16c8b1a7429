/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "text/report.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/enc.h"
#include "base/wipe.h"
#include "text/urgency.h"
#include "text/utf8.h"

#define TIME_LAST_S INT64_C(253402300799) /* the end of the year 9999 */

/* Building keeps the first failure and does nothing afterwards. */
struct maker {
	enum tl_err err;
};

/* Takes value, NULL for "out of memory" included. */
static void set(struct maker *m, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) != 0) {
		m->err = TL_ENOMEM;
	}
}

static void append(struct maker *m, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) != 0) {
		m->err = TL_ENOMEM;
	}
}

/* A JSON string of valid UTF-8 bytes, or NULL. */
static json_t *string_of(struct bytes text)
{
	return json_stringn(
	    text.len == 0 ? "" : (const char *)text.at, text.len);
}

static json_t *string_b64(struct bytes bytes)
{
	struct buf b64;
	json_t *string = NULL;

	buf_init(&b64, bytes.len / 3 * 4 + 4);
	enc_b64(&b64, B64_STD, bytes.at, bytes.len);
	if (buf_err(&b64) == TL_OK) {
		string = string_of(bytes_of(b64.data, b64.len));
	}
	buf_free(&b64);
	return string;
}

static json_t *string_hex(const uint8_t *bytes, size_t len)
{
	struct buf hex;
	json_t *string = NULL;

	buf_init(&hex, 2 * len);
	enc_hex(&hex, bytes, len);
	if (buf_err(&hex) == TL_OK) {
		string = string_of(bytes_of(hex.data, hex.len));
	}
	buf_free(&hex);
	return string;
}

/* Text of any bytes as a string; *ret_valid is false if it was repaired. */
static json_t *string_repaired(struct bytes text, bool *ret_valid)
{
	struct buf repaired;
	json_t *string = NULL;

	*ret_valid = utf8_valid(text);
	if (*ret_valid) {
		return string_of(text);
	}
	buf_init(&repaired, text.len * 3);
	(void)utf8_repair(text, &repaired);
	if (buf_err(&repaired) == TL_OK) {
		string = string_of(bytes_of(repaired.data, repaired.len));
	}
	buf_free(&repaired);
	return string;
}

#define KEY_MAX_BYTES 64u

static void key_b64(char key[static KEY_MAX_BYTES], const char *name)
{
	(void)snprintf(key, KEY_MAX_BYTES, "%s_b64", name);
}

/* key: the text, and key_b64: its bytes if they are not UTF-8. */
static void set_text(
    struct maker *m, json_t *object, const char *key, struct bytes text)
{
	char b64[KEY_MAX_BYTES];
	bool valid;

	set(m, object, key, string_repaired(text, &valid));
	if (!valid) {
		key_b64(b64, key);
		set(m, object, b64, string_b64(text));
	}
}

static void set_text_if(
    struct maker *m, json_t *object, const char *key, struct bytes text)
{
	if (text.len > 0) {
		set_text(m, object, key, text);
	}
}

static void set_word_if(
    struct maker *m, json_t *object, const char *key, const char *word)
{
	if (word != NULL && word[0] != '\0') {
		set_text(m, object, key, bytes_str(word));
	}
}

static bool is_time(int64_t at_s)
{
	return at_s >= 0 && at_s <= TIME_LAST_S;
}

static void set_time(
    struct maker *m, json_t *object, const char *key, int64_t at_s)
{
	char text[sizeof("9999-12-31T23:59:59Z")];
	time_t at = (time_t)at_s;
	struct tm tm;

	if (!is_time(at_s) || gmtime_r(&at, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0) {
		m->err = TL_EINVAL;
		return;
	}
	set(m, object, key, json_string(text));
}

/* One value is a string; from the second on it is an array. */
static void add_value(
    struct maker *m, json_t *object, const char *key, json_t *value)
{
	json_t *there = json_object_get(object, key);
	json_t *array;

	if (there == NULL) {
		set(m, object, key, value);
		return;
	}
	if (json_is_array(there)) {
		append(m, there, value);
		return;
	}
	array = json_array();
	append(m, array, json_incref(there));
	append(m, array, value);
	set(m, object, key, array);
}

static json_t *answers_of(struct maker *m, const struct report *report)
{
	json_t *object = json_object();

	for (size_t i = 0; i < report->n_answers; i++) {
		const struct report_answer *answer = &report->answers[i];
		char b64[KEY_MAX_BYTES];
		bool valid;

		add_value(m, object, answer->name,
		    string_repaired(answer->value, &valid));
		if (!valid) {
			key_b64(b64, answer->name);
			add_value(m, object, b64, string_b64(answer->value));
		}
	}
	return object;
}

static json_t *sender_of(struct maker *m, const struct report *report)
{
	json_t *object = json_object();

	set_text_if(m, object, "raw", report->sender_raw);
	set_text_if(m, object, "e164", report->sender_e164);
	return object;
}

static json_t *rules_of(struct maker *m, const struct report *report)
{
	json_t *array = json_array();

	for (size_t i = 0; i < report->n_rules; i++) {
		append(m, array,
		    json_pack("{s:s, s:s}", "rule", report->rules[i], "text",
			urgency_sentence(report->rules[i])));
	}
	return array;
}

static void set_parts(struct maker *m, json_t *doc, const struct report *report)
{
	if (report->has_concat) {
		set(m, doc, "concat",
		    json_pack("{s:i, s:i, s:i, s:b}", "ref",
			(int)report->concat.ref, "total",
			(int)report->concat.total, "seq",
			(int)report->concat.seq, "wide", report->concat.wide));
	}
	if (report->units > 0) {
		set(m, doc, "units", json_integer(report->units));
	}
}

static void set_media(struct maker *m, json_t *doc, const struct report *report)
{
	json_t *array;

	if (report->n_media == 0) {
		return;
	}
	array = json_array();
	for (size_t i = 0; i < report->n_media; i++) {
		json_t *one = json_object();

		set_text(m, one, "type", report->media[i].type);
		set_text_if(m, one, "url", report->media[i].url);
		append(m, array, one);
	}
	set(m, doc, "media", array);
}

static void set_flags(struct maker *m, json_t *doc, const struct report *report)
{
	json_t *array;

	if (report->n_flags == 0) {
		return;
	}
	array = json_array();
	for (size_t i = 0; i < report->n_flags; i++) {
		append(m, array, json_string(report->flags[i]));
	}
	set(m, doc, "flags", array);
}

/* What came through a gateway besides the text. */
static void set_message(
    struct maker *m, json_t *doc, const struct report *report)
{
	set_text_if(m, doc, "to", report->to);
	set_text_if(m, doc, "external_id", report->external_id);
	/* a gateway's time that is none must not cost the tip */
	if (report->sent_s > 0 && is_time(report->sent_s)) {
		set_time(m, doc, "sent", report->sent_s);
	}
	set_word_if(m, doc, "kind", report->kind);
	if (report->data.len > 0) {
		set(m, doc, "data_b64", string_b64(report->data));
	}
	if (report->udh.len > 0) {
		set(m, doc, "udh_b64", string_b64(report->udh));
	}
	set_parts(m, doc, report);
	set_text_if(m, doc, "button", report->button);
	set_media(m, doc, report);
}

static void set_reply(struct maker *m, json_t *doc, const struct report *report)
{
	json_t *reply;

	if (!report->has_reply_key) {
		return;
	}
	reply = json_object();
	set(m, reply, "mailbox",
	    string_hex(report->mailbox, sizeof(report->mailbox)));
	set(m, reply, "key",
	    string_hex(report->reply_key, sizeof(report->reply_key)));
	set(m, doc, "reply", reply);
}

static int to_buf(const char *text, size_t len, void *arg)
{
	struct buf *out = arg;

	buf_put(out, text, len);
	return buf_err(out) == TL_OK ? 0 : -1;
}

enum tl_err report_write(const struct report *report, struct buf *out)
{
	struct maker m = { TL_OK };
	json_t *doc = json_object();

	set(&m, doc, "v", json_integer(REPORT_VERSION));
	set(&m, doc, "id", string_hex(report->id, sizeof(report->id)));
	set_time(&m, doc, "received", report->received_s);
	set_word_if(&m, doc, "channel", report->channel);
	set_word_if(&m, doc, "gateway", report->gateway);
	set_word_if(&m, doc, "lang", report->lang);
	set_text(&m, doc, "text", report->text);
	set(&m, doc, "answers", answers_of(&m, report));
	set(&m, doc, "sender", sender_of(&m, report));
	set_message(&m, doc, report);
	set_word_if(&m, doc, "trust", report->trust);
	set_reply(&m, doc, report);
	set(&m, doc, "priority", json_integer(report->priority));
	set(&m, doc, "rules", rules_of(&m, report));
	set_flags(&m, doc, report);
	if (m.err == TL_OK &&
	    json_dump_callback(doc, to_buf, out, JSON_COMPACT) != 0) {
		m.err = buf_err(out) == TL_OK ? TL_ENOMEM : buf_err(out);
	}
	json_decref(doc);
	return m.err;
}

size_t report_bytes_max(size_t content_len)
{
	/* the worst is U+0000 in a text: one byte becomes six */
	return 16u * 1024u + 6 * content_len;
}
