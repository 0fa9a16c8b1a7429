/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/assert_bytes.h - compare borrowed bytes with a literal, NULs
 * inside it too. Include it after cmocka.
 */
#ifndef TL_TESTS_LIB_ASSERT_BYTES_H
#define TL_TESTS_LIB_ASSERT_BYTES_H

#include "base/bytes.h"

#define assert_bytes(given, literal) \
	do { \
		struct bytes is_ = (given); \
		assert_int_equal(is_.len, sizeof(literal) - 1); \
		assert_memory_equal( \
		    is_.at == NULL ? "" : (const char *)is_.at, literal, \
		    is_.len); \
	} while (0)

#endif
