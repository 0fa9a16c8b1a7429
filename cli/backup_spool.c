/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/backup_spool.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/enc.h"
#include "base/log.h"
#include "base/rd.h"
#include "cli/backup.h"
#include "cli/backup_file.h"
#include "cli/cli.h"
#include "cli/records.h"
#include "cli/spool.h"
#include "cli/spool_link.h"
#include "crypto/hash.h"
#include "queue/spool_stats.h"

struct copy {
	struct records records;  /* those that are whole */
	uint64_t rows;           /* and those that are not */
	uint8_t ids[HASH_BYTES]; /* stands for the ids of the latter */
	struct spool_stats stats;
	char
	    kept[NAME_MAX + 1]; /* what the earlier copy is called now, or "" */
};

static uint64_t changed_in(const struct copy *copy)
{
	return copy->rows - copy->records.n;
}

/* ---- from the spool ------------------------------------------------------ */

/* A record without its bytes: they no longer have their hash. */
static void note_changed(struct copy *copy, const uint8_t *id)
{
	uint8_t both[HASH_BYTES + RECORD_ID_BYTES];

	memcpy(both, copy->ids, HASH_BYTES);
	memcpy(both + HASH_BYTES, id, RECORD_ID_BYTES);
	hash_bytes(copy->ids, both, sizeof(both));
}

/* The records of one COPY; *from is moved on, *ret_n is 0 at the end. */
static enum tl_err take_copy(
    struct copy *copy, const struct frame *frame, uint64_t *from, size_t *ret_n)
{
	struct rd rd = rd_of(frame->body, frame->body_len);
	size_t n, shown = 0;

	*from = rd_u64(&rd);
	n = rd_u8(&rd);
	while (rd_ok(&rd) && rd.left > 0) {
		struct rd head = rd;
		const uint8_t *at = rd.at;
		enum tl_err err = TL_OK;
		uint32_t len;

		(void)rd_bytes(&head, RECORD_HEAD_BYTES - 4);
		len = rd_u32(&head);
		if (!rd_ok(&head) || len > FRAME_RECORD_BYTES ||
		    rd_bytes(&rd, RECORD_HEAD_BYTES + (size_t)len) == NULL ||
		    ++shown > n) {
			return TL_EFORMAT;
		}
		if (len == 0) {
			note_changed(copy, at);
		} else {
			err = records_add(&copy->records,
			    bytes_of(at, RECORD_HEAD_BYTES + (size_t)len));
		}
		if (err != TL_OK) {
			return err;
		}
	}
	copy->rows += n;
	*ret_n = n;
	return rd_ok(&rd) ? TL_OK : TL_EFORMAT;
}

static enum tl_err fetch_records(const char *socket, struct copy *copy)
{
	struct spool_link link = { .fd = -1 };
	enum tl_err err = spool_link_open(socket, &link);
	uint64_t from = 0;
	size_t n = 1;

	while (err == TL_OK && n > 0) {
		struct frame frame;
		struct buf want;

		buf_init(&want, 8);
		buf_put_u64(&want, from);
		err = spool_link_ask(&link, FRAME_COPY_WANT,
		    bytes_of(want.data, want.len), &frame);
		buf_free(&want);
		if (err == TL_OK && frame.type != FRAME_COPY) {
			err = TL_EFORMAT;
		}
		if (err == TL_OK) {
			err = take_copy(copy, &frame, &from, &n);
		}
	}
	spool_link_close(&link);
	return err;
}

static enum tl_err prove_records(FILE *file, uint64_t n)
{
	struct records records;
	struct bytes record;
	enum tl_err err = records_read(&records, file);

	while (err == TL_OK) {
		err = records_next(&records, &record);
	}
	if (err == TL_ENOENT) {
		err = records.n == n ? TL_OK : TL_EPROOF;
	}
	records_end(&records);
	return err;
}

/* ---- the copy before ----------------------------------------------------- */

void backup_spool_before(char name[static NAME_MAX + 1], unsigned number)
{
	if (number == 1) {
		(void)snprintf(name, NAME_MAX + 1, BACKUP_RECORDS ".before");
	} else {
		(void)snprintf(
		    name, NAME_MAX + 1, BACKUP_RECORDS ".before-%u", number);
	}
}

/* What is wrong with the spool, as a line that is another one whenever there is
 * more of it; *ret_file_len of it tell the spool's file. */
static enum tl_err describe(const struct copy *copy,
    char line[static BACKUP_LINE_BYTES], size_t *ret_file_len)
{
	struct buf ids;
	enum tl_err err;

	buf_init(&ids, 2 * HASH_BYTES + 1);
	enc_hex(&ids, copy->ids, HASH_BYTES);
	buf_put_u8(&ids, 0);
	err = buf_err(&ids);
	if (err == TL_OK) {
		*ret_file_len = (size_t)snprintf(line, BACKUP_LINE_BYTES,
		    "file %" PRIu64 " ", copy->stats.file);
		(void)snprintf(line + *ret_file_len,
		    BACKUP_LINE_BYTES - *ret_file_len, "changed %" PRIu64 " %s",
		    changed_in(copy), (const char *)ids.data);
	}
	buf_free(&ids);
	return err;
}

/*
 * Is something missing in the new copy that damage may have taken, and that the
 * one before was made without? Not each time again, for the spool remembers its
 * last rescue, and a row stays as it is: else the disk would fill.
 */
static bool is_to_keep(
    const struct copy *copy, int folder, const char *line, size_t file_len)
{
	char was[BACKUP_LINE_BYTES];

	if (faccessat(folder, BACKUP_RECORDS, F_OK, AT_SYMLINK_NOFOLLOW) != 0) {
		return false;
	}
	if (backup_line_read(folder, BACKUP_STATE, was) != TL_OK) {
		return changed_in(copy) > 0 || copy->stats.lost > 0;
	}
	return strncmp(was, line, file_len) != 0 ||
	    (changed_in(copy) > 0 && strcmp(was, line) != 0);
}

static enum tl_err keep_before(int folder, struct copy *copy)
{
	unsigned number = 0;

	do {
		backup_spool_before(copy->kept, ++number);
	} while (faccessat(folder, copy->kept, F_OK, AT_SYMLINK_NOFOLLOW) == 0);
	if (renameat(folder, BACKUP_RECORDS, folder, copy->kept) != 0) {
		copy->kept[0] = '\0';
		return TL_EIO;
	}
	return TL_OK;
}

/* The new one is whole. What it was made of is noted last: cut off before, the
 * next backup keeps a copy more, and none less. */
static enum tl_err place(struct copy *copy, int folder, FILE *file)
{
	char line[BACKUP_LINE_BYTES];
	size_t file_len = 0;
	enum tl_err err = describe(copy, line, &file_len);

	if (err == TL_OK && is_to_keep(copy, folder, line, file_len)) {
		err = keep_before(folder, copy);
	}
	if (err == TL_OK) {
		err = backup_file_place(folder, BACKUP_RECORDS, file);
	}
	if (err == TL_OK) {
		err = backup_line_write(folder, BACKUP_STATE, line);
	}
	return err;
}

/* ---- all of it ----------------------------------------------------------- */

static enum tl_err write_records(
    const char *socket, int folder, FILE *file, struct copy *copy)
{
	enum tl_err err = records_create(&copy->records, file);

	if (err == TL_OK) {
		err = fetch_records(socket, copy);
	}
	if (err == TL_OK) {
		err = cli_spool_ask(socket, &copy->stats);
	}
	if (err == TL_OK) {
		err = records_finish(&copy->records);
	}
	if (err == TL_OK) {
		err = prove_records(file, copy->records.n);
	}
	if (err == TL_OK) {
		err = place(copy, folder, file);
	}
	records_end(&copy->records);
	return err;
}

static int say_copied(const char *dir, const struct copy *copy)
{
	(void)printf("%sspool     %" PRIu64
		     " records that wait for a receipt\n",
	    cli_level(), copy->records.n);
	if (copy->kept[0] != '\0') {
		(void)printf("%sspool     is damaged, was rescued or begun anew"
			     " since the last copy, which is kept as %s/%s\n",
		    cli_level(), dir, copy->kept);
	}
	if (changed_in(copy) == 0) {
		return CLI_OK;
	}
	say_error("%" PRIu64 " more records that the spool has are not what"
		  " came (E506), and not in the copy. Those that an earlier"
		  " one has, `tipline restore --from %s` puts back",
	    changed_in(copy), dir);
	return CLI_WRONG;
}

static void say_failed(const char *dir, enum tl_err err)
{
	if (err == TL_EFULL) {
		say_error("the spool could not be copied: there is no room in"
			  " %s. A copy that was there stays as it was",
		    dir);
	} else {
		say_error("the spool could not be copied: %s. Is tipline-spool"
			  " running, with an admin_socket, and is this root or"
			  " its user?",
		    err_text(err));
	}
}

int backup_spool(const struct config_spool *spool, const char *dir)
{
	int folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct copy copy = { 0 };
	FILE *file = NULL;
	enum tl_err err = folder < 0
	    ? TL_EIO
	    : backup_file_new(folder, BACKUP_RECORDS, &file);
	int status = CLI_WRONG;

	if (err != TL_OK) {
		say_error("the spool could not be copied: cannot write to %s:"
			  " %s",
		    dir, err_text(err));
		goto out;
	}
	err = write_records(spool->admin_socket, folder, file, &copy);
	(void)fclose(file);
	if (err == TL_OK) {
		status = say_copied(dir, &copy);
	} else {
		say_failed(dir, err);
		/* else it takes the room that the spool itself needs */
		backup_file_drop(folder, BACKUP_RECORDS);
	}
out:
	if (folder >= 0) {
		(void)close(folder);
	}
	return status;
}
