/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/bench/load/request.h - the request that is sent, each time with digits
 * that never come again, and signed if it has room for a signature: see the
 * head of tests/bench/load.c.
 */
#ifndef TL_TESTS_BENCH_LOAD_REQUEST_H
#define TL_TESTS_BENCH_LOAD_REQUEST_H

#include <stddef.h>

#define REQUEST_MAX 16384u

/* Read it from a file, and LOAD_KEY and LOAD_TIME if it is to be signed. */
void request_read(const char *path);

/* Write the next one, and return how long it is. */
size_t request_next(char request[static REQUEST_MAX]);

#endif
