/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server/spool/group.h - frames that wait for the disk, worked off together.
 *
 * Promise:   each PUT is answered once, KEPT only after its commit; each
 *            RECEIPT is answered once, with "forgotten" only after the
 *            signature held over the bytes we have and the commit is done;
 *            MAIL is kept only if a desk has signed it; a LIST is answered
 *            after its commit, or not at all.
 * Knows not: the event loop. Speaks to peers by peer_send().
 * Runs in:   tipline-spool.
 */
#ifndef TL_SPOOL_GROUP_H
#define TL_SPOOL_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "crypto/keyfile.h"
#include "queue/spool.h"
#include "queue/spool_clock.h"

struct group;
struct peer;

/* What waits of one client. Zeroed when it comes. */
struct group_share {
	size_t frames;
	size_t bytes;
};

struct group_opts {
	struct spool *spool;                      /* kept */
	const uint8_t (*receipt_keys)[KEY_BYTES]; /* kept */
	size_t n_receipt_keys;
	size_t records; /* a group ends with so many records */
	size_t bytes;   /* or so many bytes */
	size_t waiting_frames;
	size_t waiting_bytes;
};

/* Gives *ret_group: ended with group_free(). TL_ENOMEM. */
TL_MUST_CHECK enum tl_err group_new(
    const struct group_opts *opts, struct group **ret_group);
void group_free(struct group *group);

/*
 * A PUT, RECEIPT, MAIL, MAIL_DROP or LIST came from peer, whose share it is to
 * wait in; keeps both until group_drop_client(). Copies body. If too much waits
 * already, it is answered at once: REFUSED, busy, or as what comes again, but
 * LIST. A client gets no more room than it leaves to all others, so that none
 * can keep the others out. TL_EFORMAT: the body is garbage, nothing was added.
 */
TL_MUST_CHECK enum tl_err group_add(struct group *group,
    struct group_share *share, struct peer *peer, uint16_t type,
    struct bytes body);

/* A client is gone: what waits is still worked off, unanswered. */
void group_drop_client(struct group *group, const struct group_share *share);

/* Frames that wait. */
size_t group_waiting(const struct group *group);

/* There is enough for a whole group. */
bool group_is_full(const struct group *group);

/*
 * Work off the first group of what waits and answer it. TL_EFULL: it was
 * refused for want of room. After any other error the group was refused and
 * the process must end.
 */
TL_MUST_CHECK enum tl_err group_run(
    struct group *group, const struct spool_today *today);

/* Refuse all that waits. */
void group_refuse_all(struct group *group);

/* Receipts that did not verify, since the start. */
uint64_t group_bad_receipts(const struct group *group);

/* Mail that no desk has signed, and mail there was no room for. */
uint64_t group_bad_mail(const struct group *group);
uint64_t group_no_room_mail(const struct group *group);

#endif
