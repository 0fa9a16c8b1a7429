/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypto/certificate.h - what a certificate in PEM says: until when, for whom,
 * by whom.
 *
 * Knows not: whom anybody trusts. Pure.
 * Runs in:   the intake, tipline.
 */
#ifndef TL_CRYPTO_CERTIFICATE_H
#define TL_CRYPTO_CERTIFICATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"

struct certificate {
	int64_t from_s; /* since 1970 */
	int64_t to_s;
	bool self_signed; /* issuer and subject are the same */
	bool for_host;    /* of the call; true if it named none */
	/* It names logs that have it (RFC 6962), as browsers want it of every
	 * authority that they know. */
	bool published;
};

/*
 * Judge the first certificate of a chain in PEM. host may be NULL: not asked
 * for. TL_EFORMAT: it begins with none; TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err certificate_read(
    struct bytes pem, const char *host, struct certificate *ret);

/*
 * Does a chain in PEM, the first certificate and what of the others is needed,
 * lead to one of roots, which are certificates in PEM too, at that time? Errors
 * as certificate_read().
 */
TL_MUST_CHECK enum tl_err certificate_leads(
    struct bytes pem, struct bytes roots, int64_t now_s, bool *ret_leads);

#endif
