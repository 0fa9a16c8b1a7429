/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/net_stub.h - the engine with an application that only counts and
 * answers, in a process of its own.
 *
 * Disk: certificates, sockets and standard error in a folder of the test.
 */
#ifndef TL_TESTS_LIB_NET_STUB_H
#define TL_TESTS_LIB_NET_STUB_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "server/net/server.h"

#define STUB_LATE_MS 500u

/*
 * Its routes:
 *   /late       after STUB_LATE_MS          /never     never answers
 *   /big        64 KiB of answer            /echo      the body
 *   /drop       reset                       /twice     answers two times
 *   /small      bodies of 8 bytes, multipart of 64
 *   /long       "ok"; bodies of 1 MiB
 *   /sms/echo   gateway                     /sms/never gateway, own overdue
 *   /sms/mute   gateway, drop_errors        /stats     admin
 *   /upload, /upload/slow, /upload/none: tests/lib/net_stub_upload.h
 *   any other path: "ok"; "/post" takes POST only
 */
struct stub {
	char *dir;
	pid_t pid;
	unsigned https_port;
};

struct stub_opts {
	struct net_deadlines deadlines;
	struct net_limits limits;
	const char *const *hosts; /* of the HTTPS door */
	uint64_t descriptors_max; /* RLIMIT_NOFILE of the child; 0: as it is */
};

/* Deadlines of fractions of a second, limits as the engine's. */
struct stub_opts stub_quick(void);

/* Make the certificates and start; the caller ends it with stub_stop(). */
void stub_start(struct stub *stub, const struct stub_opts *opts);

/* End it, if stub_wait() has not seen its end; fails the test if it failed or
 * left a word on standard error. */
void stub_stop(struct stub *stub);

/* SIGUSR1: it drains, and ends by itself when that is done. */
void stub_drain(struct stub *stub);

/* Wait for its end; its exit status or -1. */
int stub_wait(struct stub *stub);

/* A number out of /stats by its name, as "open". */
uint64_t stub_stat(const struct stub *stub, const char *name);

/* Wait until /stats says so, at most 30 s; fails the test otherwise. */
void stub_await(const struct stub *stub, const char *name, uint64_t value);

/* Bytes that the child has written to standard error. */
size_t stub_said(const struct stub *stub);

/* Resident memory of the child in KiB. */
uint64_t stub_rss_kib(const struct stub *stub);

/* Milliseconds of CPU that the child has used. */
uint64_t stub_cpu_ms(const struct stub *stub);

#endif
