/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/gateway_book.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/enc.h"
#include "base/log.h"
#include "base/owner.h"
#include "crypto/hash.h"

#define NAME       "gateways"
#define LINE_BYTES 96u
#define KEEP_HOURS (31 * 24)

static const char letters[] = {
	[BOOK_NEW] = 'n',
	[BOOK_TRIED] = 't',
	[BOOK_FETCHED] = 'f',
	[BOOK_ERASED] = 'e',
};

struct line {
	struct book_entry entry;
	size_t number; /* of the line; the last one of a message counts */
};

struct book {
	char path[PATH_MAX];
	struct owner_place place; /* of the path when it was opened */
	int fd;
	uint8_t key[32];
	struct line *lines; /* the first n_sorted in order, one a message */
	size_t n_sorted, n, cap;
	size_t n_old; /* lines that no longer count */
};

static int by_key(const void *a, const void *b)
{
	const struct line *left = a, *right = b;
	int order = memcmp(left->entry.key, right->entry.key, BOOK_KEY_BYTES);

	return order != 0
	    ? order
	    : (left->number > right->number) - (left->number < right->number);
}

static enum tl_err add(struct book *book, const struct book_entry *entry)
{
	if (book->n == book->cap) {
		size_t cap = book->cap == 0 ? 256 : 2 * book->cap;
		struct line *lines =
		    reallocarray(book->lines, cap, sizeof(*lines));

		if (lines == NULL) {
			return TL_ENOMEM;
		}
		book->lines = lines;
		book->cap = cap;
	}
	book->lines[book->n] = (struct line){ *entry, book->n };
	book->n++;
	return TL_OK;
}

static bool read_number(char **at, long long most, long long *ret)
{
	if (**at < '0' || **at > '9') {
		return false;
	}
	errno = 0;
	*ret = strtoll(*at, at, 10);
	return errno == 0 && *ret <= most;
}

static bool read_line(char *text, struct book_entry *entry)
{
	long long tries, hour;
	size_t len = 0;
	char *at = text + 2 * BOOK_KEY_BYTES;
	const char *letter;

	if (strlen(text) < 2 * BOOK_KEY_BYTES + 6 ||
	    dec_hex(text, 2 * BOOK_KEY_BYTES, entry->key, BOOK_KEY_BYTES,
		&len) != TL_OK ||
	    at[0] != ' ' || at[2] != ' ') {
		return false;
	}
	letter = memchr(letters, at[1], sizeof(letters));
	at += 3;
	if (letter == NULL || !read_number(&at, UINT16_MAX, &tries) ||
	    *at++ != ' ' || !read_number(&at, INT32_MAX, &hour) ||
	    *at != '\n') {
		return false;
	}
	entry->state = (enum book_state)(letter - letters);
	entry->tries = (unsigned)tries;
	entry->last_hour = hour;
	return true;
}

static enum tl_err load(struct book *book)
{
	int copy = dup(book->fd);
	FILE *file = copy >= 0 ? fdopen(copy, "r") : NULL;
	char text[LINE_BYTES];
	enum tl_err err = TL_OK;

	if (file == NULL) {
		if (copy >= 0) {
			(void)close(copy);
		}
		return TL_EIO;
	}
	while (err == TL_OK && fgets(text, sizeof(text), file) != NULL) {
		struct book_entry entry;

		if (read_line(text, &entry)) {
			err = add(book, &entry);
		} else {
			book->n_old++;
		}
	}
	if (ferror(file) != 0) {
		err = TL_EIO;
	}
	(void)fclose(file);
	return err;
}

/* One line a message: the last. */
static void settle(struct book *book)
{
	size_t n = 0;

	if (book->n > 0) {
		qsort(book->lines, book->n, sizeof(*book->lines), by_key);
	}
	for (size_t i = 0; i < book->n; i++) {
		if (i + 1 < book->n &&
		    memcmp(book->lines[i].entry.key,
			book->lines[i + 1].entry.key, BOOK_KEY_BYTES) == 0) {
			book->n_old++;
			continue;
		}
		book->lines[n++] = book->lines[i];
	}
	book->n = n;
	book->n_sorted = n;
}

enum tl_err book_open(
    const char *folder, const uint8_t key[static 32], struct book **ret_book)
{
	struct book *book = calloc(1, sizeof(*book));
	enum tl_err err = TL_OK;

	if (book == NULL) {
		return TL_ENOMEM;
	}
	(void)snprintf(book->path, sizeof(book->path), "%s/" NAME, folder);
	memcpy(book->key, key, sizeof(book->key));
	book->place.folder = -1;
	book->fd = -1;
	if (owner_place_open(book->path, &book->place) == TL_OK) {
		book->fd = openat(book->place.folder, NAME,
		    O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	}
	if (book->fd < 0) {
		err = TL_EIO;
	} else if (owner_of_folder(book->place.folder, book->fd) != TL_OK) {
		err = TL_EPERM;
	} else if (flock(book->fd, LOCK_EX | LOCK_NB) != 0) {
		err = TL_EBUSY;
	} else {
		err = load(book);
	}
	if (err != TL_OK) {
		say_error("cannot use %s: %s", book->path, err_text(err));
		if (book->fd >= 0) {
			(void)close(book->fd);
		}
		owner_place_close(&book->place);
		free(book->lines);
		free(book);
		return err;
	}
	settle(book);
	*ret_book = book;
	return TL_OK;
}

struct book_entry book_look(
    const struct book *book, const char *gateway, struct bytes id)
{
	struct line wanted = { .entry = { .state = BOOK_NEW } };
	const struct line *found = NULL;
	uint8_t hash[HASH_BYTES];
	struct buf what;

	buf_init(&what, 4096);
	buf_put(&what, gateway, strlen(gateway) + 1);
	buf_put(&what, id.at, id.len);
	hash_keyed(hash, sizeof(hash), book->key, what.data, what.len);
	buf_free(&what);
	memcpy(wanted.entry.key, hash, BOOK_KEY_BYTES);
	wanted.number = SIZE_MAX;
	for (size_t low = 0, high = book->n_sorted; low < high;) {
		size_t at = low + (high - low) / 2;
		int order = memcmp(book->lines[at].entry.key, wanted.entry.key,
		    BOOK_KEY_BYTES);

		if (order == 0) {
			found = &book->lines[at];
			break;
		}
		if (order < 0) {
			low = at + 1;
		} else {
			high = at;
		}
	}
	return found != NULL ? found->entry : wanted.entry;
}

static void put_line(struct buf *out, const struct book_entry *entry)
{
	enc_hex(out, entry->key, sizeof(entry->key));
	buf_put_u8(out, ' ');
	buf_put_u8(out, (uint8_t)letters[entry->state]);
	buf_put_u8(out, ' ');
	buf_put_dec(out, entry->tries);
	buf_put_u8(out, ' ');
	buf_put_dec(out, (uint64_t)entry->last_hour);
	buf_put_u8(out, '\n');
}

static enum tl_err write_all(int fd, const struct buf *text)
{
	return buf_err(text) == TL_OK &&
		write(fd, text->data, text->len) == (ssize_t)text->len &&
		fdatasync(fd) == 0
	    ? TL_OK
	    : TL_EIO;
}

enum tl_err book_put(struct book *book, const struct book_entry *entry)
{
	struct buf text;
	enum tl_err err = add(book, entry);

	if (err != TL_OK) {
		return err;
	}
	buf_init(&text, LINE_BYTES);
	put_line(&text, entry);
	err = write_all(book->fd, &text);
	buf_free(&text);
	if (err != TL_OK) {
		say_error("%s could not be written", book->path);
	}
	return err;
}

/* The new file is whole before it takes the old one's name. */
static void write_anew(struct book *book, int64_t now_hour)
{
	const int folder = book->place.folder;
	struct buf text;
	int fd;

	buf_init(&text, (book->n + 1) * LINE_BYTES);
	for (size_t i = 0; i < book->n; i++) {
		if (now_hour - book->lines[i].entry.last_hour < KEEP_HOURS) {
			put_line(&text, &book->lines[i].entry);
		}
	}
	/* of a try that was cut short; or a second name of another file */
	(void)unlinkat(folder, NAME ".new", 0);
	fd = openat(folder, NAME ".new",
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0) {
		if (owner_of_old(&book->place, fd) == TL_OK &&
		    write_all(fd, &text) == TL_OK) {
			(void)renameat(folder, NAME ".new", folder, NAME);
		}
		(void)close(fd);
	}
	buf_free(&text);
}

void book_close(struct book *book, int64_t now_s)
{
	if (book == NULL) {
		return;
	}
	settle(book);
	if (book->n_old > book->n + 64) {
		write_anew(book, now_s / 3600);
	}
	(void)close(book->fd);
	owner_place_close(&book->place);
	free(book->lines);
	free(book);
}
