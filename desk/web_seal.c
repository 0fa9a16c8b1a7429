/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/web_seal.c - sealing to the team: keyd says to which key, which is
 * another one each week.
 */
#include <string.h>

#include "base/clock.h"
#include "crypto/random.h"
#include "desk/web.h"

static void key_came(const struct frame *frame, void *arg)
{
	struct web *web = arg;
	uint8_t keys[1][32];
	enum tl_err err;

	if (frame == NULL || frame->body_len != 33 || frame->body[0] != 0) {
		return;
	}
	memcpy(keys[0], frame->body + 1, sizeof(keys[0]));
	if (memcmp(web->team_key, keys[0], 32) == 0) {
		return;
	}
	err = web->sealer == NULL
	    ? sealer_new(
		  (const uint8_t(*)[32])keys, 1, web->sign_key, &web->sealer)
	    : sealer_change(web->sealer, (const uint8_t(*)[32])keys, 1);
	if (err == TL_OK) {
		memcpy(web->team_key, keys[0], 32);
	}
}

void web_ask_team_key(struct web *web)
{
	uint8_t now[8];
	struct buf frame, body;

	buf_init(&body, sizeof(now));
	buf_init(&frame, FRAME_HEAD_BYTES + sizeof(now));
	buf_put_u64(&body, (uint64_t)clock_wall_s());
	frame_put(&frame, FRAME_KEYD_SEAL_ASK, body.data, body.len);
	keyd_peer_ask(web->keyd, &frame, key_came, web);
	buf_free(&frame);
	buf_free(&body);
}

enum tl_err web_seal_as(struct web *web, const uint8_t id[static TIP_ID_BYTES],
    struct bytes doc, struct buf *out)
{
	const struct seal_content content = { .report = doc };

	return web->sealer == NULL
	    ? TL_EAGAIN
	    : sealer_seal(web->sealer, id, &content, out);
}

enum tl_err web_seal(struct web *web, struct bytes doc, struct buf *out)
{
	uint8_t id[SEAL_ID_BYTES];

	random_bytes(id, sizeof(id));
	return web_seal_as(web, id, doc, out);
}
