/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Setting up a host is files, owners and calls of other programs: a script that
 * an administrator can read, and that can be run without changing anything.
 */
#include "cli/setup.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/cli.h"

/* Beside the program: as installed, as built, and as built in a variant. */
static const char *const places[] = { "/../share/tipline/tools/setup",
	"/../tools/setup", "/../../tools/setup" };

/* In ret_self the program itself, in ret_script the script; false if it is
 * nowhere. */
static bool find_script(char ret_self[static PATH_MAX], char *ret_script)
{
	ssize_t len = readlink("/proc/self/exe", ret_self, PATH_MAX - 1);
	const char *slash;

	if (len < 0) {
		return false;
	}
	ret_self[len] = '\0';
	slash = strrchr(ret_self, '/');
	for (size_t i = 0;
	     slash != NULL && i < sizeof(places) / sizeof(places[0]); i++) {
		int n = snprintf(ret_script, PATH_MAX, "%.*s%s",
		    (int)(slash - ret_self), ret_self, places[i]);

		if (n > 0 && n < PATH_MAX && access(ret_script, X_OK) == 0) {
			return true;
		}
	}
	return false;
}

int cli_setup(int argc, char **argv)
{
	char self[PATH_MAX], script[PATH_MAX];

	(void)argc;
	if (!find_script(self, script)) {
		say_error("the script of tipline setup is not beside this"
			  " program, in ../share/tipline/tools");
		return CLI_WRONG;
	}
	/* the script calls this program, and no other of its name */
	if (setenv("TIPLINE", self, 1) != 0) {
		say_error("%s", err_text(TL_ENOMEM));
		return CLI_WRONG;
	}
	(void)execve(script, argv, environ);
	say_error("%s: cannot be run: %s", script, strerror(errno));
	return CLI_WRONG;
}
