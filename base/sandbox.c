/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/sandbox.h"

#include <signal.h>
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

void sandbox_close_from(int first)
{
	if (first >= 0) {
		closefrom(first);
	}
}
