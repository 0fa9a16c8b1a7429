/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * base/sandbox.h - what a process gives up before it listens to anybody.
 */
#ifndef TL_BASE_SANDBOX_H
#define TL_BASE_SANDBOX_H

#include <stddef.h>

#include "base/err.h"

/*
 * No core file, no debugger of the same user, no new rights by exec. Called
 * by every program after its files are open. TL_EPERM names a kernel that
 * refuses; the caller ends.
 */
TL_MUST_CHECK enum tl_err sandbox_basics(void);

/* For a child: end it when its parent ends, whatever the reason. */
TL_MUST_CHECK enum tl_err sandbox_die_with_parent(void);

/*
 * For a child, right after the fork: close every descriptor from 3 upwards
 * but the n of keep, which is sorted here.
 */
void sandbox_close_but(int *keep, size_t n);

#endif
