/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/enclosed.h - files that came with a referral: put together from their
 * parts, and compared with the referral's list.
 *
 * Promise:   a file comes out only whole, with the hash, the length and the
 *            name that the referral has for it, and once.
 * Knows not: keys, sealing, the disk.
 * Runs in:   tipline-open.
 * Disk:      none.
 */
#ifndef TL_CLI_ENCLOSED_H
#define TL_CLI_ENCLOSED_H

#include <stdbool.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "text/enclosure.h"

/* A zeroed one is as good as new. */
struct enclosed {
	bool has_referral;
	char ref[ENCLOSURE_REF_BYTES];
	struct enclosure listed[ENCLOSURE_FILES_MAX];
	bool has_come[ENCLOSURE_FILES_MAX];
	size_t n;
	struct enclosure_part last; /* of the one that is coming */
	struct buf bytes;           /* of it */
};

/* The referral that the files are to belong to. TL_EFORMAT: its list of files
 * is none; TL_EEXIST: there is one already. */
TL_MUST_CHECK enum tl_err enclosed_begin(
    struct enclosed *enclosed, const json_t *referral);

/*
 * The next part, opened. ret_whole is NULL until it was the last of a file:
 * then enclosed->bytes is the file, until the next call. TL_ENOENT: report is
 * of no enclosure. What is wrong otherwise is in *ret_why, a sentence:
 * TL_EFORMAT, or TL_EPROOF (it is not the file of the list), TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err enclosed_add(struct enclosed *enclosed,
    const json_t *report, struct bytes raw, const struct enclosure **ret_whole,
    const char **ret_why);

/* All has come; how many of the list have not. TL_EFORMAT: the last one was
 * cut. */
TL_MUST_CHECK enum tl_err enclosed_end(
    const struct enclosed *enclosed, size_t *ret_missing);

void enclosed_free(struct enclosed *enclosed);

#endif
