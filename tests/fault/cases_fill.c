/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Cases for the tips of a ledger, in all states: a desk that tests can run.
 *
 *   cases_fill SOCKET PASSWORD_FILE LEDGER WHAT
 *     fill      make a case for each tip, and take it some steps on its way;
 *               print id and version after each step that is done
 *     dump      print each case of the ledger's tips, one a line
 *     follow    keep in the ledger what it has not got of the changes
 *     restore   make the cases again from the ledger
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "crypto/start.h"
#include "queue/cases.h"

struct ids {
	uint8_t (*at)[CASE_ID_BYTES];
	size_t n, cap;
};

static void must(enum tl_err err, const char *what)
{
	if (err != TL_OK) {
		(void)fprintf(stderr, "%s: %s\n", what, err_text(err));
		exit(1);
	}
}

/* What the desks of this test sign with, and no others. */
static enum tl_err sign(
    struct bytes said, uint8_t ret_sig[static CASE_SIG_BYTES], void *arg)
{
	static const uint8_t key[HASH_KEY_BYTES] = "cases_fill";

	(void)arg;
	hash_keyed(ret_sig, CASE_SIG_BYTES, key, said.at, said.len);
	return TL_OK;
}

static bool holds(
    struct bytes said, const uint8_t sig[static CASE_SIG_BYTES], void *arg)
{
	uint8_t right[CASE_SIG_BYTES];

	return sign(said, right, arg) == TL_OK &&
	    memcmp(right, sig, sizeof(right)) == 0;
}

static enum tl_err collect(
    uint64_t number, const struct ledger_record *record, void *arg)
{
	struct ids *ids = arg;

	(void)number;
	if (record->kind != LEDGER_TIP) {
		return TL_OK;
	}
	if (ids->n == ids->cap) {
		ids->cap = ids->cap == 0 ? 256 : ids->cap * 2;
		ids->at = reallocarray(ids->at, ids->cap, sizeof(ids->at[0]));
		if (ids->at == NULL) {
			return TL_ENOMEM;
		}
	}
	memcpy(ids->at[ids->n++], record->id, CASE_ID_BYTES);
	return TL_OK;
}

static void print_id(const uint8_t *id)
{
	for (size_t i = 0; i < CASE_ID_BYTES; i++) {
		(void)printf("%02x", id[i]);
	}
}

static void step(struct cases *cases, const uint8_t *id, enum case_event event,
    const char *who, unsigned priority)
{
	const struct case_change change = {
		.event = event,
		.who = who,
		.second = "second",
		.supervisor = true,
		.passed = CASE_PASSED_ALL,
		.priority = priority,
		.note = bytes_str("why"),
	};
	struct cases_outcome outcome = { 0 };

	must(cases_change(cases, id, &change, &outcome), "change");
	if (outcome.no != CASE_YES) {
		(void)fprintf(stderr, "%s: %s\n", case_event_name(event),
		    case_no_text(outcome.no));
		exit(1);
	}
	print_id(id);
	(void)printf(" %llu\n", (unsigned long long)outcome.now.version);
	(void)fflush(stdout);
}

/* The steps of case number n: all states have some. */
static void advance(struct cases *cases, const uint8_t *id, size_t n)
{
	static const enum case_event way[] = { CASE_DO_SCORE, CASE_DO_CLAIM,
		CASE_DO_OPEN, CASE_DO_CHECK, CASE_DO_ESCALATE,
		CASE_DO_DECIDE_REFER, CASE_DO_SUBMIT, CASE_DO_APPROVE,
		CASE_DO_ACCEPT, CASE_DO_REPORTED, CASE_DO_RESULT,
		CASE_DO_CLOSE };
	size_t steps = n % 13;
	char who[32];

	(void)snprintf(who, sizeof(who), "officer%zu", n);
	step(cases, id, CASE_DO_RECEIVE, NULL, 0);
	for (size_t i = 0; i < steps; i++) {
		step(
		    cases, id, way[i], who, i == 0 ? 1 + (unsigned)(n % 4) : 0);
	}
}

static void dump(struct cases *cases, const uint8_t *id)
{
	struct case_now now = { 0 };
	enum tl_err err = cases_get(cases, id, &now);

	if (err == TL_ENOENT) {
		return;
	}
	must(err, "get");
	print_id(id);
	(void)printf(" %llu %s %u %u %s %llu %llu %llu\n",
	    (unsigned long long)now.version, case_state_name(now.state),
	    now.priority, now.flags, now.owner[0] != '\0' ? now.owner : "-",
	    (unsigned long long)now.until_ms, (unsigned long long)now.since_ms,
	    (unsigned long long)now.made_ms);
}

static void follow(struct cases *cases)
{
	bool is_all = false;
	size_t n = 0;

	while (!is_all) {
		must(cases_follow(cases, &n, &is_all), "follow");
	}
}

static void work(struct cases *cases, const struct ids *ids, const char *what)
{
	struct cases_restored restored = { 0 };

	if (strcmp(what, "follow") == 0) {
		follow(cases);
	} else if (strcmp(what, "restore") == 0) {
		must(cases_restore(cases, &restored), "restore");
	}
	for (size_t i = 0; i < ids->n; i++) {
		if (strcmp(what, "fill") == 0) {
			advance(cases, ids->at[i], i);
		} else if (strcmp(what, "dump") == 0) {
			dump(cases, ids->at[i]);
		}
	}
}

int main(int argc, char **argv)
{
	struct ledger_opts ledger_opts = { .hash = hash_bytes };
	struct cases_opts opts = {
		.redis = { .user = "desk", .consumer = "desk1" },
		.trust = { .hash = hash_bytes, .sign = sign, .holds = holds },
	};
	struct ledger_fault fault = { 0 };
	struct cases *cases = NULL;
	struct ids ids = { 0 };
	const char *why = "";

	if (argc != 5) {
		return 2;
	}
	must(crypto_start(), "start");
	ledger_opts.folder = argv[3];
	must(ledger_open(&ledger_opts, &opts.ledger, &fault), "ledger");
	must(ledger_each(opts.ledger, 0, collect, &ids), "read");
	opts.book = case_book_new(hash_bytes);
	must(opts.book == NULL ? TL_ENOMEM : TL_OK, "book");
	if (strcmp(argv[4], "dump") != 0) { /* which shows what Redis says */
		must(ledger_each(opts.ledger, 0, case_book_learn, opts.book),
		    "learn");
	}
	opts.redis.socket = argv[1];
	opts.redis.password_file = argv[2];
	must(cases_open(&opts, &cases, &why), why);
	work(cases, &ids, argv[4]);
	cases_close(cases);
	ledger_close(opts.ledger);
	case_book_free(opts.book);
	free(ids.at);
	return 0;
}
