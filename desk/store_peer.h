/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/store_peer.h - the store, asked from a loop. Answers come with the
 * number of their question; what the store tells by itself goes to on_news.
 *
 * Promise:   every question's function is called until STORE_DONE,
 *            STORE_RECORD or NULL, which is the end: the store has gone.
 * Knows not: what is asked.
 * Runs in:   the desk's web process.
 * Disk:      none.
 */
#ifndef TL_DESK_STORE_PEER_H
#define TL_DESK_STORE_PEER_H

#include "base/err.h"
#include "desk/store_talk.h"

struct event_base;
struct store_peer;

/* Borrows frame for the call. */
typedef void (*store_answer_fn)(const struct frame *frame, void *arg);
/* STORE_INDEX, STORE_CASE, STORE_STATE; NULL: it has gone. */
typedef void (*store_news_fn)(const struct frame *frame, void *arg);

/* Speak over fd, which becomes the peer's. Gives *ret: end it with
 * store_peer_free(). TL_ENOMEM. */
TL_MUST_CHECK enum tl_err store_peer_new(struct event_base *base, int fd,
    store_news_fn on_news, void *arg, struct store_peer **ret);
void store_peer_free(struct store_peer *peer);

/* Ask it nothing any more: what waits for an answer gets NULL, and on_news
 * too. */
void store_peer_part(struct store_peer *peer);

/* Each asks; its req is set here. fn may be called inside the call, with
 * NULL. */
void store_ask_record(
    struct store_peer *peer, uint64_t number, store_answer_fn fn, void *arg);
void store_ask_entries(struct store_peer *peer,
    const uint8_t id[static CASE_ID_BYTES], store_answer_fn fn, void *arg);
/* Read what Redis has just now: STORE_DONE behind it, STORE_ANSWERED if that
 * was all. */
void store_ask_catch_up(struct store_peer *peer, store_answer_fn fn, void *arg);
void store_ask_do(struct store_peer *peer, const struct store_do *change,
    store_answer_fn fn, void *arg);
void store_ask_renew(struct store_peer *peer, const struct store_do *change,
    store_answer_fn fn, void *arg);
void store_ask_logout(
    struct store_peer *peer, const char *who, store_answer_fn fn, void *arg);
void store_ask_keep(struct store_peer *peer, const struct store_keep *keep,
    store_answer_fn fn, void *arg);
void store_ask_mail(struct store_peer *peer, const struct store_mail *mail,
    store_answer_fn fn, void *arg);

/* STORE_ANSWERED: it was sent, now or before, and the ledger says so.
 * STORE_BUSY: a case is not as it was seen. */
void store_ask_status(struct store_peer *peer,
    const struct store_status *status, store_answer_fn fn, void *arg);

/* Read a STORE_DONE; no frame, or none of these, is STORE_NO_LEDGER. */
struct store_done store_done_of(const struct frame *frame);

#endif
