/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * base/wipe_malloc.c - memory that is given back is wiped first, in the whole
 * process.
 *
 * Promise:   what a library has copied of a tip (OpenSSL's records, libevent's
 *            chains, a JSON string, a number inside ICU) does not outlive its
 *            free().
 * Why here:  OpenSSL and libevent take allocators, jansson too, but
 *            libphonenumber, ICU, protobuf and the C++ library do not. A free()
 *            of the program's own stands before glibc's for all of them.
 *
 * Linked into the public programs as an object, never into an archive, and
 * left out where a sanitizer or valgrind brings its own allocator.
 */
#include <malloc.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/wipe.h"

const bool wipe_by_free = true;

/* glibc's own, exported under these names for programs that do this */
void __libc_free(void *p);
void *__libc_malloc(size_t len);

void free(void *p)
{
	if (p != NULL) {
		explicit_bzero(p, malloc_usable_size(p));
		__libc_free(p);
	}
}

/* glibc's realloc gives the old block back without asking free(). */
void *realloc(void *p, size_t len)
{
	size_t old = p == NULL ? 0 : malloc_usable_size(p);
	void *q;

	if (p != NULL && len == 0) {
		free(p);
		return NULL;
	}
	if (len <= old && len > 0) {
		return p;
	}
	q = __libc_malloc(len);
	if (q != NULL && p != NULL) {
		memcpy(q, p, old);
		free(p);
	}
	return q;
}
