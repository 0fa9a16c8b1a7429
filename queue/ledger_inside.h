/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/ledger_inside.h - the inside of struct ledger, for queue/ledger.c,
 * queue/ledger_copy.c and queue/ledger_open.c only.
 */
#ifndef TL_QUEUE_LEDGER_INSIDE_H
#define TL_QUEUE_LEDGER_INSIDE_H

#include "queue/ledger.h"
#include "queue/ledger_index.h"

#define LEDGER_NAME_BYTES 24u
/* in the ledger's folder: what is put back, until it is whole */
#define LEDGER_PUTTING "restore.new"

struct ledger {
	ledger_hash_fn hash;
	uint64_t file_max_bytes;
	bool read_only;
	int folder;      /* descriptor of the folder */
	int lock;        /* held as long as we write */
	int fd;          /* the newest file */
	uint32_t file;   /* its number; 0 while there is none */
	uint64_t at;     /* its length */
	enum tl_err err; /* the first failure to write; nothing after it */
	bool is_full;    /* the last one that was to be appended had no room */
	uint8_t chain[LEDGER_HASH_BYTES];
	struct ledger_index index;
	struct ledger_counts counts; /* files and bytes: without the newest */
};

void ledger_file_name(char name[static LEDGER_NAME_BYTES], uint32_t number);

/* How many files of a ledger are in that folder, whatever their numbers. */
TL_MUST_CHECK enum tl_err ledger_count_files(int folder, size_t *ret_n);

/* Write all of it at the end of the file. TL_EFULL, TL_EIO. */
TL_MUST_CHECK enum tl_err ledger_write(
    int fd, const uint8_t *bytes, size_t len);

/*
 * Begin file number. It gets its name when it is whole and synced, so a file
 * of that name always has a head; the folder is synced so that it stays.
 * TL_EFULL: nothing was changed, it can be tried again.
 */
TL_MUST_CHECK enum tl_err ledger_begin_file(
    struct ledger *ledger, uint32_t number);

/* From here on the record is one of the ledger. ledger_index_room() came
 * before. */
void ledger_count_in(struct ledger *ledger, const struct ledger_item *item,
    const struct ledger_record *rec);

#endif
