/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/open_start.h"

#include <limits.h>
#include <unistd.h>

#include "base/log.h"
#include "base/program.h"
#include "cli/cli.h"

int cli_open(int argc, char **argv)
{
	char path[PATH_MAX];

	(void)argc;
	if (program_beside("tipline-open", path) == TL_OK) {
		(void)execve(path, argv, environ);
	}
	say_error("tipline-open is not beside this program: is the package "
		  "tipline-tools whole?");
	return CLI_WRONG;
}
