/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/cases_time.c - what time it is in Redis, by the names of its entries.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "queue/cases_inside.h"

#define WORD(text) bytes_str(text)

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

void cases_split(const char *entry, uint64_t *ret_ms, uint64_t *ret_n)
{
	char *end = NULL;

	*ret_ms = strtoull(entry, &end, 10);
	*ret_n = *end == '-' ? strtoull(end + 1, NULL, 10) : 0;
}

bool cases_is_behind(const char *entry, const struct case_odds *odds)
{
	uint64_t ms, n;

	cases_split(entry, &ms, &n);
	return ms > odds->upto_ms || (ms == odds->upto_ms && n > odds->upto_n);
}

enum tl_err cases_ask_time(struct cases *cases)
{
	const struct bytes args[] = { WORD("XADD"), WORD("events"), WORD("*"),
		WORD("c"), WORD("") };
	struct case_odds *odds = case_book_odds(cases->opts.book);
	struct stream_answer answer = { 0 };
	struct redisReply *reply = NULL;
	enum tl_err err =
	    cases_ask(cases, STREAM_WANT_ENTRY, args, 5, &reply, &answer);

	if (err == TL_OK) {
		cases_learn_time(cases, answer.entry);
		if (!cases_is_behind(answer.entry, odds)) {
			odds->upto_ms = odds->upto_n = 0;
		}
	}
	ask_done(reply);
	return err;
}
