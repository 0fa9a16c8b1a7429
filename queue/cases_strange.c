/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/cases_strange.c - keys of cases that are of another type in Redis, or
 * larger than anything of ours can be.
 *
 * Only who has a desk's password makes something else of our keys. What was in
 * a list comes back with the changes of its cases.
 */
#include <string.h>

#include "queue/cases_inside.h"
#include "queue/reader_inside.h"

#define WORD(text) bytes_str(text)

enum tl_err cases_link_anew(struct cases *cases)
{
	const char *name = ask_last_entry(cases->ask);
	struct place place;
	const char *why;
	enum tl_err err;

	memcpy(cases->big_entry, name, strlen(name) + 1);
	ask_close(cases->ask);
	cases->ask = NULL;
	err = reader_connect(&cases->opts.redis, &place, &cases->ask, &why);
	return err == TL_OK ? TL_ETOOBIG : err;
}

enum tl_err cases_drop_strange(struct cases *cases, const char *key)
{
	const struct bytes args[] = { WORD("DEL"), WORD(key) };
	struct case_odds *odds = case_book_odds(cases->opts.book);
	bool is_case = strncmp(key, "desk:case:", 10) == 0;

	odds->strange_cases += is_case ? 1 : 0;
	odds->strange_lists += is_case ? 0 : 1;
	return cases_tell(cases, STREAM_WANT_NUMBER, args, 2);
}

enum tl_err cases_mend_lists(struct cases *cases)
{
	static const char *const lists[] = { "desk:open", "desk:done",
		"desk:leases" };
	enum tl_err err = TL_OK;

	for (size_t i = 0; err == TL_OK && i < 3; i++) {
		const struct bytes args[] = { WORD("ZCARD"), WORD(lists[i]) };
		struct stream_answer answer = { 0 };
		struct redisReply *reply = NULL;

		err = cases_ask(
		    cases, STREAM_WANT_NUMBER, args, 2, &reply, &answer);
		ask_done(reply);
		if (err == TL_EINVAL) {
			err = cases_drop_strange(cases, lists[i]);
		}
	}
	return err;
}
