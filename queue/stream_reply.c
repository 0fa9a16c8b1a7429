/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "queue/stream_reply.h"

#include <string.h>

#include <hiredis/hiredis.h>

/* client-query-buffer-limit is 16 MiB, and a string takes six bytes */
#define ARRAY_MOST (3 * 1024 * 1024)

static redisReplyObjectFunctions functions; /* the library's own, but one */
static void *(*create_array)(const redisReadTask *, int);

static void *create_short_array(const redisReadTask *task, int elements)
{
	/* NULL ends the connection */
	return elements > ARRAY_MOST ? NULL : create_array(task, elements);
}

void stream_limit(redisReader *reader)
{
	if (create_array == NULL) {
		functions = *reader->fn;
		create_array = functions.createArray;
		functions.createArray = create_short_array;
	}
	reader->fn = &functions;
}

struct word {
	const char *text; /* an error begins with it */
	enum stream_trouble trouble;
};

static const struct word words[] = {
	{ "LOADING", STREAM_LOADING },
	{ "READONLY", STREAM_READONLY },
	{ "MASTERDOWN", STREAM_READONLY },
	{ "NOAUTH", STREAM_REFUSED },
	{ "WRONGPASS", STREAM_REFUSED },
	{ "NOPERM", STREAM_REFUSED },
	{ "MISCONF", STREAM_DISK },
	{ "OOM", STREAM_FULL },
	{ "NOREPLICAS", STREAM_REPLICAS },
	{ "NOGROUP", STREAM_NOGROUP },
};

static enum stream_trouble trouble_of(const redisReply *error)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len = strlen(words[i].text);

		if (error->len >= len &&
		    memcmp(error->str, words[i].text, len) == 0 &&
		    (error->len == len || error->str[len] == ' ')) {
			return words[i].trouble;
		}
	}
	return STREAM_ERROR;
}

static bool is_string(const redisReply *reply)
{
	return reply != NULL && reply->type == REDIS_REPLY_STRING;
}

static bool is_array(const redisReply *reply, size_t n)
{
	return reply != NULL && reply->type == REDIS_REPLY_ARRAY &&
	    reply->elements == n;
}

static bool string_is(const redisReply *reply, const char *text)
{
	return is_string(reply) &&
	    bytes_equal(bytes_of(reply->str, reply->len), bytes_str(text));
}

/* "1700000000000-0": digits, "-", digits */
static bool is_entry_name(const redisReply *reply)
{
	size_t dashes = 0;

	if (!is_string(reply) || reply->len < 3 ||
	    reply->len >= STREAM_ENTRY_BYTES || reply->str[0] == '-' ||
	    reply->str[reply->len - 1] == '-') {
		return false;
	}
	for (size_t i = 0; i < reply->len; i++) {
		char c = reply->str[i];

		if (c != '-' && (c < '0' || c > '9')) {
			return false;
		}
		dashes += c == '-' ? 1 : 0;
	}
	return dashes == 1;
}

static bool is_entry(const redisReply *reply)
{
	const redisReply *fields;

	if (!is_array(reply, 2) || !is_entry_name(reply->element[0])) {
		return false;
	}
	fields = reply->element[1];
	if (fields != NULL && fields->type == REDIS_REPLY_NIL) {
		return true;
	}
	if (fields == NULL || fields->type != REDIS_REPLY_ARRAY ||
	    fields->elements % 2 != 0) {
		return false;
	}
	for (size_t i = 0; i < fields->elements; i++) {
		if (!is_string(fields->element[i])) {
			return false;
		}
	}
	return true;
}

static bool are_entries(const redisReply *reply)
{
	if (reply == NULL || reply->type != REDIS_REPLY_ARRAY) {
		return false;
	}
	for (size_t i = 0; i < reply->elements; i++) {
		if (!is_entry(reply->element[i])) {
			return false;
		}
	}
	return true;
}

static bool check_hello(const redisReply *reply, struct stream_answer *answer)
{
	const redisReply *role = NULL;

	if (reply->type != REDIS_REPLY_ARRAY || reply->elements % 2 != 0) {
		return false;
	}
	for (size_t i = 0; i < reply->elements; i += 2) {
		if (string_is(reply->element[i], "role")) {
			role = reply->element[i + 1];
		}
	}
	if (string_is(role, "master")) {
		answer->role = STREAM_MASTER;
		return true;
	}
	answer->role = STREAM_REPLICA;
	return string_is(role, "replica") || string_is(role, "slave");
}

static bool check_number(const redisReply *reply, struct stream_answer *answer)
{
	if (reply->type != REDIS_REPLY_INTEGER || reply->integer < 0) {
		return false;
	}
	answer->number = (uint64_t)reply->integer;
	return true;
}

/* [[stream, [entry, ...]], ...], or nil when nothing came in time */
static bool check_streams(const redisReply *reply, struct stream_answer *answer)
{
	if (reply->type == REDIS_REPLY_NIL) {
		return true;
	}
	if (reply->type != REDIS_REPLY_ARRAY) {
		return false;
	}
	for (size_t i = 0; i < reply->elements; i++) {
		const redisReply *stream = reply->element[i];

		if (!is_array(stream, 2) || !is_string(stream->element[0]) ||
		    !are_entries(stream->element[1])) {
			return false;
		}
	}
	answer->streams = reply;
	return true;
}

static bool check_entries(const redisReply *reply, struct stream_answer *answer)
{
	if (!check_streams(reply, answer)) {
		return false;
	}
	if (answer->streams != NULL && answer->streams->elements != 1) {
		return false;
	}
	if (answer->streams != NULL) {
		answer->entries = answer->streams->element[0]->element[1];
	}
	return true;
}

/* [where to go on, [entry, ...], [name of a deleted one, ...]] */
static bool check_claimed(const redisReply *reply, struct stream_answer *answer)
{
	const redisReply *gone;

	if (!is_array(reply, 3) || !is_entry_name(reply->element[0]) ||
	    !are_entries(reply->element[1])) {
		return false;
	}
	gone = reply->element[2];
	if (gone == NULL || gone->type != REDIS_REPLY_ARRAY) {
		return false;
	}
	for (size_t i = 0; i < gone->elements; i++) {
		if (!is_entry_name(gone->element[i])) {
			return false;
		}
	}
	answer->entries = reply->element[1];
	answer->number = gone->elements;
	return true;
}

/* [[name, consumer, idle ms, deliveries]], or [] when it is not pending */
static bool check_pending(const redisReply *reply, struct stream_answer *answer)
{
	const redisReply *one;

	if (is_array(reply, 0)) {
		return true;
	}
	if (!is_array(reply, 1)) {
		return false;
	}
	one = reply->element[0];
	return is_array(one, 4) && is_entry_name(one->element[0]) &&
	    is_string(one->element[1]) && one->element[2] != NULL &&
	    one->element[2]->type == REDIS_REPLY_INTEGER &&
	    one->element[3] != NULL && check_number(one->element[3], answer);
}

static bool check_as(const redisReply *reply, enum stream_want want,
    struct stream_answer *answer)
{
	switch (want) {
	case STREAM_WANT_HELLO:
		return check_hello(reply, answer);
	case STREAM_WANT_ENTRY:
		return is_entry_name(reply);
	case STREAM_WANT_NUMBER:
		return check_number(reply, answer);
	case STREAM_WANT_OK:
		return reply->type == REDIS_REPLY_STATUS && reply->len == 2 &&
		    memcmp(reply->str, "OK", 2) == 0;
	case STREAM_WANT_ENTRIES:
		return check_entries(reply, answer);
	case STREAM_WANT_STREAMS:
		return check_streams(reply, answer);
	case STREAM_WANT_CLAIMED:
		return check_claimed(reply, answer);
	case STREAM_WANT_PENDING:
		return check_pending(reply, answer);
	default:
		return false;
	}
}

enum stream_trouble stream_check(const redisReply *reply, enum stream_want want,
    struct stream_answer *ret_answer)
{
	struct stream_answer answer = { 0 };

	if (reply == NULL) {
		return STREAM_GONE;
	}
	if (reply->type == REDIS_REPLY_ERROR) {
		return trouble_of(reply);
	}
	if (!check_as(reply, want, &answer)) {
		return STREAM_GARBAGE;
	}
	*ret_answer = answer;
	return STREAM_FINE;
}

struct stream_answer stream_of(
    const struct stream_answer *answer, const char *name)
{
	struct stream_answer one = { 0 };

	for (size_t i = 0;
	     answer->streams != NULL && i < answer->streams->elements; i++) {
		const redisReply *stream = answer->streams->element[i];

		if (string_is(stream->element[0], name)) {
			one.entries = stream->element[1];
		}
	}
	return one;
}

size_t stream_entries(const struct stream_answer *answer)
{
	return answer->entries == NULL ? 0 : answer->entries->elements;
}

static const redisReply *fields_of(const struct stream_answer *answer, size_t i)
{
	return answer->entries->element[i]->element[1];
}

const char *stream_entry_name(const struct stream_answer *answer, size_t i)
{
	return answer->entries->element[i]->element[0]->str;
}

bool stream_entry_gone(const struct stream_answer *answer, size_t i)
{
	return fields_of(answer, i)->type == REDIS_REPLY_NIL;
}

size_t stream_entry_strings(const struct stream_answer *answer, size_t i)
{
	return fields_of(answer, i)->elements;
}

struct bytes stream_entry_string(
    const struct stream_answer *answer, size_t i, size_t k)
{
	const redisReply *string = fields_of(answer, i)->element[k];

	return bytes_of(string->str, string->len);
}

bool stream_entry_fields(const struct stream_answer *answer, size_t i,
    const char *const *names, size_t n, struct bytes *ret_values)
{
	if (stream_entry_strings(answer, i) != 2 * n) {
		return false;
	}
	for (size_t k = 0; k < n; k++) {
		if (!bytes_equal(stream_entry_string(answer, i, 2 * k),
			bytes_str(names[k]))) {
			return false;
		}
	}
	for (size_t k = 0; k < n; k++) {
		ret_values[k] = stream_entry_string(answer, i, 2 * k + 1);
	}
	return true;
}
