/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crypto/ring_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/enc.h"
#include "crypto/envelope.h"
#include "crypto/keytext.h"

#define LIST_NUMBER_MAX 999999999u
#define SIGNER_WORD     "signer "
#define BADGE_WORD      "badge "
#define ENTRY_WORD      "entry "

static enum tl_err read_first(struct bytes *text)
{
	struct bytes line;

	if (keytext_line(text, &line) != TL_OK) {
		return TL_EFORMAT;
	}
	if (bytes_equal(line, bytes_str(KEYTEXT_FIRST RING_KIND))) {
		return TL_OK;
	}
	return keytext_word(&line, KEYTEXT_FIRST) == TL_OK ? TL_EINVAL
							   : TL_EFORMAT;
}

/* A word and base64 of exactly len bytes. */
static enum tl_err read_bytes(
    struct bytes *text, const char *word, uint8_t *bytes, size_t len)
{
	struct bytes line;

	if (keytext_line(text, &line) != TL_OK ||
	    keytext_word(&line, word) != TL_OK) {
		return TL_EFORMAT;
	}
	return keytext_bytes(line, bytes, len);
}

/* "officer NAME", a wrap, badge and entry. TL_ENOENT: here stands something
 * else. */
static enum tl_err read_officer(struct bytes *text, struct ring *ring)
{
	struct ring_officer officer = { .name = "" };
	struct bytes rest = *text, line;
	size_t bound;

	if (keytext_line(&rest, &line) != TL_OK) {
		return TL_EFORMAT;
	}
	if (keytext_word(&line, "officer ") != TL_OK) {
		return TL_ENOENT;
	}
	if (ring->n_officers == RING_OFFICERS_MAX || !ring_name_ok(line)) {
		return TL_EFORMAT;
	}
	memcpy(officer.name, line.at, line.len);
	if (ring_officer_find(ring, officer.name) < ring->n_officers ||
	    wrap_take(rest.at, &rest, &officer.wrap, &bound) != TL_OK ||
	    read_bytes(&rest, BADGE_WORD, officer.badge,
		sizeof(officer.badge)) != TL_OK ||
	    read_bytes(&rest, ENTRY_WORD, officer.entry,
		sizeof(officer.entry)) != TL_OK) {
		return TL_EFORMAT;
	}
	ring->officers[ring->n_officers++] = officer;
	*text = rest;
	return TL_OK;
}

static enum tl_err read_officers(struct bytes *text, struct ring *ring)
{
	enum tl_err err =
	    read_bytes(text, SIGNER_WORD, ring->signer, sizeof(ring->signer));

	while (err == TL_OK) {
		err = read_officer(text, ring);
	}
	return err == TL_ENOENT && ring->n_officers > 0 ? TL_OK : TL_EFORMAT;
}

static enum tl_err take_time(struct bytes *line, int64_t *ret_s)
{
	uint64_t time_s = 0;
	enum tl_err err = keytext_number(line, RING_TIME_MAX_S, &time_s);

	if (err == TL_OK) {
		*ret_s = (int64_t)time_s;
		err = keytext_word(line, " ");
	}
	return err;
}

/* 32 bytes are 44 signs of base64 with their padding. */
static enum tl_err take_public(struct bytes *line, uint8_t *public_key)
{
	const size_t len = 44;
	enum tl_err err;

	if (line->len < len) {
		return TL_EFORMAT;
	}
	err = keytext_bytes(bytes_of(line->at, len), public_key, TEAMKEY_BYTES);
	*line = bytes_of(line->at + len, line->len - len);
	return err == TL_OK ? keytext_word(line, " ") : err;
}

/* "epoch START END PUBLIC WRAPPED" or "gone START END PUBLIC WHEN" */
static enum tl_err read_epoch(struct bytes line, struct ring_epoch *epoch)
{
	bool there = keytext_word(&line, "epoch ") == TL_OK;
	uint64_t when_s = 0;

	if ((!there && keytext_word(&line, "gone ") != TL_OK) ||
	    take_time(&line, &epoch->start_s) != TL_OK ||
	    take_time(&line, &epoch->end_s) != TL_OK ||
	    take_public(&line, epoch->public_key) != TL_OK) {
		return TL_EFORMAT;
	}
	envelope_key_id(epoch->key_id, epoch->public_key);
	if (there) {
		return keytext_bytes(line, epoch->wrapped, WRAP_BYTES);
	}
	if (keytext_number(&line, RING_TIME_MAX_S, &when_s) != TL_OK ||
	    line.len > 0 || when_s == 0) {
		return TL_EFORMAT;
	}
	epoch->destroyed_s = (int64_t)when_s;
	return TL_OK;
}

static enum tl_err read_epochs(struct bytes text, struct ring *ring)
{
	struct bytes line;
	int64_t before_s = 0;
	size_t known;

	while (text.len > 0) {
		struct ring_epoch *epoch = &ring->epochs[ring->n];

		if (ring->n == RING_EPOCHS_MAX ||
		    keytext_line(&text, &line) != TL_OK ||
		    read_epoch(line, epoch) != TL_OK ||
		    epoch->start_s < before_s ||
		    epoch->end_s <= epoch->start_s ||
		    ring_find(ring, epoch->key_id, &known) != TL_ENOENT) {
			return TL_EFORMAT;
		}
		before_s = epoch->end_s;
		ring->n++;
	}
	return TL_OK;
}

enum tl_err ring_parse(struct bytes text, struct ring **ret)
{
	struct ring *ring;
	struct bytes line;
	enum tl_err err;

	if (keytext_checked(text, &text) != TL_OK) {
		return TL_EFORMAT;
	}
	ring = calloc(1, sizeof(*ring));
	if (ring == NULL) {
		return TL_ENOMEM;
	}
	err = read_first(&text);
	if (err == TL_OK) {
		err = read_officers(&text, ring);
	}
	if (err == TL_OK) {
		err = keytext_line(&text, &line);
	}
	if (err == TL_OK &&
	    (keytext_word(&line, "list ") != TL_OK ||
		keytext_number(&line, LIST_NUMBER_MAX, &ring->list_number) !=
		    TL_OK ||
		line.len > 0)) {
		err = TL_EFORMAT;
	}
	if (err == TL_OK) {
		err = read_epochs(text, ring);
	}
	if (err != TL_OK) {
		ring_free(ring);
		return err;
	}
	*ret = ring;
	return TL_OK;
}

static void print_epoch(const struct ring_epoch *epoch, struct buf *out)
{
	buf_put_str(out, epoch->destroyed_s == 0 ? "epoch " : "gone ");
	buf_put_dec(out, (uint64_t)epoch->start_s);
	buf_put_u8(out, ' ');
	buf_put_dec(out, (uint64_t)epoch->end_s);
	buf_put_u8(out, ' ');
	enc_b64(out, B64_STD, epoch->public_key, TEAMKEY_BYTES);
	buf_put_u8(out, ' ');
	if (epoch->destroyed_s == 0) {
		keytext_put_bytes(out, epoch->wrapped, WRAP_BYTES);
	} else {
		buf_put_dec(out, (uint64_t)epoch->destroyed_s);
		buf_put_u8(out, '\n');
	}
}

static void put_name(struct buf *out, const struct ring_officer *officer)
{
	buf_put_str(out, "officer ");
	buf_put_str(out, officer->name);
	buf_put_u8(out, '\n');
}

void ring_put_bound(struct buf *out, const struct ring_officer *officer)
{
	keytext_put_first(out, RING_KIND);
	put_name(out, officer);
}

enum tl_err ring_print(const struct ring *ring, struct buf *out)
{
	size_t bound;

	keytext_put_first(out, RING_KIND);
	buf_put_str(out, SIGNER_WORD);
	keytext_put_bytes(out, ring->signer, sizeof(ring->signer));
	for (size_t i = 0; i < ring->n_officers; i++) {
		const struct ring_officer *officer = &ring->officers[i];

		put_name(out, officer);
		wrap_print(out, &officer->wrap, &bound);
		buf_put_str(out, BADGE_WORD);
		keytext_put_bytes(out, officer->badge, sizeof(officer->badge));
		buf_put_str(out, ENTRY_WORD);
		keytext_put_bytes(out, officer->entry, sizeof(officer->entry));
	}
	buf_put_str(out, "list ");
	buf_put_dec(out, ring->list_number);
	buf_put_u8(out, '\n');
	for (size_t i = 0; i < ring->n; i++) {
		print_epoch(&ring->epochs[i], out);
	}
	keytext_put_check(out);
	return buf_err(out);
}
