/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/mailbox: what the reporter's page gets of kdf and spool, both
 * played here, one of them badly.
 */
#include "server/intake/mailbox.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/frame.h"
#include "base/rd.h"
#include "crypto/start.h"
#include "server/intake/link.h"
#include "server/net/peer.h"

static const char digits[] = "31415926535897932384";
static const uint8_t box[CODE_MAILBOX_BYTES] = "mailbox of this";
static const uint8_t key[CODE_REPLY_KEY_BYTES] =
    "reply key of this code, 32 byte";
static const uint8_t other[CODE_REPLY_KEY_BYTES] = "another";

/* What was asked of others for one view, and what they sent. */
struct work {
	unsigned kdf_asked, spool_asked;
	size_t asked_bytes, answered_bytes;
};

struct world {
	struct event_base *base;
	struct mailbox_way way;
	struct peer *kdf, *spool;
	/* how they answer */
	bool kdf_busy, spool_refuses;
	size_t short_by; /* bytes that MAIL_BOX lacks */
	uint8_t n;
	uint8_t mails[FRAME_MAIL_MOST][MAIL_REPLY_BYTES];
	bool dropped;
	/* what came of it */
	unsigned views, dones;
	enum mailbox_state state;
	unsigned status;
	char sentence[32];
	size_t replies;
	char texts[MAILBOX_REPLIES_MAX][32];
	bool done;
	uint8_t got_key[CODE_REPLY_KEY_BYTES];
	struct work work;
};

static void send_with(struct world *world, struct peer *peer,
    enum frame_type type, uint32_t req, const void *more, size_t len)
{
	struct buf out;

	world->work.answered_bytes += len;
	buf_init(&out, FRAME_MAIL_BOX_BYTES);
	buf_put_u32(&out, req);
	buf_put(&out, more, len);
	peer_send(peer, type, bytes_of(out.data, out.len));
	buf_free(&out);
}

static void kdf_cb(
    struct peer *peer, const struct frame *frame, int fd, void *arg)
{
	struct world *world = arg;
	struct rd rd = rd_of(frame->body, frame->body_len);
	uint32_t req = rd_u32(&rd);
	uint8_t answer[sizeof(box) + sizeof(key)];

	(void)fd;
	world->work.kdf_asked++;
	world->work.asked_bytes += frame->body_len;
	assert_int_equal(frame->type, FRAME_CODE_ENTER);
	assert_true(bytes_equal(bytes_of(rd.at, rd.left), bytes_str(digits)));
	memcpy(answer, box, sizeof(box));
	memcpy(answer + sizeof(box), key, sizeof(key));
	if (world->kdf_busy) {
		send_with(world, peer, FRAME_CODE_BUSY, req, NULL, 0);
	} else {
		send_with(world, peer, FRAME_CODE_ENTERED, req, answer,
		    sizeof(answer));
	}
}

static void spool_cb(
    struct peer *peer, const struct frame *frame, int fd, void *arg)
{
	struct world *world = arg;
	static uint8_t body[1 + sizeof(world->mails)];
	static const uint8_t full = 1;
	struct rd rd = rd_of(frame->body, frame->body_len);
	uint32_t req = rd_u32(&rd);

	(void)fd;
	world->work.spool_asked++;
	world->work.asked_bytes += frame->body_len;
	assert_memory_equal(rd_bytes(&rd, sizeof(box)), box, sizeof(box));
	assert_true(rd_done(&rd));
	if (world->spool_refuses) {
		send_with(world, peer, FRAME_REFUSED, req, &full, 1);
	} else if (frame->type == FRAME_MAIL_DROP) {
		world->dropped = true;
		send_with(world, peer, FRAME_MAIL_DROPPED, req, NULL, 0);
	} else {
		assert_int_equal(frame->type, FRAME_MAIL_ASK);
		body[0] = world->n;
		memcpy(body + 1, world->mails, sizeof(world->mails));
		send_with(world, peer, FRAME_MAIL_BOX, req, body,
		    sizeof(body) - world->short_by);
	}
}

static void gone_cb(struct peer *peer, void *arg)
{
	(void)peer;
	(void)arg;
	fail();
}

static void view_cb(const struct mailbox_view *view, void *arg)
{
	struct world *world = arg;

	world->views++;
	world->state = view->state;
	world->status = view->status;
	world->replies = view->n;
	assert_true(view->sentence.len < sizeof(world->sentence));
	(void)snprintf(world->sentence, sizeof(world->sentence), "%.*s",
	    (int)view->sentence.len, (const char *)view->sentence.at);
	memcpy(world->got_key, view->key, sizeof(view->key));
	for (size_t i = 0; i < view->n; i++) {
		assert_true(view->replies[i].text.len < 31);
		memcpy(world->texts[i], view->replies[i].text.at,
		    view->replies[i].text.len);
	}
	(void)event_base_loopbreak(world->base);
}

static void done_cb(bool done, void *arg)
{
	struct world *world = arg;

	world->dones++;
	world->done = done;
	(void)event_base_loopbreak(world->base);
}

static struct link *make_link(struct world *world, enum frame_from theirs,
    peer_frame_fn on_frame, struct peer **ret_peer)
{
	const struct link_opts opts = {
		.base = world->base,
		.theirs = theirs,
		.waiting_max_bytes = 1000,
	};
	struct link *link = link_new(&opts);
	int pair[2];

	assert_non_null(link);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	*ret_peer = peer_new(
	    world->base, pair[1], FRAME_FROM_WORKER, on_frame, gone_cb, world);
	assert_non_null(*ret_peer);
	(void)link_attach(link, pair[0]);
	return link;
}

static int set_up(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	assert_int_equal(crypto_start(), TL_OK);
	world->base = event_base_new();
	assert_non_null(world->base);
	world->way.kdf = make_link(world, FRAME_FROM_KDF, kdf_cb, &world->kdf);
	world->way.spool =
	    make_link(world, FRAME_FROM_SPOOL, spool_cb, &world->spool);
	world->way.deadline_ms = 1000;
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	link_free(world->way.kdf);
	link_free(world->way.spool);
	peer_free(world->kdf);
	peer_free(world->spool);
	event_base_free(world->base);
	free(world);
	return 0;
}

static void lay_in_this(
    struct world *world, const uint8_t *under, const struct mail_reply *reply)
{
	uint8_t id[MAIL_ID_BYTES] = { world->n };
	const struct mail_head head = { .mailbox = box, .id = id };

	assert_int_equal(
	    mail_seal(&head, reply, under, world->mails[world->n]), TL_OK);
	world->n++;
}

static void lay_in(struct world *world, const uint8_t *under, int64_t sent_s,
    unsigned status, const char *text)
{
	const struct mail_reply reply = {
		.status = status, .sent_s = sent_s, .text = bytes_str(text)
	};

	lay_in_this(world, under, &reply);
}

static void enter(struct world *world)
{
	assert_int_equal(
	    mailbox_enter(&world->way, digits, strlen(digits), view_cb, world),
	    TL_OK);
	assert_int_equal(world->views, 0);
	(void)event_base_dispatch(world->base);
	assert_int_equal(world->views, 1);
}

/* ---- tests ------------------------------------------------------------------
 */

static void replies_come_newest_first_with_the_newest_status(void **state)
{
	struct world *world = *state;

	lay_in(world, key, 200, 2, "");
	lay_in(world, key, 400, 0, "where are you?");
	lay_in(world, key, 100, 1, "");
	lay_in(world, key, 300, 3, "a question");
	enter(world);
	assert_int_equal(world->state, MAILBOX_SHOWN);
	assert_int_equal(world->replies, 4);
	assert_string_equal(world->texts[0], "where are you?");
	assert_string_equal(world->texts[1], "a question");
	assert_int_equal(world->status, 3);
	assert_memory_equal(world->got_key, key, sizeof(key));
}

static void a_status_by_itself_may_say_it_in_other_words(void **state)
{
	struct world *world = *state;

	lay_in(world, key, 200, 0, "where are you?");
	lay_in_this(world, key,
	    &(struct mail_reply){ .is_status = true,
		.status = 2,
		.sent_s = 100,
		.text = bytes_str("We look again.") });
	enter(world);
	assert_int_equal(world->status, 2);
	assert_string_equal(world->sentence, "We look again.");
	lay_in(world, key, 300, 4, "a room is free");
	world->views = 0;
	enter(world);
	assert_int_equal(world->status, 4); /* a message, with the sentence */
	assert_string_equal(world->sentence, "");
}

static void who_has_mailbox_and_key_looks_without_the_slow_step(void **state)
{
	struct world *world = *state;

	lay_in(world, key, 1, 1, "hello");
	world->kdf_busy = true; /* nobody asks it */
	assert_int_equal(
	    mailbox_look(&world->way, box, key, view_cb, world), TL_OK);
	(void)event_base_dispatch(world->base);
	assert_int_equal(world->state, MAILBOX_SHOWN);
	assert_string_equal(world->texts[0], "hello");
}

static void an_empty_mailbox_is_shown_empty(void **state)
{
	struct world *world = *state;

	enter(world);
	assert_int_equal(world->state, MAILBOX_SHOWN);
	assert_int_equal(world->replies, 0);
	assert_int_equal(world->status, 0);
}

/* No clock is needed to show that no clock can tell: a code that opens a full
 * mailbox, one that opens nothing and one whose mail is for somebody else ask
 * the same of the same, and as many bytes come back. */
static void a_wrong_code_costs_what_a_right_one_costs(void **state)
{
	struct world *world = *state;
	const uint8_t *under[] = { key, other };
	struct work none, work;

	enter(world);
	none = world->work;
	assert_int_equal(none.kdf_asked, 1);
	assert_int_equal(none.spool_asked, 1);
	for (size_t i = 0; i < 2; i++) {
		for (unsigned n = 1; n <= FRAME_MAIL_MOST; n += 5) {
			world->n = 0;
			world->views = 0;
			world->work = (struct work){ 0 };
			while (world->n < n) {
				lay_in(world, under[i], n, 1, "words");
			}
			enter(world);
			work = world->work;
			assert_int_equal(world->replies, i == 0 ? n : 0);
			assert_int_equal(work.kdf_asked, 1);
			assert_int_equal(work.spool_asked, 1);
			assert_int_equal(work.asked_bytes, none.asked_bytes);
			assert_int_equal(
			    work.answered_bytes, none.answered_bytes);
		}
	}
}

static void what_does_not_open_or_is_no_text_is_left_out(void **state)
{
	struct world *world = *state;

	lay_in(world, other, 5, 5, "for somebody else");
	lay_in(world, key, 4, 4, "\xff no text");
	lay_in(world, key, 3, 3, "fine");
	lay_in(world, key, 2, 2, "changed");
	world->mails[3][1000] ^= 1;
	world->n = 5; /* and one of zeros */
	enter(world);
	assert_int_equal(world->replies, 1);
	assert_string_equal(world->texts[0], "fine");
	assert_int_equal(world->status, 3);
}

static void a_full_mailbox_is_shown_whole(void **state)
{
	struct world *world = *state;

	for (int i = 0; i < (int)FRAME_MAIL_MOST; i++) {
		lay_in(world, key, 1000 - i, 1, "again");
	}
	enter(world);
	assert_int_equal(world->replies, MAILBOX_REPLIES_MAX);
}

static void a_busy_kdf_says_so(void **state)
{
	struct world *world = *state;

	world->kdf_busy = true;
	enter(world);
	assert_int_equal(world->state, MAILBOX_BUSY);
}

static void an_answer_that_is_none_counts_as_away(void **state)
{
	struct world *world = *state;

	world->short_by = 1;
	enter(world);
	assert_int_equal(world->state, MAILBOX_AWAY);
	world->short_by = 0;
	world->views = 0;
	world->n = FRAME_MAIL_MOST + 1;
	enter(world);
	assert_int_equal(world->state, MAILBOX_AWAY);
	world->n = 0;
	world->views = 0;
	world->spool_refuses = true;
	enter(world);
	assert_int_equal(world->state, MAILBOX_AWAY);
}

static void silence_counts_as_away(void **state)
{
	struct world *world = *state;

	assert_int_equal(
	    mailbox_enter(&world->way, digits, strlen(digits), view_cb, world),
	    TL_OK);
	link_tick(world->way.kdf, 1000);
	assert_int_equal(world->views, 1);
	assert_int_equal(world->state, MAILBOX_AWAY);
}

static void deleting_is_done_when_the_spool_says_so(void **state)
{
	struct world *world = *state;

	assert_int_equal(
	    mailbox_delete(&world->way, box, done_cb, world), TL_OK);
	assert_int_equal(world->dones, 0);
	(void)event_base_dispatch(world->base);
	assert_int_equal(world->dones, 1);
	assert_true(world->done && world->dropped);
	world->spool_refuses = true;
	assert_int_equal(
	    mailbox_delete(&world->way, box, done_cb, world), TL_OK);
	(void)event_base_dispatch(world->base);
	assert_int_equal(world->dones, 2);
	assert_false(world->done);
}

static void too_many_at_once_are_refused_and_leave_nothing(void **state)
{
	struct world *world = *state;
	enum tl_err err = TL_OK;
	unsigned n = 0;

	while (err == TL_OK && n < 1000) {
		err = mailbox_enter(
		    &world->way, digits, strlen(digits), view_cb, world);
		n += err == TL_OK;
	}
	assert_int_equal(err, TL_EBUSY);
	link_tick(world->way.kdf, 1000);
	assert_int_equal(world->views, n);
}

#define MAILBOX_TEST(name) \
	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		MAILBOX_TEST(replies_come_newest_first_with_the_newest_status),
		MAILBOX_TEST(a_status_by_itself_may_say_it_in_other_words),
		MAILBOX_TEST(
		    who_has_mailbox_and_key_looks_without_the_slow_step),
		MAILBOX_TEST(an_empty_mailbox_is_shown_empty),
		MAILBOX_TEST(a_wrong_code_costs_what_a_right_one_costs),
		MAILBOX_TEST(what_does_not_open_or_is_no_text_is_left_out),
		MAILBOX_TEST(a_full_mailbox_is_shown_whole),
		MAILBOX_TEST(a_busy_kdf_says_so),
		MAILBOX_TEST(an_answer_that_is_none_counts_as_away),
		MAILBOX_TEST(silence_counts_as_away),
		MAILBOX_TEST(deleting_is_done_when_the_spool_says_so),
		MAILBOX_TEST(too_many_at_once_are_refused_and_leave_nothing),
	};

	return cmocka_run_group_tests_name("intake/mailbox", tests, NULL, NULL);
}
