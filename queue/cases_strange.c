/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/cases_strange.c - keys of cases that are of another type in Redis.
 *
 * Only who has a desk's password makes something else of our keys. What was in
 * a list comes back with the changes of its cases.
 */
#include <string.h>

#include "queue/cases_inside.h"

#define WORD(text) bytes_str(text)

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
