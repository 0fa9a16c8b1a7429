/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/disk/bad_calls.h - memory and calls to the system that fail. A
 * program that is linked with it takes calls of ours, which the Makefile names
 * and the linker turns around, to here; those of the libraries go where they
 * always go. So it is in no archive.
 */
#ifndef TL_TESTS_LIB_DISK_BAD_CALLS_H
#define TL_TESTS_LIB_DISK_BAD_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

enum bad_call {
	BAD_MALLOC,
	BAD_CALLOC,
	BAD_REALLOCARRAY,
	BAD_ASPRINTF,
	BAD_GETRANDOM,
	BAD_MKDIR,
	BAD_REALPATH,
	BAD_OPEN,
	BAD_OPENAT,
	BAD_FSTAT,
	BAD_FCHMOD,
	BAD_FLOCK,
	BAD_FSYNC,
	BAD_UNLINKAT,
	BAD_RENAMEAT2,
	BAD_FSTATVFS,
	BAD_POSIX_FALLOCATE,
	BAD_CALLS,
};

/* What is to fail, and what has been called. */
struct bad_calls {
	bool on;
	bool only; /* calls of one kind count, else of all */
	enum bad_call kind;
	unsigned calls;   /* that count, since it was switched on */
	unsigned fail_at; /* the first is 1; 0: none */
	int error;        /* memory: ENOMEM in any case */
	unsigned failed;
	/* NULL, or may change what was answered */
	void (*after_fstat)(struct stat *st);
	void (*after_fstatvfs)(struct statvfs *fs);
};

extern struct bad_calls bad_calls;

/* Switch on: the n-th call of that kind fails with error; */
void bad_calls_fail(enum bad_call kind, unsigned n, int error);
/* the n-th of any kind. */
void bad_calls_fail_any(unsigned n, int error);
/* malloc() that is not counted: for who fails on terms of their own. */
void *bad_calls_malloc(size_t len);
/* Switch off. How many have failed. */
unsigned bad_calls_end(void);

#endif
