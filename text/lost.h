/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/lost.h - has somebody on the way lost the letters of a text?
 *
 * A gateway that does not know an encoding writes one sign for each letter:
 * mostly a question mark. Nobody can get the words back; but who reads such a
 * tip should know that there were some, and that the next one is lost, too.
 */
#ifndef TL_TEXT_LOST_H
#define TL_TEXT_LOST_H

#include <stdbool.h>

#include "base/bytes.h"

/* True if such signs are all that is there, or by far the most. "???" alone
 * is a person who waits. */
bool lost_letters(struct bytes text);

#endif
