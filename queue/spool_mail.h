/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/spool_mail.h - mail for reporters beside the sealed records: what the
 * desk wrote, until its last day or until the reporter wants it gone.
 *
 * Promise:   mail that is gone does not come back when it is carried here
 *            again: its id is remembered until its last day. Mail takes
 *            nothing from tips: it is refused before they are.
 * Knows not: what is in it, keys, whether a desk made it.
 * Runs in:   as queue/spool.h, whose groups it works in.
 * Disk:      the spool's file; docs/FORMAT.md, "Spool".
 */
#ifndef TL_QUEUE_SPOOL_MAIL_H
#define TL_QUEUE_SPOOL_MAIL_H

#include "queue/spool.h"

#define SPOOL_MAILBOX_BYTES  16u
#define SPOOL_MAIL_BYTES_MAX 2200u
/* Replies that a mailbox holds; what would be gone first makes room. */
#define SPOOL_MAILBOX_MOST 16u
/* Mail in all, what is gone included: about 1.2 GiB if all still had its
 * body; a status has one only until the next. */
#define SPOOL_MAIL_MOST 262144u
/* Of it while statuses are still taken: each tip has several, and a flood of
 * them must leave room for what officers write. */
#define SPOOL_MAIL_STATUS_MOST (SPOOL_MAIL_MOST / 4 * 3)
/* The last day lies at most so many days ahead. */
#define SPOOL_MAIL_DAYS_MAX 400

struct spool_mail {
	const uint8_t *id;      /* SPOOL_ID_BYTES */
	const uint8_t *mailbox; /* SPOOL_MAILBOX_BYTES */
	int64_t last_day;
	struct bytes body; /* empty: a deletion of all that mailbox has */
	bool is_status;    /* those there that last no longer are gone by it */
};

/* What spool_mail_put() would say of id and last day: TL_OK, TL_EEXIST,
 * TL_ESTALE, or that the spool has failed. */
TL_MUST_CHECK enum tl_err spool_mail_check(
    struct spool *spool, const struct spool_mail *mail, int64_t today);

/*
 * Add mail to the open group. Returns TL_EEXIST if its id is known, be it of
 * mail that is gone; TL_ESTALE if today is behind its last day, or its last
 * day too far ahead; TL_EFULL if there is no room for mail now, with the
 * group as it was; else as spool_forget(). A deletion needs no room.
 */
TL_MUST_CHECK enum tl_err spool_mail_put(
    struct spool *spool, const struct spool_mail *mail, int64_t today);

/* Add to the open group: all that mailbox has is gone. That it has nothing is
 * TL_OK. */
TL_MUST_CHECK enum tl_err spool_mail_delete(
    struct spool *spool, const uint8_t mailbox[static SPOOL_MAILBOX_BYTES]);

/* Add to the open group: forget up to SPOOL_GROUP_MAX whose last day is over.
 * *ret_n says how many; SPOOL_GROUP_MAX: call again later. */
TL_MUST_CHECK enum tl_err spool_mail_expire(
    struct spool *spool, int64_t today, size_t *ret_n);

typedef void (*spool_mail_fn)(struct bytes body, void *arg);

/* Call fn for each reply that mailbox has today, SPOOL_MAILBOX_MOST at most,
 * in no order that means anything. TL_EBUSY while a group is open. */
TL_MUST_CHECK enum tl_err spool_mail_read(struct spool *spool,
    const uint8_t mailbox[static SPOOL_MAILBOX_BYTES], int64_t today,
    spool_mail_fn fn, void *arg);

#endif
