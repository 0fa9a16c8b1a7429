/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/version.h"

#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static const char help[] = "Usage: tipline version\n"
			   "Print the version.\n";

int cli_version(const char *config_path, int argc, char **argv)
{
	(void)config_path;
	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		(void)fputs(help, stdout);
		return CLI_OK;
	}
	if (argc > 1) {
		(void)fputs(help, stderr);
		return CLI_USAGE;
	}
	(void)printf("tipline %s\n", TIPLINE_VERSION);
	return CLI_OK;
}
