/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/net/urlencoded.h - application/x-www-form-urlencoded as browsers
 * send it; queries of reporter pages too.
 *
 * Promise:   every byte that was sent comes out, valid UTF-8 or not, NUL
 *            too. A broken "%" is refused: no browser sends one.
 * Knows not: field names, characters. Gateways have a decoder of their own,
 *            since there a broken "%" must not cost a message.
 * Runs in:   the intake's workers, the command line, tests.
 * Disk:      none. Values are plaintext: wiped by urlencoded_free().
 */
#ifndef TL_SERVER_NET_URLENCODED_H
#define TL_SERVER_NET_URLENCODED_H

#include <stddef.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

#define URLENCODED_PAIRS_MAX 128u

struct form_pair {
	struct bytes name;
	struct bytes value;
};

struct urlencoded {
	struct form_pair pairs[URLENCODED_PAIRS_MAX]; /* in their order */
	size_t n_pairs;
	struct buf decoded; /* what the pairs point into */
};

/*
 * Split body at "&", each piece at its first "=", and decode. Empty pieces
 * are skipped; a piece without "=" is a name with an empty value. Borrows
 * body, gives *ret_form: end it with urlencoded_free(). Returns TL_EFORMAT,
 * TL_ETOOBIG (more than 128 pairs) or TL_ENOMEM; *ret_form is empty then.
 */
TL_MUST_CHECK enum tl_err urlencoded_parse(
    struct bytes body, struct urlencoded *ret_form);

/* Wipe and free. A zeroed struct is fine. */
void urlencoded_free(struct urlencoded *form);

/*
 * The value of a name that may come once: TL_ENOENT if it is not there,
 * TL_EEXIST if it came more than once (to be refused with 400).
 */
TL_MUST_CHECK enum tl_err form_one(const struct form_pair *pairs,
    size_t n_pairs, const char *name, struct bytes *ret_value);

#endif
