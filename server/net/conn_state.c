/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/net/conn_state.h"

#include "base/log.h"

/* How often a deadline that may have moved is looked at. */
#define STEP_MS 250u

struct row {
	unsigned may_go; /* set of 1 << state */
};

#define CONN_ROW(name, to) [CONN_##name] = { to },
static const struct row rows[CONN_STATE_COUNT] = { CONN_STATES(CONN_ROW) };
#undef CONN_ROW

const struct net_deadlines net_deadlines_default = {
	/* A 2G phone needs two round trips of 0.8 to 3 s, with losses; a
	 * fresh onion circuit several seconds. */
	.handshake_ms = 20000,
	.idle_ms = 15000,
	.head_ms = { 20000, 10000 },
	.body_ms = { 60000, 30000 },
	/* 1 KiB/s is a sixth of a poor EDGE link. */
	.body_kib_ms = { 1000, 0 },
	.body_most_ms = 60u * 60u * 1000u,
	/* Some gateways wait 2 s, and then send the message again. */
	.waiting_ms = { 10000, 1500 },
	.write_ms = 30000,
	.write_kib_ms = 1000,
	.linger_ms = 2000,
	.age_ms = 15u * 60u * 1000u,
};

void conn_table_init(
    struct conn_table *table, const struct net_deadlines *limits)
{
	*table = (struct conn_table){ .limits = *limits };
	for (size_t state = 0; state < CONN_STATE_COUNT; state++) {
		TAILQ_INIT(&table->lists[state][0]);
		TAILQ_INIT(&table->lists[state][1]);
	}
}

bool conn_may_go(enum conn_state from, enum conn_state to)
{
	return (rows[from].may_go & (1u << to)) != 0;
}

static bool can_grow(enum conn_state state)
{
	return state == CONN_READ_BODY || state == CONN_WRITE;
}

static uint64_t limit_ms(
    const struct net_deadlines *limits, enum conn_state state, bool gateway)
{
	switch (state) {
	case CONN_HANDSHAKE:
		return limits->handshake_ms;
	case CONN_IDLE:
		return limits->idle_ms;
	case CONN_READ_HEAD:
		return limits->head_ms[gateway];
	case CONN_READ_BODY:
		return limits->body_ms[gateway];
	case CONN_WAITING:
		return limits->waiting_ms[gateway];
	case CONN_WRITE:
		return limits->write_ms;
	case CONN_LINGER:
		return limits->linger_ms;
	case CONN_STREAM: /* nothing waits: it may last as long as a shift */
	case CONN_DYING:
	case CONN_STATE_COUNT:
		break;
	}
	return 0;
}

static struct conn_list *list_of(
    struct conn_table *table, const struct conn_place *place)
{
	return &table->lists[place->state][place->is_gateway];
}

/* From the tail: a list grows there, but for a gateway that took its time to
 * say that it is one. */
static void insert(struct conn_table *table, struct conn_place *place)
{
	struct conn_list *list = list_of(table, place);
	struct conn_place *before = TAILQ_LAST(list, conn_list);

	while (before != NULL && before->look_ms > place->look_ms) {
		before = TAILQ_PREV(before, conn_list, link);
	}
	if (before == NULL) {
		TAILQ_INSERT_HEAD(list, place, link);
	} else {
		TAILQ_INSERT_AFTER(list, before, place, link);
	}
}

static void set_look(struct conn_place *place, uint64_t now_ms)
{
	place->look_ms = place->deadline_ms;
	if (can_grow(place->state)) {
		place->look_ms = now_ms + STEP_MS;
	}
}

static void put(struct conn_table *table, struct conn_place *place,
    enum conn_state state, uint64_t now_ms)
{
	place->state = state;
	place->entered_ms = now_ms;
	place->deadline_ms =
	    now_ms + limit_ms(&table->limits, state, place->is_gateway);
	if (state == CONN_DYING || state == CONN_STREAM) {
		place->deadline_ms =
		    UINT64_MAX; /* DYING: reaped at the turn's end */
	}
	set_look(place, now_ms);
	insert(table, place);
	table->counts[state]++;
}

void conn_enter(struct conn_table *table, struct conn_place *place,
    enum conn_state first, uint64_t now_ms)
{
	place->is_gateway = false;
	put(table, place, first, now_ms);
}

void conn_leave(struct conn_table *table, struct conn_place *place)
{
	TAILQ_REMOVE(list_of(table, place), place, link);
	table->counts[place->state]--;
}

void conn_set_state(struct conn_table *table, struct conn_place *place,
    enum conn_state to, uint64_t now_ms)
{
	if (place->state == CONN_DYING && to == CONN_DYING) {
		return;
	}
	if (!conn_may_go(place->state, to)) {
		log_event(LOG_CONN_BAD_MOVE, (int)place->state, (int)to);
		to = CONN_DYING; /* our bug must not keep a socket */
	}
	conn_leave(table, place);
	if (to == CONN_IDLE) {
		place->is_gateway = false;
	}
	put(table, place, to, now_ms);
}

void conn_set_gateway(
    struct conn_table *table, struct conn_place *place, uint64_t now_ms)
{
	if (place->is_gateway) {
		return;
	}
	TAILQ_REMOVE(list_of(table, place), place, link);
	place->is_gateway = true;
	place->deadline_ms =
	    place->entered_ms + limit_ms(&table->limits, place->state, true);
	set_look(place, now_ms);
	insert(table, place);
}

/* The time for a body of which so many bytes have come. */
static uint64_t body_ms(
    const struct net_deadlines *limits, bool gateway, uint64_t bytes)
{
	uint64_t ms = limits->body_ms[gateway] +
	    bytes / 1024u * limits->body_kib_ms[gateway];

	return ms < limits->body_most_ms ? ms : limits->body_most_ms;
}

void conn_grow(
    struct conn_table *table, struct conn_place *place, uint64_t bytes)
{
	const struct net_deadlines *limits = &table->limits;

	if (place->state == CONN_READ_BODY) {
		place->deadline_ms = place->entered_ms +
		    body_ms(limits, place->is_gateway, bytes);
	} else if (place->state == CONN_WRITE) {
		place->deadline_ms = place->entered_ms + limits->write_ms +
		    bytes / 1024u * limits->write_kib_ms;
	}
}

void conn_linger(
    struct conn_table *table, struct conn_place *place, uint64_t bytes)
{
	if (place->state == CONN_LINGER) {
		place->deadline_ms = place->entered_ms +
		    body_ms(&table->limits, place->is_gateway, bytes);
	}
}

static struct conn_place *overdue_in(
    struct conn_table *table, struct conn_list *list, uint64_t now_ms)
{
	struct conn_place *head;

	while ((head = TAILQ_FIRST(list)) != NULL && head->look_ms <= now_ms) {
		if (head->deadline_ms <= now_ms) {
			return head;
		}
		TAILQ_REMOVE(list, head, link);
		head->look_ms = now_ms + STEP_MS;
		insert(table, head);
	}
	return NULL;
}

struct conn_place *conn_overdue(struct conn_table *table, uint64_t now_ms)
{
	for (size_t state = 0; state < CONN_DYING; state++) {
		for (size_t gateway = 0; gateway < 2; gateway++) {
			struct conn_place *place = overdue_in(
			    table, &table->lists[state][gateway], now_ms);

			if (place != NULL) {
				return place;
			}
		}
	}
	return NULL;
}

uint64_t conn_next_look_ms(const struct conn_table *table)
{
	uint64_t next = UINT64_MAX;

	for (size_t state = 0; state < CONN_DYING; state++) {
		for (size_t gateway = 0; gateway < 2; gateway++) {
			const struct conn_place *head =
			    TAILQ_FIRST(&table->lists[state][gateway]);

			if (head != NULL && head->look_ms < next) {
				next = head->look_ms;
			}
		}
	}
	return next;
}

static struct conn_place *older(struct conn_place *a, struct conn_place *b)
{
	if (a == NULL || b == NULL) {
		return a == NULL ? b : a;
	}
	return a->entered_ms < b->entered_ms ? a : b;
}

static struct conn_place *oldest_in(
    const struct conn_table *table, enum conn_state state)
{
	return older(TAILQ_FIRST(&table->lists[state][0]),
	    TAILQ_FIRST(&table->lists[state][1]));
}

/* Who lingers for a moment is reading an answer; these have longer. */
static struct conn_place *oldest_sending(const struct conn_table *table)
{
	struct conn_place *found = NULL;
	struct conn_place *place;

	for (size_t gateway = 0; gateway < 2; gateway++) {
		TAILQ_FOREACH (
		    place, &table->lists[CONN_LINGER][gateway], link) {
			if (place->deadline_ms - place->entered_ms >
			    table->limits.linger_ms) {
				found = older(found, place);
			}
		}
	}
	return found;
}

struct conn_place *conn_oldest_waste(const struct conn_table *table)
{
	struct conn_place *place = older(
	    oldest_in(table, CONN_IDLE), oldest_in(table, CONN_HANDSHAKE));

	if (place == NULL) {
		place = oldest_sending(table);
	}
	if (place == NULL) {
		place = oldest_in(table, CONN_READ_HEAD);
	}
	return place != NULL ? place : oldest_in(table, CONN_READ_BODY);
}
