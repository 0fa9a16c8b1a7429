/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What each Sentinel says of the master, and whether they say the same. */
#include "queue/checkup.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/wipe.h"
#include "queue/stream_password.h"

#define SAID_BYTES 512u

struct round {
	const struct sentinel_opts *opts;
	checkup_say_fn say;
	void *arg;
	struct sentinel_vote votes[SENTINELS_MOST];
	size_t n, answered;
};

__attribute__((format(printf, 2, 3))) static void tell(
    const struct round *round, const char *format, ...)
{
	char said[SAID_BYTES];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(said, sizeof(said), format, args);
	va_end(args);
	round->say(round->arg, said);
}

static bool may_speak_tcp(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0) {
		(void)close(fd);
	}
	return fd >= 0;
}

static void ask_one(struct round *round, const char *password, size_t i)
{
	const char *where = round->opts->places[i];
	enum stream_trouble trouble =
	    sentinel_ask(round->opts, where, password, &round->votes[i]);

	if (trouble == STREAM_FINE && round->votes[i].master.host[0] != '\0') {
		round->answered++;
	} else if (trouble == STREAM_REFUSED) {
		tell(round,
		    "the Sentinel at %s refuses the user " SENTINEL_USER
		    ": copy watch.pass of the first host to"
		    " redis.sentinel_password_file",
		    where);
	} else if (trouble == STREAM_GONE || trouble == STREAM_LATE) {
		tell(round,
		    "the Sentinel at %s does not answer: systemctl status"
		    " tipline-sentinel on its host. Without more than half of"
		    " them no new master is found",
		    where);
	} else {
		tell(round,
		    "the Sentinel at %s does not know a master called %s:"
		    " compare redis.sentinel_name with its sentinel.conf",
		    where, round->opts->name);
	}
}

static void compare(const struct round *round)
{
	struct place most;

	if (round->answered == 0) {
		return; /* each was said */
	}
	if (!sentinel_majority(round->votes, round->n, &most)) {
		tell(round,
		    "no more than half of the %zu Sentinels name the same"
		    " master, so relay and desk follow none: start those that"
		    " are away, or see their journals (tipline-sentinel)",
		    round->n);
		return;
	}
	for (size_t i = 0; i < round->n; i++) {
		const struct place *one = &round->votes[i].master;

		if (one->host[0] != '\0' && !place_equal(one, &most)) {
			tell(round,
			    "the Sentinel at %s names %s:%u as the master, most"
			    " of them %s:%u: if it stays so, see its journal"
			    " (tipline-sentinel), and whether it reaches the"
			    " others",
			    round->opts->places[i], one->host,
			    (unsigned)one->port, most.host,
			    (unsigned)most.port);
		}
	}
}

void checkup_sentinels(
    const struct sentinel_opts *opts, checkup_say_fn say, void *arg)
{
	struct round round = { .opts = opts, .say = say, .arg = arg };
	char password[STREAM_PASSWORD_BYTES] = "";
	bool tcp = may_speak_tcp();

	round.n =
	    opts->n_places < SENTINELS_MOST ? opts->n_places : SENTINELS_MOST;
	for (size_t i = 0; i < round.n; i++) {
		if (opts->places[i][0] != '/' && !tcp) {
			return;
		}
	}
	if (opts->password_file[0] != '\0' &&
	    stream_password_load(opts->password_file, password) != TL_OK) {
		tell(&round,
		    "the Sentinels could not be asked:"
		    " redis.sentinel_password_file holds no password, or may"
		    " not be read");
		return;
	}
	for (size_t i = 0; i < round.n; i++) {
		ask_one(&round, password, i);
	}
	wipe(password, sizeof(password));
	compare(&round);
}
