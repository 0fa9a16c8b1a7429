/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/ledger_open.c - from a folder to a ledger that may be trusted, and the
 * files in it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/owner.h"
#include "queue/ledger_file.h"
#include "queue/ledger_inside.h"

#define FILE_MAX_BYTES       (256u * 1024u * 1024u)
#define QUARANTINE_MAX_BYTES (1024u * 1024u * 1024u)

void ledger_file_name(char name[static LEDGER_NAME_BYTES], uint32_t number)
{
	(void)snprintf(name, LEDGER_NAME_BYTES, "ledger-%06u", number);
}

static enum tl_err err_of_disk(void)
{
	return errno == ENOSPC || errno == EDQUOT ? TL_EFULL : TL_EIO;
}

enum tl_err ledger_write(int fd, const uint8_t *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			return err_of_disk();
		}
		bytes += n;
		len -= (size_t)n;
	}
	return TL_OK;
}

enum tl_err ledger_begin_file(struct ledger *ledger, uint32_t number)
{
	uint8_t chain[LEDGER_HASH_BYTES];
	char name[LEDGER_NAME_BYTES];
	struct buf head;
	int fd = -1;
	enum tl_err err;

	memcpy(chain, ledger->chain, sizeof(chain));
	buf_init(&head, LEDGER_FILE_HEAD_BYTES);
	ledger_file_head(&head, ledger->hash, number, chain);
	err = buf_err(&head);
	if (err != TL_OK) {
		goto out;
	}
	/* of a try that was cut short; or a second name of another file */
	(void)unlinkat(ledger->folder, "ledger.new", 0);
	fd = openat(ledger->folder, "ledger.new",
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_APPEND,
	    0600);
	err = fd < 0 ? err_of_disk() : owner_of_folder(ledger->folder, fd);
	if (err == TL_OK) {
		err = ledger_write(fd, head.data, head.len);
	}
	if (err != TL_OK) {
		goto out;
	}
	ledger_file_name(name, number);
	/* until it has its name it can be made anew */
	if (fdatasync(fd) != 0 ||
	    renameat(ledger->folder, "ledger.new", ledger->folder, name) != 0) {
		err = err_of_disk();
		goto out;
	}
	if (fsync(ledger->folder) != 0) {
		err = TL_EIO;
		goto out;
	}
	if (ledger->fd >= 0) {
		(void)close(ledger->fd);
	}
	ledger->counts.bytes += ledger->at;
	ledger->fd = fd;
	fd = -1;
	ledger->file = number;
	ledger->at = LEDGER_FILE_HEAD_BYTES;
	memcpy(ledger->chain, chain, sizeof(chain));
out:
	if (fd >= 0) {
		(void)close(fd);
	}
	buf_free(&head);
	return err;
}

void ledger_count_in(struct ledger *ledger, const struct ledger_item *item,
    const struct ledger_record *rec)
{
	ledger_index_add(&ledger->index, item);
	ledger->counts.records[rec->kind]++;
	if (rec->kind == LEDGER_QUARANTINE) {
		ledger->counts.quarantine_bytes += rec->sealed.len;
	}
}

/* Learn the records of one file. TL_EAGAIN: its last frame is incomplete. */
static enum tl_err learn_file(struct ledger *ledger, struct ledger_walk *walk)
{
	enum tl_err err = ledger_walk_head(walk, ledger->file);

	while (err == TL_OK) {
		struct ledger_record rec;
		struct ledger_item item = { .file = ledger->file,
			.at = walk->at };

		err = ledger_index_room(&ledger->index);
		if (err != TL_OK) {
			break;
		}
		err = ledger_walk_next(walk, &rec);
		if (err != TL_OK) {
			break;
		}
		item.kind = rec.kind;
		memcpy(item.id, rec.id, sizeof(item.id));
		memcpy(item.hash, rec.hash, sizeof(item.hash));
		ledger_count_in(ledger, &item, &rec);
	}
	memcpy(ledger->chain, walk->chain, sizeof(ledger->chain));
	ledger->at = walk->at;
	return err == TL_ENOENT ? TL_OK : err;
}

static bool has_file(const struct ledger *ledger, uint32_t number)
{
	char name[LEDGER_NAME_BYTES];

	ledger_file_name(name, number);
	return faccessat(ledger->folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Open and learn file number; cut off what a crash left incomplete. */
static enum tl_err take_file(
    struct ledger *ledger, uint32_t number, struct ledger_fault *ret_fault)
{
	int flags = ledger->read_only ? O_RDONLY : O_RDWR | O_APPEND;
	struct ledger_walk walk;
	char name[LEDGER_NAME_BYTES];
	struct stat st;
	enum tl_err err = TL_EIO;

	ledger_file_name(name, number);
	if (ledger->fd >= 0) {
		(void)close(ledger->fd);
	}
	ledger->counts.bytes += ledger->at;
	ledger->at = 0;
	ledger->fd =
	    openat(ledger->folder, name, flags | O_NOFOLLOW | O_CLOEXEC);
	ledger->file = number;
	*ret_fault = (struct ledger_fault){ "it cannot be read", number, 0 };
	if (ledger->fd < 0 || fstat(ledger->fd, &st) != 0) {
		return err;
	}
	ledger_walk_begin(
	    &walk, ledger->hash, ledger->fd, (uint64_t)st.st_size);
	memcpy(walk.chain, ledger->chain, sizeof(walk.chain));
	err = learn_file(ledger, &walk);
	ret_fault->at = walk.at;
	if (err == TL_EFORMAT) {
		ret_fault->what = walk.what;
	} else if (err == TL_EAGAIN && has_file(ledger, number + 1)) {
		ret_fault->what = "it is cut short though another follows";
		err = TL_EFORMAT;
	} else if (err == TL_EAGAIN && ledger->read_only) {
		err = TL_OK;
	} else if (err == TL_EAGAIN) {
		ret_fault->what = "what a crash left cannot be cut off";
		err = ftruncate(ledger->fd, (off_t)walk.at) == 0 &&
			fsync(ledger->fd) == 0
		    ? TL_OK
		    : TL_EIO;
	}
	ledger_walk_end(&walk);
	return err;
}

/* Without it the files behind a missing one would not be noticed. */
enum tl_err ledger_count_files(int folder, size_t *ret_n)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	size_t n = 0;

	if (dir == NULL) {
		if (fd >= 0) {
			(void)close(fd);
		}
		return TL_EIO;
	}
	while ((entry = readdir(dir)) != NULL) {
		n += strncmp(entry->d_name, "ledger-", 7) == 0 ? 1 : 0;
	}
	(void)closedir(dir);
	*ret_n = n;
	return TL_OK;
}

/* The first comes last where one is put back. */
static const char *what_is_missing(const struct ledger *ledger, uint32_t number)
{
	return number == 1 &&
		faccessat(ledger->folder, LEDGER_PUTTING, F_OK,
		    AT_SYMLINK_NOFOLLOW) == 0
	    ? "it was being put back, and that was cut short: restore it again"
	    : "a file of the row is missing";
}

static enum tl_err take_files(
    struct ledger *ledger, struct ledger_fault *ret_fault)
{
	uint32_t number = 1;
	size_t there = 0;
	enum tl_err err = ledger_count_files(ledger->folder, &there);

	for (; err == TL_OK && has_file(ledger, number); number++) {
		err = take_file(ledger, number, ret_fault);
	}
	if (err == TL_OK && there != number - 1) {
		*ret_fault =
		    (struct ledger_fault){ what_is_missing(ledger, number),
			    number, 0 };
		return TL_EFORMAT;
	}
	if (err == TL_OK && number == 1 && !ledger->read_only) {
		*ret_fault =
		    (struct ledger_fault){ "the first file cannot be made", 1,
			    0 };
		err = ledger_begin_file(ledger, 1);
	}
	return err;
}

/* A new folder belongs to whom the one above does, and is there after a power
 * cut only if that is synced. */
static bool settle_in_parent(int folder)
{
	int fd = openat(folder, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok =
	    fd >= 0 && owner_of_folder(fd, folder) == TL_OK && fsync(fd) == 0;

	if (fd >= 0) {
		(void)close(fd);
	}
	return ok;
}

/* Open the folder and, to write, the lock in it. */
static enum tl_err open_folder(struct ledger *ledger,
    const struct ledger_opts *opts, struct ledger_fault *ret_fault)
{
	bool made = false;
	struct stat st;

	ret_fault->what = "the folder cannot be opened or made";
	if (!opts->read_only) {
		made = mkdir(opts->folder, 0700) == 0;
		if (!made && errno != EEXIST) {
			return TL_EIO;
		}
	}
	ledger->folder = open(opts->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ledger->folder < 0 || fstat(ledger->folder, &st) != 0) {
		return errno == ENOENT ? TL_ENOENT : TL_EIO;
	}
	if ((st.st_mode & 022) != 0) {
		ret_fault->what = "others may write to the folder: chmod 700";
		return TL_EPERM;
	}
	if (opts->read_only) {
		return TL_OK;
	}
	if (made && !settle_in_parent(ledger->folder)) {
		return TL_EIO;
	}
	ret_fault->what = "the lock in the folder cannot be made";
	ledger->lock = openat(ledger->folder, "lock",
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (ledger->lock < 0 ||
	    owner_of_folder(ledger->folder, ledger->lock) != TL_OK) {
		return TL_EIO;
	}
	if (flock(ledger->lock, LOCK_EX | LOCK_NB) != 0) {
		ret_fault->what = "another program writes to it";
		return TL_EBUSY;
	}
	return TL_OK;
}

enum tl_err ledger_open(const struct ledger_opts *opts,
    struct ledger **ret_ledger, struct ledger_fault *ret_fault)
{
	struct ledger_fault fault = { "out of memory", 0, 0 };
	struct ledger *ledger = calloc(1, sizeof(*ledger));
	enum tl_err err = TL_ENOMEM;

	if (ledger == NULL) {
		goto out;
	}
	ledger->hash = opts->hash;
	ledger->read_only = opts->read_only;
	ledger->file_max_bytes =
	    opts->file_max_bytes > 0 ? opts->file_max_bytes : FILE_MAX_BYTES;
	ledger->counts.quarantine_max_bytes = opts->quarantine_max_bytes > 0
	    ? opts->quarantine_max_bytes
	    : QUARANTINE_MAX_BYTES;
	ledger->folder = ledger->lock = ledger->fd = -1;
	err = ledger_index_begin(&ledger->index, opts->hash);
	if (err != TL_OK) {
		fault.what = "the kernel gives no random bytes";
		goto out;
	}
	err = open_folder(ledger, opts, &fault);
	if (err != TL_OK) {
		goto out;
	}
	err = take_files(ledger, &fault);
	if (err != TL_OK) {
		goto out;
	}
	*ret_ledger = ledger;
	ledger = NULL;
out:
	if (err != TL_OK) {
		*ret_fault = fault;
	}
	ledger_close(ledger);
	return err;
}
