/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/kdf_home.h - a kdf, run in a process of its own, to whom a test
 * is the parent, the workers and the derivers.
 *
 * All calls end the test if what they wait for does not come in time. Who
 * fills the pool works only when nobody else wants the processor: that is long.
 */
#ifndef TL_TESTS_KDF_HOME_H
#define TL_TESTS_KDF_HOME_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/frame.h"

#define KDF_PATIENCE_MS 120000

struct kdf_home {
	char *dir;
	pid_t pid;
	int parent; /* the test's end of each */
	uint8_t pepper[32];
};

/* A frame that came. */
struct kdf_frame {
	uint16_t type;
	size_t len;
	uint8_t body[256];
};

/* Start one that keeps pool codes ready; it has said READY. */
void kdf_home_start(struct kdf_home *home, unsigned pool);

/* Hand over one end of a new socketpair; returns the other. */
int kdf_home_join(struct kdf_home *home, enum frame_type type);

/* It must end by itself; returns its exit status. */
int kdf_home_end(struct kdf_home *home);

void kdf_home_say(
    int fd, enum frame_type type, const void *body, size_t body_len);

/* Wait until all that was said there has been read: what comes later by
 * another way comes after it. */
void kdf_home_is_read(int fd);

/* The next frame on fd. */
void kdf_home_hear(int fd, struct kdf_frame *ret_frame);

/* Whether there is one within some milliseconds. */
bool kdf_home_speaks(int fd, int wait_ms);

#endif
