/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "text/report.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "text/json_write.h"
#include "text/utf8.h"

#define TIME_LAST_S   INT64_C(253402300799) /* the end of the year 9999 */
#define KEY_MAX_BYTES 64u

/* Text of any bytes: what is no UTF-8 in it is repaired. */
static void put_repaired(
    struct json_writer *w, const char *key, struct bytes text)
{
	struct buf repaired;

	if (utf8_valid(text)) {
		json_put_string(w, key, text);
		return;
	}
	buf_init(&repaired, text.len * 3);
	(void)utf8_repair(text, &repaired);
	json_put_string(w, key, bytes_of(repaired.data, repaired.len));
	if (buf_err(&repaired) != TL_OK) {
		w->out->err = buf_err(&repaired);
	}
	buf_free(&repaired);
}

static void key_b64(char key[static KEY_MAX_BYTES], const char *name)
{
	(void)snprintf(key, KEY_MAX_BYTES, "%s_b64", name);
}

/* key: the text, and key_b64: its bytes if they are not UTF-8. */
static void put_text(struct json_writer *w, const char *key, struct bytes text)
{
	char b64[KEY_MAX_BYTES];

	put_repaired(w, key, text);
	if (!utf8_valid(text)) {
		key_b64(b64, key);
		json_put_b64(w, b64, text);
	}
}

static void put_text_if(
    struct json_writer *w, const char *key, struct bytes text)
{
	if (text.len > 0) {
		put_text(w, key, text);
	}
}

static void put_word_if(
    struct json_writer *w, const char *key, const char *word)
{
	if (word != NULL && word[0] != '\0') {
		put_text(w, key, bytes_str(word));
	}
}

static bool is_time(int64_t at_s)
{
	return at_s >= 0 && at_s <= TIME_LAST_S;
}

/* at_s is_time(). */
static void put_time(struct json_writer *w, const char *key, int64_t at_s)
{
	char text[sizeof("9999-12-31T23:59:59Z")] = "";
	time_t at = (time_t)at_s;
	struct tm tm = { 0 };

	(void)gmtime_r(&at, &tm);
	(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	json_put_string(w, key, bytes_str(text));
}

/* ---- answers ------------------------------------------------------------- */

static bool is_same(const struct report *report, size_t a, size_t b)
{
	return strcmp(report->answers[a].name, report->answers[b].name) == 0;
}

static bool is_first(const struct report *report, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (is_same(report, i, at)) {
			return false;
		}
	}
	return true;
}

/*
 * The values of the answer at first, as a string or, from the second on, as
 * an array; or (raw) the bytes of those that are not UTF-8.
 */
static void put_values(struct json_writer *w, const char *key,
    const struct report *report, size_t first, bool raw)
{
	size_t n = 0;

	for (size_t i = first; i < report->n_answers; i++) {
		n += is_same(report, first, i) &&
		    (!raw || !utf8_valid(report->answers[i].value));
	}
	if (n > 1) {
		json_open_array(w, key);
		key = NULL;
	}
	for (size_t i = first; n > 0 && i < report->n_answers; i++) {
		struct bytes value = report->answers[i].value;

		if (!is_same(report, first, i)) {
			continue;
		}
		if (!raw) {
			put_repaired(w, key, value);
		} else if (!utf8_valid(value)) {
			json_put_b64(w, key, value);
		}
	}
	if (n > 1) {
		json_close_array(w);
	}
}

static void put_answers(struct json_writer *w, const struct report *report)
{
	json_open_object(w, "answers");
	for (size_t i = 0; i < report->n_answers; i++) {
		const char *name = report->answers[i].name;
		char b64[KEY_MAX_BYTES];

		if (is_first(report, i)) {
			key_b64(b64, name);
			put_values(w, name, report, i, false);
			put_values(w, b64, report, i, true);
		}
	}
	json_close_object(w);
}

/* ---- the rest ------------------------------------------------------------ */

static void put_sender(struct json_writer *w, const struct report *report)
{
	json_open_object(w, "sender");
	put_text_if(w, "raw", report->sender_raw);
	put_text_if(w, "e164", report->sender_e164);
	json_close_object(w);
}

static void put_rules(struct json_writer *w, const struct report *report)
{
	json_open_array(w, "rules");
	for (size_t i = 0; i < report->n_rules; i++) {
		const struct report_rule *rule = &report->rules[i];

		json_open_object(w, NULL);
		put_text(w, "rule", bytes_str(rule->name));
		put_text(w, "text", bytes_str(rule->text));
		if (rule->priority > 0) {
			json_put_int(w, "priority", rule->priority);
		}
		json_close_object(w);
	}
	json_close_array(w);
}

static void put_words(struct json_writer *w, const struct report *report)
{
	if (report->n_words == 0) {
		return;
	}
	json_open_array(w, "words");
	for (size_t i = 0; i < report->n_words; i++) {
		const struct report_word *word = &report->words[i];

		json_open_object(w, NULL);
		put_word_if(w, "group", word->group);
		put_word_if(w, "lang", word->lang);
		put_text(w, "word", word->word);
		put_word_if(w, "in", word->in);
		json_put_int(w, "at", (int64_t)word->at);
		json_put_int(w, "len", (int64_t)word->len);
		json_close_object(w);
	}
	json_close_array(w);
}

static void put_parts(struct json_writer *w, const struct report *report)
{
	if (report->has_concat) {
		json_open_object(w, "concat");
		json_put_int(w, "ref", report->concat.ref);
		json_put_int(w, "total", report->concat.total);
		json_put_int(w, "seq", report->concat.seq);
		json_put_bool(w, "wide", report->concat.wide);
		json_close_object(w);
	}
	if (report->units > 0) {
		json_put_int(w, "units", report->units);
	}
}

static void put_media(struct json_writer *w, const struct report *report)
{
	if (report->n_media == 0) {
		return;
	}
	json_open_array(w, "media");
	for (size_t i = 0; i < report->n_media; i++) {
		json_open_object(w, NULL);
		put_text(w, "type", report->media[i].type);
		put_text_if(w, "url", report->media[i].url);
		json_close_object(w);
	}
	json_close_array(w);
}

static void put_attachment(
    struct json_writer *w, const struct report_attachment *file)
{
	json_open_object(w, NULL);
	json_put_int(w, "file", file->file);
	put_text(w, "field", bytes_str(file->field));
	put_text_if(w, "name", file->name);
	put_word_if(w, "type", file->type);
	json_put_int(w, "bytes", (int64_t)file->bytes);
	json_put_int(w, "pieces", file->pieces);
	json_put_hex(w, "sha256", bytes_of(file->sha256, sizeof(file->sha256)));
	put_text(w, "state", bytes_str(file->state));
	if (file->cleaned) {
		json_put_bool(w, "cleaned", true);
	}
	json_open_array(w, "ids");
	for (size_t at = 0; at < file->ids.len; at += REPORT_ID_BYTES) {
		json_put_hex(
		    w, NULL, bytes_of(file->ids.at + at, REPORT_ID_BYTES));
	}
	json_close_array(w);
	json_close_object(w);
}

/* Files that came with it, or the file that it is a piece of. */
static void put_files(struct json_writer *w, const struct report *report)
{
	if (report->n_attachments > 0) {
		json_open_array(w, "attachments");
		for (size_t i = 0; i < report->n_attachments; i++) {
			put_attachment(w, &report->attachments[i]);
		}
		json_close_array(w);
	}
	if (report->piece != NULL) {
		json_put_hex(w, "tip",
		    bytes_of(report->piece->tip, sizeof(report->piece->tip)));
		json_put_int(w, "file", report->piece->file);
		json_put_int(w, "piece", report->piece->piece);
	}
}

static void put_flags(struct json_writer *w, const struct report *report)
{
	if (report->n_flags == 0) {
		return;
	}
	json_open_array(w, "flags");
	for (size_t i = 0; i < report->n_flags; i++) {
		put_text(w, NULL, bytes_str(report->flags[i]));
	}
	json_close_array(w);
}

/* What came through a gateway besides the text. */
static void put_message(struct json_writer *w, const struct report *report)
{
	if (report->thread != NULL && report->thread_before != NULL) {
		json_put_hex(
		    w, "thread", bytes_of(report->thread, REPORT_THREAD_BYTES));
		json_put_hex(w, "thread_before",
		    bytes_of(report->thread_before, REPORT_THREAD_BYTES));
	}
	put_text_if(w, "to", report->to);
	put_text_if(w, "external_id", report->external_id);
	/* a gateway's time that is none must not cost the tip */
	if (report->sent_s > 0 && is_time(report->sent_s)) {
		put_time(w, "sent", report->sent_s);
	}
	put_word_if(w, "kind", report->kind);
	if (report->data.len > 0) {
		json_put_b64(w, "data_b64", report->data);
		put_word_if(w, "encoding", report->encoding);
	}
	if (report->udh.len > 0) {
		json_put_b64(w, "udh_b64", report->udh);
	}
	put_parts(w, report);
	put_text_if(w, "button", report->button);
	put_text_if(w, "text_decoded", report->decoded);
	put_text_if(w, "link_id", report->link_id);
	put_media(w, report);
}

static void put_wishes(struct json_writer *w, const struct report *report)
{
	if (report->n_wishes == 0) {
		return;
	}
	json_open_array(w, "wish");
	for (size_t i = 0; i < report->n_wishes; i++) {
		put_text(w, NULL, bytes_str(report->wishes[i]));
	}
	json_close_array(w);
}

static void put_reply(struct json_writer *w, const struct report *report)
{
	if (!report->has_reply_key) {
		return;
	}
	json_open_object(w, "reply");
	json_put_hex(
	    w, "mailbox", bytes_of(report->mailbox, sizeof(report->mailbox)));
	json_put_hex(
	    w, "key", bytes_of(report->reply_key, sizeof(report->reply_key)));
	json_close_object(w);
}

enum tl_err report_write(const struct report *report, struct buf *out)
{
	struct json_writer w = { .out = out };

	if (!is_time(report->received_s)) {
		return TL_EINVAL;
	}
	json_open_object(&w, NULL);
	json_put_int(&w, "v", REPORT_VERSION);
	json_put_hex(&w, "id", bytes_of(report->id, sizeof(report->id)));
	put_time(&w, "received", report->received_s);
	put_word_if(&w, "channel", report->channel);
	put_word_if(&w, "gateway", report->gateway);
	put_word_if(&w, "via", report->via);
	put_word_if(&w, "taken_by", report->taken_by);
	put_word_if(&w, "lang", report->lang);
	put_text(&w, "text", report->text);
	put_answers(&w, report);
	put_sender(&w, report);
	if (report->has_form) {
		json_put_hex(
		    &w, "form", bytes_of(report->form, sizeof(report->form)));
	}
	if (report->has_mailbox) {
		json_put_hex(&w, "mailbox",
		    bytes_of(report->mailbox, sizeof(report->mailbox)));
	}
	put_wishes(&w, report);
	put_message(&w, report);
	put_word_if(&w, "trust", report->trust);
	put_reply(&w, report);
	json_put_int(&w, "priority", report->priority);
	put_rules(&w, report);
	put_word_if(&w, "rules_version", report->rules_version);
	put_word_if(&w, "keywords_version", report->keywords_version);
	put_words(&w, report);
	put_word_if(&w, "lang_guess", report->lang_guess);
	if (report->has_likeness) {
		json_put_b64(&w, "likeness",
		    bytes_of(report->likeness, sizeof(report->likeness)));
	}
	put_flags(&w, report);
	put_files(&w, report);
	json_close_object(&w);
	return buf_err(out);
}

size_t report_bytes_max(size_t content_len)
{
	/* the worst is U+0000 in a text that is not UTF-8: one byte becomes
	 * six, and stands in base64 beside that; rules, their sentences and
	 * the words found have their own limits */
	return 48u * 1024u + 8 * content_len;
}

/* All that the document is made of; each byte can cost some more in JSON,
 * which report_bytes_max() knows. */
size_t report_room(const struct report *report)
{
	size_t len = report->text.len + report->sender_raw.len +
	    report->sender_e164.len + report->to.len + report->external_id.len +
	    report->data.len + report->udh.len + report->button.len +
	    report->decoded.len + report->link_id.len;

	for (size_t i = 0; i < report->n_answers; i++) {
		len += report->answers[i].value.len;
	}
	for (size_t i = 0; i < report->n_media; i++) {
		len += report->media[i].type.len + report->media[i].url.len;
	}
	for (size_t i = 0; i < report->n_attachments; i++) {
		len += report->attachments[i].name.len +
		    report->attachments[i].ids.len;
	}
	return report_bytes_max(len);
}
