/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * base/frame.h - what one process may say to another.
 *
 * A frame is a head of eight bytes and a body:
 *   0  4  length of the body
 *   4  2  type
 *   6  2  zero
 * All numbers have the most significant byte first. Each type has one row:
 * who may send it and how long its body may be. The sender may have been
 * taken over, so a frame outside its row is TL_EFORMAT and ends that peer,
 * before a byte of the body is waited for.
 *
 * Bodies are described in docs/FORMAT.md.
 */
#ifndef TL_BASE_FRAME_H
#define TL_BASE_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define FRAME_HEAD_BYTES 8u
/* A tip with its padding, up to 1 MiB, and what PUT says beside it. */
#define FRAME_RECORD_BYTES (1024u * 1024u + 4096u)
/* A batch of records handed over at once. */
#define FRAME_BATCH_BYTES (2u * 1024u * 1024u)

/* A change of a case with what is sealed in it, and what is said beside it. */
#define FRAME_EVENT_BYTES (66u * 1024u)

/* The mail of one mailbox: always so many bytes, however much there is. */
#define FRAME_MAIL_BYTES     2200u
#define FRAME_MAIL_MOST      16u
#define FRAME_MAIL_BOX_BYTES (5u + FRAME_MAIL_MOST * FRAME_MAIL_BYTES)

/* Who sends; a set for who may. */
enum frame_from {
	FRAME_FROM_WORKER = 1 << 0,
	FRAME_FROM_PARENT = 1 << 1,
	FRAME_FROM_KDF = 1 << 2,
	FRAME_FROM_SPOOL = 1 << 3,
	FRAME_FROM_RELAY = 1 << 4,
	FRAME_FROM_ADMIN = 1 << 5,
	FRAME_FROM_DERIVER = 1 << 6,
	FRAME_FROM_DESK = 1 << 7,
	FRAME_FROM_KEYD = 1 << 8,
	FRAME_FROM_WEB = 1 << 9,    /* of the desk: to its store */
	FRAME_FROM_STORE = 1 << 10, /* and back */
	FRAME_FROM_SENDER = 1 << 11,
};

/*  name             number  senders  longest body */
/* clang-format off */
#define FRAME_TYPES(X) \
	/* worker and spool: records in */ \
	X(PUT,            1, FRAME_FROM_WORKER | FRAME_FROM_ADMIN, FRAME_BATCH_BYTES) \
	X(KEPT,           2, FRAME_FROM_SPOOL,  5) \
	X(REFUSED,        3, FRAME_FROM_SPOOL,  5) \
	X(ROOM,           4, FRAME_FROM_SPOOL,  1) \
	X(LIST,           5, FRAME_FROM_WORKER, 12) \
	X(LIST_SEEN,      6, FRAME_FROM_SPOOL,  12) \
	X(DAY,            8, FRAME_FROM_SPOOL,  4) \
	/* worker and parent */ \
	X(READY,         10, FRAME_FROM_WORKER | FRAME_FROM_KDF | FRAME_FROM_DERIVER, 0) \
	X(SPOOL_WANT,    11, FRAME_FROM_WORKER, 0) \
	X(SPOOL_FD,      12, FRAME_FROM_PARENT, 0) \
	X(DRAIN,         13, FRAME_FROM_PARENT, 0) \
	X(COUNTS,        14, FRAME_FROM_WORKER, 8192) \
	X(TOTALS,        15, FRAME_FROM_PARENT, 8192) \
	X(RETIRE,        16, FRAME_FROM_WORKER, 0) \
	X(KDF_FD,        17, FRAME_FROM_PARENT, 0) \
	X(FILLER_FD,     18, FRAME_FROM_PARENT, 0) \
	X(OPENER_FD,     19, FRAME_FROM_PARENT, 0) \
	/* worker and kdf: receipt codes */ \
	X(CODE_WANT,     20, FRAME_FROM_WORKER, 52) \
	X(CODE,          21, FRAME_FROM_KDF,    78) \
	X(CODE_KEPT,     22, FRAME_FROM_WORKER, 64) \
	X(CODE_ENTER,    23, FRAME_FROM_WORKER, 29) \
	X(CODE_ENTERED,  24, FRAME_FROM_KDF,    52) \
	X(CODE_BUSY,     25, FRAME_FROM_KDF,    4) \
	/* kdf and deriver: the slow step of receipt codes */ \
	X(SLOW_WANT,     26, FRAME_FROM_KDF,    48) \
	X(SLOW,          27, FRAME_FROM_DERIVER, 32) \
	/* relay and spool: records out, receipts in */ \
	X(TAKE,          30, FRAME_FROM_RELAY,  3) \
	X(LENT,          31, FRAME_FROM_SPOOL,  FRAME_BATCH_BYTES) \
	X(AGAIN,         32, FRAME_FROM_RELAY,  16) \
	X(UNLEND,        33, FRAME_FROM_RELAY,  0) \
	X(WAITING,       34, FRAME_FROM_SPOOL,  8) \
	X(RECEIPT,       35, FRAME_FROM_RELAY,  112) \
	X(FORGOTTEN,     36, FRAME_FROM_SPOOL,  17) \
	/* relay and spool: mail for reporters in */ \
	X(MAIL,          37, FRAME_FROM_RELAY,  2200) \
	X(MAIL_KEPT,     38, FRAME_FROM_SPOOL,  1) \
	/* command line and spool */ \
	X(STATS_WANT,    40, FRAME_FROM_ADMIN,  0) \
	X(STATS,         41, FRAME_FROM_SPOOL,  512) \
	/* worker and spool: mail for reporters out */ \
	X(MAIL_ASK,      42, FRAME_FROM_WORKER, 20) \
	X(MAIL_BOX,      43, FRAME_FROM_SPOOL,  FRAME_MAIL_BOX_BYTES) \
	X(MAIL_DROP,     44, FRAME_FROM_WORKER, 20) \
	X(MAIL_DROPPED,  45, FRAME_FROM_SPOOL,  4) \
	/* command line and spool: backup; back by PUT */ \
	X(COPY_WANT,     46, FRAME_FROM_ADMIN,  8) \
	X(COPY,          47, FRAME_FROM_SPOOL,  FRAME_BATCH_BYTES) \
	/* command line and spool: somebody knows of the damage; STATS */ \
	X(DAMAGE_SEEN,   48, FRAME_FROM_ADMIN,  0) \
	/* desk (or tipline) and keyd */ \
	X(KEYD_UNLOCK,   70, FRAME_FROM_DESK,   1064) \
	X(KEYD_UNLOCKED, 71, FRAME_FROM_KEYD,   18) \
	X(KEYD_OPEN,     72, FRAME_FROM_DESK,   FRAME_RECORD_BYTES) \
	X(KEYD_OPENED,   73, FRAME_FROM_KEYD,   FRAME_RECORD_BYTES) \
	X(KEYD_RESEAL,   74, FRAME_FROM_DESK,   FRAME_RECORD_BYTES) \
	X(KEYD_RESEALED, 75, FRAME_FROM_KEYD,   FRAME_RECORD_BYTES) \
	X(KEYD_SIGN,     76, FRAME_FROM_DESK,   48) \
	X(KEYD_SIGNED,   77, FRAME_FROM_KEYD,   64) \
	X(KEYD_LOCK,     78, FRAME_FROM_DESK,   16) \
	X(KEYD_ASK,      79, FRAME_FROM_DESK,   16) \
	X(KEYD_STATE,    80, FRAME_FROM_KEYD,   52) \
	X(KEYD_MAIL,     81, FRAME_FROM_DESK,   48) \
	X(KEYD_MAILED,   82, FRAME_FROM_KEYD,   65) \
	X(KEYD_SEAL_ASK, 83, FRAME_FROM_DESK,   8) \
	X(KEYD_SEAL_TO,  84, FRAME_FROM_KEYD,   33) \
	X(KEYD_LEFT,     85, FRAME_FROM_KEYD,   32) \
	X(KEYD_RING,     86, FRAME_FROM_KEYD,   1) \
	/* the desk's web process and its store */ \
	X(STORE_WANT,    100, FRAME_FROM_WEB,   12) \
	X(STORE_RECORD,  101, FRAME_FROM_STORE, FRAME_RECORD_BYTES) \
	X(STORE_DO,      102, FRAME_FROM_WEB,   FRAME_EVENT_BYTES) \
	X(STORE_RENEW,   103, FRAME_FROM_WEB,   FRAME_EVENT_BYTES) \
	X(STORE_LOGOUT,  104, FRAME_FROM_WEB,   64) \
	X(STORE_KEEP,    105, FRAME_FROM_WEB,   FRAME_EVENT_BYTES) \
	X(STORE_MAIL,    106, FRAME_FROM_WEB,   FRAME_MAIL_BYTES + 64u) \
	X(STORE_STATUS,  114, FRAME_FROM_WEB,   FRAME_MAIL_BYTES + 128u) \
	X(STORE_DONE,    107, FRAME_FROM_STORE, 256) \
	X(STORE_ENTRIES, 108, FRAME_FROM_WEB,   20) \
	X(STORE_ENTRY,   109, FRAME_FROM_STORE, FRAME_EVENT_BYTES) \
	X(STORE_INDEX,   110, FRAME_FROM_STORE, FRAME_BATCH_BYTES) \
	X(STORE_CASE,    111, FRAME_FROM_STORE, FRAME_EVENT_BYTES) \
	X(STORE_STATE,   112, FRAME_FROM_STORE, 256) \
	X(STORE_CATCH_UP, 113, FRAME_FROM_WEB,  4) \
	/* the desk's web process and its sender */ \
	X(SENDER_SMS,    120, FRAME_FROM_WEB,   1630) \
	X(SENDER_ALARM,  121, FRAME_FROM_WEB,   32) \
	X(SENDER_SAID,   122, FRAME_FROM_SENDER, 71)
/* clang-format on */

#define FRAME_ENUM(name, number, from, max) FRAME_##name = number,
enum frame_type { FRAME_TYPES(FRAME_ENUM) };
#undef FRAME_ENUM

/* The body of ROOM: is there disk for more records? */
enum frame_room {
	FRAME_ROOM_OK = 0,
	FRAME_ROOM_LOW = 1,  /* below spool.low_free: still kept */
	FRAME_ROOM_FULL = 2, /* below spool.min_free: refused */
};

struct frame {
	uint16_t type;
	const uint8_t *body; /* borrowed from the bytes given */
	size_t body_len;
};

/*
 * Read one frame from the front of bytes, sent by from. On TL_OK the frame
 * has taken FRAME_HEAD_BYTES + ret_frame->body_len bytes. TL_EAGAIN: more
 * bytes are needed. TL_EFORMAT: cut this peer off.
 */
TL_MUST_CHECK enum tl_err frame_get(const uint8_t *bytes, size_t len,
    enum frame_from from, struct frame *ret_frame);

/* Append head and body to out. type and length must be in their row. */
void frame_put(
    struct buf *out, enum frame_type type, const void *body, size_t body_len);

/* The head alone, for a body that the caller appends. */
void frame_put_head(struct buf *out, enum frame_type type, size_t body_len);

/* The longest body that type may have; 0 for a type that is in no row. */
size_t frame_max_bytes(uint16_t type);

#endif
