/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "queue/ledger.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/rd.h"
#include "queue/ledger_file.h"
#include "queue/ledger_inside.h"

const char *ledger_kind_text(enum ledger_kind kind)
{
	static const char *const texts[] = {
#define LEDGER_TEXT(name, number, text) [number] = (text),
		LEDGER_KINDS(LEDGER_TEXT)
#undef LEDGER_TEXT
	};

	return kind >= LEDGER_TIP && kind <= LEDGER_KIND_MAX
	    ? texts[kind]
	    : "of an unknown kind";
}

const char *ledger_reason_text(enum ledger_reason reason)
{
	static const char *const texts[] = {
		[LEDGER_FINE] = "a tip",
		[LEDGER_FIELDS] = "the entry in Redis has wrong fields",
		[LEDGER_NO_ENVELOPE] = "the bytes are no envelope of this id",
		[LEDGER_NOT_OURS] = "not signed by an intake that is known",
		[LEDGER_OTHER_BYTES] = "a tip has this id, with other bytes",
		[LEDGER_POISON] = "handed out too often without an end",
	};

	return (unsigned)reason <= LEDGER_REASON_MAX ? texts[reason]
						     : "unknown reason";
}

enum ledger_known ledger_lookup(const struct ledger *ledger,
    const uint8_t id[static LEDGER_ID_BYTES],
    const uint8_t hash[static LEDGER_HASH_BYTES])
{
	return ledger_index_find(&ledger->index, id, hash);
}

/* What was written of a frame was promised to nobody, and the next one is to
 * stand in its place. */
static enum tl_err cut_back(const struct ledger *ledger)
{
	return ftruncate(ledger->fd, (off_t)ledger->at) == 0 &&
		fdatasync(ledger->fd) == 0
	    ? TL_EFULL
	    : TL_EIO;
}

/* A full disk is no failure while nothing was lost by it. */
static void fail(struct ledger *ledger, enum tl_err err)
{
	ledger->is_full = err == TL_EFULL;
	if (err != TL_EFULL) {
		ledger->err = err;
	}
}

static enum tl_err append_frame(
    struct ledger *ledger, const struct ledger_record *rec)
{
	struct ledger_item item = { .kind = rec->kind };
	uint8_t chain[LEDGER_HASH_BYTES];
	struct buf frame;
	enum tl_err err;

	memcpy(chain, ledger->chain, sizeof(chain));
	buf_init(&frame,
	    LEDGER_RECORD_BYTES + LEDGER_FRAME_HEAD_BYTES + LEDGER_HASH_BYTES);
	ledger_file_frame(&frame, ledger->hash, rec, chain);
	err = buf_err(&frame);
	if (err != TL_OK) {
		goto out; /* nothing was written: the ledger goes on */
	}
	if (ledger->at > LEDGER_FILE_HEAD_BYTES &&
	    ledger->at + frame.len > ledger->file_max_bytes) {
		err = ledger_begin_file(ledger, ledger->file + 1);
		memcpy(chain, ledger->chain, sizeof(chain));
		buf_reset(&frame);
		ledger_file_frame(&frame, ledger->hash, rec, chain);
		err = err == TL_OK ? frame.err : err;
	}
	if (err == TL_OK) {
		err = ledger_write(ledger->fd, frame.data, frame.len);
		err = err == TL_EFULL ? cut_back(ledger) : err;
	}
	/* Never tried again: a second sync may succeed after the first one
	 * lost the pages. */
	if (err == TL_OK && fdatasync(ledger->fd) != 0) {
		err = TL_EIO;
	}
	fail(ledger, err);
	if (err != TL_OK) {
		goto out;
	}
	item.file = ledger->file;
	item.at = ledger->at;
	memcpy(item.id, rec->id, sizeof(item.id));
	ledger->hash(item.hash, rec->sealed.at, rec->sealed.len);
	ledger_count_in(ledger, &item, rec);
	memcpy(ledger->chain, chain, sizeof(chain));
	ledger->at += frame.len;
out:
	buf_free(&frame);
	return err;
}

bool ledger_has_event(
    const struct ledger *ledger, const uint8_t id[static LEDGER_ID_BYTES])
{
	return ledger_index_has(&ledger->index, LEDGER_EVENT, id);
}

bool ledger_has_mail(
    const struct ledger *ledger, const uint8_t id[static LEDGER_ID_BYTES])
{
	return ledger_index_has(&ledger->index, LEDGER_MAIL, id);
}

enum tl_err ledger_append(
    struct ledger *ledger, const struct ledger_record *rec)
{
	enum tl_err err;

	if (ledger->read_only) {
		return TL_EPERM;
	}
	if (ledger->err != TL_OK) {
		return ledger->err;
	}
	if (rec->sealed.len > LEDGER_RECORD_BYTES) {
		return TL_ETOOBIG;
	}
	if (rec->kind == LEDGER_QUARANTINE &&
	    ledger->counts.quarantine_bytes + rec->sealed.len >
		ledger->counts.quarantine_max_bytes) {
		return TL_EAGAIN;
	}
	err = ledger_index_room(&ledger->index);
	if (err != TL_OK) {
		return err;
	}
	return append_frame(ledger, rec);
}

/* Stand before an item: the chain value there is the end of what is before. */
static enum tl_err walk_to(const struct ledger *ledger,
    const struct ledger_item *item, struct ledger_walk *walk)
{
	uint8_t before[LEDGER_FILE_HEAD_BYTES];
	uint64_t len = item->at == LEDGER_FILE_HEAD_BYTES ? sizeof(before)
							  : LEDGER_HASH_BYTES;

	if (pread(walk->fd, before, (size_t)len, (off_t)(item->at - len)) !=
	    (ssize_t)len) {
		return TL_EIO;
	}
	if (item->at == LEDGER_FILE_HEAD_BYTES) {
		ledger->hash(walk->chain, before, (size_t)len);
	} else {
		memcpy(walk->chain, before, (size_t)len);
	}
	walk->at = item->at;
	return TL_OK;
}

/* The records of one file from number on; *number is moved on. */
static enum tl_err each_of_file(struct ledger *ledger, uint64_t *number,
    uint64_t end, ledger_each_fn fn, void *arg)
{
	const struct ledger_item *items = ledger->index.items;
	uint32_t file = items[*number].file;
	struct ledger_walk walk;
	char name[LEDGER_NAME_BYTES];
	struct stat st;
	enum tl_err err = TL_EIO;
	int fd;

	ledger_file_name(name, file);
	fd = openat(ledger->folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ledger_walk_begin(&walk, ledger->hash, fd, 0);
	if (fd < 0 || fstat(fd, &st) != 0) {
		goto out;
	}
	walk.end = (uint64_t)st.st_size;
	err = walk_to(ledger, &items[*number], &walk);
	while (err == TL_OK && *number < end && items[*number].file == file) {
		struct ledger_record rec;

		err = ledger_walk_next(&walk, &rec);
		if (err == TL_ENOENT || err == TL_EAGAIN) {
			err = TL_EFORMAT; /* shorter than it was at the start */
		}
		if (err == TL_OK) {
			err = fn(*number, &rec, arg);
			/* fn may have appended: the items may have moved */
			items = ledger->index.items;
			(*number)++;
		}
	}
out:
	ledger_walk_end(&walk);
	if (fd >= 0) {
		(void)close(fd);
	}
	return err;
}

enum tl_err ledger_each(
    struct ledger *ledger, uint64_t first, ledger_each_fn fn, void *arg)
{
	uint64_t end = ledger->index.n;
	enum tl_err err = TL_OK;

	while (err == TL_OK && first < end) {
		err = each_of_file(ledger, &first, end, fn, arg);
	}
	return err;
}

uint64_t ledger_count(const struct ledger *ledger)
{
	return ledger->index.n;
}

void ledger_counts(
    const struct ledger *ledger, struct ledger_counts *ret_counts)
{
	*ret_counts = ledger->counts;
	ret_counts->files = ledger->file;
	ret_counts->bytes += ledger->at;
}

/* Before the first record: what the head of the first file makes of nothing. */
static enum tl_err first_head(
    const struct ledger *ledger, uint8_t ret_head[static LEDGER_HASH_BYTES])
{
	uint8_t chain[LEDGER_HASH_BYTES] = { 0 };
	struct buf out;
	enum tl_err err;

	buf_init(&out, LEDGER_FILE_HEAD_BYTES);
	ledger_file_head(&out, ledger->hash, 1, chain);
	err = buf_err(&out);
	buf_free(&out);
	if (err == TL_OK) {
		memcpy(ret_head, chain, sizeof(chain));
	}
	return err;
}

/* The last 32 bytes of the frame of the record before. */
enum tl_err ledger_head_then(const struct ledger *ledger, uint64_t count,
    uint8_t ret_head[static LEDGER_HASH_BYTES])
{
	const struct ledger_item *item;
	uint8_t bytes[LEDGER_HASH_BYTES];
	char name[LEDGER_NAME_BYTES];
	struct rd rd;
	uint64_t at;
	enum tl_err err = TL_EIO;
	int fd;

	if (count > ledger->index.n) {
		return TL_ENOENT;
	}
	if (count == 0) {
		return first_head(ledger, ret_head);
	}
	item = &ledger->index.items[count - 1];
	ledger_file_name(name, item->file);
	fd = openat(ledger->folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		return TL_EIO;
	}
	if (pread(fd, bytes, 4, (off_t)item->at) != 4) {
		goto out;
	}
	rd = rd_of(bytes, 4);
	at = item->at + LEDGER_FRAME_HEAD_BYTES + rd_u32(&rd);
	if (pread(fd, bytes, sizeof(bytes), (off_t)at) !=
	    (ssize_t)sizeof(bytes)) {
		goto out;
	}
	memcpy(ret_head, bytes, sizeof(bytes));
	err = TL_OK;
out:
	(void)close(fd);
	return err;
}

void ledger_head(
    const struct ledger *ledger, uint8_t ret_head[static LEDGER_HASH_BYTES])
{
	memcpy(ret_head, ledger->chain, LEDGER_HASH_BYTES);
}

uint64_t ledger_free_bytes(const struct ledger *ledger)
{
	struct statvfs st;

	return fstatvfs(ledger->folder, &st) == 0
	    ? (uint64_t)st.f_bavail * st.f_frsize
	    : UINT64_MAX;
}

uint64_t ledger_torn_bytes(const struct ledger *ledger)
{
	struct stat st;

	return ledger->fd >= 0 && fstat(ledger->fd, &st) == 0 &&
		(uint64_t)st.st_size > ledger->at
	    ? (uint64_t)st.st_size - ledger->at
	    : 0;
}

bool ledger_is_full(const struct ledger *ledger)
{
	return ledger->is_full;
}

enum tl_err ledger_failed(const struct ledger *ledger)
{
	return ledger->err;
}

void ledger_close(struct ledger *ledger)
{
	if (ledger == NULL) {
		return;
	}
	if (ledger->fd >= 0) {
		(void)close(ledger->fd);
	}
	if (ledger->lock >= 0) {
		(void)close(ledger->lock);
	}
	if (ledger->folder >= 0) {
		(void)close(ledger->folder);
	}
	ledger_index_free(&ledger->index);
	free(ledger);
}
