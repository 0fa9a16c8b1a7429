/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/files.h - files that came with tips: which pieces the ledger has, and
 * putting them together.
 *
 * Promise:   a file that is saved is the one that its tip speaks of, by its
 *            hash; what is missing or different is said. No name that came
 *            from outside becomes a name on disk.
 * Knows not: how a file is to be looked at, and opens none.
 * Runs in:   tipline.
 * Disk:      with files_save() writes new files, mode 0600, into one folder.
 */
#ifndef TL_CLI_FILES_H
#define TL_CLI_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "cli/desk_keys.h"
#include "queue/ledger.h"
#include "text/report.h"

struct files_piece;

/* Starts zeroed but for the borrowed members; end it with files_free(). */
struct files {
	struct ledger *ledger;  /* borrowed */
	struct desk_keys *keys; /* borrowed */
	const char *folder;     /* to save to, or NULL */
	int folder_fd;
	bool all;                   /* every record that there is was learnt */
	struct files_piece *pieces; /* by id, once sorted */
	size_t n, room;
	size_t wrong; /* files that could not be saved as they are told */
};

/* Open the folder to save to. TL_EIO, said. */
TL_MUST_CHECK enum tl_err files_open(struct files *files);

/* Remember the record number as a piece, if doc is that of one; *ret_is says
 * whether. has_bytes: it is not there for padding alone. TL_ENOMEM. */
TL_MUST_CHECK enum tl_err files_learn(struct files *files, uint64_t number,
    const struct desk_tip *opened, bool *ret_is);

/* All have been learnt. */
void files_sort(struct files *files);

/* doc names the files that it has pieces of. After files_sort(). TL_ENOMEM. */
TL_MUST_CHECK enum tl_err files_claim(struct files *files, struct bytes doc);

/*
 * The next piece, from *at on, that has bytes, has been here for a day at
 * now_s, and that no report names. False: there is none.
 */
bool files_left(
    const struct files *files, size_t *at, int64_t now_s, uint64_t *ret_number);

/* A few lines for people on the files of doc. */
void files_print(const struct files *files, struct bytes doc, struct buf *out);

/* Save the files of doc, the tip id's; is_signed: by an intake of ours, else
 * they get names of another kind. What is wrong with one is said and counted;
 * TL_EIO: nothing can be written. TL_ENOMEM. */
TL_MUST_CHECK enum tl_err files_save(struct files *files,
    const uint8_t id[static LEDGER_ID_BYTES], struct bytes doc, bool is_signed);

void files_free(struct files *files);

#endif
