/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* desk/entry: what an officer writes is in the trail once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "base/frame.h"
#include "crypto/keyfile.h"
#include "crypto/random.h"
#include "crypto/start.h"
#include "crypto/teamkey.h"
#include "desk/api.h"
#include "desk/entry.h"

static struct event_base *base;
static struct web web;
static int store;

static void no_news(const struct frame *frame, void *arg)
{
	(void)frame;
	(void)arg;
}

static int set_up(void **state)
{
	uint8_t team[1][32], secret[32], verify[32], sign[KEY_SIGN_BYTES];
	struct team_key *key = NULL;
	int pair[2];

	(void)state;
	base = event_base_new();
	assert_non_null(base);
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	store = pair[1];
	assert_int_equal(crypto_start(), TL_OK);
	random_bytes(secret, sizeof(secret));
	assert_int_equal(teamkey_of(secret, &key), TL_OK);
	memcpy(team[0], teamkey_public(key), sizeof(team[0]));
	teamkey_free(key);
	keyfile_new_pair(sign, verify);
	web = (struct web){ .tips = tips_new((size_t)1 << 20) };
	assert_non_null(web.tips);
	assert_int_equal(
	    sealer_new((const uint8_t(*)[32])team, 1, sign, &web.sealer),
	    TL_OK);
	assert_int_equal(
	    store_peer_new(base, pair[0], no_news, NULL, &web.store), TL_OK);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	store_peer_free(web.store);
	sealer_free(web.sealer);
	tips_free(web.tips);
	event_base_free(base);
	(void)close(store);
	return 0;
}

/* What the store is asked next, 0 for nothing; req is its number. */
static enum frame_type asked(uint32_t *req)
{
	static uint8_t bytes[FRAME_EVENT_BYTES];
	struct frame frame;
	ssize_t n;

	(void)event_base_loop(base, EVLOOP_NONBLOCK);
	n = recv(store, bytes, sizeof(bytes), 0);
	if (n <= 0) {
		return 0;
	}
	assert_int_equal(
	    frame_get(bytes, (size_t)n, FRAME_FROM_WEB, &frame), TL_OK);
	memcpy(req, frame.body, sizeof(*req));
	*req = __builtin_bswap32(*req);
	return frame.type;
}

static void answer(uint32_t req, bool is_new)
{
	const struct store_done done = { .req = req,
		.result = STORE_ANSWERED,
		.has_now = is_new,
		.now = { .version = 3, .state = CASE_TRIAGE, .priority = 2 } };
	struct buf body, out;

	buf_init(&body, FRAME_EVENT_BYTES);
	buf_init(&out, FRAME_EVENT_BYTES);
	store_put_done(&body, &done);
	frame_put(&out, FRAME_STORE_DONE, body.data, body.len);
	assert_int_equal(send(store, out.data, out.len, 0), (ssize_t)out.len);
	buf_free(&body);
	buf_free(&out);
	(void)event_base_loop(base, EVLOOP_NONBLOCK);
}

static void count(struct web *of, const struct store_done *done, void *arg)
{
	(void)of;
	assert_int_equal(done->result, STORE_ANSWERED);
	(*(int *)arg)++;
}

static void what_is_written_once_more_is_in_the_trail_once(void **state)
{
	const struct store_item item = {
		.number = 1, .kind = LEDGER_TIP, .id = { 1 }
	};
	const uint8_t event[CASE_ID_BYTES] = { 7 };
	uint32_t req = 0;
	int told = 0;

	(void)state;
	assert_int_equal(tips_add(web.tips, &item), TL_OK);
	for (int turn = 0; turn < 2; turn++) {
		entry_add_once(&web, tips_at(web.tips, 0), "sok",
		    json_pack("{s:s}", "kind", "note"), event, 0, count, &told);
		assert_int_equal(asked(&req), FRAME_STORE_DO);
		answer(req, turn == 0);
		assert_int_equal(told, turn + 1);
		assert_int_equal(asked(&req), turn == 0 ? FRAME_STORE_KEEP : 0);
		if (turn == 0) {
			answer(req, false);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    what_is_written_once_more_is_in_the_trail_once, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests_name("desk/entry", tests, NULL, NULL);
}
