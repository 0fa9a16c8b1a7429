/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/ledger_copy.c - a copy of a ledger in another folder.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/owner.h"
#include "queue/ledger_inside.h"

#define COPY_BYTES 65536u

/* Bytes from at on to the end of to, which is at long. */
static enum tl_err copy_bytes(int from, int to, uint64_t at, uint64_t end)
{
	uint8_t bytes[COPY_BYTES];

	while (at < end) {
		size_t want =
		    end - at < sizeof(bytes) ? (size_t)(end - at) : COPY_BYTES;
		ssize_t n = pread(from, bytes, want, (off_t)at);
		enum tl_err err;

		if (n <= 0) {
			return TL_EIO;
		}
		err = ledger_write(to, bytes, (size_t)n);
		if (err != TL_OK) {
			return err;
		}
		at += (uint64_t)n;
	}
	return TL_OK;
}

/* Bring the file of that number there to len bytes. */
static enum tl_err copy_file(
    const struct ledger *ledger, int folder, uint32_t number, uint64_t len)
{
	char name[LEDGER_NAME_BYTES];
	struct stat st;
	enum tl_err err = TL_EIO;
	int from = -1;
	int to = -1;

	ledger_file_name(name, number);
	from = openat(ledger->folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	to = openat(folder, name,
	    O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (from < 0 || to < 0 || fstat(to, &st) != 0) {
		goto out;
	}
	err = owner_of_folder(folder, to);
	if (err != TL_OK) {
		goto out;
	}
	if ((uint64_t)st.st_size > len) {
		err = TL_EEXIST;
		goto out;
	}
	err = copy_bytes(from, to, (uint64_t)st.st_size, len);
	if (err == TL_OK && fsync(to) != 0) {
		/* Nobody knows what of it is lost, and the next fsync may say
		 * nothing: it is written anew next time. */
		if (ftruncate(to, st.st_size) != 0) {
			(void)unlinkat(folder, name, 0);
		}
		err = TL_EIO;
	}
out:
	if (from >= 0) {
		(void)close(from);
	}
	if (to >= 0) {
		(void)close(to);
	}
	return err;
}

/* A file that another follows does not grow any more. */
static enum tl_err length_of(
    const struct ledger *ledger, uint32_t number, uint64_t *ret_len)
{
	char name[LEDGER_NAME_BYTES];
	struct stat st;

	if (number == ledger->file) {
		*ret_len = ledger->at;
		return TL_OK;
	}
	ledger_file_name(name, number);
	if (fstatat(ledger->folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		return TL_EIO;
	}
	*ret_len = (uint64_t)st.st_size;
	return TL_OK;
}

enum tl_err ledger_copy(const struct ledger *ledger, const char *to)
{
	enum tl_err err = owner_mkdir(to);
	int folder;

	if (err != TL_OK && err != TL_EEXIST) {
		return TL_EIO;
	}
	err = TL_OK;
	folder = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0) {
		return TL_EIO;
	}
	for (uint32_t i = 1; i <= ledger->file && err == TL_OK; i++) {
		uint64_t len = 0;

		err = length_of(ledger, i, &len);
		if (err == TL_OK) {
			err = copy_file(ledger, folder, i, len);
		}
	}
	if (err == TL_OK && fsync(folder) != 0) {
		err = TL_EIO;
	}
	(void)close(folder);
	return err;
}
