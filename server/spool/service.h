/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/spool/service.h - the spool behind its sockets.
 *
 * Promise:   KEPT leaves only after the commit of its records, FORGOTTEN
 *            only after the receipt verified and the deletion is durable.
 *            These answers leave in the order of their frames; REFUSED for
 *            want of patience leaves at once.
 * Knows not: where the sockets and keys came from; what is in a record.
 * Runs in:   tipline-spool. It is alone there, so it may wait for the disk.
 * Disk:      through queue/spool.h only.
 *
 * Groups need no timer. What comes while a commit runs waits in the sockets
 * and is read when it has ended; the next group runs as soon as a turn of the
 * loop has brought nothing new, or at once when it is full.
 */
#ifndef TL_SPOOL_SERVICE_H
#define TL_SPOOL_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/frame.h"
#include "crypto/keyfile.h"
#include "queue/spool.h"

/* Frames and bytes that may wait for their group, half of them from one
 * client; beyond: REFUSED, busy. */
#define SERVICE_WAITING_FRAMES 1024u
#define SERVICE_WAITING_BYTES  ((size_t)32u * 1024u * 1024u)
/* A group ends when it holds so many bytes (or opts.group_records). */
#define SERVICE_GROUP_BYTES ((size_t)1024u * 1024u)
#define SERVICE_CLIENTS_MAX 256u
/* Of those, by the admin socket: in all, and of those who may only watch.
 * Whoever watches keeps neither intake nor owner out. */
#define SERVICE_ADMINS_MAX   64u
#define SERVICE_WATCHERS_MAX 16u
/* Who asks for counts reads them before there are so many bytes of them. */
#define SERVICE_COUNTS_BYTES ((size_t)64u * 1024u)

struct event_base;
struct service;

/* Why the loop ended. */
enum service_end {
	SERVICE_STOPPED, /* service_stop() */
	SERVICE_FAILED,  /* the disk or memory failed: end with a status */
};

struct service_opts {
	struct event_base *base; /* with SERVICE_PRIORITIES priorities; kept */
	struct spool *spool;     /* kept; the caller closes it after us */
	const uint8_t (*receipt_keys)[KEY_BYTES]; /* kept */
	size_t n_receipt_keys;
	size_t group_records; /* 1 to SPOOL_GROUP_MAX - SPOOL_BATCH_MAX */
};

/* The loop needs one that is lower than what peers get. */
#define SERVICE_PRIORITIES 3

/* Gives *ret_service: ended with service_free(). TL_ENOMEM. */
TL_MUST_CHECK enum tl_err service_new(
    const struct service_opts *opts, struct service **ret_service);

/* Accept on fd, which is the service's from here on: workers, one relay at a
 * time, or the command line. TL_ENOMEM. */
TL_MUST_CHECK enum tl_err service_listen(
    struct service *service, int fd, enum frame_from who);

/* Commit and answer what has been read, then leave the loop. */
void service_stop(struct service *service);

enum service_end service_end(const struct service *service);

/* Close all sockets. NULL and half-made are fine. */
void service_free(struct service *service);

#endif
