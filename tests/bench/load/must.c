/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/bench/load/must.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void must(bool holds, const char *what)
{
	if (!holds) {
		(void)fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
		exit(1);
	}
}
