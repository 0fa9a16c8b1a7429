/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Whose turn is it? Those whose network has had its share wait, and nobody is
 * turned away: forms only while the site is attacked (before that they are
 * taken and marked), codes always. Who waits carries what was typed and a
 * ticket in the page; nothing is kept here.
 */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "server/intake/ticket.h"
#include "server/intake/web_page.h"

#define WAIT_MIN_MS 20000u /* less would be no hindrance to a machine */
/* Of work instead: some seconds of a phone, and twice as much for each
 * two minutes of queue. */
#define BITS_LEAST   13u
#define BITS_MOST    17u
#define BITS_EACH_MS (2u * 60u * 1000u)

#define CODES_OF_NETWORK 2u
#define CODES_OF_ONION   4u

_Static_assert(FORM_VALUES_MAX <= PAGE_TYPED_MAX, "all is given back");
_Static_assert(BITS_MOST <= TICKET_BITS_MAX, "a ticket can say it");

static uint16_t bucket_of(const struct web_client *client)
{
	return client->door == NET_DOOR_ONION ? FAIR_ONION : client->bucket;
}

/* The kdf takes CODE_ENTRY_WAITING of a worker: one network cannot keep all of
 * these, however many tickets it has. */
static bool codes_are_full(const struct web_client *client)
{
	uint16_t bucket = bucket_of(client);
	unsigned most =
	    bucket == FAIR_ONION ? CODES_OF_ONION : CODES_OF_NETWORK;

	return bucket != FAIR_FREE && client->worker->codes[bucket] >= most;
}

/* More forms than usual, or little room for what they bring. */
static bool is_attacked(struct worker *worker, uint64_t now_ms)
{
	if (fair_count_all(&worker->fair, now_ms)) {
		log_event(LOG_FLOOD, (long long)worker->fair.forms_minute, 0);
	}
	return fair_is_attacked(&worker->fair, now_ms) ||
	    worker->room != FRAME_ROOM_OK;
}

static void draw_ticket(const struct worker *worker, enum fair_kind kind,
    uint64_t over_ms, struct ticket *ret_ticket)
{
	uint64_t most_ms = worker->config->intake.wait_max_ms;
	uint64_t wait_ms = over_ms > WAIT_MIN_MS ? over_ms : WAIT_MIN_MS;
	uint64_t bits = BITS_LEAST + over_ms / BITS_EACH_MS;

	if (wait_ms > most_ms) {
		wait_ms = most_ms;
	}
	*ret_ticket = (struct ticket){
		.kind = (uint8_t)kind,
		.ready_s = clock_wall_s() + (int64_t)((wait_ms + 999) / 1000),
		.bits = (uint8_t)(bits < BITS_MOST ? bits : BITS_MOST),
		.is_late = over_ms > most_ms && over_ms > WAIT_MIN_MS,
	};
}

/* A ticket came that was for this, and has not been used up. */
static bool read_ticket(const struct worker *worker, enum fair_kind kind,
    struct bytes text, struct ticket *ret_ticket)
{
	return text.len > 0 &&
	    ticket_open(worker->dedup_key, clock_wall_s(), text, ret_ticket) ==
	    TL_OK &&
	    ret_ticket->kind == (uint8_t)kind;
}

/* text: of the ticket, as it is or as it came: then it is no other one. */
static void show_wait(const struct web_client *client,
    const struct ticket *ticket, const char *text, const struct tip_form *form)
{
	struct worker *worker = client->worker;
	struct page_pair pairs[FORM_VALUES_MAX];
	int64_t left_s = ticket->ready_s - clock_wall_s();
	struct page_wait wait = {
		.path = client->path,
		.ticket = text,
		.seconds = left_s > 1 ? (unsigned)left_s : 1u,
		.bits = ticket->bits,
		.tries = ticket->kind == FAIR_CODES,
		.typed = { .pairs = pairs },
	};
	struct buf page;
	enum tl_err err;

	for (size_t i = 0; i < form->n_values; i++) {
		enum tip_field field = form->values[i].field;

		if (field != FORM_TICKET && field != FORM_PROOF) {
			pairs[wait.typed.n].name = tip_form_field_name(field);
			pairs[wait.typed.n++].value = form->values[i].value;
		}
	}
	worker->counts.values[COUNT_WAITS]++;
	buf_init(&page, PAGE_BYTES_MAX);
	err = page_wait(&worker->site, client->language, &wait, &page);
	web_send_page(
	    client, 429, err, wait.tries ? WIRE_RETURN : WIRE_TYPED, &page);
}

static bool has_waited(const struct ticket *ticket, const struct tip_form *form)
{
	return clock_wall_s() >= ticket->ready_s ||
	    ticket_is_worked(
		ticket, form->fields[FORM_TICKET], form->fields[FORM_PROOF]);
}

/* Each ticket a few times, as for a form that has to be sent again. */
static bool may_use(const struct worker *worker, enum fair_kind kind,
    const struct tip_form *form, uint64_t now_ms)
{
	struct bytes text = form->fields[FORM_TICKET];

	return fair_use(&worker->fair, kind, text.at, text.len, now_ms);
}

enum web_turn web_turn(const struct web_client *client, enum fair_kind kind,
    const struct tip_form *form, bool may_wait)
{
	struct worker *worker = client->worker;
	uint64_t now_ms = clock_mono_ms();
	bool waits = kind == FAIR_CODES || is_attacked(worker, now_ms);
	bool is_full = kind == FAIR_CODES && codes_are_full(client);
	char text[TICKET_TEXT_BYTES] = "";
	struct ticket ticket;
	uint64_t over_ms;

	if (read_ticket(worker, kind, form->fields[FORM_TICKET], &ticket)) {
		bool waited = has_waited(&ticket, form);

		if (waited && !is_full && may_use(worker, kind, form, now_ms)) {
			worker->counts.values[COUNT_WAITED]++;
			return ticket.is_late ? WEB_TURN_MARKED : WEB_TURN_NOW;
		}
		if (waits && (!waited || is_full)) {
			memcpy(text, form->fields[FORM_TICKET].at,
			    form->fields[FORM_TICKET].len);
			show_wait(client, &ticket, text, form);
			return WEB_TURN_LATER;
		}
	}
	over_ms = fair_count(&worker->fair, kind, bucket_of(client), now_ms);
	if (over_ms == 0 && !is_full) {
		return WEB_TURN_NOW;
	}
	if (!waits || !may_wait) {
		worker->counts.values[COUNT_MARKED]++;
		return WEB_TURN_MARKED;
	}
	draw_ticket(worker, kind, over_ms, &ticket);
	ticket_seal(worker->dedup_key, &ticket, text);
	show_wait(client, &ticket, text, form);
	return WEB_TURN_LATER;
}

/* ---- codes under way ----------------------------------------------------- */

void web_code_begins(const struct web_client *client)
{
	client->worker->codes[bucket_of(client)]++;
}

void web_code_ends(const struct web_client *client)
{
	client->worker->codes[bucket_of(client)]--;
}
