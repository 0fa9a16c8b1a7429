/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/bench/load/tally.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/load/must.h"

#define LATENCIES_MAX 1000000u

static bool counting;
static uint64_t good, bad, cut;
static float latencies[LATENCIES_MAX]; /* ms */
static const long *measured;
static int n_measured;
static double cpu_s[TALLY_PIDS_MAX];
static double mine_s;
static double start_s;

static double clock_s(clockid_t clock)
{
	struct timespec ts;

	(void)clock_gettime(clock, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

double tally_now_s(void)
{
	return clock_s(CLOCK_MONOTONIC);
}

/* The first number of schedstat: what a process has run, in ns. */
static double cpu_of_s(long pid)
{
	char path[64];
	char text[128];
	ssize_t len;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%ld/schedstat", pid);
	fd = open(path, O_RDONLY);
	must(fd >= 0, "a process that is measured has ended");
	len = read(fd, text, sizeof(text) - 1);
	must(len > 0, "schedstat");
	text[len] = '\0';
	(void)close(fd);
	return strtod(text, NULL) / 1e9;
}

void tally_good(double began_s)
{
	if (!counting) {
		return;
	}
	if (good < LATENCIES_MAX) {
		latencies[good] = (float)((tally_now_s() - began_s) * 1e3);
	}
	good++;
}

void tally_bad(void)
{
	bad += counting;
}

void tally_cut(void)
{
	cut += counting;
}

void tally_begin(const long *pids, int n_pids)
{
	measured = pids;
	n_measured = n_pids;
	for (int i = 0; i < n_measured; i++) {
		cpu_s[i] = cpu_of_s(measured[i]);
	}
	mine_s = clock_s(CLOCK_PROCESS_CPUTIME_ID);
	start_s = tally_now_s();
	counting = true;
}

static int by_size(const void *a, const void *b)
{
	float x = *(const float *)a;
	float y = *(const float *)b;

	return (x > y) - (x < y);
}

static double percentile(size_t n, double part)
{
	return n == 0 ? 0 : (double)latencies[(size_t)(part * (double)(n - 1))];
}

void tally_end(void)
{
	size_t n = good < LATENCIES_MAX ? good : LATENCIES_MAX;
	double took_s;

	counting = false;
	took_s = tally_now_s() - start_s;
	for (int i = 0; i < n_measured; i++) {
		cpu_s[i] = cpu_of_s(measured[i]) - cpu_s[i];
	}
	mine_s = clock_s(CLOCK_PROCESS_CPUTIME_ID) - mine_s;
	qsort(latencies, n, sizeof(latencies[0]), by_size);
	(void)printf("{\"good\":%llu,\"bad\":%llu,\"cut\":%llu,"
		     "\"seconds\":%.6f,\"load_cpu\":%.6f,\"p50_ms\":%.4f,"
		     "\"p99_ms\":%.4f,\"cpu\":[",
	    (unsigned long long)good, (unsigned long long)bad,
	    (unsigned long long)cut, took_s, mine_s, percentile(n, 0.50),
	    percentile(n, 0.99));
	for (int i = 0; i < n_measured; i++) {
		(void)printf("%s%.9f", i > 0 ? "," : "", cpu_s[i]);
	}
	(void)printf("]}\n");
}
