/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * queue/cases_inside.h - the inside of struct cases, for queue/cases*.c only:
 * cases.c changes and lists, cases_redis.c asks and writes, cases_time.c knows
 * Redis' time, cases_follow.c follows others and restores, cases_strange.c
 * takes out what is none of ours.
 */
#ifndef TL_QUEUE_CASES_INSIDE_H
#define TL_QUEUE_CASES_INSIDE_H

#include "queue/ask.h"
#include "queue/cases.h"
#include "queue/stream_reply.h"

#define CASES_HEX_BYTES (2u * CASE_ID_BYTES + 1u)
#define CASES_KEY_BYTES 64u

struct cases {
	struct ask *ask; /* NULL: it was lost, and is not to be had again */
	struct cases_opts opts;
	char replicas[12]; /* as text; "0": none are waited for */
	unsigned low; /* changes since all of them confirmed one; 0: the last */
	uint64_t ahead_ms; /* Redis' time is our monotonic one and this */
	char from[STREAM_ENTRY_BYTES];      /* last event that was followed */
	char big_entry[STREAM_ENTRY_BYTES]; /* of the last TL_ETOOBIG */
	unsigned count;    /* of events that are asked for at once */
	bool is_read_up;   /* there was none behind it */
	size_t check;      /* which case of the book is next */
	uint64_t put_back; /* cases that Redis had otherwise */
};

/* As ask_for(); end the reply with ask_done(), also after an error. TL_EINVAL:
 * the key is of another type. TL_ETOOBIG: the answer was larger than any of
 * ours; the connection is a new one then, on which nothing is watched and
 * nothing was begun. */
TL_MUST_CHECK enum tl_err cases_ask(struct cases *cases, enum stream_want want,
    const struct bytes *args, size_t n, struct redisReply **ret_reply,
    struct stream_answer *ret_answer);
/* The same where nobody looks at the answer. */
TL_MUST_CHECK enum tl_err cases_tell(struct cases *cases, enum stream_want want,
    const struct bytes *args, size_t n);
/* After too large an answer. TL_ETOOBIG: there is another connection. */
TL_MUST_CHECK enum tl_err cases_link_anew(struct cases *cases);
/* Take a key of another type, or of such a size, out, and count it: then
 * nothing is there. */
TL_MUST_CHECK enum tl_err cases_drop_strange(
    struct cases *cases, const char *key);
/* A change of a case met one, and the case itself was looked at: it is a list
 * of cases. */
TL_MUST_CHECK enum tl_err cases_mend_lists(struct cases *cases);

/* A number as a word of a command; it lasts as long as text. */
struct cases_text {
	char at[24];
};
struct bytes cases_dec(struct cases_text *text, uint64_t n);

/* An entry of no other use tells the time, which is no right of desks. Behind
 * all that were counted, or the stream is another one. */
TL_MUST_CHECK enum tl_err cases_ask_time(struct cases *cases);
/* Learn Redis' time from the name of an entry that it has just made. */
void cases_learn_time(struct cases *cases, const char *entry);

/* The two numbers of an entry's name. */
void cases_split(const char *entry, uint64_t *ret_ms, uint64_t *ret_n);
/* The entry is behind the last that no desk signed and that was counted. */
bool cases_is_behind(const char *entry, const struct case_odds *odds);

void cases_hex(
    const uint8_t id[static CASE_ID_BYTES], char hex[static CASES_HEX_BYTES]);

/* A desk of ours has made this. */
bool cases_is_ours(const struct cases *cases, const struct case_record *record);

/* Read a case without watching it. TL_EAGAIN: what is there is not to be
 * believed, but there is one; cases_watch() puts it back. TL_EPERM: it shall
 * not any more, unless an officer does something. */
TL_MUST_CHECK enum tl_err cases_read(struct cases *cases,
    const uint8_t id[static CASE_ID_BYTES], struct case_record *ret_was);

/* Who asks: of two desks that do not know each other's key neither shall put
 * back for ever what the other did. */
enum cases_by {
	CASES_BY_OFFICER, /* puts back whatever there is */
	CASES_BY_ITSELF,  /* so often for a version of a case */
};

/*
 * Watch the case and read it, with the event that made it so; version 0 if
 * there is none. TL_EAGAIN: it was not as the ledger has it, and was put back;
 * TL_EPERM: it is not, and was left. Then nothing is watched any more.
 */
TL_MUST_CHECK enum tl_err cases_watch(struct cases *cases, enum cases_by by,
    const uint8_t id[static CASE_ID_BYTES], struct case_record *ret_was);
TL_MUST_CHECK enum tl_err cases_unwatch(struct cases *cases);
TL_MUST_CHECK enum tl_err cases_begin(struct cases *cases);
/* Behind cases_begin(): the case goes from old (version 0: none) to what the
 * record says. */
TL_MUST_CHECK enum tl_err cases_put(struct cases *cases,
    const struct case_now *old, const struct case_record *record);
/* Behind cases_begin(): the same with the lease of next. */
TL_MUST_CHECK enum tl_err cases_put_until(struct cases *cases,
    const uint8_t id[static CASE_ID_BYTES], const struct case_now *old,
    const struct case_now *next);
/* Behind it: add the record to the stream of events. */
TL_MUST_CHECK enum tl_err cases_put_event(
    struct cases *cases, const struct case_record *record);
/* End it. TL_EAGAIN: a watched key has changed, and nothing was done. */
TL_MUST_CHECK enum tl_err cases_exec(struct cases *cases);
/* Behind what an officer did: wait a second for replicas. */
void cases_wait(struct cases *cases);
void cases_discard(struct cases *cases);

/* Append the record to the ledger, if it has not got it. */
TL_MUST_CHECK enum tl_err cases_keep(
    struct cases *cases, const struct case_record *record);

#endif
