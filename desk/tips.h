/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/tips.h - what the desk knows of the ledger's records: the tips among
 * them, opened while somebody is logged in, and the cases they are.
 *
 * Promise:   every record that the store told of is here, whatever it is; what
 *            was opened is in locked memory and gone after tips_forget().
 * Knows not: keyd, sockets, officers, the clock.
 * Runs in:   the desk's web process.
 * Disk:      none.
 */
#ifndef TL_DESK_TIPS_H
#define TL_DESK_TIPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "crypto/envelope.h"
#include "desk/standing.h"
#include "desk/store_talk.h"
#include "queue/case_table.h"
#include "queue/ledger.h"
#include "text/report_thread.h"
#include "text/triage.h"

#define TIP_ID_BYTES   16u
#define TIP_LANG_BYTES 12u
#define TIP_GATE_BYTES 33u

/* Who wrote to whom, by keyed names. */
struct tip_line {
	uint8_t thread[REPORT_THREAD_BYTES];
	uint8_t before[REPORT_THREAD_BYTES]; /* its name in the period before */
	uint64_t to;
};

enum tip_state {
	TIP_SEALED, /* not opened yet, or not any more */
	TIP_ASKED,  /* on its way through keyd */
	TIP_OPEN,
	TIP_PART,  /* opened, and no tip by itself: more to one, a piece, a key
	            */
	TIP_FAULT, /* cannot be opened: see fault */
};

/* How a record belongs to the tip that it is shown with. */
enum tip_way {
	TIP_ALONE,
	TIP_MORE,   /* later words, answers, a wish */
	TIP_KEY,    /* a further reply key */
	TIP_PIECED, /* part of a long message, whose text the tip has */
	TIP_FOLLOW, /* another message of the same conversation */
	TIP_AGAIN,  /* the same message once more */
};

/* What a report's flags say that concerns all of its sender's. */
enum tip_says {
	TIP_SAYS_STOP = 1 << 0,
	TIP_SAYS_NO_CONTACT = 1 << 1,
};

#define TIP_WHAT_BYTES 16u

/* RECEIVE and SCORE: nobody has written anything yet. */
#define TIP_SCORED_VERSION 2u

/* Of what lies in quarantine one in so many is to be read in full. */
#define TIP_SAMPLE 10u

/* What waits for a second officer. */
struct tip_asked {
	size_t n;                   /* questions; 0: nothing waits */
	uint64_t at_ms;             /* the oldest was asked, */
	char who[CASE_OWNER_BYTES]; /* by this officer, */
	char what[TIP_WHAT_BYTES];  /* for this event */
};

struct tip {
	uint8_t id[TIP_ID_BYTES];
	size_t at;       /* tips_at(at) */
	uint64_t number; /* of the record that it is read from */
	uint32_t len;
	enum ledger_kind kind;
	enum ledger_reason reason;
	bool is_twin; /* another record has this id: it has no case */
	/* one in quarantine had its id, and perhaps its case, before it came:
	 * see tip_has_case() */
	bool took_over;
	bool is_signed;
	bool was_signed; /* when it was sealed again: the one before */
	enum tip_state state;
	enum envelope_fault fault;
	unsigned tries;    /* to open it again, after a fault, */
	uint64_t retry_ms; /* and when the next one is due; 0: not known yet */
	uint64_t again; /* sealed again: that record; 0: none (0 is its own) */
	struct case_now now; /* version 0: no case */
	uint64_t altered;    /* Redis had it otherwise than at this version */
	/* a second officer is to look at what was sent until then; 0: nobody
	 * is. As it was at this version of the case */
	uint64_t second_by_ms, second_version;
	/* the reporter was asked, or a partner given it, last; 0: unknown */
	uint64_t asked_ms;
	uint64_t touched_ms; /* somebody first claimed it; 0: nobody yet */
	uint64_t called_ms;  /* see due_called() */
	uint64_t unseen_ms;  /* see due_unseen(), and tip_is_unseen() */
	uint64_t decide_ms;  /* see due_asked() */
	bool is_spared;      /* its case did not take the quarantine rule */
	/* of desk/web_alarm.c */
	unsigned alarm_as;   /* enum alarm_of, then */
	unsigned alarm_told; /* steps; 0 where it does not wait */
	bool was_opened;     /* somebody has seen what it is */
	/* it is urgent, and there was no room for it, or no case of it before
	 * all was forgotten */
	bool is_left_out;
	bool is_set_aside;  /* it is a tip by itself, and there was no room */
	uint64_t alone_ms;  /* words: since when their tip is missed */
	uint64_t sealed_ms; /* since when nobody could open it; 0: not so */
	struct tip *behind; /* in the list of those to be scored */
	bool is_listed;     /* there */
	bool is_said;       /* consoles were told that it is new */
	/* of what is open */
	struct bytes doc;    /* the report */
	struct bytes folded; /* what is searched */
	bool is_unfolded;    /* that is too much: any name may be in it */
	bool is_hollow;      /* see desk/withdrawn.h: nothing of it was kept */
	bool has_words;      /* or answers, or files: more than a wish */
	bool wants_withdrawal;
	bool has_event_id;
	/* by which its tip's case hears of it: web_more_event_id() */
	uint8_t event_id[CASE_ID_BYTES];
	int64_t received_s;
	unsigned said_priority; /* of the report */
	bool is_suspect;        /* as the rule for quarantine says, */
	bool is_crowd;          /* for how many came with it alone */
	char lang[TIP_LANG_BYTES];
	char channel[TIP_LANG_BYTES];
	char gateway[TIP_GATE_BYTES]; /* that brought it by itself, or "" */
	const char *door; /* of the form, of which it is a test text; or NULL */
	/* by which later words find their tip */
	enum report_part part;
	bool has_form, has_mailbox;
	bool wants_deletion; /* of what lies in the mailbox, */
	bool is_passed_on;   /* and all intakes were told */
	uint8_t form[REPORT_FORM_BYTES];
	uint8_t mailbox[REPORT_MAILBOX_BYTES];
	unsigned says;         /* enum tip_says */
	bool has_thread;       /* the sender has a name, */
	struct tip_line line;  /* and this is where it wrote to */
	struct bytes part_doc; /* of a part of a long message: its own report */
	uint64_t set;          /* which parts may belong to it; 0: no part */
	size_t n_links;        /* that officers have made */
	struct tip_asked asked;
	bool wants_links; /* these two are to be counted */
	/* of desk/web_status.c: what the reporter's page is to say, without
	 * its text */
	struct standing shown;
	bool has_shown;    /* that is known */
	bool is_sent;      /* it lies in the mailboxes, or on the way there */
	bool wants_status; /* it is to be looked at again */
	bool is_new;       /* not settled yet */
	enum tip_way way;
	bool is_auto_done;     /* the machine answers it, or never will */
	int64_t auto_from_s;   /* it may, but not before */
	bool is_told;          /* its tip's case knows of it */
	bool stands;           /* its tip is closed: it is one by itself */
	struct tip *of;        /* the tip that it is shown with, */
	struct tip *next_more; /* whose list it is in */
	struct tip *mores;     /* of a tip: the first of those */
	/* of a case that was taken back: the events since then, as of which
	 * its later words are told; what else there is, is hollow */
	uint8_t (*after)[CASE_ID_BYTES];
	size_t n_after;
	bool wants_after; /* these are to be read, or once more */
	bool has_before;  /* the ledger has all of those until then, too */
};

struct tips;

/* max_bytes: of opened content. Gives it: end it with tips_free(). NULL:
 * memory is out. */
struct tips *tips_new(size_t max_bytes);
void tips_free(struct tips *tips); /* NULL is fine */

/* Take no text that this secret planted for a tip: desk/planted.h. Kept; NULL:
 * there are none. */
void tips_set_canary(struct tips *tips, const char *secret);

/* The store has told of a record. TL_ENOMEM. */
TL_MUST_CHECK enum tl_err tips_add(
    struct tips *tips, const struct store_item *item);

/* The store has told of something that was done to a case. What is older than
 * what is known changes nothing. Returns the tip that it is of, or NULL: its
 * record is not here (yet; it is remembered). */
struct tip *tips_hear_case(struct tips *tips,
    const uint8_t id[static TIP_ID_BYTES], const struct case_now *now);

/* The store has looked: the case is so, also where that is older than what was
 * heard of it, which was lost then. Returns as tips_hear_case(). */
struct tip *tips_set_case(struct tips *tips,
    const uint8_t id[static TIP_ID_BYTES], const struct case_now *now);

/* By id; NULL if there is none. */
struct tip *tips_find(
    const struct tips *tips, const uint8_t id[static TIP_ID_BYTES]);

/* By its place, from 0 to tips_count() - 1: all records, in the order in which
 * they came. */
struct tip *tips_at(const struct tips *tips, size_t i);
size_t tips_count(const struct tips *tips);

/* Which to open next: P1 first, then what nobody has looked into, then by
 * priority; what is closed last. NULL: none is sealed. */
struct tip *tips_next(struct tips *tips);

/* While waits, nothing is to be opened of which no case is known: it may be one
 * that was taken back. */
void tips_wait_for_cases(struct tips *tips, bool waits);

/* What was asked for and came to nothing is to be asked for again. */
void tips_try_again(struct tips *tips);

/* keyd has opened it; report is what was in it. *ret_is_tip: it is one by
 * itself. TL_EFULL: there is no room for it; it stays sealed. */
TL_MUST_CHECK enum tl_err tips_opened(
    struct tips *tips, struct tip *tip, struct bytes report, bool *ret_is_tip);

/* keyd could not open it. True: it was sealed again, and that is to be tried:
 * it is sealed as before. */
bool tips_failed(struct tips *tips, struct tip *tip, enum envelope_fault fault);

/* The team's ring was read again: what it had no key for is sealed as before,
 * and is to be tried once more. */
void tips_ring_is_other(struct tips *tips);

/* Of what cannot be opened, some that are to be tried once more as of mono_ms,
 * each after a longer pause: memory, a disk or keyd may have failed for a
 * moment. They are sealed as before. Not what lacks a key, which
 * tips_ring_is_other() tells, nor what came as no envelope. */
void tips_try_faults(struct tips *tips, uint64_t mono_ms);

/* ---- what belongs together (tips_group.c) -------------------------------- */

/*
 * Some were opened: find what belongs to what, as of now_s, and put long
 * messages together. Only what our intakes signed is joined. triage may be
 * NULL: what was joined is not judged anew. Cheap if nothing is new. TL_ENOMEM:
 * call it again; TL_EFULL: some long message has no room and is shown as its
 * first part.
 */
TL_MUST_CHECK enum tl_err tips_settle(
    struct tips *tips, int64_t now_s, const struct triage *triage);

/* It is shown with another tip and is no row: it has no case of its own. */
bool tip_is_within(const struct tip *tip);

/* The tip that it is shown with, or itself. */
struct tip *tip_root(struct tip *tip);

struct tips_alone {
	uint64_t mono_ms;
	int64_t now_s;
	size_t n_old; /* records that were there at the start */
};

/*
 * The next words, from *at (at first 0) on, that are a tip by themselves from
 * now on, since theirs is not here: urgent ones after 10 s, others after 15
 * minutes, and what has a case at once. Not what was there at the start and is
 * weeks old: that was read when its tip was there. NULL: there are no more.
 */
struct tip *tips_next_alone(
    struct tips *tips, size_t *at, const struct tips_alone *alone);

/* It is such words, and their tip has not come since. */
bool tip_is_alone(const struct tip *tip);

/* Its tip is closed, and takes no more: it is one by itself. */
void tips_part(struct tip *tip);

/* There is a case, and that is of this record: one that lay in quarantine under
 * its id may have made it, and until it has heard of the real words it says
 * nothing of these. Whether it has is known by this process alone. */
bool tip_has_case(const struct tip *tip);

/* The case of its tip, or its own, is to hear of its words, and was not told
 * of them yet by this process; how urgent what it says is. */
bool tip_is_to_tell(const struct tip *tip);
unsigned tip_tells_priority(const struct tip *tip);

/* ---- what was taken back (tips_taken.c) ---------------------------------- */

/* Its reporter has taken it back, and a person has agreed to that: of what was
 * written until then nothing is kept here but what desk/withdrawn.h leaves. */
bool tip_is_taken_back(const struct tip *tip);

/* May the case of its tip hear of it? Not of a mere wish while nothing was
 * written since; nor, where the ledger lacks events by which that is known, of
 * what was written before the wish and came before it. False also while nothing
 * is known: see wants_after. */
bool tip_may_be_told(const struct tip *more);

/* One of which the events since are to be read, another one each time; NULL:
 * there is none. */
struct tip *tips_wanting_after(struct tips *tips);

/* These are the events since it was taken back: what they told of is shown
 * again, and all else of it is not. TL_ENOMEM: nothing is shown. */
TL_MUST_CHECK enum tl_err tips_set_after(struct tips *tips, struct tip *tip,
    const uint8_t (*ids)[CASE_ID_BYTES], size_t n);

/* What its sender has said in any of their messages: enum tip_says. */
unsigned tips_says(const struct tips *tips, const struct tip *tip);

#define TIPS_ALIKE_MAX 20u

struct tips_alike {
	const struct tip *tip;
	unsigned percent; /* of the text; 0: not by that */
	bool same_number; /* of the sender */
};

/* Other tips that may be about the same; how many. Nothing is said of what no
 * intake of ours signed. */
size_t tips_alike(const struct tips *tips, const struct tip *tip,
    struct tips_alike ret[static TIPS_ALIKE_MAX]);

/* None waits to be opened: what is known of them is all that is there. */
bool tips_are_open(const struct tips *tips);
/* The same, but for tips for which there is no room: what belongs to others has
 * been opened. */
bool tips_are_heard(const struct tips *tips);

/* Wipe all that was opened. n_old: records that were there at the start; where
 * these are words for another's case, it may have heard of them long ago. */
void tips_forget(struct tips *tips, size_t n_old);

/* ---- the queue ---------------------------------------------------------- */

enum tips_view {
	TIPS_MINE, /* held by who, or by nobody, or not worked on yet */
	TIPS_ALL,  /* all open ones */
	TIPS_WAITING,
	TIPS_REFERRALS,
	TIPS_QUARANTINE,
	TIPS_SECOND, /* a second officer is asked */
	TIPS_CLOSED,
	TIPS_VIEWS
};

/* "mine", "open", ...; TIPS_VIEWS if it is none. */
enum tips_view tips_view_of(struct bytes name);

struct tips_query {
	enum tips_view view;
	const char *who;
	bool supervisor;   /* who is one: what is asked of them is theirs */
	uint64_t now_ms;   /* Redis' time */
	unsigned priority; /* 0: any */
	struct bytes lang; /* empty: any */
	struct bytes text; /* as typed; empty: any */
};

/*
 * The tips that fit, the most urgent first, in *ret_tips; borrowed until the
 * next call. TL_ENOMEM.
 */
TL_MUST_CHECK enum tl_err tips_select(struct tips *tips,
    const struct tips_query *query, struct tip *const **ret_tips,
    size_t *ret_n);

/* Does the name stand in what was written, there or in what came later, however
 * it is written? Where memory is out, or that is too much to be searched: it
 * may. */
bool tip_names(const struct tip *tip, struct bytes name);

/* 1 to 4 as the queue has it; what none of our intakes signed is 3 at most. */
unsigned tip_priority(const struct tip *tip);

/* Nobody has written anything on its case: the machine alone. */
bool tip_is_untouched(const struct tip *tip);

/* ---- quarantine ---------------------------------------------------------- */

/* It is to go there: the rule says so, one of our intakes has signed it, nobody
 * has touched it, and nothing that came later says more. */
bool tip_is_to_suspect(const struct tip *tip);

/* It lies there, and nobody has looked through it; since when. */
bool tip_is_unseen(const struct tip *tip);
uint64_t tip_unseen_ms(const struct tip *tip);

/* It is one of those that are read in full: by its id, so that it is the same
 * one for everybody, and nobody outside knows which. */
bool tip_is_sample(const struct tip *tip);

/* Since 1970; to the minute while it is not open. 0: not known. */
uint64_t tip_arrived_ms(const struct tip *tip);

struct tips_counts {
	size_t sealed;  /* not opened yet */
	size_t open;    /* tips with an open case, or with none yet */
	size_t never;   /* of these, that nobody has opened */
	size_t faults;  /* cannot be opened */
	size_t since;   /* tips that arrived since since_s, of any state */
	size_t seconds; /* that wait for a second officer, as far as is known */
	size_t uncounted; /* of which that is not known yet */
	size_t suspects;  /* cases in quarantine, */
	size_t unseen;    /* of these, that nobody has looked through, */
	size_t samples;   /* and of these, that are to be read in full */
	size_t absent;    /* cases whose record has not come to this desk */
	size_t bytes;     /* of opened content */
};
void tips_counts(
    const struct tips *tips, int64_t since_s, struct tips_counts *ret);

#endif
