/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/sandbox.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum tl_err sandbox_basics(void)
{
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
		return TL_EPERM;
	}
	return TL_OK;
}

enum tl_err sandbox_die_with_parent(void)
{
	return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 ? TL_OK
							      : TL_EPERM;
}

static int by_number(const void *a, const void *b)
{
	const int *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void sandbox_close_but(int *keep, size_t n)
{
	unsigned first = 3;

	if (n > 0) {
		qsort(keep, n, sizeof(*keep), by_number);
	}
	for (size_t i = 0; i < n; i++) {
		if (keep[i] < (int)first) {
			continue;
		}
		if (keep[i] > (int)first) {
			(void)close_range(first, (unsigned)keep[i] - 1, 0);
		}
		first = (unsigned)keep[i] + 1;
	}
	(void)close_range(first, ~0u, 0);
}
