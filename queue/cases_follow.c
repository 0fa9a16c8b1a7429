/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/cases_follow.c - what others changed, kept in the ledger; and cases
 * made again from it.
 */
#include <stdlib.h>
#include <string.h>

#include "queue/cases_inside.h"

#define COUNT        "256"
#define WAIT_MOST_MS 5000
#define WORD(text)   bytes_str(text)
#define FIRST_CASES  256u

/* ---- the ledger --------------------------------------------------------- */

enum tl_err cases_keep(struct cases *cases, const struct case_record *record)
{
	struct ledger_record kept = { .kind = LEDGER_EVENT };
	struct buf bytes;
	enum tl_err err;

	if (cases->opts.ledger == NULL ||
	    ledger_has_event(cases->opts.ledger, record->event_id)) {
		return TL_OK;
	}
	memcpy(kept.id, record->event_id, sizeof(kept.id));
	buf_init(&bytes, CASE_EVENT_BYTES);
	case_event_put(&bytes, record);
	err = buf_err(&bytes);
	kept.sealed = bytes_of(bytes.data, bytes.len);
	if (err == TL_OK) {
		err = ledger_append(cases->opts.ledger, &kept);
	}
	buf_free(&bytes);
	return err;
}

/* ---- following ---------------------------------------------------------- */

/* One entry; *ret_event says whether it was a record. */
static enum tl_err take_entry(struct cases *cases,
    const struct stream_answer *answer, size_t i, struct case_record *record,
    bool *ret_event, size_t *odd)
{
	static const char *const names[] = { "r" };
	static const char *const clocks[] = { "c" };
	struct bytes value;

	*ret_event = false;
	if (!stream_entry_gone(answer, i) &&
	    stream_entry_fields(answer, i, clocks, 1, &value)) {
		return TL_OK; /* it told somebody the time */
	}
	if (stream_entry_gone(answer, i) ||
	    !stream_entry_fields(answer, i, names, 1, &value) ||
	    case_event_get(value, record) != TL_OK) {
		(*odd)++;
		return TL_OK;
	}
	*ret_event = true;
	return cases_keep(cases, record);
}

struct follow {
	cases_event_fn fn;
	void *arg;
	size_t read; /* entries of the last read */
	size_t n;    /* of all, those that were records */
	size_t odd;
};

static enum tl_err take_entries(struct cases *cases,
    const struct stream_answer *answer, struct follow *follow)
{
	follow->read = stream_entries(answer);
	for (size_t i = 0; i < follow->read; i++) {
		const char *name = stream_entry_name(answer, i);
		struct case_record record = { 0 };
		bool is_event = false;
		enum tl_err err = take_entry(
		    cases, answer, i, &record, &is_event, &follow->odd);

		if (err != TL_OK) {
			return err; /* it comes again */
		}
		memcpy(cases->from, name, strlen(name) + 1);
		follow->n += is_event ? 1 : 0;
		if (is_event && follow->fn != NULL) {
			follow->fn(&record, follow->arg);
		}
	}
	return TL_OK;
}

/* XREAD from where the last one ended; wait_ms 0: not at all. */
static enum tl_err read_on(
    struct cases *cases, int wait_ms, struct follow *follow)
{
	struct cases_text block;
	const struct bytes args[] = { WORD("XREAD"), WORD("COUNT"), WORD(COUNT),
		WORD("STREAMS"), WORD("events"), WORD(cases->from) };
	const struct bytes wait[] = { WORD("XREAD"), WORD("COUNT"), WORD(COUNT),
		WORD("BLOCK"), cases_dec(&block, (uint64_t)wait_ms),
		WORD("STREAMS"), WORD("events"), WORD(cases->from) };
	struct stream_answer answer = { 0 };
	struct redisReply *reply = NULL;
	enum tl_err err = wait_ms > 0
	    ? cases_ask(cases, STREAM_WANT_ENTRIES, wait, 8, &reply, &answer)
	    : cases_ask(cases, STREAM_WANT_ENTRIES, args, 6, &reply, &answer);

	if (err == TL_OK) {
		err = take_entries(cases, &answer, follow);
	}
	ask_done(reply);
	return err;
}

enum tl_err cases_follow(struct cases *cases, int wait_ms, cases_event_fn fn,
    void *arg, size_t *ret_n, size_t *ret_odd)
{
	struct follow follow = { .fn = fn, .arg = arg };
	int most_ms = wait_ms < WAIT_MOST_MS ? wait_ms : WAIT_MOST_MS;
	enum tl_err err = read_on(cases, most_ms, &follow);

	/* None came only if the stream has none, whatever else is in it. */
	while (err == TL_OK && follow.n == 0 && follow.read > 0) {
		err = read_on(cases, 0, &follow);
	}
	if (err == TL_OK) {
		*ret_n = follow.n;
		*ret_odd = follow.odd;
	}
	return err;
}

/* ---- restoring ---------------------------------------------------------- */

struct found {
	uint8_t id[CASE_ID_BYTES];
	struct case_now now;
};

struct restore {
	struct found *found;
	size_t n;
	size_t cap;
	uint64_t odd;
};

static enum tl_err collect(
    uint64_t number, const struct ledger_record *record, void *arg)
{
	struct restore *restore = arg;
	struct case_record event;

	(void)number;
	if (record->kind != LEDGER_EVENT) {
		return TL_OK;
	}
	if (case_event_get(record->sealed, &event) != TL_OK) {
		restore->odd++;
		return TL_OK;
	}
	if (restore->n == restore->cap) {
		size_t cap = restore->cap == 0 ? FIRST_CASES : restore->cap * 2;
		struct found *found =
		    reallocarray(restore->found, cap, sizeof(*found));

		if (found == NULL) {
			return TL_ENOMEM;
		}
		restore->found = found;
		restore->cap = cap;
	}
	memcpy(restore->found[restore->n].id, event.id, CASE_ID_BYTES);
	restore->found[restore->n].now = event.now;
	restore->n++;
	return TL_OK;
}

/* By case, the newest first. */
static int compare(const void *a, const void *b)
{
	const struct found *x = a;
	const struct found *y = b;
	int order = memcmp(x->id, y->id, CASE_ID_BYTES);

	if (order != 0) {
		return order;
	}
	return x->now.version < y->now.version ? 1
	    : x->now.version > y->now.version  ? -1
					       : 0;
}

static enum tl_err restore_one(struct cases *cases, const struct found *found,
    struct cases_restored *restored)
{
	struct case_now old;
	enum tl_err err = cases_watch(cases, found->id, &old);

	if (err == TL_OK && old.version >= found->now.version) {
		restored->right++;
		return cases_unwatch(cases);
	}
	if (err == TL_OK) {
		err = cases_begin(cases);
	}
	if (err != TL_OK) {
		return err;
	}
	err = cases_put(cases, found->id, &old, &found->now);
	if (err != TL_OK) {
		cases_discard(cases);
		return err;
	}
	err = cases_exec(cases);
	restored->made += err == TL_OK ? 1 : 0;
	return err;
}

enum tl_err cases_restore(
    struct cases *cases, struct cases_restored *ret_restored)
{
	struct cases_restored restored = { 0 };
	struct restore restore = { 0 };
	enum tl_err err;

	if (cases->opts.ledger == NULL) {
		return TL_EPERM;
	}
	err = ledger_each(cases->opts.ledger, 0, collect, &restore);
	if (err == TL_OK && restore.n > 0) {
		qsort(restore.found, restore.n, sizeof(restore.found[0]),
		    compare);
	}
	for (size_t i = 0; i < restore.n && err == TL_OK;) {
		const struct found *found = &restore.found[i];

		if (i > 0 &&
		    memcmp(found->id, found[-1].id, CASE_ID_BYTES) == 0) {
			i++; /* an older one */
			continue;
		}
		err = restore_one(cases, found, &restored);
		/* somebody works on it at this moment: look again */
		i += err == TL_EAGAIN ? 0 : 1;
		err = err == TL_EAGAIN ? TL_OK : err;
	}
	restored.odd = restore.odd;
	free(restore.found);
	if (err == TL_OK) {
		*ret_restored = restored;
	}
	return err;
}
