/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/spool/put.h - read the bodies of PUT and RECEIPT.
 *
 * Promise:   what was read is whole and within the limits of queue/spool.h;
 *            whoever sends anything else has been taken over.
 * Knows not: sockets, the disk. Pure.
 * Format:    docs/FORMAT.md, "Frames".
 */
#ifndef TL_SPOOL_PUT_H
#define TL_SPOOL_PUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "queue/spool.h"

/* All pointers into the body. */
struct put {
	uint32_t req;
	size_t n; /* 1 to SPOOL_BATCH_MAX */
	struct spool_record records[SPOOL_BATCH_MAX];
};

/*
 * TL_EFORMAT for anything but exactly one well-formed body; then *ret_put is
 * worth nothing. It has nine kilobytes, and each record passes here twice: so
 * it is the caller's, and nothing of it is copied or cleared.
 */
TL_MUST_CHECK enum tl_err put_read(struct bytes body, struct put *ret_put);

/* Pointers into the body. */
struct receipt {
	const uint8_t *id;
	const uint8_t *hash;
	const uint8_t *signature;
};

TL_MUST_CHECK enum tl_err receipt_read(
    struct bytes body, struct receipt *ret_receipt);

#endif
