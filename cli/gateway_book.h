/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/gateway_book.h - what became of the providers' copies: the file
 * "gateways" in the ledger's folder.
 *
 * Promise:   what it says of a message is under a keyed hash of its id, so
 *            that the file tells nothing; a crash loses the last lines at
 *            most, and what they say is then done once more, which does no
 *            harm.
 * Runs in:   tipline, one process at a time (flock).
 * Disk:      appends a line a change; written anew at the end of a run,
 *            without lines that are over a month old.
 *
 * A line: hash (16 bytes, hex), blank, one letter, blank, number of tries,
 * blank, hour since 1970 of the last one.
 */
#ifndef TL_CLI_GATEWAY_BOOK_H
#define TL_CLI_GATEWAY_BOOK_H

#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

#define BOOK_KEY_BYTES 16u

enum book_state {
	BOOK_NEW,     /* nothing was done yet */
	BOOK_TRIED,   /* to erase it; not done yet */
	BOOK_FETCHED, /* its pictures are here; not erased yet */
	BOOK_ERASED,
};

struct book_entry {
	uint8_t key[BOOK_KEY_BYTES];
	enum book_state state;
	unsigned tries;
	int64_t last_hour;
};

struct book;

/*
 * Open the book in folder; what is no line of it is left out. key is for the
 * hashes. Gives *ret_book: end it with book_close(). TL_EBUSY: another
 * process has it. TL_EIO, TL_ENOMEM. What is wrong was said.
 */
TL_MUST_CHECK enum tl_err book_open(
    const char *folder, const uint8_t key[static 32], struct book **ret_book);

/* What it says of message id of a gateway. */
struct book_entry book_look(
    const struct book *book, const char *gateway, struct bytes id);

/* Write it down, synced. TL_EIO, said; TL_ENOMEM. */
TL_MUST_CHECK enum tl_err book_put(
    struct book *book, const struct book_entry *entry);

/* Write it anew if much of it is old. NULL is fine. */
void book_close(struct book *book, int64_t now_s);

#endif
