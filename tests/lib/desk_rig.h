/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tests/lib/desk_rig.h - the desk's web process with a browser before it and,
 * behind it, a keyd, a store and a sender that can fail at one question alone.
 *
 * keyd is a real one; the store keeps records and cases in memory and judges
 * changes as the real one does; the sender takes every text. All run in this
 * process, by turns, until nobody has anything to say any more: no time is
 * waited for, and the desk's second does not come by itself. What does not hold
 * ends the test.
 */
#ifndef TL_TESTS_LIB_DESK_RIG_H
#define TL_TESTS_LIB_DESK_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "desk/web.h"
#include "queue/case_event.h"
#include "tests/lib/keyd_rig.h"
#include "text/report.h"

#define DESK_RIG_RECORDS 256u
#define DESK_RIG_EVENTS  64u
#define DESK_RIG_NOON_MS UINT64_C(1795348800000) /* 2026-11-22T12:00:00Z */

enum desk_peer { DESK_KEYD, DESK_STORE, DESK_SENDER, DESK_PEERS };

/* What comes in the place of an answer. */
enum desk_bad {
	DESK_FINE,
	DESK_BAD_CLOSED, /* nothing: the peer is gone */
	DESK_BAD_CUT,    /* half of it, and then the peer is gone */
	DESK_BAD_NUMBER, /* the answer to a question that nobody has asked */
	DESK_BAD_OTHER,  /* an answer to another kind of question */
	DESK_BAD_LATE,   /* nothing, until all are well again */
	DESK_BAD_EMPTY,  /* no body, but the number of the question */
	DESK_BAD_SHORT,  /* it lacks its last byte */
	DESK_BAD_LONG,   /* it has a byte more */
	DESK_BAD_NOISE,  /* bytes that mean nothing */
	DESK_BAD_FIRST,  /* the same in the first frame of several */
	DESK_BAD_NO,     /* a refusal: rig->result, of the store */
	DESK_BADS,
	DESK_BAD_NEWS = DESK_BADS, /* rig->news, a frame, in front of it */
};

/* How many of each were taken. */
struct desk_taken {
	unsigned mails, statuses, kept, texts;
};

struct desk_rig {
	struct keyd_rig keyd;
	uint8_t team_key[32], sign_key[64];
	struct config *config;
	struct web *web; /* NULL: it has ended, as its process would */
	char door[100];
	int fds[DESK_PEERS]; /* the peers' ends; -1: gone */
	struct buf in[DESK_PEERS];
	/* who fails, at which question from now on (0: at none), and how */
	enum desk_peer bad_peer;
	unsigned bad_at;
	enum desk_bad bad;
	enum store_result result;
	struct bytes news;          /* borrowed */
	enum desk_peer news_of;     /* whose it is */
	unsigned asked[DESK_PEERS]; /* questions since then */
	uint16_t asked_for;         /* the type of the one that failed */
	struct buf late;            /* its answer */
	/* what the store has */
	struct {
		enum ledger_kind kind;
		uint8_t id[16];
		struct buf sealed;
	} records[DESK_RIG_RECORDS];
	size_t n_records;
	struct {
		struct case_record record;
		struct buf sealed;
	} events[DESK_RIG_EVENTS];
	size_t n_events;
	struct desk_taken taken; /* mail that comes twice is taken once */
	uint8_t mailed[DESK_RIG_EVENTS][16];
	/* NULL, or is called when the desk's turn begins, and when it ends */
	void (*on_turn)(bool is_its);
	/* the browser */
	char token[64], cookie[256];
	struct buf said;  /* all that the desk said to the last request */
	unsigned answers; /* how many that were */
	const char *body; /* of the first */
};

/* The desk is ready, and nobody is logged in. */
void desk_rig_start(struct desk_rig *rig);
void desk_rig_stop(struct desk_rig *rig);

/* It has ended, and is started anew on what the store has. */
void desk_rig_again(struct desk_rig *rig);

/* Turn until nobody has anything to say. */
void desk_rig_settle(struct desk_rig *rig);

/* A second of the desk's, in which it does what it does by itself. */
void desk_rig_second(struct desk_rig *rig);

/* Log in as one of keyd_people. */
void desk_rig_login(struct desk_rig *rig, size_t person);

/* A tip comes: its id is n in all bytes. */
struct tip *desk_rig_tip(
    struct desk_rig *rig, uint8_t n, const struct report *report);

/* The officer asks; body NULL: there is none. The status of the answer; 0: the
 * connection was closed without one; -1: it is still waited for. */
int desk_rig_ask(struct desk_rig *rig, const char *method, const char *path,
    const char *body);

/* From here on: that peer's answer to the n-th question is such a one. */
void desk_rig_fail(struct desk_rig *rig, enum desk_peer peer, unsigned n,
    enum desk_bad how, enum store_result result);
/* All are well again, and what was late comes. Whether there was such a
 * question. */
bool desk_rig_heal(struct desk_rig *rig);

/* How many events the case of that tip has, as the store has it. */
size_t desk_rig_events(const struct desk_rig *rig, uint8_t n);

#endif
