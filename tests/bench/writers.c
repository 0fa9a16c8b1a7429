/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Writers who hand records to a running tipline-spool, each the next one when
 * the last was answered, as workers do for their reporters: answers a second,
 * and how long one takes.
 *
 * Usage: writers SOCKET WRITERS SECONDS RECORD-BYTES [RECORDS]
 * Ends after SECONDS or RECORDS. Prints {"rate": , "p50_ms": , "p99_ms": ,
 * "refused": }.
 */
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/dial.h"
#include "base/frame.h"

#define WRITERS_MOST 1024u
#define HEAD_BYTES   8u
#define ANSWER_BYTES (HEAD_BYTES + 5u)
#define SAMPLES_MOST 4000000u
/* request, number of records, id, keys, urgent, channel, length */
#define BODY_HEAD_BYTES (4u + 1u + 16u + 3u + 4u)

static void must(bool holds, const char *what)
{
	if (!holds) {
		(void)fprintf(stderr, "bench writers: %s failed\n", what);
		exit(1);
	}
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static uint8_t *message;
static size_t message_len;
static struct pollfd fds[WRITERS_MOST];
static uint64_t since_ns[WRITERS_MOST];
static uint32_t *samples_us;
static size_t n_samples;
static size_t n_refused;

static void put_u32(uint8_t *at, uint32_t n)
{
	at[0] = (uint8_t)(n >> 24);
	at[1] = (uint8_t)(n >> 16);
	at[2] = (uint8_t)(n >> 8);
	at[3] = (uint8_t)n;
}

static void make_message(uint32_t bytes)
{
	message_len = HEAD_BYTES + BODY_HEAD_BYTES + bytes;
	message = calloc(1, message_len);
	must(message != NULL, "memory");
	put_u32(message, BODY_HEAD_BYTES + bytes);
	message[5] = FRAME_PUT;
	message[HEAD_BYTES + 4] = 1;
	put_u32(message + HEAD_BYTES + BODY_HEAD_BYTES - 4, bytes);
	must(getrandom(message + HEAD_BYTES + BODY_HEAD_BYTES,
		 bytes < 256 ? bytes : 256, 0) > 0,
	    "getrandom");
}

static void say_next(size_t i)
{
	must(getrandom(message + HEAD_BYTES + 5, 16, 0) == 16, "getrandom");
	since_ns[i] = now_ns();
	for (size_t done = 0; done < message_len;) {
		ssize_t n =
		    write(fds[i].fd, message + done, message_len - done);

		must(n > 0, "write");
		done += (size_t)n;
	}
}

static void hear(size_t i)
{
	uint8_t answer[ANSWER_BYTES];
	ssize_t n = recv(fds[i].fd, answer, sizeof(answer), MSG_WAITALL);

	must(n == (ssize_t)sizeof(answer), "reading an answer");
	if (answer[5] != FRAME_KEPT) {
		n_refused++;
	} else if (n_samples < SAMPLES_MOST) {
		samples_us[n_samples++] =
		    (uint32_t)((now_ns() - since_ns[i]) / 1000);
	}
}

static int by_size(const void *a, const void *b)
{
	const uint32_t *x = a;
	const uint32_t *y = b;

	return (*x > *y) - (*x < *y);
}

int main(int argc, char **argv)
{
	size_t writers = argc > 4 ? strtoul(argv[2], NULL, 10) : 0;
	double seconds = argc > 4 ? strtod(argv[3], NULL) : 0;
	size_t most = argc > 5 ? strtoul(argv[5], NULL, 10) : SAMPLES_MOST;
	uint64_t start;
	double took;

	must(writers >= 1 && writers <= WRITERS_MOST && seconds > 0 &&
		most > 0 && most <= SAMPLES_MOST,
	    "usage");
	samples_us = calloc(SAMPLES_MOST, sizeof(*samples_us));
	must(samples_us != NULL, "memory");
	make_message((uint32_t)strtoul(argv[4], NULL, 10));
	for (size_t i = 0; i < writers; i++) {
		must(dial_unix(argv[1], 30, &fds[i].fd) == TL_OK, "connect");
		fds[i].events = POLLIN;
	}
	start = now_ns();
	for (size_t i = 0; i < writers; i++) {
		say_next(i);
	}
	while (n_samples < most && (double)(now_ns() - start) / 1e9 < seconds) {
		must(poll(fds, writers, 30000) > 0, "poll");
		for (size_t i = 0; i < writers; i++) {
			if ((fds[i].revents & POLLIN) != 0) {
				hear(i);
				say_next(i);
			}
		}
	}
	took = (double)(now_ns() - start) / 1e9;
	qsort(samples_us, n_samples, sizeof(*samples_us), by_size);
	(void)printf("{\"rate\": %.0f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, "
		     "\"refused\": %zu}\n",
	    (double)n_samples / took, samples_us[n_samples / 2] / 1e3,
	    samples_us[n_samples * 99 / 100] / 1e3, n_refused);
	return 0;
}
