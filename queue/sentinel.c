/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "queue/sentinel.h"

#include "base/wipe.h"
#include "queue/ask.h"
#include "queue/stream_password.h"

#define ANSWER_S    1
#define ANSWER_MOST 65536u

bool sentinel_majority(
    const struct sentinel_vote *votes, size_t n, struct place *ret_place)
{
	for (size_t i = 0; i < n; i++) {
		size_t alike = 0;

		for (size_t k = 0; k < n; k++) {
			alike += place_equal(&votes[i].master, &votes[k].master)
			    ? 1
			    : 0;
		}
		if (votes[i].master.host[0] != '\0' && 2 * alike > n) {
			*ret_place = votes[i].master;
			return true;
		}
	}
	return false;
}

enum stream_trouble sentinel_ask(const struct sentinel_opts *opts,
    const char *where, const char *password, struct sentinel_vote *ret_vote)
{
	const struct bytes args[] = { bytes_str("SENTINEL"),
		bytes_str("get-master-addr-by-name"), bytes_str(opts->name) };
	struct place place;
	const struct ask_opts ask_opts = { .place = &place,
		.user = SENTINEL_USER,
		.password = password,
		.connect_s = ANSWER_S,
		.answer_s = ANSWER_S,
		.answer_most_bytes = ANSWER_MOST };
	struct stream_answer answer = { 0 };
	struct redisReply *reply = NULL;
	struct ask *ask = NULL;
	enum stream_role role;
	enum stream_trouble trouble;

	if (place_parse(bytes_str(where), &place) != TL_OK) {
		return STREAM_GONE;
	}
	trouble = ask_open(&ask_opts, &ask, &role);
	if (trouble == STREAM_FINE) {
		trouble =
		    ask_for(ask, STREAM_WANT_PLACE, args, 3, &reply, &answer);
	}
	if (trouble == STREAM_FINE) {
		ret_vote->master = answer.place;
	}
	ask_done(reply);
	ask_close(ask);
	return trouble;
}

enum stream_trouble sentinel_find(
    const struct sentinel_opts *opts, struct place *ret_place)
{
	struct sentinel_vote votes[SENTINELS_MOST] = { 0 };
	char password[STREAM_PASSWORD_BYTES] = "";
	enum stream_trouble result = STREAM_NOWHERE;
	struct place announced;
	size_t n =
	    opts->n_places < SENTINELS_MOST ? opts->n_places : SENTINELS_MOST;

	if (opts->password_file[0] != '\0' &&
	    stream_password_load(opts->password_file, password) != TL_OK) {
		return STREAM_REFUSED;
	}
	for (size_t i = 0; i < n; i++) {
		if (sentinel_ask(opts, opts->places[i], password, &votes[i]) ==
		    STREAM_REFUSED) {
			result = STREAM_REFUSED;
		}
	}
	wipe(password, sizeof(password));
	if (sentinel_majority(votes, n, &announced)) {
		*ret_place =
		    place_route(&announced, opts->routes, opts->n_routes);
		result = STREAM_FINE;
	}
	return result;
}
