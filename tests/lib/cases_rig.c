/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/cases_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "tests/lib/weak_hash.h"

static void must(bool holds)
{
	if (!holds) {
		abort();
	}
}

uint64_t rig_ahead_ms;
size_t rig_proved;

uint64_t rig_other_clock(void)
{
	return clock_mono_ms() + rig_ahead_ms;
}

static enum tl_err seal(const uint8_t id[static CASE_ID_BYTES],
    const struct case_change *change, const struct case_now *next,
    struct buf *ret_sealed, void *arg)
{
	(void)id;
	(void)next;
	(void)arg;
	buf_put_str(ret_sealed, "sealed:");
	buf_put(ret_sealed, change->note.at, change->note.len);
	return buf_err(ret_sealed);
}

/* A hash with a secret in front stands in for a signature. */
static enum tl_err sign(
    struct bytes said, uint8_t ret_sig[static CASE_SIG_BYTES], void *arg)
{
	uint8_t msg[6 + CASE_SAID_BYTES] = "secret";

	(void)arg;
	must(said.len <= CASE_SAID_BYTES);
	memcpy(msg + 6, said.at, said.len);
	weak_hash(ret_sig, msg, 6 + said.len);
	weak_hash(ret_sig + 32, ret_sig, 32);
	return TL_OK;
}

static bool holds(
    struct bytes said, const uint8_t sig[static CASE_SIG_BYTES], void *arg)
{
	uint8_t right[CASE_SIG_BYTES];

	rig_proved++;
	(void)!sign(said, right, arg);
	return memcmp(right, sig, sizeof(right)) == 0;
}

static void told(const struct case_record *record, void *arg)
{
	struct kept *kept = arg;

	kept->n++;
	kept->last = *record;
	must(record->sealed.len >= 7);
	must(memcmp(record->sealed.at, "sealed:", 7) == 0);
	kept->last.sealed = bytes_of(NULL, 0);
}

struct cases_trust rig_trust(void)
{
	return (struct cases_trust){
		.hash = weak_hash, .sign = sign, .holds = holds
	};
}

void rig_open_desk(
    const struct rig *rig, struct desk *desk, uint64_t (*mono_ms)(void))
{
	const struct ledger_opts ledger_opts = { .folder = desk->folder,
		.hash = weak_hash };
	struct cases_opts opts = {
		.redis = { .socket = rig->home.socket,
		    .user = "desk",
		    .password_file = rig->home.desk_pass,
		    .consumer = "desk1",
		    .replicas = rig->replicas },
		.trust = rig_trust(),
		.seal = seal,
		.kept = told,
		.kept_arg = &desk->kept,
		.mono_ms = mono_ms,
	};
	const struct timespec moment = { .tv_nsec = 20000000 };
	struct ledger_fault fault = { 0 };
	const char *why = "";
	enum tl_err err = TL_EAGAIN;

	if (desk->ledger == NULL) {
		must(ledger_open(&ledger_opts, &desk->ledger, &fault) == TL_OK);
		case_book_free(desk->book);
		desk->book = case_book_new(weak_hash);
		must(desk->book != NULL);
		must(ledger_each(desk->ledger, 0, case_book_learn,
			 desk->book) == TL_OK);
	}
	opts.ledger = desk->ledger;
	opts.book = desk->book;
	cases_close(desk->cases);
	desk->cases = NULL;
	for (int i = 0; i < 3000 && err == TL_EAGAIN; i++) {
		err = cases_open(&opts, &desk->cases, &why);
		if (err == TL_EAGAIN) {
			(void)nanosleep(&moment, NULL);
		}
	}
	must(err == TL_OK);
}

int rig_set_up(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	must(rig != NULL);
	redis_home_start(&rig->home);
	(void)snprintf(
	    rig->a.folder, sizeof(rig->a.folder), "%s/ledger-a", rig->home.dir);
	(void)snprintf(
	    rig->b.folder, sizeof(rig->b.folder), "%s/ledger-b", rig->home.dir);
	rig_ahead_ms = 0;
	rig_open_desk(rig, &rig->a, NULL);
	rig_open_desk(rig, &rig->b, rig_other_clock);
	*state = rig;
	return 0;
}

int rig_tear_down(void **state)
{
	struct rig *rig = *state;

	cases_close(rig->a.cases);
	cases_close(rig->b.cases);
	ledger_close(rig->a.ledger);
	ledger_close(rig->b.ledger);
	case_book_free(rig->a.book);
	case_book_free(rig->b.book);
	redis_home_end(&rig->home);
	free(rig);
	return 0;
}

void rig_id(uint32_t n, uint8_t id[static CASE_ID_BYTES])
{
	memset(id, 0, CASE_ID_BYTES);
	memcpy(id, &n, sizeof(n));
}

struct case_change rig_by(enum case_event event, const char *who)
{
	return (struct case_change){ .event = event,
		.who = who,
		.second = "second",
		.supervisor = true,
		.passed = CASE_PASSED_ALL,
		.note = bytes_str("why") };
}

struct cases_outcome rig_try(
    struct desk *desk, uint32_t n, struct case_change change)
{
	struct cases_outcome outcome = { 0 };
	uint8_t id[CASE_ID_BYTES];

	rig_id(n, id);
	must(cases_change(desk->cases, id, &change, &outcome) == TL_OK);
	return outcome;
}

struct case_now rig_must(
    struct desk *desk, uint32_t n, struct case_change change)
{
	struct cases_outcome outcome = rig_try(desk, n, change);

	must(outcome.no == CASE_YES);
	return outcome.now;
}

/* A case that waits to be claimed. */
void rig_make(struct desk *desk, uint32_t n, unsigned priority)
{
	struct case_change score = { .event = CASE_DO_SCORE,
		.priority = priority };
	struct case_change receive = { .event = CASE_DO_RECEIVE };

	(void)rig_must(desk, n, receive);
	(void)rig_must(desk, n, score);
}

struct case_now rig_get(struct desk *desk, uint32_t n)
{
	struct case_now now = { 0 };
	uint8_t id[CASE_ID_BYTES];

	rig_id(n, id);
	must(cases_get(desk->cases, id, &now) == TL_OK);
	return now;
}
