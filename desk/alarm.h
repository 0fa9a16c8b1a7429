/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/alarm.h - when somebody outside of the console is told that a tip waits
 * for its first look, or that a channel is silent, and at which level.
 *
 * Promise:   a tip that nobody has is told of at each step of its priority,
 *            and then again and again; a step that was told is not told twice.
 *            An alarm has numbers, and an id if that is wanted: no content.
 * Knows not: sockets, officers, the clock.
 * Runs in:   the desk's web process and its sender. Pure.
 * Disk:      none.
 */
#ifndef TL_DESK_ALARM_H
#define TL_DESK_ALARM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ALARM_ID_BYTES 16u

enum alarm_what {
	ALARM_ARRIVED = 1, /* a P1, just now */
	ALARM_LATE,        /* nobody has claimed it */
	ALARM_UNOPENED,    /* nobody is logged in who could open it */
	ALARM_TEST,        /* an officer tries it */
	ALARM_SILENT,      /* channels are */
	ALARM_UNSEEN,      /* nobody has looked through quarantine */
	ALARM_ASKED,       /* a supervisor, to decide */
	ALARM_FULL,        /* the ledger's disk is: tips wait in the queue */
	ALARM_WHAT_MAX = ALARM_FULL,
};

enum alarm_level {
	ALARM_NOTICE = 1, /* to the supervisor, quietly */
	ALARM_SHIFT,
	ALARM_SUPERVISOR,
	ALARM_PHONE_TREE,
	ALARM_LEVEL_MAX = ALARM_PHONE_TREE,
};

struct alarm {
	enum alarm_what what;
	unsigned priority; /* 1, 2; 0: unknown, or several */
	enum alarm_level level;
	uint32_t count;  /* tips of this priority that nobody has; channels */
	uint32_t late_s; /* how long the first of them waits; they are so */
	bool has_id;
	uint8_t id[ALARM_ID_BYTES]; /* of that one */
};

/* Never NULL. */
const char *alarm_what_word(enum alarm_what what);
const char *alarm_level_word(enum alarm_level level);

/* What waits, and is told of together. What nobody has is numbered by its
 * priority: 1 to 4. */
enum alarm_of {
	ALARM_OF_UNOPENED = 0, /* nobody is logged in who could open it */
	ALARM_OF_UNSEEN = 5,   /* in quarantine, and its day is over */
	ALARM_OF_ASKED_1,      /* a P1 that a supervisor is to decide */
	ALARM_OF_ASKED,        /* another one */
	ALARM_CLASSES,
};

/*
 * How many steps are due for what has waited so long; *ret_level: of the last
 * of them. of: enum alarm_of; others have none (P3 and P4). Of what nobody can
 * open from first_ms on.
 */
unsigned alarm_steps(unsigned of, uint64_t waited_ms, uint64_t first_ms,
    enum alarm_level *ret_level);

/* So long others are not told that a supervisor is asked, where one hears it at
 * a console. of: ALARM_OF_ASKED_1, ALARM_OF_ASKED. */
uint64_t alarm_heard_ms(enum alarm_of of);

/* ---- one round over all that waits --------------------------------------- */

struct alarm_class {
	uint32_t count;
	uint64_t longest_ms;
	uint8_t id[ALARM_ID_BYTES];
	bool is_due; /* a step of some tip was not told yet */
	enum alarm_level level;
};

struct alarm_round {
	uint64_t first_ms; /* see alarm_steps() */
	struct alarm_class classes[ALARM_CLASSES];
};

/* A tip waits; *told: steps that were told of it, which becomes those that are
 * due now. Start with a zeroed round; all of one class make one alarm. */
void alarm_round_add(struct alarm_round *round, unsigned of,
    const uint8_t id[static ALARM_ID_BYTES], uint64_t waited_ms,
    unsigned *told);

/* The alarm of a class. False: none is due. */
bool alarm_round_get(const struct alarm_round *round, enum alarm_of of,
    bool with_id, struct alarm *ret);

/* ---- channels that are silent -------------------------------------------- */

struct alarm_silence { /* zeroed at first */
	uint32_t count;
	uint64_t since_ms;
	unsigned told; /* steps */
};

/*
 * So many channels are silent for longer than they may. is_sure: all that came
 * is opened; else those alone are counted of which it is sure all the same, so
 * that fewer says nothing. False: no step of what is so now is due.
 */
bool alarm_silent(struct alarm_silence *silence, uint32_t count, bool is_sure,
    uint64_t now_ms, struct alarm *ret);

/* The same of the ledger's disk, which is known for sure. */
bool alarm_full(struct alarm_silence *silence, bool is_full, uint64_t now_ms,
    struct alarm *ret);

#endif
