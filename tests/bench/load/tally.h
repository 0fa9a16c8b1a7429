/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/bench/load/tally.h - what came of the requests, and the CPU time that
 * processes took meanwhile.
 */
#ifndef TL_TESTS_BENCH_LOAD_TALLY_H
#define TL_TESTS_BENCH_LOAD_TALLY_H

#define TALLY_PIDS_MAX 16

/* The clock that it counts by. */
double tally_now_s(void);

/* An answer that was a success, to a request of this time; one that was none;
 * a connection that ended in the middle. Nothing counts but between
 * tally_begin() and tally_end(). */
void tally_good(double began_s);
void tally_bad(void);
void tally_cut(void);

/* From now on, together with these processes, TALLY_PIDS_MAX at most. Keeps
 * pids until tally_end(). */
void tally_begin(const long *pids, int n_pids);
/* All of it, as one JSON object, on standard output. */
void tally_end(void);

#endif
