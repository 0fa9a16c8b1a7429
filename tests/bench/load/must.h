/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/bench/load/must.h - what a load cannot go on without.
 */
#ifndef TL_TESTS_BENCH_LOAD_MUST_H
#define TL_TESTS_BENCH_LOAD_MUST_H

#include <stdbool.h>

/* End the program if it does not hold, saying what and errno. */
void must(bool holds, const char *what);

#endif
