/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sms/join.h - the parts of long messages, put together at the desk.
 *
 * Promise:   what comes out depends on the parts alone, not on the order in
 *            which they are added. Every part is in exactly one message, and
 *            its bytes are joined before they are decoded, so a letter that
 *            was cut between two parts is whole again. No part waits for
 *            another: a message that lacks some is there with their numbers.
 * Knows not: reports, the ledger, the clock.
 * Runs in:   the tipline command, the desk. Never on the public side: there
 *            each part is a record of its own.
 * Disk:      none. All bytes are wiped.
 *
 * Parts belong together if gateway, sender, receiver, reference, width of the
 * reference and total are the same, within JOIN_OPEN_S of the first. The same
 * number with the same bytes is a double. With other bytes the reference was
 * used again: that begins another message. What comes later, up to
 * JOIN_LATE_S, completes a message that lacks just these parts; if more comes
 * with it than is missing, it is a message of its own.
 */
#ifndef TL_SMS_JOIN_H
#define TL_SMS_JOIN_H

#include "base/buf.h"
#include "sms/gateway.h"

#define JOIN_TOTAL_MAX 20u
#define JOIN_OPEN_S    600
#define JOIN_LATE_S    (48 * 3600)
/* So long a message that lacks parts is still expected to be completed. */
#define JOIN_WAIT_S 60

enum join_form {
	JOIN_TEXT,    /* UTF-8, as it was decoded, or cut anywhere */
	JOIN_UTF16BE, /* the bytes of a text that lost some in decoding */
	JOIN_GSM7,
	JOIN_BYTES, /* a text only if they happen to be words */
};

struct join_part {
	struct bytes gateway, from, to;
	struct sms_concat concat;
	enum join_form form;
	struct bytes bytes;
	int64_t received_s;
	uint64_t tag; /* the caller's name for it; no two are the same */
};

enum join_state {
	JOIN_COMPLETE,
	JOIN_EXPECTED,   /* something is missing, JOIN_WAIT_S not over */
	JOIN_INCOMPLETE, /* something is missing */
};

struct join_message {
	enum join_state state;
	struct sms_concat concat; /* seq is 0 */
	uint32_t seen;            /* bit n - 1: part n is there */
	size_t n_parts;           /* doubles included */
	size_t n_doubles;
	bool late;   /* some came later than JOIN_OPEN_S after the first */
	bool reused; /* the reference had been used a moment before */
};

struct join;

/* NULL: memory is out. End it with join_free(). */
struct join *join_new(void);
void join_free(struct join *join); /* NULL is fine */

/* False: it is a message by itself, because its numbers make no sense or are
 * beyond JOIN_TOTAL_MAX. */
bool join_wants(const struct sms_concat *concat);

/* Add a part that join_wants(). Copies it. Before join_settle(). TL_ENOMEM. */
TL_MUST_CHECK enum tl_err join_add(
    struct join *join, const struct join_part *part);

/* All are there: put them together as of now_s. TL_ENOMEM. */
TL_MUST_CHECK enum tl_err join_settle(struct join *join, int64_t now_s);

/* How often a message was looked at for where a part belongs: no more than the
 * parts let there be, whatever is in them, within JOIN_OPEN_S. */
uint64_t join_steps(const struct join *join);

size_t join_count(const struct join *join);
/* The i-th message. */
const struct join_message *join_at(const struct join *join, size_t i);
/* The tag of its k-th part, in the order of arrival; doubles included. */
uint64_t join_tag(const struct join *join, size_t i, size_t k);

/*
 * Append the i-th message's text to text, with " [2/3?] " in the place of what
 * is missing, and to data the bytes of parts that are no text. *ret_lossy: a
 * letter could not be decoded, even from all bytes.
 */
TL_MUST_CHECK enum tl_err join_read(const struct join *join, size_t i,
    struct buf *text, struct buf *data, bool *ret_lossy);

#endif
