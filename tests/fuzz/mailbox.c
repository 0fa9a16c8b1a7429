/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/intake/mailbox: whatever kdf and spool say, who looks gets one view,
 * with replies that were sealed for this code alone, in UTF-8, newest first.
 *
 * Input: commands. A byte: what (low three bits) and how; a byte: how much of
 * the bytes behind it belongs to it.
 */
#include "server/intake/mailbox.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/rd.h"
#include "crypto/start.h"
#include "server/intake/link.h"
#include "tests/lib/peers/peer_double.h"
#include "text/utf8.h"

#define SEALED 4u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const uint8_t box[CODE_MAILBOX_BYTES] = "mailbox of this";
static const uint8_t key[CODE_REPLY_KEY_BYTES] =
    "reply key of this code, 32 byte";
static uint8_t sealed[SEALED][MAIL_REPLY_BYTES];
static uint8_t kdf_number[4], spool_number[4]; /* of what was asked last */
static size_t asked, viewed, done;

static void hear(struct peer *peer, enum frame_type type, struct bytes body)
{
	(void)peer;
	assert(body.len >= 4);
	memcpy(
	    type == FRAME_CODE_ENTER ? kdf_number : spool_number, body.at, 4);
}

static void view_cb(const struct mailbox_view *view, void *arg)
{
	(void)arg;
	viewed++;
	assert(view->n <= MAILBOX_REPLIES_MAX);
	assert(view->status <= MAIL_STATUS_LAST);
	assert(view->state == MAILBOX_SHOWN || view->n == 0);
	for (size_t i = 0; i < view->n; i++) {
		assert(utf8_valid(view->replies[i].text));
		assert(i == 0 ||
		    view->replies[i - 1].sent_s >= view->replies[i].sent_s);
		assert(memcmp(view->key, key, sizeof(key)) == 0 &&
		    memcmp(view->mailbox, box, sizeof(box)) == 0);
	}
}

static void done_cb(bool gone, void *arg)
{
	(void)gone;
	(void)arg;
	done++;
}

static void answer(enum frame_from from, enum frame_type type,
    const uint8_t *number, struct bytes body)
{
	static uint8_t whole[FRAME_MAIL_BOX_BYTES];
	struct peer *peer = peer_double_of(from, 0);

	if (peer != NULL && body.len + 4 <= sizeof(whole)) {
		memcpy(whole, number, 4);
		memcpy(whole + 4, body.at, body.len);
		(void)peer_double_say(
		    peer, type, bytes_of(whole, 4 + body.len), -1);
	}
}

/* The mailbox and key that are right, with these bytes over them. */
static void answer_entered(struct bytes bytes)
{
	uint8_t body[sizeof(box) + sizeof(key)];

	memcpy(body, box, sizeof(box));
	memcpy(body + sizeof(box), key, sizeof(key));
	for (size_t i = 0; i < bytes.len && i < sizeof(body); i++) {
		body[i] ^= bytes.at[i];
	}
	answer(FRAME_FROM_KDF, FRAME_CODE_ENTERED, kdf_number,
	    bytes_of(body, sizeof(body)));
}

/* As many replies as how says, the sealed ones side by side or apart; then
 * triples: which byte is another one. */
static void answer_box(size_t how, struct bytes bytes)
{
	static uint8_t body[1 + FRAME_MAIL_MOST * FRAME_MAIL_BYTES];
	size_t apart = how % 2 == 0 ? 1 : 5;

	memset(body, 0, sizeof(body));
	for (size_t i = 0; i < SEALED; i++) {
		memcpy(body + 1 + i * apart * FRAME_MAIL_BYTES, sealed[i],
		    sizeof(sealed[i]));
	}
	body[0] = (uint8_t)how;
	for (size_t i = 0; i + 3 <= bytes.len; i += 3) {
		body[((size_t)bytes.at[i] << 8 | bytes.at[i + 1]) %
		    sizeof(body)] ^= bytes.at[i + 2];
	}
	answer(FRAME_FROM_SPOOL, FRAME_MAIL_BOX, spool_number,
	    bytes_of(body, sizeof(body)));
}

static void obey(
    const struct mailbox_way *way, uint8_t command, struct bytes body)
{
	switch (command & 7) {
	case 0:
		asked += mailbox_enter(way, "31415926535897932384", 20, view_cb,
			     NULL) == TL_OK;
		break;
	case 1:
		asked += mailbox_look(way, box, key, view_cb, NULL) == TL_OK;
		break;
	case 2:
		answer_entered(body);
		break;
	case 3:
		answer_box(command >> 3, body);
		break;
	case 4:
		answer(FRAME_FROM_KDF,
		    command >> 3 == 0 ? FRAME_CODE_BUSY : FRAME_CODE_ENTERED,
		    kdf_number, body);
		break;
	case 5:
		answer(FRAME_FROM_SPOOL,
		    command >> 3 == 0 ? FRAME_REFUSED : FRAME_MAIL_BOX,
		    spool_number, body);
		break;
	case 6:
		asked += mailbox_delete(way, box, done_cb, NULL) == TL_OK;
		break;
	case 7:
		answer(
		    FRAME_FROM_SPOOL, FRAME_MAIL_DROPPED, spool_number, body);
		break;
	default:
		break;
	}
}

static void start(void)
{
	static const char *const texts[SEALED] = { "", "hello", "\xff",
		"\xe1\x9e\x81" };
	static const uint8_t id[MAIL_ID_BYTES] = { 7 };
	static const uint8_t other[CODE_REPLY_KEY_BYTES] = "another";
	const struct mail_head head = {
		.mailbox = box, .id = id, .last_day = 20000
	};

	assert(crypto_start() == TL_OK);
	for (unsigned i = 0; i < SEALED; i++) {
		const struct mail_reply reply = { .status = i % 2 == 0 ? 1 : 0,
			.sent_s = 1000 + i,
			.text = bytes_str(texts[i]) };

		assert(mail_seal(&head, &reply, i == 1 ? other : key,
			   sealed[i]) == TL_OK);
	}
	peer_double_hear(hear);
}

static struct link *join(enum frame_from theirs)
{
	const struct link_opts opts = { .theirs = theirs,
		.waiting_max_bytes = 4096 };
	struct link *link = link_new(&opts);

	assert(link != NULL && link_attach(link, peer_double_fd()) == 0);
	return link;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct rd rd = rd_of(data, len);
	struct mailbox_way way = { .deadline_ms = 1000 };

	if (sealed[0][0] == 0) {
		start();
	}
	asked = viewed = done = 0;
	way.kdf = join(FRAME_FROM_KDF);
	way.spool = join(FRAME_FROM_SPOOL);
	while (rd.left >= 2) {
		uint8_t command = rd_u8(&rd);
		size_t n = rd_u8(&rd);
		const uint8_t *body;

		n = n < rd.left ? n : rd.left;
		body = rd_bytes(&rd, n);
		obey(&way, command, bytes_of(body, n));
		assert(viewed + done <= asked);
	}
	link_free(way.kdf);
	link_free(way.spool);
	assert(viewed + done == asked);
	return 0;
}
