/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/web.h - the desk's web process: what all rooms of its API share.
 *
 * Promise:   nothing here waits. What was opened is wiped when the last
 *            officer logs out, and when keyd or the store is gone the process
 *            ends: systemd starts the whole anew.
 * Knows not: secret keys; Redis; the ledger.
 * Runs in:   tipline-desk.
 * Disk:      what the start reads: certificate, console, public keys.
 *
 *	web.c       its life, what keyd tells
 *	web_told.c  what the store tells
 *	web_seal.c  sealing to the team
 *	web_open.c  records through store and keyd, in the order of urgency
 *	web_score.c the cases that the machine makes
 *	web_age.c   tips that wait too long
 *	web_links.c links of each tip, and what waits for a second officer
 *	web_status.c what the page behind the receipt code says of a tip
 *	web_delete.c reporters who want their messages gone
 *	web_more.c  what belongs to a tip, and later words of reporters
 *	web_wait.c  reporters who say nothing
 *	web_withdraw.c  reporters who took their tip back
 *	web_ring.c  when consoles ring
 *	web_reply.c texts that the machine sends by itself
 *	web_alarm.c who is told outside of the console
 *	web_practice.c  made-up tips
 *	web_second.c  who is to look at what has left
 *	api.c       paths to rooms; each room is a file api_*.c
 */
#ifndef TL_DESK_WEB_H
#define TL_DESK_WEB_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "config/config.h"
#include "crypto/seal.h"
#include "desk/keyd_peer.h"
#include "desk/partners.h"
#include "desk/sender_peer.h"
#include "desk/session.h"
#include "desk/store_peer.h"
#include "desk/tips.h"
#include "desk/ui.h"
#include "server/net/server.h"
#include "text/triage.h"

#define WEB_INTAKES_MAX 64u
/* Of opened content, in locked memory. */
#define WEB_OPENED_BYTES ((size_t)256u * 1024u * 1024u)
/* Records on their way through store and keyd at one time. */
#define WEB_OPENING_MAX 16u
/* And so many bytes: what waits for keyd has a bound, and is its end beyond. */
#define WEB_OPENING_BYTES ((size_t)4u * 1024u * 1024u)

/* A shift that was given and not accepted yet, as this process knows it. */
struct handover {
	json_int_t id;
	int64_t at_s;
	char from[CASE_OWNER_BYTES], to[CASE_OWNER_BYTES]; /* "": none waits */
	char words[2001];
};

/* Texts of this day. */
struct sms_count {
	unsigned from_min, to_min; /* desk.sms_hours */
	uint64_t day;
	unsigned parts;
	unsigned machine; /* of which nobody but the machine ordered */
};

/* What consoles were told to ring for. Supervisors hear more. */
#define WEB_RINGING_MAX 100u
struct ringing {
	size_t n;      /* what this console rings for: */
	size_t p1;     /* P1 that nobody has, */
	size_t p2;     /* P2 that nobody has had in time, */
	size_t asked;  /* and what waits for a supervisor; others are told it */
	size_t unseen; /* what lies in quarantine for too long, beside these */
	unsigned level; /* enum alarm_level that the P1 has come to; 0: none */
	bool hears;     /* a supervisor's console does */
	size_t n_ids;   /* of n the first ones: P1 before all */
	uint8_t ids[WEB_RINGING_MAX][TIP_ID_BYTES];
};

struct alarms;
struct event;
struct listeners;
struct text_underway;

struct web {
	const struct config *config;
	struct net_server *server;
	struct ui *ui;
	struct keyd_peer *keyd;
	enum keyd_ring ring; /* as keyd told it last */
	struct store_peer *store;
	struct sender_peer *sender; /* NULL: nothing leaves */
	struct alarms *alarms;      /* NULL: nobody is told */
	struct ringing ringing[2];  /* of officers, of supervisors */
	struct sms_count sms;
	struct text_underway *texts;
	struct sessions *sessions;
	struct tips *tips;
	struct listeners *listeners;
	struct partners partners;
	char *canary; /* secret memory, or NULL */
	struct triage
	    *triage; /* of calls that officers log, and of joined messages */
	struct handover handover;
	struct event *tick;
	uint8_t intakes[WEB_INTAKES_MAX][32];
	size_t n_intakes;
	uint8_t *sign_key; /* secret memory: desk.signing_key */
	struct sealer *sealer;
	uint8_t team_key[32];     /* that it seals to */
	struct store_state state; /* as the store said it last */
	uint64_t state_ms;        /* when, on our clock */
	bool clock_told;          /* that it is behind Redis' */
	uint64_t heard_ms;        /* on it: a tip came, or the start */
	size_t n_old;             /* records that were there at the start */
	bool keyd_ready, index_ready, said_ready;
	unsigned opening; /* records on their way */
	unsigned giving;  /* files that are put together */
	size_t opening_bytes;
	unsigned scoring; /* changes of the machine on their way */
	unsigned telling; /* likewise, of later words */
	bool seconding; /* a case is read for what a second officer is to do */
	struct tip *ending_wait; /* a change of the machine, likewise */
	size_t waited_at;        /* which tip is looked at next */
	bool has_more;           /* some may not be told yet */
	bool has_sealed;         /* some could not be opened just then */
	bool has_unscored;  /* the case of one could not be made just then */
	bool has_settling;  /* some were opened since web_settle() */
	bool has_uncounted; /* of some tips links are to be counted */
	bool counting;      /* the entries of one are on their way */
	size_t counted_at;
	struct tip *ageing; /* it is being raised, since it waited too long */
	size_t aged_at;
	bool deleting;      /* a reporter's wish is on its way */
	bool is_caught_up;  /* the store has told what Redis has of cases */
	uint64_t waits_ms;  /* since when it has not; 0: it has */
	bool catching_up;   /* it is asked for that */
	bool reading_since; /* events since one was taken back, likewise */
	bool saying;        /* a status is on its way */
	bool looking;       /* a case is read for one */
	bool has_unsaid;    /* of some tips the status is to be looked at */
	bool has_waiting;   /* a duplicate's target was not known yet */
	size_t said_at;
	bool replies;  /* some gateway wants automatic replies */
	bool replying; /* one is being judged, or is on its way */
	struct tip *to_score, *last_to_score;
	unsigned ticks;
	bool practice;    /* made-up tips, and nothing leaves */
	bool practicing;  /* one of them is on its way */
	size_t practiced; /* that are there */
	bool failed;      /* keyd or the store has gone */
	uint64_t *audit;  /* numbers of the audit's records in the ledger */
	size_t n_audit, audit_room;
	unsigned audit_lost;
	unsigned audit_gap; /* of these, of which the trail says nothing yet */
	bool telling_gap;
};

/* A way in, when it was heard last, and whether that is too long ago. Until all
 * is opened only if nothing at all has come for so long (web_channels.c). */
struct web_channel {
	const char *name;
	uint64_t silence_ms; /* 0: it may be silent */
	uint64_t last_ms;    /* 0: never */
	bool is_silent;
};
#define WEB_CHANNELS_MAX (3u + CONFIG_GATEWAYS_MAX)

/* All of them; how many. */
size_t web_channels(
    const struct web *web, struct web_channel ret[static WEB_CHANNELS_MAX]);

/* Borrowed; the descriptors become the web process's. */
struct web_opts {
	const struct config *config;
	struct ui *ui; /* kept, and ended with ui_free() by the caller */
	int keyd_fd;
	int store_fd;
	int sender_fd;     /* -1: there is none */
	uint8_t *sign_key; /* kept: KEY_SIGN_BYTES in secret memory */
	bool practice;
};

/* The directory of partners, if the configuration names one; what is wrong with
 * it is said. End *ret with partners_free(). TL_EFORMAT, and as
 * partners_load(). */
TL_MUST_CHECK enum tl_err web_load_partners(
    const struct config *config, struct partners *ret);

/* Gives *ret: end it with web_free(). What is wrong was said. */
TL_MUST_CHECK enum tl_err web_new(
    const struct web_opts *opts, struct web **ret);
void web_free(struct web *web); /* NULL is fine */

/* Redis' time as far as it is known, in ms; else this host's. */
uint64_t web_now_ms(const struct web *web);

/* The last day of what a reporter is written now, by the later of the two
 * clocks: by one that is months behind it would be over before it is read. */
uint32_t web_last_day(const struct web *web);

/* Say once that the first is behind the second. */
void web_watch_clock(struct web *web);

/* Keyd and the ledger's index are there: say so to the service manager. */
void web_say_ready(struct web *web);

/* It ends; who waits for an answer of the others hears so first. */
void web_fail(struct web *web);

/* ---- web_told.c --------------------------------------------------------- */

/* What the store says unasked; NULL: it has gone. */
void web_store_told(const struct frame *frame, void *arg);

/* ---- web_seal.c --------------------------------------------------------- */

/* Learn to which key is sealed now; later. */
void web_ask_team_key(struct web *web);

/* Seal for the team under a random id: append the envelope to out. TL_EAGAIN:
 * there is no key yet. TL_ETOOBIG, TL_ENOMEM. */
TL_MUST_CHECK enum tl_err web_seal(
    struct web *web, struct bytes doc, struct buf *out);

/* The same for a tip of this id. */
TL_MUST_CHECK enum tl_err web_seal_as(struct web *web,
    const uint8_t id[static TIP_ID_BYTES], struct bytes doc, struct buf *out);

/* ---- web_open.c --------------------------------------------------------- */

struct web_opened {
	uint8_t result; /* an enum envelope_fault, or 254: it is not opened just
	                   now: nobody is logged in, a peer failed, or memory */
	bool is_signed; /* by an intake, or a desk, of ours */
	bool is_ours;   /* by this desk's receipt key: sealed again */
	uint8_t id[16];
	struct bytes report, raw; /* borrowed for the call */
};
#define WEB_NOBODY 254u

typedef void (*web_opened_fn)(const struct web_opened *opened, void *arg);

/* Have a record of the ledger opened; fn is called once. */
void web_open_record(
    struct web *web, uint64_t number, web_opened_fn fn, void *arg);

/* The same for sealed bytes. */
void web_open_sealed(
    struct web *web, struct bytes sealed, web_opened_fn fn, void *arg);

/* Somebody is logged in, or a record has come: open what is sealed. */
void web_open_more(struct web *web);

/* ---- api_audit.c -------------------------------------------------------- */

/* Write down what an officer did; tip is of 16 bytes, or NULL. */
void web_audit(struct web *web, enum audit_what what, const char *who,
    const uint8_t *tip, struct bytes note);

typedef void (*web_audited_fn)(struct web *web, bool is_kept, void *arg);

/* The same of what takes something out, before it does: fn is called when it is
 * in the ledger, or cannot be, and then nothing may leave. */
void web_audit_first(struct web *web, enum audit_what what, const char *who,
    const uint8_t *tip, struct bytes note, web_audited_fn fn, void *arg);

/* Nothing can be written down at present, as far as is known. */
bool web_audit_is_shut(const struct web *web);

/* As web_audit(), but once for what is looked at again and again. */
void web_audit_view(
    struct web *web, struct session *session, const uint8_t tip[static 16]);
void web_audit_handover(struct web *web, struct session *session);
void web_audit_search(struct web *web, struct session *session, size_t found);

/* There is a record of the audit. TL_ENOMEM. */
TL_MUST_CHECK enum tl_err web_audit_index(struct web *web, uint64_t number);

/* ---- web_score.c -------------------------------------------------------- */

/* The tip is open: make its case, if nobody has. */
void web_score(struct web *web, struct tip *tip);

/* Redis is back: go on. */
void web_score_all(struct web *web);

/* All is open: go on. */
void web_score_more(struct web *web);

/* Too many changed one at once, or Redis went: again. Every second. */
void web_score_again(struct web *web);

/* ---- web_wait.c --------------------------------------------------------- */

/* Who waits for a reporter that says nothing waits no longer. Every second. */
void web_end_waits(struct web *web);

/* ---- web_withdraw.c ----------------------------------------------------- */

/* Its case is so now: if it was taken back, drop what was begun on it. */
void web_withdraw_note(struct web *web, const struct tip *tip);

/* What was taken back while this desk was not there must be known before it is
 * opened. Every second. */
void web_catch_up(struct web *web);

/* Which later words of what was taken back may be shown? Every second. */
void web_withdraw_more(struct web *web);

/* ---- web_reply.c -------------------------------------------------------- */

/* Answer messages that are to be answered by the machine. Every second. */
void web_reply(struct web *web);

/* ---- web_age.c ---------------------------------------------------------- */

/* What was not read for long is raised, one after the other. Every second. */
void web_raise_old(struct web *web);

/* ---- web_status.c ------------------------------------------------------- */

/* The entries of a case were read: have its reporter's page say how it stands,
 * if that is to be sent. */
void web_status_take(struct web *web, struct tip *tip, const json_t *entries);

/* Look at the next one that could not be sent. Every second. */
void web_status_more(struct web *web);

/* What the page says, and whether it was sent; null where there is none. */
json_t *web_status_json(
    const struct web *web, const struct tip *tip, const json_t *entries);

/* ---- web_delete.c ------------------------------------------------------- */

/* Pass on to all intakes which reporters want their messages gone. Every
 * second. */
void web_delete_more(struct web *web);

/* ---- web_links.c -------------------------------------------------------- */

/* The tip may have other links than before, or another question. */
void web_links_want(struct web *web, struct tip *tip);

/* Count those of the next one. Every second. */
void web_links_more(struct web *web);

/* ---- web_practice.c ----------------------------------------------------- */

/* Of a desk for practice, every second: have its made-up tips in the queue.
 * False: it has others, and must end. */
TL_MUST_CHECK bool web_practice(struct web *web);

/* ---- web_second.c ------------------------------------------------------- */

/* Which P1 still waits for a second officer? Every second. */
void web_look_for_seconds(struct web *web);

/* ---- web_more.c --------------------------------------------------------- */

/* All is open that was asked for: find what belongs together, and have what is
 * a tip by itself scored. */
void web_settle(struct web *web);

/* Later words of reporters: have the cases of their tips know them. Every
 * second. */
void web_tell_more(struct web *web);

/* ---- web_ring.c --------------------------------------------------------- */

/* The tip waits for somebody to claim it. A claim of which nothing came counts
 * no more when its time is up. */
bool web_is_unclaimed(const struct tip *tip, uint64_t now_ms);

/* A P1 that was claimed before, and for which something has come that nobody
 * has had since. */
bool web_is_called(const struct tip *tip, uint64_t now_ms);

/* It lies in quarantine for more than a day and nobody has looked. */
bool web_is_unseen(const struct tip *tip, uint64_t now_ms);

/* Tell consoles what waits so, if other tips do than they know. Every second.
 */
void web_ring(struct web *web);

/* What they know, as the event says it. */
json_t *web_ringing(const struct web *web, bool supervisor);

/* A P2 that nobody has had in time: all ring. */
bool web_is_p2_late(const struct tip *tip, uint64_t now_ms);

/* The same of one that nobody has opened within the hour, whoever has it: that
 * is a supervisor's (AGE). */
bool web_is_p2_unopened(const struct tip *tip, uint64_t now_ms);

/* A supervisor is asked to decide, and none has it; since when. */
bool web_is_asked(const struct tip *tip, uint64_t now_ms);
uint64_t web_asked_ms(const struct tip *tip);

/* ---- web_alarm.c -------------------------------------------------------- */

/* If a way for alarms is configured. TL_ENOMEM. */
TL_MUST_CHECK enum tl_err web_alarms_new(struct web *web);
void web_alarms_free(struct alarms *alarms); /* NULL is fine */

/* All that the ledger had at the start is here: what comes now is new. */
void web_has_begun(struct web *web);

/* Tell of what waits. Every second. */
void web_alarms_tick(struct web *web);

/* An officer tries them. How many ways are tried. */
unsigned web_alarms_test(struct web *web);

struct web_alarms_state {
	bool webhook, command; /* are set */
	bool failing;          /* the last one did not get through */
	uint64_t given_ms;     /* when one last did; 0: never */
};
struct web_alarms_state web_alarms_state(const struct web *web);

#endif
