/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/digits.h - the digits 0, 1 and 9 of a short message: somebody watches,
 * it is safe to reply, urgent.
 *
 * A message of nothing but these digits and separators says each of them; 0
 * beats 1. In front of a text a lone 0 or 9 says the same, a lone 1 says
 * nothing ("1 girl is locked in"). Digits of longer numbers say nothing. The
 * digits of every listed script count.
 */
#ifndef TL_TEXT_DIGITS_H
#define TL_TEXT_DIGITS_H

#include <stdbool.h>

#include "base/bytes.h"

struct digits {
	bool zero, one, nine;
};

struct digits digits_read(struct bytes text);

#endif
