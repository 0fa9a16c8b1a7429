/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/intake/form_state.h"

#include <string.h>

#include "base/buf.h"
#include "base/enc.h"
#include "base/rd.h"
#include "base/wipe.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/token.h"

#define PLAIN_BYTES \
	(2u + REPORT_FORM_BYTES + REPORT_MAILBOX_BYTES + FORM_STATE_NONCE_BYTES)
#define TOKEN_BYTES (PLAIN_BYTES + TOKEN_EXTRA_BYTES)

static const char use[] = "tipline page v1";

_Static_assert((TOKEN_BYTES * 4 + 2) / 3 < FORM_STATE_TEXT_BYTES, "room");

/* The key of a period. */
static void key_of(const uint8_t dedup_key[static 32], uint64_t period,
    uint8_t ret_key[static TOKEN_KEY_BYTES])
{
	uint8_t message[sizeof(use) + sizeof(period)];

	memcpy(message, use, sizeof(use));
	for (size_t i = 0; i < sizeof(period); i++) {
		message[sizeof(use) + i] =
		    (uint8_t)(period >> (8 * (sizeof(period) - 1 - i)));
	}
	hash_keyed(
	    ret_key, TOKEN_KEY_BYTES, dedup_key, message, sizeof(message));
}

static uint64_t period_of(int64_t now_s)
{
	return now_s > 0 ? (uint64_t)now_s / FORM_STATE_PERIOD_S : 0;
}

void form_state_begin(enum form_state_kind kind, struct form_state *ret_state)
{
	*ret_state = (struct form_state){ .kind = kind };
	random_bytes(ret_state->nonce, sizeof(ret_state->nonce));
}

void form_state_seal(const uint8_t dedup_key[static 32], int64_t now_s,
    const struct form_state *state, char ret_text[static FORM_STATE_TEXT_BYTES])
{
	uint8_t plain[PLAIN_BYTES], token[TOKEN_BYTES], key[TOKEN_KEY_BYTES];
	size_t at = 0;
	struct buf text;

	plain[at++] = (uint8_t)state->kind;
	plain[at++] = state->about_me ? 1 : 0;
	memcpy(plain + at, state->form, sizeof(state->form));
	at += sizeof(state->form);
	memcpy(plain + at, state->mailbox, sizeof(state->mailbox));
	at += sizeof(state->mailbox);
	memcpy(plain + at, state->nonce, sizeof(state->nonce));
	key_of(dedup_key, period_of(now_s), key);
	token_seal(key, use, plain, sizeof(plain), token);
	memset(ret_text, 0, FORM_STATE_TEXT_BYTES);
	buf_init(&text, FORM_STATE_TEXT_BYTES);
	enc_b64(&text, B64_URL, token, sizeof(token));
	if (buf_err(&text) == TL_OK) {
		memcpy(ret_text, text.data, text.len);
	}
	buf_free(&text);
	wipe(plain, sizeof(plain));
	wipe(key, sizeof(key));
}

static enum tl_err read_plain(
    const uint8_t *plain, struct form_state *ret_state)
{
	struct rd rd = rd_of(plain, PLAIN_BYTES);
	struct form_state state = { 0 };
	uint8_t kind = rd_u8(&rd);

	state.about_me = rd_u8(&rd) != 0;
	rd_copy(&rd, state.form, sizeof(state.form));
	rd_copy(&rd, state.mailbox, sizeof(state.mailbox));
	rd_copy(&rd, state.nonce, sizeof(state.nonce));
	if (!rd_done(&rd) ||
	    (kind != FORM_STATE_FORM && kind != FORM_STATE_BOX)) {
		return TL_EFORMAT;
	}
	state.kind = (enum form_state_kind)kind;
	*ret_state = state;
	return TL_OK;
}

enum tl_err form_state_open(const uint8_t dedup_key[static 32], int64_t now_s,
    struct bytes text, struct form_state *ret_state)
{
	uint8_t plain[PLAIN_BYTES], token[TOKEN_BYTES], key[TOKEN_KEY_BYTES];
	uint64_t period = period_of(now_s);
	size_t len = 0;
	enum tl_err err;

	if (text.len == 0 || text.len >= FORM_STATE_TEXT_BYTES ||
	    dec_b64(B64_URL, (const char *)text.at, text.len, token,
		sizeof(token), &len) != TL_OK ||
	    len != sizeof(token)) {
		return TL_EFORMAT;
	}
	key_of(dedup_key, period, key);
	err = token_open(key, use, token, sizeof(plain), plain);
	if (err != TL_OK && period > 0) {
		key_of(dedup_key, period - 1, key);
		err = token_open(key, use, token, sizeof(plain), plain);
	}
	if (err == TL_OK) {
		err = read_plain(plain, ret_state);
	}
	wipe(plain, sizeof(plain));
	wipe(key, sizeof(key));
	return err;
}
