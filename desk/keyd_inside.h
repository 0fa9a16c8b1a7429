/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/keyd_inside.h - the inside of keyd, for desk/keyd_work.c, what it
 * answers, and desk/keyd_renew.c, what it does when the ring has changed.
 *
 * Runs in:   keyd alone.
 * Disk:      none.
 */
#ifndef TL_DESK_KEYD_INSIDE_H
#define TL_DESK_KEYD_INSIDE_H

#include <sys/stat.h>

#include "crypto/ring.h"
#include "desk/keyd_talk.h"
#include "desk/keyd_work.h"

struct session {
	bool is_there;
	enum keyd_role role;
	size_t officer; /* in the order of the ring */
	uint8_t token[KEYD_TOKEN_BYTES];
	uint64_t began_ms;
	uint64_t asked_ms; /* the last time */
};

/* Of one officer, in the order of the ring. */
struct second_factor {
	uint64_t last_step; /* of the code that was right last */
	unsigned wrong;     /* codes, of late */
	uint64_t since_ms;  /* wrong was counted down then */
};

struct keyd {
	char *ring_path;
	struct ring *ring; /* locked while there is no session */
	struct stat file;  /* that it was read from */
	enum keyd_ring state;
	uint64_t bad_ms;  /* since when it cannot be read */
	uint64_t look_ms; /* when to look at it again */
	uint8_t
	    *receipt; /* secret memory; always there: receipts go at night */
	uint64_t idle_ms;
	bool needs_code;
	int64_t now_s;
	struct session *sessions; /* secret memory */
	struct second_factor factors[RING_OFFICERS_MAX];
	uint64_t opened;
	uint64_t refused;
};

/* Read the ring the first time; it is locked. Errors as ring_load(). */
TL_MUST_CHECK enum tl_err keyd_load_ring(struct keyd *keyd);

/* Wipe it; the keys go with the last one who may open tips. */
void keyd_end_session(struct keyd *keyd, struct session *session);
void keyd_lock_if_alone(struct keyd *keyd);

#endif
