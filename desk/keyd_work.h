/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk/keyd_work.h - what keyd has and what it answers: it opens tips for
 * officers who are logged in, seals them again, and signs receipts.
 *
 * Promise:   the team's secret keys are in memory only while somebody is
 *            logged in; when the last one is not any more, for whatever
 *            reason, they are wiped. A wrong name, a wrong passphrase, a wrong
 *            code and one that was used take the same time and have the same
 *            answer. Who is an administrator has nothing opened.
 * Knows not: sockets, signals, the time (it is told).
 * Runs in:   keyd alone.
 * Disk:      keyd_new() reads the ring and the receipt key, keyd_look() the
 * ring again.
 */
#ifndef TL_DESK_KEYD_WORK_H
#define TL_DESK_KEYD_WORK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/frame.h"

/* So many can be logged in at once. */
#define KEYD_SESSIONS_MAX 64u
/* What keyd_next_ms() says when nobody is logged in. */
#define KEYD_NEVER_MS UINT64_MAX

struct keyd;

/* Borrowed for the call. */
struct keyd_opts {
	const char *ring;
	const char *receipt_key; /* NULL: not there, to --check the ring */
	uint64_t idle_ms; /* a session that asks nothing for so long ends */
	bool needs_code;  /* nobody logs in without a second factor */
	int64_t now_s;    /* codes of this step and before were used, for all
	                     that we know */
};

/*
 * Read the keys; the ring is locked. Gives *ret: end it with keyd_free(). What
 * is wrong with which file was said. Errors as ring_load(), keyfile_load().
 */
TL_MUST_CHECK enum tl_err keyd_new(
    const struct keyd_opts *opts, struct keyd **ret);

/*
 * Answer one frame of the desk's into out. TL_EFORMAT: it is none, nothing was
 * answered, and who sent it is to be cut off. TL_ENOMEM, TL_ETOOBIG: out
 * cannot hold the answer.
 */
TL_MUST_CHECK enum tl_err keyd_answer(struct keyd *keyd,
    const struct frame *frame, uint64_t now_ms, int64_t now_s, struct buf *out);

/*
 * Once a second: if the ring's file has changed, read it again. Sessions of
 * officers who are gone, or have another passphrase, role or second factor,
 * end, and out gets a KEYD_LEFT of each; with another key of the ring all end.
 * What cannot be read changes nothing for a shift, and is said, also to the
 * desk by a KEYD_RING; after that nobody is logged in, or logs in, until it
 * can be read. TL_ENOMEM, TL_ETOOBIG: of out.
 */
TL_MUST_CHECK enum tl_err keyd_look(
    struct keyd *keyd, uint64_t now_ms, struct buf *out);

/* How long until that looks again. */
uint64_t keyd_look_ms(const struct keyd *keyd, uint64_t now_ms);

/* Put the state as a frame: how many are logged in, what was opened. */
TL_MUST_CHECK enum tl_err keyd_tell(const struct keyd *keyd, struct buf *out);

/* End sessions that are idle. Returns how long until the next one is;
 * KEYD_NEVER_MS if nobody is logged in. */
uint64_t keyd_next_ms(struct keyd *keyd, uint64_t now_ms);

/* Wipe and free. NULL is fine. */
void keyd_free(struct keyd *keyd);

#endif
