/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * cli/doctor_visit.h - what the parts of tipline doctor share: where to look,
 * and whom to tell.
 *
 * Runs in:   tipline doctor. Disk: reads below root.
 */
#ifndef TL_CLI_DOCTOR_VISIT_H
#define TL_CLI_DOCTOR_VISIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DOCTOR_FILE_BYTES 8192u

/* Gets one finding with its cure at a time, borrowed for the call. */
typedef void (*doctor_say_fn)(void *arg, const char *sentence);

struct doctor {
	const char *root; /* "" , or a folder that stands for / in tests */
	int64_t now_s;    /* since 1970 */
	doctor_say_fn say;
	void *arg;
	size_t n; /* findings so far */
};

__attribute__((format(printf, 2, 3))) void doctor_tell(
    struct doctor *doctor, const char *format, ...);

/* The first bytes of a file below root, as text; false if it is not there. */
bool doctor_read(const struct doctor *doctor, const char *name,
    char ret_text[DOCTOR_FILE_BYTES]);

#endif
