/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/lit.h - the bytes of a string literal, NULs inside it too; in
 * tables as well.
 */
#ifndef TL_TESTS_LIB_LIT_H
#define TL_TESTS_LIB_LIT_H

#include "base/bytes.h"

#define B(text) ((struct bytes){ (const uint8_t *)(text), sizeof(text) - 1 })

#endif
