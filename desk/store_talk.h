/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/store_talk.h - the bodies of the frames between the desk's web process
 * and its store. docs/FORMAT.md, "Frames".
 *
 * Promise:   what is put is read back the same; a body that is not exactly
 *            what its row says is TL_EFORMAT, and its sender is cut off.
 * Knows not: sockets, the ledger, Redis.
 * Runs in:   tipline-desk.
 * Disk:      none.
 */
#ifndef TL_DESK_STORE_TALK_H
#define TL_DESK_STORE_TALK_H

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/frame.h"
#include "queue/case_event.h"
#include "queue/ledger.h"

/* Of STORE_DONE. Numbers are those of docs/FORMAT.md. */
enum store_result {
	STORE_ANSWERED = 0, /* see why */
	STORE_NO_CASE = 1,
	STORE_NO_REDIS = 2,
	STORE_NO_LEDGER = 3,
	STORE_BUSY = 4,
	STORE_NO_MEMORY = 5,
	STORE_WRONG = 6,
	STORE_ALONE = 7, /* done, and not known to be on replicas */
	STORE_FULL = 8,  /* the ledger's disk is; nothing was done */
	STORE_RESULT_MAX = 8,
};

/* Of the ledger's disk. Numbers are those of docs/FORMAT.md. */
enum store_room {
	STORE_ROOM = 0,
	STORE_ROOM_LOW = 1,  /* tips wait in the queue */
	STORE_ROOM_NONE = 2, /* nothing can be written */
	STORE_ROOM_MAX = STORE_ROOM_NONE,
};

struct store_want {
	uint32_t req;
	uint64_t number;
};

struct store_record {
	uint32_t req;
	uint64_t number;
	enum ledger_kind kind;
	enum ledger_reason reason;
	uint8_t id[LEDGER_ID_BYTES];
	struct bytes sealed;
};

/* A change, for cases_change(). */
struct store_do {
	uint32_t req;
	uint8_t id[CASE_ID_BYTES];
	enum case_event event;
	uint64_t version;
	unsigned priority;
	bool supervisor;
	bool has_target;
	bool has_reason;
	unsigned passed;
	uint8_t target[CASE_ID_BYTES];
	bool has_event_id; /* it is done once: see STORE_DONE without a case */
	uint8_t event_id[CASE_ID_BYTES];
	char who[CASE_OWNER_BYTES];    /* "": the machine */
	char second[CASE_OWNER_BYTES]; /* "": nobody */
	struct bytes sealed;
};

struct store_keep {
	uint32_t req;
	enum ledger_kind kind;
	uint8_t id[LEDGER_ID_BYTES];
	struct bytes bytes;
};

struct store_mail {
	uint32_t req;
	uint8_t id[LEDGER_ID_BYTES];
	uint8_t mailbox[LEDGER_ID_BYTES];
	struct bytes bytes;
};

/* A status for a mailbox: it goes out while the cases that it follows from are
 * as they were seen. */
struct store_status {
	struct store_mail mail;
	uint8_t id[CASE_ID_BYTES];
	uint64_t version;
	uint8_t of[CASE_ID_BYTES]; /* of a duplicate: the target; else zeros */
	uint64_t of_version;
};

struct store_done {
	uint32_t req;
	enum store_result result;
	enum case_no why;
	bool has_now;
	struct case_now now;
};

struct store_entry {
	uint32_t req;
	uint64_t number;
	bool is_again; /* sealed again at this desk, since */
	struct case_record record;
};

struct store_item {
	uint64_t number;
	enum ledger_kind kind;
	enum ledger_reason reason;
	uint8_t id[LEDGER_ID_BYTES];
	uint32_t len;
};
#define STORE_ITEM_BYTES 30u

struct store_case {
	bool is_event;
	bool is_altered; /* Redis had it otherwise */
	/* of an event, 0 */
	uint64_t touched_ms; /* somebody first claimed it; 0: nobody */
	uint64_t called_ms;  /* as of due_called() */
	uint64_t unseen_ms;  /* as of due_unseen() */
	uint64_t decide_ms;  /* as of due_asked() */
	struct case_record record;
};

struct store_state {
	bool redis;
	uint8_t room; /* an enum store_room */
	unsigned why; /* an enum tl_err without its sign */
	uint64_t redis_ms;
	uint64_t records;
	uint8_t head[LEDGER_HASH_BYTES];
};

/* Each reads the body of its type; what is returned borrows from the frame. */
TL_MUST_CHECK enum tl_err store_read_want(
    const struct frame *frame, struct store_want *ret);
TL_MUST_CHECK enum tl_err store_read_record(
    const struct frame *frame, struct store_record *ret);
TL_MUST_CHECK enum tl_err store_read_do(
    const struct frame *frame, struct store_do *ret);
TL_MUST_CHECK enum tl_err store_read_logout(const struct frame *frame,
    uint32_t *ret_req, char ret_who[static CASE_OWNER_BYTES]);
TL_MUST_CHECK enum tl_err store_read_keep(
    const struct frame *frame, struct store_keep *ret);
TL_MUST_CHECK enum tl_err store_read_mail(
    const struct frame *frame, struct store_mail *ret);
TL_MUST_CHECK enum tl_err store_read_status(
    const struct frame *frame, struct store_status *ret);
TL_MUST_CHECK enum tl_err store_read_done(
    const struct frame *frame, struct store_done *ret);
TL_MUST_CHECK enum tl_err store_read_entries(const struct frame *frame,
    uint32_t *ret_req, uint8_t ret_id[static CASE_ID_BYTES]);
TL_MUST_CHECK enum tl_err store_read_catch_up(
    const struct frame *frame, uint32_t *ret_req);
TL_MUST_CHECK enum tl_err store_read_entry(
    const struct frame *frame, struct store_entry *ret);
/* Item at, from 0 on. TL_ENOENT: there is none. */
TL_MUST_CHECK enum tl_err store_read_item(
    const struct frame *frame, size_t at, struct store_item *ret);
TL_MUST_CHECK enum tl_err store_read_case(
    const struct frame *frame, struct store_case *ret);
TL_MUST_CHECK enum tl_err store_read_state(
    const struct frame *frame, struct store_state *ret);

/* Each appends a body, without its frame's head. */
void store_put_want(struct buf *out, const struct store_want *want);
void store_put_record(struct buf *out, const struct store_record *record);
void store_put_do(struct buf *out, const struct store_do *change);
void store_put_logout(struct buf *out, uint32_t req, const char *who);
void store_put_keep(struct buf *out, const struct store_keep *keep);
void store_put_mail(struct buf *out, const struct store_mail *mail);
void store_put_status(struct buf *out, const struct store_status *status);
/* id: of the case, if done->has_now. */
void store_put_done(struct buf *out, const struct store_done *done);
void store_put_entries(
    struct buf *out, uint32_t req, const uint8_t id[static CASE_ID_BYTES]);
void store_put_catch_up(struct buf *out, uint32_t req);
void store_put_entry(struct buf *out, const struct store_entry *entry);
void store_put_item(struct buf *out, const struct store_item *item);
void store_put_case(struct buf *out, const struct store_case *told);
void store_put_state(struct buf *out, const struct store_state *state);

#endif
