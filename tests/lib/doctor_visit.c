/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/doctor_visit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/lib/tempdir.h"

void doctor_put(const char *dir, const char *file, const char *text)
{
	FILE *out = fopen(tempdir_path(dir, file), "we");

	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
}

static void remember(void *arg, const char *sentence)
{
	struct doctor_heard *heard = arg;

	(void)snprintf(heard->said, sizeof(heard->said), "%s", sentence);
	heard->n++;
}

struct doctor doctor_visit(const char *root, struct doctor_heard *heard)
{
	return (struct doctor){ .root = root,
		.now_s = clock_wall_s(),
		.say = remember,
		.arg = heard };
}

void doctor_expect(const struct doctor_heard *heard, size_t n, const char *said)
{
	if (heard->n != n || strstr(heard->said, said) == NULL) {
		fail_msg("%zu findings, not %zu, and not of %s: %s", heard->n,
		    n, said, heard->said);
	}
}
