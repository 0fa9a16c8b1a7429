/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "queue/ledger_file.h"

#include <string.h>
#include <unistd.h>

#include "base/rd.h"

static const char magic[16] = { 't', 'i', 'p', 'l', 'i', 'n', 'e', ' ', 'l',
	'e', 'd', 'g', 'e', 'r', ' ', '1' };

#define CHECK_BYTES   8u
#define CHECKED_BYTES (LEDGER_FRAME_HEAD_BYTES - CHECK_BYTES)
#define FRAME_BYTES_MAX \
	(LEDGER_HASH_BYTES + LEDGER_FRAME_HEAD_BYTES + LEDGER_RECORD_BYTES + \
	    LEDGER_HASH_BYTES)

void ledger_file_head(struct buf *out, ledger_hash_fn hash, uint32_t number,
    uint8_t chain[static LEDGER_HASH_BYTES])
{
	size_t from = out->len;

	buf_put(out, magic, sizeof(magic));
	buf_put_u32(out, number);
	buf_put_u32(out, 0);
	buf_put(out, chain, LEDGER_HASH_BYTES);
	if (out->err == TL_OK) {
		hash(chain, out->data + from, LEDGER_FILE_HEAD_BYTES);
	}
}

/*
 * The check stands before the length is believed: without it one flipped bit
 * in a length would look like a frame cut short by a crash, and all behind
 * it would be cut off as well.
 */
static void head_check(ledger_hash_fn hash,
    const uint8_t chain[static LEDGER_HASH_BYTES],
    const uint8_t head[static CHECKED_BYTES], uint8_t ret[static CHECK_BYTES])
{
	uint8_t msg[LEDGER_HASH_BYTES + CHECKED_BYTES];
	uint8_t full[LEDGER_HASH_BYTES];

	memcpy(msg, chain, LEDGER_HASH_BYTES);
	memcpy(msg + LEDGER_HASH_BYTES, head, CHECKED_BYTES);
	hash(full, msg, sizeof(msg));
	memcpy(ret, full, CHECK_BYTES);
}

void ledger_file_frame(struct buf *out, ledger_hash_fn hash,
    const struct ledger_record *rec, uint8_t chain[static LEDGER_HASH_BYTES])
{
	uint8_t check[CHECK_BYTES];
	uint8_t next[LEDGER_HASH_BYTES];
	struct buf whole;

	/* the chain is hashed in front of the frame but not written again */
	buf_init(&whole, FRAME_BYTES_MAX);
	buf_put(&whole, chain, LEDGER_HASH_BYTES);
	buf_put_u32(&whole, (uint32_t)rec->sealed.len);
	buf_put_u8(&whole, (uint8_t)rec->kind);
	buf_put_u8(&whole, (uint8_t)rec->reason);
	buf_put_u16(&whole, 0);
	buf_put(&whole, rec->id, LEDGER_ID_BYTES);
	if (whole.err == TL_OK) {
		head_check(hash, chain, whole.data + LEDGER_HASH_BYTES, check);
		buf_put(&whole, check, sizeof(check));
	}
	buf_put(&whole, rec->sealed.at, rec->sealed.len);
	if (whole.err != TL_OK) {
		out->err = out->err == TL_OK ? whole.err : out->err;
		goto out;
	}
	hash(next, whole.data, whole.len);
	buf_put(
	    out, whole.data + LEDGER_HASH_BYTES, whole.len - LEDGER_HASH_BYTES);
	buf_put(out, next, sizeof(next));
	if (out->err == TL_OK) {
		memcpy(chain, next, LEDGER_HASH_BYTES);
	}
out:
	buf_free(&whole);
}

void ledger_walk_begin(
    struct ledger_walk *walk, ledger_hash_fn hash, int fd, uint64_t end)
{
	*walk = (struct ledger_walk){ .fd = fd, .hash = hash, .end = end };
	buf_init(&walk->bytes, FRAME_BYTES_MAX);
}

void ledger_walk_end(struct ledger_walk *walk)
{
	buf_free(&walk->bytes);
}

static enum tl_err read_at(int fd, uint64_t at, uint8_t *to, size_t len)
{
	while (len > 0) {
		ssize_t n = pread(fd, to, len, (off_t)at);

		if (n <= 0) {
			return TL_EIO; /* shorter than fstat() said */
		}
		to += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return TL_OK;
}

static enum tl_err damaged(struct ledger_walk *walk, const char *what)
{
	walk->what = what;
	return TL_EFORMAT;
}

enum tl_err ledger_walk_head(struct ledger_walk *walk, uint32_t number)
{
	uint8_t head[LEDGER_FILE_HEAD_BYTES];
	struct buf want;
	enum tl_err err;

	buf_init(&want, LEDGER_FILE_HEAD_BYTES);
	if (walk->end < sizeof(head)) {
		err = damaged(walk, "the file is shorter than its head");
		goto out;
	}
	err = read_at(walk->fd, 0, head, sizeof(head));
	if (err != TL_OK) {
		goto out;
	}
	if (memcmp(head, magic, sizeof(magic)) != 0) {
		err = damaged(
		    walk, "this is no ledger, or a newer program wrote it");
		goto out;
	}
	ledger_file_head(&want, walk->hash, number, walk->chain);
	err = buf_err(&want);
	if (err != TL_OK) {
		goto out;
	}
	if (memcmp(want.data, head, sizeof(head)) != 0) {
		err = damaged(walk,
		    "the file does not go on where the one before it ends");
		goto out;
	}
	walk->at = sizeof(head);
out:
	buf_free(&want);
	return err;
}

/* Read a frame's head behind the chain value, and prove it. */
static enum tl_err walk_frame_head(
    struct ledger_walk *walk, struct ledger_record *rec, uint32_t *ret_len)
{
	uint8_t head[LEDGER_FRAME_HEAD_BYTES];
	uint8_t check[CHECK_BYTES];
	struct rd rd;
	enum tl_err err = read_at(walk->fd, walk->at, head, sizeof(head));

	if (err != TL_OK) {
		return err;
	}
	head_check(walk->hash, walk->chain, head, check);
	if (memcmp(check, head + CHECKED_BYTES, sizeof(check)) != 0) {
		return damaged(walk, "the head of a frame is not as written");
	}
	rd = rd_of(head, sizeof(head));
	*ret_len = rd_u32(&rd);
	rec->kind = (enum ledger_kind)rd_u8(&rd);
	rec->reason = (enum ledger_reason)rd_u8(&rd);
	if (rd_u16(&rd) != 0 || *ret_len > LEDGER_RECORD_BYTES ||
	    rec->kind < LEDGER_TIP || rec->kind > LEDGER_KIND_MAX ||
	    rec->reason > LEDGER_REASON_MAX ||
	    (rec->kind == LEDGER_QUARANTINE) != (rec->reason != LEDGER_FINE)) {
		return damaged(walk, "a newer program wrote this frame");
	}
	rd_copy(&rd, rec->id, LEDGER_ID_BYTES);
	buf_reset(&walk->bytes);
	buf_put(&walk->bytes, walk->chain, LEDGER_HASH_BYTES);
	buf_put(&walk->bytes, head, sizeof(head));
	return buf_err(&walk->bytes);
}

enum tl_err ledger_walk_next(
    struct ledger_walk *walk, struct ledger_record *ret_rec)
{
	struct ledger_record rec = { 0 };
	uint8_t chain[LEDGER_HASH_BYTES];
	uint64_t left = walk->end - walk->at;
	uint32_t len = 0;
	size_t hashed;
	uint8_t *to;
	enum tl_err err;

	if (left < LEDGER_FRAME_HEAD_BYTES) {
		return left == 0 ? TL_ENOENT : TL_EAGAIN;
	}
	err = walk_frame_head(walk, &rec, &len);
	if (err != TL_OK) {
		return err;
	}
	left -= LEDGER_FRAME_HEAD_BYTES;
	if (left < (uint64_t)len + LEDGER_HASH_BYTES) {
		return TL_EAGAIN;
	}
	hashed = walk->bytes.len + len;
	to = buf_room(&walk->bytes, (size_t)len + LEDGER_HASH_BYTES);
	if (to == NULL) {
		return TL_ENOMEM;
	}
	err = read_at(walk->fd, walk->at + LEDGER_FRAME_HEAD_BYTES, to,
	    (size_t)len + LEDGER_HASH_BYTES);
	if (err != TL_OK) {
		return err;
	}
	walk->hash(chain, walk->bytes.data, hashed);
	if (memcmp(chain, walk->bytes.data + hashed, sizeof(chain)) != 0) {
		return damaged(walk, "a record is not as it was written");
	}
	rec.sealed = bytes_of(to, len);
	walk->hash(rec.hash, to, len);
	memcpy(walk->chain, chain, sizeof(chain));
	walk->at += LEDGER_FRAME_HEAD_BYTES + len + LEDGER_HASH_BYTES;
	*ret_rec = rec;
	return TL_OK;
}
