/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/webhook_vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/enc.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/webhook_custom.h"
#include "cli/webhook_json.h"
#include "crypto/digest.h"
#include "sms/join.h"
#include "sms/smpp.h"

#define HEADERS_MAX      64u
#define JOINED_MAX_BYTES ((size_t)JOIN_TOTAL_MAX * SMS_TEXT_MAX_BYTES)

/* One vector, made into what sms/ takes. */
struct vector {
	json_t *json; /* borrowed */
	struct sms_gateway gateway;
	struct sms_request request;
	struct sms_header headers[HEADERS_MAX];
	struct sms_custom custom;
	char *names[HEADERS_MAX]; /* owned, as all below */
	char *url;
	uint8_t *body;
};

/* What entries before this one have left behind. */
struct store {
	json_t *records; /* id of the vector: its dedup digest in hex */
	struct kept {
		const char *group; /* borrowed from the vector */
		int64_t received_s;
		struct sms_batch *batch; /* of one part */
	} * kept;
	size_t n_kept;
};

static const char *member(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text == NULL ? "" : text;
}

static void vector_free(struct vector *v)
{
	for (size_t i = 0; i < v->request.n_headers; i++) {
		free(v->names[i]);
	}
	free(v->url);
	free(v->body);
}

static enum tl_err read_headers(struct vector *v)
{
	const char *name;
	json_t *value;

	json_object_foreach(json_object_get(v->json, "headers"), name, value)
	{
		size_t n = v->request.n_headers;
		char *lower = n < HEADERS_MAX ? strdup(name) : NULL;

		if (lower == NULL) {
			return TL_ENOMEM;
		}
		for (char *c = lower; *c != '\0'; c++) {
			*c = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
		}
		v->names[n] = lower;
		v->headers[n].name = lower;
		v->headers[n].value = bytes_of(
		    json_string_value(value), json_string_length(value));
		v->request.n_headers++;
	}
	v->request.headers = v->headers;
	return TL_OK;
}

static enum tl_err read_body(struct vector *v)
{
	const char *b64 = member(v->json, "body_b64");
	size_t len = strlen(b64);

	v->body = malloc(len + 1);
	if (v->body == NULL) {
		return TL_ENOMEM;
	}
	v->request.body.at = v->body;
	return dec_b64(
	    B64_STD, b64, len, v->body, len + 1, &v->request.body.len);
}

/* The settings that the vectors assume: region KH, national senders but for
 * those below. The url's query is the one of the request line. */
static const struct settings {
	const char *type;
	enum sms_numbers numbers;
	const char *account, *sig_method;
} settings[] = {
	{ "vonage-sms", SMS_INTERNATIONAL, NULL, NULL },
	{ "vonage-messages", SMS_INTERNATIONAL, "a1b2c3d", NULL },
	{ "plivo", SMS_INTERNATIONAL, NULL, "v2" },
	{ "infobip", SMS_INTERNATIONAL, NULL, NULL },
	{ "sinch", SMS_INTERNATIONAL, NULL, "fresh" },
	{ "messagebird", SMS_INTERNATIONAL, NULL, NULL },
	{ "clickatell", SMS_INTERNATIONAL, NULL, NULL },
	{ "jasmin", SMS_INTERNATIONAL, NULL, NULL },
};

static void set(struct vector *v)
{
	v->gateway.numbers = SMS_NATIONAL;
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		if (strcmp(settings[i].type, v->gateway.name) == 0) {
			v->gateway.numbers = settings[i].numbers;
			v->gateway.account = settings[i].account;
			v->gateway.sig_method = settings[i].sig_method;
		}
	}
	if (json_object_get(v->json, "sig_method") != NULL) {
		v->gateway.sig_method = member(v->json, "sig_method");
	}
}

/* "custom": ["custom_fields=...", ...] */
static bool read_custom(struct vector *v)
{
	struct custom_words words = { 0 };
	size_t i;
	json_t *option;

	json_array_foreach(json_object_get(v->json, "custom"), i, option)
	{
		if (!json_is_string(option) ||
		    !webhook_set(&words, json_string_value(option))) {
			return false;
		}
	}
	return webhook_custom(&words, &v->custom, &v->gateway) == NULL;
}

static enum tl_err vector_load(
    struct vector *v, json_t *json, const struct sms_adapter *adapter)
{
	const char *url = member(json, "url");
	const char *query = strchr(url, '?');
	enum tl_err err;

	*v = (struct vector){ .json = json };
	v->url = strdup(url);
	if (v->url == NULL) {
		return TL_ENOMEM;
	}
	v->gateway = (struct sms_gateway){
		.adapter = adapter,
		.name = member(json, "provider"),
		.url = v->url,
		.secrets = { bytes_str(member(json, "secret_or_public_key")) },
		.n_secrets = 1,
		.region = "KH",
	};
	set(v);
	v->request.is_get = strcmp(member(json, "method"), "GET") == 0;
	v->request.query = bytes_str(query == NULL ? NULL : query + 1);
	(void)webhook_path(
	    &v->gateway, webhook_url_path(v->url), &v->request.segment);
	v->request.now_s = json_integer_value(json_object_get(json, "now"));
	if (!read_custom(v)) {
		return TL_EINVAL;
	}
	err = read_headers(v);
	return err == TL_OK ? read_body(v) : err;
}

/* ---- repeats and parts -------------------------------------------------- */

/* What the spool would compare, as hexadecimal; NULL if memory is out. */
static json_t *digest_of(
    const struct vector *v, const struct sms_message *message)
{
	uint8_t digest[DIGEST_SHA256_BYTES];
	struct buf input, hex;
	json_t *string = NULL;

	buf_init(&input, 4u * 1024u * 1024u);
	buf_init(&hex, 2 * sizeof(digest));
	sms_dedup_input(&v->gateway, message, v->request.now_s, &input);
	if (buf_err(&input) == TL_OK) {
		digest_sha256(digest, bytes_of(input.data, input.len));
		enc_hex(&hex, digest, sizeof(digest));
	}
	if (hex.len > 0) {
		string = json_stringn((const char *)hex.data, hex.len);
	}
	buf_free(&input);
	buf_free(&hex);
	return string;
}

/* Each entry runs against an empty store, but for those that name an
 * original: they run after it, and must be known to be its repeat. */
static int note_record(struct store *store, const struct vector *v,
    const struct sms_message *message, json_t *line)
{
	const char *original =
	    member(json_object_get(v->json, "message"), "duplicate_of");
	json_t *digest = digest_of(v, message);
	int bad = 0;

	if (original[0] != '\0' &&
	    json_equal(json_object_get(store->records, original), digest)) {
		bad |= json_object_set_new(json_object_get(line, "message"),
		    "duplicate_of", json_string(original));
	}
	bad |=
	    json_object_set_new(store->records, member(v->json, "id"), digest);
	return bad;
}

/* What is to be joined of it: the bytes before decoding where that lost
 * some. */
static enum join_form form_of(
    const struct sms_message *message, struct bytes *ret_bytes)
{
	const char *encoding = message->encoding;

	*ret_bytes = message->data;
	if (encoding != NULL && strcmp(encoding, "utf-16be") == 0) {
		return JOIN_UTF16BE;
	}
	if (encoding != NULL && strcmp(encoding, "gsm-7") == 0) {
		return JOIN_GSM7;
	}
	if (encoding == NULL && message->kind != SMS_TEXT) {
		return JOIN_BYTES;
	}
	if (encoding == NULL) {
		*ret_bytes = message->text;
	}
	return JOIN_TEXT;
}

static enum tl_err add_parts(
    const struct store *store, const char *group, struct join *join)
{
	enum tl_err err = TL_OK;

	for (size_t i = 0; err == TL_OK && i < store->n_kept; i++) {
		const struct kept *kept = &store->kept[i];
		const struct sms_message *message =
		    sms_batch_at(kept->batch, 0);
		struct join_part part = {
			.from = message->from_raw,
			.to = message->to,
			.concat = message->concat,
			.received_s = kept->received_s,
			.tag = i,
		};

		if (strcmp(kept->group, group) == 0 &&
		    join_wants(&part.concat)) {
			part.form = form_of(message, &part.bytes);
			err = join_add(join, &part);
		}
	}
	return err;
}

/* The group's text, as a desk would show it; NULL while it is not whole, or
 * if memory is out. */
static json_t *join_group(const struct store *store, const char *group)
{
	struct join *join = join_new();
	struct buf text, data;
	json_t *joined = NULL;
	bool lossy;

	buf_init(&text, JOINED_MAX_BYTES);
	buf_init(&data, JOINED_MAX_BYTES);
	if (join != NULL && add_parts(store, group, join) == TL_OK &&
	    join_settle(join, 0) == TL_OK && join_count(join) == 1 &&
	    join_at(join, 0)->state == JOIN_COMPLETE &&
	    join_read(join, 0, &text, &data, &lossy) == TL_OK) {
		joined = json_stringn(
		    text.len == 0 ? "" : (const char *)text.data, text.len);
	}
	buf_free(&text);
	buf_free(&data);
	join_free(join);
	return joined;
}

/* Keeps the batch if it is a part of a long message. */
static int note_part(struct store *store, const json_t *json,
    struct sms_batch **batch, json_t *line)
{
	const char *group = member(json, "concat_group");
	struct kept *kept;
	json_t *joined;

	if (group[0] == '\0' || *batch == NULL ||
	    !sms_batch_at(*batch, 0)->has_concat) {
		return 0;
	}
	kept =
	    reallocarray(store->kept, store->n_kept + 1, sizeof(*store->kept));
	if (kept == NULL) {
		return -1;
	}
	store->kept = kept;
	store->kept[store->n_kept++] = (struct kept){
		.group = group,
		.received_s = json_integer_value(json_object_get(json, "now")),
		.batch = *batch,
	};
	*batch = NULL;
	joined = join_group(store, group);
	return joined == NULL
	    ? 0
	    : json_object_set_new(line, "concat_full_text", joined);
}

static void store_free(struct store *store)
{
	for (size_t i = 0; i < store->n_kept; i++) {
		sms_batch_free(store->kept[i].batch);
	}
	free(store->kept);
	json_decref(store->records);
}

/* ---- the run ------------------------------------------------------------ */

static json_t *judged_line(
    struct store *store, const struct vector *v, struct webhook_taken *taken)
{
	const struct sms_answer *answer =
	    webhook_answer_of(&v->gateway, taken->verdict);
	json_t *line = json_pack("{s:s, s:s, s:s}", "id", member(v->json, "id"),
	    "result", webhook_result(taken->verdict), "why", taken->why);
	int bad = 0;

	if (!sms_is_refused(taken->verdict)) {
		bad |= json_object_set_new(
		    line, "message", webhook_message(taken->batch));
		bad |= json_object_set_new(
		    line, "flags", webhook_flags(taken->batch));
	}
	bad |= json_object_set_new(line, "status",
	    answer->drop ? json_null() : json_integer(answer->status));
	if (taken->verdict == SMS_TIP) {
		bad |=
		    note_record(store, v, sms_batch_at(taken->batch, 0), line);
		bad |= note_part(store, v->json, &taken->batch, line);
	}
	if (bad != 0) {
		json_decref(line);
		return NULL;
	}
	return line;
}

/* What an SMSC's PDU is answered with. */
static json_t *pdu_answer(const struct smpp_answer *answer)
{
	if (answer->close) {
		return json_pack("{s:b}", "close", 1);
	}
	return json_pack("{s:s, s:i}", "pdu", smpp_answer_name(answer),
	    "status", (int)answer->status);
}

/* A message of an operator's SMSC: no request, but a PDU. */
static json_t *run_pdu(struct store *store, json_t *json)
{
	const struct smpp_bind bind = { .region = "KH", .alphabet = ENC_GSM7 };
	struct smpp_taken taken = { .batch = NULL };
	struct vector v = { .json = json };
	json_t *line = NULL;
	bool is_kept;
	int bad;

	if (read_body(&v) == TL_OK &&
	    smpp_take(&bind, v.request.body, &taken) == TL_OK) {
		is_kept = taken.kind != SMPP_REFUSED;
		line = json_pack("{s:s, s:s, s:s}", "id", member(json, "id"),
		    "result", webhook_result(is_kept ? SMS_TIP : SMS_NO_PROOF),
		    "why", taken.why);
		bad = json_object_set_new(
		    line, "answer", pdu_answer(&taken.answer));
		if (taken.kind == SMPP_TIP) {
			bad |= json_object_set_new(
			    line, "message", webhook_message(taken.batch));
			bad |= note_part(store, json, &taken.batch, line);
		} else if (is_kept) {
			bad |= json_object_set_new(line, "message",
			    json_pack("{s:s}", "kind",
				taken.kind == SMPP_RECEIPT ? "receipt"
							   : "control"));
		}
		if (bad != 0) {
			json_decref(line);
			line = NULL;
		}
	}
	sms_batch_free(taken.batch);
	vector_free(&v);
	return line;
}

/* The line of one vector; NULL if memory is out or it is no vector. */
static json_t *run_one(struct store *store, json_t *json)
{
	const struct sms_adapter *adapter =
	    sms_adapter_find(member(json, "provider"));
	struct webhook_taken taken = { 0 };
	struct vector v;
	json_t *line = NULL;

	if (strcmp(member(json, "method"), "PDU") == 0) {
		return run_pdu(store, json);
	}
	if (adapter == NULL) {
		return json_pack("{s:s, s:s}", "id", member(json, "id"),
		    "result", "unsupported");
	}
	if (vector_load(&v, json, adapter) == TL_OK &&
	    sms_take(&v.gateway, &v.request, &taken.batch, &taken.verdict,
		&taken.why) == TL_OK) {
		line = judged_line(store, &v, &taken);
	}
	sms_batch_free(taken.batch);
	vector_free(&v);
	return line;
}

int webhook_vectors(const char *path)
{
	struct store store = { .records = json_object() };
	json_error_t error;
	json_t *vectors = json_load_file(path, JSON_ALLOW_NUL, &error);
	json_t *json;
	size_t i;
	int status = CLI_OK;

	if (!json_is_array(vectors)) {
		say_error("%s: not a JSON array of vectors: %s", path,
		    vectors == NULL ? error.text : "it is something else");
		status = CLI_WRONG;
	}
	json_array_foreach(vectors, i, json)
	{
		json_t *line = run_one(&store, json);

		if (line == NULL ||
		    json_dumpf(line, stdout, JSON_COMPACT) != 0) {
			say_error("%s: entry %zu is not a vector", path, i + 1);
			status = CLI_WRONG;
		} else {
			(void)putchar('\n');
		}
		json_decref(line);
	}
	store_free(&store);
	json_decref(vectors);
	return status;
}
