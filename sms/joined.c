/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sms/joined.h"

#include <stdlib.h>
#include <string.h>

#include "base/enc.h"
#include "sms/hide.h"
#include "sms/json.h"
#include "sms/when.h"
#include "text/utf8.h"

/* A request of 4 MiB that was kept in pieces is its bytes in base64 and what
 * can be read of them: about 10 MiB. */
#define DOC_MAX_BYTES  ((size_t)16u * 1024u * 1024u)
#define TEXT_MAX_BYTES ((size_t)8u * 1024u * 1024u)

struct record {
	uint64_t tag;
	json_t *json;   /* the part's document */
	struct buf doc; /* of the message that is shown in its place */
	bool is_apart;  /* its message is too much for one document */
};

struct joined {
	struct join *join;
	struct record *records; /* sorted by tag once all are there */
	size_t n, cap;
};

struct joined *joined_new(void)
{
	struct joined *joined = calloc(1, sizeof(*joined));

	if (joined != NULL) {
		joined->join = join_new();
	}
	if (joined != NULL && joined->join == NULL) {
		free(joined);
		joined = NULL;
	}
	return joined;
}

void joined_free(struct joined *joined)
{
	if (joined == NULL) {
		return;
	}
	for (size_t i = 0; i < joined->n; i++) {
		json_decref(joined->records[i].json);
		buf_free(&joined->records[i].doc);
	}
	free(joined->records);
	join_free(joined->join);
	free(joined);
}

/* ---- parts ------------------------------------------------------------------
 */

static uint64_t int_of(const json_t *object, const char *key, uint64_t max)
{
	json_int_t value = json_integer_value(json_object_get(object, key));

	return value < 0 || (uint64_t)value > max ? 0 : (uint64_t)value;
}

/* The bytes of a member: as they were received, if they were not UTF-8. */
static bool read_text(
    const json_t *object, const char *key, const char *key_b64, struct buf *out)
{
	struct bytes text, b64;
	uint8_t *at;
	size_t len = 0;

	if (!sms_json_text(object, key, &text) ||
	    !sms_json_text(object, key_b64, &b64)) {
		return false;
	}
	if (b64.len == 0) {
		buf_put(out, text.at, text.len);
		return true;
	}
	at = buf_room(out, b64.len);
	if (at == NULL ||
	    dec_b64(B64_STD, (const char *)b64.at, b64.len, at, b64.len,
		&len) != TL_OK) {
		return false;
	}
	out->len -= b64.len - len;
	return true;
}

/* What is to be joined of it: the bytes before decoding where something was
 * lost in that. */
static bool read_bytes(
    const json_t *json, struct join_part *part, struct buf *out)
{
	static const struct {
		const char *name;
		enum join_form form;
	} encodings[] = {
		{ "utf-8", JOIN_TEXT },
		{ "utf-16be", JOIN_UTF16BE },
		{ "gsm-7", JOIN_GSM7 },
	};

	for (size_t i = 0; i < sizeof(encodings) / sizeof(encodings[0]); i++) {
		if (sms_json_at_is(json, "encoding", encodings[i].name)) {
			part->form = encodings[i].form;
			return read_text(json, "", "data_b64", out);
		}
	}
	if (json_object_get(json, "kind") != NULL) {
		part->form = JOIN_BYTES;
		return read_text(json, "", "data_b64", out);
	}
	part->form = JOIN_TEXT;
	return read_text(json, "text", "text_b64", out);
}

static bool read_part(const json_t *json, struct join_part *part,
    struct buf *from, struct buf *bytes)
{
	const json_t *concat = json_object_get(json, "concat");
	struct bytes received;

	part->concat = (struct sms_concat){
		.ref = (uint16_t)int_of(concat, "ref", UINT16_MAX),
		.total = (uint8_t)int_of(concat, "total", UINT8_MAX),
		.seq = (uint8_t)int_of(concat, "seq", UINT8_MAX),
		.wide = json_is_true(json_object_get(concat, "wide")),
	};
	if (!join_wants(&part->concat) ||
	    !sms_json_text(json, "gateway", &part->gateway) ||
	    !sms_json_text(json, "to", &part->to) ||
	    !sms_json_text(json, "received", &received) ||
	    when_rfc3339(received, &part->received_s) != TL_OK ||
	    !read_text(
		json_object_get(json, "sender"), "raw", "raw_b64", from) ||
	    !read_bytes(json, part, bytes)) {
		return false;
	}
	part->from = bytes_of(from->data, from->len);
	part->bytes = bytes_of(bytes->data, bytes->len);
	return true;
}

static enum tl_err add_record(
    struct joined *joined, json_t *json, const struct join_part *part)
{
	size_t cap = joined->cap == 0 ? 16 : 2 * joined->cap;
	struct record *records;

	if (joined->n == joined->cap) {
		records = reallocarray(joined->records, cap, sizeof(*records));
		if (records == NULL) {
			return TL_ENOMEM;
		}
		joined->records = records;
		joined->cap = cap;
	}
	if (join_add(joined->join, part) != TL_OK) {
		return TL_ENOMEM;
	}
	joined->records[joined->n] = (struct record){
		.tag = part->tag,
		.json = json_incref(json),
	};
	buf_init(&joined->records[joined->n].doc, DOC_MAX_BYTES);
	joined->n++;
	return TL_OK;
}

enum tl_err joined_add(struct joined *joined, struct bytes doc, uint64_t tag)
{
	struct join_part part = { .tag = tag };
	struct buf from, bytes;
	json_t *json = NULL;
	enum tl_err err = sms_json_load(doc, &json);

	buf_init(&from, DOC_MAX_BYTES);
	buf_init(&bytes, DOC_MAX_BYTES);
	if (err == TL_OK && read_part(json, &part, &from, &bytes)) {
		err = add_record(joined, json, &part);
	}
	json_decref(json);
	buf_free(&from);
	buf_free(&bytes);
	return err == TL_ENOMEM ? err : TL_OK;
}

static struct record *find_record(const struct joined *joined, uint64_t tag)
{
	size_t low = 0;
	size_t high = joined->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (joined->records[middle].tag < tag) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low < joined->n && joined->records[low].tag == tag
	    ? &joined->records[low]
	    : NULL;
}

/* ---- the message's document
 * --------------------------------------------------- */

static const json_t *part_of(const struct joined *joined, size_t i, size_t k)
{
	return find_record(joined, join_tag(joined->join, i, k))->json;
}

/* Numbers of the parts that are there, or of those that are not. */
static json_t *numbers(const struct join_message *message, bool seen)
{
	json_t *list = json_array();

	for (unsigned n = 0; n < message->concat.total; n++) {
		if (((message->seen >> n & 1) != 0) == seen) {
			(void)json_array_append_new(
			    list, json_integer((json_int_t)n + 1));
		}
	}
	return list;
}

/* A member of all parts, as a list without doubles. */
static json_t *collect(const struct joined *joined, size_t i, const char *key)
{
	size_t n = join_at(joined->join, i)->n_parts;
	json_t *list = json_array();

	for (size_t k = 0; k < n; k++) {
		json_t *value = json_object_get(part_of(joined, i, k), key);
		size_t at = 0;

		while (value != NULL && at < json_array_size(list) &&
		    !json_equal(json_array_get(list, at), value)) {
			at++;
		}
		if (value != NULL && at == json_array_size(list)) {
			(void)json_array_append(list, value);
		}
	}
	return list;
}

static int set_parts(json_t *json, const struct joined *joined, size_t i)
{
	static const char *const states[] = {
		[JOIN_COMPLETE] = "complete",
		[JOIN_EXPECTED] = "expected",
		[JOIN_INCOMPLETE] = "incomplete",
	};
	const struct join_message *message = join_at(joined->join, i);
	json_t *parts = json_pack("{s:s, s:i, s:i, s:o, s:o, s:o, s:o}",
	    "state", states[message->state], "ref", (int)message->concat.ref,
	    "total", (int)message->concat.total, "seen", numbers(message, true),
	    "missing", numbers(message, false), "ids", collect(joined, i, "id"),
	    "external_ids", collect(joined, i, "external_id"));
	int bad = 0;

	if (message->n_doubles > 0) {
		bad |= json_object_set_new(parts, "doubles",
		    json_integer((json_int_t)message->n_doubles));
	}
	if (message->late) {
		bad |= json_object_set_new(parts, "late", json_true());
	}
	if (message->reused) {
		bad |= json_object_set_new(parts, "reused", json_true());
	}
	return bad | json_object_set_new(json, "parts", parts);
}

static int set_data(json_t *json, const struct buf *data)
{
	struct buf b64;
	int bad = 0;

	(void)json_object_del(json, "data_b64");
	(void)json_object_del(json, "encoding");
	if (data->len > 0) {
		buf_init(&b64, 2 * data->len + 4);
		enc_b64(&b64, B64_STD, data->data, data->len);
		bad = buf_err(&b64) != TL_OK ||
		    json_object_set_new(json, "data_b64",
			json_stringn((const char *)b64.data, b64.len)) != 0;
		buf_free(&b64);
	}
	return bad;
}

/* Append what is not there yet; rules are known by their names. */
static int add_missing(json_t *list, const json_t *more, const char *name)
{
	size_t i, k;
	json_t *value;
	int bad = 0;

	json_array_foreach(more, i, value)
	{
		const json_t *mine =
		    name == NULL ? value : json_object_get(value, name);

		for (k = 0; k < json_array_size(list); k++) {
			const json_t *other = json_array_get(list, k);

			if (json_equal(mine,
				name == NULL ? other
					     : json_object_get(other, name))) {
				break;
			}
		}
		if (k == json_array_size(list)) {
			bad |= json_array_append(list, value);
		}
	}
	return bad;
}

/* "lossy" was said of parts; the whole may have lost nothing. */
static json_t *flags_of(const struct joined *joined, size_t i, bool lossy)
{
	json_t *all = json_array();
	json_t *flags = json_array();
	size_t k;
	json_t *flag;

	for (k = 0; k < join_at(joined->join, i)->n_parts; k++) {
		(void)add_missing(
		    all, json_object_get(part_of(joined, i, k), "flags"), NULL);
	}
	json_array_foreach(all, k, flag)
	{
		if (strcmp(json_string_value(flag) == NULL
			    ? ""
			    : json_string_value(flag),
			"lossy") != 0) {
			(void)json_array_append(flags, flag);
		}
	}
	if (lossy) {
		(void)json_array_append_new(flags, json_string("lossy"));
	}
	json_decref(all);
	return flags;
}

/* What the rules make of the whole text, as a document; NULL: nothing. */
static json_t *judge(
    const struct triage *triage, const char *channel, struct bytes text)
{
	struct report report = { .channel = channel, .text = text };
	struct buf doc;
	json_t *json = NULL;

	if (triage == NULL || triage_judge(triage, &report) != TL_OK) {
		return NULL;
	}
	buf_init(&doc, report_bytes_max(text.len));
	if (report_write(&report, &doc) == TL_OK &&
	    sms_json_load(bytes_of(doc.data, doc.len), &json) != TL_OK) {
		json = NULL;
	}
	buf_free(&doc);
	return json;
}

/* Up only: what a part has caused stays. */
static int set_judged(
    json_t *json, const struct joined *joined, size_t i, json_t *judged)
{
	static const char *const taken[] = { "words", "lang_guess",
		"rules_version", "keywords_version" };
	json_t *rules = json_array();
	json_int_t best = 4;
	int bad = add_missing(rules, json_object_get(judged, "rules"), "rule");

	for (size_t k = 0; k < sizeof(taken) / sizeof(taken[0]); k++) {
		json_t *value = json_object_get(judged, taken[k]);

		if (value != NULL) {
			bad |= json_object_set(json, taken[k], value);
		}
	}
	for (size_t k = 0; k <= join_at(joined->join, i)->n_parts; k++) {
		const json_t *doc = k == 0 ? judged : part_of(joined, i, k - 1);
		json_int_t priority =
		    json_integer_value(json_object_get(doc, "priority"));

		bad |=
		    add_missing(rules, json_object_get(doc, "rules"), "rule");
		best = priority >= 1 && priority < best ? priority : best;
	}
	bad |= json_object_set_new(json, "priority", json_integer(best));
	return bad | json_object_set_new(json, "rules", rules);
}

static int to_buf(const char *text, size_t len, void *arg)
{
	struct buf *out = arg;

	buf_put(out, text, len);
	return buf_err(out) == TL_OK ? 0 : -1;
}

/* As where each part came in: these words are read anew. */
static void hide_from(const json_t *json, struct buf *text)
{
	const json_t *sender = json_object_get(json, "sender");
	const json_t *raw = json_object_get(sender, "raw");
	const json_t *e164 = json_object_get(sender, "e164");

	if (sms_json_at_is(json, "kind", sms_kind_name(SMS_UNDECODABLE))) {
		hide_sender(text,
		    bytes_of(json_string_value(raw), json_string_length(raw)),
		    bytes_of(
			json_string_value(e164), json_string_length(e164)));
	}
}

static void leave_apart(struct joined *joined, size_t i, struct record *head)
{
	for (size_t k = 0; k < join_at(joined->join, i)->n_parts; k++) {
		find_record(joined, join_tag(joined->join, i, k))->is_apart =
		    true;
	}
	buf_free(&head->doc);
}

static enum tl_err write_message(struct joined *joined, size_t i,
    struct record *head, const struct triage *triage)
{
	json_t *json = json_copy(head->json);
	json_t *judged = NULL;
	struct buf text, data;
	bool lossy = false;
	enum tl_err err;
	int bad;

	buf_init(&text, TEXT_MAX_BYTES);
	buf_init(&data, TEXT_MAX_BYTES);
	err = join_read(joined->join, i, &text, &data, &lossy);
	if (err == TL_OK) {
		hide_from(head->json, &text);
		judged = judge(triage,
		    json_string_value(json_object_get(json, "channel")),
		    bytes_of(text.data, text.len));
	}
	bad = json == NULL || err != TL_OK ||
	    json_object_set_new(json, "text",
		json_stringn(text.len == 0 ? "" : (const char *)text.data,
		    text.len)) != 0 ||
	    set_data(json, &data) != 0 || set_parts(json, joined, i) != 0 ||
	    json_object_set_new(json, "flags", flags_of(joined, i, lossy)) !=
		0 ||
	    set_judged(json, joined, i, judged) != 0;
	(void)json_object_del(json, "text_b64");
	(void)json_object_del(json, "concat");
	if (!bad) {
		bad = json_dump_callback(
			  json, to_buf, &head->doc, JSON_COMPACT) != 0;
	}
	json_decref(judged);
	json_decref(json);
	buf_free(&text);
	buf_free(&data);
	if (err == TL_ETOOBIG || buf_err(&head->doc) == TL_ETOOBIG) {
		/* or it would be in the way of all others, for good */
		leave_apart(joined, i, head);
		return TL_OK;
	}
	return bad ? TL_ENOMEM : TL_OK;
}

static int by_tag(const void *a, const void *b)
{
	uint64_t left = ((const struct record *)a)->tag;
	uint64_t right = ((const struct record *)b)->tag;

	return (left > right) - (left < right);
}

size_t joined_count(const struct joined *joined)
{
	return joined->n;
}

enum tl_err joined_settle(struct joined *joined, int64_t now_s,
    uint64_t first_tag, const struct triage *triage)
{
	enum tl_err err = join_settle(joined->join, now_s);

	if (joined->n > 0) {
		qsort(joined->records, joined->n, sizeof(*joined->records),
		    by_tag);
	}
	for (size_t i = 0; err == TL_OK && i < join_count(joined->join); i++) {
		uint64_t head = UINT64_MAX;

		for (size_t k = 0; k < join_at(joined->join, i)->n_parts; k++) {
			uint64_t tag = join_tag(joined->join, i, k);

			head = tag >= first_tag && tag < head ? tag : head;
		}
		if (head != UINT64_MAX) {
			err = write_message(
			    joined, i, find_record(joined, head), triage);
		}
	}
	return err;
}

bool joined_find(
    const struct joined *joined, uint64_t tag, struct bytes *ret_doc)
{
	const struct record *record = find_record(joined, tag);

	if (record == NULL || record->is_apart) {
		return false;
	}
	*ret_doc = bytes_of(record->doc.data, record->doc.len);
	return true;
}
