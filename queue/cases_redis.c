/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/cases_redis.c - how cases stand in Redis; docs/QUEUE.md, "Cases".
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "queue/cases_inside.h"
#include "queue/reader_inside.h"

/* Priority comes before time: milliseconds since 1970 stay below for long,
 * and the sum is exact in Redis' floating numbers. */
#define PRIORITY_SCORE UINT64_C(10000000000000)

/* Two desks that lack each other's key end by this, and a forger finds the
 * case in his way no longer than until an officer does something. */
#define PUT_BACK_MOST 3u

#define WORD(text) bytes_str(text)

/* ---- asking ------------------------------------------------------------- */

enum tl_err cases_ask(struct cases *cases, enum stream_want want,
    const struct bytes *args, size_t n, struct redisReply **ret_reply,
    struct stream_answer *ret_answer)
{
	enum stream_trouble trouble;

	*ret_reply = NULL;
	if (cases->ask == NULL) {
		return TL_ECLOSED;
	}
	trouble = ask_for(cases->ask, want, args, n, ret_reply, ret_answer);
	if (trouble == STREAM_BIG) {
		return cases_link_anew(cases);
	}
	return trouble == STREAM_ERROR &&
		stream_error_is(*ret_reply, "WRONGTYPE")
	    ? TL_EINVAL
	    : reader_err(trouble);
}

enum tl_err cases_tell(struct cases *cases, enum stream_want want,
    const struct bytes *args, size_t n)
{
	struct stream_answer answer = { 0 };
	struct redisReply *reply = NULL;
	enum tl_err err = cases_ask(cases, want, args, n, &reply, &answer);

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

bool cases_is_ours(const struct cases *cases, const struct case_record *record)
{
	const struct cases_trust *trust = &cases->opts.trust;
	struct buf said;
	bool is_ours;

	buf_init(&said, CASE_SAID_BYTES);
	case_event_put_said(&said, record);
	is_ours = buf_err(&said) == TL_OK &&
	    trust->holds(
		bytes_of(said.data, said.len), record->sig, trust->arg);
	buf_free(&said);
	return is_ours;
}

/* What Redis has of a case, and whether to believe it. */
struct seen {
	struct case_known *known; /* NULL: the ledger has nothing of it */
	bool is_forged;
	bool is_wrong; /* the ledger knows better */
	struct case_record record;
};

/* Of a lease only its end is not signed, since work prolongs it all the time:
 * it holds nobody for longer than a lease is long. Nobody works on what was not
 * opened yet, so that who writes to Redis can neither keep a claim without a
 * reader from ringing again nor end it early. */
static void judge_head(struct cases *cases,
    const uint8_t id[static CASE_ID_BYTES], struct bytes head,
    struct bytes until, struct seen *seen)
{
	const struct case_known *known = seen->known;
	struct case_record *record = &seen->record;
	uint64_t until_ms = 0;

	if (case_event_get_head(head, record) != TL_OK ||
	    memcmp(record->id, id, CASE_ID_BYTES) != 0 ||
	    !((known != NULL &&
		  bytes_equal(head, bytes_of(known->head, known->head_len))) ||
		cases_is_ours(cases, record))) {
		*record = (struct case_record){ 0 };
		seen->is_forged = true;
	} else if (record->now.owner[0] != '\0' &&
	    record->now.state != CASE_CLAIMED && until.at != NULL &&
	    read_number(until, UINT64_MAX, &until_ms)) {
		record->now.until_ms = until_ms;
	}
}

/* TL_EAGAIN: what was there was no case, and was taken out. Nothing is there,
 * and nothing is watched. */
static enum tl_err look(struct cases *cases,
    const uint8_t id[static CASE_ID_BYTES], struct seen *seen)
{
	char key[CASES_KEY_BYTES];
	struct bytes args[] = { WORD("HMGET"), WORD(""), WORD("r"),
		WORD("until") };
	struct stream_answer answer = { 0 };
	struct redisReply *reply = NULL;
	enum tl_err err;

	*seen = (struct seen){ .known = case_book_find(cases->opts.book, id) };
	case_key(id, key);
	args[1] = WORD(key);
	err = cases_ask(cases, STREAM_WANT_VALUES, args, 4, &reply, &answer);
	if (err == TL_EINVAL || err == TL_ETOOBIG) {
		err = cases_drop_strange(cases, key);
		err = err == TL_OK ? TL_EAGAIN : err;
	} else if (err == TL_OK && stream_values(&answer) != 2) {
		err = TL_EFORMAT;
	} else if (err == TL_OK && stream_value(&answer, 0).at != NULL) {
		judge_head(cases, id, stream_value(&answer, 0),
		    stream_value(&answer, 1), seen);
	}
	seen->is_wrong = seen->known != NULL &&
	    seen->record.now.version < seen->known->version;
	ask_done(reply);
	return err;
}

/* As the ledger has it. */
static enum tl_err read_known(
    const struct case_known *known, struct case_record *ret_record)
{
	return case_event_get_head(
	    bytes_of(known->head, known->head_len), ret_record);
}

static void count(struct cases *cases, const struct seen *seen)
{
	struct case_odds *odds = case_book_odds(cases->opts.book);

	odds->forged += seen->is_forged ? 1 : 0;
	odds->old += seen->is_wrong && !seen->is_forged ? 1 : 0;
	if (seen->is_wrong) {
		seen->known->altered = seen->known->version;
		seen->known->is_told = false;
	}
}

static bool is_left(const struct seen *seen)
{
	return seen->is_wrong && seen->is_forged &&
	    seen->known->put_back >= PUT_BACK_MOST;
}

/* Who works on it shall not lose it by this: until is not signed. */
static enum tl_err put_known(struct cases *cases, const struct case_now *old,
    const struct case_record *record)
{
	struct case_now next = record->now;
	enum tl_err err = cases_put(cases, old, record);

	next.until_ms = cases_now_ms(cases) + CASE_LEASE_MS;
	return err == TL_OK && next.owner[0] != '\0' &&
		next.state != CASE_CLAIMED &&
		next.until_ms > record->now.until_ms
	    ? cases_put_until(cases, record->id, &record->now, &next)
	    : err;
}

static enum tl_err put_back(struct cases *cases, const struct seen *seen)
{
	struct case_record record;
	enum tl_err err = read_known(seen->known, &record);

	if (err == TL_OK) {
		err = cases_begin(cases);
	}
	if (err != TL_OK) {
		return err;
	}
	err = put_known(cases, &seen->record.now, &record);
	if (err != TL_OK) {
		cases_discard(cases);
		return err;
	}
	err = cases_exec(cases);
	if (err == TL_OK) {
		cases->put_back++;
		seen->known->put_back += seen->is_forged ? 1 : 0;
	}
	return err == TL_OK ? TL_EAGAIN : err;
}

enum tl_err cases_read(struct cases *cases,
    const uint8_t id[static CASE_ID_BYTES], struct case_record *ret_was)
{
	struct seen seen;
	enum tl_err err = look(cases, id, &seen);

	if (err == TL_OK && seen.is_wrong) {
		return is_left(&seen) ? TL_EPERM : TL_EAGAIN;
	}
	if (err == TL_OK) {
		*ret_was = seen.record;
	}
	return err;
}

enum tl_err cases_get(struct cases *cases,
    const uint8_t id[static CASE_ID_BYTES], struct case_now *ret_now)
{
	struct seen seen;
	enum tl_err err = look(cases, id, &seen);

	err = err == TL_EAGAIN ? TL_OK : err;
	if (err == TL_OK && seen.is_wrong) {
		err = read_known(seen.known, &seen.record);
	} else if (err == TL_OK) {
		count(cases, &seen);
	}
	if (err == TL_OK && seen.record.now.version == 0) {
		err = TL_ENOENT;
	}
	if (err == TL_OK) {
		*ret_now = seen.record.now;
	}
	return err;
}

enum tl_err cases_watch(struct cases *cases, enum cases_by by,
    const uint8_t id[static CASE_ID_BYTES], struct case_record *ret_was)
{
	char key[CASES_KEY_BYTES];
	struct bytes args[] = { WORD("WATCH"), WORD("") };
	struct seen seen;
	enum tl_err err;

	case_key(id, key);
	args[1] = WORD(key);
	err = cases_tell(cases, STREAM_WANT_OK, args, 2);
	if (err == TL_OK) {
		err = look(cases, id, &seen);
	}
	if (err == TL_EAGAIN) { /* we changed ourselves what we watched */
		err = cases_unwatch(cases);
		return err == TL_OK ? TL_EAGAIN : err;
	}
	if (err != TL_OK) {
		return err;
	}
	if (by == CASES_BY_ITSELF && is_left(&seen)) {
		err = cases_unwatch(cases);
		return err == TL_OK ? TL_EPERM : err;
	}
	count(cases, &seen);
	if (seen.is_wrong) {
		return put_back(cases, &seen);
	}
	*ret_was = seen.record;
	return TL_OK;
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

static enum tl_err put_head(
    struct cases *cases, const struct case_record *record)
{
	char key[CASES_KEY_BYTES];
	struct cases_text until;
	struct bytes args[] = { WORD("HSET"), WORD(""), WORD("r"), WORD(""),
		WORD("until"), cases_dec(&until, record->now.until_ms) };
	struct buf head;
	enum tl_err err;

	case_key(record->id, key);
	args[1] = WORD(key);
	buf_init(&head, CASE_HEAD_BYTES);
	case_event_put_head(&head, record);
	err = buf_err(&head);
	args[3] = bytes_of(head.data, head.len);
	if (err == TL_OK) {
		err = queue(cases, args, 6);
	}
	buf_free(&head);
	return err;
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

enum tl_err cases_put(struct cases *cases, const struct case_now *old,
    const struct case_record *record)
{
	char hex[CASES_HEX_BYTES];
	enum tl_err err = put_head(cases, record);

	cases_hex(record->id, hex);
	if (err == TL_OK) {
		err = put_lists(cases, hex, &record->now);
	}
	return err == TL_OK ? put_lease(cases, hex, old, &record->now) : err;
}

enum tl_err cases_put_until(struct cases *cases,
    const uint8_t id[static CASE_ID_BYTES], const struct case_now *old,
    const struct case_now *next)
{
	char key[CASES_KEY_BYTES];
	char hex[CASES_HEX_BYTES];
	struct cases_text until;
	struct bytes args[] = { WORD("HSET"), WORD(""), WORD("until"),
		cases_dec(&until, next->until_ms) };
	enum tl_err err;

	case_key(id, key);
	args[1] = WORD(key);
	cases_hex(id, hex);
	err = queue(cases, args, 4);
	return err == TL_OK ? put_lease(cases, hex, old, next) : err;
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
	if (err == TL_OK && answer.is_strange) {
		/* what was changed is changed, whatever comes of this */
		(void)!cases_mend_lists(cases);
	}
	return err;
}

/* So many changes, and a replica that was away is waited for again. */
#define WAIT_AGAIN 64u

/* A measurement: what a failover loses, the ledger has. While a replica is
 * known to be away nobody waits long for it, or a backlog of tips becomes cases
 * at two seconds each; one that is back may be a slow one. */
void cases_wait(struct cases *cases)
{
	const struct bytes wait[] = { WORD("WAIT"), WORD(cases->replicas),
		WORD(cases->low % WAIT_AGAIN == 0 ? "1000" : "20") };
	struct stream_answer answer = { 0 };
	struct redisReply *reply = NULL;
	enum tl_err err;

	if (cases->opts.redis.replicas == 0) {
		return;
	}
	err = cases_ask(cases, STREAM_WANT_NUMBER, wait, 3, &reply, &answer);
	if (err == TL_OK) {
		cases->low = answer.number < cases->opts.redis.replicas
		    ? cases->low + 1
		    : 0;
	}
	ask_done(reply);
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
	cases->count = 1; /* it grows */
	(void)snprintf(cases->replicas, sizeof(cases->replicas), "%u",
	    opts->redis.replicas);
	err = reader_connect(&opts->redis, &place, &cases->ask, ret_why);
	if (err == TL_OK) {
		err = cases_ask_time(cases);
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
