/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/doctor_visit.h - a doctor who looks at a made-up host, and what it
 * says of it.
 */
#ifndef TL_TESTS_DOCTOR_VISIT_H
#define TL_TESTS_DOCTOR_VISIT_H

#include <stddef.h>

#include "cli/doctor_visit.h"

/* The last sentence, and how many there were. */
struct doctor_heard {
	char said[1024];
	size_t n;
};

/* Write a file of the host whose root is dir; its folder is there. */
void doctor_put(const char *dir, const char *file, const char *text);

/* A doctor of now, whose sentences heard takes. */
struct doctor doctor_visit(const char *root, struct doctor_heard *heard);

/* So many sentences, and the last has these words in it. */
void doctor_expect(
    const struct doctor_heard *heard, size_t n, const char *said);

#endif
