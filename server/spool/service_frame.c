/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/spool/service_frame.c - what the peers ask for.
 */
#include <event2/event.h>

#include "base/clock.h"
#include "base/rd.h"
#include "queue/spool_mail.h"
#include "server/spool/service_inside.h"

static void add_lent(const struct spool_lent *lent, void *arg)
{
	struct buf *body = arg;

	buf_put(body, lent->id, SPOOL_ID_BYTES);
	buf_put_u8(body, (uint8_t)lent->rank);
	buf_put_u32(body, (uint32_t)lent->sealed.len);
	buf_put(body, lent->sealed.at, lent->sealed.len);
}

/* One byte says how many, so that is the most; each has a head of its own. */
#define LENT_MOST       255u
#define LENT_HEAD_BYTES (SPOOL_ID_BYTES + 1u + 4u)
#define COPY_HEAD_BYTES (8u + 1u)
#define LENT_BODIES     (FRAME_BATCH_BYTES - 1u - LENT_MOST * LENT_HEAD_BYTES)

/* A whole body is some 600 KiB, and they come one after the other while there
 * is much: then its room is kept from one to the next. */
#define LENT_MUCH 64u

static void lend(struct service *service, struct peer *relay, size_t most)
{
	struct spool *spool = service->opts.spool;
	struct buf *body = &service->lent;
	size_t n = 0;
	enum tl_err err;

	buf_put_u8(body, 0);
	most = most < LENT_MOST ? most : LENT_MOST;
	err = spool_take(
	    spool, service->take_last, most, LENT_BODIES, add_lent, body, &n);
	if (err == TL_OK && buf_err(body) != TL_OK) {
		err = TL_ENOMEM;
	}
	if (err != TL_OK) {
		service_fail(service, err);
	} else {
		body->data[0] = (uint8_t)n;
		service->relay_short =
		    spool_waiting(spool, service->take_last) == 0;
		peer_send(relay, FRAME_LENT, bytes_of(body->data, body->len));
	}
	if (n < LENT_MUCH) {
		buf_free(body);
	} else {
		buf_reset(body);
	}
}

void service_taken_cb(int fd, short what, void *arg)
{
	struct service *service = arg;

	(void)fd;
	(void)what;
	if (service->take_open && service->end != SERVICE_FAILED) {
		service->take_open = false;
		lend(service, service->relay->peer, service->take_most);
	}
}

/* A search may go over all that is lent: one a turn, so that a relay that
 * was taken over cannot keep the workers waiting. */
static bool take(struct service *service, struct bytes body)
{
	if (body.len != 3 || service->take_open || body.at[2] >= RANKS) {
		return false;
	}
	service->take_open = true;
	service->take_most = (size_t)(body.at[0] << 8 | body.at[1]);
	service->take_last = (enum rank)body.at[2];
	event_active(service->when_taken, EV_TIMEOUT, 0);
	return true;
}

static void add_copy(const struct spool_lent *lent, void *arg)
{
	struct buf *body = arg;

	buf_put(body, lent->id, SPOOL_ID_BYTES);
	buf_put_u8(body, (uint8_t)lent->channel);
	buf_put_u8(body, lent->rank == RANK_URGENT ? 1 : 0);
	buf_put_u32(body, (uint32_t)lent->sealed.len);
	buf_put(body, lent->sealed.at, lent->sealed.len);
}

/* Some more of all that is kept, between two groups like everything here. */
static bool send_copy(struct client *client, struct bytes want)
{
	struct rd rd = rd_of(want.at, want.len);
	uint64_t asked = rd_u64(&rd);
	int64_t from = (int64_t)asked;
	struct buf body;
	struct buf records;
	size_t n = 0;
	enum tl_err err;

	if (!rd_done(&rd) || asked > INT64_MAX) {
		return false;
	}
	buf_init(&body, FRAME_BATCH_BYTES);
	buf_init(&records, FRAME_BATCH_BYTES);
	err = spool_copy(client->service->opts.spool, &from, LENT_MOST,
	    LENT_BODIES - COPY_HEAD_BYTES - LENT_MOST, add_copy, &records, &n);
	buf_put_u64(&body, (uint64_t)from);
	buf_put_u8(&body, (uint8_t)n);
	buf_put(&body, records.data, records.len);
	if (err == TL_OK &&
	    (buf_err(&records) != TL_OK || buf_err(&body) != TL_OK)) {
		err = TL_ENOMEM;
	}
	if (err == TL_OK) {
		peer_send(
		    client->peer, FRAME_COPY, bytes_of(body.data, body.len));
	} else {
		service_fail(client->service, err);
	}
	buf_free(&records);
	buf_free(&body);
	return true;
}

/* Each counts what is on the disk: who asks on and on and reads nothing would
 * keep the workers waiting. */
static bool send_stats(struct client *client)
{
	struct service *service = client->service;
	struct spool_stats stats;
	struct buf body;

	if (peer_waiting_bytes(client->peer) > SERVICE_COUNTS_BYTES) {
		return false;
	}
	spool_stats(service->opts.spool, &stats);
	stats.bad_receipts = group_bad_receipts(service->group);
	stats.day = service_today(service).counted;
	stats.clock_days = spool_clock_odd_days(service->hour, clock_wall_s());
	buf_init(&body, frame_max_bytes(FRAME_STATS));
	spool_stats_put(&body, &stats);
	if (buf_err(&body) == TL_OK) {
		peer_send(
		    client->peer, FRAME_STATS, bytes_of(body.data, body.len));
	}
	buf_free(&body);
	return true;
}

/* Between two groups, like everything here. Without room it stays as it is,
 * and the counts say so. */
static bool see_damage(struct client *client)
{
	enum tl_err err = spool_see_damage(client->service->opts.spool);

	if (err != TL_OK && err != TL_EFULL) {
		service_fail(client->service, err);
		return true;
	}
	return send_stats(client);
}

/* A record that is not there any more is no error of the relay's. */
static void lend_again(struct client *client, const uint8_t *id)
{
	enum tl_err err = spool_lend_again(client->service->opts.spool, id);

	if (err != TL_OK && err != TL_ENOENT) {
		service_fail(client->service, err);
	}
}

struct box {
	struct buf body;
	uint8_t n;
};

static void add_mail(struct bytes mail, void *arg)
{
	struct box *box = arg;

	if (mail.len == FRAME_MAIL_BYTES && box->n < FRAME_MAIL_MOST) {
		buf_put(&box->body, mail.at, mail.len);
		box->n++;
	}
}

/* As long, and nearly as soon, whatever the mailbox has. */
static bool show_mailbox(struct client *client, struct bytes ask)
{
	struct service *service = client->service;
	struct box box = { .n = 0 };
	enum tl_err err;

	if (ask.len != 4 + SPOOL_MAILBOX_BYTES) {
		return false;
	}
	buf_init(&box.body, FRAME_MAIL_BOX_BYTES);
	buf_put(&box.body, ask.at, 4);
	buf_put_u8(&box.body, 0);
	err = spool_mail_read(service->opts.spool, ask.at + 4,
	    service_today(service).ends, add_mail, &box);
	buf_put_zeros(
	    &box.body, (size_t)(FRAME_MAIL_MOST - box.n) * FRAME_MAIL_BYTES);
	if (err == TL_OK && buf_err(&box.body) != TL_OK) {
		err = TL_ENOMEM;
	}
	if (err != TL_OK) {
		service_fail(service, err);
	} else {
		box.body.data[4] = box.n;
		peer_send(client->peer, FRAME_MAIL_BOX,
		    bytes_of(box.body.data, box.body.len));
	}
	buf_free(&box.body);
	return true;
}

/*
 * The intake's parent tells of lists, and then that these are all, before it
 * hands the connection to a worker: whoever has taken that over has nothing to
 * say of them.
 */
static bool take_list(struct client *client, struct bytes body)
{
	static const uint8_t all[SPOOL_LIST_ID_BYTES + 4];

	if (client->all_lists) {
		return false;
	}
	if (bytes_equal(body, bytes_of(all, sizeof(all)))) {
		client->all_lists = true;
		client->wants_day = true;
		service_tell_day(client);
		return true;
	}
	return group_add(client->service->group, &client->share, client->peer,
		   FRAME_LIST, body) == TL_OK;
}

bool service_take_frame(struct client *client, const struct frame *frame)
{
	struct service *service = client->service;
	struct bytes body = bytes_of(frame->body, frame->body_len);

	if (client->who == FRAME_FROM_ADMIN && !client->owner &&
	    frame->type != FRAME_STATS_WANT) {
		return false;
	}
	switch (frame->type) {
	case FRAME_COPY_WANT:
		return send_copy(client, body);
	case FRAME_PUT:
	case FRAME_RECEIPT:
	case FRAME_MAIL:
	case FRAME_MAIL_DROP:
		return group_add(service->group, &client->share, client->peer,
			   frame->type, body) == TL_OK;
	case FRAME_LIST:
		return take_list(client, body);
	case FRAME_TAKE:
		return take(service, body);
	case FRAME_AGAIN:
		if (body.len != SPOOL_ID_BYTES) {
			return false;
		}
		lend_again(client, body.at);
		return true;
	case FRAME_UNLEND:
		spool_unlend_all(service->opts.spool);
		return true;
	case FRAME_MAIL_ASK:
		return show_mailbox(client, body);
	case FRAME_STATS_WANT:
		return send_stats(client);
	case FRAME_DAMAGE_SEEN:
		return see_damage(client);
	default:
		return false;
	}
}
