/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/words.h - a value of the configuration that is a list of words, as in
 * "from=msisdn text=msg id=".
 *
 * Promise:   pieces point into the value, nothing is allocated.
 * Knows not: what the words mean.
 * Runs in:   as sms/custom.h.
 * Disk:      none.
 */
#ifndef TL_SMS_WORDS_H
#define TL_SMS_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

/* The place of word in words, which NULL ends, or -1. */
int words_find(const char *const *words, struct bytes word);

/* The next of the pieces between blanks; false at the end. */
bool words_next(struct bytes *rest, struct bytes *ret_piece);

/* Name, sign, value, at the first sign; false if there is none. */
bool words_split(struct bytes piece, char sign, struct bytes *ret_name,
    struct bytes *ret_value);

/* As a string in to, which has cap bytes; false if it does not fit. */
bool words_copy(char *to, size_t cap, struct bytes text);

#endif
