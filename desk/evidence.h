/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/evidence.h - which files of a tip go with a referral.
 *
 * Promise:   none but those that were asked for by their hash, whole, with all
 *            their pieces here. Their list is in the bytes that a second
 *            officer agrees to.
 * Knows not: whether the referral may go: desk/gate.h.
 * Runs in:   the desk's web process.
 * Disk:      none.
 */
#ifndef TL_DESK_EVIDENCE_H
#define TL_DESK_EVIDENCE_H

#include <jansson.h>

#include "desk/web.h"
#include "text/enclosure.h"

/* Of all files of one referral together. */
#define EVIDENCE_BYTES (UINT64_C(64) * 1024u * 1024u)

/*
 * The list for the referral ref of this time, for wanted, which is a list of
 * hashes in hexadecimal, or NULL. Gives *ret_list: json_decref(). NULL, or a
 * sentence for the officer: then there is none.
 */
const char *evidence_choose(const struct web *web, const struct tip *tip,
    const json_t *wanted, const char *ref, int64_t created_s,
    json_t **ret_list);

/* The tip's own words on a file that was chosen: json_decref(). NULL: it has
 * none such. */
json_t *evidence_find(const struct tip *tip, const struct enclosure *enclosure);

/* The list of a referral as it was written down: of its bytes. The caller's;
 * empty if it has none. */
json_t *evidence_of(const json_t *entry);

/* What left by the newest referral, for who recalls it: {ref, partner,
 * partner_name, files: [the item, and at, who, times: when and by whom it was
 * first taken, and how often]}. The caller's. NULL: there was no referral. */
json_t *evidence_left(const json_t *entries);

#endif
