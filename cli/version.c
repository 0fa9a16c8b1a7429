/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cli/version.h"

#include <stdio.h>

#include "cli/cli.h"

static const char help[] = "Usage: tipline version\n"
			   "\n"
			   "Print the version.\n";

int cli_version(const char *config_path, int argc, char **argv)
{
	static const struct option options[] = { CLI_OPTIONS_END };
	int status = cli_options(argc, argv, options, 0, 0, help, NULL, NULL);

	(void)config_path;
	if (status == CLI_GO_ON) {
		(void)printf("tipline %s\n", TIPLINE_VERSION);
		status = CLI_OK;
	}
	return status;
}
