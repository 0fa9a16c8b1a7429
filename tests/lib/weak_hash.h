/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/weak_hash.h - stands in for BLAKE2b-256 where a test needs only
 * that other bytes have another hash. Fast, and no secret is kept by it.
 */
#ifndef TL_TESTS_LIB_WEAK_HASH_H
#define TL_TESTS_LIB_WEAK_HASH_H

#include <stddef.h>
#include <stdint.h>

void weak_hash(uint8_t out[static 32], const void *msg, size_t len);

#endif
