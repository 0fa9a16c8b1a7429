/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/program.h"

#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

void program_ignore(int signal_number)
{
	const struct sigaction action = { .sa_handler = SIG_IGN };

	(void)sigaction(signal_number, &action, NULL);
}

void program_begin(const char *name)
{
	log_open(name);
	(void)umask(0077);
	program_ignore(SIGPIPE);
}

enum tl_err program_beside(const char *name, char ret_path[static PATH_MAX])
{
	ssize_t len = readlink("/proc/self/exe", ret_path, PATH_MAX - 1);
	size_t name_len = strlen(name);
	char *slash;

	if (len < 0) {
		return TL_EIO;
	}
	ret_path[len] = '\0';
	slash = strrchr(ret_path, '/');
	if (slash == NULL ||
	    (size_t)(slash - ret_path) + 1 + name_len >= PATH_MAX) {
		return TL_ENOENT;
	}
	memcpy(slash + 1, name, name_len + 1);
	return access(ret_path, X_OK) == 0 ? TL_OK : TL_ENOENT;
}

const char *program_config(
    int argc, char **argv, const char *usage, bool *ret_check, int *ret_status)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "check", no_argument, NULL, 'k' },
		{ 0 },
	};
	const char *path = PROGRAM_CONFIG;
	bool check = false;
	bool wrong = false;
	int option;

	while ((option = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
		if (option == 'h') {
			(void)fputs(usage, stdout);
			*ret_status = EXIT_STATUS_OK;
			return NULL;
		}
		if (option == 'c') {
			path = optarg;
		}
		wrong = wrong || option == '?' ||
		    (option == 'k' && ret_check == NULL);
		check = check || option == 'k';
	}
	if (wrong || optind != argc) {
		(void)fputs(usage, stderr);
		*ret_status = EXIT_STATUS_USAGE;
		return NULL;
	}
	if (ret_check != NULL) {
		*ret_check = check;
	}
	return path;
}

bool program_has(const char *path)
{
	return access(path, F_OK) == 0;
}
