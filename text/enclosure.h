/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/enclosure.h - what is said of a file that goes with a referral: in the
 * referral's list, and at the head of each of its parts. Format:
 * docs/FORMAT.md, "Enclosures".
 *
 * Promise:   what is read is within the format: a name that is ours and can be
 *            one on a disk, parts that there can be, bytes within the limit.
 * Knows not: sealing; the bytes of the file.
 * Runs in:   the desk; tipline-open. Pure.
 * Disk:      none.
 */
#ifndef TL_TEXT_ENCLOSURE_H
#define TL_TEXT_ENCLOSURE_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "base/err.h"

#define ENCLOSURE_PROFILE "tipline-enclosure/1"
/* Of one referral, and of one file. */
#define ENCLOSURE_FILES_MAX 8u
#define ENCLOSURE_BYTES_MAX (UINT64_C(16) * 1024u * 1024u)
/* Of all parts but the last: what one envelope holds beside its report. */
#define ENCLOSURE_PART_BYTES 1000000u
/* How long a desk makes them. */
#define ENCLOSURE_DAYS 30

#define ENCLOSURE_REF_BYTES  11u /* "R-", eight digits, NUL */
#define ENCLOSURE_NAME_BYTES 31u
#define ENCLOSURE_KIND_BYTES 48u
#define ENCLOSURE_HASH_BYTES 32u

struct enclosure {
	char name[ENCLOSURE_NAME_BYTES]; /* reference, time, number */
	char kind[ENCLOSURE_KIND_BYTES]; /* a media type */
	uint8_t sha256[ENCLOSURE_HASH_BYTES];
	uint64_t bytes;
	bool cleaned; /* metadata were taken out on arrival */
};

/* A part of one, from 1 on. */
struct enclosure_part {
	struct enclosure of;
	char ref[ENCLOSURE_REF_BYTES];
	unsigned part;
};

/* "R-00c0ffee-20261121T222640Z-1"; "" for what gives none. */
void enclosure_name(const char *ref, int64_t at_s, unsigned number,
    char ret[static ENCLOSURE_NAME_BYTES]);

/* What its name ends with on a disk: by a list of ours, "bin" for others. */
const char *enclosure_ending(const char *kind);

/* In how many parts it goes. */
unsigned enclosure_parts(const struct enclosure *enclosure);

/* An item of x_evidence. The caller's; NULL: no memory, or no UTF-8. */
json_t *enclosure_item(const struct enclosure *enclosure);
TL_MUST_CHECK enum tl_err enclosure_read_item(
    const json_t *item, struct enclosure *ret);

/* The report of a part: {"x_profile", "x_ref", ..., "part", "parts"}. */
json_t *enclosure_head(const struct enclosure_part *part);
/* TL_ENOENT: it is another thing; TL_EFORMAT. */
TL_MUST_CHECK enum tl_err enclosure_read_head(
    const json_t *head, struct enclosure_part *ret);

/* The same file, by all that is said of it. */
bool enclosure_is(const struct enclosure *a, const struct enclosure *b);

#endif
