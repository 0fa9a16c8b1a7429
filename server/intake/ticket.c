/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "server/intake/ticket.h"

#include <string.h>

#include "base/buf.h"
#include "base/enc.h"
#include "base/rd.h"
#include "base/wipe.h"
#include "crypto/digest.h"
#include "crypto/hash.h"
#include "crypto/token.h"

#define PLAIN_BYTES   11u
#define TOKEN_BYTES   (PLAIN_BYTES + TOKEN_EXTRA_BYTES)
#define NUMBER_DIGITS 19u
#define FLAG_LATE     1u

static const char use[] = "tipline wait v1";

_Static_assert((TOKEN_BYTES * 4 + 2) / 3 < TICKET_TEXT_BYTES, "room");

static void key_of(
    const uint8_t dedup_key[static 32], uint8_t ret_key[static TOKEN_KEY_BYTES])
{
	hash_keyed(ret_key, TOKEN_KEY_BYTES, dedup_key, use, sizeof(use));
}

void ticket_seal(const uint8_t dedup_key[static 32],
    const struct ticket *ticket, char ret_text[static TICKET_TEXT_BYTES])
{
	uint8_t token[TOKEN_BYTES], key[TOKEN_KEY_BYTES];
	struct buf plain, text;

	buf_init(&plain, PLAIN_BYTES);
	buf_put_u8(&plain, ticket->kind);
	buf_put_u64(&plain, (uint64_t)ticket->ready_s);
	buf_put_u8(&plain, ticket->bits);
	buf_put_u8(&plain, ticket->is_late ? FLAG_LATE : 0);
	memset(ret_text, 0, TICKET_TEXT_BYTES);
	buf_init(&text, TICKET_TEXT_BYTES);
	if (buf_err(&plain) == TL_OK) {
		key_of(dedup_key, key);
		token_seal(key, use, plain.data, plain.len, token);
		enc_b64(&text, B64_URL, token, sizeof(token));
		wipe(key, sizeof(key));
	}
	if (buf_err(&text) == TL_OK) {
		memcpy(ret_text, text.data, text.len);
	}
	buf_free(&plain);
	buf_free(&text);
}

static enum tl_err read_plain(
    const uint8_t *plain, int64_t now_s, struct ticket *ret_ticket)
{
	struct rd rd = rd_of(plain, PLAIN_BYTES);
	struct ticket ticket = { .kind = rd_u8(&rd) };

	ticket.ready_s = (int64_t)rd_u64(&rd);
	ticket.bits = rd_u8(&rd);
	ticket.is_late = (rd_u8(&rd) & FLAG_LATE) != 0;
	if (!rd_done(&rd) || ticket.bits > TICKET_BITS_MAX) {
		return TL_EFORMAT;
	}
	if (ticket.ready_s < now_s - TICKET_LASTS_S) {
		return TL_EPROOF;
	}
	*ret_ticket = ticket;
	return TL_OK;
}

enum tl_err ticket_open(const uint8_t dedup_key[static 32], int64_t now_s,
    struct bytes text, struct ticket *ret_ticket)
{
	uint8_t plain[PLAIN_BYTES], token[TOKEN_BYTES], key[TOKEN_KEY_BYTES];
	size_t len = 0;
	enum tl_err err;

	if (text.len == 0 || text.len >= TICKET_TEXT_BYTES ||
	    dec_b64(B64_URL, (const char *)text.at, text.len, token,
		sizeof(token), &len) != TL_OK ||
	    len != sizeof(token)) {
		return TL_EFORMAT;
	}
	key_of(dedup_key, key);
	err = token_open(key, use, token, sizeof(plain), plain);
	wipe(key, sizeof(key));
	return err == TL_OK ? read_plain(plain, now_s, ret_ticket) : err;
}

bool ticket_is_worked(
    const struct ticket *ticket, struct bytes text, struct bytes number)
{
	const struct bytes pieces[] = { text, bytes_str(":"), number };
	uint8_t hash[DIGEST_MAX_BYTES];
	unsigned bits = 0;

	if (number.len == 0 || number.len > NUMBER_DIGITS ||
	    digest_pieces(DIGEST_SHA256, hash, pieces, 3) != TL_OK) {
		return false;
	}
	while (bits < ticket->bits &&
	    ((unsigned)hash[bits / 8] >> (7 - bits % 8) & 1u) == 0) {
		bits++;
	}
	return bits == ticket->bits;
}
