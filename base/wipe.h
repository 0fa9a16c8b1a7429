/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * base/wipe.h - make bytes unreadable before their memory is used again.
 */
#ifndef TL_BASE_WIPE_H
#define TL_BASE_WIPE_H

#include <stdbool.h>
#include <stddef.h>

/* Zero len bytes; the compiler may not leave it out. p may be NULL if len
 * is 0. */
void wipe(void *p, size_t len);

/* Whether free() and realloc() of this program wipe what they give back:
 * base/wipe_malloc.c is linked. */
extern const bool wipe_by_free;

/*
 * Zero the part of the stack that calls made so far have used and left.
 * Libraries keep short strings (a phone number in a std::string) in frames
 * that nobody wipes; call this when a request has been answered.
 */
void wipe_stack(void);

#endif
