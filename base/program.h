/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * base/program.h - how our programs begin and end, the same for all.
 *
 * Runs in:   main() of each program, before anything else of it.
 */
#ifndef TL_BASE_PROGRAM_H
#define TL_BASE_PROGRAM_H

#include <limits.h>
#include <stdbool.h>

#include "base/err.h"

#define PROGRAM_CONFIG "/etc/tipline/tipline.conf"
#define PROGRAM_TOOLS  "/usr/share/tipline/tools"

/* Why a server, or a child of one, ended. The systemd units know them. */
enum exit_status {
	EXIT_STATUS_OK = 0,
	/* configuration, keys or sockets: trying again will not help before
	 * the operator has mended what was said */
	EXIT_STATUS_NO_START = 1,
	EXIT_STATUS_USAGE = 2,
	/* disk, memory or the other side: a new start may help */
	EXIT_STATUS_FAILED = 3,
};

/* Have the signal ignored from here on. */
void program_ignore(int signal_number);

/*
 * For every program: its name for logs (kept: a literal), files for nobody
 * else, and a peer that has gone is an error of write() and not our end:
 * hiredis and libevent write without asking for that.
 */
void program_begin(const char *name);

/*
 * The path of another program of ours, in the folder of the one that runs.
 * TL_ENOENT: it is not there, or may not be run. TL_EIO.
 */
TL_MUST_CHECK enum tl_err program_beside(
    const char *name, char ret_path[static PATH_MAX]);

/*
 * Read a server's command line: -c FILE, --check, -h, --help. Returns the path
 * of the configuration; NULL: end with *ret_status, the usage text was printed.
 * *ret_check: read all that a start reads and end. With ret_check NULL this
 * program has no --check.
 */
const char *program_config(
    int argc, char **argv, const char *usage, bool *ret_check, int *ret_status);

/*
 * Of a file that the configuration names and --check is to read: is it there?
 * What is not was told with the other files, or is another unit's credential,
 * which systemd hands over at the start.
 */
bool program_has(const char *path);

#endif
