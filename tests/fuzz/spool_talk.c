/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/spool, what its peers ask of a real spool: TAKE, AGAIN, UNLEND,
 * MAIL_ASK, LIST, STATS_WANT, COPY_WANT, DAMAGE_SEEN with any body. What is
 * asked properly is answered, with the length that it must have; what is not
 * ends the one who asked, and never the spool. (PUT and RECEIPT: spool_put.c.)
 *
 * Input: who asks; then frames. A byte: which, and whether its body is cut or
 * filled to the right length; a byte: how much of the bytes behind it is body.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/rd.h"
#include "crypto/hash.h"
#include "queue/spool_mail.h"
#include "server/spool/service.h"

#define RECORDS 60u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static char dir[] = "/tmp/tipline-fuzz-spool-XXXXXX";
static struct event_base *base;
static struct service *service;
static const enum frame_from doors[] = { FRAME_FROM_WORKER, FRAME_FROM_RELAY,
	FRAME_FROM_ADMIN };
static const struct {
	enum frame_type type;
	enum frame_type answer; /* or itself: none */
	enum frame_from who;
	size_t len;
} asks[] = {
	{ FRAME_TAKE, FRAME_LENT, FRAME_FROM_RELAY, 3 },
	{ FRAME_AGAIN, FRAME_AGAIN, FRAME_FROM_RELAY, 16 },
	{ FRAME_UNLEND, FRAME_UNLEND, FRAME_FROM_RELAY, 0 },
	{ FRAME_MAIL_ASK, FRAME_MAIL_BOX, FRAME_FROM_WORKER, 20 },
	{ FRAME_LIST, FRAME_LIST_SEEN, FRAME_FROM_WORKER, 12 },
	{ FRAME_STATS_WANT, FRAME_STATS, FRAME_FROM_ADMIN, 0 },
	{ FRAME_COPY_WANT, FRAME_COPY, FRAME_FROM_ADMIN, 8 },
	{ FRAME_DAMAGE_SEEN, FRAME_STATS, FRAME_FROM_ADMIN, 0 },
};

/* Garbage is what this is about. */
void log_event(enum log_event event, long long a, long long b)
{
	(void)event;
	(void)a;
	(void)b;
}

static void fill_spool(struct spool *spool)
{
	static uint8_t sealed[700];
	static const uint8_t mailbox[SPOOL_MAILBOX_BYTES] = "mailbox of this";
	int64_t today = clock_wall_s() / 86400;
	bool known;

	for (unsigned i = 0; i < RECORDS; i++) {
		uint8_t id[SPOOL_ID_BYTES] = { (uint8_t)i };
		const struct spool_record record = {
			.id = id,
			.urgent = i % 9 == 0,
			.channel =
			    i % 9 != 0 && i % 5 == 0 ? SPOOL_FILES : SPOOL_WEB,
			.sealed = bytes_of(sealed, 1 + i * 11),
		};
		const struct spool_mail mail = { .id = id,
			.mailbox = mailbox,
			.last_day = today + 300,
			.body = bytes_of(sealed, sizeof(sealed)),
			.is_status = i == 1 };

		assert(spool_put(spool, &record, 1, today, &known) == TL_OK);
		assert(i > 2 || spool_mail_put(spool, &mail, today) == TL_OK);
	}
	assert(spool_commit(spool) == TL_OK);
}

static int connect_to(size_t who, bool listen_too)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s/%zu", dir, who);
	assert(fd >= 0);
	if (listen_too) {
		assert(bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0);
		assert(listen(fd, 8) == 0);
	} else {
		assert(connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0);
	}
	return fd;
}

static void clean_up(void)
{
	char command[sizeof(dir) + 16];

	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	(void)!system(command);
}

static void start(void)
{
	static const uint8_t receipt_keys[1][KEY_BYTES] = { { 9 } };
	const struct spool_opts spool_opts = { .dir = dir, .hash = hash_bytes };
	struct spool *spool = NULL;
	struct service_opts opts = { .receipt_keys = receipt_keys,
		.n_receipt_keys = 1,
		.group_records = 64 };

	assert(mkdtemp(dir) != NULL);
	(void)atexit(clean_up);
	assert(spool_open(&spool_opts, &spool) == TL_OK);
	fill_spool(spool);
	base = event_base_new();
	assert(base != NULL &&
	    event_base_priority_init(base, SERVICE_PRIORITIES) == 0);
	opts.base = base;
	opts.spool = spool;
	assert(service_new(&opts, &service) == TL_OK);
	for (size_t i = 0; i < 3; i++) {
		assert(service_listen(service, connect_to(i, true), doors[i]) ==
		    TL_OK);
	}
}

/* The records of LENT and COPY lie one behind the other, to the last byte. */
static void look_at_records(struct bytes body, size_t before, size_t n)
{
	struct rd rd = rd_of(body.at, body.len);

	for (size_t i = 0; i < n; i++) {
		(void)rd_bytes(&rd, before);
		(void)rd_bytes(&rd, rd_u32(&rd));
	}
	assert(rd_done(&rd) && n <= RECORDS);
}

static void look_at(const struct frame *frame)
{
	struct bytes rest = bytes_of(frame->body, frame->body_len);

	switch (frame->type) {
	case FRAME_LENT:
		assert(rest.len >= 1);
		look_at_records(bytes_of(rest.at + 1, rest.len - 1),
		    SPOOL_ID_BYTES + 1, rest.at[0]);
		break;
	case FRAME_COPY:
		assert(rest.len >= 9);
		look_at_records(bytes_of(rest.at + 9, rest.len - 9),
		    SPOOL_ID_BYTES + 2, rest.at[8]);
		break;
	case FRAME_MAIL_BOX:
		assert(rest.len == FRAME_MAIL_BOX_BYTES && rest.at[4] <= 3);
		break;
	default:
		break;
	}
}

/* Let it work; true if a frame of this type was answered. Gone: no more. */
static bool hear(int fd, enum frame_type want, bool *ret_gone)
{
	static uint8_t bytes[256 * 1024];
	size_t len = 0, at = 0;
	struct frame frame;
	bool heard = false;

	for (int turn = 0; turn < 4; turn++) {
		ssize_t got;

		(void)event_base_loop(base, EVLOOP_NONBLOCK);
		while (
		    (got = recv(fd, bytes + len, sizeof(bytes) - len, 0)) > 0) {
			len += (size_t)got;
			(void)event_base_loop(base, EVLOOP_NONBLOCK);
		}
		*ret_gone = *ret_gone || got == 0;
	}
	while (frame_get(bytes + at, len - at, FRAME_FROM_SPOOL, &frame) ==
	    TL_OK) {
		look_at(&frame);
		heard = heard || frame.type == want;
		at += FRAME_HEAD_BYTES + frame.body_len;
	}
	assert(at == len);
	return heard;
}

static bool is_proper(size_t ask, struct bytes body)
{
	return body.len == asks[ask].len &&
	    (asks[ask].type != FRAME_TAKE || body.at[2] < RANKS) &&
	    (asks[ask].type != FRAME_COPY_WANT || body.at[0] < 0x80);
}

/* Lists are told of until it is said that these are all. */
static bool lists_are_over(size_t ask, struct bytes body, bool *over)
{
	static const uint8_t all[12];
	bool before = *over && asks[ask].type == FRAME_LIST;

	*over = *over ||
	    (asks[ask].type == FRAME_LIST &&
		bytes_equal(body, bytes_of(all, sizeof(all))));
	return before;
}

static bool obey(
    int fd, size_t who, uint8_t command, struct bytes given, bool *lists_over)
{
	size_t ask = (command >> 1) % (sizeof(asks) / sizeof(asks[0]));
	uint8_t room[256] = { 0 };
	struct bytes body = bytes_of(room, given.len);
	bool gone = false, heard, proper;
	struct buf out;

	memcpy(room, given.at, given.len);
	if (command % 2 == 0) {
		body.len = asks[ask].len;
	}
	if (body.len > frame_max_bytes((uint16_t)asks[ask].type)) {
		return true;
	}
	buf_init(&out, FRAME_HEAD_BYTES + body.len);
	frame_put(&out, asks[ask].type, body.at, body.len);
	assert(send(fd, out.data, out.len, MSG_NOSIGNAL) == (ssize_t)out.len);
	buf_free(&out);
	heard = hear(fd, asks[ask].answer, &gone);
	proper = asks[ask].who == doors[who] && is_proper(ask, body) &&
	    !lists_are_over(ask, body, lists_over);
	assert(gone == !proper);
	/* of too many teams the spool says nothing */
	assert(!proper || heard || asks[ask].answer == asks[ask].type ||
	    asks[ask].type == FRAME_LIST);
	assert(service_end(service) == SERVICE_STOPPED);
	return !gone;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct rd rd = rd_of(data, len);
	size_t who = rd_u8(&rd) % 3;
	bool there = true, lists_over = false;
	int fd;

	if (len == 0) {
		return 0;
	}
	if (service == NULL) {
		start();
	}
	fd = connect_to(who, false);
	while (there && rd.left >= 2) {
		uint8_t command = rd_u8(&rd);
		size_t n = rd_u8(&rd);
		const uint8_t *body;

		n = n < rd.left ? n : rd.left;
		body = rd_bytes(&rd, n);
		there = obey(fd, who, command, bytes_of(body, n), &lists_over);
	}
	(void)close(fd);
	for (int turn = 0; turn < 3; turn++) {
		(void)event_base_loop(base, EVLOOP_NONBLOCK);
	}
	return 0;
}
