/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/store_inside.h - the inside of the desk's store. Only desk/store*.c
 * include it.
 *
 *	store.c        the process: its start, frames in and out, the loop
 *	store_queue.c  Redis: records in, cases followed, leases ended
 *	store_do.c     what the web process asks for
 *	store_call.c   a tip that an officer wrote down, into the queue
 *	store_room.c   whether the ledger's disk has room
 *	store_cases.c  which records of the ledger are about which case
 */
#ifndef TL_DESK_STORE_INSIDE_H
#define TL_DESK_STORE_INSIDE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/frame.h"
#include "base/sandbox.h"
#include "config/config.h"
#include "desk/case_keys.h"
#include "desk/keyd_client.h"
#include "desk/store_talk.h"
#include "queue/cases.h"
#include "queue/ledger.h"
#include "queue/outbox.h"
#include "queue/reader.h"

#define STORE_INTAKES_MAX 64u

#define STORE_ODDS 5u

/* A record of the ledger that is the event of a case. */
struct store_event {
	uint8_t id[CASE_ID_BYTES]; /* of the case */
	uint8_t event_id[CASE_ID_BYTES];
	uint64_t number;
};

/* One that was sealed again. */
struct store_again {
	uint8_t id[LEDGER_ID_BYTES]; /* of the tip, or the event */
	uint64_t number;
};

struct store {
	const struct config *config;
	struct keyd_client *keyd;
	enum tl_err keyd_err; /* it has ended */
	uint8_t intakes[STORE_INTAKES_MAX][32];
	size_t n_intakes;
	struct ledger *ledger;
	struct case_keys case_keys;
	struct case_book *book; /* what the ledger says of cases */
	struct {
		uint64_t told; /* so many were logged */
		uint64_t ms;   /* when to log again */
	} odds[STORE_ODDS];    /* by kind */
	struct reader_opts redis;
	struct reader *reader; /* NULL: Redis is away */
	struct cases *cases;   /* the same, or only cases are not to be had */
	struct bytes sealed;   /* what the change that is being made says */
	struct outbox *outbox; /* opened when there is mail */
	/* entries that could not be kept, or not be receipted */
	uint64_t left, unsaid;
	uint64_t retry_ms; /* when to look for it again */
	uint32_t wait_ms;
	uint64_t leases_ms; /* when to end leases again */
	uint64_t state_ms;  /* when to tell the state again */
	bool has_more;      /* records in Redis, when they were last read */
	bool listing;       /* the cases of Redis are being told */
	enum cases_list list;
	uint64_t list_at;
	uint64_t told; /* records of the ledger that the web process knows */
	struct store_event *events; /* in the order of the ledger */
	size_t n_events, room_events;
	struct store_again *again; /* likewise */
	size_t n_again, room_again;
	struct store_state state;
	bool state_changed;
	uint64_t full_until_ms; /* the ledger had no room for a record */
	int fd;
	struct buf in;
	struct buf out;
	enum tl_err err; /* of the socket: the end */
};

/* ---- store.c ------------------------------------------------------------ */

/* Add to folders what the store is left with when it locks itself in: the
 * ledger's folder for writing, passwords for reading. The caller closes it. */
TL_MUST_CHECK enum tl_err store_may_use(
    const struct config *config, struct sandbox_folders *folders);

/* Send a frame whose body is in store->out, and empty that. */
void store_send(struct store *store, enum frame_type type);

/* Tell the web process of the records that it does not know. */
TL_MUST_CHECK enum tl_err store_tell_records(struct store *store);

/* ---- store_queue.c ------------------------------------------------------ */

/* One look at Redis, which does not wait for news. TL_OK also while Redis is
 * away; else the ledger or keyd has failed. */
TL_MUST_CHECK enum tl_err store_look(struct store *store);

/* Take what Redis has now. *ret_all: that was all; *ret_cases: of cases it was.
 * As store_look(). */
TL_MUST_CHECK enum tl_err store_catch_up(
    struct store *store, bool *ret_all, bool *ret_cases);

/* Take what is in the queue into the ledger. As store_look(). */
TL_MUST_CHECK enum tl_err store_take_records(struct store *store);

/* A call for the cases has failed. If Redis is gone by it, it is left and
 * looked for later. */
void store_lost(struct store *store, enum tl_err err);

void store_leave(struct store *store);

/* Was it the ledger's disk, and not Redis, that is full? */
bool store_is_full(const struct store *store, enum tl_err err);

/* ---- store_do.c --------------------------------------------------------- */

/* Answer one frame. TL_EFORMAT: it is none. */
TL_MUST_CHECK enum tl_err store_answer(
    struct store *store, const struct frame *frame);

/* ---- store_room.c -------------------------------------------------------- */

/* As it is now; what changes is logged, and told with the state. Below
 * STORE_ROOM no tip is read, and at STORE_ROOM_NONE nothing is begun that would
 * have to be written. */
enum store_room store_room(struct store *store);

/* The ledger has said that it has none, whatever its disk says. */
void store_no_room(struct store *store);

/* ---- store_call.c ------------------------------------------------------- */

/*
 * Put a tip of this desk's into the queue, and see that it is in the ledger, by
 * the way of every other. TL_OK also for one that is there. TL_EBUSY: it is not
 * here yet; ask again, with the same bytes or others. *ret_confirmed: as many
 * replicas as are configured have said that they have it.
 */
TL_MUST_CHECK enum tl_err store_call(
    struct store *store, const struct store_keep *keep, bool *ret_confirmed);

/* ---- store_cases.c ------------------------------------------------------ */

/* Remember that the record is an event of a case. */
TL_MUST_CHECK enum tl_err store_cases_learn(
    struct store *store, uint64_t number, const struct ledger_record *record);

/* Remember that the record was sealed again, under this id. */
TL_MUST_CHECK enum tl_err store_cases_again(struct store *store,
    uint64_t number, const uint8_t id[static LEDGER_ID_BYTES]);

/* Tell the cases as the ledger has them. */
TL_MUST_CHECK enum tl_err store_cases_tell(struct store *store);

/* Tell all events of a case; what was sealed again with its newest seal. */
TL_MUST_CHECK enum tl_err store_cases_entries(
    struct store *store, uint32_t req, const uint8_t id[static CASE_ID_BYTES]);

#endif
