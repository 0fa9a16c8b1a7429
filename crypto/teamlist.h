/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/teamlist.h - the public list of a team: to which key tips are sealed
 * from when on, signed by the team's identity. Format: docs/FORMAT.md, "The
 * team's list".
 *
 * Promise:   a list that was read is whole, holds keys that can be used, in
 *            order and without a gap, and its signature holds for the identity
 *            that it names. Whether that identity is the right one, and
 *            whether a newer list was seen before, is for who reads it.
 * Runs in:   the parent of the intake, tipline, tests.
 * Disk:      reads, creates or replaces the one file that it is given.
 */
#ifndef TL_CRYPTO_TEAMLIST_H
#define TL_CRYPTO_TEAMLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

#define TEAMLIST_EPOCHS_MAX 1024u
#define TEAMLIST_MAX_BYTES  (96u * 1024u)
/* The year 9999 is still to come. */
#define TEAMLIST_TIME_MAX_S 253402300799
#define TEAMLIST_NUMBER_MAX 999999999u
#define TEAMLIST_SIGN_BYTES 64u
#define TEAMLIST_KEY_BYTES  32u

struct teamlist_epoch {
	int64_t start_s; /* it ends where the next one starts */
	uint8_t public_key[TEAMLIST_KEY_BYTES];
};

struct teamlist {
	uint8_t identity[TEAMLIST_KEY_BYTES];
	uint64_t number; /* of this list; a newer one has a higher number */
	int64_t end_s;   /* of the last epoch */
	size_t n;        /* epochs, 1 to TEAMLIST_EPOCHS_MAX */
	struct teamlist_epoch epochs[TEAMLIST_EPOCHS_MAX];
};

/*
 * Read the text of a list. Gives *ret: the caller ends it with
 * teamlist_free(). TL_EFORMAT: no list, damaged, or a key or an order that
 * cannot be. TL_EPROOF: the signature does not hold. TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err teamlist_parse(
    struct bytes text, struct teamlist **ret);

/* The same from a file; errors as keyfile_load() too. */
TL_MUST_CHECK enum tl_err teamlist_load(
    const char *path, struct teamlist **ret);

/*
 * Append the text of the list, signed: sign is the identity's seed and public
 * key. TL_EINVAL if the list is not one that teamlist_parse() would take, or
 * names another identity.
 */
TL_MUST_CHECK enum tl_err teamlist_print(struct buf *out,
    const struct teamlist *list,
    const uint8_t sign[static TEAMLIST_SIGN_BYTES]);

/* The same into a file, new or, with replace, in the place of the old one. */
TL_MUST_CHECK enum tl_err teamlist_save(const char *path, bool replace,
    const struct teamlist *list,
    const uint8_t sign[static TEAMLIST_SIGN_BYTES]);

/*
 * The epoch to seal to at this time. After the end it is the last, and before
 * the first too: a tip is never refused for a list or a clock, and the first
 * may be destroyed by now, the last is not.
 */
size_t teamlist_at(const struct teamlist *list, int64_t now_s);

/* Where the epoch ends. */
int64_t teamlist_end_of(const struct teamlist *list, size_t epoch);

/* Whole days until the list ends; below zero if it has ended. */
int64_t teamlist_days_left(const struct teamlist *list, int64_t now_s);

/* Whether a public key can be sealed to: no point of low order. */
bool teamlist_key_ok(const uint8_t public_key[static TEAMLIST_KEY_BYTES]);

/* NULL is fine. */
void teamlist_free(struct teamlist *list);

#endif
