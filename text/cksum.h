/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * text/cksum.h - the number that the command cksum of POSIX prints for a file:
 * it says which list was in force to anybody who has the list. It is no proof
 * against who makes another list on purpose.
 */
#ifndef TL_TEXT_CKSUM_H
#define TL_TEXT_CKSUM_H

#include <stdint.h>

#include "base/bytes.h"

uint32_t cksum(struct bytes file);

#endif
