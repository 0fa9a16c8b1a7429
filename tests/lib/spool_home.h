/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/spool_home.h - the real tipline-spool in a folder of its own, and
 * the other ends of its sockets. Waits have a limit; what does not hold
 * aborts.
 */
#ifndef TL_TESTS_LIB_SPOOL_HOME_H
#define TL_TESTS_LIB_SPOOL_HOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/frame.h"
#include "crypto/keyfile.h"
#include "queue/spool_stats.h"

#define HOME_ID_BYTES   16u
#define HOME_MANY_BYTES (4u * 1024u * 1024u)

struct spool_home {
	char top[64];
	char conf[128];
	uint8_t sign[KEY_SIGN_BYTES]; /* the desk's */
	pid_t pid;                    /* 0: not running */
};

/* For cmocka: a running one with nothing in it. */
int home_set_up(void **state);
int home_tear_down(void **state);

void home_path(const struct spool_home *h, const char *name, char path[128]);
void home_write_conf(
    const struct spool_home *h, const char *folder, const char *more);
/* Only fork and exec; home_start() waits until it listens. */
pid_t home_launch(const struct spool_home *h);
void home_start(struct spool_home *h);
/* Its exit status, or 128 + signal. */
int home_wait_end(pid_t pid);
int home_stop(struct spool_home *h, int number);

/* Connect to one of intake.sock, relay.sock, admin.sock. */
int home_door(const struct spool_home *h, const char *name);
void home_say(int fd, const struct buf *bytes);
void home_say_frame(int fd, enum frame_type type, const void *body, size_t len);
/* The next frame; its bytes are in buf. false: they closed. */
bool home_hear(int fd, struct buf *buf, struct frame *ret_frame);

/* The record number n. */
void home_record(
    uint32_t n, uint8_t id[static HOME_ID_BYTES], struct buf *sealed);
/* Append a PUT of n records from first on. dedup is 16 bytes, or NULL. */
void home_add_put(struct buf *out, uint32_t req, uint32_t first, uint8_t n,
    bool urgent, const char *dedup);
void home_say_put(int fd, uint32_t req, uint32_t n);
/* The next frame, but for ROOM, must be type with req in front; its last
 * byte. */
uint8_t home_hear_answer(int fd, enum frame_type type, uint32_t req);
/* Put n new records and hear KEPT for each. */
void home_keep(int fd, uint32_t first, uint32_t n);
/* Who has that door says flood, more than the spool can hold, all at once,
 * again and again; a worker beside it has one tip kept each time. */
void home_has_room_beside(
    const struct spool_home *h, const char *door, const struct buf *flood);

/* TAKE up to most; hold each against its number, which is below met_n, and
 * mark it. How many came. */
unsigned home_take(int fd, uint16_t most, bool *met, uint32_t met_n);
unsigned home_take_all(int fd, bool *met, uint32_t met_n);
/* A receipt for record n by sign, byte flip of it spoilt (-1: none); how it
 * was answered. */
uint8_t home_give_receipt(
    int fd, uint32_t n, const uint8_t sign[static KEY_SIGN_BYTES], int flip);
struct spool_stats home_stats(const struct spool_home *h);

#endif
