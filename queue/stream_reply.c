/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "queue/stream_reply.h"

#include <string.h>

#include <hiredis/hiredis.h>

static redisReplyObjectFunctions functions; /* the library's, counted */
static redisReplyObjectFunctions library;

/* NULL as the answer of those that make something ends the connection. */
static bool afford(const redisReadTask *task, size_t len)
{
	struct stream_budget *budget = task->privdata;

	if (task->parent == NULL) {
		budget->used_bytes = 0;
	}
	len += sizeof(redisReply);
	if (len > budget->most_bytes - budget->used_bytes) {
		budget->over = true;
		return false;
	}
	budget->used_bytes += len;
	return true;
}

/* [[stream, [[name, ...], ...]]]: the first of an array in an array in ... */
static bool is_name(const redisReadTask *task, size_t len)
{
	const redisReadTask *up = task;
	int depth = 0;

	while (up->parent != NULL && depth < 8) {
		up = up->parent;
		depth++;
	}
	return depth == 4 && task->idx == 0 && len < STREAM_ENTRY_BYTES;
}

static void *create_string(const redisReadTask *task, char *text, size_t len)
{
	struct stream_budget *budget = task->privdata;

	if (is_name(task, len)) {
		memcpy(budget->last_entry, text, len);
		budget->last_entry[len] = '\0';
	}
	return afford(task, len) ? library.createString(task, text, len) : NULL;
}

static void *create_array(const redisReadTask *task, int n)
{
	size_t len = n > 0 ? (size_t)n * sizeof(redisReply *) : 0;

	return afford(task, len) ? library.createArray(task, n) : NULL;
}

static void *create_integer(const redisReadTask *task, long long number)
{
	return afford(task, 0) ? library.createInteger(task, number) : NULL;
}

static void *create_nil(const redisReadTask *task)
{
	return afford(task, 0) ? library.createNil(task) : NULL;
}

void stream_limit(redisReader *reader, struct stream_budget *budget)
{
	if (library.createArray == NULL) {
		library = *reader->fn;
		functions = (redisReplyObjectFunctions){
			.createString = create_string,
			.createArray = create_array,
			.createInteger = create_integer,
			.createNil = create_nil,
			.freeObject = library.freeObject,
		};
	}
	reader->fn = &functions;
	reader->privdata = budget;
}

bool stream_within(const redisReader *reader, struct stream_budget *budget)
{
	if (reader->len > budget->most_bytes) {
		budget->over = true;
	}
	return !budget->over;
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

static bool check_number(const redisReply *reply, struct stream_answer *answer)
{
	if (reply == NULL || reply->type != REDIS_REPLY_INTEGER ||
	    reply->integer < 0) {
		return false;
	}
	answer->number = (uint64_t)reply->integer;
	return true;
}

static bool check_hello(const redisReply *reply, struct stream_answer *answer)
{
	const redisReply *role = NULL;
	const redisReply *mode = NULL;

	if (reply->type != REDIS_REPLY_ARRAY || reply->elements % 2 != 0) {
		return false;
	}
	for (size_t i = 0; i < reply->elements; i += 2) {
		if (string_is(reply->element[i], "role")) {
			role = reply->element[i + 1];
		} else if (string_is(reply->element[i], "mode")) {
			mode = reply->element[i + 1];
		} else if (string_is(reply->element[i], "id") &&
		    !check_number(reply->element[i + 1], answer)) {
			return false;
		}
	}
	if (role == NULL && string_is(mode, "sentinel")) {
		answer->role = STREAM_SENTINEL;
		return true;
	}
	if (string_is(role, "master")) {
		answer->role = STREAM_MASTER;
		return true;
	}
	answer->role = STREAM_REPLICA;
	return string_is(role, "replica") || string_is(role, "slave");
}

/* [[stream, [entry, ...]]], or nil when nothing came in time */
static bool check_entries(const redisReply *reply, struct stream_answer *answer)
{
	const redisReply *stream;

	if (reply->type == REDIS_REPLY_NIL) {
		return true;
	}
	if (!is_array(reply, 1)) {
		return false;
	}
	stream = reply->element[0];
	if (!is_array(stream, 2) || !is_string(stream->element[0]) ||
	    !are_entries(stream->element[1])) {
		return false;
	}
	answer->entries = stream->element[1];
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
	if (!is_array(one, 4) || !is_entry_name(one->element[0]) ||
	    !is_string(one->element[1]) || one->element[2] == NULL ||
	    one->element[2]->type != REDIS_REPLY_INTEGER ||
	    !check_number(one->element[3], answer)) {
		return false;
	}
	answer->entry = one->element[0]->str;
	return true;
}

/* [address, port], or nil: it does not know that name */
static bool check_place(const redisReply *reply, struct stream_answer *answer)
{
	if (reply->type == REDIS_REPLY_NIL) {
		return true;
	}
	return is_array(reply, 2) && is_string(reply->element[0]) &&
	    is_string(reply->element[1]) &&
	    place_pair(bytes_of(reply->element[0]->str, reply->element[0]->len),
		bytes_of(reply->element[1]->str, reply->element[1]->len),
		&answer->place) == TL_OK;
}

/* ["subscribe", channel, number], then ["message", channel, text] */
static bool check_heard(const redisReply *reply, struct stream_answer *answer)
{
	if (!is_array(reply, 3) || !is_string(reply->element[1])) {
		return false;
	}
	if (string_is(reply->element[0], "subscribe")) {
		return reply->element[2] != NULL &&
		    reply->element[2]->type == REDIS_REPLY_INTEGER;
	}
	if (!string_is(reply->element[0], "message") ||
	    !is_string(reply->element[2])) {
		return false;
	}
	answer->heard =
	    bytes_of(reply->element[2]->str, reply->element[2]->len);
	return true;
}

static bool is_status(const redisReply *reply, const char *text)
{
	return reply->type == REDIS_REPLY_STATUS &&
	    bytes_equal(bytes_of(reply->str, reply->len), bytes_str(text));
}

static bool check_values(const redisReply *reply, struct stream_answer *answer)
{
	if (reply->type != REDIS_REPLY_ARRAY) {
		return false;
	}
	for (size_t i = 0; i < reply->elements; i++) {
		const redisReply *value = reply->element[i];

		if (!is_string(value) &&
		    (value == NULL || value->type != REDIS_REPLY_NIL)) {
			return false;
		}
	}
	answer->values = reply;
	return true;
}

/* The value behind a name in a list of names and values; NULL: none. */
static const redisReply *value_of(const redisReply *list, const char *name)
{
	if (list == NULL || list->type != REDIS_REPLY_ARRAY ||
	    list->elements % 2 != 0) {
		return NULL;
	}
	for (size_t i = 0; i < list->elements; i += 2) {
		if (string_is(list->element[i], name)) {
			return list->element[i + 1];
		}
	}
	return NULL;
}

static bool check_groups(const redisReply *reply, struct stream_answer *answer)
{
	if (reply->type != REDIS_REPLY_ARRAY) {
		return false;
	}
	for (size_t i = 0; i < reply->elements; i++) {
		const redisReply *group = reply->element[i];

		if (!is_string(value_of(group, "name")) ||
		    !is_entry_name(value_of(group, "last-delivered-id"))) {
			return false;
		}
	}
	answer->groups = reply;
	return true;
}

static bool check_exec(const redisReply *reply, struct stream_answer *answer)
{
	const redisReply *last;

	if (reply->type == REDIS_REPLY_NIL) {
		return true;
	}
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements == 0) {
		return false;
	}
	for (size_t i = 0; i < reply->elements; i++) {
		if (stream_error_is(reply->element[i], "WRONGTYPE")) {
			answer->is_strange = true;
		} else if (reply->element[i] == NULL ||
		    reply->element[i]->type == REDIS_REPLY_ERROR) {
			return false;
		}
	}
	last = reply->element[reply->elements - 1];
	answer->number = reply->elements;
	answer->entry = is_entry_name(last) ? last->str : NULL;
	return true;
}

static bool check_as(const redisReply *reply, enum stream_want want,
    struct stream_answer *answer)
{
	switch (want) {
	case STREAM_WANT_HELLO:
		return check_hello(reply, answer);
	case STREAM_WANT_ENTRY:
		if (!is_entry_name(reply)) {
			return false;
		}
		answer->entry = reply->str;
		return true;
	case STREAM_WANT_NUMBER:
		return check_number(reply, answer);
	case STREAM_WANT_OK:
		return is_status(reply, "OK");
	case STREAM_WANT_QUEUED:
		return is_status(reply, "QUEUED");
	case STREAM_WANT_VALUES:
		return check_values(reply, answer);
	case STREAM_WANT_EXEC:
		return check_exec(reply, answer);
	case STREAM_WANT_GROUPS:
		return check_groups(reply, answer);
	case STREAM_WANT_MEMORY:
		return check_number(value_of(reply, "total.allocated"), answer);
	case STREAM_WANT_ENTRIES:
		return check_entries(reply, answer);
	case STREAM_WANT_CLAIMED:
		return check_claimed(reply, answer);
	case STREAM_WANT_PENDING:
		return check_pending(reply, answer);
	case STREAM_WANT_PLACE:
		return check_place(reply, answer);
	case STREAM_WANT_HEARD:
		return check_heard(reply, answer);
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
		enum stream_trouble trouble = trouble_of(reply);

		if (want != STREAM_WANT_MEMORY || trouble != STREAM_REFUSED) {
			return trouble;
		}
		*ret_answer = answer; /* an older list of users: go on */
		return STREAM_FINE;
	}
	if (!check_as(reply, want, &answer)) {
		return STREAM_GARBAGE;
	}
	*ret_answer = answer;
	return STREAM_FINE;
}

bool stream_error_is(const redisReply *reply, const char *text)
{
	size_t len = strlen(text);

	return reply != NULL && reply->type == REDIS_REPLY_ERROR &&
	    reply->len >= len && memcmp(reply->str, text, len) == 0;
}

size_t stream_groups(const struct stream_answer *answer)
{
	return answer->groups == NULL ? 0 : answer->groups->elements;
}

struct bytes stream_group_name(const struct stream_answer *answer, size_t i)
{
	const redisReply *name = value_of(answer->groups->element[i], "name");

	return bytes_of(name->str, name->len);
}

const char *stream_group_given(const struct stream_answer *answer, size_t i)
{
	return value_of(answer->groups->element[i], "last-delivered-id")->str;
}

bool stream_group_has_all(const struct stream_answer *answer, size_t i)
{
	const redisReply *lag = value_of(answer->groups->element[i], "lag");

	return lag != NULL && lag->type == REDIS_REPLY_INTEGER &&
	    lag->integer == 0;
}

size_t stream_values(const struct stream_answer *answer)
{
	return answer->values == NULL ? 0 : answer->values->elements;
}

struct bytes stream_value(const struct stream_answer *answer, size_t i)
{
	const redisReply *value = answer->values->element[i];

	return value->type == REDIS_REPLY_NIL
	    ? bytes_of(NULL, 0)
	    : bytes_of(value->str, value->len);
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
