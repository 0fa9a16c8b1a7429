/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "queue/find.h"

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/wipe.h"
#include "queue/link.h"
#include "queue/stream_password.h"

#define TICK_S      1
#define ASK_TICKS   5u /* each answer is renewed as often */
#define LATE_TICKS  3u /* no answer for so long: it is away */
#define ANSWER_MOST 65536u

struct sentinel {
	struct place place;
	struct link *asks, *hears; /* NULL: not connected */
	bool asks_up;
	unsigned asked; /* answers that are owed */
	unsigned since; /* ticks since asks was opened or asked */
};

struct find {
	struct event_base *base;
	const struct sentinel_opts *opts;
	const struct find_events *events;
	void *arg;
	char password[STREAM_PASSWORD_BYTES];
	struct links *links;
	struct event *tick;
	struct event *now; /* find_ask(): look when the loop has turned */
	struct sentinel sentinels[SENTINELS_MOST];
	struct sentinel_vote votes[SENTINELS_MOST];
	size_t n;
	bool wanted;         /* found() is owed */
	struct place master; /* as it was announced; host "": none is known */
};

static struct sentinel *of_link(
    struct find *find, const struct link *link, size_t *ret_i)
{
	for (size_t i = 0; i < find->n; i++) {
		if (find->sentinels[i].asks == link ||
		    find->sentinels[i].hears == link) {
			*ret_i = i;
			return &find->sentinels[i];
		}
	}
	return NULL;
}

/* ---- what follows from the votes ------------------------------------------
 */

static void count_votes(struct find *find)
{
	struct place master;
	struct place place;

	if (!sentinel_majority(find->votes, find->n, &master)) {
		return;
	}
	if (find->wanted) {
		find->wanted = false;
		find->master = master;
		place = place_route(
		    &master, find->opts->routes, find->opts->n_routes);
		find->events->found(find->arg, &place);
	} else if (find->master.host[0] != '\0' &&
	    !place_equal(&master, &find->master)) {
		find->master.host[0] = '\0'; /* said once */
		find->events->moved(find->arg);
	}
}

/* ---- asking and hearing ---------------------------------------------------
 */

static void vote_cb(struct redisAsyncContext *ac, void *reply, void *privdata)
{
	struct stream_answer answer = { 0 };
	struct find *find =
	    link_answer(privdata, reply, STREAM_WANT_PLACE, &answer);
	struct sentinel *sentinel;
	size_t i;

	(void)ac;
	if (find == NULL) {
		return;
	}
	sentinel = of_link(find, privdata, &i);
	if (sentinel->asked > 0) {
		sentinel->asked--;
	}
	if (sentinel->asked == 0) { /* older ones were asked too early */
		find->votes[i].master = answer.place;
		count_votes(find);
	}
}

static void ask(struct find *find, struct sentinel *sentinel)
{
	const struct bytes args[] = { bytes_str("SENTINEL"),
		bytes_str("get-master-addr-by-name"),
		bytes_str(find->opts->name) };

	if (sentinel->asks_up) {
		sentinel->asked++;
		sentinel->since = 0;
		link_ask(sentinel->asks, vote_cb, args, 3);
	}
}

static void ask_all(struct find *find)
{
	for (size_t i = 0; i < find->n; i++) {
		ask(find, &find->sentinels[i]);
	}
}

/* "NAME old-address port new-address port" */
static void heard_cb(struct redisAsyncContext *ac, void *reply, void *privdata)
{
	struct stream_answer answer = { 0 };
	struct find *find =
	    link_answer(privdata, reply, STREAM_WANT_HEARD, &answer);
	size_t len;

	(void)ac;
	if (find == NULL) {
		return;
	}
	len = strlen(find->opts->name);
	if (answer.heard.len > len && answer.heard.at[len] == ' ' &&
	    memcmp(answer.heard.at, find->opts->name, len) == 0) {
		ask_all(find);
	}
}

static void up_cb(
    void *owner, struct link *link, enum stream_role role, uint64_t client)
{
	const struct bytes args[] = { bytes_str("SUBSCRIBE"),
		bytes_str("+switch-master") };
	struct find *find = owner;
	size_t i;
	struct sentinel *sentinel = of_link(find, link, &i);

	(void)client;
	if (role != STREAM_SENTINEL) {
		return; /* it never gets a vote */
	}
	if (link == sentinel->hears) {
		link_ask(link, heard_cb, args, 2);
	} else {
		sentinel->asks_up = true;
		ask(find, sentinel);
	}
}

static void part(struct find *find, size_t i)
{
	struct sentinel *sentinel = &find->sentinels[i];

	link_drop(&sentinel->asks);
	sentinel->asks_up = false;
	sentinel->asked = 0;
	find->votes[i] = (struct sentinel_vote){ 0 };
}

static void gone_cb(void *owner, struct link *link, enum stream_trouble why)
{
	struct find *find = owner;
	size_t i;
	struct sentinel *sentinel = of_link(find, link, &i);

	(void)why;
	if (link == sentinel->hears) {
		sentinel->hears = NULL;
	} else {
		part(find, i);
	}
}

static const struct link_events link_events = {
	.up = up_cb,
	.gone = gone_cb,
};

/* ---- time -----------------------------------------------------------------
 */

static void connect_one(struct find *find, struct sentinel *sentinel)
{
	const struct link_opts opts = { .place = &sentinel->place,
		.user = SENTINEL_USER,
		.password = find->password,
		.answer_most_bytes = ANSWER_MOST };

	if (sentinel->asks == NULL) {
		sentinel->asks = link_open(find->links, &opts);
		sentinel->since = 0;
	}
	if (sentinel->hears == NULL) {
		sentinel->hears = link_open(find->links, &opts);
	}
}

static void tick_cb(evutil_socket_t fd, short what, void *arg)
{
	struct find *find = arg;

	(void)fd;
	(void)what;
	for (size_t i = 0; i < find->n; i++) {
		struct sentinel *sentinel = &find->sentinels[i];

		sentinel->since++;
		if (sentinel->asks != NULL &&
		    (sentinel->asked > 0 || !sentinel->asks_up) &&
		    sentinel->since > LATE_TICKS) {
			part(find, i);
			link_drop(&sentinel->hears);
		}
		connect_one(find, sentinel);
		if (sentinel->since >= ASK_TICKS) {
			ask(find, sentinel);
		}
	}
}

static void now_cb(evutil_socket_t fd, short what, void *arg)
{
	struct find *find = arg;

	(void)fd;
	(void)what;
	for (size_t i = 0; i < find->n; i++) {
		connect_one(find, &find->sentinels[i]);
	}
	ask_all(find);
}

void find_ask(struct find *find)
{
	memset(find->votes, 0, sizeof(find->votes));
	find->wanted = true;
	find->master.host[0] = '\0';
	event_active(find->now, EV_TIMEOUT, 1);
}

/* ---- life -----------------------------------------------------------------
 */

static enum tl_err make_parts(struct find *find)
{
	const struct timeval tick = { .tv_sec = TICK_S };

	find->tick = event_new(find->base, -1, EV_PERSIST, tick_cb, find);
	find->now = event_new(find->base, -1, 0, now_cb, find);
	if (find->tick == NULL || find->now == NULL ||
	    event_add(find->tick, &tick) != 0) {
		return TL_ENOMEM;
	}
	return links_new(find->base, &link_events, find, &find->links);
}

enum tl_err find_new(struct event_base *base, const struct sentinel_opts *opts,
    const char *password, const struct find_events *events, void *arg,
    struct find **ret_find)
{
	struct find *find = calloc(1, sizeof(*find));
	enum tl_err err = TL_ENOMEM;

	if (find == NULL) {
		goto out;
	}
	find->base = base;
	find->opts = opts;
	find->events = events;
	find->arg = arg;
	err = strlen(password) < sizeof(find->password) ? TL_OK : TL_ETOOBIG;
	if (err == TL_OK) {
		memcpy(find->password, password, strlen(password));
		err = opts->n_places <= SENTINELS_MOST ? TL_OK : TL_EINVAL;
	}
	for (size_t i = 0; err == TL_OK && i < opts->n_places; i++) {
		err = place_parse(
		    bytes_str(opts->places[i]), &find->sentinels[i].place);
		find->n++;
	}
	if (err == TL_OK) {
		err = make_parts(find);
	}
	if (err == TL_OK) {
		*ret_find = find;
		find = NULL;
	}
out:
	find_free(find);
	return err;
}

void find_free(struct find *find)
{
	if (find == NULL) {
		return;
	}
	for (size_t i = 0; i < find->n && find->links != NULL; i++) {
		link_drop(&find->sentinels[i].asks);
		link_drop(&find->sentinels[i].hears);
	}
	links_free(find->links);
	if (find->tick != NULL) {
		event_free(find->tick);
	}
	if (find->now != NULL) {
		event_free(find->now);
	}
	wipe(find->password, sizeof(find->password));
	free(find);
}
