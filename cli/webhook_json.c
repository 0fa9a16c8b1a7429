/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/webhook_json.h"

#include <string.h>

#include "base/enc.h"
#include "sms/open_proof.h"
#include "text/utf8.h"

struct bytes webhook_url_path(const char *url)
{
	const char *host = strstr(url, "://");
	const char *path = host == NULL ? url : host + 3;
	size_t len;

	path += strcspn(path, "/?#");
	len = strcspn(path, "?#");
	return len == 0 ? bytes_str("/") : bytes_of(path, len);
}

/* An address that was given with its secret, without that. */
static struct bytes without_segment(struct bytes path)
{
	size_t len = path.len - OPEN_SEGMENT_CHARS - 1;

	return path.len > OPEN_SEGMENT_CHARS && path.at[len] == '/' &&
		memchr(path.at + len + 1, '/', OPEN_SEGMENT_CHARS) == NULL
	    ? bytes_of(path.at, len)
	    : path;
}

bool webhook_path(const struct sms_gateway *gateway, struct bytes path,
    struct bytes *ret_segment)
{
	const char *const urls[] = { gateway->url, gateway->fallback_url };

	*ret_segment = bytes_of(NULL, 0);
	for (size_t i = 0; i < 2; i++) {
		struct bytes base =
		    webhook_url_path(urls[i] == NULL ? gateway->url : urls[i]);

		if (sms_wants_segment(gateway)) {
			base = without_segment(base);
		}
		if (sms_path_fits(gateway, base, path, ret_segment)) {
			return true;
		}
	}
	return false;
}

const char *webhook_result(enum sms_verdict verdict)
{
	return sms_is_refused(verdict) ? "reject" : "accept";
}

static json_t *string_of(struct bytes text)
{
	struct buf repaired;
	json_t *string = NULL;

	buf_init(&repaired, text.len * 3);
	(void)utf8_repair(text, &repaired);
	if (buf_err(&repaired) == TL_OK) {
		string = json_stringn(
		    repaired.len == 0 ? "" : (const char *)repaired.data,
		    repaired.len);
	}
	buf_free(&repaired);
	return string;
}

static json_t *hex_of(struct bytes bytes)
{
	struct buf hex;
	json_t *string = NULL;

	buf_init(&hex, 2 * bytes.len);
	enc_hex(&hex, bytes.at, bytes.len);
	if (buf_err(&hex) == TL_OK) {
		string = string_of(bytes_of(hex.data, hex.len));
	}
	buf_free(&hex);
	return string;
}

static int set_if(json_t *object, const char *key, struct bytes value)
{
	return value.len == 0
	    ? 0
	    : json_object_set_new(object, key, string_of(value));
}

static int set_hex_if(json_t *object, const char *key, struct bytes value)
{
	return value.len == 0 ? 0
			      : json_object_set_new(object, key, hex_of(value));
}

static int set_parts(json_t *object, const struct sms_message *message)
{
	int bad = 0;

	if (message->has_concat) {
		bad |= json_object_set_new(object, "concat",
		    json_pack("{s:i, s:i, s:i}", "ref",
			(int)message->concat.ref, "total",
			(int)message->concat.total, "seq",
			(int)message->concat.seq));
	} else if ((message->flags & SMS_FLAG_NO_CONCAT) != 0) {
		bad |= json_object_set_new(object, "concat", json_null());
	}
	if (message->units > 1) {
		bad |= json_object_set_new(
		    object, "units", json_sprintf("%u", message->units));
	}
	return bad;
}

/* What a voice line or an app has asked, and how many files came. */
static int set_said(json_t *object, const struct sms_message *message)
{
	json_t *answers = json_array();
	int bad = set_if(object, "lang", bytes_str(message->lang));

	for (size_t i = 0; i < message->n_answers; i++) {
		bad |= json_array_append_new(answers,
		    json_pack("[s, o]", message->answers[i].name,
			string_of(message->answers[i].value)));
	}
	if (message->n_answers > 0) {
		bad |= json_object_set(object, "digits", answers);
	}
	json_decref(answers);
	if (message->n_files > 0) {
		bad |= json_object_set_new(object, "files",
		    json_integer((json_int_t)message->n_files));
	}
	return bad;
}

static json_t *one_message(const struct sms_message *message)
{
	json_t *object = json_object();
	int bad = set_if(object, "external_id", message->external_id);

	bad |= set_if(object, "from_raw", message->from_raw);
	bad |= set_if(object, "from", message->from);
	bad |= set_if(object, "to", message->to);
	bad |= json_object_set_new(
	    object, "channel", json_string(message->channel));
	if (message->kind == SMS_TEXT || message->text.len > 0) {
		bad |= json_object_set_new(
		    object, "text", string_of(message->text));
	}
	if (message->kind != SMS_TEXT) {
		bad |= json_object_set_new(
		    object, "kind", json_string(sms_kind_name(message->kind)));
	}
	bad |= set_hex_if(object, "data_hex", message->data);
	bad |= set_hex_if(object, "udh_hex", message->udh);
	bad |= set_parts(object, message);
	bad |= set_said(object, message);
	if (bad != 0) {
		json_decref(object);
		return NULL;
	}
	return object;
}

json_t *webhook_message(const struct sms_batch *batch)
{
	size_t n = batch == NULL ? 0 : sms_batch_count(batch);
	json_t *messages;

	if (n == 1) {
		return one_message(sms_batch_at(batch, 0));
	}
	if (n == 0) {
		return json_pack("{s:i}", "count", 0);
	}
	messages = json_array();
	for (size_t i = 0; i < n; i++) {
		if (json_array_append_new(
			messages, one_message(sms_batch_at(batch, i))) != 0) {
			json_decref(messages);
			return NULL;
		}
	}
	return json_pack("{s:i, s:o}", "count", (int)n, "messages", messages);
}

json_t *webhook_flags(const struct sms_batch *batch)
{
	json_t *words = json_array();
	unsigned flags = 0;

	for (size_t i = 0; batch != NULL && i < sms_batch_count(batch); i++) {
		flags |= sms_batch_at(batch, i)->flags;
	}
	for (unsigned bit = 0; bit < SMS_FLAGS_MAX; bit++) {
		if ((flags & 1u << bit) != 0 &&
		    json_array_append_new(
			words, json_string(sms_flag_name(1u << bit))) != 0) {
			json_decref(words);
			return NULL;
		}
	}
	return words;
}

json_t *webhook_answer(const struct sms_answer *answer)
{
	return json_pack("{s:o, s:s?, s:s, s:s?, s:b}", "status",
	    answer->drop ? json_null() : json_integer(answer->status), "type",
	    answer->type, "body", answer->body == NULL ? "" : answer->body,
	    "challenge", answer->challenge, "drop", (int)answer->drop);
}

const struct sms_answer *webhook_answer_of(
    const struct sms_gateway *gateway, enum sms_verdict verdict)
{
	return sms_answer(
	    gateway, sms_is_refused(verdict) ? SMS_PROOF_FAILED : SMS_STORED);
}
