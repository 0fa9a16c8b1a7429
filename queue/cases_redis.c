/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/cases_redis.c - how cases stand in Redis; docs/QUEUE.md, "Cases".
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "queue/cases_inside.h"
#include "queue/reader_inside.h"

/* Priority comes before time: milliseconds since 1970 stay below for long,
 * and the sum is exact in Redis' floating numbers. */
#define PRIORITY_SCORE UINT64_C(10000000000000)

#define WORD(text) bytes_str(text)

/* ---- asking ------------------------------------------------------------- */

enum tl_err cases_ask(struct cases *cases, enum stream_want want,
    const struct bytes *args, size_t n, struct redisReply **ret_reply,
    struct stream_answer *ret_answer)
{
	return reader_err(
	    ask_for(cases->ask, want, args, n, ret_reply, ret_answer));
}

enum tl_err cases_tell(struct cases *cases, enum stream_want want,
    const struct bytes *args, size_t n)
{
	return reader_err(ask_tell(cases->ask, want, args, n, NULL));
}

/* ---- time --------------------------------------------------------------- */

static uint64_t mono_ms(const struct cases *cases)
{
	return cases->opts.mono_ms != NULL ? cases->opts.mono_ms()
					   : clock_mono_ms();
}

uint64_t cases_now_ms(const struct cases *cases)
{
	return mono_ms(cases) + cases->ahead_ms;
}

/*
 * Never back: a Redis whose clock was set back gives the names of its newest
 * entry on and on, and leases would last until it has caught up.
 */
void cases_learn_time(struct cases *cases, const char *entry)
{
	uint64_t redis_ms = strtoull(entry, NULL, 10);
	uint64_t ours_ms = mono_ms(cases);

	if (redis_ms > ours_ms && redis_ms - ours_ms > cases->ahead_ms) {
		cases->ahead_ms = redis_ms - ours_ms;
	}
}

/* An entry of no other use tells the time, which is no right of desks. */
static enum tl_err ask_time(struct cases *cases)
{
	const struct bytes args[] = { WORD("XADD"), WORD("events"), WORD("*"),
		WORD("c"), WORD("") };
	struct stream_answer answer = { 0 };
	struct redisReply *reply = NULL;
	enum tl_err err =
	    cases_ask(cases, STREAM_WANT_ENTRY, args, 5, &reply, &answer);

	if (err == TL_OK) {
		cases_learn_time(cases, answer.entry);
	}
	ask_done(reply);
	return err;
}

/* ---- reading ------------------------------------------------------------ */

void cases_hex(
    const uint8_t id[static CASE_ID_BYTES], char hex[static CASES_HEX_BYTES])
{
	for (size_t i = 0; i < CASE_ID_BYTES; i++) {
		(void)snprintf(hex + 2 * i, 3, "%02x", id[i]);
	}
}

static void case_key(
    const uint8_t id[static CASE_ID_BYTES], char key[static CASES_KEY_BYTES])
{
	char hex[CASES_HEX_BYTES];

	cases_hex(id, hex);
	(void)snprintf(key, CASES_KEY_BYTES, "desk:case:%s", hex);
}

static bool read_number(struct bytes text, uint64_t most, uint64_t *ret)
{
	uint64_t n = 0;

	if (text.len == 0 || text.len > 20) {
		return false;
	}
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9' ||
		    __builtin_mul_overflow(n, UINT64_C(10), &n) ||
		    __builtin_add_overflow(
			n, (uint64_t)(text.at[i] - '0'), &n)) {
			return false;
		}
	}
	*ret = n;
	return n <= most;
}

static const struct bytes field_names[] = {
	{ (const uint8_t *)"version", 7 },
	{ (const uint8_t *)"state", 5 },
	{ (const uint8_t *)"priority", 8 },
	{ (const uint8_t *)"flags", 5 },
	{ (const uint8_t *)"owner", 5 },
	{ (const uint8_t *)"until", 5 },
	{ (const uint8_t *)"since", 5 },
	{ (const uint8_t *)"made", 4 },
	{ (const uint8_t *)"target", 6 },
};
#define FIELDS (sizeof(field_names) / sizeof(field_names[0]))

/* All of it or nothing: a case that is half there was not written by us. */
static enum tl_err read_fields(
    const struct stream_answer *answer, struct case_now *ret_now)
{
	struct case_now now = { 0 };
	struct bytes value[FIELDS];
	uint64_t priority;
	uint64_t flags;
	size_t n = 0;

	if (stream_values(answer) != FIELDS) {
		return TL_EFORMAT;
	}
	for (size_t i = 0; i < FIELDS; i++) {
		value[i] = stream_value(answer, i);
		n += value[i].at != NULL ? 1 : 0;
	}
	if (n == 0) {
		*ret_now = now;
		return TL_OK;
	}
	now.state = case_state_of(value[1]);
	if (n != FIELDS || now.state == 0 ||
	    !read_number(value[0], UINT64_MAX, &now.version) ||
	    now.version == 0 ||
	    !read_number(value[2], CASE_PRIORITIES, &priority) ||
	    !read_number(value[3], CASE_REOPENED, &flags) ||
	    value[4].len >= CASE_OWNER_BYTES ||
	    !read_number(value[5], UINT64_MAX, &now.until_ms) ||
	    !read_number(value[6], UINT64_MAX, &now.since_ms) ||
	    !read_number(value[7], UINT64_MAX, &now.made_ms) ||
	    value[8].len != CASE_ID_BYTES) {
		return TL_EFORMAT;
	}
	now.priority = (unsigned)priority;
	now.flags = (unsigned)flags;
	memcpy(now.owner, value[4].at, value[4].len);
	memcpy(now.target, value[8].at, CASE_ID_BYTES);
	if (value[4].len > 0 && !case_is_owner(now.owner)) {
		return TL_EFORMAT;
	}
	*ret_now = now;
	return TL_OK;
}

static enum tl_err read_case(
    struct cases *cases, const char *key, struct case_now *ret_now)
{
	struct bytes args[2 + FIELDS] = { WORD("HMGET"), WORD(key) };
	struct stream_answer answer = { 0 };
	struct redisReply *reply = NULL;
	enum tl_err err;

	memcpy(args + 2, field_names, sizeof(field_names));
	err = cases_ask(
	    cases, STREAM_WANT_VALUES, args, 2 + FIELDS, &reply, &answer);
	if (err == TL_OK) {
		err = read_fields(&answer, ret_now);
	}
	ask_done(reply);
	return err;
}

enum tl_err cases_get(struct cases *cases,
    const uint8_t id[static CASE_ID_BYTES], struct case_now *ret_now)
{
	char key[CASES_KEY_BYTES];
	struct case_now now;
	enum tl_err err;

	case_key(id, key);
	err = read_case(cases, key, &now);
	if (err == TL_OK && now.version == 0) {
		err = TL_ENOENT;
	}
	if (err == TL_OK) {
		*ret_now = now;
	}
	return err;
}

enum tl_err cases_watch(struct cases *cases,
    const uint8_t id[static CASE_ID_BYTES], struct case_now *ret_now)
{
	char key[CASES_KEY_BYTES];
	struct bytes args[2] = { WORD("WATCH") };
	enum tl_err err;

	case_key(id, key);
	args[1] = WORD(key);
	err = cases_tell(cases, STREAM_WANT_OK, args, 2);
	return err == TL_OK ? read_case(cases, key, ret_now) : err;
}

enum tl_err cases_unwatch(struct cases *cases)
{
	const struct bytes args[] = { WORD("UNWATCH") };

	return cases_tell(cases, STREAM_WANT_OK, args, 1);
}

/* ---- writing ------------------------------------------------------------ */

enum tl_err cases_begin(struct cases *cases)
{
	const struct bytes args[] = { WORD("MULTI") };

	return cases_tell(cases, STREAM_WANT_OK, args, 1);
}

void cases_discard(struct cases *cases)
{
	const struct bytes args[] = { WORD("DISCARD") };

	(void)!cases_tell(cases, STREAM_WANT_OK, args, 1);
}

struct bytes cases_dec(struct cases_text *text, uint64_t n)
{
	(void)snprintf(text->at, sizeof(text->at), "%" PRIu64, n);
	return WORD(text->at);
}

static enum tl_err queue(
    struct cases *cases, const struct bytes *args, size_t n)
{
	return cases_tell(cases, STREAM_WANT_QUEUED, args, n);
}

/* Two commands, since one would have more words than we let commands have. */
static enum tl_err put_fields(
    struct cases *cases, const char *key, const struct case_now *next)
{
	struct cases_text t[6];
	const struct bytes first[] = { WORD("HSET"), WORD(key), field_names[0],
		cases_dec(&t[0], next->version), field_names[1],
		WORD(case_state_name(next->state)), field_names[2],
		cases_dec(&t[1], next->priority), field_names[3],
		cases_dec(&t[2], next->flags) };
	const struct bytes second[] = { WORD("HSET"), WORD(key), field_names[4],
		WORD(next->owner), field_names[5],
		cases_dec(&t[3], next->until_ms), field_names[6],
		cases_dec(&t[4], next->since_ms), field_names[7],
		cases_dec(&t[5], next->made_ms), field_names[8],
		bytes_of(next->target, CASE_ID_BYTES) };
	enum tl_err err = queue(cases, first, 10);

	return err == TL_OK ? queue(cases, second, 12) : err;
}

static enum tl_err put_score(
    struct cases *cases, const char *list, const char *hex, uint64_t score)
{
	struct cases_text t;
	const struct bytes args[] = { WORD("ZADD"), WORD(list),
		cases_dec(&t, score), WORD(hex) };

	return queue(cases, args, 4);
}

static enum tl_err drop_score(
    struct cases *cases, const char *list, const char *hex)
{
	const struct bytes args[] = { WORD("ZREM"), WORD(list), WORD(hex) };

	return queue(cases, args, 3);
}

/* In the list where it belongs, and in no other. */
static enum tl_err put_lists(
    struct cases *cases, const char *hex, const struct case_now *next)
{
	bool open = next->state == CASE_RECEIVED || case_is_open(next->state);
	enum tl_err err = put_score(cases, open ? "desk:open" : "desk:done",
	    hex, next->priority * PRIORITY_SCORE + next->made_ms);

	return err == TL_OK
	    ? drop_score(cases, open ? "desk:done" : "desk:open", hex)
	    : err;
}

static enum tl_err put_lease(struct cases *cases, const char *hex,
    const struct case_now *old, const struct case_now *next)
{
	char key[CASES_KEY_BYTES];
	enum tl_err err = TL_OK;

	if (old->owner[0] != '\0') {
		(void)snprintf(key, sizeof(key), "desk:held:%s", old->owner);
		err = drop_score(cases, key, hex);
	}
	if (err == TL_OK && next->owner[0] == '\0') {
		return drop_score(cases, "desk:leases", hex);
	}
	if (err == TL_OK) {
		err = put_score(cases, "desk:leases", hex, next->until_ms);
	}
	if (err == TL_OK && next->priority != 1) {
		(void)snprintf(key, sizeof(key), "desk:held:%s", next->owner);
		err = put_score(cases, key, hex, next->until_ms);
	}
	return err;
}

static enum tl_err add_count(
    struct cases *cases, const char *field, const char *by)
{
	const struct bytes args[] = { WORD("HINCRBY"), WORD("desk:states"),
		WORD(field), WORD(by) };

	return queue(cases, args, 4);
}

static enum tl_err put_counts(struct cases *cases, const struct case_now *old,
    const struct case_now *next)
{
	enum tl_err err = TL_OK;

	if (old->version == 0) {
		err = add_count(cases, "all", "1");
	} else if (old->state == next->state) {
		return TL_OK;
	} else {
		err = add_count(cases, case_state_name(old->state), "-1");
	}
	return err == TL_OK
	    ? add_count(cases, case_state_name(next->state), "1")
	    : err;
}

enum tl_err cases_put(struct cases *cases,
    const uint8_t id[static CASE_ID_BYTES], const struct case_now *old,
    const struct case_now *next)
{
	char key[CASES_KEY_BYTES];
	char hex[CASES_HEX_BYTES];
	enum tl_err err;

	case_key(id, key);
	cases_hex(id, hex);
	err = put_fields(cases, key, next);
	if (err == TL_OK) {
		err = put_lists(cases, hex, next);
	}
	if (err == TL_OK) {
		err = put_lease(cases, hex, old, next);
	}
	return err == TL_OK ? put_counts(cases, old, next) : err;
}

enum tl_err cases_put_event(
    struct cases *cases, const struct case_record *record)
{
	struct bytes args[] = { WORD("XADD"), WORD("events"), WORD("*"),
		WORD("r"), WORD("") };
	struct buf bytes;
	enum tl_err err;

	buf_init(&bytes, CASE_EVENT_BYTES);
	case_event_put(&bytes, record);
	err = buf_err(&bytes);
	args[4] = bytes_of(bytes.data, bytes.len);
	if (err == TL_OK) {
		err = queue(cases, args, 5);
	}
	buf_free(&bytes);
	return err;
}

enum tl_err cases_exec(struct cases *cases)
{
	const struct bytes exec[] = { WORD("EXEC") };
	const struct bytes wait[] = { WORD("WAIT"), WORD(cases->replicas),
		WORD("1000") };
	struct stream_answer answer = { 0 };
	struct redisReply *reply = NULL;
	enum tl_err err =
	    cases_ask(cases, STREAM_WANT_EXEC, exec, 1, &reply, &answer);

	if (err == TL_OK && answer.number == 0) {
		err = TL_EAGAIN;
	} else if (err == TL_OK && answer.entry != NULL) {
		cases_learn_time(cases, answer.entry);
	}
	ask_done(reply);
	/* A measurement: what a failover loses, the ledger has. */
	if (err == TL_OK && strcmp(cases->replicas, "0") != 0) {
		(void)!cases_tell(cases, STREAM_WANT_NUMBER, wait, 3);
	}
	return err;
}

/* ---- life --------------------------------------------------------------- */

enum tl_err cases_open(const struct cases_opts *opts, struct cases **ret_cases,
    const char **ret_why)
{
	struct cases *cases = calloc(1, sizeof(*cases));
	struct place place;
	enum tl_err err = TL_ENOMEM;

	*ret_why = "out of memory";
	if (cases == NULL) {
		return err;
	}
	cases->opts = *opts;
	memcpy(cases->from, "0-0", sizeof("0-0"));
	(void)snprintf(cases->replicas, sizeof(cases->replicas), "%u",
	    opts->redis.replicas);
	err = reader_connect(&opts->redis, &place, &cases->ask, ret_why);
	if (err == TL_OK) {
		err = ask_time(cases);
		*ret_why = "Redis does not let this user add to \"events\"";
	}
	if (err != TL_OK) {
		cases_close(cases);
		return err;
	}
	*ret_cases = cases;
	return TL_OK;
}

void cases_close(struct cases *cases)
{
	if (cases != NULL) {
		ask_close(cases->ask);
	}
	free(cases);
}
